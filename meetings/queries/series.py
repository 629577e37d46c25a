"""Reads: series with their dates, and the list of meetings. The same number of queries however many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractYear
from django.http import Http404
from django.utils.translation import get_language

from collab.network.models import Membership, Municipality, Network, Role
from meetings.models import AgendaItem, Meeting, MeetingGuest, Series, SeriesRule
from meetings.recurrence import describe, holiday_name
from workgroups.models import Group
from workgroups.queries.group import active_groups, outside_of
from workgroups.rules import CHAIR, may_see_inside

UPCOMING, DATES_OF_SERIES = 60, 24
State = Meeting.State


@dataclass(frozen=True)
class Row:
    """One meeting in a list: its local end, how it differs from its series, and the holiday it falls on."""

    meeting: Meeting
    ends: time
    moved_from: date | None
    moved_time: bool
    holiday: str | None

    @property
    def is_moved(self) -> bool:
        return self.moved_from is not None or self.moved_time


def get_series_for(membership: Membership, pk: int) -> Series:
    """Return the series; raises Http404 where this member may not see it. Guests see no series."""
    series = series_with_rules().filter(pk=pk, group__network=membership.network_id).first()
    if series is None or not may_see_inside(membership, series.group):
        raise Http404
    return series


def series_with_rules() -> QuerySet[Series]:
    return Series.objects.select_related("group__network").prefetch_related("rules", "hosts__municipality")


def groups_to_plan_for(membership: Membership) -> QuerySet[Group]:
    """Return the groups whose meetings this member may plan; a closed group meets no more."""
    groups = active_groups(membership.network_id)
    if membership.is_guest or membership.ended_on is not None:
        return groups.none()
    if membership.is_coordinator:
        return groups
    chaired = {"group_memberships__membership": membership, "group_memberships__role": CHAIR}
    return groups.filter(**chaired)


def towns_of(network: Network) -> QuerySet[Municipality]:
    """Return the towns that belong to the network today."""
    here = Q(accessions__network=network, accessions__left_on=None)
    return Municipality.objects.filter(here).distinct()


def guests_to_invite(meeting: Meeting) -> QuerySet[Membership]:
    """Return the network's guests who are not invited to the whole meeting yet."""
    guests = Membership.objects.filter(network=meeting.network_id, role=Role.GUEST, ended_on=None)
    whole = MeetingGuest.objects.filter(meeting=meeting, item=None)
    return guests.exclude(pk__in=whole.values("membership")).select_related("person", "municipality")


def invitations_of(meeting: Meeting) -> QuerySet[MeetingGuest]:
    """Return who is invited from outside, to the whole meeting or to which items, by name."""
    invitations = MeetingGuest.objects.filter(meeting=meeting)
    people = ("membership__person", "membership__municipality", "item")
    return invitations.select_related(*people).order_by("membership__person__name", "membership", "item__position")


def items_to_invite_to(meeting: Meeting) -> QuerySet[AgendaItem]:
    """Return the items on the agenda of the meeting, and what is proposed for it."""
    states = (*AgendaItem.ON_AGENDA, AgendaItem.State.PROPOSED)
    return AgendaItem.objects.filter(meeting=meeting, state__in=states).order_by("position", "pk")


def invited_guests(meeting: Meeting) -> QuerySet[Membership]:
    guests = Membership.objects.filter(guest_at__meeting=meeting).distinct()
    return guests.select_related("person", "municipality")


def overlapping(meeting: Meeting) -> list[Meeting]:
    """Return the group's other planned meetings that take place at the same time."""
    near = (meeting.date - timedelta(days=1), meeting.date + timedelta(days=1))
    others = Meeting.objects.filter(group=meeting.group_id, state=State.PLANNED, date__range=near)
    others = others.exclude(pk=meeting.pk).order_by("date", "start_time")
    return [one for one in others if one.starts_at < meeting.ends_at and meeting.starts_at < one.ends_at]


@dataclass(frozen=True)
class Phase:
    """What a series' rule says from a day on, in words."""

    rule: SeriesRule
    words: str
    ends: time

    @property
    def starts_on(self) -> date:
        return self.rule.starts_on


@dataclass(frozen=True)
class SeriesDates:
    """A series as its page shows it: the rule in force, rules that will follow, the dates to come."""

    phase: Phase
    later: list[Phase]
    upcoming: list[Row]
    more: int


def dates_of_series(series: Series, today: date) -> SeriesDates:
    """Return the dates of a series; two queries beside those of the series itself."""
    phases = [Phase(rule, describe(rule.rule), end_of(rule.start_time, rule.minutes)) for rule in series.rules.all()]
    in_force = [phase for phase in phases if phase.starts_on <= today] or phases[:1]
    meetings = _for_list(Meeting.objects.filter(series=series))
    upcoming = meetings.filter(Q(date__gte=today) | Q(state=State.OPEN)).exclude(state=State.CLOSED)
    state = series.group.network.holidays
    known = {series.pk: series}
    return SeriesDates(
        phase=in_force[-1],
        later=[phase for phase in phases if phase.starts_on > in_force[-1].starts_on],
        upcoming=_rows(upcoming.order_by("date", "start_time", "pk")[:DATES_OF_SERIES], state, known),
        more=max(0, upcoming.count() - DATES_OF_SERIES),
    )


@dataclass(frozen=True)
class Month:
    first: date
    rows: list[Row]


def upcoming_by_month(network: Network, today: date, seen: Collection[int] = ()) -> tuple[list[Month], bool]:
    """Return the network's meetings from today on by month, and whether there are more than the list shows.

    Of internal groups those of `seen` alone.
    """
    meetings = Meeting.objects.filter(outside_of(seen, "group"), network=network)
    meetings = _for_list(meetings).exclude(state=State.CLOSED)
    meetings = meetings.filter(Q(date__gte=today) | Q(state=State.OPEN)).order_by("date", "start_time", "pk")
    rows = _rows(meetings[: UPCOMING + 1], network.holidays)
    months: dict[date, list[Row]] = {}
    for row in rows[:UPCOMING]:
        months.setdefault(row.meeting.date.replace(day=1), []).append(row)
    return [Month(first, in_month) for first, in_month in months.items()], len(rows) > UPCOMING


def past_in_year(network: Network, year: int, today: date, seen: Collection[int] = ()) -> list[Row]:
    """Return the network's meetings of a year that are over, the newest first; of internal groups those of `seen`."""
    meetings = _for_list(_past(network, today, seen).filter(date__year=year))
    return _rows(meetings.order_by("-date", "-start_time", "-pk"), network.holidays)


def past_years(network: Network, today: date, seen: Collection[int] = ()) -> list[tuple[int, int]]:
    """Return the years with meetings that are over and how many, the newest first; of internal groups of `seen`."""
    years = _past(network, today, seen).annotate(year=ExtractYear("date")).order_by("-year")
    return list(years.values("year").annotate(number=Count("pk")).values_list("year", "number"))


def series_in(network: Network, today: date, seen: Collection[int] = ()) -> list[Series]:
    """Return the network's series that have not ended, by title; of internal groups those of `seen`."""
    running = (Q(ended_on=None) | Q(ended_on__gte=today)) & outside_of(seen, "group")
    return list(Series.objects.filter(running, group__network=network).select_related("group").order_by("title", "pk"))


def _past(network: Network, today: date, seen: Collection[int]) -> QuerySet[Meeting]:
    over = (Q(date__lt=today) | Q(state=State.CLOSED)) & outside_of(seen, "group")
    return Meeting.objects.filter(over, network=network).exclude(state=State.OPEN)


# What was recorded by mistake was not decided.
DECIDED = Count("decisions", filter=Q(decisions__voided_at=None))


def _for_list(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    return meetings.select_related("group", "host", "series").annotate(decided=DECIDED)


def _rows(meetings: Iterable[Meeting], holidays: str, known: dict[int, Series] | None = None) -> list[Row]:
    meetings = list(meetings)
    ids = {meeting.series_id for meeting in meetings if meeting.series_id}
    if known is None:
        known = {series.pk: series for series in Series.objects.filter(pk__in=ids).prefetch_related("rules")}
    return [_row(meeting, holidays, known) for meeting in meetings]


def _row(meeting: Meeting, holidays: str, known: dict[int, Series]) -> Row:
    moved_from = meeting.occurrence_on if meeting.occurrence_on not in (None, meeting.date) else None
    moved_time = False
    if meeting.is_exception and meeting.occurrence_on and meeting.series_id in known:
        rules = list(known[meeting.series_id].rules.all())
        moved_time = meeting.start_time != _in_force(rules, meeting.occurrence_on).start_time
    return Row(meeting, local_end(meeting), moved_from, moved_time, holiday_on(meeting.date, holidays))


def _in_force(rules: Sequence[SeriesRule], day: date) -> SeriesRule:
    return next((rule for rule in reversed(rules) if rule.starts_on <= day), rules[0])


def local_end(meeting: Meeting) -> time:
    """Return the wall time at which the meeting is planned to end, where it takes place."""
    return meeting.ends_at.astimezone(ZoneInfo(meeting.time_zone)).time()


def end_of(start: time, minutes: int) -> time:
    """Return the wall time so many minutes later."""
    total = start.hour * 60 + start.minute + minutes
    return time(total // 60 % 24, total % 60)


def holiday_on(day: date, state: str) -> str | None:
    """Return the public holiday of that day in the active language, None where it is none or the Land is unknown."""
    try:
        return holiday_name(day, subdivision=state, language=get_language() or "de")
    except NotImplementedError:
        return None


def plans_in(membership: Membership, network_id: int) -> bool:
    """Return whether this member plans the meetings of at least one group of the network."""
    return membership.network_id == network_id and groups_to_plan_for(membership).exists()
