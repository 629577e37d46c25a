"""One run: prepares the folder, measures part after part, shows the table."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command

from . import board, burst, claim, latency, pages, scale, vote
from . import room as rooms
from .processes import allow_many_files
from .report import Report, machine
from .world import make_room

SIZES = (25, 100, 500, 1000)
SPARE_FILES = 500
PARTS = ("latency", "burst", "room", "claim", "vote", "board", "pages", "scale")


def run(folder: Path, options: dict[str, Any]) -> int:
    """Measure as the options of `bench_live` say; returns the exit code: 1 when a figure misses its target."""
    started, report = time.monotonic(), Report()
    most = min(options["clients"], (allow_many_files() - SPARE_FILES) // 2)
    parts = options["only"] or PARTS
    about = machine()
    where = f"{about['cores']} cores, {about['memory']}, Python {about['python']}, load {about['load_before']}"
    print(f"{about['at']}, {where}")
    print("Server and clients share these cores; compare ratios, not times.\n", flush=True)
    call_command("migrate", verbosity=0, interactive=False)
    if options["static"]:
        (folder / "static").symlink_to(options["static"].resolve())
    else:
        call_command("collectstatic", verbosity=0, interactive=False)
    room = make_room(most + burst.DEAF) if {"latency", "burst"} & set(parts) else None
    sizes = sorted({size for size in SIZES if size < most} | {most})
    servers = ["daphne", "uvicorn"] if options["server"] == "both" else [options["server"]]
    if room and "latency" in parts:
        for server in servers:
            latency.measure(server, room, folder, report, sizes=sizes, changes=options["changes"])
    if room and "burst" in parts:
        burst.measure(servers[0], room, folder, report, screens=most, changes=options["burst"])
    if "room" in parts:
        rooms.measure(
            servers[0], folder, report, screens=most, changes=options["changes"], seconds=options["reports_within"]
        )
    if "claim" in parts:
        for server in servers:
            claim.measure(server, folder, report, screens=most, changes=options["changes"])
    if "vote" in parts:
        for server in servers:
            vote.measure(server, folder, report, screens=most)
    if "board" in parts:
        board.measure(folder, report, times=options["changes"])
    if "pages" in parts:
        pages.measure(folder, report)
    if "scale" in parts:
        scale.measure(
            folder,
            report,
            networks=options["networks"],
            years=options["years"],
            databases=options["databases"],
        )
    if options["json"]:
        report.write(options["json"], " ".join([os.path.basename(sys.argv[0]), *sys.argv[1:]]))
    if options["markdown"]:
        options["markdown"].write_text(report.markdown() + "\n")
    print(f"\n{time.monotonic() - started:.0f} s; {len(report.missed)} of {len(report.rows)} figures miss their target")
    return 1 if report.missed else 0
