"""The live region of the page on which a chair prepares a meeting."""

from __future__ import annotations

from collab.live.regions import Context, Region, register
from collab.network.models import Membership
from meetings.models import Meeting
from meetings.queries.agenda import MEETING_WITH
from meetings.queries.preparation import preparation_of
from meetings.rules import may_write, standing

from .circles import in_meeting


def preparation_audience(membership: Membership, pk: int) -> str | None:
    """Return "chair" for whoever leads the meeting or takes its minutes; nobody else prepares it."""
    meeting = Meeting.objects.filter(pk=pk, network=membership.network_id).select_related("group").first()
    return "chair" if meeting and may_write(standing(membership, meeting)) else None


def preparation_context(pk: int, audience: str, variant: str) -> Context:
    meeting = Meeting.objects.select_related(*MEETING_WITH).get(pk=pk)
    return {"meeting": meeting, "network": meeting.network, "prep": preparation_of(meeting)}


register(
    Region(
        "preparation",
        "meetings/fragments/preparation.html",
        preparation_audience,
        preparation_context,
        hears=in_meeting,
    )
)
