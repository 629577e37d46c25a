"""The cast of every test: one network with four towns a person of each role, and a stranger from another network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from collab.network.models import Accession, Membership, Municipality, Network, Person, Role
from meetings.models import Meeting
from workgroups.models import Group, GroupMembership

TOWNS = {"kehl": "08317057", "achern": "08317001", "durbach": "08317021", "lahr": "08317065"}
PASSWORD = "Rathaus-am-Rhein-77"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English: German is the default, and a request leaves its language behind."""
    with translation.override("en"):
        yield


@dataclass
class Cast:
    network: Network
    other_network: Network
    group: Group
    coordinator: Membership
    kehl: Membership
    achern: Membership
    durbach: Membership
    mayor: Membership
    guide: Membership
    guest: Membership
    other: Membership
    other_officer: Membership

    def town(self, name: str) -> Municipality:
        return Municipality.objects.get(pk=TOWNS[name])


def make_member(network: Network, role: str, town: Municipality | None, email: str, **more: object) -> Membership:
    person = Person.objects.create_user(email, f"{Role(role).label} {town.short_name if town else ''}".strip(), None)
    return Membership.objects.create(
        network=network, person=person, role=role, municipality=town, started_on=date(2021, 9, 30), **more
    )


def make_town(name: str, ags: str) -> Municipality:
    return Municipality.objects.get_or_create(
        ags=ags,
        defaults={
            "name": f"{name}, Stadt",
            "short_name": name,
            "sort_key": name.lower(),
            "kind": "Stadt",
            "district": "Ortenaukreis",
            "state": "Baden-Württemberg",
        },
    )[0]


def make_cast() -> Cast:
    network = Network.objects.create(slug="ortenau", name="Ortenau Digital", region="Ortenaukreis")
    towns = {name: make_town(name.title(), ags) for name, ags in TOWNS.items()}
    for town in towns.values():
        Accession.objects.create(network=network, municipality=town, joined_on=date(2021, 9, 30))
    group = Group.objects.create(network=network, kind=Group.Kind.OFFICERS, name="Fachgruppe")
    coordinator = make_member(network, "coordinator", None, "geschaeftsstelle@ortenau.example")
    GroupMembership.objects.create(group=group, membership=coordinator, role=GroupMembership.Role.CHAIR)
    other_network = Network.objects.create(slug="regional-digital", name="Digital Regional", region="Mittelbaden")
    rastatt = make_town("Rastatt", "08216043")
    Accession.objects.create(network=other_network, municipality=rastatt, joined_on=date(2019, 2, 21))
    Group.objects.create(network=other_network, kind=Group.Kind.OFFICERS, name="Fachgruppe")
    return Cast(
        network=network,
        other_network=other_network,
        group=group,
        coordinator=coordinator,
        kehl=make_member(network, "officer", towns["kehl"], "officer@kehl.example"),
        achern=make_member(network, "officer", towns["achern"], "officer@achern.example"),
        durbach=make_member(network, "officer", towns["durbach"], "officer@durbach.example"),
        mayor=make_member(network, "mayor", towns["kehl"], "mayor@kehl.example"),
        guide=make_member(network, "guide", towns["lahr"], "guide@lahr.example"),
        guest=make_member(network, "guest", None, "guest@wro.example", organisation="WRO"),
        other=make_member(other_network, "coordinator", None, "geschaeftsstelle@regional.example"),
        other_officer=make_member(other_network, "officer", rastatt, "officer@rastatt.example"),
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def client_for():
    """Return a function from a membership to a browser signed in as that person, in English."""

    def sign_in(membership: Membership, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(membership.person)
        return client

    return sign_in


def make_meeting(cast: Cast, **more: object) -> Meeting:
    values = {
        "title": "Jour fixe",
        "date": timezone.localdate() + timedelta(days=14),
        "start_time": time(9, 30),
        "minutes": 90,
        "place": "Rathaus",
        "host": cast.town("kehl"),
    }
    return Meeting.objects.create(network=cast.network, group=cast.group, **{**values, **more})


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    return make_meeting(cast)
