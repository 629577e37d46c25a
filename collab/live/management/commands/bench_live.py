from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

RUN_IN = "COLLAB_BENCH_FOLDER"


class Command(BaseCommand):
    """Runs itself again with a temporary data folder, so that it never touches the data of this installation."""

    help = "Measures the live layer with real servers and real clients beside a floor, and the weight of the pages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=int, default=1000, help="the largest number of screens (1000)")
        parser.add_argument("--changes", type=int, default=30, help="changes measured at each number of screens (30)")
        parser.add_argument("--json", type=Path, help="also write the figures to this file")
        parser.add_argument("--markdown", type=Path, help="also write the table for docs/benchmarks.md to this file")
        parser.add_argument("--server", choices=["daphne", "uvicorn", "both"], default="both")
        parts = ["latency", "burst", "room", "claim", "vote", "board", "pages", "scale"]
        parser.add_argument("--only", choices=parts, action="append", help="only this part")
        parser.add_argument("--burst", type=int, default=200, help="changes of the burst in 10 s (200)")
        parser.add_argument("--reports-within", type=float, default=60, help="seconds for the reports of 22 towns (60)")
        parser.add_argument("--networks", type=int, help="networks of the country (all 294)")
        parser.add_argument("--years", type=int, default=10, help="years of the country (10)")
        both = "URLs of a small demo and of the country that were made before"
        parser.add_argument("--databases", nargs=2, metavar="URL", help=both)
        parser.add_argument("--static", type=Path, help="scripts and styles that were collected already")

    def handle(self, *args: Any, **options: Any) -> None:
        if RUN_IN in os.environ:
            from collab.live.bench.run import run

            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
            sys.exit(run(Path(os.environ[RUN_IN]), options))
        with tempfile.TemporaryDirectory(prefix="collab-bench-", ignore_cleanup_errors=True) as folder:
            sys.exit(again(Path(folder)))


def again(folder: Path) -> int:
    """Run this command in a process whose settings point to the folder; returns its exit code."""
    dropped = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "HTTPS"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    environment = {**kept, "DEMO": "1", "DATA_DIR": str(folder), RUN_IN: str(folder), "LOG_LEVEL": "WARNING"}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *sys.argv[1:]]
    child = subprocess.Popen(command, env=environment)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # Ctrl-C reaches the child too, which ends what it started
