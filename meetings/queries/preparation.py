"""Reads: what a chair wants to know before a meeting (Beschlusskontrolle): what is late, due, waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from django.db.models import F, Q
from django.utils import timezone

from meetings.models import Adoption, AgendaItem, Decision, Meeting, MinutesVersion, Vote
from workgroups.models import ActionItem, Group

from .adoption import overdue_adoptions
from .carrying_out import Work, linked, overdue_links, work_of
from .life import to_come_up
from .minutes import to_approve

T = TypeVar("T")
# What comes up within so many days after the meeting is for this meeting to know.
AHEAD = timedelta(days=60)
# So many of each are shown; how many there are is always said.
MOST = 40


@dataclass(frozen=True)
class Part(Generic[T]):
    """The first rows of a list, and how many there are."""

    rows: Sequence[T]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Coming:
    """A decision whose review or last day comes; `item` is where it stands on an agenda already."""

    decision: Decision
    item: AgendaItem | None


@dataclass(frozen=True)
class Preparation:
    work: Part[Work]
    actions: Part[ActionItem]
    reviews: Part[Coming]
    expiring: Part[Coming]
    adoptions: Part[Adoption]
    proposals: Part[AgendaItem]
    minutes: Part[MinutesVersion]
    votes: Part[Vote]

    @property
    def is_empty(self) -> bool:
        parts = (self.work, self.actions, self.reviews, self.expiring, self.adoptions, self.proposals)
        return not any(part.total for part in (*parts, self.minutes, self.votes))


def preparation_of(meeting: Meeting) -> Preparation:
    """Return what concerns the meeting's group; a fixed number of queries."""
    minutes = to_approve(meeting)
    return Preparation(
        work=_work(meeting.group),
        actions=_actions(meeting.group),
        reviews=_coming(meeting, "review_on"),
        expiring=_coming(meeting, "expires_on"),
        adoptions=_adoptions(meeting.group),
        proposals=_proposals(meeting),
        minutes=Part(minutes, len(minutes)),
        votes=_votes(meeting.group),
    )


def _work(group: Group) -> Part[Work]:
    """Return the overdue action items and projects that carry out decisions of the group, the latest first."""
    today = timezone.localdate()
    links = linked().filter(overdue_links(today), decision__group=group)
    late = work_of(links.order_by("pk")[: 4 * MOST], today)
    return Part(late[:MOST], links.count())


def _actions(group: Group) -> Part[ActionItem]:
    """Return the group's other overdue action items."""
    today = timezone.localdate()
    actions = ActionItem.objects.filter(group=group, state__in=ActionItem.OPEN_STATES, due_on__lt=today)
    actions = actions.exclude(carries_out__in=linked().filter(decision__group=group).values("pk"))
    return Part(
        list(actions.select_related("municipality", "person__person").order_by("due_on", "pk")[:MOST]), actions.count()
    )


def _coming(meeting: Meeting, field: str) -> Part[Coming]:
    """Return the decisions in force whose review or last day comes until some weeks after the meeting, or has come."""
    until = max(meeting.date, timezone.localdate()) + AHEAD
    decisions = Decision.objects.filter(
        Q(**{f"{field}__lte": until}), group=meeting.group_id, state=Decision.State.IN_FORCE
    )
    found = list(decisions.order_by(field, "pk")[:MOST])
    items = to_come_up([one.pk for one in found]).select_related("meeting").order_by("-meeting__date", "-pk")
    where = {item.reviews_id: item for item in items} if found else {}
    return Part([Coming(one, where.get(one.pk)) for one in found], decisions.count())


def _adoptions(group: Group) -> Part[Adoption]:
    """Return what towns promised to adopt by a day that is over, of decisions that still count; by town."""
    open_states = (Decision.State.IN_FORCE, Decision.State.FULFILLED)
    late = Adoption.objects.filter(overdue_adoptions(), decision__group=group, decision__state__in=open_states)
    rows = late.select_related("decision", "municipality").order_by("on", "municipality__sort_key", "pk")
    return Part(list(rows[:MOST]), late.count())


def _proposals(meeting: Meeting) -> Part[AgendaItem]:
    waiting = AgendaItem.objects.filter(meeting=meeting, state=AgendaItem.State.PROPOSED)
    rows = waiting.select_related("municipality", "proposed_by__person", "proposed_by__municipality")
    return Part(list(rows.order_by("position", "pk")[:MOST]), waiting.count())


def _votes(group: Group) -> Part[Vote]:
    votes = Vote.objects.filter(group=group, kind=Vote.Kind.CIRCULAR, state=Vote.State.OPEN)
    return Part(list(votes.order_by(F("ends_at"), "pk")[:MOST]), votes.count())
