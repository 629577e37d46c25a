"""Which regions a change of a decision touches."""

from __future__ import annotations

from collab.live.regions import region_id
from meetings.models import Decision, Meeting

from .regions import of_agenda, of_log


def regions_of(decision: Decision) -> list[str]:
    """Return the regions that show the decision."""
    meeting, item = decision.meeting, decision.item
    of_item = [*of_agenda(meeting, item), *of_log(item)] if meeting and item else []
    return [
        *of_item,
        region_id("decision", decision.pk),
        region_id("decision-life", decision.pk),
        region_id("decision-adoptions", decision.pk),
        region_id("decision-work", decision.pk),
        region_id("decision-log", decision.network_id),
        region_id("group-decisions", decision.group_id),
    ]


def of_preparation(*groups: int) -> list[str]:
    """Return the pages on which the chairs of these groups prepare their meetings to come; one query."""
    to_come = Meeting.objects.filter(group__in=groups, state__in=(Meeting.State.PLANNED, Meeting.State.OPEN))
    return [region_id("preparation", pk) for pk in to_come.order_by("date", "pk").values_list("pk", flat=True)]
