from __future__ import annotations

from collab.live import regions

from .agenda import audience_in_meeting, in_meeting

regions.register(
    regions.Region("meeting-review", "meetings/fragments/meeting_review.html", audience_in_meeting, in_meeting)
)
regions.register(
    regions.Region("meeting-summary", "meetings/fragments/meeting_summary.html", audience_in_meeting, in_meeting)
)
