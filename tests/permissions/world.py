"""Two networks with everything in them that has an address, and a person in each relation to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from collab.network.domain.invitation import invite
from collab.network.models import Accession, Membership, Municipality, Network, Person
from meetings.domain.agenda import propose_item
from meetings.domain.decision import record_decision
from meetings.domain.files import attach_file
from meetings.domain.ideas import drop_idea, park_idea
from meetings.domain.room import open_meeting, save_notes
from meetings.domain.schedule import cancel_meeting
from meetings.domain.series import create_series
from meetings.domain.wording import draft_wording
from meetings.models import Meeting, MeetingGuest
from meetings.recurrence import Frequency, Rule
from tests.conftest import Cast, involve, make_cast, make_meeting, make_member, make_project
from workgroups.domain.action_item import add_action_item
from workgroups.domain.admission import ask_to_join, invite_to_group
from workgroups.domain.experience import write_report
from workgroups.domain.files import attach_file as attach_to_project
from workgroups.domain.group import create_group
from workgroups.domain.group_files import attach_group_file
from workgroups.domain.question import answer_question, ask_question
from workgroups.domain.reuse import add_steps, begin_reuse
from workgroups.models import Group, GroupMembership, Project

# Of the own network, then strangers: of another network, of none any more, of none at all.
OWN = (
    "coordinator",
    "chair",  # chairs the group; officer of Durbach
    "presiding",  # chairs this one meeting; officer of Lahr
    "minutes",  # takes the group's minutes; officer of Durbach
    "kehl",  # officer of the town that proposed the item and carries the action item
    "achern",  # officer of another town
    "mayor",  # of Kehl
    "guide",  # of Lahr
    "guest",  # invited to the meetings
    "guest_at_item",  # invited to one item of the planned meeting and to one of the running one, see INVITED_TO
    "guest_elsewhere",  # a guest of the network, not invited
)
# What the guest of single items may look at: the two items, when and where their meetings are.
INVITED_TO = ("planned", "running", "item", "spoken", "decision")
STRANGERS = ("other", "other_officer", "former", "nobody")


@dataclass
class Things:
    """One network's objects, one of each kind that has an address."""

    network: Network
    group: Group
    planned: Meeting
    running: Meeting
    cancelled: Meeting
    series: Any
    proposal: Any
    item: Any
    second: Any
    spoken: Any
    upcoming: Any
    file: Any
    decision: Any
    wording: Any
    action: Any
    review: Any
    standing: Any
    idea: Any
    dropped_idea: Any
    guests_action: Any
    invitation: Any
    accession: Accession
    guest: Membership
    member: Membership
    town: Municipality
    # What the officer's town leads, wrote a report on, and takes over from others.
    # A working group the officer chairs, which Achern's officer has asked to join.
    circle: Any = None
    request: Any = None
    group_file: Any = None
    led: Any = None
    report: Any = None
    reuse: Any = None
    reuse_step: Any = None
    # What it is about to take over, without a checklist.
    unlisted: Any = None
    project_file: Any = None
    # What the officer's town asks about it, and the member's answer.
    asked: Any = None
    answer: Any = None


@dataclass
class World:
    cast: Cast
    people: dict[str, Person]
    members: dict[str, Membership]
    own: Things
    foreign: Things
    token: str
    _cookies: dict[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, bool], Client] = field(default_factory=dict)

    def client(self, who: str, *, csrf: bool = False) -> Client:
        """Return a browser in which that person is signed in; "anonymous" is nobody."""
        if (who, csrf) not in self._clients:
            client = Client(headers={"accept-language": "en"}, enforce_csrf_checks=csrf)
            if who in self._cookies:
                client.cookies[settings.SESSION_COOKIE_NAME] = self._cookies[who]
            elif who != "anonymous":
                client.force_login(self.people[who])
            self._clients[who, csrf] = client
        return self._clients[who, csrf]

    def sign_everybody_in(self) -> None:
        """Sign people in once for all tests that get a copy of this world."""
        for who in self.people:
            self._cookies[who] = self.client(who).cookies[settings.SESSION_COOKIE_NAME].value
        self._clients.clear()


def furnish(
    network: Network,
    group: Group,
    *,
    coordinator: Membership,
    officer: Membership,
    guest: Membership,
    member: Membership,
    town: Municipality,
    title: str,
) -> tuple[Things, str]:
    today = timezone.localdate()
    soon = today + timedelta(days=14)
    planned = meeting_of(group, f"{title} planned", soon)
    running = meeting_of(group, f"{title} running", today)
    cancelled = meeting_of(group, f"{title} cancelled", soon + timedelta(days=3))
    for meeting in (planned, running, cancelled):
        MeetingGuest.objects.create(meeting=meeting, membership=guest)
    cancel_meeting(meeting=cancelled, reason="Storm", version=1, by=coordinator)
    proposal = propose_item(meeting=planned, by=officer, title=f"{title} proposal", municipality=officer.municipality)
    item = propose_item(meeting=planned, by=coordinator, title=f"{title} item")
    second = propose_item(meeting=planned, by=coordinator, title=f"{title} second")
    upload = SimpleUploadedFile("plan.txt", title.encode())
    file = attach_file(item=proposal, upload=upload, by=officer)
    spoken = propose_item(meeting=running, by=coordinator, title=f"{title} spoken")
    upcoming = propose_item(meeting=running, by=coordinator, title=f"{title} upcoming")
    review = propose_item(meeting=running, by=coordinator, title=f"{title} review", kind="actions")
    idea = park_idea(group=group, title=f"{title} idea", text="", by=officer)
    dropped_idea = drop_idea(idea=park_idea(group=group, title=f"{title} dropped", text="", by=officer), by=coordinator)
    open_meeting(meeting=running, by=coordinator)
    for number, notes in enumerate(("first notes", "second notes"), start=1):
        save_notes(item=spoken, notes=f"{title} {notes}", version=number, by=coordinator)
    wording = draft_wording(item=upcoming, text=f"{title} draft", by=coordinator)
    decision = record_decision(item=spoken, wording=f"{title} wording", mode="unanimous", by=coordinator)
    rule = Rule(
        frequency=Frequency.MONTHLY_WEEKDAY,
        starts_on=today,
        interval=1,
        weekday=3,
        nth=3,
        month_day=None,
        until=today + timedelta(days=100),
    )
    series = create_series(
        group=group, title=f"{title} series", rule=rule, start_time=planned.start_time, minutes=90, by=coordinator
    )
    standing = propose_item(meeting=series.meetings.first(), by=coordinator, title=f"{title} standing")
    action = add_action_item(
        network=network,
        title=f"{title} action",
        municipality=officer.municipality,
        person=officer,
        group=group,
        due_on=soon,
        by=coordinator,
        in_meeting=True,
    )
    guests_action = add_action_item(
        network=network, title=f"{title} for the guest", municipality=None, person=guest, due_on=None, by=coordinator
    )
    led, report, reuse = handed_on(officer, title)
    asked, answer = question_with_answer(officer, member, led, title)
    circle, request, group_file = working_group(officer, town, title)
    invitation, token = invite(
        email=f"new@{network.slug}.example",
        name=f"{title} invited",
        role="guest",
        municipality=None,
        organisation="WRO",
        by=coordinator,
    )
    return (
        Things(
            network,
            group,
            fresh(planned),
            fresh(running),
            fresh(cancelled),
            fresh(series),
            fresh(proposal),
            fresh(item),
            fresh(second),
            fresh(spoken),
            fresh(upcoming),
            file,
            decision,
            wording,
            action,
            fresh(review),
            standing,
            idea,
            dropped_idea,
            guests_action,
            invitation,
            Accession.objects.filter(network=network, municipality=town).get(),
            guest,
            member,
            town,
            circle=circle,
            request=request,
            group_file=group_file,
            led=led,
            asked=asked,
            answer=answer,
            report=report,
            reuse=reuse,
            reuse_step=reuse.steps.first(),
            unlisted=Project.objects.get(network=network, title=f"{title} unlisted"),
            project_file=attach_to_project(project=led, upload=led_file(title), by=officer),
        ),
        token or "",
    )


def led_file(title: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("led.txt", title.encode())


def working_group(officer: Membership, town: Municipality, title: str) -> tuple[Any, Any, Any]:
    """Return a group that the officer founded for their town, a request to join it, and a file of it."""
    circle = create_group(
        network=officer.network,
        kind="working_group",
        name=f"{title} circle",
        purpose="",
        lead_town=officer.municipality,
        is_internal=False,
        by=officer,
    )
    asks = Membership.objects.filter(network=officer.network, municipality=town, ended_on=None).earliest("pk")
    request = None if asks == officer else ask_to_join(group=circle, by=asks)
    upload = SimpleUploadedFile("circle.txt", title.encode())
    return circle, request or invited_guide(circle, officer), attach_group_file(group=circle, upload=upload, by=officer)


def invited_guide(circle: Group, officer: Membership) -> Any:
    guide = Membership.objects.get(network=officer.network, role="guide")
    return invite_to_group(group=circle, membership=guide, by=officer)


def question_with_answer(officer: Membership, member: Membership, project: Any, title: str) -> tuple[Any, Any]:
    """Return what the officer's town asks, and somebody else's answer."""
    asked = ask_question(
        network=officer.network, title=f"{title} question", text="", block="", project=project, by=officer
    )
    return asked, answer_question(question=asked, text=f"{title} answer", by=member)


def handed_on(officer: Membership, title: str) -> tuple[Any, Any, Any]:
    """Return what the officer's town leads, its report on it, and its reuse of something else with a checklist."""
    led, taken = make_project(officer, f"{title} led", phase="operation"), make_project(officer, f"{title} taken")
    involve(led, officer)
    involve(make_project(officer, f"{title} unlisted"), officer, "reuser")
    report = write_report(project=led, needed=f"{title} step", by=officer)
    reuse = begin_reuse(involvement=involve(taken, officer, "reuser"), by=officer)
    add_steps(reuse=reuse, lines=[f"{title} own step"], by=officer)
    return led, report, reuse


def meeting_of(group: Group, title: str, day: date) -> Meeting:
    return Meeting.objects.create(
        network=group.network, group=group, title=title, date=day, start_time=time(9, 30), minutes=90
    )


def fresh(obj: Any) -> Any:
    return type(obj).objects.get(pk=obj.pk)


def make_world() -> World:
    cast = make_cast()
    network = cast.network
    chair = make_member(network, "officer", cast.town("durbach"), "chair@durbach.example")
    minutes = make_member(network, "officer", cast.town("durbach"), "minutes@durbach.example")
    presiding = make_member(network, "officer", cast.town("lahr"), "officer@lahr.example")
    elsewhere = make_member(network, "guest", None, "guest@elsewhere.example", organisation="KIT")
    at_item = make_member(network, "guest", None, "guest@item.example", organisation="Hochschule")
    former = make_member(network, "officer", cast.town("achern"), "former@achern.example", ended_on=date(2024, 1, 1))
    other_guest = make_member(cast.other_network, "guest", None, "guest@regional.example", organisation="WRO")
    rastatt = Municipality.objects.get(pk="08216043")
    other_guide = make_member(cast.other_network, "guide", rastatt, "guide@rastatt.example")
    GroupMembership.objects.create(group=cast.group, membership=chair, role="chair")
    GroupMembership.objects.create(group=cast.group, membership=minutes, role="minutes")
    own, token = furnish(
        network,
        cast.group,
        coordinator=cast.coordinator,
        officer=cast.kehl,
        guest=cast.guest,
        member=cast.guide,
        town=cast.town("achern"),
        title="Ortenau",
    )
    Meeting.objects.filter(pk__in=[own.planned.pk, own.running.pk, own.cancelled.pk]).update(chair=presiding)
    for item in (own.item, own.spoken):
        MeetingGuest.objects.create(meeting=item.meeting, membership=at_item, item=item)
    foreign, _token = furnish(
        cast.other_network,
        Group.objects.get(network=cast.other_network),
        coordinator=cast.other,
        officer=cast.other_officer,
        guest=other_guest,
        member=other_guide,
        town=rastatt,
        title="Regional",
    )
    members = {
        "coordinator": cast.coordinator,
        "chair": chair,
        "presiding": presiding,
        "minutes": minutes,
        "kehl": cast.kehl,
        "achern": cast.achern,
        "mayor": cast.mayor,
        "guide": cast.guide,
        "guest": cast.guest,
        "guest_at_item": at_item,
        "guest_elsewhere": elsewhere,
        "other": cast.other,
        "other_officer": cast.other_officer,
        "former": former,
    }
    people = {who: member.person for who, member in members.items()}
    people["nobody"] = Person.objects.create_user("nobody@nowhere.example", "Nobody")
    return World(cast, people, members, own, foreign, token)


# -- what is in the database ------------------------------------------------------------------------------------------

UNTOLD = {"session", "logentry", "contenttype", "permission", "migration"}
# When somebody was here last is noted on a visit.
PASSING = {"last_seen_at", "visit_before_at", "last_login"}


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables that people's actions can change."""
    rows = {}
    for model in apps.get_models():
        if model._meta.model_name in UNTOLD:
            continue
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in PASSING]
        rows[model._meta.label] = sorted(model._default_manager.values_list(*names), key=repr)
    return rows


def rows_written() -> int:
    """Return how many rows this SQLite connection has written so far, also what was rolled back: where it stays the
    same nothing was changed, and nobody needs to read everything.
    """
    return int(connection.connection.total_changes)


def watch() -> Callable[[], None]:
    """Return what asserts, when it is called, that nothing was changed since. What was changed until then is undone."""
    is_counted = connection.vendor == "sqlite"
    written, before = (rows_written(), None) if is_counted else (0, everything())
    point = transaction.savepoint()

    def unchanged() -> None:
        if is_counted and rows_written() == written:
            return
        after = everything()
        transaction.savepoint_rollback(point)
        assert after == (before or everything())

    return unchanged


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is rolled back."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


# -- what a browser would send ----------------------------------------------------------------------------------------


class _Fields(HTMLParser):
    """Collects names and values of the fields of a page's forms, as a browser would send them unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._select = self._textarea = ""
        self._is_first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name = at.get("name") or ""
        if tag == "input" and name and (at.get("type") not in ("checkbox", "radio") or "checked" in at):
            self.values[name] = at.get("value") or ("on" if at.get("type") == "checkbox" else "")
        elif tag == "select" and name:
            self._select, self._is_first = name, True
        elif tag == "option" and self._select:
            # Without a choice of its own a browser sends the first option.
            if self._is_first or "selected" in at:
                self.values[self._select] = at.get("value") or ""
            self._is_first = False
        elif tag == "textarea" and name:
            self._textarea = name
            self.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data


def fields_of(html: str) -> dict[str, Any]:
    """Return the fields of the page's main forms with the values they show."""
    fields = _Fields()
    main = re.search(r"<main.*</main>", html, re.S)
    fields.feed(main[0] if main else html)
    return {name: value for name, value in fields.values.items() if name not in ("csrfmiddlewaretoken", "language")}


def shown(world: World, path: str, who: str, /, **more: Any) -> dict[str, Any]:
    """Return what the form at `path` would send after that person filled in `more`."""
    answer = world.client(who).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return {**fields_of(answer.content.decode()), **more}


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": json.dumps(values), "content_type": "application/json"}


__all__ = [
    "INVITED_TO",
    "OWN",
    "STRANGERS",
    "Things",
    "World",
    "as_json",
    "everything",
    "fields_of",
    "fresh",
    "make_meeting",
    "make_world",
    "rows_written",
    "shown",
    "undone",
    "watch",
]
