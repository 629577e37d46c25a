"""A real Chromium in front of a real Daphne with the demo's data.

Every module has a server and a database of its own, a copy of one that is filled once per run. A test sits people
down in front of screens with `sit_down`; what they do and see goes through the pages. The ORM is never used here:
Playwright keeps an event loop running in this thread, in which Django refuses it.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.servers import (
    ROOT,
    AsgiServer,
    RedisServer,
    application_environment,
    asgi_server,
    find_chromium,
    migrated_database,
    redis_server,
)

from .pages import Site, make_site
from .steps import COORDINATOR, KEHL, sign_in

PATIENCE = 15_000  # milliseconds: two cores, shared with the other tests
SCREENSHOTS = Path(tempfile.gettempdir()) / "collab-browser-failures"

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A migrated SQLite file with the demo; the processes of a run share it."""
    shared = tmp_path_factory.getbasetemp()
    folder = (shared if worker_id == "master" else shared.parent) / "browser-demo"
    folder.mkdir(exist_ok=True)
    path = folder / "db.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            making = folder / "making.sqlite3"
            shutil.copy(migrated_database(), making)
            environment = application_environment(
                {"DATABASE_URL": f"sqlite:///{making}", "DATA_DIR": str(folder), "DEMO": "1"}
            )
            subprocess.run([sys.executable, "manage.py", "demo", "-v0"], cwd=ROOT, env=environment, check=True)
            with sqlite3.connect(making) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            making.rename(path)
    return path


@pytest.fixture(scope="module")
def database(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This module's own copy."""
    return Path(shutil.copy(demo_database, tmp_path_factory.mktemp("data") / "db.sqlite3"))


@pytest.fixture
def no_meeting_in_session(database: Path) -> None:
    """A group holds one meeting at a time: what an earlier test left in session is over, and all was treated."""
    connection = sqlite3.connect(database, timeout=20)
    with connection:
        connection.execute(
            "UPDATE meetings_agendaitem SET state = 'done'"
            " WHERE meeting_id IN (SELECT id FROM meetings_meeting WHERE state = 'open')"
        )
        connection.execute("UPDATE meetings_meeting SET state = 'closed', active_item_id = NULL WHERE state = 'open'")
    connection.close()


@pytest.fixture(scope="module")
def environment(database: Path) -> dict[str, str]:
    """What a server of this module is started with. A second one with the same is a second process of the same site."""
    return {"DEMO": "1", "DATABASE_URL": f"sqlite:///{database}", "LOG_LEVEL": "WARNING"}


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[AsgiServer]:
    with asgi_server(environment) as running:
        yield running


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    """A Redis that may be stopped."""
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Per module: other tests of this process may use the ORM before and after.
    path = find_chromium()
    assert path, "Chromium is not installed: apt-get install chromium, or set CHROMIUM"
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class Watch:
    """What the pages of a test asked for, and what the browser complained about."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def over(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", lambda message: self._heard(message.type, message.text, message.location.get("url", "")))
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.requests.append(socket.url)))

    def strangers(self, address: str) -> list[str]:
        """Requests to somebody else than the server at this address."""
        own = (address, address.replace("http", "ws", 1), "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]

    def _heard(self, kind: str, text: str, where: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text} ({where})")


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def contexts(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    if getattr(request.node, "failed", False):
        _photograph(request.node.name, opened)
        for name in {"server", "second_server"} & set(request.fixturenames):
            lines = request.getfixturevalue(name).log.splitlines()
            print("\n".join([line for line in lines if " - - [" not in line][-60:]))
    for context in opened:
        context.close()


def _photograph(name: str, contexts: list[BrowserContext]) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages, 1):
        path = SCREENSHOTS / f"{name}-{number}.png"
        try:
            page.screenshot(path=path, timeout=5000)
            print(f"screenshot of {page.url}: {path}")
        except Exception as error:
            print(f"no screenshot of {page.url}: {error}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report


SitDown = Callable[..., Page]
SIGNED_IN: dict[str, dict[str, Any]] = {}  # server -> e-mail -> cookies


@pytest.fixture
def browser_for(chromium: Browser, contexts: list[BrowserContext], watch: Watch) -> Callable[..., BrowserContext]:
    """Return a function that gives a browser profile of its own; nobody is signed in there."""

    def make(server: AsgiServer, *, language: str = "de", width: int = 1280, **more: Any) -> BrowserContext:
        locale = {"de": "de-DE", "en": "en-GB"}[language]
        size = {"width": width, "height": 900}
        context = chromium.new_context(
            base_url=server.url, locale=locale, timezone_id="Europe/Berlin", viewport=size, **more
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch.over(context)
        return context

    return make


@pytest.fixture
def sit_down(browser_for: Callable[..., BrowserContext], server: AsgiServer) -> SitDown:
    """Return a function: e-mail (None: nobody) and path -> the page this person looks at, in a browser of their own.

    With `own_session` nobody else has the same session, so that it can be ended.
    """

    def seat(
        email: str | None, path: str = "", *, at: AsgiServer | None = None, own_session: bool = False, **more: Any
    ) -> Page:
        host = at or server
        context = browser_for(host, **more)
        signed_in = SIGNED_IN.setdefault(host.url, {})
        if email in signed_in and not own_session:
            context.add_cookies(signed_in[email])
        elif email:
            sign_in(context, email)
        if email and not own_session:
            signed_in[email] = context.cookies()
        page = context.new_page()
        if path:
            page.goto(path)
        return page

    return seat


@pytest.fixture(scope="module")
def site(server: AsgiServer, chromium: Browser) -> Site:
    """The demo and what it lacks, for tests that look at every page."""
    people = []
    for email in (COORDINATOR, KEHL):
        context = chromium.new_context(base_url=server.url, locale="de-DE")
        sign_in(context, email)
        people.append(context.new_page())
    made = make_site(*people)
    for page in people:
        page.context.close()
    return made
