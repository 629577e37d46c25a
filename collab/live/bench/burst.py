"""Nothing is lost: many changes at once, screens that do not read, and a Redis that restarts in between."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from collab.live.log import version_of

from .processes import AppServer, Redis, Swarm, running
from .report import Report
from .world import Room, browser

DEAF = 4
SECONDS = 10.0
PATIENCE = 30.0
WRITERS = 8


class Restart:
    """A Redis that can be stopped and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.redis = folder, Redis(folder)
        self.url = self.redis.url

    def restart(self, pause: float = 1.0) -> None:
        self.redis.stop()
        time.sleep(pause)
        self.redis = Redis(self.folder, self.redis.port)

    def stop(self) -> None:
        self.redis.stop()


def measure(server_name: str, room: Room, folder: Path, report: Report, *, screens: int, changes: int) -> None:
    """Add the rows: two server processes share the screens, one takes the writes, Redis tells the other."""
    with (
        running(Swarm(folder)) as swarm,
        running(Restart(folder)) as redis,
        running(AppServer(server_name, folder, REDIS_URL=redis.url)) as first,
        running(AppServer(server_name, folder, REDIS_URL=redis.url)) as second,
    ):
        swarm.do("record", keeps=True, returns=True)
        for number, server in enumerate((first, second)):
            mine = range(number, screens, 2)
            tickets = [room.ticket(n, server.port, version=-1) for n in mine]
            deaf = [room.ticket(screens + n, server.port, version=-1, reads=False) for n in range(number, DEAF, 2)]
            swarm.do("open", group="screens", tickets=tickets + deaf)
        took, refused = _write(first, room, changes, redis)
        _judge(report, room, swarm, first, took, refused, screens, changes)


def _write(server: AppServer, room: Room, changes: int, redis: Restart) -> tuple[float, int]:
    """Make the changes at an even pace, with a restart of Redis halfway.

    Returns the seconds until the last answer and the number of requests that were not answered with success.
    """
    base = f"http://127.0.0.1:{server.port}"
    local = threading.local()
    restart = threading.Timer(SECONDS / 2, redis.restart)
    started = time.monotonic()
    lots = random.Random(7)  # noqa: S311
    pairs = [lots.sample(room.items, 2) for _ in range(changes)]

    def write(number: int) -> bool:
        if not hasattr(local, "chair"):
            local.chair = browser(base, room.cookies[0])
        time.sleep(max(0.0, started + number * SECONDS / changes - time.monotonic()))
        item, before = pairs[number]
        return bool(local.chair.post(room.path(f"items/{item}/move/"), data={"before": before}).is_success)

    restart.start()
    with ThreadPoolExecutor(WRITERS) as writers:
        answers = list(writers.map(write, range(changes)))
    took = time.monotonic() - started
    restart.join()
    return took, answers.count(False)


def _judge(
    report: Report,
    room: Room,
    swarm: Swarm,
    server: AppServer,
    took: float,
    refused: int,
    screens: int,
    changes: int,
) -> None:
    answered = time.monotonic()
    # The truth is asked for each time: at midnight it becomes another one.
    while (wrong := _wrong(found := swarm.do("shown", group="screens"), _truth(room, server))) and (
        time.monotonic() - answered < PATIENCE
    ):
        time.sleep(0.3)
    settled = time.monotonic() - answered
    group = f"{server.server} x2, Redis"
    written = f"{changes - refused} of {changes} answered in {took:.1f} s"
    report.add(
        group,
        f"{changes} changes in {SECONDS:.0f} s",
        written,
        target="all, <= 12 s",
        good=refused == 0 and took <= 1.2 * SECONDS,
    )
    kept = screens * len(room.regions)
    report.add(
        group,
        f"regions that are not the newest on {screens:,} screens",
        f"{wrong} of {kept:,}; all right {settled:.1f} s after the last answer; {found['came_back']} came back",
        target="0",
        good=wrong == 0,
        figures={
            "wrong": wrong,
            "seconds": settled,
            "writing_seconds": took,
            "version": version_of(room.network.pk),
            "deaf_screens": DEAF,
            "came_back": found["came_back"],
            "closings": found["closings"],
        },
    )


def _truth(room: Room, server: AppServer) -> dict[str, dict[str, str]]:
    """Return for each kind of viewer the digest of each region as the server renders it now for a screen that polls."""
    truth: dict[str, dict[str, str]] = {}
    for number, viewer in enumerate(room.viewers):
        if viewer.kind in truth:
            continue
        with browser(f"http://127.0.0.1:{server.port}", room.cookies[number]) as client:
            answer = client.get(room.path("live/"), params={"v": -1, "r": room.regions}).raise_for_status().json()
        truth[viewer.kind] = {
            region["id"]: hashlib.sha256(region["html"].encode()).hexdigest() for region in answer["regions"]
        }
    return truth


def _wrong(found: dict[str, Any], truth: dict[str, dict[str, str]]) -> int:
    """Return how many regions on all screens differ from the truth."""
    return sum(
        count
        for kind, regions in found["shown"].items()
        for region, seen in regions.items()
        for _version, digest, count in seen
        if digest != truth[kind].get(region)
    )
