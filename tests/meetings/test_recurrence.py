"""Dates of a series: against the calendar, and against `recurring_ical_events`."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
import recurring_ical_events
from django.utils import translation
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event, vRecur

from meetings.recurrence import (
    LAST,
    Frequency,
    Rule,
    describe,
    holiday_name,
    occurrences,
    occurrences_between,
    occurs_at_all,
    rrule_text,
    utc_interval,
    utc_start,
)

BERLIN = "Europe/Berlin"
MORNING = time(9, 30)
CLOCK_HOUR = time(2, 30)  # skipped in March, twice in October
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
TEN_YEARS = timedelta(days=3653)


def monthly(nth: int, weekday: int, starts_on: date, **more: Any) -> Rule:
    return Rule(
        frequency=Frequency.MONTHLY_WEEKDAY,
        nth=nth,
        weekday=weekday,
        starts_on=starts_on,
        **more,
    )


def on_day(month_day: int, starts_on: date, **more: Any) -> Rule:
    return Rule(
        frequency=Frequency.MONTHLY_DAY,
        month_day=month_day,
        starts_on=starts_on,
        **more,
    )


def weekly(weekday: int, starts_on: date, **more: Any) -> Rule:
    return Rule(frequency=Frequency.WEEKLY, weekday=weekday, starts_on=starts_on, **more)


def dates(*iso: str) -> list[date]:
    return [date.fromisoformat(day) for day in iso]


# Generated rules


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    frequency = draw(st.sampled_from(Frequency))
    starts_on = draw(st.dates(date(2015, 1, 1), date(2035, 12, 31)))
    parts: dict[str, Any] = {"frequency": frequency, "starts_on": starts_on}
    if frequency == Frequency.MONTHLY_DAY:
        parts["month_day"] = draw(st.integers(1, 31) | st.sampled_from([29, 30, 31]))
    else:
        parts["weekday"] = draw(st.integers(MONDAY, SUNDAY))
    if frequency == Frequency.MONTHLY_WEEKDAY:
        parts["nth"] = draw(st.sampled_from([1, 2, 3, 4, 5, LAST]))
    longest = 52 if frequency == Frequency.WEEKLY else 24
    parts["interval"] = draw(st.integers(1, 4) | st.integers(1, longest))
    days = draw(st.none() | st.integers(0, 60) | st.integers(300, 4000))
    if days is not None:
        parts["until"] = starts_on + timedelta(days=days)
    return Rule(**parts)


start_times = st.sampled_from([MORNING, CLOCK_HOUR, time(0, 0), time(2, 0), time(23, 45)])


# The same series as other calendars see it


def series_event(rule: Rule, start_time: time, first: date) -> Event:
    event = Event()
    event.add("uid", "series")
    event.add("dtstart", datetime.combine(first, start_time, ZoneInfo(BERLIN)))
    event.add("duration", timedelta(minutes=90))
    event.add("rrule", vRecur.from_ical(rrule_text(rule, zone=BERLIN, start_time=start_time)))
    return event


def moved_event(day: date, start_time: time, moved_to: datetime) -> Event:
    event = Event()
    event.add("uid", "series")
    event.add("recurrence-id", datetime.combine(day, start_time, ZoneInfo(BERLIN)))
    event.add("dtstart", moved_to)
    event.add("duration", timedelta(minutes=90))
    return event


def calendar_starts(first: date, last: date, *events: Event) -> list[datetime]:
    """Return what another program makes of the written file: local starts in order."""
    written = Calendar()
    for event in events:
        written.add_component(event)
    read = Calendar.from_ical(written.to_ical())
    window = (first, last + timedelta(days=1))
    found = recurring_ical_events.of(read).between(*window)
    return sorted(event.start for event in found)


def wall(moments: list[datetime]) -> list[datetime]:
    return [moment.replace(tzinfo=None) for moment in moments]


def instants(moments: list[datetime]) -> list[datetime]:
    return [moment.astimezone(UTC) for moment in moments]


def assert_same_as_calendar(rule: Rule, start_time: time) -> None:
    last = rule.starts_on + TEN_YEARS
    ours = occurrences_between(rule, rule.starts_on, last)
    if not ours:
        assert not brute_force(rule, last)
        return
    theirs = calendar_starts(ours[0], last, series_event(rule, start_time, ours[0]))
    assert wall(theirs) == [datetime.combine(day, start_time) for day in ours]
    assert instants(theirs) == [utc_start(day, start_time, BERLIN) for day in ours]


def brute_force(rule: Rule, last: date) -> list[date]:
    """Return the rule's dates by looking at every single day."""
    end = min(last, rule.until or last)
    days = range(rule.starts_on.toordinal(), end.toordinal() + 1)
    return [day for day in map(date.fromordinal, days) if matches(rule, day)]


def matches(rule: Rule, day: date) -> bool:
    if rule.frequency == Frequency.WEEKLY:
        monday = rule.starts_on - timedelta(days=rule.starts_on.weekday())
        return day.weekday() == rule.weekday and (day - monday).days // 7 % rule.interval == 0
    start = rule.starts_on
    months = (day.year - start.year) * 12 + day.month - start.month
    return months % rule.interval == 0 and matches_in_month(rule, day)


def matches_in_month(rule: Rule, day: date) -> bool:
    if rule.month_day is not None:
        return day.day == rule.month_day
    weeks = calendar.monthcalendar(day.year, day.month)
    same_weekday = [week[rule.weekday] for week in weeks if week[rule.weekday]]
    position = LAST if rule.nth == LAST else rule.nth - 1
    return position < len(same_weekday) and day.day == same_weekday[position]


@settings(deadline=None, max_examples=120)
@given(rules(), start_times)
@example(monthly(5, THURSDAY, date(2026, 1, 1)), MORNING)
@example(monthly(LAST, SUNDAY, date(2026, 1, 1)), CLOCK_HOUR)
@example(weekly(SUNDAY, date(2026, 3, 1), until=date(2026, 10, 25)), CLOCK_HOUR)
@example(weekly(SUNDAY, date(2026, 1, 1), until=date(2027, 3, 28)), CLOCK_HOUR)
@example(weekly(MONDAY, date(2026, 12, 16), interval=3), MORNING)
@example(on_day(29, date(2024, 2, 1), interval=12), MORNING)
@example(on_day(30, date(2024, 2, 1), interval=12), MORNING)
@example(on_day(31, date(2024, 2, 1), until=date(2031, 1, 31)), time(23, 45))
def test_ten_years_are_those_of_another_calendar(rule, start_time):
    assert_same_as_calendar(rule, start_time)


@settings(deadline=None, max_examples=200)
@given(rules())
@example(weekly(MONDAY, date(2026, 12, 16), interval=3))
@example(monthly(5, THURSDAY, date(2026, 2, 1), interval=12))
def test_ten_years_are_those_of_the_definition(rule):
    last = rule.starts_on + TEN_YEARS
    expected = brute_force(rule, last)
    assert occurrences_between(rule, rule.starts_on, last) == expected
    assert occurrences(rule, limit=12)[: len(expected)] == expected[:12]


@settings(deadline=None, max_examples=100)
@given(rules(), st.data())
def test_cancelled_and_moved_ones_as_another_calendar_sees_them(rule, data):
    last = rule.starts_on + TEN_YEARS
    ours = occurrences_between(rule, rule.starts_on, last)
    assume(len(ours) > 1)
    cancelled, moved = data.draw(st.lists(st.sampled_from(ours), min_size=2, max_size=2, unique=True))
    days = data.draw(st.sampled_from([-1, 0, 1, 3]))
    moved_to = datetime.combine(moved + timedelta(days=days), time(14), ZoneInfo(BERLIN))

    event = series_event(rule, MORNING, ours[0])
    event.add("exdate", datetime.combine(cancelled, MORNING, ZoneInfo(BERLIN)))
    override = moved_event(moved, MORNING, moved_to)
    week = timedelta(days=7)
    theirs = calendar_starts(ours[0] - week, last + week, event, override)

    stay = set(occurrences_between(rule, rule.starts_on, last + week)) - {cancelled, moved}
    expected = [utc_start(day, MORNING, BERLIN) for day in stay] + [moved_to.astimezone(UTC)]
    assert instants(theirs) == sorted(expected)


def test_one_cancelled_and_one_moved_leave_the_others_alone():
    rule = monthly(3, THURSDAY, date(2026, 7, 1), until=date(2026, 12, 31))
    first, cancelled, stays, moved, *_ = occurrences(rule, limit=12)
    event = series_event(rule, MORNING, first)
    event.add("exdate", datetime.combine(cancelled, MORNING, ZoneInfo(BERLIN)))
    override = moved_event(moved, MORNING, datetime(2026, 10, 26, 14, tzinfo=ZoneInfo(BERLIN)))
    assert stays == date(2026, 9, 17)
    assert wall(calendar_starts(first, date(2026, 12, 31), event, override)) == [
        datetime(2026, 7, 16, 9, 30),
        datetime(2026, 9, 17, 9, 30),
        datetime(2026, 10, 26, 14, 0),
        datetime(2026, 11, 19, 9, 30),
        datetime(2026, 12, 17, 9, 30),
    ]


# Known dates


def test_third_thursdays_of_2026_and_2027():
    rule = monthly(3, THURSDAY, date(2026, 1, 1), until=date(2027, 12, 31))
    assert occurrences(rule, limit=100) == dates(
        *("2026-01-15", "2026-02-19", "2026-03-19", "2026-04-16"),
        *("2026-05-21", "2026-06-18", "2026-07-16", "2026-08-20"),
        *("2026-09-17", "2026-10-15", "2026-11-19", "2026-12-17"),
        *("2027-01-21", "2027-02-18", "2027-03-18", "2027-04-15"),
        *("2027-05-20", "2027-06-17", "2027-07-15", "2027-08-19"),
        *("2027-09-16", "2027-10-21", "2027-11-18", "2027-12-16"),
    )


def test_months_without_a_fifth_thursday_are_skipped():
    rule = monthly(5, THURSDAY, date(2026, 1, 1))
    assert occurrences(rule, limit=5) == dates("2026-01-29", "2026-04-30", "2026-07-30", "2026-10-29", "2026-12-31")


def test_last_friday_every_two_months_counts_from_the_month_of_the_start():
    # The last Friday of January 2026 (30th) has passed: March is next, not February.
    rule = monthly(LAST, FRIDAY, date(2026, 1, 31), interval=2)
    assert occurrences(rule, limit=3) == dates("2026-03-27", "2026-05-29", "2026-07-31")


def test_months_without_the_31st_are_skipped():
    rule = on_day(31, date(2026, 1, 1))
    assert occurrences(rule, limit=4) == dates("2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31")


def test_day_29_is_in_february_of_leap_years_only():
    rule = on_day(29, date(2026, 1, 1))
    found = occurrences_between(rule, date(2026, 1, 1), date(2035, 12, 31))
    februaries = [day for day in found if day.month == 2]
    assert februaries == dates("2028-02-29", "2032-02-29")
    assert len(found) == 10 * 11 + 2


def test_29_february_every_year_is_every_leap_year():
    rule = on_day(29, date(2024, 2, 29), interval=12)
    assert occurrences(rule, limit=3) == dates("2024-02-29", "2028-02-29", "2032-02-29")


def test_every_two_weeks_across_a_year_of_53_weeks():
    rule = weekly(MONDAY, date(2026, 12, 14), interval=2)
    assert occurrences(rule, limit=4) == dates("2026-12-14", "2026-12-28", "2027-01-11", "2027-01-25")


def test_every_two_weeks_counts_from_the_week_of_the_start():
    # A Wednesday: its week's Monday has passed, the next counted week follows in 12 days.
    rule = weekly(MONDAY, date(2026, 12, 16), interval=2)
    assert occurrences(rule, limit=2) == dates("2026-12-28", "2027-01-11")
    # A Sunday belongs to the week of the Monday before it.
    assert occurrences(weekly(SUNDAY, date(2026, 12, 16), interval=2), limit=2) == dates("2026-12-20", "2027-01-03")


@pytest.mark.parametrize(("until", "last"), [("2026-03-19", "03-19"), ("2026-03-18", "02-19")])
@pytest.mark.parametrize("start_time", [time(0, 0), MORNING, time(23, 45)])
def test_until_includes_its_own_day_here_and_in_other_calendars(until, last, start_time):
    rule = monthly(3, THURSDAY, date(2026, 1, 1), until=date.fromisoformat(until))
    assert occurrences(rule, limit=9)[-1] == date.fromisoformat(f"2026-{last}")
    assert_same_as_calendar(rule, start_time)


# Asking


def test_after_is_exclusive_and_limit_is_kept():
    rule = monthly(3, THURSDAY, date(2026, 1, 1))
    assert occurrences(rule, after=date(2026, 2, 18), limit=1) == dates("2026-02-19")
    assert occurrences(rule, after=date(2026, 2, 19), limit=1) == dates("2026-03-19")
    assert occurrences(rule, after=date(2020, 1, 1), limit=1) == dates("2026-01-15")
    assert occurrences(rule, limit=0) == []


def test_between_includes_both_ends():
    rule = monthly(3, THURSDAY, date(2026, 1, 1))
    found = occurrences_between(rule, date(2026, 2, 19), date(2026, 3, 19))
    assert found == dates("2026-02-19", "2026-03-19")
    assert occurrences_between(rule, date(2026, 2, 20), date(2026, 3, 18)) == []
    assert occurrences_between(rule, date(2026, 3, 19), date(2026, 2, 19)) == []


@pytest.mark.parametrize(
    "rule",
    [
        on_day(30, date(2026, 2, 1), interval=12),
        on_day(31, date(2026, 4, 1), interval=24),
        on_day(29, date(2025, 2, 1), interval=24),
        monthly(3, THURSDAY, date(2026, 1, 16), until=date(2026, 2, 18)),
    ],
)
def test_a_rule_that_never_occurs_says_so_at_once(rule):
    begin = perf_counter()
    assert not occurs_at_all(rule)
    assert occurrences(rule, limit=12) == []
    assert occurrences_between(rule, date(2026, 1, 1), date.max) == []
    assert perf_counter() - begin < 2


def test_a_rule_of_one_single_date_occurs():
    assert occurs_at_all(monthly(3, THURSDAY, date(2026, 1, 15), until=date(2026, 1, 15)))


def test_a_rare_rule_still_occurs():
    fifth_thursday_of_february = monthly(5, THURSDAY, date(2026, 2, 1), interval=12)
    assert occurs_at_all(fifth_thursday_of_february)
    assert occurrences(fifth_thursday_of_february, limit=2) == dates("2052-02-29", "2080-02-29")


@pytest.mark.parametrize("weekday", range(7))
def test_the_end_of_the_calendar_ends_the_list(weekday):
    rule = weekly(weekday, date(9999, 12, 18))
    found = occurrences(rule, limit=100)
    assert found == brute_force(rule, date.max)
    assert occurs_at_all(rule)


def test_the_last_day_of_the_calendar_is_a_date_like_any_other():
    assert occurrences(on_day(31, date(9999, 12, 1)), limit=9) == [date.max]
    assert occurrences_between(weekly(FRIDAY, date.max), date.max, date.max) == [date.max]
    assert not occurs_at_all(weekly(SATURDAY, date.max))


# What is no rule


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"frequency": "daily"}, "daily"),
        ({"frequency": Frequency.WEEKLY}, "needs a weekday"),
        ({"frequency": Frequency.MONTHLY_DAY}, "needs a month_day"),
        ({"frequency": Frequency.MONTHLY_WEEKDAY, "nth": 1}, "needs a weekday"),
        ({"frequency": Frequency.MONTHLY_WEEKDAY, "weekday": 0}, "needs a nth"),
        ({"frequency": Frequency.WEEKLY, "weekday": 0, "nth": 1}, "takes no nth"),
        ({"frequency": Frequency.MONTHLY_DAY, "month_day": 1, "weekday": 0}, "takes no weekday"),
        ({"frequency": Frequency.WEEKLY, "weekday": 7}, "weekday must be"),
        ({"frequency": Frequency.WEEKLY, "weekday": -1}, "weekday must be"),
        ({"frequency": Frequency.MONTHLY_DAY, "month_day": 0}, "month_day must be"),
        ({"frequency": Frequency.MONTHLY_DAY, "month_day": 32}, "month_day must be"),
        ({"frequency": Frequency.WEEKLY, "weekday": 0, "interval": 0}, "1 to 52"),
        ({"frequency": Frequency.WEEKLY, "weekday": 0, "interval": 53}, "1 to 52"),
        ({"frequency": Frequency.MONTHLY_DAY, "month_day": 1, "interval": 25}, "1 to 24"),
        (
            {"frequency": Frequency.WEEKLY, "weekday": 0, "until": date(2025, 12, 31)},
            "until lies before",
        ),
    ],
)
def test_what_is_no_rule_is_refused_with_the_reason(parts, reason):
    with pytest.raises(ValueError, match=reason):
        Rule(starts_on=date(2026, 1, 1), **parts)


@pytest.mark.parametrize("nth", [-2, 0, 6])
def test_an_nth_that_no_month_has_is_refused(nth):
    with pytest.raises(ValueError, match="nth must be"):
        monthly(nth, THURSDAY, date(2026, 1, 1))


def test_the_widest_rules_are_accepted():
    start = date(2026, 1, 1)
    assert weekly(SUNDAY, start, interval=52, until=start).interval == 52
    assert on_day(31, start, interval=24).interval == 24
    assert weekly(MONDAY, start) == Rule(frequency="weekly", weekday=0, starts_on=start)


# RRULE


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (monthly(3, THURSDAY, date(2026, 1, 1)), "FREQ=MONTHLY;BYDAY=3TH"),
        (
            monthly(LAST, FRIDAY, date(2026, 1, 1), interval=2),
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR",
        ),
        (on_day(15, date(2026, 1, 1)), "FREQ=MONTHLY;BYMONTHDAY=15"),
        (weekly(MONDAY, date(2026, 1, 1), interval=2), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
        (
            weekly(SUNDAY, date(2026, 1, 1), until=date(2026, 7, 5)),
            "FREQ=WEEKLY;BYDAY=SU;UNTIL=20260705T073000Z",
        ),
        (
            on_day(1, date(2026, 1, 1), until=date(2026, 12, 31)),
            "FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20261231T083000Z",
        ),
    ],
)
def test_rrule_text(rule, text):
    assert rrule_text(rule, zone=BERLIN, start_time=MORNING) == text


def test_until_is_the_day_before_in_utc_for_a_meeting_after_midnight():
    rule = weekly(SUNDAY, date(2026, 1, 1), until=date(2026, 7, 5))
    text = rrule_text(rule, zone=BERLIN, start_time=time(0, 30))
    assert text.endswith("UNTIL=20260704T223000Z")


# Wall time


@pytest.mark.parametrize(
    ("day", "start", "utc"),
    [
        ("2026-03-28", MORNING, "2026-03-28T08:30"),  # the day before the clocks change
        ("2026-03-29", MORNING, "2026-03-29T07:30"),
        ("2026-10-24", MORNING, "2026-10-24T07:30"),
        ("2026-10-25", MORNING, "2026-10-25T08:30"),
        ("2026-03-29", time(1, 59), "2026-03-29T00:59"),
        ("2026-03-29", CLOCK_HOUR, "2026-03-29T01:30"),  # skipped: 03:30 summer time
        ("2026-03-29", time(3, 0), "2026-03-29T01:00"),
        ("2026-10-25", CLOCK_HOUR, "2026-10-25T00:30"),  # twice: still summer time
        ("2026-10-25", CLOCK_HOUR.replace(fold=1), "2026-10-25T00:30"),
        ("2026-10-25", time(3, 0), "2026-10-25T02:00"),
    ],
)
def test_utc_of_a_wall_time(day, start, utc):
    expected = datetime.fromisoformat(f"{utc}+00:00")
    begin, end = utc_interval(date.fromisoformat(day), start, 90, BERLIN)
    assert begin == expected
    assert begin.tzinfo is UTC
    assert end - begin == timedelta(minutes=90)
    assert end.tzinfo is UTC


def test_a_skipped_time_is_shown_an_hour_later():
    begin, _ = utc_interval(date(2026, 3, 29), CLOCK_HOUR, 60, BERLIN)
    assert begin.astimezone(ZoneInfo(BERLIN)).time() == time(3, 30)


def test_minutes_elapse_across_the_clock_change():
    _, end = utc_interval(date(2026, 3, 29), time(1, 0), 120, BERLIN)
    assert end.astimezone(ZoneInfo(BERLIN)).time() == time(4, 0)


def test_half_past_nine_stays_half_past_nine_all_year():
    rule = weekly(SUNDAY, date(2026, 1, 1), until=date(2026, 12, 31))
    begins = [utc_start(day, MORNING, BERLIN) for day in occurrences(rule, limit=60)]
    local = {begin.astimezone(ZoneInfo(BERLIN)).time() for begin in begins}
    assert local == {MORNING}
    assert {begin.time() for begin in begins} == {time(7, 30), time(8, 30)}


def test_what_is_no_wall_time_is_refused():
    day = date(2026, 1, 1)
    with pytest.raises(ValueError, match="carries no zone"):
        utc_interval(day, time(9, 30, tzinfo=UTC), 90, BERLIN)
    with pytest.raises(ValueError, match="negative"):
        utc_interval(day, MORNING, -1, BERLIN)
    with pytest.raises(ZoneInfoNotFoundError):
        utc_interval(day, MORNING, 90, "Europe/Kehl")


# Words


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (monthly(3, THURSDAY, date(2026, 1, 1)), "Every third Thursday of the month"),
        (
            monthly(LAST, FRIDAY, date(2026, 1, 1), interval=2),
            "Every 2 months on the last Friday",
        ),
        (on_day(15, date(2026, 1, 1)), "On day 15 of every month"),
        (on_day(15, date(2026, 1, 1), interval=3), "Every 3 months on day 15"),
        (weekly(MONDAY, date(2026, 1, 1)), "Every Monday"),
        (weekly(MONDAY, date(2026, 1, 1), interval=2), "Every 2 weeks on Monday"),
        (
            monthly(1, SUNDAY, date(2026, 1, 1), until=date(2027, 12, 31)),
            "Every first Sunday of the month, until 31 December 2027",
        ),
    ],
)
def test_description_in_english(rule, sentence):
    with translation.override("en"):
        assert describe(rule) == sentence


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (monthly(3, THURSDAY, date(2026, 1, 1)), "Jeden dritten Donnerstag im Monat"),
        (
            monthly(LAST, FRIDAY, date(2026, 1, 1), interval=2),
            "Alle 2 Monate am letzten Freitag",
        ),
        (on_day(15, date(2026, 1, 1)), "Monatlich am 15."),
        (on_day(15, date(2026, 1, 1), interval=3), "Alle 3 Monate am 15."),
        (weekly(MONDAY, date(2026, 1, 1)), "Jeden Montag"),
        (weekly(MONDAY, date(2026, 1, 1), interval=2), "Alle 2 Wochen am Montag"),
        (
            monthly(1, SUNDAY, date(2026, 1, 1), until=date(2027, 3, 31)),
            "Jeden ersten Sonntag im Monat, bis 31. März 2027",
        ),
    ],
)
def test_description_in_german(rule, sentence):
    with translation.override("de"):
        assert describe(rule) == sentence


# Holidays


@pytest.mark.parametrize(
    ("day", "german", "english"),
    [
        ("2026-01-06", "Heilige Drei Könige", "Epiphany"),
        ("2026-05-01", "Erster Mai", "Labor Day"),
        ("2026-06-04", "Fronleichnam", "Corpus Christi"),
        ("2026-11-01", "Allerheiligen", "All Saints' Day"),
        ("2017-10-31", "Reformationstag", "Reformation Day"),  # everywhere, that year only
        ("2026-10-31", None, None),
        ("2026-08-15", None, None),  # Bavaria's
        ("2026-06-05", None, None),
    ],
)
def test_holidays_of_baden_wuerttemberg(day, german, english):
    assert holiday_name(date.fromisoformat(day)) == german
    assert holiday_name(date.fromisoformat(day), language="en") == english
    assert holiday_name(date.fromisoformat(day), language="en-gb") == english


def test_holidays_of_another_land():
    assert holiday_name(date(2026, 10, 31), subdivision="SN") == "Reformationstag"
    assert holiday_name(date(2026, 6, 4), subdivision="BE") is None


def test_holidays_beyond_the_known_years_are_none():
    assert holiday_name(date.min) is None
