"""The room: a thousand people in one meeting, and a hundred meetings at once on one server process."""

from __future__ import annotations

import itertools
import random
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from collab.network.models import Network, Role

from .latency import FROM, Bench, Times, Write, report_renders, report_times
from .processes import AppServer, Swarm, running
from .report import Report
from .world import LANGUAGES, ROLES, Room, Viewer, browser, make_item, make_meeting, make_network, make_viewer, model
from .world import sign_in as signed_in

TOWNS, FEW_TOWNS = 22, 4  # few in a run with few screens
ITEMS, ROUND = 12, 6
PEOPLE = 10  # in each of many meetings
LIMIT = 1.5
PER_SECOND = 100 / 60  # changes in a hundred meetings: one in each every minute
STORM = 4.0  # one in each every 25 seconds: to see where it ends, without a target
WRITERS = 4


def measure(server: str, folder: Path, report: Report, *, screens: int, changes: int, seconds: float) -> None:
    """Add the rows of both measurements; `seconds` is the time in which the towns send their reports."""
    one_meeting(server, folder, report, screens=screens, changes=changes, seconds=seconds)
    many_meetings(server, folder, report, meetings=max(2, screens // PEOPLE), changes=changes)


# -- one meeting ------------------------------------------------------------------------------------------------------


def make_hall(screens: int) -> tuple[Room, dict[int, str]]:
    """Make a meeting in session that everybody looks at; returns it with the cookie of an officer of each town."""
    network = make_network("hall")
    people = [make_viewer(network, Role.COORDINATOR, "de", 0)]
    for number in range(TOWNS if screens >= FROM else FEW_TOWNS):
        people += [make_viewer(network, Role.OFFICER, language, number) for language in LANGUAGES]
        people.append(make_viewer(network, Role.MAYOR, LANGUAGES[number % 2], number))
    room = hold(network, "Jour fixe", people, screens)
    officers = [viewer for viewer in people if viewer.membership.role == Role.OFFICER][:: len(LANGUAGES)]
    return room, dict(enumerate(signed_in([viewer.membership.person for viewer in officers])))


def hold(network: Network, title: str, people: list[Viewer], screens: int, **more: Any) -> Room:
    """Make a meeting in session with an agenda and a round in it, and a session for each screen."""
    meeting = make_meeting(network, title, timezone.localdate(), **more)
    kinds = ["round" if number == ROUND else "discussion" for number in range(ITEMS)]
    agenda = [make_item(meeting, number, kind=kind).pk for number, kind in enumerate(kinds)]
    meeting.state, meeting.opened_at, meeting.active_item_id = "open", timezone.now(), agenda[0]
    meeting.save()
    cookies = signed_in([people[number % len(people)].membership.person for number in range(screens)])
    return Room(network, people, cookies, meeting, agenda)


def going_on(room: Room) -> Iterator[Write]:
    """Yield what the chair presses: next, item after item; then the agenda is as it was and begins again."""
    for number in itertools.cycle(range(ITEMS)):
        active = {"expected": room.items[number]}
        if number == ITEMS - 1:
            yield room.path(f"items/{room.items[0]}/activate/"), active
            continue
        if number == 0:
            untreated = {"state": "planned", "finished_at": None}
            model("meetings.AgendaItem").objects.filter(meeting=room.meeting).update(**untreated)
        yield room.path(f"meetings/{room.meeting.pk}/next/"), active


def one_meeting(server_name: str, folder: Path, report: Report, *, screens: int, changes: int, seconds: float) -> None:
    """Add the rows: "next" for everybody, then the reports of the towns, each beside the floor."""
    room, officers = make_hall(screens)
    with running(Swarm(folder)) as swarm, running(AppServer(server_name, folder)) as server:
        bench = Bench(server, swarm, room, going_on(room))
        empty = server.memory()
        bench.open_screens(screens)
        bench.open_floor(screens)
        _next(bench, report, screens, changes)
        _reports(bench, room, report, screens, officers, seconds)
        held = (server.memory() - empty) / 2**20
        text = (
            f"{server.memory() / 2**20:.0f} MB, {held:.0f} MB of it since {screens:,} screens came, with as many bare"
        )
        report.add(f"{server_name}, room", "memory at the end of the meeting", text, figures={"megabytes": held})


def _next(bench: Bench, report: Report, screens: int, changes: int) -> None:
    warm = Times()
    for _ in range(2):
        bench.change(warm)
    bench.size = warm.bytes // screens
    bench.forward(Times())
    product, floor = Times(), Times()
    before = bench.server.stats()["renders"]
    for _ in range(changes):
        bench.change(product)
        bench.forward(floor)
    stats = bench.server.stats()
    report_times(report, bench, screens, product, floor, what='"next"')
    report_renders(report, bench, screens, (stats["renders"] - before) / changes, stats["viewers"])


def _reports(bench: Bench, room: Room, report: Report, screens: int, officers: dict[int, str], seconds: float) -> None:
    """Let every town send its report, spread over the time; each is awaited on every screen."""
    room.meeting.refresh_from_db()
    item = room.items[ROUND]
    if room.meeting.active_item_id != item:
        bench.change(Times(), (room.path(f"items/{item}/activate/"), {"expected": room.meeting.active_item_id}))
    product, floor = Times(), Times()
    began, renders = time.monotonic(), bench.server.stats()["renders"]
    shown = [f"meeting-round-{room.meeting.pk}"]
    for number, cookie in officers.items():
        time.sleep(max(0.0, began + number * seconds / len(officers) - time.monotonic()))
        texts = {"news": f"Die E-Akte läuft in Amt {number}. " * 5, "needs": "Ein Muster", "offers": "Ein Beamer"}
        with browser(f"http://127.0.0.1:{bench.server.port}", cookie) as officer:
            write = (room.path(f"items/{item}/report/?in=room"), {**texts, "version": 0})
            bench.change(product, write, by=officer, regions=shown)
        bench.size = product.bytes // screens
        bench.forward(floor)
    took = time.monotonic() - began
    stats = bench.server.stats()
    report_times(report, bench, screens, product, floor, what="a report")
    renders_each = (stats["renders"] - renders) / len(officers)
    report.add(
        f"{bench.server.server}, room",
        f"reports of {len(officers)} towns on {screens:,} screens",
        f"in {took:.0f} s; {renders_each:g} renders each; CPU {product.cpu:.1f} s in all",
        figures={"seconds": took, "renders": renders_each, "cpu_seconds": product.cpu},
    )


# -- many meetings ----------------------------------------------------------------------------------------------------


@dataclass
class Others:
    """The meetings beside the one that is measured, and what happens in them meanwhile."""

    server: AppServer
    rooms: list[Room]
    per_second: float
    pressed: int = 0
    refused: int = 0

    def __enter__(self) -> Others:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._press)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _press(self) -> None:
        lots = random.Random(5)  # noqa: S311
        turns = [(room, going_on(room), threading.Lock()) for room in self.rooms]
        base = f"http://127.0.0.1:{self.server.port}"
        local = threading.local()

        def go(which: int) -> None:
            room, writes, mine = turns[which]
            if not hasattr(local, "chair"):
                local.chair = browser(base, room.cookies[0])  # the coordinator leads them all
            with mine:
                path, data = next(writes)
                answer = local.chair.post(path, data=data)
            self.pressed += 1
            self.refused += not answer.is_success

        with ThreadPoolExecutor(WRITERS) as writers:
            while not self._over.wait(lots.expovariate(self.per_second)):
                writers.submit(go, lots.randrange(len(turns)))


def make_rooms(meetings: int) -> list[Room]:
    """Make meetings of as many groups of one network, all in session, with ten people each; one of them leads all."""
    network = make_network("many")
    roles = [ROLES[number % len(ROLES)] for number in range(PEOPLE)]
    people = [make_viewer(network, role, LANGUAGES[number % 2], number) for number, role in enumerate(roles)]
    rooms = []
    for number in range(meetings):
        group = model("workgroups.Group").objects.create(network=network, kind="working_group", name=f"Gruppe {number}")
        rooms.append(hold(network, f"Sitzung {number}", people, PEOPLE, group=group))
    return rooms


def many_meetings(server_name: str, folder: Path, report: Report, *, meetings: int, changes: int) -> None:
    """Add the rows: one meeting alone, beside many that are quiet, and beside many in which much happens."""
    rooms = make_rooms(meetings)
    room, others = rooms[0], rooms[1:]
    with running(Swarm(folder)) as swarm, running(AppServer(server_name, folder)) as server:
        bench = Bench(server, swarm, room, going_on(room))
        bench.open_screens(PEOPLE)
        _press(bench, 3)
        alone = _press(bench, changes)
        for other in others:
            tickets = [other.ticket(number, server.port, version=0) for number in range(PEOPLE)]
            swarm.do("open", group="others", tickets=tickets)
        quiet = _press(bench, changes)
        renders, cpu, began = server.stats()["renders"], server.cpu_seconds(), time.monotonic()
        with Others(server, others, PER_SECOND * meetings / 100) as busy:
            moved = _press(bench, changes)
        took, stats = time.monotonic() - began, server.stats()
        share = (server.cpu_seconds() - cpu) / took
        with Others(server, others, STORM * meetings / 100):
            stormy = _press(bench, changes)
        all_changes = busy.pressed + changes
        each = (stats["renders"] - renders) / all_changes
        group = f"{server_name}, {meetings} rooms"
        _compare(report, group, "one meeting alone", alone, None)
        _compare(report, group, f"beside {len(others)} others at rest", quiet, alone)
        _compare(report, group, f"beside {len(others)} others with {busy.pressed / took:.1f} changes/s", moved, alone)
        storm = f"beside {len(others)} others with a change every 25 s in each"
        _compare(report, group, storm, stormy, alone, limit=None)
        wanted = sum(len(stats["viewers"][region]) for region in room.changing)
        value = f"{each:.1f} of {wanted} in its own meeting; {busy.refused} of {all_changes} refused"
        report.add(group, "renders per change", value, target=f"<= {wanted}", good=each <= wanted and not busy.refused)
        memory = f"{share * 100:.0f} % of a core; {server.memory() / 2**20:.0f} MB"
        report.add(group, "CPU and memory meanwhile", memory, figures={"share": share, "bytes": server.memory()})


def _press(bench: Bench, times: int) -> Times:
    found = Times()
    for _ in range(times):
        bench.change(found)
    return found


def _compare(
    report: Report, group: str, name: str, times: Times, base: Times | None, limit: float | None = LIMIT
) -> None:
    """Times from the click, for here the request itself is what others could slow down."""
    found = statistics.median(times.whole) * 1000
    p95 = sorted(times.whole)[max(0, round(len(times.whole) * 0.95) - 1)] * 1000
    value, figures = f"{found:.0f} (p95 {p95:.0f})", {"milliseconds": found, "p95": p95}
    if base is None:
        report.add(group, f"ms from the click: {name}", value, figures=figures)
        return
    ratio = found / (statistics.median(base.whole) * 1000)
    value, figures["ratio"] = f"{value}; ratio {ratio:.2f}", ratio
    if limit is None:
        report.add(group, f"ms: {name}", value, figures=figures)
    else:
        report.add(group, f"ms: {name}", value, target=f"<= {limit} x alone", good=ratio <= limit, figures=figures)
