"""Networks to measure in: made directly in the run's own database, signed-in people included."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, time, timedelta
from importlib import import_module
from typing import Any

import httpx
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from collab.network.models import Accession, Membership, Municipality, Network, Person, Role

LANGUAGES = ("de", "en")
ROLES = (Role.COORDINATOR, Role.OFFICER, Role.MAYOR)
CSRF = "b" * 32
# The live regions of a meeting's page while it is in session: those that "next" touches, and the others.
MOVING = (
    "meeting-active",
    "meeting-agenda",
    "meeting-round",
    "meeting-review",
    "meeting-wording",
    "meeting-speakers",
    "meeting-summary",
)
RESTING = ("meeting-head", "meeting-people", "meeting-log")


def model(name: str) -> Any:
    """Return a model of an app above this one, which may not be imported from here."""
    return apps.get_model(name)


@dataclass(frozen=True)
class Viewer:
    """Somebody with an open page."""

    membership: Membership
    language: str

    @property
    def kind(self) -> str:
        return f"{self.membership.role}/{self.language}"


@dataclass
class Place:
    """A page of a network, and the people who look at it; a session for each screen."""

    network: Network
    viewers: list[Viewer]
    cookies: list[str]

    @property
    def regions(self) -> list[str]:
        """The live regions of the page."""
        raise NotImplementedError

    @property
    def changing(self) -> list[str]:
        """Those that every change of the measurement touches."""
        raise NotImplementedError

    def path(self, tail: str) -> str:
        return f"/n/{self.network.slug}/{tail}"

    def ticket(self, number: int, port: int, *, version: int, reads: bool = True) -> dict[str, Any]:
        """Return what screen `number` is opened with: roles and languages take turns."""
        viewer = self.viewers[number % len(self.viewers)]
        return {
            "port": port,
            "path": f"/ws/n/{self.network.slug}/",
            "cookie": self.cookies[number],
            "kind": viewer.kind,
            "language": viewer.language,
            "version": version,
            "regions": self.regions,
            "reads": reads,
        }


@dataclass
class Room(Place):
    """A meeting in session with its agenda."""

    meeting: Any
    items: list[int]

    @property
    def regions(self) -> list[str]:
        return [f"{name}-{self.meeting.pk}" for name in (*MOVING, *RESTING)]

    @property
    def changing(self) -> list[str]:
        return [f"{name}-{self.meeting.pk}" for name in MOVING]


def make_room(screens: int, items: int = 12, people_per_kind: int = 10) -> Room:
    """Make a network with a meeting in session, people of three roles and two languages, and a session per screen."""
    network = make_network("bench")
    people: dict[str, list[Viewer]] = {}
    for number in range(people_per_kind):
        for role in ROLES:
            for language in LANGUAGES:
                viewer = make_viewer(network, role, language, number)
                people.setdefault(viewer.kind, []).append(viewer)
    viewers = [viewer for turn in zip(*people.values(), strict=True) for viewer in turn]
    meeting = make_meeting(network, "Jour fixe", timezone.localdate())
    agenda = [make_item(meeting, number).pk for number in range(items)]
    meeting.state, meeting.opened_at, meeting.active_item_id = "open", timezone.now(), agenda[0]
    meeting.save()
    cookies = sign_in([viewers[number % len(viewers)].membership.person for number in range(screens)])
    return Room(network, viewers, cookies, meeting, agenda)


def make_network(slug: str) -> Network:
    return Network.objects.create(slug=slug, name=slug.title(), region="Ortenaukreis")


def make_town(network: Network, number: int) -> Municipality:
    name = f"Musterstadt {number}"
    values = {"name": f"{name}, Stadt", "short_name": name, "sort_key": name.lower(), "kind": "Stadt"}
    place = {"district": "Ortenaukreis", "state": "Baden-Württemberg"}
    town = Municipality.objects.get_or_create(ags=f"0831{number:04d}", defaults={**values, **place})[0]
    if not Accession.objects.filter(network=network, municipality=town).exists():
        Accession.objects.create(network=network, municipality=town, joined_on=date(2021, 9, 30))
    return town


def make_viewer(network: Network, role: Role, language: str, number: int) -> Viewer:
    email = f"{role}-{language}-{number}@{network.slug}.example"
    name = f"{role.label} {number}"
    person = Person.objects.create(email=email, name=name, language=language)
    town = None if role == Role.COORDINATOR else make_town(network, number)
    values = {"role": role, "municipality": town, "started_on": date(2021, 9, 30)}
    return Viewer(Membership.objects.create(network=network, person=person, **values), language)


def officers_of(network: Network) -> Any:
    groups = model("workgroups.Group").objects
    return groups.get_or_create(network=network, kind="officers", name="Fachgruppe")[0]


def make_meeting(network: Network, title: str, day: date, **more: Any) -> Any:
    when = {"date": day, "start_time": time(9, 30), "minutes": 180, "place": "Rathaus"}
    group = more.pop("group", None) or officers_of(network)
    return model("meetings.Meeting").objects.create(network=network, group=group, title=title, **when, **more)


def make_item(meeting: Any, number: int, **more: Any) -> Any:
    return model("meetings.AgendaItem").objects.create(
        meeting=meeting,
        position=number + 1,
        title=f"Erfahrungen mit der E-Akte, Teil {number + 1}",
        state="planned",
        minutes=12,
        presenter="Digitalisierungsbeauftragte",
        municipality=make_town(meeting.network, number % 10),
        text="Was hat sich bewährt, was würden wir anders machen?",
        **more,
    )


def sign_in(people: list[Person]) -> list[str]:
    """Return the cookie of a new session for each."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    until = timezone.now() + timedelta(days=1)
    sessions, cookies = [], []
    hashes = {person.pk: person.get_session_auth_hash() for person in people}
    for person in people:
        content = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: hashes[person.pk],
        }
        key = uuid.uuid4().hex
        sessions.append(Session(session_key=key, session_data=store.encode(content), expire_date=until))
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={key}; csrftoken={CSRF}")
    Session.objects.bulk_create(sessions, batch_size=200)
    return cookies


def browser(base: str, cookie: str) -> httpx.Client:
    """Return a client that is signed in by this cookie and sends forms as htmx does."""
    headers = {"Cookie": cookie, "X-CSRFToken": CSRF, "HX-Request": "true"}
    return httpx.Client(base_url=base, headers=headers, timeout=30, trust_env=False)
