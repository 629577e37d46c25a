"""What everybody would see of a decision, an agenda item or minutes, as data: codes and texts, towns instead of people.

A publication keeps it as it was when the coordinator saw it; the public pages show that, and the state as it is now.
"""

from __future__ import annotations

from typing import Any

from meetings.models import AgendaItem, Decision, MinutesApproval, MinutesVersion

from .minutes_content import canonical, content_of_version, sha256_of
from .minutes_said import said_openly
from .visibility import minutes_without_inside

Content = dict[str, Any]
FORMAT = 1
NUMBERS = ("mode", "yes", "no", "abstain", "present", "needed", "towns", "majority", "carried", "topic")


def seal_of(content: Content) -> str:
    """Return the SHA-256 by which a form says which content the person saw."""
    return sha256_of(canonical(content))


def of_decision(decision: Decision) -> Content:
    """Return what everybody would see of a decision. Where an internal group met stays its own."""
    meeting = None if decision.group.is_internal else decision.meeting
    return {
        "format": FORMAT,
        "kind": "decision",
        "reference": decision.reference,
        "subject": decision.subject,
        "wording": decision.wording,
        "decided_on": decision.decided_on.isoformat(),
        "group": decision.group.name,
        "meeting": meeting.title if meeting else "",
        **{name: getattr(decision, name) for name in NUMBERS},
    }


def of_item(item: AgendaItem) -> Content:
    """Return what everybody would see of an agenda item: what it is about, and whose, but not who presents it."""
    meeting = item.meeting
    return {
        "format": FORMAT,
        "kind": "item",
        "id": item.pk,
        "title": item.title,
        "text": item.text,
        "links": item.links,
        "item_kind": item.kind,
        "town": item.municipality.short_name if item.municipality else "",
        "project": item.project.title if item.project and not _of_internal_group(item) else "",
        "group": meeting.group.name,
        "meeting": {"id": meeting.pk, "title": meeting.title, "date": meeting.date.isoformat()},
    }


def _of_internal_group(item: AgendaItem) -> bool:
    project = item.project
    return project is not None and project.group is not None and project.group.is_internal


def of_minutes(version: MinutesVersion, *, with_names: bool) -> Content:
    """Return what everybody would see of finalised minutes: nothing of what is for the group only, and towns instead
    of people unless these are to be named.
    """
    content = minutes_without_inside(content_of_version(version))
    named = content if with_names else without_people(content)
    items = [_item_for_everybody(item) for item in named["items"]]
    return {
        **{name: value for name, value in named.items() if name not in ("network", "items", "annexes")},
        "kind": "minutes",
        "with_names": with_names,
        "items": items,
        # Files are named; they stay with the network.
        "annexes": [{"number": annex["number"], "name": annex["name"]} for annex in named["annexes"]],
    }


def _item_for_everybody(item: Content) -> Content:
    """An item without its files, and without what towns objected to in earlier minutes: those may be nobody's."""
    said = said_openly(item, MinutesApproval.Kind.APPROVED)
    return {name: value for name, value in said.items() if name != "files"}


def without_people(content: Content) -> Content:
    """Return the content of minutes with towns and offices where it named people."""
    return {
        **content,
        "chair": _office(content["chair"]),
        "minute_taker": _office(content["minute_taker"]),
        "attendance": [{**row, "by": "", "proxy_to": ""} for row in content["attendance"]],
        "guests": [_office(guest) for guest in content["guests"]],
        "items": [_item_without_people(item) for item in content["items"]],
        "distribution": "",
        "finalised": {**content["finalised"], "by": _office(content["finalised"]["by"])},
    }


def _office(person: dict[str, str] | None) -> dict[str, str] | None:
    return {**person, "name": ""} if person else None


def _item_without_people(item: Content) -> Content:
    if item.get("veiled"):
        return item
    decisions = [
        {**one, "voices": [{**voice, "by": ""} for voice in one.get("voices", [])]} for one in item["decisions"]
    ]
    actions = [{**action, "person": ""} for action in item["actions"]]
    return {**item, "presenter": "", "decisions": decisions, "actions": actions}
