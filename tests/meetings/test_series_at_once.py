"""Two people do the same at the same moment: one defined outcome, on whichever database the tests run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from collab.live.answers import Refused, Stale
from meetings.domain.schedule import cancel_meeting, move_meeting
from meetings.domain.series import change_series_from, end_series, extend_series
from meetings.models import Meeting, Series
from tests.conftest import Cast

from .series_forms import jour_fixe, rule

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> Counter[str]:
    """Do all of them at the same moment; return how often each came to what end."""
    start = Barrier(len(acts))

    def do(act: Callable[[], object]) -> str:
        try:
            start.wait()
            act()
            return "done"
        except (Refused, Stale) as no:
            return type(no).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(do, acts))


def test_a_series_sent_twice_at_once_exists_once(cast: Cast):
    once = UUID("6fb7a2a5-5f0a-4bd0-93f4-7a4a4c1e1d02")
    assert at_once(*[lambda: jour_fixe(cast, request_id=once)] * 2) == {"done": 2}
    assert Series.objects.count() == 1


def test_of_two_changes_of_the_series_one_is_told(cast: Cast):
    series = jour_fixe(cast, today=timezone.localdate(), rule=rule(timezone.localdate()))
    first = series.meetings.order_by("date")[1].date
    new = {"series": series, "start_time": time(14), "minutes": 60, "version": 1, "by": cast.coordinator}
    found = at_once(
        lambda: change_series_from(from_date=first, rule=rule(first), **new),
        lambda: end_series(series=series, last_date=first, version=1, by=cast.coordinator),
    )
    assert found == {"done": 1, "Stale": 1}


def test_of_moving_and_cancelling_one_is_told(cast: Cast):
    series = jour_fixe(cast, today=timezone.localdate(), rule=rule(timezone.localdate()))
    meeting = series.meetings.last()
    new = {"meeting": meeting, "reason": "Fair", "version": 1, "by": cast.coordinator}
    found = at_once(
        lambda: move_meeting(date=meeting.date, start_time=time(14), minutes=60, **new),
        lambda: cancel_meeting(**new),
    )
    assert found == {"done": 1, "Stale": 1}


def test_the_nightly_command_run_twice_at_once_adds_each_date_once(cast: Cast):
    today = date(2026, 11, 22)
    series = jour_fixe(cast, today=today)
    later = date(2027, 6, 1)
    assert at_once(*[lambda: extend_series(series=series, today=later)] * 2) == {"done": 2}
    days = list(Meeting.objects.filter(series=series).values_list("date", flat=True))
    assert len(days) == len(set(days)) == 24
