"""The benchmark runs from end to end with few screens: what it says about speed is not judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, collected_static

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.sqlite_only]


def run_bench(folder: Path, *arguments: str) -> list[dict]:
    """Return the rows of a small run; its exit code may be 1, for a busy machine misses times."""
    out = folder / "bench.json"
    command = [sys.executable, "manage.py", "bench_live", "--clients", "10", "--json", str(out), *arguments]
    command += ["--server", "daphne", "--static", str(collected_static())]
    environment = {**os.environ, "DEMO": "1", "DATA_DIR": str(folder)}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert ran.returncode in (0, 1) and out.exists(), ran.stdout + ran.stderr
    return json.loads(out.read_text())["rows"]


def row_of(rows: list[dict], name: str) -> dict:
    return next(row for row in rows if row["name"].startswith(name))


def test_ten_screens_get_every_change_and_each_region_is_rendered_once_per_audience_and_language(
    tmp_path: Path,
) -> None:
    rows = run_bench(tmp_path, "--only", "latency", "--changes", "3")
    assert row_of(rows, "renders per change")["good"], rows
    figures = row_of(rows, "ms until the last of 10 screens")["figures"]
    assert figures["milliseconds"] >= 0 and figures["floor"] >= 0 and figures["bytes_per_screen"] > 1000


def test_a_burst_with_a_redis_restart_leaves_every_screen_at_the_newest_version(tmp_path: Path) -> None:
    rows = run_bench(tmp_path, "--only", "burst", "--burst", "20")
    assert row_of(rows, "regions that are not the newest")["figures"]["wrong"] == 0, rows
    assert row_of(rows, "20 changes")["good"], rows


def test_in_the_room_every_screen_gets_next_and_the_reports_and_other_meetings_cost_nothing(tmp_path: Path) -> None:
    rows = run_bench(tmp_path, "--only", "room", "--changes", "2", "--reports-within", "1")
    for name in ('ms until the last of 10 screens has "next"', "ms until the last of 10 screens has a report"):
        assert row_of(rows, name)["figures"]["milliseconds"] >= 0
    assert row_of(rows, "reports of 4 towns")["figures"]["renders"] > 0
    assert row_of(rows, "renders per change, 10 screens")["good"], rows
    # Of its own meeting's regions, nobody's elsewhere.
    assert [row["good"] for row in rows if row["name"] == "renders per change"] == [True], rows


def test_a_claim_reaches_every_board_and_changes_one_row_and_the_news(tmp_path: Path) -> None:
    rows = run_bench(tmp_path, "--only", "claim", "--changes", "2")
    assert row_of(rows, "ms until the last of 10 screens has a claim")["figures"]["bytes_per_screen"] > 1000
    assert row_of(rows, "renders per claim")["good"], rows
    # A region for each of 60 projects, the list they stand in, and the news.
    assert row_of(rows, "bytes per claim and board")["figures"]["regions"] == 62


def test_pages_of_the_board_ask_the_database_as_often_with_60_projects_as_with_600(tmp_path: Path) -> None:
    rows = run_bench(tmp_path, "--only", "board", "--changes", "1")
    queries = {row["name"]: row for row in rows if row["group"] == "queries"}
    assert {"board", "project", "coverage", "search"} <= queries.keys()
    assert all(row["good"] for row in queries.values()), rows
    assert all(row["figures"]["ratio"] > 0 for row in rows if row["group"] == "ms")


def test_a_missed_target_makes_the_command_fail(tmp_path: Path) -> None:
    from collab.live.bench.report import Report

    report = Report()
    report.add("a", "fast enough", "1", target="<= 2", good=True)
    assert not report.missed
    report.add("a", "too slow", "3", target="<= 2", good=False)
    assert [row.name for row in report.missed] == ["too slow"]
