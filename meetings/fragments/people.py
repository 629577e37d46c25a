from __future__ import annotations

from collab.live import regions

from .agenda import audience_in_meeting, in_meeting

regions.register(
    regions.Region("meeting-people", "meetings/fragments/meeting_people.html", audience_in_meeting, in_meeting)
)
