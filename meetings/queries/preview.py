"""Reads: the dates a rule would give, to be looked at before it is saved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from collab.network.models import Municipality
from meetings.models import Meeting, Series
from meetings.recurrence import Rule, describe

from .series import end_of, holiday_on
from .slots import LEAST, Turn, arrange, dates_of, hosts_in_turn, is_regular


@dataclass(frozen=True)
class PreviewRow:
    """One date: when, who hosts, the public holiday it falls on; `was` is the meeting that would take it."""

    day: date
    host: Municipality | None = None
    holiday: str | None = None
    was: Meeting | None = None

    @property
    def stays(self) -> bool:
        """Whether the meeting was settled by hand and so stays as it is."""
        return self.was is not None and not is_regular(self.was)


@dataclass(frozen=True)
class Preview:
    """The next twelve dates of a rule. `seal` changes with anything they depend on: what is saved is what was seen."""

    rows: list[PreviewRow]
    words: str
    starts: time
    ends: time
    seal: str
    surplus: int = 0

    @property
    def holidays(self) -> int:
        return sum(1 for row in self.rows if row.holiday and not row.stays)

    @property
    def is_complete(self) -> bool:
        """Whether these are all dates there are."""
        return len(self.rows) < LEAST


def preview_rule(
    *, rule: Rule, start_time: time, minutes: int, hosts: Sequence[Municipality], state: str, today: date
) -> Preview:
    """Return the first twelve dates of a new series, hosts in turn; `state` names whose public holidays count."""
    dates = dates_of([rule], since=rule.starts_on, today=today)[:LEAST]
    turns = hosts_in_turn([town.pk for town in hosts], [Turn(day, is_open=True) for day in dates])
    towns = {town.pk: town for town in hosts}
    rows = [PreviewRow(day, towns.get(turns[day] or ""), holiday_on(day, state)) for day in dates]
    seal = _seal(rule, start_time, minutes, [town.pk for town in hosts])
    return Preview(rows, describe(rule), start_time, end_of(start_time, minutes), seal)


def preview_change(*, series: Series, rule: Rule, start_time: time, minutes: int, today: date) -> Preview:
    """Return the first twelve dates under a rule that begins at `rule.starts_on`, with the meetings that take them."""
    dates = dates_of([rule], since=rule.starts_on, today=today, last=series.ended_on)
    meetings = Meeting.objects.filter(series=series, occurrence_on__gte=rule.starts_on).select_related("host")
    plan = arrange(list(meetings), dates)
    state = series.group.network.holidays
    rows = [PreviewRow(day, meeting.host, holiday_on(day, state), meeting) for meeting, day in plan.pairs]
    rows += [PreviewRow(day, None, holiday_on(day, state)) for day in plan.missing]
    seal = _seal(rule, start_time, minutes, [series.pk, series.version])
    words = describe(rule)
    surplus = sum(1 for meeting in plan.surplus if is_regular(meeting))
    return Preview(rows[:LEAST], words, start_time, end_of(start_time, minutes), seal, surplus)


def _seal(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
