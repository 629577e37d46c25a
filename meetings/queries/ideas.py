"""Reads: the parking lot of a group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from collab.network.models import Membership
from meetings.models import AgendaItem, Idea, Meeting
from workgroups.models import Group
from workgroups.rules import may_see_inside

from .closing import HANDED

# What was dropped can be taken up again from the list for so long; the newest of them are shown.
REMEMBERED = timedelta(days=90)
MOST_DROPPED = 10


@dataclass(frozen=True)
class ParkingLot:
    parked: list[Idea]
    dropped: list[Idea]


def parking_lot_of(group: Group) -> ParkingLot:
    """Return the group's parked ideas, the oldest first, and those dropped lately; two queries."""
    ideas = Idea.objects.filter(group=group).select_related(
        "proposed_by__person", "proposed_by__municipality", "handed_from__meeting__group"
    )
    lately = ideas.filter(state=Idea.State.DROPPED, created_at__gte=timezone.now() - REMEMBERED)
    # What went back to its meeting is not here to be taken up.
    lately = lately.filter(Q(handed_from=None) | Q(handed_from__state__in=HANDED))
    lately = lately.exclude(
        Q(handed_from__state=AgendaItem.State.FORWARDED, handed_from__carried_to__isnull=False)
        & ~Q(handed_from__carried_to__state=AgendaItem.State.WITHDRAWN)
    )
    return ParkingLot(list(ideas.filter(state=Idea.State.PARKED)), list(lately.order_by("-pk")[:MOST_DROPPED]))


def get_idea_for(membership: Membership, pk: int) -> Idea:
    """Return an idea of the member's network; raises Http404 where there is none, to guests, and to who does not
    belong to the internal group that keeps it.
    """
    ideas = Idea.objects.filter(pk=pk, group__network=membership.network_id)
    idea = ideas.select_related("group__network", "item__meeting").first()
    if idea is None or not may_see_inside(membership, idea.group):
        raise Http404
    return idea


def meetings_to_come(group: Group) -> QuerySet[Meeting]:
    """Return the group's meetings onto whose agenda something can be put, the next first."""
    planned = Q(state=Meeting.State.PLANNED, date__gte=timezone.localdate())
    meetings = Meeting.objects.filter(planned | Q(state=Meeting.State.OPEN), group=group)
    return meetings.select_related("group").order_by("date", "start_time", "pk")
