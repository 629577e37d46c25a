from __future__ import annotations

from collab.live import regions

from .agenda import audience_in_meeting, in_meeting

regions.register(
    regions.Region("meeting-wall", "meetings/fragments/meeting_wall.html", audience_in_meeting, in_meeting)
)
