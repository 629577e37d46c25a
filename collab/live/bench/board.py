"""The board: a network of 23 towns with few and with many projects, and what its pages cost with either."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from collab.network.models import Membership, Role

from .pages import count_queries, weigh
from .processes import AppServer, running
from .report import Report
from .world import LANGUAGES, Place, browser, make_network, make_town, make_viewer, model, sign_in

TOWNS, PROJECTS, MANY = 23, 60, 600
PARTS = ("lead", "contributor", "reuser", "reuser", "interested")  # five of each project: 300 of 60
STEPS = (7, 5)  # from project to project and from part to part: no town is named twice, each has its share
LIMIT = 2
BLOCKS = ("infrastructure", "new_work", "administration", "governance", "")
PHASES = ("idea", "planning", "pilot", "operation", "handed_on", "stopped")
SUBJECTS = """E-Akte Terminvergabe Online-Formulare Chatbot Ratsinformation Breitband Homeoffice Geodaten Parkraum
Zeiterfassung Rechnungsworkflow Bürger-App Wissensdatenbank Ausweiskontrolle Archivierung Sensorik Videoberatung
Bauleitplanung Beteiligung Schulung Serverraum Passwortverwaltung Druckerei Statistik"""
OFFICES = """Bauamt Standesamt Ordnungsamt Kämmerei Bürgerbüro Stadtbücherei Musikschule Bauhof Stadtwerke Jugendamt
Feuerwehr Gewerbeamt Friedhofsamt Personalamt Stadtarchiv Tourismusbüro Liegenschaftsamt Hauptamt Rechnungsprüfung
Sozialamt Umweltamt Vergabestelle Wahlamt Forstamt Kindergarten"""
WHAT, WHERE = SUBJECTS.split(), OFFICES.split()  # 24 and 25: six hundred titles, none twice
# Services of the OZG, by their keys in the catalogue.
SERVICES = (10000, 10001, 10002, 10003)


@dataclass
class Board(Place):
    """The board of a network, and an officer of each town with the cookie of a session."""

    projects: list[int] = field(default_factory=list)
    officers: list[Membership] = field(default_factory=list)
    officer_cookies: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    @property
    def regions(self) -> list[str]:
        """Those that the server has written into the page; `look` reads them."""
        return self.shown

    @property
    def changing(self) -> list[str]:
        return self.changed_by(self.unled[0])

    @property
    def unled(self) -> list[int]:
        """The projects that nobody leads: every other one."""
        return self.projects[1::2]

    def changed_by(self, project: int) -> list[str]:
        """Return what a claim of this project changes on everybody's board: one row, and the strip of news."""
        return [f"board-row-{project}", f"board-news-{self.network.pk}"]

    def look(self, base: str) -> None:
        """Read from the page of the server which live regions it has, as the browser does."""
        with browser(base, self.officer_cookies[0]) as officer:
            html = officer.get(self.path("projects/")).raise_for_status().text
        tags = re.findall(r"<\w+[^>]*\sdata-region[\s>=][^>]*", html)
        self.shown = [name for tag in tags for name in re.findall(r'\sid="([^"]+)"', tag)]

    def claims(self) -> Iterator[tuple[int, int]]:
        """Yield projects that nobody leads, each with a town that has no part in it; they are free again afterwards."""
        turn = 0
        while True:
            if turn % len(self.unled) == 0:
                made = {"project__in": self.unled, "role": "lead"}
                model("workgroups.Involvement").objects.filter(**made).delete()
            number = 2 * (turn % len(self.unled)) + 1
            taken = set(parts_in(number))
            free = [town for town in range(TOWNS) if town not in taken]
            yield self.projects[number], free[turn % len(free)]
            turn += 1


def make_board(slug: str, projects: int, screens: int = 0) -> Board:
    """Make a network whose towns have five parts in each project, a lead in every other one; `screens` sessions."""
    network = make_network(slug)
    people = [make_viewer(network, Role.COORDINATOR, "de", 0)]
    officers = []
    for number in range(TOWNS):
        pair = [make_viewer(network, Role.OFFICER, language, number) for language in LANGUAGES]
        people += [*pair, make_viewer(network, Role.MAYOR, LANGUAGES[number % 2], number)]
        officers.append(pair[0].membership)
    made = _projects(network, officers, projects)
    _parts(made, officers)
    _more(made, officers)
    call_command("reindex", verbosity=0, stdout=_Nowhere())
    cookies = sign_in([people[number % len(people)].membership.person for number in range(screens)])
    theirs = sign_in([officer.person for officer in officers])
    return Board(network, people, cookies, [project.pk for project in made], officers, theirs)


class _Nowhere:
    def write(self, _text: str) -> None:
        """Forget what a command says."""


def parts_in(number: int) -> list[int]:
    """Return the towns that take part in the project with this number."""
    return [(number * STEPS[0] + part * STEPS[1]) % TOWNS for part in range(len(PARTS))]


def _projects(network: Any, officers: list[Membership], count: int) -> list[Any]:
    project = model("workgroups.Project")
    return project.objects.bulk_create(
        project(
            network=network,
            title=f"{WHAT[number % len(WHAT)]} {WHERE[number % len(WHERE)]}",
            summary="Gemeinsam beschafft und eingeführt, mit Muster für Ausschreibung und Dienstvereinbarung.",
            goal="Alle Kommunen arbeiten auf demselben Stand und lernen voneinander. " * 3,
            block=BLOCKS[number % len(BLOCKS)],
            phase=PHASES[number % len(PHASES)],
            maturity=number % 5,
            created_by=officers[number % TOWNS],
            changed_at=timezone.now() - timedelta(days=number % 90),
        )
        for number in range(count)
    )


def _parts(projects: list[Any], officers: list[Membership]) -> None:
    part, today = model("workgroups.Involvement"), timezone.localdate()
    part.objects.bulk_create(
        part(
            project=project,
            municipality=make_town(project.network, town),
            role="contributor" if role == "lead" and number % 2 else role,
            since=today - timedelta(days=number % 400),
            began_by=officers[town],
        )
        for number, project in enumerate(projects)
        for role, town in zip(PARTS, parts_in(number), strict=True)
    )


def _more(projects: list[Any], officers: list[Membership]) -> None:
    """Add what else pages show: since when a phase, OZG services, questions, experience reports."""
    phase, service = model("workgroups.PhaseChange"), model("workgroups.ProjectService")
    question, experience = model("workgroups.Question"), model("workgroups.ExperienceReport")
    by, today = officers[0], timezone.localdate()
    phase.objects.bulk_create(phase(project=each, phase=each.phase, since=today, by=by) for each in projects)
    served = [(each, SERVICES[n % len(SERVICES)]) for n, each in enumerate(projects) if n % 12 == 0]
    service.objects.bulk_create(service(project=each, ozg_id=ozg_id) for each, ozg_id in served)
    question.objects.bulk_create(
        question(network=each.network, title=f"Wer kennt {each.title}?", project=each, asked_by=by)
        for each in projects[::6]
    )
    town = {"municipality": make_town(by.network, 0), "number": 1, "written_by": by}
    experience.objects.bulk_create(
        experience(project=each, took="Ein halbes Jahr mit zwei halben Stellen.", needed="Muster\nSchulung", **town)
        for each in projects
        if each.phase == "operation"
    )


# -- the pages ---------------------------------------------------------------------------------------------------------


# These show more rows where there are more projects: their times say what a row costs, and have no target.
GROWING = ("board, one town", "board, what it could reuse", "board, nobody yet", "board, begun twice", "questions")


def addresses(board: Board) -> dict[str, str]:
    """Return what is looked at, by name."""
    town = board.officers[1].municipality_id
    wanted: list[tuple[str, str, list[int], str]] = [
        ("board", "board", [], ""),
        ("board, as a table", "board", [], "?view=table"),
        ("board, by phase", "board", [], "?by=phase"),
        ("board, one town", "board", [], f"?town={town}"),
        ("board, what it could reuse", "board", [], f"?town={town}&who=could"),
        ("board, nobody yet", "board", [], "?who=nobody"),
        ("board, begun twice", "board", [], "?who=twice"),
        ("project", "project", [board.projects[len(board.projects) // 2]], ""),
        ("coverage", "coverage", [], ""),
        ("service", "service", [SERVICES[0]], ""),
        ("search", "search", [], "?q=akten"),
        ("questions", "question_list", [], ""),
        ("home", "home", [], ""),
    ]
    return {name: reverse(url, args=[board.network.slug, *more]) + query for name, url, more, query in wanted}


def measure(folder: Path, report: Report, *, times: int) -> None:
    """Add the rows: queries, bytes and time of the pages with 60 and with 600 projects, in turns."""
    boards = {size: make_board(f"board-{size}", size) for size in (PROJECTS, MANY)}
    pages = {size: addresses(board) for size, board in boards.items()}
    for name in pages[PROJECTS]:
        _queries(report, name, {size: (boards[size], pages[size][name]) for size in boards})
    with running(AppServer("daphne", folder)) as server:
        base = f"http://127.0.0.1:{server.port}"
        clients = {size: _reader(base, board.officer_cookies[1]) for size, board in boards.items()}
        weigh(report, clients[PROJECTS], f"board ({PROJECTS} projects, {TOWNS} towns)", pages[PROJECTS]["board"])
        for name in pages[PROJECTS]:
            _times(report, name, {size: (clients[size], pages[size][name]) for size in boards}, times)


def _reader(base: str, cookie: str) -> httpx.Client:
    client = browser(base, cookie)
    del client.headers["HX-Request"]
    client.headers["Accept-Encoding"] = "br, gzip"
    return client


def _queries(report: Report, name: str, asked: dict[int, tuple[Board, str]]) -> None:
    found = {size: count_queries(board.officers[1].person, address) for size, (board, address) in asked.items()}
    counts, statuses = {size: found[size][0] for size in found}, {found[size][1] for size in found}
    value = ", ".join(f"{count} with {size} projects" for size, count in counts.items())
    if statuses != {200}:
        value += f"; answered {sorted(statuses)}"
    good = len(set(counts.values())) == 1 and statuses == {200}
    figures = {str(size): count for size, count in counts.items()}
    report.add("queries", name, value, target="equal", good=good, figures=figures)


def _times(report: Report, name: str, asked: dict[int, tuple[httpx.Client, str]], times: int) -> None:
    """Ask for both pages in turns, so that what else the machine does hits both alike."""
    took: dict[int, list[float]] = {size: [] for size in asked}
    for turn in range(times + 2):
        for size, (client, address) in asked.items():
            sent = time.perf_counter()
            client.get(address).raise_for_status()
            if turn >= 2:  # the first fill what is kept in memory
                took[size].append(time.perf_counter() - sent)
    medians = {size: statistics.median(seconds) * 1000 for size, seconds in took.items()}
    ratio = medians[MANY] / medians[PROJECTS]
    value = ", ".join(f"{median:.0f} with {size} projects" for size, median in medians.items())
    figures = {str(size): median for size, median in medians.items()} | {"ratio": ratio}
    value = f"{value}; ratio {ratio:.2f}"
    if name in GROWING:
        report.add("ms", name, value, figures=figures)
    else:
        report.add("ms", name, value, target=f"<= {LIMIT} x", good=ratio <= LIMIT, figures=figures)
