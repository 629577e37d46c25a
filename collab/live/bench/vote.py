"""A vote under load: the voices of a thousand towns within a minute, while a thousand screens watch."""

from __future__ import annotations

import random
import statistics
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from collab.live.log import version_of
from collab.network.models import Role

from .latency import Bench, Times
from .processes import AppServer, DidNotStart, Swarm, running
from .report import Report
from .room import going_on, hold
from .world import CSRF, LANGUAGES, Room, Viewer, make_network, make_viewer, model

SECONDS, WITHIN = 55.0, 60.0
NEWEST_WITHIN = 2.0
WRITERS = 8
# Every so many towns press twice: the same form arrives a second time at the same moment.
TWICE = 20
ANSWERS = ("yes", "yes", "yes", "no", "abstain")
TEXT = "Die Kommunen führen die E-Akte gemeinsam ein."
PATIENCE = 120.0


@dataclass
class Hall(Room):
    """A meeting in session that the officers of all towns look at, and the vote that is open in it."""

    vote: int = 0
    officers: list[Viewer] = field(default_factory=list)

    @property
    def regions(self) -> list[str]:
        shown = [f"meeting-vote-{self.meeting.pk}", f"vote-progress-{self.vote}"]
        return [*super().regions, *shown]

    @property
    def changing(self) -> list[str]:
        return [f"vote-progress-{self.vote}"]


def make_hall(towns: int, screens: int) -> Hall:
    """Make a meeting whose network has so many towns, an officer in each, and a session per screen."""
    network = make_network("vote")
    office = make_viewer(network, Role.COORDINATOR, "de", 0)
    officers = [make_viewer(network, Role.OFFICER, LANGUAGES[number % 2], number) for number in range(towns)]
    # Everybody of these has a session: the office first, then the officers in their order.
    room = hold(network, "Jour fixe", [office, *officers], max(screens, towns + 1))
    return Hall(network, room.viewers, room.cookies, room.meeting, room.items, officers=officers)


def measure(server_name: str, folder: Path, report: Report, *, screens: int) -> None:
    """Add the rows: as many towns as screens."""
    hall = make_hall(screens, screens)
    with running(Swarm(folder)) as swarm, running(AppServer(server_name, folder)) as server:
        bench = Bench(server, swarm, hall, going_on(hall))
        _open(bench, hall)
        bench.open_screens(screens)
        bench.open_floor(screens)
        sent, wanted = _voices(bench, hall, report, screens)
        _close(bench, hall, report, screens, sent, wanted)


def _open(bench: Bench, hall: Hall) -> None:
    """Let the chair put a wording to the vote."""
    form = {"kind": "open", "text": TEXT, "request_id": str(uuid.uuid4())}
    answer = bench.chair.post(hall.path(f"items/{hall.items[0]}/vote/"), data=form)
    vote = model("meetings.Vote").objects.filter(meeting=hall.meeting).first()
    if vote is None:
        raise DidNotStart(f"the vote did not open: {answer.status_code}\n{answer.text[-2000:]}")
    hall.vote = vote.pk


@dataclass
class Sent:
    """What came of the towns' requests."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    last: float = 0.0


def _voices(bench: Bench, hall: Hall, report: Report, screens: int) -> tuple[Sent, Counter[str]]:
    """Let every town cast its voice, some of them twice; report when the last screen knows that all have voted."""
    towns, before = len(hall.officers), version_of(hall.network.pk)
    lots = random.Random(11)  # noqa: S311
    answers = [lots.choice(ANSWERS) for _ in range(towns)]
    moments = sorted(lots.uniform(0, SECONDS) for _ in range(towns))
    renders, cpu = bench.server.stats()["renders"], bench.server.cpu_seconds()
    bench.swarm.do("expect", group="screens", version=before + towns, regions=hall.changing, timeout=PATIENCE)
    began = time.monotonic()
    sent = _send(bench, hall, answers, moments, began)
    took = time.monotonic() - began
    arrived = bench.swarm.next_answer()
    name = f"{towns:,} towns, {screens:,} screens"
    accepted = sum(count for status, count in sent.statuses.items() if status < 300)
    refused = sum(sent.statuses.values()) - accepted
    median = statistics.median(sent.seconds) * 1000
    p95 = sorted(sent.seconds)[round(len(sent.seconds) * 0.95) - 1] * 1000
    report.add(
        f"{bench.server.server}, vote",
        f"{towns:,} voices, every {TWICE}th sent twice",
        f"in {took:.1f} s; {refused} refused; answered in {median:.0f} ms (p95 {p95:.0f})",
        target=f"<= {WITHIN:.0f} s",
        good=took <= WITHIN and not refused,
        figures={"seconds": took, "refused": refused, "statuses": dict(sent.statuses), "p95": p95},
    )
    bench.size = max(1, arrived["bytes"] // screens)
    floor = Times()
    for _ in range(6):
        bench.forward(floor)
    late = max(0.0, arrived["last"] - sent.last)
    base = statistics.median(floor.whole)
    report.add(
        f"{bench.server.server}, vote",
        f"s from the last voice to the last screen, {name}",
        f"{late:.2f} ({arrived['missing']} screens without it); floor {base:.3f}; ratio {late / base:.1f}",
        target=f"<= {NEWEST_WITHIN:.0f} s",
        good=late <= NEWEST_WITHIN and not arrived["missing"],
        figures={"seconds": late, "floor": base, "ratio": late / base, "missing": arrived["missing"]},
    )
    stats = bench.server.stats()
    report.add(
        f"{bench.server.server}, vote",
        f"renders and CPU of the vote, {name}",
        f"{stats['renders'] - renders} renders; {bench.server.cpu_seconds() - cpu:.1f} s of CPU",
        figures={"renders": stats["renders"] - renders},
    )
    return sent, Counter(answers)


def _send(bench: Bench, hall: Hall, answers: list[str], moments: list[float], began: float) -> Sent:
    """Send each town's voice at its moment; returns when each was sent and how long its answer took."""
    base, local, sent, lock = f"http://127.0.0.1:{bench.server.port}", threading.local(), Sent(), threading.Lock()

    def cast(number: int, form: dict[str, Any]) -> None:
        if not hasattr(local, "client"):
            local.client = httpx.Client(base_url=base, timeout=60, trust_env=False)
        time.sleep(max(0.0, began + moments[number] - time.monotonic()))
        town = hall.officers[number].membership.municipality_id
        headers = {"Cookie": hall.cookies[number + 1], "X-CSRFToken": CSRF, "HX-Request": "true"}
        pressed = time.monotonic()
        answer = local.client.post(hall.path(f"votes/{hall.vote}/towns/{town}/"), data=form, headers=headers)
        with lock:
            sent.last = max(sent.last, pressed)
            sent.seconds.append(time.monotonic() - pressed)
            sent.statuses[answer.status_code] += 1

    with ThreadPoolExecutor(WRITERS) as writers:
        jobs = []
        for number, answer in enumerate(answers):
            form = {"answer": answer, "reason": "", "request_id": str(uuid.uuid4())}
            jobs += [writers.submit(cast, number, form) for _ in range(2 if number % TWICE == 0 else 1)]
        for job in jobs:
            job.result()
    return sent


def _close(bench: Bench, hall: Hall, report: Report, screens: int, sent: Sent, wanted: Counter[str]) -> None:
    """Let the chair close the vote; report the result that was counted, and when all saw it."""
    vote = model("meetings.Vote").objects.get(pk=hall.vote)
    shown = [f"meeting-vote-{hall.meeting.pk}"]
    product, floor = Times(), Times()
    write = (hall.path(f"votes/{hall.vote}/close/"), {"version": vote.version})
    bench.change(product, write, regions=shown)
    bench.size = max(1, product.bytes // screens)
    bench.forward(floor)
    vote.refresh_from_db()
    found = {"yes": vote.decision.yes, "no": vote.decision.no, "abstain": vote.decision.abstain}
    rows = model("meetings.Voice").objects.filter(vote=vote)
    value = ", ".join(f"{answer} {found[answer]} of {wanted[answer]}" for answer in found)
    counted = rows.filter(replaced_at=None).count()
    report.add(
        f"{bench.server.server}, vote",
        "every voice counted once",
        f"{value}; {rows.count()} voices of {len(hall.officers)} towns, {counted} count",
        target="all, once",
        good=found == {answer: wanted[answer] for answer in found} and rows.count() == counted == len(hall.officers),
        figures={"found": found, "wanted": dict(wanted), "rows": rows.count()},
    )
    clicked, base = product.whole[0] * 1000, floor.whole[0] * 1000
    report.add(
        f"{bench.server.server}, vote",
        f"ms from the click until the last of {screens:,} screens has the result",
        f"{clicked:.0f}; floor {base:.0f}; ratio {clicked / base:.1f}; {bench.size / 1000:.0f} KB each",
        figures={"milliseconds": clicked, "floor": base, "bytes": bench.size},
    )
