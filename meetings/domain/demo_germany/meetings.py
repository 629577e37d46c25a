"""Ten years of meetings of a network: agenda, what was decided and agreed on, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from meetings.models import (
    AgendaItem,
    Attendance,
    Meeting,
    Presence,
    RecordedAction,
    Series,
    SeriesHost,
    SeriesRule,
    TemplateItem,
)
from meetings.queries.slots import dates_of
from meetings.recurrence import Frequency, Rule, occurrences_between
from workgroups.models import ActionItem

from ..demo import AGENDA
from . import words
from .decisions import Decisions
from .log import Log
from .people import Circle, Town
from .tables import Table

BERLIN = ZoneInfo("Europe/Berlin")
BEGINS, MINUTES = time(9, 30), 180
# Each meeting treats so many subjects; every other one decides twice on one of them.
SUBJECTS, PLENUM = 8, 4
ACTIONS = 14
# Who was there is known of so many meetings back.
ATTENDED = 12


@dataclass
class Held:
    """A meeting that took place, while its rows are made."""

    pk: int
    group: int
    day: date
    begins: datetime
    title: str
    counted: bool


class Meetings:
    """Rows of meetings and of everything that was settled there."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.series = Table(Series, "group", "title", "place", "created_by", "created_at")
        rule = ("series", "starts_on", "frequency", "weekday", "nth", "start_time", "minutes")
        self.rules = Table(SeriesRule, *rule)
        self.hosts = Table(SeriesHost, "series", "municipality", "position")
        self.lines = Table(TemplateItem, "series", "position", "title", "kind", "minutes")
        held = ("network", "group", "series", "occurrence_on", "title", "date", "start_time", "minutes", "place")
        self.meetings = Table(Meeting, *held, "host", "state", "chair", "opened_at", "closed_at")
        item = ("meeting", "position", "title", "kind", "state", "municipality", "project", "minutes", "text", "notes")
        self.items = Table(
            AgendaItem, *item, "template_item", "started_at", "finished_at", "seconds_used", "changed_at"
        )
        action = ("network", "group", "title", "municipality", "person", "due_on", "state", "state_note")
        self.actions = Table(ActionItem, *action, "created_by", "created_at", "finished_at")
        self.born = Table(RecordedAction, "item", "action_item")
        self.attendances = Table(Attendance, "meeting", "municipality", "answer", "answered_by", "answered_at")
        stay = ("attendance", "began_at", "ended_at", "representative", "represented_by", "recorded_by")
        self.presences = Table(Presence, *stay)
        self.decisions = Decisions(log)
        self.tables = [self.series, self.rules, self.hosts, self.lines, self.meetings, self.items, self.actions]
        self.tables += [self.born, self.attendances, self.presences, *self.decisions.tables]

    def hold(self, circle: Circle, projects: list[int], years: int, today: date, lots: Random) -> None:
        """Hold the monthly meetings of so many years and the yearly ones of the plenum, and plan the next."""
        first = since(today, years)
        rule = Rule(frequency=Frequency.MONTHLY_WEEKDAY, starts_on=first, weekday=3, nth=3)
        series, lines = self._series(circle, first)
        past = occurrences_between(rule, first, today - timedelta(days=1))
        for back, day in zip(range(len(past), 0, -1), past, strict=True):
            held = self._meeting(circle, day, "Jour fixe", circle.groups[1], (series, day), back <= ATTENDED)
            self._opening(held, lines, treated=True)
            self._treat(circle, held, SUBJECTS, projects, lots, today)
            if day.month == 11:
                held = self._meeting(circle, day, "Jahreskonferenz", circle.groups[0], (None, None), counted=False)
                self._treat(circle, held, PLENUM, projects, lots, today)
        for day in dates_of([rule], since=today, today=today):
            planned = self._planned(circle, series, day)
            self._opening(planned, lines, treated=False)
        self.decisions.circulate(circle, first, today, lots)
        self.decisions.number(circle, today, lots)

    def _series(self, circle: Circle, first: date) -> tuple[int, list[int]]:
        series = self.series.add(circle.groups[1], "Jour fixe", "Rathaus", circle.office, _at(first))
        self.rules.add(series, first, Frequency.MONTHLY_WEEKDAY.value, 3, 3, BEGINS, MINUTES)
        for position, town in enumerate(circle.towns[:12]):
            self.hosts.add(series, town.pk, position)
        return series, [
            self.lines.add(series, number, line.title, str(line.kind), line.minutes)
            for number, line in enumerate(AGENDA)
        ]

    def _meeting(
        self, circle: Circle, day: date, title: str, group: int, of: tuple[int | None, date | None], counted: bool
    ) -> Held:
        host = circle.towns[day.month % min(12, len(circle.towns))]
        begins, ends = _at(day), _at(day) + timedelta(minutes=MINUTES)
        where = ("Rathaus, Großer Sitzungssaal", host.pk)
        planned = (circle.network.pk, group, *of, title, day, BEGINS, MINUTES, *where)
        pk = self.meetings.add(*planned, Meeting.State.CLOSED.value, circle.office, begins, ends)
        told = {"meeting": title, "date": day.isoformat()}
        self.log.tell(begins, (circle.office, circle.office_name), "meeting_opened", "meeting", pk, told)
        self.log.tell(ends, (circle.office, circle.office_name), "meeting_closed", "meeting", pk, told)
        if counted:
            for town in circle.towns:
                self._attend(circle, pk, town, begins, ends)
        return Held(pk, group, day, begins, title, counted)

    def _planned(self, circle: Circle, series: int, day: date) -> Held:
        host = circle.towns[day.month % min(12, len(circle.towns))]
        planned = (circle.network.pk, circle.groups[1], series, day, "Jour fixe", day, BEGINS, MINUTES)
        where = ("Rathaus, Großer Sitzungssaal", host.pk)
        pk = self.meetings.add(*planned, *where, Meeting.State.PLANNED.value, None, None, None)
        return Held(pk, circle.groups[1], day, _at(day), "Jour fixe", counted=False)

    def _attend(self, circle: Circle, meeting: int, town: Town, begins: datetime, ends: datetime) -> None:
        """Nine of ten towns come."""
        comes = (int(town.pk) + meeting) % 10 != 0
        answer = Attendance.Answer.ACCEPTED if comes else Attendance.Answer.APOLOGISED
        said_at = begins - timedelta(days=3)
        attendance = self.attendances.add(meeting, town.pk, answer.value, town.officer, said_at)
        if comes:
            self.presences.add(attendance, begins, ends, town.officer, town.title, circle.office)

    def _opening(self, held: Held, lines: list[int], *, treated: bool) -> None:
        state = AgendaItem.State.DONE if treated else AgendaItem.State.PLANNED
        for number, (line, template) in enumerate(zip(AGENDA, lines, strict=True), start=1):
            when = (held.begins, held.begins, 300) if treated else (None, None, 0)
            row = (held.pk, number, line.title, str(line.kind), state.value, None, None, line.minutes, "", "")
            self.items.add(*row, template, *when, held.begins)

    def _treat(self, circle: Circle, held: Held, subjects: int, projects: list[int], lots: Random, today: date) -> None:
        items = []
        for number in range(subjects):
            about, town = words.topic(lots), lots.choice(circle.towns)
            title = f"{about[0]} im {about[1]}"
            notes = " ".join(lots.sample(words.NOTED, 2))
            at = held.begins + timedelta(minutes=35 + 15 * number)
            text = "Was hat sich bewährt, und was folgt daraus für die anderen?"
            project = lots.choice(projects) if number % 3 == 0 else None
            row = (held.pk, 6 + number, title, "decision", "done", town.pk, project, 15, text, notes)
            item = self.items.add(*row, None, at, at + timedelta(minutes=15), 900, at)
            items.append((item, about, at))
            of, voiced = (held.pk, held.group, item), held.counted and number == 0
            self.decisions.decide(circle, *of, title, about, held.day, at, lots, by_voice=voiced)
            if number == 1 and held.day.month % 2:
                self.decisions.decide(circle, *of, title, about, held.day, at, lots)
        for number in range(ACTIONS if subjects == SUBJECTS else PLENUM):
            item, about, at = items[number % len(items)]
            self._agree(circle, held, item, about, at, lots, today)

    def _agree(
        self,
        circle: Circle,
        held: Held,
        item: int,
        about: tuple[str, str],
        at: datetime,
        lots: Random,
        today: date,
    ) -> None:
        town, due = lots.choice(circle.towns), held.day + timedelta(days=lots.randrange(20, 120))
        late = (today - due).days
        done = late > 365 or (late > -60 and lots.random() < 0.8)
        state = lots.choice(("done", "done", "done", "dropped")) if done else lots.choice(("open", "in_progress"))
        title, note = words.said(words.TO_DO, lots, about), lots.choice(words.DONE) if done else ""
        finished = min(_at(due), _at(today)) if done else None
        whose = (town.pk, town.officer, due)
        row = (circle.network.pk, held.group, title, *whose, state, note, circle.office, at, finished)
        action = self.actions.add(*row)
        self.born.add(item, action)
        told = {"title": title, "who": f"{town.town.short_name}, {town.title}", "due": due.isoformat(), "item_id": item}
        self.log.tell(at, (circle.office, circle.office_name), "action_added", "actionitem", action, told)
        self.decisions.carry_out(item, action, circle.office, at)


def since(today: date, years: int) -> date:
    """Return the day so many years ago."""
    return date(today.year - years, today.month, min(today.day, 28))


def _at(day: date) -> datetime:
    return datetime.combine(day, BEGINS, BERLIN)
