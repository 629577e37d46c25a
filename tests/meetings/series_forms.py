"""What a browser sends from the forms of series and meetings, and the series most tests begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from meetings.domain.series import create_series
from meetings.domain.template import Line
from meetings.models import Meeting, Series
from meetings.recurrence import Frequency, Rule
from tests.conftest import TOWNS, Cast

TODAY = date(2026, 11, 22)
THIRD_THURSDAY = {"frequency": Frequency.MONTHLY_WEEKDAY, "weekday": 3, "nth": 3}
AGENDA = (
    Line(title="Opening", minutes=5),
    Line(title="Round", kind="round", minutes=25),
    Line(title="Any other business", kind="discussion", minutes=10),
)


def jour_fixe(cast: Cast, *, hosts: Sequence[str] = ("kehl", "achern", "durbach"), **more: Any) -> Series:
    """Return a series on the third Thursday from 22.11.2026 on: 17.12., 21.1., 18.2., 18.3., 15.4., 20.5., ..."""
    values: dict[str, Any] = {
        "group": cast.group,
        "title": "Jour fixe",
        "rule": Rule(starts_on=TODAY, **THIRD_THURSDAY),
        "start_time": time(9, 30),
        "minutes": 90,
        "place": "Town hall",
        "video_link": "https://video.example/jour-fixe",
        "hosts": [cast.town(name) for name in hosts],
        "template": AGENDA,
        "by": cast.coordinator,
        "today": TODAY,
    }
    return create_series(**{**values, **more})


def rule(starts_on: date, **parts: Any) -> Rule:
    return Rule(starts_on=starts_on, **(parts or THIRD_THURSDAY))


def dates(series: Series, number: int = 100) -> list[str]:
    """Return the dates of the series' meetings that were not cancelled, such as "17.12.26"."""
    meetings = series.meetings.exclude(state=Meeting.State.CANCELLED).order_by("date", "start_time")
    return [f"{meeting.date:%d.%m.%y}" for meeting in meetings[:number]]


def sent_lines(lines: Sequence[dict[str, Any]], known: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {"line-TOTAL_FORMS": len(lines), "line-INITIAL_FORMS": known}
    for k, line in enumerate(lines):
        values = {"ORDER": k + 1, "title": "", "kind": "information", "minutes": 5, **line}
        data |= {f"line-{k}-{name}": value for name, value in values.items()}
    return data


def sent_series(cast: Cast, **more: Any) -> dict[str, Any]:
    """Return the sent form of "Jour fixe": third Thursday, 09:30, 90 minutes, hosted by Kehl and Achern in turn."""
    return {
        "group": cast.group.pk,
        "title": "Jour fixe",
        "place": "Town hall",
        "video_link": "https://video.example/jf",
        "rhythm": "month_weekday",
        "interval": 1,
        "nth": 3,
        "weekday": 3,
        "month_day": 15,
        "starts_on": "2026-11-22",
        "start_time": "09:30",
        "minutes": 90,
        "until": "",
        "host_1": TOWNS["kehl"],
        "host_2": TOWNS["achern"],
        "host_3": "",
        "request_id": "6fb7a2a5-5f0a-4bd0-93f4-7a4a4c1e1d01",
        **sent_lines([{"title": "Opening"}, {"title": "Round", "kind": "round", "minutes": 25}, {}]),
        **more,
    }
