"""The whole country: every list and every search of one network, beside the same with one year of three networks."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings

from .processes import DidNotStart, Process, running
from .report import Report

SMALL, COUNTRY = "small", "country"
SMALL_DEMO = ["--networks", "3", "--years", "1"]
SLUG = "ortenaukreis"
LIMIT = 1.5
TIMES = 9


class Reader(Process):
    """A process that reads one database (`reader.py`)."""

    def __init__(self, folder: Path, name: str, url: str) -> None:
        own = {"DJANGO_SETTINGS_MODULE": "collab.settings", "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
        super().__init__([sys.executable, "-m", "collab.live.bench.reader"], folder, "swarm", **own)
        self.name = name

    def ask(self, **asked: Any) -> dict[str, Any]:
        """Return its answer; raises DidNotStart where it has none."""
        pipe = cast(IO[bytes], self.child.stdin)
        pipe.write(json.dumps(asked).encode() + b"\n")
        pipe.flush()
        line = cast(IO[bytes], self.child.stdout).readline()
        answer = json.loads(line) if line else {"error": f"the reader of {self.name} ended\n{self.log[-2000:]}"}
        if "error" in answer:
            raise DidNotStart(f"{asked}: {answer['error']}")
        return answer


def measure(folder: Path, report: Report, *, networks: int | None, years: int, databases: list[str] | None) -> None:
    """Add the rows; the databases are made anew where none are given."""
    with ExitStack() as stack:
        urls = databases or stack.enter_context(_made(report, networks, years))
        small, country = (
            stack.enter_context(running(Reader(folder, name, url)))
            for name, url in zip((SMALL, COUNTRY), urls, strict=True)
        )
        pages = [reader.ask(network=SLUG)["pages"] for reader in (small, country)]
        for few, many in zip(*pages, strict=True):
            if few["address"]:
                _compare(report, few["name"], (small, few), (country, many))


@contextmanager
def _made(report: Report, networks: int | None, years: int) -> Iterator[list[str]]:
    """Start a PostgreSQL of its own, fill a database with the small demo and one with the country, yield both."""
    from tests.servers import postgres_cluster  # of the repository; the product itself does not bring a PostgreSQL

    whole = ["--years", str(years), *(["--networks", str(networks)] if networks else [])]
    with postgres_cluster() as cluster:
        urls = [f"{cluster.url.rpartition('/')[0]}/{name}" for name in (SMALL, COUNTRY)]
        for name, url, size in zip((SMALL, COUNTRY), urls, (SMALL_DEMO, whole), strict=True):
            began = time.monotonic()
            _make(cluster.url, name)
            for command in (["migrate", "-v0"], ["demo_germany", *size]):
                _manage(url, *command)
            report.add("demo_germany", " ".join([name, *size]), f"made in {time.monotonic() - began:.0f} s")
        yield urls


def _make(url: str, name: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # one of two names


def _manage(url: str, *command: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run([sys.executable, str(settings.BASE_DIR / "manage.py"), *command], check=True, env=environment)


Asked = tuple[Reader, dict[str, str]]


def _compare(report: Report, name: str, *asked: Asked) -> None:
    """Add how many queries a page takes here and there, and how long it takes: asked for in turns."""
    counted = [reader.ask(address=page["address"], by=page["by"], times=0, count=True) for reader, page in asked]
    queries, statuses = [answer["queries"] for answer in counted], {answer["status"] for answer in counted}
    value = f"{queries[0]} in the small demo, {queries[1]} in the country"
    if statuses != {200}:
        value += f"; answered {sorted(statuses)}"
    good = len(set(queries)) == 1 and statuses == {200}
    report.add(
        "queries", name, value, target="equal", good=good, figures=dict(zip((SMALL, COUNTRY), queries, strict=True))
    )
    took: list[list[float]] = [[], []]
    for _ in range(TIMES):
        for seconds, (reader, page) in zip(took, asked, strict=True):
            seconds += reader.ask(address=page["address"], by=page["by"], times=1)["seconds"]
    small, country = (statistics.median(seconds) * 1000 for seconds in took)
    ratio, kilobytes = country / small, [answer["bytes"] / 1000 for answer in counted]
    value = f"{small:.0f} and {country:.0f}; ratio {ratio:.2f} ({kilobytes[0]:.0f} and {kilobytes[1]:.0f} KB)"
    figures = {SMALL: small, COUNTRY: country, "ratio": ratio, "kilobytes": kilobytes}
    report.add("ms", name, value, target=f"<= {LIMIT} x", good=ratio <= LIMIT, figures=figures)
