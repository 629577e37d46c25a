"""Reads for the board of action items: a column per state, each with the cards that fit a screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Count, Q

from collab.live.once import once
from collab.network.models import Membership, Role
from collab.pages import rows_between
from workgroups.models import ActionItem, GroupMembership, Offer
from workgroups.rules import CHAIR

from .action_item import ActionFilter, actions_with_people, in_state, most_urgent_first, narrowed, ordered

State = ActionItem.State
# So many cards a column shows; the table has them all.
MOST_OPEN = 40
MOST_FINISHED = 10
LIMITS = {State.OPEN: MOST_OPEN, State.IN_PROGRESS: MOST_OPEN, State.DONE: MOST_FINISHED, State.DROPPED: MOST_FINISHED}
# What the board narrows its open columns to; the states are its columns.
ASKED_FOR = ("open", "overdue", "follow_up")


def board_filter(wanted: ActionFilter) -> ActionFilter:
    """Return the filter as the board understands it: no pages, and its columns are the states."""
    return replace(wanted, state=wanted.state if wanted.state in ASKED_FOR else "open", page=1)


@dataclass(frozen=True)
class Column:
    """One state: its cards, and how many action items it has under the filter."""

    state: str
    cards: list[ActionItem]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


@once
def board_of(network_id: int, wanted: ActionFilter) -> list[Column]:
    """Return the columns of the board; nine queries, however many cards there are.

    Only what is open can be overdue or come up again: asked for these, the finished columns are left out.
    """
    everything = narrowed(actions_with_people().filter(network=network_id), wanted)
    if wanted.state != "open":
        everything = everything.filter(in_state(wanted.state))
    states = [state for state in LIMITS if wanted.state == "open" or state in ActionItem.OPEN_STATES]
    counts = everything.aggregate(**{state.value: Count("pk", filter=Q(state=state)) for state in states})
    columns = []
    for state in states:
        cards = everything.filter(state=state)
        is_open = state in ActionItem.OPEN_STATES
        cards = most_urgent_first(cards) if is_open else ordered(cards, state.value)
        columns.append(Column(state.value, rows_between(cards, 0, LIMITS[state]), counts[state.value]))
    return columns


@once
def chairs_of_groups(network_id: int) -> dict[int, list[int]]:
    """Return who chairs which group, as ids of memberships by id of the group; one query."""
    rows = GroupMembership.objects.filter(group__network=network_id, role=CHAIR, membership__ended_on=None)
    chairs: dict[int, list[int]] = {}
    for group, member in rows.values_list("group", "membership").order_by("pk"):
        chairs.setdefault(group, []).append(member)
    return chairs


@dataclass(frozen=True)
class Answering:
    """Whose turn it is where a town is asked, as ids of memberships: who answers, and who takes the question back."""

    answerers: list[int]
    askers: list[int]


def answering(offer: Offer) -> Answering:
    """Return who answers for the town (its officers and guides), and who asked: that person and their colleagues."""
    maker = offer.made_by
    of_asked = Q(municipality=offer.municipality_id, role__in=(Role.OFFICER, Role.GUIDE))
    colleagues = Q(municipality=maker.municipality_id, role=Role.OFFICER)
    if maker.municipality_id is None:
        colleagues = Q(role=Role.COORDINATOR) if maker.is_coordinator else Q(pk=maker.pk)
    people = Membership.objects.filter(network=offer.network_id, ended_on=None).order_by("pk")
    return Answering(
        list(people.filter(of_asked).values_list("pk", flat=True)),
        list(people.filter(Q(pk=maker.pk) | colleagues).values_list("pk", flat=True)),
    )
