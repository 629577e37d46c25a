"""How long until the last screen has a change, how much is rendered for it, and what that costs the server."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from collab.live.log import version_of

from .processes import AppServer, DidNotStart, Swarm, running
from .report import Report
from .world import Place, Room, browser

FLOOR = "floor-1"
LIMIT, FROM = 1.5, 100
PATIENCE, PAUSE = 20.0, 0.3


@dataclass
class Times:
    """What one kind of change took, at one number of screens."""

    seconds: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    cpu: float = 0.0
    bytes: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) * 1000

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[max(0, round(len(self.seconds) * 0.95) - 1)] * 1000

    def __str__(self) -> str:
        return f"{self.median:.0f} (p95 {self.p95:.0f})"


Write = tuple[str, dict[str, Any]]


class Bench:
    """One server, its screens, and the floor beside them."""

    def __init__(self, server: AppServer, swarm: Swarm, room: Place, writes: Iterator[Write]) -> None:
        self.server, self.swarm, self.room, self.writes = server, swarm, room, writes
        self.chair = browser(f"http://127.0.0.1:{server.port}", room.cookies[0])
        self.size = self.forwarded = 0

    def open_screens(self, count: int) -> float:
        version = version_of(self.room.network.pk)
        tickets = [self.room.ticket(number, self.server.port, version=version) for number in range(count)]
        return float(self.swarm.do("open", group="screens", tickets=tickets)["seconds"])

    def open_floor(self, count: int) -> None:
        ticket = self.room.ticket(0, self.server.port, version=0)
        bare = {**ticket, "path": "/bench/ws/", "cookie": "", "kind": "floor", "regions": []}
        self.swarm.do("open", group="floor", tickets=[bare] * count)

    def keep(self, count: int) -> None:
        """Close all but `count` screens of both kinds; return when the server knows."""
        for group in ("screens", "floor"):
            self.swarm.do("close", group=group, keep=count)
        self.server.wait_until(lambda: self.server.stats()["sockets"] == count)
        time.sleep(0.3)

    def change(
        self,
        times: Times,
        write: Write | None = None,
        *,
        by: httpx.Client | None = None,
        regions: Sequence[str] = (),
        group: str = "screens",
    ) -> None:
        """Let somebody (the chair) change something; note how long after the answer the last screen had it."""
        path, data = write or next(self.writes)
        version = version_of(self.room.network.pk) + 1
        before = self.server.cpu_seconds()
        changing = list(regions or self.room.changing)
        self.swarm.do("expect", group=group, version=version, regions=changing, timeout=PATIENCE)
        sent = time.monotonic()
        answer = (by or self.chair).post(path, data=data)
        self._finish(times, answer, before, sent)

    def forward(self, times: Times) -> None:
        """Let the floor forward a text as long as what a screen gets for a change."""
        before = self.server.cpu_seconds()
        self.forwarded += 1
        self.swarm.do("expect", group="floor", version=self.forwarded, regions=[FLOOR], timeout=PATIENCE)
        sent = time.monotonic()
        answer = self.chair.post("/bench/forward/", params={"size": self.size})
        self._finish(times, answer, before, sent)

    def _finish(self, times: Times, answer: Any, cpu_before: float, sent: float) -> None:
        answered = time.monotonic()
        if not answer.is_success:
            raise DidNotStart(f"{answer.status_code} {answer.url}\n{self.server.log[-3000:]}")
        arrived = self.swarm.next_answer()
        if arrived["missing"]:
            raise DidNotStart(f"{arrived['missing']} regions did not arrive\n{self.server.log[-3000:]}")
        times.seconds.append(max(0.0, arrived["last"] - answered))
        times.whole.append(arrived["last"] - sent)
        times.bytes = arrived["bytes"]
        # The hub rests for as long as it worked; what comes meanwhile is for the burst to measure.
        time.sleep(PAUSE)
        times.cpu += self.server.cpu_seconds() - cpu_before


def _writes(room: Room) -> Iterator[Write]:
    """Yield what the chair does: going on to another item and putting an item elsewhere take turns."""
    room.meeting.refresh_from_db()
    active = room.meeting.active_item_id
    for turn in itertools.count():
        others = [item for item in room.items if item != active]
        item = others[turn % len(others)]
        yield room.path(f"items/{item}/activate/"), {"expected": active}
        active = item
        before = others[(turn + 3) % len(others)]
        if before != item:
            yield room.path(f"items/{item}/move/"), {"before": before}


def measure(server_name: str, room: Room, folder: Path, report: Report, *, sizes: list[int], changes: int) -> None:
    """Add one server's rows to the report."""
    with running(Swarm(folder)) as swarm, running(AppServer(server_name, folder)) as server:
        bench = Bench(server, swarm, room, _writes(room))
        for _ in range(3):
            bench.chair.get(room.path(f"meetings/{room.meeting.pk}/"))
        report_idle(bench, report, max(sizes))
        bench.open_floor(max(sizes))
        for count in sorted(sizes, reverse=True):
            bench.keep(count)
            _one_size(bench, report, count, changes)


def report_idle(bench: Bench, report: Report, count: int, what: str = "an idle connection") -> None:
    """Open the screens; report what they cost as long as nothing happens."""
    time.sleep(1)
    empty, cpu = bench.server.memory(), bench.server.cpu_seconds()
    seconds = bench.open_screens(count)
    cpu = bench.server.cpu_seconds() - cpu
    time.sleep(1)
    each = (bench.server.memory() - empty) / count / 1024
    report.add(
        bench.server.server,
        f"memory of {what} ({count:,} open)",
        f"{each:.0f} KB (server without any: {empty / 2**20:.0f} MB)",
        figures={"kilobytes": each, "empty_bytes": empty, "seconds_to_open": seconds, "cpu_to_open": cpu},
    )
    report.add(bench.server.server, f"{count:,} screens signed on", f"in {seconds:.1f} s; {cpu:.1f} s of CPU")


def _one_size(bench: Bench, report: Report, count: int, changes: int) -> None:
    warm = Times()
    for _ in range(3):
        bench.change(warm)
    bench.size = warm.bytes // count
    bench.forward(Times())
    product, floor = Times(), Times()
    renders = bench.server.stats()["renders"]
    for _ in range(changes):
        bench.change(product)
        bench.forward(floor)
    stats = bench.server.stats()
    report_times(report, bench, count, product, floor)
    report_renders(report, bench, count, (stats["renders"] - renders) / changes, stats["viewers"])


def report_times(
    report: Report, bench: Bench, count: int, product: Times, floor: Times, what: str = "a change"
) -> None:
    ratio = product.median / max(floor.median, 0.001)
    clicked, bare_clicked = (statistics.median(times.whole) * 1000 for times in (product, floor))
    binding = count >= FROM
    report.add(
        bench.server.server,
        f"ms until the last of {count:,} screens has {what}",
        f"{product}; floor {floor}; ratio {ratio:.2f}; from the click {clicked:.0f} (floor {bare_clicked:.0f})",
        target=f"<= {LIMIT} x floor" if binding else "",
        good=ratio <= LIMIT if binding else None,
        figures={
            "screens": count,
            "milliseconds": product.median,
            "p95": product.p95,
            "floor": floor.median,
            "floor_p95": floor.p95,
            "ratio": ratio,
            "milliseconds_from_request": clicked,
            "floor_from_request": bare_clicked,
            "bytes_per_screen": bench.size,
        },
    )
    cpu, bare = (times.cpu / len(times.seconds) * 1000 for times in (product, floor))
    report.add(
        bench.server.server,
        f"server CPU ms per {what.removeprefix('a ')}, {count:,} screens",
        f"{cpu:.0f} with the request; floor {bare:.0f}",
        figures={"milliseconds": cpu, "floor": bare},
    )


def report_renders(
    report: Report, bench: Bench, count: int, renders: float, viewers: dict[str, Any], what: str = "change"
) -> None:
    wanted = sum(len(viewers[region]) for region in bench.room.changing)
    report.add(
        bench.server.server,
        f"renders per {what}, {count:,} screens",
        f"{renders:g} ({len(bench.room.changing)} regions, audience x language: {wanted})",
        target=f"= {wanted}",
        good=renders == wanted,
        figures={"renders": renders, "viewers": {region: viewers[region] for region in bench.room.changing}},
    )
