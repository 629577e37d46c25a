"""The projects of a network, which towns take part in them, and what the towns ask each other."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from workgroups.models import (
    Answer,
    Block,
    ExperienceReport,
    Involvement,
    PhaseChange,
    Project,
    ProjectService,
    Question,
    ServiceStatus,
)

from . import words
from .log import Log
from .people import Circle, Town
from .tables import Table

BERLIN = ZoneInfo("Europe/Berlin")
# Some forty at a time: about as many begin in a year as are forgotten.
AT_FIRST, EACH_YEAR = 36, 1
PARTS = ("lead", "contributor", "reuser", "reuser", "interested")
PHASES = [phase.value for phase in Project.Phase]
BLOCKS = [*(block.value for block in Block), ""]
SERVICES = (10000, 10001, 10002, 10003)


class Projects:
    """Rows of projects and of what hangs on them."""

    def __init__(self, log: Log) -> None:
        self.log = log
        given = ("network", "title", "summary", "goal", "block", "phase", "maturity", "created_by")
        self.projects = Table(Project, *given, "created_at", "changed_at")
        self.parts = Table(Involvement, "project", "municipality", "role", "since", "began_by", "began_at")
        self.phases = Table(PhaseChange, "project", "phase", "since", "by", "at")
        self.services = Table(ProjectService, "project", "ozg_id")
        self.states = Table(ServiceStatus, "network", "municipality", "ozg_id", "maturity", "said_by", "said_at")
        told = ("project", "number", "municipality", "took", "needed", "written_by", "written_at")
        self.reports = Table(ExperienceReport, *told)
        asked = ("network", "title", "text", "project", "asked_by", "municipality", "asked_at")
        self.questions = Table(Question, *asked)
        self.answers = Table(Answer, "question", "text", "written_by", "written_at")
        self.tables = [self.projects, self.parts, self.phases, self.services, self.states, self.reports]
        self.tables += [self.questions, self.answers]

    def begin(self, circle: Circle, years: int, today: date, lots: Random) -> list[int]:
        """Make the projects of so many years, and return their keys."""
        begun = []
        for number in range(AT_FIRST + EACH_YEAR * years):
            begun.append(self._project(circle, number, today - timedelta(days=lots.randrange(30, years * 365)), lots))
            if number % 4 == 0:
                self._question(circle, begun[-1], today - timedelta(days=lots.randrange(1, years * 365)), lots)
        for town in circle.towns[:20]:
            for service in SERVICES[: lots.randrange(len(SERVICES) + 1)]:
                said_at = _at(today - timedelta(days=lots.randrange(1, 365)))
                self.states.add(circle.network.pk, town.pk, service, lots.randrange(5), town.officer, said_at)
        return begun

    def _project(self, circle: Circle, number: int, day: date, lots: Random) -> int:
        what, where = words.WHAT[number % len(words.WHAT)], lots.choice(words.WHERE)
        title, phase = f"{what} {where}", lots.choice(PHASES)
        towns = lots.sample(circle.towns, min(len(PARTS), len(circle.towns)))
        lead, summary = towns[0], "Gemeinsam beschafft und eingeführt, mit Muster für Ausschreibung und Vereinbarung."
        goal = f"Alle Kommunen arbeiten bei {what} auf demselben Stand und lernen voneinander."
        place = (lots.choice(BLOCKS), phase, lots.randrange(5), lead.officer)
        project = self.projects.add(circle.network.pk, title, summary, goal, *place, _at(day), _at(day))
        self.phases.add(project, phase, day, lead.officer, _at(day))
        self.log.tell(_at(day), (lead.officer, lead.title), "project_added", "project", project, _told(title, lead))
        for role, town in zip(PARTS, towns, strict=False):
            if role != "lead" or number % 3:
                part = self.parts.add(project, town.pk, role, day, town.officer, _at(day))
                by, params = (town.officer, town.title), {**_told(title, town), "note": "", "project_id": project}
                self.log.tell(_at(day), by, f"part_{role}", "involvement", part, params)
        if number % 6 == 0:
            self.services.add(project, SERVICES[number // 6 % len(SERVICES)])
        if phase == "operation":
            took = "Ein halbes Jahr mit zwei halben Stellen."
            self.reports.add(project, 1, lead.pk, took, "Muster\nSchulung", lead.officer, _at(day))
        return project

    def _question(self, circle: Circle, project: int, day: date, lots: Random) -> None:
        asks, answers = lots.choice(circle.towns), lots.choice(circle.towns)
        title = words.said(words.ASKED, lots, words.topic(lots))
        text = "Wir stehen am Anfang und freuen uns über jeden Hinweis."
        asked = (circle.network.pk, title, text, project, asks.officer, asks.pk, _at(day))
        self.answers.add(self.questions.add(*asked), "Rufen Sie gern an.", answers.officer, _at(day, 14))


def _told(title: str, town: Town) -> dict[str, object]:
    return {"title": title, "town": town.town.short_name, "version": 1}


def _at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), BERLIN)
