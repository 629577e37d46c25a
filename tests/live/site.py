"""A real installation for tests of the live layer: a database with the cast, and their sessions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers import THE_TESTS_OWN, AsgiServer, migrated_database

ROOT = Path(__file__).resolve().parent.parent.parent
WHO = ("coordinator", "kehl", "achern", "mayor", "guide", "guest", "other")


@dataclass
class Site:
    """The address of a running server, the ids of what is in its database, and everybody's session cookie."""

    server: AsgiServer
    env: dict[str, str]
    sessions: dict[str, str]
    ids: dict[str, int]

    def http(self, who: str, language: str = "en") -> httpx.Client:
        """Return a browser signed in as `who` that also passes the CSRF check."""
        cookies = {"sessionid": self.sessions[who], "csrftoken": "c" * 32}
        headers = {"X-CSRFToken": "c" * 32, "Accept-Language": language, "HX-Request": "true"}
        return httpx.Client(base_url=self.server.url, cookies=cookies, headers=headers, timeout=20)

    def path(self, rest: str) -> str:
        return f"/n/ortenau/{rest}"

    def region(self, name: str) -> str:
        return f"{name}-{self.ids['meeting']}"


def prepare(env: dict[str, str]) -> tuple[dict[str, str], dict[str, int]]:
    """Put the cast with an open meeting and their sessions into a new database in the DATA_DIR of `env`."""
    script = "from tests.live.site import fill; fill()"
    # Its own database in its DATA_DIR, whatever the tests around it run on.
    ours = {name: value for name, value in os.environ.items() if name not in THE_TESTS_OWN}
    full = {**ours, **env, "DJANGO_SETTINGS_MODULE": "collab.settings"}
    shutil.copy(migrated_database(), Path(full["DATA_DIR"]) / "db.sqlite3")
    run = [sys.executable, "-c", f"import django; django.setup(); {script}"]
    out = subprocess.run(run, cwd=ROOT, env=full, check=True, capture_output=True, text=True).stdout
    found = json.loads(out.splitlines()[-1])
    return found["sessions"], found["ids"]


def fill() -> None:
    """Print the sessions and ids of the cast as JSON (runs in a process of its own)."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from meetings.domain.agenda import propose_item
    from meetings.domain.room import open_meeting
    from tests.conftest import make_cast, make_meeting

    cast = make_cast()
    meeting = make_meeting(cast)
    items = [
        propose_item(
            meeting=meeting,
            title=title,
            kind="discussion",
            minutes=10,
            municipality=None,
            presenter="",
            text="",
            links=[],
            by=cast.coordinator,
        )
        for title in ("Eins", "Zwei", "Drei")
    ]
    open_meeting(meeting=meeting, by=cast.coordinator)
    sessions = {}
    for who in WHO:
        person = getattr(cast, who).person
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        sessions[who] = session.session_key
    ids = {"meeting": meeting.pk, "network": cast.network.pk, "group": cast.group.pk}
    ids |= {f"item{k}": item.pk for k, item in enumerate(items, start=1)}
    ids |= {who: getattr(cast, who).pk for who in WHO}
    print(json.dumps({"sessions": sessions, "ids": ids}))
