"""What happens in an internal group's meetings stays inside: not in the feed, told only in the group's own regions."""

from __future__ import annotations

from django.db.models import Q

from collab.live import circles
from collab.live.once import once
from meetings.models import AgendaItem, Attendance, Idea, Meeting, Report, Series, Speech

# By the path from each kind of object to its group.
PATHS = {
    Meeting: "group",
    Series: "group",
    Idea: "group",
    AgendaItem: "meeting__group",
    Attendance: "meeting__group",
    Speech: "meeting__group",
    Report: "item__meeting__group",
}
for model, path in PATHS.items():
    circles.register(model, circle=path, where=Q(**{f"{path}__is_internal": True}))


@once
def in_meeting(circle: int, pk: int, audience: str) -> bool:
    return Meeting.objects.filter(pk=pk, group=circle).exists()


@once
def at_item(circle: int, pk: int, audience: str) -> bool:
    return AgendaItem.objects.filter(pk=pk, meeting__group=circle).exists()


@once
def in_series(circle: int, pk: int, audience: str) -> bool:
    return Series.objects.filter(pk=pk, group=circle).exists()


def in_group(circle: int, pk: int, audience: str) -> bool:
    return circle == pk


def of_guest(circle: int, pk: int, audience: str) -> bool:
    """Guests hear of what they were invited to, whoever else may."""
    return True
