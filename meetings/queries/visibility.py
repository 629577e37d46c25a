"""Reads: what is only for a group. Whoever lists agenda items, decisions or minutes asks here what a reader may see.

A live region is the same for everybody of an audience, so an audience names the groups whose own things it sees
("member:3.7"), as few as there are. In a meeting the standing is the audience: who reads along sees that there is an
item for the group only, and nothing of what it says (`veiled`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from collab.network.models import Membership
from meetings.models import AgendaItem, Attachment, Decision, Meeting, Minutes, Visibility
from meetings.rules import sees_inside
from workgroups.models import Group
from workgroups.queries.group import groups_of

from .agenda import Agenda, Row
from .minutes_said import minutes_closed_since, said_openly

GROUP = Visibility.GROUP


def groups_inside(membership: Membership) -> list[int]:
    """Return the keys of the groups that have something of their own which this member may see; one query."""
    here = OuterRef("pk")
    has_own = (
        Exists(Decision.objects.filter(visibility=GROUP, group=here))
        | Exists(AgendaItem.objects.filter(visibility=GROUP, meeting__group=here))
        | Exists(Minutes.objects.filter(visibility=GROUP, meeting__group=here))
    )
    return sorted(groups_of(membership).filter(has_own).order_by().values_list("pk", flat=True))


def audience_with_groups(membership: Membership, audience: str = "member") -> str:
    """Return the audience with the groups it sees inside of, such as "member:3.7"; "member" where there are none."""
    groups = groups_inside(membership)
    return f"{audience}:{'.'.join(map(str, groups))}" if groups else audience


def groups_of_audience(audience: str) -> list[int]:
    """Return the keys of the groups that an audience sees inside of."""
    _name, _colon, groups = audience.partition(":")
    return [int(group) for group in groups.split(".") if group]


def open_to(groups: Collection[int], path: str = "", group: str = "group") -> Q:
    """Return what of decisions (or of what `path` leads to) is not only for other groups than these.

    `group` is the path to the group: of agenda items "meeting__group".
    """
    return ~Q(**{f"{path}visibility": GROUP}) | Q(**{f"{path}{group}__in": list(groups)})


def open_to_member(membership: Membership, path: str = "", group: str = "group") -> Q:
    """Return what of decisions (or of what `path` leads to) this member of the network may read; for pages, which are
    made for one person.
    """
    return ~Q(**{f"{path}visibility": GROUP}) | Q(**{f"{path}{group}__in": groups_of(membership).values("pk")})


# -- in the search ----------------------------------------------------------------------------------------------------


def circle_inside(visibility: str, group_id: int, otherwise: str = "") -> str:
    """Return the circle in which something of a group is found: its own people's where it is for the group only."""
    return f"inside:{group_id}" if visibility == GROUP else otherwise


def circles_inside_closed_to(membership: Membership) -> list[str]:
    """Return the circles of what is only for groups that this member does not belong to."""
    others = Group.objects.filter(network=membership.network_id).exclude(pk__in=groups_of(membership).values("pk"))
    return [circle_inside(GROUP, pk) for pk in others.order_by("pk").values_list("pk", flat=True)]


# -- in a meeting -----------------------------------------------------------------------------------------------------


def is_veiled(item: AgendaItem, standing: str | None) -> bool:
    """Return whether somebody of this standing in the meeting sees only that there is an item."""
    return item.visibility == GROUP and not sees_inside(standing)


def veiled(item: AgendaItem) -> AgendaItem:
    """Return what stands for an item that is for the group only: its place and its times, nothing of what it says."""
    kept = ("pk", "meeting", "parent_id", "position", "state", "visibility", "minutes", "seconds_used")
    times = ("running_since", "started_at", "finished_at", "changed_at")
    stand_in = AgendaItem(**{name: getattr(item, name) for name in (*kept, *times)})
    stand_in.title = _("Item for the group only")
    stand_in._state.fields_cache |= {"carried_to": None, "handed_to": None}
    for name in ("files", "decided", "tasks"):
        setattr(stand_in, name, 0)
    stand_in.is_veiled = True  # type: ignore[attr-defined]  # templates make no link of it
    return stand_in


def agenda_for(agenda: Agenda, standing: str | None) -> Agenda:
    """Return the agenda as somebody of this standing in the meeting sees it."""
    if sees_inside(standing):
        return agenda
    return replace(
        agenda,
        rows=rows_for(agenda.rows, standing),
        proposals=readable(agenda.proposals, standing),
        set_aside=readable(agenda.set_aside, standing),
    )


def rows_for(rows: Iterable[Row], standing: str | None) -> list[Row]:
    """Return the rows of an agenda as somebody of this standing in the meeting sees them."""
    return [
        replace(
            row,
            item=veiled(row.item) if is_veiled(row.item, standing) else row.item,
            children=rows_for(row.children, standing),
        )
        for row in rows
    ]


def readable(items: Iterable[AgendaItem], standing: str | None) -> list[AgendaItem]:
    """Return those items of a meeting that somebody of this standing may read."""
    return [item for item in items if not is_veiled(item, standing)]


def files_for(files: Iterable[Attachment], standing: str | None) -> list[Attachment]:
    """Return those files of a meeting that somebody of this standing may read; they come with their items."""
    return [file for file in files if not is_veiled(file.item, standing)]


def decisions_for(decisions: Iterable[Decision], standing: str | None) -> list[Decision]:
    """Return those decisions of a meeting that somebody of this standing may read."""
    inside = sees_inside(standing)
    return [decision for decision in decisions if inside or decision.visibility != GROUP]


def hidden_items(meeting: Meeting, standing: str | None) -> set[int]:
    """Return the keys of the meeting's items that somebody of this standing may not read; one query at most."""
    if sees_inside(standing):
        return set()
    return set(AgendaItem.objects.filter(meeting=meeting, visibility=GROUP).values_list("pk", flat=True))


# -- minutes ----------------------------------------------------------------------------------------------------------


def minutes_without_inside(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content of minutes as it is for who does not belong to the group: of items and decisions that are for
    the group only, as said then or now, it keeps the number and says no more, and nothing of earlier minutes that
    are; three queries at most.
    """
    keys = [item["id"] for item in content["items"]]
    inside = set(AgendaItem.objects.filter(pk__in=keys, visibility=GROUP).values_list("pk", flat=True))
    inside |= {item["id"] for item in content["items"] if item.get("visibility") == GROUP}
    secret = {one.reference for one in Decision.objects.filter(item__in=keys, visibility=GROUP)}
    closed = minutes_closed_since(item["id"] for item in content["items"] if item.get("approvals"))
    items = [_empty(item) if item["id"] in inside else _without(item, secret, closed) for item in content["items"]]
    hidden = {item["number"] for item in content["items"] if item["id"] in inside}
    annexes = [annex for annex in content.get("annexes", []) if annex.get("item") not in hidden]
    return {**content, "items": items, "annexes": annexes}


def _without(item: dict[str, Any], secret: set[str], closed: set[tuple[int, int]]) -> dict[str, Any]:
    readable = [one for one in item["decisions"] if one["reference"] not in secret and one.get("visibility") != GROUP]
    item = said_openly(item)
    if "approvals" in item:
        said = [one for one in item["approvals"] if (item["id"], one["number"]) not in closed]
        item = {**item, "approvals": said}
    return {**item, "decisions": readable}


def _empty(item: dict[str, Any]) -> dict[str, Any]:
    """An item of minutes without what it says; `veiled` tells templates to say why."""
    blank = {name: [] if isinstance(value, list) else "" for name, value in item.items()}
    return {**blank, "id": item["id"], "number": item["number"], "visibility": str(GROUP), "veiled": True}
