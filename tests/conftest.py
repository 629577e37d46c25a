"""The cast of every test: one network with four towns a person of each role, and a stranger from another network."""

from __future__ import annotations

import gc
import os
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone, translation
from whitenoise import WhiteNoise
from whitenoise.responders import StaticFile

from collab.network.models import Accession, Membership, Municipality, Network, Person, Role
from meetings.models import Meeting
from tests.databases import ONLY_ON_SQLITE
from tests.servers import ROOT, migrated_database
from workgroups.models import Group, GroupMembership, Involvement, Project

if TYPE_CHECKING:
    import pytest_django

    from tests.permissions.world import World

TOWNS = {"kehl": "08317057", "achern": "08317001", "durbach": "08317021", "lahr": "08317065"}
PASSWORD = "Rathaus-am-Rhein-77"


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(ROOT / "tests").as_posix() in ONLY_ON_SQLITE:
            item.add_marker(pytest.mark.sqlite_only)


@pytest.fixture(scope="session", autouse=True)
def garbage_collected_seldom() -> None:
    """What is imported stays: without this the collector looks through all of Django every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def static_files_listed_once() -> Iterator[None]:
    """Each of Django's test clients builds the middlewares anew, and WhiteNoise lists hundreds of files each time."""
    listed: dict[tuple[str, str], dict[str, StaticFile]] = {}
    look = WhiteNoise.update_files_dictionary

    def look_once(self: WhiteNoise, root: str, prefix: str) -> None:
        if (root, prefix) not in listed:
            others, self.files = self.files, {}
            look(self, root, prefix)
            listed[root, prefix], self.files = self.files, others
        self.files.update(listed[root, prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", look_once)
        yield


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """On SQLite the tests find their database: see the next fixture. It goes with the folder of the run."""
    return connection.vendor == "sqlite" or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A run migrates one database; each of its processes tests with a copy."""
    if connection.vendor == "sqlite":
        path = Path(connection.creation._get_test_db_name())
        for left_over in ("", "-wal", "-shm"):
            path.with_name(path.name + left_over).unlink(missing_ok=True)
        shutil.copy(migrated_database(), path)
    elif template := os.environ.get("TEST_TEMPLATE"):
        connection.settings_dict["TEST"]["TEMPLATE"] = template


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
        "group": cast.group,
        "title": "Jour fixe",
        "date": timezone.localdate() + timedelta(days=14),
        "start_time": time(9, 30),
        "minutes": 90,
        "place": "Rathaus",
        "host": cast.town("kehl"),
    }
    return Meeting.objects.create(network=cast.network, **{**values, **more})


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    return make_meeting(cast)


@pytest.fixture(scope="module")
def furnished_world(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[bytes]:
    """The world of a module's tests, made once and pickled: it lies in a transaction around theirs."""
    from tests.permissions.world import make_world

    with django_db_blocker.unblock(), transaction.atomic(), translation.override("en"):
        world = make_world()
        world.sign_everybody_in()
        with django_db_blocker.block(), translation.override("de"):
            yield pickle.dumps(world)
        transaction.set_rollback(True)


@pytest.fixture
def world(furnished_world: bytes, db: None) -> World:
    """Two networks with everything in them: a copy of this test's own; what it changes is rolled back."""
    made: World = pickle.loads(furnished_world)  # noqa: S301 (our own; quicker than deepcopy)
    return made


def make_project(by: Membership, title: str = "E-file", **more: object) -> Project:
    """A project of the person's network that nobody has taken on yet."""
    return Project.objects.create(network=by.network, title=title, created_by=by, **more)


def involve(project: Project, by: Membership, role: str = "lead", since: date | None = None) -> Involvement:
    """Let the person's town take part."""
    return Involvement.objects.create(
        project=project,
        municipality=by.municipality,
        role=role,
        since=since or timezone.localdate(),
        began_by=by,
    )
