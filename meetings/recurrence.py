"""When a series meets: rules, their dates, their RRULE and their wording.

A rule speaks of local dates only. The wall time and the IANA zone join them
last (`utc_interval`), so that 9:30 stays 9:30 when the clocks change.
Meaning of every rule: RFC 5545, section 3.3.10.
"""

import enum
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import dropwhile, islice
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from dateutil import rrule
from django.utils.translation import gettext, pgettext, pgettext_lazy

LAST = -1
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAY_NAMES = (
    pgettext_lazy("recurrence", "Monday"),
    pgettext_lazy("recurrence", "Tuesday"),
    pgettext_lazy("recurrence", "Wednesday"),
    pgettext_lazy("recurrence", "Thursday"),
    pgettext_lazy("recurrence", "Friday"),
    pgettext_lazy("recurrence", "Saturday"),
    pgettext_lazy("recurrence", "Sunday"),
)
# After "every" and "on the": German needs the inflected form ("dritten").
ORDINALS = {
    1: pgettext_lazy("recurrence", "first"),
    2: pgettext_lazy("recurrence", "second"),
    3: pgettext_lazy("recurrence", "third"),
    4: pgettext_lazy("recurrence", "fourth"),
    5: pgettext_lazy("recurrence", "fifth"),
    LAST: pgettext_lazy("recurrence", "last"),
}
# Translated by Django's own catalogue (context "alt. month": within a date).
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_HOLIDAY_LANGUAGES = {"de": "de", "en": "en_US"}


class Frequency(enum.StrEnum):
    MONTHLY_WEEKDAY = "monthly_weekday"
    MONTHLY_DAY = "monthly_day"
    WEEKLY = "weekly"


# Which of weekday, nth and month_day a frequency needs; the others stay None.
_NEEDED = {
    Frequency.MONTHLY_WEEKDAY: {"weekday", "nth"},
    Frequency.MONTHLY_DAY: {"month_day"},
    Frequency.WEEKLY: {"weekday"},
}
_LONGEST_INTERVAL = {
    Frequency.MONTHLY_WEEKDAY: 24,
    Frequency.MONTHLY_DAY: 24,
    Frequency.WEEKLY: 52,
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A valid recurrence; raises ValueError with the reason when it is none.

    `interval` counts weeks (from the Monday-based week of `starts_on`) or
    months (from the month of `starts_on`). `weekday` runs from 0, Monday, to 6;
    `nth` is 1 to 5 or -1 for the last; `until` is the last possible date.
    Months without the fifth weekday or the day asked for are skipped.
    """

    frequency: Frequency
    starts_on: date
    interval: int = 1
    weekday: int | None = None
    nth: int | None = None
    month_day: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        self._check_parts()
        self._check_ranges()
        if self.until is not None and self.until < self.starts_on:
            raise ValueError("until lies before starts_on")

    def _check_parts(self) -> None:
        needed = _NEEDED[Frequency(self.frequency)]
        for name in ("weekday", "nth", "month_day"):
            given = getattr(self, name) is not None
            if given != (name in needed):
                verb = "takes no" if given else "needs a"
                raise ValueError(f"{self.frequency} {verb} {name}")

    def _check_ranges(self) -> None:
        longest = _LONGEST_INTERVAL[self.frequency]
        if not 1 <= self.interval <= longest:
            raise ValueError(f"interval must be 1 to {longest}")
        if self.weekday is not None and not 0 <= self.weekday <= 6:
            raise ValueError("weekday must be 0 (Monday) to 6 (Sunday)")
        if self.nth is not None and self.nth not in ORDINALS:
            raise ValueError("nth must be 1 to 5, or -1 for the last")
        if self.month_day is not None and not 1 <= self.month_day <= 31:
            raise ValueError("month_day must be 1 to 31")


def occurrences(rule: Rule, *, after: date | None = None, limit: int) -> list[date]:
    """Return the first `limit` local dates of the rule, in order.

    With `after`, those strictly later than it. Fewer when the rule ends.
    """
    dates = _dates(rule)
    if after is not None:
        dates = dropwhile(lambda day: day <= after, dates)
    return list(islice(dates, limit))


def occurrences_between(rule: Rule, first: date, last: date) -> list[date]:
    """Return the local dates of the rule from `first` to `last`, both included."""
    return [day for day in _dates(rule, last=last) if day >= first]


def occurs_at_all(rule: Rule) -> bool:
    """Return whether the rule has any date.

    The 30th every 12 months from a February has none, and a rule may end
    before its first date.
    """
    return bool(occurrences(rule, limit=1))


def _dates(rule: Rule, *, last: date = date.max) -> Iterator[date]:
    end = min(last, rule.until or date.max)
    moments = rrule.rrule(
        dtstart=datetime.combine(rule.starts_on, time.min),
        until=datetime.combine(end, time.min),
        interval=rule.interval,
        wkst=rrule.MO,
        **_dateutil_parts(rule),
    )
    # In the week that leads out of the year 9999 dateutil fails instead of stopping.
    with suppress(ValueError):
        for moment in moments:
            yield moment.date()


def _dateutil_parts(rule: Rule) -> Mapping[str, Any]:
    match rule.frequency:
        case Frequency.MONTHLY_WEEKDAY:
            nth_weekday = rrule.weekday(rule.weekday, rule.nth)
            return {"freq": rrule.MONTHLY, "byweekday": nth_weekday}
        case Frequency.MONTHLY_DAY:
            return {"freq": rrule.MONTHLY, "bymonthday": rule.month_day}
        case Frequency.WEEKLY:
            return {"freq": rrule.WEEKLY, "byweekday": rule.weekday}


def rrule_text(rule: Rule, *, zone: str, start_time: time) -> str:
    """Return the RFC 5545 RRULE value, without the name of the property.

    It belongs to a DTSTART at the rule's first occurrence, with TZID=`zone`.
    UNTIL is the UTC instant at which a meeting on the last date would start.
    Raises as `utc_start` does.
    """
    parts = [_rrule_frequency(rule)]
    if rule.interval > 1:
        parts.append(f"INTERVAL={rule.interval}")
    parts.append(_rrule_day(rule))
    if rule.until is not None:
        until = utc_start(rule.until, start_time, zone)
        parts.append(f"UNTIL={until:%Y%m%dT%H%M%SZ}")
    return ";".join(parts)


def _rrule_frequency(rule: Rule) -> str:
    weekly = rule.frequency == Frequency.WEEKLY
    return "FREQ=WEEKLY" if weekly else "FREQ=MONTHLY"


def _rrule_day(rule: Rule) -> str:
    if rule.weekday is None:
        return f"BYMONTHDAY={rule.month_day}"
    return f"BYDAY={rule.nth or ''}{WEEKDAY_CODES[rule.weekday]}"


def describe(rule: Rule) -> str:
    """Return the rule as a sentence in the active language, without a full stop."""
    sentence = _sentence(rule) % {
        "interval": rule.interval,
        "nth": "" if rule.nth is None else ORDINALS[rule.nth],
        "weekday": "" if rule.weekday is None else WEEKDAY_NAMES[rule.weekday],
        "day": rule.month_day,
    }
    if rule.until is None:
        return sentence
    return gettext("%(rule)s, until %(date)s") % {
        "rule": sentence,
        "date": _long_date(rule.until),
    }


def _sentence(rule: Rule) -> str:
    # Whole sentences with placeholders: a translator cannot reorder glued fragments.
    once = rule.interval == 1
    match rule.frequency:
        case Frequency.MONTHLY_WEEKDAY if once:
            return gettext("Every %(nth)s %(weekday)s of the month")
        case Frequency.MONTHLY_WEEKDAY:
            return gettext("Every %(interval)d months on the %(nth)s %(weekday)s")
        case Frequency.MONTHLY_DAY if once:
            return gettext("On day %(day)d of every month")
        case Frequency.MONTHLY_DAY:
            return gettext("Every %(interval)d months on day %(day)d")
        case Frequency.WEEKLY if once:
            return gettext("Every %(weekday)s")
        case Frequency.WEEKLY:
            return gettext("Every %(interval)d weeks on %(weekday)s")


def _long_date(day: date) -> str:
    return pgettext("recurrence", "%(day)d %(month)s %(year)d") % {
        "day": day.day,
        "month": pgettext("alt. month", _MONTH_NAMES[day.month - 1]),
        "year": day.year,
    }


def utc_start(day: date, start_time: time, zone: str) -> datetime:
    """Return the instant (UTC) of a local wall time in an IANA zone.

    As RFC 5545, section 3.3.5: a time that the clocks skip is read with the
    offset before the gap (02:30 becomes 03:30 summer time), a time that comes
    twice is the first one. Raises ValueError for a `start_time` with a zone of
    its own, ZoneInfoNotFoundError for an unknown zone, OverflowError beyond
    the years 1 to 9999.
    """
    if start_time.tzinfo is not None:
        raise ValueError("start_time is a wall time and carries no zone")
    local = datetime.combine(day, start_time.replace(fold=0), ZoneInfo(zone))
    return local.astimezone(UTC)


def utc_interval(day: date, start_time: time, minutes: int, zone: str) -> tuple[datetime, datetime]:
    """Return begin and end (UTC) of a meeting; `minutes` are elapsed minutes.

    Raises as `utc_start` does, and ValueError for negative minutes.
    """
    if minutes < 0:
        raise ValueError("minutes must not be negative")
    begin = utc_start(day, start_time, zone)
    return begin, begin + timedelta(minutes=minutes)


def holiday_name(day: date, *, subdivision: str = "BW", language: str = "de") -> str | None:
    """Return the name of the German public holiday on that day, or None.

    `subdivision` is the Land as in ISO 3166-2:DE (raises NotImplementedError
    for an unknown one). The name is English for "en" and its variants, German
    otherwise. Source: the `holidays` package.
    """
    base = language.partition("-")[0]
    source_language = _HOLIDAY_LANGUAGES.get(base, "de")
    return _holidays_of(day.year, subdivision, source_language).get(day)


@lru_cache(maxsize=64)
def _holidays_of(year: int, subdivision: str, language: str) -> dict[date, str]:
    return dict(holidays.country_holidays("DE", subdiv=subdivision, years=year, expand=False, language=language))
