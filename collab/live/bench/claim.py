"""A claim: an officer's town takes on a project, and a thousand boards show it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .board import PROJECTS, TOWNS, Board, make_board
from .latency import Bench, Times, report_idle, report_renders, report_times
from .processes import AppServer, Swarm, running
from .report import Report
from .world import browser


def measure(server_name: str, folder: Path, report: Report, *, screens: int, changes: int) -> None:
    """Add the rows: claims of officers of all towns on everybody's board, each beside the floor."""
    board = make_board("claim", PROJECTS, screens)
    with running(Swarm(folder)) as swarm, running(AppServer(server_name, folder)) as server:
        base = f"http://127.0.0.1:{server.port}"
        board.look(base)
        bench = Bench(server, swarm, board, iter(()))
        report_idle(bench, report, screens, what=f"an open board with {len(board.regions)} regions")
        bench.open_floor(screens)
        _claims(bench, board, report, screens, changes)


def _claims(bench: Bench, board: Board, report: Report, screens: int, changes: int) -> None:
    claims = Claims(bench, board)
    warm = Times()
    for _ in range(3):
        claims.make(warm)
    bench.size = warm.bytes // screens
    bench.forward(Times())
    product, floor = Times(), Times()
    before = bench.server.stats()["renders"]
    for _ in range(changes):
        claims.make(product)
        bench.forward(floor)
    stats = bench.server.stats()
    report_times(report, bench, screens, product, floor, what="a claim")
    report_renders(report, bench, screens, (stats["renders"] - before) / changes, stats["viewers"], what="claim")
    report.add(
        bench.server.server,
        f"bytes per claim and board, {PROJECTS} projects, {TOWNS} towns",
        f"{product.bytes / screens / 1000:.1f} KB in {len(board.changing)} regions of {len(board.regions)}",
        figures={"bytes": product.bytes // screens, "regions": len(board.regions)},
    )


class Claims:
    """Officers of all towns claim what nobody leads, one after the other."""

    def __init__(self, bench: Bench, board: Board) -> None:
        self.bench, self.board = bench, board
        self._next: Iterator[tuple[int, int]] = board.claims()
        base = f"http://127.0.0.1:{bench.server.port}"
        self._officers = [browser(base, cookie) for cookie in board.officer_cookies]

    def make(self, times: Times) -> None:
        """Let the next town claim the next project; it is awaited on every board."""
        project, town = next(self._next)
        write = (self.board.path(f"projects/{project}/take-on/"), {"role": "lead"})
        self.bench.change(times, write, by=self._officers[town], regions=self.board.changed_by(project))
