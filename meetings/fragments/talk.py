from __future__ import annotations

from collab.live import regions

from .agenda import audience_in_meeting, in_meeting

regions.register(
    regions.Region("meeting-speakers", "meetings/fragments/meeting_speakers.html", audience_in_meeting, in_meeting)
)
regions.register(
    regions.Region("meeting-round", "meetings/fragments/meeting_round.html", audience_in_meeting, in_meeting)
)
