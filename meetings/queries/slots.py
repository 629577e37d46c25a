"""Which dates a series shall have, whose turn it is to host, and how meetings follow a new rule. Pure: no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from dateutil.relativedelta import relativedelta

from meetings.models import Meeting, SeriesRule
from meetings.recurrence import Rule, occurrences, occurrences_between

HORIZON = relativedelta(months=18)
# A rule may be sparse: the preview shows twelve dates, so twelve exist.
LEAST = 12
DAY = timedelta(days=1)


def dates_of(rules: Sequence[Rule], *, since: date, today: date, last: date | None = None) -> list[date]:
    """Return the dates that a series with these rules shall have from `since` on, in order.

    All up to the horizon and at least twelve from today on, none after `last`. A rule holds until the next begins.
    """
    last = last or date.max
    dates: set[date] = set()
    for rule, following in zip_longest(rules, rules[1:]):
        end = following.starts_on - DAY if following else date.max
        dates.update(occurrences_between(rule, since, min(today + HORIZON, end, last)))
    dates.update(occurrences(rules[-1], after=max(since, today) - DAY, limit=LEAST))
    return sorted(day for day in dates if day <= last)


def rule_on(rules: Sequence[SeriesRule], day: date) -> SeriesRule:
    """Return the rule in force on that day, the first one before it began."""
    return next((rule for rule in reversed(rules) if rule.starts_on <= day), rules[0])


@dataclass(frozen=True)
class Turn:
    """One occurrence of a series: its host where it is settled, by the turn or by hand; `is_open` where not yet."""

    on: date
    host: str | None = None
    by_hand: bool = False
    is_open: bool = False


def hosts_in_turn(hosts: Sequence[str], turns: Iterable[Turn]) -> dict[date, str | None]:
    """Return the host of each open occurrence: the one after the previous occurrence's, in a circle.

    An occurrence whose host was settled by hand uses up the turn, whoever hosts it.
    """
    found: dict[date, str | None] = {}
    at = -1
    for turn in sorted(turns, key=lambda turn: turn.on):
        if turn.is_open or (turn.by_hand and (at >= 0 or turn.host in hosts)):
            at += 1
        elif not turn.by_hand and turn.host in hosts:
            at = list(hosts).index(turn.host or "")
        if turn.is_open:
            found[turn.on] = hosts[at % len(hosts)] if hosts else None
    return found


@dataclass(frozen=True)
class Arrangement:
    """How the meetings of a series follow a new rule: the k-th takes the k-th new date."""

    pairs: list[tuple[Meeting, date]]
    missing: list[date]
    surplus: list[Meeting]


def arrange(meetings: Sequence[Meeting], dates: Sequence[date]) -> Arrangement:
    """Return who takes which date. What was settled by hand counts as one occurrence like any other.

    A meeting that was opened or held keeps its date for itself.
    """
    held = {meeting.occurrence_on for meeting in meetings if _was_held(meeting)}
    movable = sorted((m for m in meetings if not _was_held(m)), key=lambda m: (m.occurrence_on, m.pk))
    slots = [day for day in dates if day not in held]
    both = min(len(movable), len(slots))
    return Arrangement(list(zip(movable, slots, strict=False)), slots[both:], movable[both:])


def _was_held(meeting: Meeting) -> bool:
    return meeting.state in (Meeting.State.OPEN, Meeting.State.CLOSED)


def is_regular(meeting: Meeting) -> bool:
    """Return whether the meeting still follows its series: planned and never settled by hand."""
    return meeting.state == Meeting.State.PLANNED and not meeting.is_exception
