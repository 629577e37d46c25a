"""Permanent short addresses: for members the page inside, for others the public one as long as there is one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetings.models import Decision, MeetingGuest, Publication, PublicSite
from tests.conftest import Cast

from .handed_out import closed, decide, finalised


def short(decision: Decision) -> str:
    return f"/n/ortenau/b/{decision.reference}/"


def publish(cast: Cast, **thing: Any) -> Publication:
    PublicSite.objects.get_or_create(network=cast.network, defaults={"is_open": True})
    values = {"content": "{}", "sha256": "0" * 64, "published_by": cast.coordinator, "published_at": timezone.now()}
    return Publication.objects.create(network=cast.network, **thing, **values)


@pytest.fixture
def decision(cast: Cast) -> Decision:
    return decide(cast)


def test_members_are_led_to_the_decision(cast: Cast, client_for: Any, decision: Decision) -> None:
    answer = client_for(cast.mayor).get(short(decision))
    assert (answer.status_code, answer["Location"]) == (302, reverse("decision", args=["ortenau", decision.reference]))


@pytest.mark.parametrize("reference", ["2026-999", "2026-1", "x", "99999-001", "2026-0001"])
def test_numbers_that_there_are_not(cast: Cast, client_for: Any, decision: Decision, reference: str) -> None:
    assert client_for(cast.mayor).get(f"/n/ortenau/b/{reference}/").status_code == 404
    assert client_for(cast.mayor).get("/n/ortenau/p/99999999999999999999/").status_code == 404


def test_without_an_account_one_is_asked_to_sign_in(decision: Decision) -> None:
    answer = Client().get(short(decision))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/n/ortenau/b/")


def test_what_is_public_is_for_everybody(cast: Cast, client_for: Any, decision: Decision) -> None:
    publication = publish(cast, decision=decision)
    public = reverse("public_decision", args=["ortenau", decision.reference])
    for client in (Client(), client_for(cast.other), client_for(cast.guest)):
        answer = client.get(short(decision))
        assert (answer.status_code, answer["Location"]) == (302, public)
        assert answer["Cache-Control"] == "no-cache"
    assert client_for(cast.kehl).get(short(decision))["Location"].startswith("/n/ortenau/decisions/")
    Publication.objects.filter(pk=publication.pk).update(withdrawn_at=timezone.now())
    assert Client().get(short(decision))["Location"].startswith("/accounts/login/")
    assert client_for(cast.other).get(short(decision)).status_code == 404


def test_as_long_as_the_public_pages_are_open(cast: Cast, client_for: Any, decision: Decision) -> None:
    publish(cast, decision=decision)
    PublicSite.objects.update(is_open=False)
    assert Client().get(short(decision))["Location"].startswith("/accounts/login/")
    assert client_for(cast.other).get(short(decision)).status_code == 404
    # Of another network there may be a decision of the same number.
    PublicSite.objects.update(is_open=True)
    assert Client().get(short(decision).replace("ortenau", "regional-digital"))["Location"].startswith("/accounts/")


def test_minutes(cast: Cast, client_for: Any, decision: Decision) -> None:
    meeting = closed(cast, decision)
    path = f"/n/ortenau/p/{meeting.pk}/"
    inside = reverse("minutes", args=["ortenau", meeting.pk])
    assert client_for(cast.kehl).get(path)["Location"] == inside
    # There is but a draft.
    assert client_for(cast.mayor).get(path).status_code == 404
    version = finalised(cast, meeting)
    assert client_for(cast.mayor).get(path)["Location"] == inside
    MeetingGuest.objects.create(meeting=meeting, membership=cast.guest)
    assert client_for(cast.guest).get(path)["Location"] == inside
    assert Client().get(path)["Location"].startswith("/accounts/login/")
    publish(cast, minutes=version)
    assert Client().get(path)["Location"] == reverse("public_minutes", args=["ortenau", meeting.pk])
    assert client_for(cast.other).get(path)["Location"] == reverse("public_minutes", args=["ortenau", meeting.pk])


def test_the_pages_say_the_address(cast: Cast, client_for: Any, decision: Decision) -> None:
    page = client_for(cast.mayor).get(reverse("decision", args=["ortenau", decision.reference])).content.decode()
    assert f"http://testserver{short(decision)}" in page
    assert f'data-copy="http://testserver{short(decision)}"' in page
    assert reverse("decision_pdf", args=["ortenau", decision.reference]) in page
