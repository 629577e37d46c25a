from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from collab.network.models import Membership
from tests.conftest import Cast


@pytest.fixture(autouse=True)
def a_fresh_start(settings) -> None:
    """As in production; and the limits of sign-in attempts, which count in the cache, start anew."""
    settings.DEMO = False
    cache.clear()


@pytest.fixture
def visitor() -> Client:
    """A browser in which nobody is signed in."""
    return Client(headers={"accept-language": "en"})


class Desk:
    """The coordinator at work."""

    def __init__(self, cast: Cast, client: Client) -> None:
        self.cast, self.client, self.path = cast, client, f"/n/{cast.network.slug}"

    def invite(self, email: str = "guide@kehl.example", **more: object):
        values = {
            "email": email,
            "name": "Digitallots:in Kehl",
            "role": "guide",
            "municipality": self.cast.town("kehl").pk,
            "organisation": "",
        }
        return self.client.post(f"{self.path}/members/invite/", {**values, **more})

    def post(self, path: str, **values: object):
        return self.client.post(f"{self.path}/{path}", values)

    def page(self) -> str:
        return self.client.get(f"{self.path}/members/").content.decode()

    def change_role(self, member: Membership, role: str, town: str | None = None, **more: object):
        values = {"role": role, "municipality": self.cast.town(town).pk if town else "", "shown": shown(member)}
        return self.post(f"members/{member.pk}/role/", **{**values, **more})


def shown(member: Membership) -> str:
    """What the form holds that was opened for this member now."""
    return f"{member.role}/{member.municipality_id or ''}/{member.organisation}"


@pytest.fixture
def desk(cast: Cast, client_for) -> Desk:
    return Desk(cast, client_for(cast.coordinator))


def link_in_mail() -> str:
    """The path behind the link in the newest mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]
