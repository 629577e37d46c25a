"""Writes on a series: set it up, change it from a date on, end it. A series is locked before its meetings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import last_actor, record
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import AgendaItem, Meeting, Series, SeriesHost, SeriesRule, TemplateItem
from meetings.queries.agenda import meeting_after
from meetings.queries.slots import DAY, Turn, arrange, dates_of, hosts_in_turn, is_regular, rule_on
from meetings.recurrence import Rule, occurs_at_all
from workgroups.domain.group import locked_group, need_active
from workgroups.models import Group

from .agenda import index_agendas, locked_meeting
from .carry import carry_content, carry_waiting
from .regions import of_series
from .template import Line, add_agendas, save_template, untouched_items

ZONE = "Europe/Berlin"
State = Meeting.State


def locked_series(pk: int) -> Series:
    """Return the series, locked until the end of the transaction; its group before it."""
    locked_group(Series.objects.values_list("group_id", flat=True).get(pk=pk))
    return Series.objects.select_for_update(of=("self",), no_key=True).select_related("group__network").get(pk=pk)


@transaction.atomic
def create_series(
    *,
    group: Group,
    title: str,
    rule: Rule,
    start_time: time,
    minutes: int,
    by: Membership,
    place: str = "",
    video_link: str = "",
    hosts: Sequence[Municipality] = (),
    template: Sequence[Line] = (),
    time_zone: str = ZONE,
    today: date | None = None,
    request_id: UUID | None = None,
) -> Series:
    """Set up a series with the meetings of the next eighteen months. Returns it (the same one when sent twice).

    The towns in `hosts` take turns in that order. Raises Refused where the rule has no date at all.
    """
    group = locked_group(group.pk)
    need(rules.may_plan(by, group))
    if request_id and (twin := Series.objects.filter(request_id=request_id, created_by=by).first()):
        return twin
    need_new_form(Series, request_id)
    need_active(group)
    _need_dates(rule)
    series = Series.objects.create(
        group=group, title=title, place=place, video_link=video_link, created_by=by, request_id=request_id
    )
    _add_rule(series, rule, start_time, minutes, time_zone)
    _set_hosts(series, [town.pk for town in hosts])
    save_template(series, template, [])
    meetings = extend(series=series, today=today or timezone.localdate(), by=by)
    _carry_what_waits(series)
    return _recorded(series, "series_created", by, meetings)


def extend(*, series: Series, today: date, by: Membership | None = None) -> list[Meeting]:
    """Add the dates that are missing up to the horizon, with host and agenda; returns the new meetings.

    A part of other changes: runs in the transaction of the caller, who locks the series before any meeting and
    records the change. Dates that passed without a meeting are not made up for; a closed group meets no more.
    """
    series = locked_series(series.pk)
    if series.group.state == Group.State.CLOSED:
        return []
    phases = list(series.rules.all())
    known = list(series.meetings.exclude(occurrence_on=None).values_list("occurrence_on", flat=True))
    since = today if known else phases[0].starts_on
    dates = dates_of([phase.rule for phase in phases], since=since, today=today, last=series.ended_on)
    return _add_meetings(series, phases, sorted(set(dates) - set(known)))


@transaction.atomic
def extend_series(*, series: Series, today: date, by: Membership | None = None) -> list[Meeting]:
    """Add the missing dates as a change of its own; returns the new meetings (the command of every night)."""
    meetings = extend(series=series, today=today, by=by)
    if meetings:
        _recorded(locked_series(series.pk), "series_extended", by, meetings, count=len(meetings))
    return meetings


@transaction.atomic
def edit_series(
    *,
    series: Series,
    title: str,
    place: str,
    video_link: str,
    hosts: Sequence[Municipality],
    template: Sequence[Line],
    version: int,
    by: Membership,
    today: date | None = None,
) -> Series:
    """Change what the meetings of a series have in common; those to come follow, except where settled by hand.

    Raises Stale where somebody else changed the series since `version`.
    """
    series = _series_to_change(series, version, by)
    meetings = [m for m in _locked_meetings(series, today or timezone.localdate()) if is_regular(m)]
    before = of_series(series, meetings)
    series.title, series.place, series.video_link = title, place, video_link
    _bump(series)
    towns = [town.pk for town in hosts]
    if towns != list(series.hosts.values_list("municipality", flat=True)):
        _set_hosts(series, towns)
        _assign_hosts(series, towns, meetings)
    for meeting in meetings:
        meeting.title, meeting.place, meeting.video_link = title, place, video_link
        meeting.version += 1
    Meeting.objects.bulk_update(meetings, ["title", "place", "video_link", "host", "version"])
    save_template(series, template, meetings)
    index_agendas(meeting.pk for meeting in meetings)
    return _recorded(series, "series_edited", by, meetings, before=before)


@transaction.atomic
def change_series_from(
    *,
    series: Series,
    from_date: date,
    rule: Rule,
    start_time: time,
    minutes: int,
    version: int,
    by: Membership,
    time_zone: str = ZONE,
    today: date | None = None,
) -> Series:
    """Let another rule hold from a date on. What lies before it, and what was settled by hand, stays as it is.

    The k-th planned meeting takes the k-th new date with everything on its agenda. One without a new date is removed
    or, if people worked on it, cancelled, and its items go to the next meeting. Raises Stale, and Refused where the
    date has passed, the series has ended before it, or the rule has no date.
    """
    series = _series_to_change(series, version, by)
    today = today or timezone.localdate()
    _need_open_from(series, from_date, today)
    rule = replace(rule, starts_on=from_date)
    _need_dates(rule)
    series.rules.filter(starts_on__gte=from_date).delete()
    _add_rule(series, rule, start_time, minutes, time_zone)
    _bump(series)
    meetings = _locked_meetings(series, from_date)
    before = of_series(series, meetings)
    changed = _rearrange(series, meetings, from_date, today)
    index_agendas(meeting.pk for meeting in changed)
    return _recorded(series, "series_changed", by, changed, before=before, date=from_date.isoformat())


@transaction.atomic
def end_series(
    *, series: Series, last_date: date, version: int, by: Membership, reason: str = "", today: date | None = None
) -> Series:
    """Let the series have no date after `last_date`; a later day than before continues it.

    Later meetings are removed or, if people worked on them or moved them by hand, cancelled with the reason.
    """
    series = _series_to_change(series, version, by)
    today = today or timezone.localdate()
    if last_date < today - DAY:
        raise Refused(_("The past stays as it was: the last date can be yesterday at the earliest."))
    series.ended_on = last_date
    _bump(series)
    # Not "from the day after": the calendar ends on 31.12.9999.
    later = [
        m for m in _locked_meetings(series, last_date) if m.state == State.PLANNED and m.occurrence_on != last_date
    ]
    before = of_series(series, later)
    changed = _withdraw(later, reason or _("The series has ended."))
    changed += extend(series=series, today=today, by=by)
    return _recorded(series, "series_ended", by, changed, before=before, date=last_date.isoformat())


def _series_to_change(series: Series, version: int, by: Membership) -> Series:
    series = locked_series(series.pk)
    need(rules.may_plan(by, series.group))
    if series.version != version:
        raise Stale(series, last_actor(series))
    need_active(series.group)
    return series


def _need_dates(rule: Rule) -> None:
    if not occurs_at_all(rule):
        raise Refused(_("This rule has no date at all. Choose another day, rhythm or end."))


def _need_open_from(series: Series, from_date: date, today: date) -> None:
    if from_date < today:
        raise Refused(_("The past stays as it was: choose today or a later day."))
    if series.ended_on and series.ended_on < from_date:
        raise Refused(_("The series ends before this day. Choose an earlier day, or continue the series first."))


def _bump(series: Series) -> None:
    series.version += 1
    series.save()


def _add_rule(series: Series, rule: Rule, start_time: time, minutes: int, time_zone: str) -> None:
    SeriesRule.objects.create(
        series=series,
        starts_on=rule.starts_on,
        frequency=rule.frequency.value,
        interval=rule.interval,
        weekday=rule.weekday,
        nth=rule.nth,
        month_day=rule.month_day,
        until=rule.until,
        start_time=start_time,
        minutes=minutes,
        time_zone=time_zone,
    )


def _set_hosts(series: Series, towns: Sequence[str]) -> None:
    series.hosts.all().delete()
    SeriesHost.objects.bulk_create(
        SeriesHost(series=series, municipality_id=town, position=k) for k, town in enumerate(towns, start=1)
    )


def _turns(series: Series, open_ones: Iterable[Meeting] = ()) -> list[Turn]:
    """Return the occurrences of the series; the hosts of `open_ones` are to be found anew."""
    to_find = {meeting.pk for meeting in open_ones}
    known = series.meetings.exclude(occurrence_on=None)
    rows = known.values_list("pk", "occurrence_on", "host", "is_exception")
    return [Turn(day, host, by_hand=by_hand, is_open=pk in to_find) for pk, day, host, by_hand in rows if day]


def _assign_hosts(series: Series, towns: Sequence[str], meetings: Sequence[Meeting]) -> None:
    turns = hosts_in_turn(towns, _turns(series, meetings))
    for meeting in meetings:
        if meeting.occurrence_on:
            meeting.host_id = turns[meeting.occurrence_on]


def _add_meetings(series: Series, phases: Sequence[SeriesRule], dates: Sequence[date]) -> list[Meeting]:
    if not dates:
        return []
    towns = list(series.hosts.values_list("municipality", flat=True))
    turns = hosts_in_turn(towns, [*_turns(series), *(Turn(day, is_open=True) for day in dates)])
    meetings = [_new_meeting(series, rule_on(phases, day), day, turns[day]) for day in dates]
    Meeting.objects.bulk_create(meetings)
    add_agendas(meetings, list(TemplateItem.objects.filter(series=series, removed=False)))
    return meetings


def _new_meeting(series: Series, phase: SeriesRule, day: date, host: str | None) -> Meeting:
    return Meeting(
        network_id=series.group.network_id,
        group=series.group,
        series=series,
        occurrence_on=day,
        title=series.title,
        date=day,
        start_time=phase.start_time,
        minutes=phase.minutes,
        time_zone=phase.time_zone,
        place=series.place,
        host_id=host,
        video_link=series.video_link,
    )


def _locked_meetings(series: Series, since: date) -> list[Meeting]:
    """Return the occurrences from `since` on, locked, in order."""
    meetings = Meeting.objects.select_for_update(of=("self",), no_key=True).filter(
        series=series, occurrence_on__gte=since
    )
    return sorted(meetings.order_by("pk"), key=lambda meeting: meeting.occurrence_on or date.max)


def _rearrange(series: Series, meetings: Sequence[Meeting], from_date: date, today: date) -> list[Meeting]:
    """Bring the meetings from `from_date` on to the dates of the newest rule; returns what there is after that."""
    phases = list(series.rules.all())
    dates = dates_of([phases[-1].rule], since=from_date, today=today, last=series.ended_on)
    if not dates:
        raise Refused(_("This rule has no date before the series ends. Choose another day, rhythm or end."))
    plan = arrange(meetings, dates)
    _take_dates(plan.pairs, plan.surplus, phases[-1])
    added = _add_meetings(series, phases, plan.missing)
    surplus = [meeting for meeting in plan.surplus if is_regular(meeting)]
    withdrawn = _withdraw(surplus, _("The dates of the series were changed."))
    return [*(meeting for meeting, _day in plan.pairs), *added, *withdrawn]


def _take_dates(pairs: Sequence[tuple[Meeting, date]], surplus: Sequence[Meeting], phase: SeriesRule) -> None:
    """Give each meeting its new occurrence; those that follow the rule take its date and time as well."""
    meetings = [meeting for meeting, _day in pairs]
    # First let go of all old keys: one meeting may take what another had. A surplus meeting has no occurrence any more.
    Meeting.objects.filter(pk__in=[m.pk for m in [*meetings, *surplus]]).update(occurrence_on=None)
    for meeting, day in pairs:
        if is_regular(meeting):
            meeting.date, meeting.start_time = day, phase.start_time
            meeting.minutes, meeting.time_zone = phase.minutes, phase.time_zone
            meeting.version += 1
        meeting.occurrence_on = day
    for meeting in surplus:
        meeting.occurrence_on = None
    Meeting.objects.bulk_update(meetings, ["occurrence_on", "date", "start_time", "minutes", "time_zone", "version"])


def _withdraw(meetings: Sequence[Meeting], reason: str) -> list[Meeting]:
    """Take planned meetings out of the series: nothing that anybody wrote, moved or was invited to is deleted.

    Returns the meetings that were cancelled and those that took their items.
    """
    full = _with_content(meetings)
    kept = [meeting for meeting in meetings if meeting.pk in full]
    empty = [meeting.pk for meeting in meetings if meeting.pk not in full]
    AgendaItem.objects.filter(meeting__in=empty).delete()
    Meeting.objects.filter(pk__in=empty).delete()
    for meeting in kept:
        meeting.state, meeting.reason, meeting.is_exception = State.CANCELLED, reason, True
        meeting.version += 1
    Meeting.objects.bulk_update(kept, ["state", "reason", "is_exception", "version"])
    return [*kept, *(target for meeting in kept if (target := _carry_content(meeting)))]


def _with_content(meetings: Sequence[Meeting]) -> set[int]:
    """Return the keys of those meetings that somebody worked on, was invited to, or settled by hand."""
    items = AgendaItem.objects.filter(meeting__in=meetings)
    worked_on = items.exclude(pk__in=untouched_items().filter(meeting__in=meetings)).values_list("meeting", flat=True)
    # Somebody was invited, has answered, or opened it by mistake.
    in_use = Q(guests__isnull=False) | Q(attendances__isnull=False) | Q(steps__isnull=False)
    invited = Meeting.objects.filter(in_use, pk__in=[m.pk for m in meetings]).values_list("pk", flat=True)
    return {*worked_on, *invited, *(meeting.pk for meeting in meetings if meeting.is_exception)}


def _carry_content(meeting: Meeting) -> Meeting | None:
    """Carry what people put on a cancelled meeting's agenda to the next one (or the last before it); returns that."""
    planned = Meeting.objects.filter(group=meeting.group_id, state=State.PLANNED, date__gte=timezone.localdate())
    target = meeting_after(meeting) or planned.order_by("date", "start_time").last()
    if target is None:
        return None
    return target if carry_content(meeting, locked_meeting(target.pk)) else None


def _carry_what_waits(series: Series) -> None:
    """Bring what the group's closed meetings left unfinished to the first meeting of the new series."""
    first = series.meetings.filter(state=State.PLANNED, date__gte=timezone.localdate()).first()
    if first:
        carry_waiting(series.group, first)


def _recorded(
    series: Series,
    verb: str,
    by: Membership | None,
    meetings: Sequence[Meeting],
    *,
    before: Sequence[str] = (),
    **params: Any,
) -> Series:
    """Record the change; `before` are the regions noted before it, for screens that show what is gone."""
    record(
        series.group.network,
        verb=verb,
        actor=by,
        obj=series,
        regions=[*before, *of_series(series, meetings)],
        params={"title": series.title, **params},
    )
    return series
