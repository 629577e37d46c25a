"""What happens in an internal group's meetings, or is for a group only, stays inside: not in the feed, told only in the
group's own regions.
"""

from __future__ import annotations

from django.db.models import Q

from collab.live import circles
from collab.live.models import Change
from collab.live.once import once
from meetings.models import (
    AgendaItem,
    Attendance,
    Decision,
    Idea,
    Meeting,
    Minutes,
    MinutesVersion,
    Report,
    Series,
    Speech,
    Visibility,
    Vote,
)
from meetings.rules import GUEST, ITEM_GUEST, sees_inside

# By the path from each kind of object to its group, and the one to what says that it is for the group only.
PATHS = {
    Meeting: ("group", ""),
    Series: ("group", ""),
    Idea: ("group", "handed_from__visibility"),
    AgendaItem: ("meeting__group", "visibility"),
    Attendance: ("meeting__group", ""),
    Speech: ("meeting__group", "item__visibility"),
    Report: ("item__meeting__group", "item__visibility"),
    Vote: ("group", "visibility"),
    Minutes: ("meeting__group", "visibility"),
    MinutesVersion: ("minutes__meeting__group", "minutes__visibility"),
}
for model, (path, visibility) in PATHS.items():
    inside = Q(**{f"{path}__is_internal": True})
    inside |= Q(**{visibility: Visibility.GROUP}) if visibility else Q()
    circles.register(model, circle=path, where=inside)
# What an internal group decided stands in the network's log, unless it is for the group only.
circles.register(Decision, circle="group", where=Q(visibility=Visibility.GROUP))
# The wall says aloud what guests may hear.
GUESTS = (GUEST, ITEM_GUEST, "wall", "wall_outside")
# Of these it says itself that they are for the group only.
CLOSED = {"agendaitem": AgendaItem, "decision": Decision, "vote": Vote, "minutes": Minutes}


@once
def is_for_group_only(object_type: str, pk: int) -> bool:
    model = CLOSED.get(object_type)
    return model is not None and model._default_manager.filter(pk=pk, visibility=Visibility.GROUP).exists()


def is_kept_from_guests(change: Change) -> bool:
    """Return whether a change is of something for the group only: guests of a meeting are told nothing of it."""
    at = [(change.object_type, change.object_id)]
    if item := change.params.get("item_id"):
        at.append(("agendaitem", item))
    if change.object_type == "speech":
        at += [("agendaitem", pk) for pk in Speech.objects.filter(pk=change.object_id).values_list("item", flat=True)]
    return any(is_for_group_only(*one) for one in at)


@once
def in_meeting(circle: int, pk: int, audience: str) -> bool:
    """Who reads along in an open group's meeting is not inside; guests hear what `guests` lets them hear."""
    return (sees_inside(audience) or audience in GUESTS) and Meeting.objects.filter(pk=pk, group=circle).exists()


@once
def at_item(circle: int, pk: int, audience: str) -> bool:
    """Who reads along at an item of an open group's meeting is told nothing of those for the group only."""
    return (sees_inside(audience) or audience in GUESTS) and AgendaItem.objects.filter(
        pk=pk, meeting__group=circle
    ).exists()


def at_decision(circle: int, pk: int, audience: str) -> bool:
    """Whoever sees what is the group's own may hear of it; beside what all may read of an open group nobody does."""
    closed = Q(visibility=Visibility.GROUP)
    closed |= Q(group__is_internal=True) if audience != "outside" else Q()
    return Decision.objects.filter(closed, pk=pk, group=circle).exists()


@once
def in_series(circle: int, pk: int, audience: str) -> bool:
    """As in a meeting: who reads along in an open group's series is not inside."""
    return sees_inside(audience) and Series.objects.filter(pk=pk, group=circle).exists()


def in_group(circle: int, pk: int, audience: str) -> bool:
    return circle == pk and sees_inside(audience)


def of_guest(circle: int, pk: int, audience: str) -> bool:
    """Guests hear of what they were invited to, whoever else may."""
    return True
