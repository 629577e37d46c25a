"""Demo mode: an empty database is filled, accounts are one click away, mails are kept."""

from __future__ import annotations

import csv
import re
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from collab.live.models import Change
from collab.network.demo_accounts import DEMO_EMAILS
from collab.network.domain.municipalities import SOURCE
from collab.network.models import Accession, Membership, Municipality, Network
from tests.conftest import Cast
from tests.network.conftest import Desk

DEMO_BACKEND = "collab.network.mail.DemoBackend"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_demo_fills_an_empty_database_once(db: None, settings) -> None:
    begun = time.monotonic()
    run("demo")
    assert time.monotonic() - begun < 30
    assert Accession.objects.filter(network__slug="ortenau").count() == 22
    assert Accession.objects.filter(network__slug="regional-digital").count() == 9
    assert Membership.objects.filter(role="officer").count() == 31
    assert Network.objects.get(slug="ortenau").declaration == "Acherner Erklärung"
    before = Change.objects.count()
    run("demo")
    assert (Network.objects.count(), Change.objects.count()) == (2, before)
    accounts = run("demo", "--accounts")
    for email in DEMO_EMAILS:
        assert email in accounts


def test_the_official_list_is_loaded_and_brought_up_to_date(db: None) -> None:
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    assert str(rows) in run("load_municipalities")
    Municipality.objects.filter(pk="08317057").update(population=0, short_name="Old")
    run("load_municipalities")
    kehl = Municipality.objects.get(pk="08317057")
    assert (Municipality.objects.count(), kehl.short_name) == (rows, "Kehl")
    assert kehl.population > 30_000


@pytest.fixture
def demo(settings) -> None:
    settings.DEMO = True
    settings.EMAIL_BACKEND = DEMO_BACKEND


def test_one_click(cast: Cast, demo: None, visitor: Client) -> None:
    page = visitor.get("/accounts/login/").content.decode()
    assert page.count("demo__form") >= 7
    answer = visitor.post("/demo/sign-in/", {"email": "officer@kehl.example", "next": "/n/ortenau/members/"})
    assert answer["Location"] == "/n/ortenau/members/"
    assert visitor.get("/n/ortenau/members/").status_code == 200
    visitor.post("/demo/sign-in/", {"email": "guest@wro.example"})
    assert visitor.get("/n/ortenau/members/").status_code == 403


def test_only_demo_accounts(cast: Cast, demo: None, desk: Desk, visitor: Client) -> None:
    assert visitor.post("/demo/sign-in/", {"email": "geschaeftsstelle@regional.example"}).status_code == 404
    assert visitor.get("/demo/sign-in/").status_code == 405


def test_none_of_it_outside_demo_mode(cast: Cast, settings, desk: Desk, visitor: Client) -> None:
    settings.DEMO = False
    assert "demo__form" not in visitor.get("/accounts/login/").content.decode()
    assert visitor.post("/demo/sign-in/", {"email": "officer@kehl.example"}).status_code == 404
    assert desk.client.get("/n/ortenau/mail/").status_code == 404
    assert "Demo mailbox" not in desk.page()


def test_the_coordinator_reads_the_mails_of_the_network(
    cast: Cast, demo: None, desk: Desk, visitor, client_for
) -> None:
    desk.invite(name="<b>bold</b>")
    visitor.post("/accounts/login/code/", {"email": "mayor@kehl.example"})
    visitor.post("/accounts/login/code/", {"email": cast.other.person.email})
    page = desk.client.get("/n/ortenau/mail/").content.decode()
    assert "guide@kehl.example" in page and "mayor@kehl.example" in page
    assert cast.other.person.email not in page
    assert re.search(r'<a href="http://testserver/invitation/[^"]+"', page)
    assert client_for(cast.kehl).get("/n/ortenau/mail/").status_code == 403
    assert "guide@kehl.example" not in client_for(cast.other).get("/n/regional-digital/mail/").content.decode()


def test_an_invitation_opens_no_mail_of_another_network(
    cast: Cast, demo: None, desk: Desk, visitor: Client, client_for
) -> None:
    email = cast.other_officer.person.email
    desk.invite(email=email)
    visitor.post("/accounts/login/code/", {"email": email})
    page = desk.client.get("/n/ortenau/mail/").content.decode()
    assert page.count(f"<span>to {email}") == 1
    assert "Invitation to Ortenau Digital" in page and "sign-in code" not in page.partition("<main")[2]
    theirs = client_for(cast.other).get("/n/regional-digital/mail/").content.decode()
    assert theirs.count(f"<span>to {email}") == 1
    assert "Invitation to Ortenau Digital" not in theirs
    # Nor does a membership that has ended.
    cast.other_officer.ended_on = cast.other_officer.started_on
    cast.other_officer.save()
    assert f"<span>to {email}" not in client_for(cast.other).get("/n/regional-digital/mail/").content.decode()


def test_a_code_from_the_demo_mailbox_opens(cast: Cast, demo: None, desk: Desk, visitor: Client) -> None:
    confirm = visitor.post("/accounts/login/code/", {"email": "mayor@kehl.example"})["Location"]
    page = desk.client.get("/n/ortenau/mail/").content.decode()
    code = re.search(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", page, re.MULTILINE)
    assert code
    visitor.post(confirm, {"code": code[1]})
    assert visitor.get("/n/ortenau/members/").status_code == 200
