"""Reads: what a meeting said of earlier minutes, as its own minutes write it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from meetings.models import Meeting, MinutesApproval, Visibility

Said = dict[str, Any]


def said_of_minutes(meeting: Meeting) -> dict[int, list[Said]]:
    """Return by item what was approved under it and what was objected to, in that order; one query."""
    rows = MinutesApproval.objects.filter(item__meeting=meeting).order_by("at", "pk")
    found: dict[int, list[Said]] = defaultdict(list)
    for row in rows.select_related("version__minutes__meeting", "municipality"):
        minutes = row.version.minutes
        found[row.item_id or 0].append(
            {
                "kind": row.kind,
                "title": minutes.meeting.title,
                "date": minutes.meeting.held_on.isoformat(),
                "number": row.version.number,
                "town": row.municipality.short_name if row.municipality else "",
                "text": row.text,
                "visibility": minutes.visibility,
            }
        )
    return found


def said_openly(item: dict[str, Any], *kinds: str) -> dict[str, Any]:
    """Return an item of minutes without what was said of minutes that are for the group only; of these kinds only,
    where some are named.
    """
    if "approvals" not in item:
        return item
    approvals = [one for one in item["approvals"] if one["visibility"] != Visibility.GROUP]
    return {**item, "approvals": [one for one in approvals if not kinds or one["kind"] in kinds]}


def minutes_closed_since(items: Iterable[int]) -> set[tuple[int, int]]:
    """Return by item and number of the version what was said of minutes that are for the group only by now, whatever
    they were when it was written; one query, none without items.
    """
    said = MinutesApproval.objects.filter(item__in=list(items), version__minutes__visibility=Visibility.GROUP)
    return {(item or 0, number) for item, number in said.values_list("item", "version__number")}
