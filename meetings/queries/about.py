"""Reads: the project that an agenda item is about, as the room sees it, and what towns took on there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from collab.live.once import once
from collab.network.models import Membership, Role
from meetings.models import AgendaItem, RecordedInvolvement
from workgroups.models import Involvement, Project

Part = Involvement.Role


@dataclass(frozen=True)
class About:
    """A project and its parts; `free` are the memberships of the officers whose towns take no part,
    or are only interested.
    """

    project: Project
    lead: Involvement | None
    others: list[Involvement]
    free: str

    @property
    def towns(self) -> list[tuple[str, str]]:
        """The other towns by what they do: (label of the role, names), in the order of the roles."""
        by_role = [(role, [p.municipality.short_name for p in self.others if p.role == role]) for role in Part]
        return [(str(role.label), ", ".join(names)) for role, names in by_role if names]


def about(item: AgendaItem) -> About | None:
    """Return what the item's project is and who takes part in it now; None without one. Three queries."""
    if item.project_id is None:
        return None
    project = Project.objects.select_related("network").get(pk=item.project_id)
    parts = list(
        project.involvements.filter(until=None).select_related("municipality").order_by("municipality__sort_key")
    )
    lead = next((part for part in parts if part.role == Part.LEAD), None)
    busy = {part.municipality_id for part in parts if part.role != Part.INTERESTED}
    officers = officers_by_town(project.network_id)
    free = " ".join(those for town, those in officers.items() if town not in busy)
    return About(project, lead, [p for p in parts if p is not lead], free)


@once
def officers_by_town(network_id: int) -> dict[str, str]:
    """Return the keys of the memberships of each town's officers, who alone take part in its name; one query."""
    found: dict[str, str] = {}
    rows = Membership.objects.filter(network=network_id, role=Role.OFFICER, ended_on=None, municipality__isnull=False)
    for pk, town in rows.order_by("pk").values_list("pk", "municipality"):
        found[town] = f"{found[town]} {pk}" if town in found else str(pk)
    return found


def taken_on(**of: Any) -> list[RecordedInvolvement]:
    """Return what towns took on in the room (of an item, of a meeting: `item__meeting`), in the order it happened.

    What a town gave up on the day it took it on, without another part in the project, was a slip.
    """
    part = OuterRef("involvement")
    later = Involvement.objects.filter(project=OuterRef("involvement__project"), pk__gt=part)
    goes_on = Exists(later.filter(municipality=OuterRef("involvement__municipality")))
    kept = Q(involvement__until=None) | Q(involvement__until__gt=F("involvement__since")) | goes_on
    rows = RecordedInvolvement.objects.filter(kept, **of).order_by("pk")
    found = list(rows.select_related("involvement__municipality", "involvement__project"))
    for row in found:
        officers = officers_by_town(row.involvement.project.network_id)
        row.officers = officers.get(row.involvement.municipality_id, "")  # type: ignore[attr-defined]
    return found
