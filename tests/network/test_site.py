"""Entrance, language, the state of the process, visits."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.network.domain.visit import note_visit
from collab.network.models import Membership
from tests.conftest import Cast
from tests.servers import free_port


def test_one_network_is_home(cast: Cast, client_for) -> None:
    assert client_for(cast.kehl).get("/")["Location"] == "/n/ortenau/"


def test_several_networks_are_a_choice(cast: Cast, client_for) -> None:
    Membership.objects.create(
        network=cast.other_network, person=cast.kehl.person, role="guest", organisation="Kehl", started_on="2024-01-01"
    )
    page = client_for(cast.kehl).get("/").content.decode()
    assert "/n/ortenau/" in page and "/n/regional-digital/" in page


def test_no_network_says_what_to_do(cast: Cast, client_for) -> None:
    Membership.objects.filter(pk=cast.kehl.pk).update(ended_on=timezone.localdate())
    answer = client_for(cast.kehl).get("/")
    assert answer.status_code == 200
    assert "ask the coordinator" in answer.content.decode()


def test_the_list_of_networks(cast: Cast, client_for) -> None:
    assert "Ortenau Digital" in client_for(cast.kehl).get("/networks/").content.decode()


def test_the_browser_chooses_and_the_person_wins(cast: Cast, client_for) -> None:
    browser = client_for(cast.kehl, "de")
    assert 'lang="de"' in browser.get("/networks/").content.decode()
    assert browser.post("/language/", {"language": "en", "next": "/networks/"})["Location"] == "/networks/"
    assert 'html lang="en"' in browser.get("/networks/").content.decode()
    # On another device, whatever that browser prefers.
    assert 'html lang="en"' in client_for(cast.kehl, "de").get("/networks/").content.decode()


def test_a_visitor_chooses_too(db: None) -> None:
    browser = Client(headers={"accept-language": "de"})
    browser.post("/language/", {"language": "en"})
    assert 'html lang="en"' in browser.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_language_switch_leads_nowhere_else(db: None, visitor: Client, wanted: str) -> None:
    assert visitor.post("/language/", {"language": "en", "next": wanted})["Location"] == "/"
    assert visitor.post("/language/", {"language": "xx", "next": "/imprint/"})["Location"] == "/imprint/"
    assert visitor.get("/language/").status_code == 405


@pytest.mark.parametrize("path", ["/accessibility/", "/privacy/", "/imprint/"])
def test_pages_for_everybody(db: None, visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 200


def test_alive(visitor: Client) -> None:
    assert visitor.get("/healthz").json() == {"status": "ok"}


def test_ready(db: None, visitor: Client, settings) -> None:
    settings.REDIS_URL = ""
    answer = visitor.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok", "channel_layer": "ok"}


def test_not_ready_without_redis(db: None, visitor: Client, settings) -> None:
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{free_port()}/0"
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["channel_layer"] == "unreachable"
    assert "secret" not in answer.content.decode()


def test_not_ready_before_migrating(db: None, visitor: Client) -> None:
    MigrationRecorder(connection).Migration.objects.filter(app="network").order_by("-pk")[:1].get().delete()
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "unapplied"


def test_since_my_last_visit(cast: Cast) -> None:
    begin = timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        member = cast.kehl
        assert note_visit(member) is None
        clock.shift(timedelta(minutes=20))
        assert note_visit(member) is None
        clock.shift(timedelta(minutes=31))
        assert note_visit(Membership.objects.get(pk=member.pk)) == begin + timedelta(minutes=20)
        clock.shift(timedelta(minutes=5))
        assert note_visit(Membership.objects.get(pk=member.pk)) == begin + timedelta(minutes=20)


def test_a_visit_is_noted_at_most_once_a_minute(cast: Cast) -> None:
    member = cast.kehl
    note_visit(member)
    with CaptureQueriesContext(connection) as queries:
        note_visit(member)
        note_visit(Membership.objects.get(pk=member.pk))
    assert len(queries) == 1  # the one that fetched it
