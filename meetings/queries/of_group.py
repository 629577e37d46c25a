"""Reads: the meetings, series and decisions of one group, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from meetings.models import Decision, Meeting, Series
from workgroups.models import Group

from .agenda import next_meeting_of
from .visibility import open_to

# So many are shown; the lists have them all.
MEETINGS, DECISIONS = 5, 6


@dataclass(frozen=True)
class MeetingsOfGroup:
    """A group's series that go on, what follows its next meeting, and its last meetings."""

    series: list[Series]
    following: list[Meeting]
    past: list[Meeting]
    # Its next meeting stands in a region of its own.
    has_next: bool

    @property
    def has_more(self) -> bool:
        """Whether there is something to say beside the next meeting: others, or that there are none."""
        return bool(self.series or self.following or self.past) or not self.has_next

    @property
    def is_empty(self) -> bool:
        return not (self.has_next or self.series or self.following or self.past)


def meetings_of(group: Group, today: date) -> MeetingsOfGroup:
    """Return what the group's page shows beside its next meeting; four queries."""
    running = Q(ended_on=None) | Q(ended_on__gte=today)
    meetings = Meeting.objects.filter(group=group)
    ahead = meetings.filter(state=Meeting.State.PLANNED, date__gte=today).order_by("date", "start_time", "pk")
    if soonest := next_meeting_of(group):
        ahead = ahead.exclude(pk=soonest.pk)
    past = meetings.filter(state=Meeting.State.CLOSED).order_by("-date", "-start_time", "-pk")
    return MeetingsOfGroup(
        series=list(Series.objects.filter(running, group=group).order_by("title", "pk")),
        following=list(ahead[:MEETINGS]),
        past=list(past[:MEETINGS]),
        has_next=soonest is not None,
    )


def decisions_of_group(group_id: int, *, inside: bool = False) -> tuple[list[Decision], bool]:
    """Return the group's latest decisions that hold, and whether there are more; one query. Those for the group only
    are for who is `inside`.
    """
    readable = open_to([group_id] if inside else [])
    decisions = Decision.objects.filter(readable, group=group_id, voided_at=None).order_by("-year", "-number")
    found = list(decisions[: DECISIONS + 1])
    return found[:DECISIONS], len(found) > DECISIONS
