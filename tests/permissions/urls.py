"""THE TABLE: what each address of a network answers to each role, asked (GET) and sent to (POST).

A row names who gets through; of the rest of the network those who see the object are told 403, the others 404.
Strangers (another network's people, former members, signed in without a network) always get 404, nobody at all the
sign-in page (401 in the background). POSTs are sent as the page's script sends them: done is 204.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from collab.network.models import Membership
from meetings.domain.circular import open_circular
from meetings.domain.finalise import finalise
from meetings.domain.publication import publish_decision, publish_minutes
from meetings.domain.vote import open_vote
from meetings.models import (
    AgendaItem,
    Attendance,
    CarriedOut,
    Meeting,
    MinutesApproval,
    MinutesVersion,
    Publication,
    PublicSite,
    RecordedAction,
    Speech,
    Step,
    Voice,
    Vote,
)
from meetings.queries import public_content
from meetings.queries.minutes import minutes_of, newest_version
from workgroups.domain.intake import upload_table
from workgroups.domain.intake.steps import planned
from workgroups.domain.involvement import mark_of
from workgroups.models import (
    Admission,
    ExperienceReport,
    Group,
    GroupMembership,
    Intake,
    Involvement,
    Offer,
    Project,
    ServiceStatus,
)
from workgroups.queries.involvement import part_of_town

from .world import INVITED_TO, OWN, Things, World, as_json, fields_of, shown

Roles = frozenset[str]
ALL: Roles = frozenset(OWN)
GUESTS: Roles = frozenset({"guest", "guest_at_item", "guest_elsewhere"})
MEMBERS: Roles = ALL - GUESTS
COORDINATOR: Roles = frozenset({"coordinator"})
PLANNERS: Roles = COORDINATOR | {"chair"}
CHAIRS: Roles = PLANNERS | {"presiding"}
WRITERS: Roles = CHAIRS | {"minutes"}
# Officers belong to the officers' exchange by their office.
BODY: Roles = WRITERS | {"kehl", "achern"}
PRESENT: Roles = MEMBERS | {"guest"}
# Who casts the voice of their town in the officers' exchange.
OFFICERS: Roles = BODY - COORDINATOR
# Kehl's own matters.
KEHL: Roles = frozenset({"kehl"})
NOBODY: Roles = frozenset()

Args = Callable[[Things], list[Any]]
Body = Callable[[World, str, str], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """`get` and `post` name who gets through (None: there is no such method), `seen_by` who is told 403 and not 404."""

    args: Args = lambda things: []
    get: Roles | None = None
    post: Roles | None = None
    seen_by: Roles = ALL
    # What is sent, made of what the form shows to whoever may see it.
    body: Body = lambda world, path, who: {}
    done: int = 204
    # A short address leads on (302).
    found: int = 200
    # The REST interface says 403 to the signed out, polling 401.
    signed_out: int = 302
    # The ids among `args` whose strangers' counterparts are tried.
    has_ids: bool = False
    # Which of the things it is about, where it is about one.
    thing: str = ""

    def is_seen_by(self, who: str) -> bool:
        """Whether that person sees what it is about and is therefore told 403 and not 404."""
        if who == "guest_at_item" and self.thing and "guest_elsewhere" not in self.seen_by:
            return "guest" in self.seen_by and self.thing in INVITED_TO
        return who in self.seen_by


def of(name: str) -> Args:
    return lambda things: [getattr(things, name).pk]


def planned_alone(things: Things) -> list[int]:
    """The planned meeting; the running one of its group is over, for a group has one in session at a time."""
    running = Meeting.objects.filter(group=things.planned.group_id, state=Meeting.State.OPEN)
    running.update(state=Meeting.State.CLOSED)
    return [things.planned.pk]


def town_at(name: str) -> Args:
    """A meeting, and Achern at it."""
    return lambda things: [getattr(things, name).pk, things.town.pk]


def running_with_a_town(things: Things) -> list[int]:
    """The meeting in session, to which a town has accepted to come."""
    values = {"answer": "accepted", "answered_by": things.guest, "answered_at": things.running.opened_at}
    Attendance.objects.get_or_create(meeting=things.running, municipality=things.town, defaults=values)
    return [things.running.pk]


def active_round(things: Things) -> list[int]:
    """The active item of the meeting in session, a round of reports."""
    AgendaItem.objects.filter(pk=things.upcoming.pk).update(kind="round")
    Meeting.objects.filter(pk=things.running.pk).update(active_item=things.upcoming)
    return [things.upcoming.pk]


def speech(state: str) -> Args:
    """Kehl's request to speak on the active item, in that state; another one waits behind it."""

    def asked(things: Things) -> list[int]:
        values = {"meeting": things.running, "item": things.spoken}
        Speech.objects.get_or_create(**values, membership=things.member, defaults={"position": 9})
        officer = things.action.person
        values["membership"] = officer
        return [Speech.objects.get_or_create(**values, defaults={"state": state, "position": 1})[0].pk]

    return asked


def gone_on(things: Things) -> list[int]:
    """The meeting in session, at its second item."""
    Meeting.objects.filter(pk=things.running.pk).update(active_item=things.upcoming)
    return [things.running.pk]


def about_a_project(things: Things) -> list[int]:
    """Let the active item be about a project, so that towns can take part from there."""
    AgendaItem.objects.filter(pk=things.spoken.pk).update(project=things.unlisted)
    return [things.spoken.pk]


def drafted(things: Things) -> list[int]:
    """A meeting that is over, of which there is a draft of the minutes."""
    running = Meeting.objects.filter(pk=things.running.pk)
    running.update(state=Meeting.State.CLOSED, closed_at=things.running.opened_at)
    return [things.running.pk]


def drafted_item(things: Things) -> list[int]:
    """An item of that meeting."""
    return [*drafted(things), things.spoken.pk]


def finalised(things: Things) -> list[int]:
    """A meeting that is over, and the number of its finalised minutes."""
    return [*drafted(things), _finalised(things.running).number]


def up_for_approval(things: Things) -> list[int]:
    """An item of the meeting in session, under which the minutes of the one before it are to be approved."""
    AgendaItem.objects.filter(pk=things.upcoming.pk).update(kind="approval")
    values = {"group": things.group, "title": f"{things.network} before", "state": Meeting.State.CLOSED}
    values |= {"date": things.running.date - timedelta(days=28), "start_time": things.running.start_time}
    values |= {"minutes": 90, "opened_at": things.running.opened_at, "closed_at": things.running.opened_at}
    before = Meeting.objects.get_or_create(network=things.network, title=values["title"], defaults=values)[0]
    return [things.upcoming.pk, _finalised(before).pk]


def approved_minutes(things: Things) -> list[int]:
    item, version = up_for_approval(things)
    said = {"version_id": version, "item_id": item, "kind": "approved"}
    more = {"by": things.member, "by_name": str(things.member), "on": things.running.date}
    MinutesApproval.objects.get_or_create(**said, defaults=more)
    return [item, version]


def _finalised(meeting: Meeting) -> MinutesVersion:
    minutes = minutes_of(Meeting.objects.get(pk=meeting.pk))
    coordinator = Membership.objects.get(network=meeting.network, role="coordinator")
    return newest_version(minutes) or finalise(minutes=minutes, by=coordinator, version=1)


def voices_of_ended(things: Things) -> list[Any]:
    """A vote that is over, which led to the decision."""
    decision = things.decision
    values = {"group": things.group, "meeting": decision.meeting, "item": decision.item, "opened_by": things.member}
    values |= {"kind": Vote.Kind.OPEN, "state": Vote.State.CLOSED, "text": decision.wording}
    return [Vote.objects.get_or_create(network=things.network, decision=decision, defaults=values)[0].pk, "csv"]


def circulated(things: Things) -> list[int]:
    """A vote by circulation that the coordinator put to the group's towns."""
    vote = Vote.objects.filter(network=things.network, kind=Vote.Kind.CIRCULAR, state=Vote.State.OPEN).first()
    coordinator = Membership.objects.get(network=things.network, role="coordinator")
    values = {"subject": f"{things.network} circular", "text": "We use one e-file.", "background": "We use one e-file."}
    return [(vote or open_circular(group=things.group, by=coordinator, **values)).pk]


def voting(things: Things) -> list[int]:
    """A vote that is open in the meeting in session."""
    vote = Vote.objects.filter(meeting=things.running, state=Vote.State.OPEN).first()
    coordinator = Membership.objects.get(network=things.network, role="coordinator")
    return [(vote or open_vote(item=things.spoken, kind="open", text="We use one e-file.", by=coordinator)).pk]


def voted(things: Things) -> list[int]:
    """One in which a municipality has voted: it can be closed."""
    of = {"vote_id": voting(things)[0], "municipality": things.town, "replaced_at": None}
    said = {"answer": "yes", "capacity": "own", "by": things.member, "by_name": "K", "town_name": "K"}
    Voice.objects.get_or_create(**of, defaults=said)
    return [of["vote_id"]]


def deputy_of(world: World, who: str) -> dict[str, Any]:
    """Each officer names themselves."""
    return {"membership": world.members[who].pk, "version": 0}


def year_of_decision(things: Things) -> list[int]:
    return [things.decision.year]


def put_off(things: Things) -> list[int]:
    AgendaItem.objects.filter(pk=things.upcoming.pk).update(state=AgendaItem.State.DEFERRED)
    return [things.upcoming.pk]


def after_a_step(things: Things) -> list[int]:
    """The meeting in session, with a step that can be taken back: an item was brought back to its agenda."""
    spoken, upcoming = things.spoken.pk, str(things.upcoming.pk)
    before = {"active_item": spoken, "meeting": {}, "items": {upcoming: {"state": "deferred"}}, "created": 0}
    before["after"] = {"active_item": spoken, "items": {upcoming: "planned"}}
    by = things.member
    Step.objects.get_or_create(meeting=things.running, verb="item_resumed", by=by, defaults={"before": before})
    return [things.running.pk]


def of_decision_with(*more: str) -> Args:
    """The decision, and what else the address names."""
    return lambda things: [things.decision.reference, *more]


def decided_in_closed(things: Things) -> list[str]:
    """The decision after its meeting was closed."""
    closed_again(things)
    return [things.decision.reference]


def with_action_beside(things: Things) -> list[Any]:
    """The decision, and an action item that was recorded on the same agenda item."""
    RecordedAction.objects.get_or_create(action_item=things.action, defaults={"item": things.spoken})
    return [things.decision.reference, things.action.pk]


def carried_out_by(things: Things) -> list[int]:
    """What says that the project which Kehl leads carries out the decision."""
    values = {"decision": things.decision, "project": things.led, "removed_at": None}
    return [CarriedOut.objects.get_or_create(**values, defaults={"linked_by": things.decision.recorded_by})[0].pk]


def closed_again(things: Things) -> list[int]:
    """The running meeting after it was closed."""
    Meeting.objects.filter(pk=things.running.pk).update(state=Meeting.State.CLOSED)
    return [things.running.pk]


def form(**more: Any) -> Body:
    """The form as it is shown, with some fields filled in; values may be functions of the world."""

    def filled(world: World, path: str, who: str) -> dict[str, Any]:
        return shown(world, path, who, **{k: v(world) if callable(v) else v for k, v in more.items()})

    return filled


def fixed(**values: Any) -> Body:
    return lambda world, path, who: {k: v(world) if callable(v) else v for k, v in values.items()}


def on(args: str, **more: Any) -> dict[str, Any]:
    return {"args": of(args), "has_ids": True, "thing": args, **more}


def previewed(**more: Any) -> Body:
    """The form of a series, with the seal of the dates that were shown."""

    def filled(world: World, path: str, who: str) -> dict[str, Any]:
        values = shown(world, path, who, **more)
        answer = world.client(who).post(path, {**values, "step": "preview"})
        seal = fields_of(answer.content.decode())["seal"]
        return {**values, "step": "save", "seal": seal}

    return filled


def own_words(world: World, path: str, who: str) -> dict[str, Any]:
    """Everyone writes for their own town, the coordinator for the office."""
    return shown(world, path, who, title="Ask the data centre")


def upload(world: World, path: str, who: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("report.txt", b"What Kehl has learned")}


def state(world: World, path: str, who: str) -> dict[str, Any]:
    return as_json({"state": "done", "note": "", "version": 1})


def reference(things: Things) -> list[Any]:
    return [things.decision.reference]


def published(things: Things) -> list[int]:
    """What was made public of the network: a decision."""
    there = Publication.objects.filter(decision=things.decision, withdrawn_at=None).first()
    if there is None:
        by = Membership.objects.filter(network=things.network, role="coordinator", ended_on=None).earliest("pk")
        seal = public_content.seal_of(public_content.of_decision(things.decision))
        there = publish_decision(decision=things.decision, seal=seal, by=by)
    return [there.pk]


def opened(world: World) -> list[Any]:
    """The network whose public pages are open."""
    PublicSite.objects.update_or_create(network=world.own.network, defaults={"is_open": True})
    return [world.own.network.slug]


def opened_decision(world: World) -> list[Any]:
    published(world.own)
    return [*opened(world), world.own.decision.reference]


def opened_minutes(world: World) -> list[Any]:
    """Its minutes that are public."""
    [pk, _number] = finalised(world.own)
    version = MinutesVersion.objects.filter(minutes__meeting=pk).latest("number")
    seal = public_content.seal_of(public_content.of_minutes(version, with_names=False))
    publish_minutes(version=version, with_names=False, seal=seal, by=world.cast.coordinator)
    return [*opened(world), pk]


def guest_removal(things: Things) -> list[Any]:
    return [things.planned.pk, things.guest.pk]


PEOPLE = {
    # Guests are not told that there is such a page.
    "changes": Row(get=MEMBERS, seen_by=MEMBERS),
    "members": Row(get=MEMBERS),
    "invite": Row(
        get=COORDINATOR,
        post=COORDINATOR,
        body=form(email="somebody@kehl.example", name="Somebody", role="guest", organisation="KIT"),
    ),
    "membership_role": Row(**on("member"), get=COORDINATOR, post=COORDINATOR, body=form(role="officer")),
    "membership_end": Row(**on("member"), get=COORDINATOR, post=COORDINATOR, body=form(reason="Moved away")),
    "invitation_resend": Row(**on("invitation"), get=COORDINATOR, post=COORDINATOR, seen_by=NOBODY),
    "invitation_revoke": Row(**on("invitation"), get=COORDINATOR, post=COORDINATOR, seen_by=NOBODY),
    # Shows the link, so it answers with a page.
    "invitation_link": Row(**on("invitation"), get=COORDINATOR, post=COORDINATOR, seen_by=NOBODY, done=200),
    "municipality_search": Row(get=COORDINATOR),
    "accession_add": Row(get=COORDINATOR, post=COORDINATOR, body=form(municipality="08216043", joined_on="2026-01-15")),
    "accession_end": Row(**on("accession"), get=COORDINATOR, post=COORDINATOR, body=form(left_on="2026-01-15")),
    # Demo mode only; tests run outside of it.
    "demo_mail": Row(get=NOBODY, seen_by=NOBODY),
}

WORK = {
    # Guests are not told that there is a log.
    "action_log": Row(get=MEMBERS, seen_by=MEMBERS),
    "action_add": Row(
        get=BODY | {"guide"},
        post=BODY | {"guide"},
        seen_by=MEMBERS,
        body=own_words,
    ),
    "action_item": Row(**on("action"), get=MEMBERS, seen_by=MEMBERS),
    "action_edit": Row(
        **on("action"), get=PLANNERS | KEHL, post=PLANNERS | KEHL, seen_by=MEMBERS, body=form(title="Reworded")
    ),
    "action_state": Row(
        **on("action"), get=PLANNERS | KEHL, post=PLANNERS | KEHL, seen_by=MEMBERS, body=form(state="done")
    ),
    "action_due": Row(
        **on("action"),
        get=PLANNERS | KEHL,
        post=PLANNERS | KEHL,
        seen_by=MEMBERS,
        body=form(due_on="2026-12-24", due_reason="Later"),
    ),
    "action_follow_up": Row(
        **on("action"),
        get=PLANNERS | KEHL,
        post=PLANNERS | KEHL,
        seen_by=MEMBERS,
        body=form(follow_up_on="2099-12-24"),
    ),
    "action_board": Row(get=MEMBERS, seen_by=MEMBERS),
    "action_move": Row(
        **on("action"), post=PLANNERS | KEHL, seen_by=MEMBERS, body=fixed(state="in_progress", version="1")
    ),
    # To whom it is handed over decides for itself.
    "action_hand_over": Row(
        **on("action"),
        get=PLANNERS | KEHL,
        post=PLANNERS | KEHL,
        seen_by=MEMBERS,
        body=form(municipality=lambda w: w.own.town.pk),
    ),
}

PROJECTS = {
    "project_add": Row(get=MEMBERS - {"mayor"}, post=MEMBERS - {"mayor"}, seen_by=MEMBERS, body=form(title="Parking")),
    "block_add": Row(get=COORDINATOR, post=COORDINATOR, seen_by=MEMBERS, body=form(name="Smart City")),
    "service_find": Row(get=MEMBERS, seen_by=MEMBERS),
    # Kehl's; the coordinator writes into every profile.
    "project": Row(**on("led"), get=MEMBERS, seen_by=MEMBERS),
    "project_part": Row(
        args=lambda things: [things.led.pk, "cost"],
        has_ids=True,
        thing="led",
        get=COORDINATOR | KEHL,
        post=COORDINATOR | KEHL,
        seen_by=MEMBERS,
        body=form(cost_once="1.250,50"),
    ),
    "project_phase": Row(
        **on("led"),
        get=COORDINATOR | KEHL,
        post=COORDINATOR | KEHL,
        seen_by=MEMBERS,
        body=form(phase="handed_on", since="2025-01-15"),
    ),
    "project_attach": Row(**on("led"), get=COORDINATOR | KEHL, post=COORDINATOR | KEHL, seen_by=MEMBERS, body=upload),
    "project_file": Row(**on("project_file"), get=MEMBERS, seen_by=MEMBERS),
    "project_file_remove": Row(**on("project_file"), get=COORDINATOR | KEHL, post=COORDINATOR | KEHL, seen_by=MEMBERS),
    "api_projects": Row(get=ALL, signed_out=403),
    "api_project": Row(**on("led"), get=MEMBERS, seen_by=MEMBERS, signed_out=403),
}

reworded = fixed(title="Which one?", text="", block="governance", project="", version="1")


def withdrawn_question(things: Things) -> list[int]:
    type(things.asked).objects.filter(pk=things.asked.pk).update(state="withdrawn")
    return [things.asked.pk]


# Whoever works in the network asks and answers; Kehl asks, the guide of Lahr has answered.
AT_WORK: Roles = MEMBERS - {"mayor"}
HELP = {
    "question_list": Row(get=MEMBERS, seen_by=MEMBERS),
    "question_add": Row(
        get=AT_WORK,
        post=AT_WORK,
        seen_by=MEMBERS,
        body=form(title="Which scanner?", project=lambda w: w.own.led.pk),
    ),
    "question": Row(**on("asked"), get=MEMBERS, seen_by=MEMBERS),
    "question_edit": Row(**on("asked"), get=KEHL, post=KEHL, seen_by=MEMBERS, body=reworded),
    "question_answer": Row(**on("asked"), get=AT_WORK, post=AT_WORK, seen_by=MEMBERS, body=form(text="This one")),
    "question_solve": Row(
        **on("asked"),
        post=COORDINATOR | KEHL,
        seen_by=MEMBERS,
        body=fixed(answer=lambda w: w.own.answer.pk, expected="0"),
    ),
    "question_reopen": Row(
        args=withdrawn_question, has_ids=True, thing="asked", post=COORDINATOR | KEHL, seen_by=MEMBERS
    ),
    "question_withdraw": Row(**on("asked"), post=COORDINATOR | KEHL, seen_by=MEMBERS),
    "answer_edit": Row(
        **on("answer"),
        get=frozenset({"guide"}),
        post=frozenset({"guide"}),
        seen_by=MEMBERS,
        body=fixed(text="That one", version="1"),
    ),
    "answer_withdraw": Row(**on("answer"), post=COORDINATOR | {"guide"}, seen_by=MEMBERS),
    "search": Row(get=MEMBERS, seen_by=MEMBERS),
}

SCHEDULE = {
    "home": Row(get=ALL),
    "meeting_list": Row(get=ALL),
    # Kehl's officer plans for the working group they chair.
    "meeting_add": Row(
        get=PLANNERS | KEHL,
        post=PLANNERS | KEHL,
        body=form(title="Extra meeting", date=lambda w: w.own.planned.date.isoformat()),
    ),
    "meeting_edit": Row(**on("planned"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form(place="Durbach")),
    "meeting_move": Row(**on("planned"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form(reason="Clash")),
    "meeting_cancel": Row(**on("planned"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form(reason="Flu")),
    "meeting_reinstate": Row(
        **on("cancelled"), post=CHAIRS, seen_by=PRESENT, body=fixed(version=lambda w: w.own.cancelled.version)
    ),
    "meeting_guests": Row(
        **on("planned"),
        get=CHAIRS,
        post=CHAIRS,
        seen_by=PRESENT,
        body=fixed(guest=lambda w: w.members["guest_elsewhere"].pk),
    ),
    "meeting_guest_remove": Row(args=guest_removal, has_ids=True, thing="planned", post=CHAIRS, seen_by=PRESENT),
    "series_add": Row(get=PLANNERS | KEHL, post=PLANNERS | KEHL, body=previewed(title="Jour fixe")),
    "series": Row(**on("series"), get=MEMBERS, seen_by=MEMBERS),
    "series_edit": Row(**on("series"), get=PLANNERS, post=PLANNERS, seen_by=MEMBERS, body=form(title="Another name")),
    "series_change": Row(
        **on("series"), get=PLANNERS, post=PLANNERS, seen_by=MEMBERS, body=previewed(weekday="1", until="")
    ),
    "series_end": Row(**on("series"), get=PLANNERS, post=PLANNERS, seen_by=MEMBERS, body=form(last_date="2099-01-01")),
}

ROOM = {
    "meeting": Row(**on("planned"), get=PRESENT | {"guest_at_item"}, seen_by=PRESENT),
    "meeting_wall": Row(**on("planned"), get=PRESENT, seen_by=PRESENT),
    "meeting_open": Row(args=planned_alone, has_ids=True, thing="planned", get=CHAIRS, post=CHAIRS, seen_by=PRESENT),
    "meeting_next": Row(**on("running"), post=CHAIRS, seen_by=PRESENT, body=fixed(expected=lambda w: w.own.spoken.pk)),
    "meeting_back": Row(
        args=gone_on,
        has_ids=True,
        thing="running",
        post=CHAIRS,
        seen_by=PRESENT,
        body=fixed(expected=lambda w: w.own.upcoming.pk),
    ),
    "meeting_finish": Row(
        **on("running"), post=CHAIRS, seen_by=PRESENT, body=fixed(expected=lambda w: w.own.spoken.pk)
    ),
    "meeting_undo": Row(
        args=after_a_step,
        has_ids=True,
        thing="running",
        post=CHAIRS,
        seen_by=PRESENT,
        body=fixed(step=lambda w: Step.objects.filter(meeting=w.own.running).latest("pk").pk),
    ),
    "item_add_now": Row(**on("running"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form(title="Parking")),
    # Whoever chairs this one meeting cannot take the chair back, once handed on.
    "chair_take": Row(
        **on("running"), post=PLANNERS, seen_by=PRESENT, body=fixed(expected=lambda w: w.members["presiding"].pk)
    ),
    "chair_hand": Row(
        **on("running"),
        get=CHAIRS,
        post=CHAIRS,
        seen_by=PRESENT,
        body=form(to=lambda w: w.members["achern"].pk),
    ),
    "pen_take": Row(**on("running"), post=WRITERS, seen_by=PRESENT, body=fixed(expected="0")),
    "pen_hand": Row(
        **on("running"),
        get=WRITERS,
        post=WRITERS,
        seen_by=PRESENT,
        body=form(to=lambda w: w.members["achern"].pk),
    ),
    "item_defer": Row(**on("upcoming"), post=CHAIRS, seen_by=PRESENT, body=fixed(expected=lambda w: w.own.spoken.pk)),
    "item_resume": Row(args=put_off, has_ids=True, thing="upcoming", post=CHAIRS, seen_by=PRESENT),
    "item_split": Row(**on("spoken"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form(title="The rest")),
    "meeting_close": Row(**on("running"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form()),
    "meeting_people": Row(
        **on("planned"),
        get=CHAIRS,
        post=CHAIRS,
        seen_by=PRESENT,
        body=fixed(
            chair=lambda w: w.members["achern"].pk,
            minute_taker="",
            version=lambda w: Meeting.objects.get(pk=w.own.planned.pk).version,
        ),
    ),
    "town_answer": Row(
        args=town_at("planned"),
        has_ids=True,
        thing="planned",
        get=WRITERS | {"achern"},
        post=WRITERS | {"achern"},
        seen_by=PRESENT,
        body=form(answer="accepted"),
    ),
    "town_say": Row(
        args=town_at("planned"),
        has_ids=True,
        thing="planned",
        post=WRITERS | {"achern"},
        seen_by=PRESENT,
        body=fixed(answer="accepted"),
    ),
    "town_here": Row(
        args=town_at("running"),
        has_ids=True,
        thing="running",
        post=WRITERS | {"achern"},
        seen_by=PRESENT,
        body=fixed(here="1"),
    ),
    "town_presence": Row(
        args=town_at("running"),
        has_ids=True,
        thing="running",
        get=WRITERS | {"achern"},
        post=WRITERS | {"achern"},
        seen_by=PRESENT,
        body=form(name="Somebody"),
    ),
    "meeting_all_here": Row(args=running_with_a_town, has_ids=True, thing="running", post=WRITERS, seen_by=PRESENT),
    "group_quorum": Row(**on("planned"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form(quorum="none")),
    "meeting_reopen": Row(
        args=closed_again,
        thing="running",
        has_ids=True,
        get=CHAIRS,
        post=CHAIRS,
        seen_by=PRESENT,
        body=form(reason="Forgotten"),
    ),
    # The chair and who keeps the minutes say anything, Kehl's own people that their own is done.
    "item_review": Row(
        args=lambda things: [things.review.pk, things.action.pk],
        has_ids=True,
        get=WRITERS,
        post=WRITERS | KEHL,
        seen_by=PRESENT,
        body=fixed(outcome="done", expected=""),
    ),
    "item_every_time": Row(**on("standing"), post=PLANNERS, seen_by=MEMBERS),
    "idea_add": Row(**on("group"), get=BODY, post=BODY, seen_by=MEMBERS, body=form(title="Parking")),
    "idea_take": Row(
        **on("idea"),
        get=PLANNERS,
        post=PLANNERS,
        seen_by=MEMBERS,
        body=fixed(meeting=lambda w: w.own.planned.pk),
    ),
    "idea_drop": Row(**on("idea"), post=PLANNERS, seen_by=MEMBERS),
    "idea_restore": Row(**on("dropped_idea"), post=PLANNERS, seen_by=MEMBERS),
    "item_add": Row(**on("planned"), get=BODY, post=BODY, seen_by=PRESENT, body=form(title="Parking")),
    "item": Row(**on("proposal"), get=PRESENT, seen_by=PRESENT),
    "item_edit": Row(
        **on("proposal"), get=CHAIRS | KEHL, post=CHAIRS | KEHL, seen_by=PRESENT, body=form(title="Parking")
    ),
    "item_accept": Row(**on("proposal"), post=CHAIRS, seen_by=PRESENT),
    "item_decline": Row(**on("proposal"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form(answer="Later")),
    "item_withdraw": Row(**on("proposal"), post=CHAIRS | KEHL, seen_by=PRESENT),
    "item_move": Row(**on("item"), post=CHAIRS, seen_by=PRESENT, body=fixed(parent="", before="")),
    "item_activate": Row(
        **on("upcoming"), post=CHAIRS, seen_by=PRESENT, body=fixed(expected=lambda w: w.own.spoken.pk)
    ),
    "item_notes": Row(**on("spoken"), get=WRITERS, post=WRITERS, seen_by=PRESENT, body=form(notes="Kehl reports")),
    "decision_add": Row(
        **on("spoken"),
        get=WRITERS,
        post=WRITERS,
        seen_by=PRESENT,
        body=form(wording="The e-file comes", mode="unanimous"),
    ),
    "item_action_add": Row(
        **on("spoken"),
        get=WRITERS,
        post=WRITERS,
        seen_by=PRESENT,
        body=form(title="Write to the data centre", who="Kehl"),
    ),
    "item_report": Row(
        args=active_round,
        has_ids=True,
        get=BODY - COORDINATOR,
        post=BODY - COORDINATOR,
        seen_by=PRESENT,
        # The coordinator acts for no town and is shown no form.
        body=fixed(news="A new portal", version=0),
    ),
    "report_pass": Row(
        args=active_round, has_ids=True, post=CHAIRS | KEHL, seen_by=PRESENT, body=fixed(municipality="08317057")
    ),
    "round_next": Row(args=active_round, has_ids=True, post=CHAIRS, seen_by=PRESENT, body=fixed(expected="")),
    "round_call": Row(
        args=active_round, has_ids=True, post=CHAIRS, seen_by=PRESENT, body=fixed(municipality="08317057", expected="")
    ),
    "speech_add": Row(
        **on("spoken"), get=BODY | {"guest"}, post=BODY | {"guest"}, seen_by=PRESENT, body=form(about="Costs")
    ),
    "speakers_close": Row(**on("spoken"), post=CHAIRS, seen_by=PRESENT, body=fixed(closed="1")),
    "speech_withdraw": Row(args=speech("waiting"), has_ids=True, post=CHAIRS | KEHL, seen_by=PRESENT),
    "speech_floor": Row(args=speech("waiting"), has_ids=True, post=CHAIRS, seen_by=PRESENT, body=fixed(expected="0")),
    "speech_end": Row(args=speech("speaking"), has_ids=True, post=CHAIRS | KEHL, seen_by=PRESENT),
    "speech_move": Row(
        args=speech("waiting"), has_ids=True, post=CHAIRS, seen_by=PRESENT, body=fixed(direction="down")
    ),
    "speaking_rules": Row(**on("planned"), get=CHAIRS, post=CHAIRS, seen_by=PRESENT, body=form(speaking_minutes="5")),
    "item_attach": Row(**on("proposal"), get=WRITERS | KEHL, post=WRITERS | KEHL, seen_by=PRESENT, body=upload),
    "file": Row(**on("file"), get=PRESENT, seen_by=PRESENT),
    "file_remove": Row(**on("file"), post=WRITERS | KEHL, seen_by=PRESENT),
    "vote_list": Row(get=MEMBERS, seen_by=MEMBERS),
    "vote": Row(args=circulated, has_ids=True, get=MEMBERS, seen_by=MEMBERS),
    "circular_add": Row(
        **on("group"), get=PLANNERS, post=PLANNERS, seen_by=MEMBERS, body=form(subject="Parking", text="We park.")
    ),
    "circular_withdraw": Row(
        args=circulated, has_ids=True, get=PLANNERS, post=PLANNERS, seen_by=MEMBERS, body=form(reason="A slip")
    ),
    "vote_object": Row(
        args=circulated, has_ids=True, get=OFFICERS, post=OFFICERS, seen_by=MEMBERS, body=fixed(reason="We must talk")
    ),
    "deputy": Row(get=OFFICERS, post=OFFICERS, seen_by=MEMBERS, body=lambda world, path, who: deputy_of(world, who)),
    "minutes_list": Row(get=MEMBERS, seen_by=MEMBERS),
    # The draft is for who sits at the table, what is finalised for all.
    "minutes": Row(args=drafted, has_ids=True, get=BODY, seen_by=BODY),
    "minutes_version": Row(args=finalised, has_ids=True, get=PRESENT, seen_by=PRESENT),
    "minutes_text": Row(
        args=drafted_item, has_ids=True, get=WRITERS, post=WRITERS, seen_by=BODY, body=form(result="All agreed")
    ),
    "minutes_foot": Row(
        args=drafted, has_ids=True, get=WRITERS, post=WRITERS, seen_by=BODY, body=form(distribution="All mayors")
    ),
    "minutes_finalise": Row(args=drafted, has_ids=True, get=WRITERS, post=WRITERS, seen_by=BODY, body=form()),
    "minutes_approve": Row(args=up_for_approval, has_ids=True, post=WRITERS, seen_by=MEMBERS),
    "minutes_unapprove": Row(args=approved_minutes, has_ids=True, post=WRITERS, seen_by=MEMBERS),
    # Each for their own town.
    "minutes_object": Row(
        args=up_for_approval,
        has_ids=True,
        get=BODY - COORDINATOR,
        post=BODY - COORDINATOR,
        seen_by=MEMBERS,
        body=fixed(text="We said something else"),
    ),
    "decision_log": Row(get=MEMBERS, seen_by=MEMBERS),
    "overview": Row(get=MEMBERS, seen_by=MEMBERS),
    "decision": Row(args=reference, thing="decision", get=PRESENT | {"guest_at_item"}, seen_by=PRESENT),
    "decision_pdf": Row(args=reference, thing="decision", get=MEMBERS, seen_by=MEMBERS),
    "year_pdf": Row(args=year_of_decision, get=MEMBERS, seen_by=MEMBERS),
    "year_print": Row(args=year_of_decision, get=MEMBERS, seen_by=MEMBERS),
    "minutes_pdf": Row(args=drafted, has_ids=True, get=BODY, seen_by=BODY),
    "short_decision": Row(
        args=reference, thing="decision", get=PRESENT | {"guest_at_item"}, seen_by=PRESENT, found=302
    ),
    "short_minutes": Row(args=drafted, has_ids=True, get=BODY, seen_by=BODY, found=302),
    # Officers at the table, each for their own town.
    "item_take_on": Row(
        args=about_a_project,
        has_ids=True,
        thing="spoken",
        post=BODY - COORDINATOR,
        seen_by=PRESENT,
        body=fixed(role="contributor"),
    ),
    # Guests are not told that there are votes.
    "vote_open": Row(
        **on("spoken"), get=CHAIRS, post=CHAIRS, seen_by=MEMBERS, body=form(text="We use one e-file.", kind="open")
    ),
    "vote_close": Row(args=voted, has_ids=True, get=CHAIRS, post=CHAIRS, seen_by=MEMBERS, body=fixed(version="1")),
    "vote_withdraw": Row(
        args=voting, has_ids=True, get=CHAIRS, post=CHAIRS, seen_by=MEMBERS, body=form(reason="A slip")
    ),
    "vote_towns": Row(args=voting, has_ids=True, get=MEMBERS, seen_by=MEMBERS),
    # Achern's voice.
    "voice": Row(
        args=lambda things: [*voting(things), things.town.pk],
        has_ids=True,
        get=frozenset({"achern"}),
        post=frozenset({"achern"}),
        seen_by=MEMBERS,
        body=fixed(answer="yes"),
    ),
    "proxy": Row(
        args=town_at("planned"),
        has_ids=True,
        get=frozenset({"achern"}),
        post=frozenset({"achern"}),
        seen_by=MEMBERS,
        body=fixed(holder=lambda w: w.members["kehl"].pk, version="0"),
    ),
    "item_wording": Row(**on("spoken"), get=WRITERS, post=WRITERS, seen_by=PRESENT, body=form(text="The e-file comes")),
    "item_wording_drop": Row(
        **on("upcoming"), post=WRITERS, seen_by=PRESENT, body=fixed(version=lambda w: w.own.wording.version)
    ),
    "item_notes_version": Row(args=lambda things: [things.spoken.pk, 2], has_ids=True, get=MEMBERS, seen_by=MEMBERS),
    "decision_step": Row(
        args=of_decision_with("fulfilled"),
        get=PLANNERS,
        post=PLANNERS,
        seen_by=MEMBERS,
        body=form(reason="It runs"),
    ),
    "decision_terms": Row(
        args=reference,
        get=PLANNERS,
        post=PLANNERS,
        seen_by=MEMBERS,
        body=form(expires_on="2999-01-01", reason="Until then"),
    ),
    "decision_add_correction": Row(
        args=decided_in_closed,
        get=PLANNERS,
        post=PLANNERS,
        seen_by=MEMBERS,
        body=form(text="What was meant", reason="A slip"),
    ),
    "adoption": Row(
        args=lambda things: [things.decision.reference, things.town.pk],
        get=frozenset({"achern"}),
        post=frozenset({"achern"}),
        seen_by=MEMBERS,
        body=fixed(state="adopted", version="0"),
    ),
    "decision_work_add": Row(
        args=reference, get=PLANNERS, post=PLANNERS, seen_by=MEMBERS, body=form(title="Carry it out")
    ),
    "decision_work_link": Row(
        args=reference, get=PLANNERS, post=PLANNERS, seen_by=MEMBERS, body=form(project=lambda w: w.own.led.pk)
    ),
    "decision_work_suggested": Row(args=with_action_beside, has_ids=True, post=PLANNERS, seen_by=MEMBERS),
    "carried_out": Row(
        args=carried_out_by,
        has_ids=True,
        get=PLANNERS | KEHL,
        post=PLANNERS | KEHL,
        seen_by=MEMBERS,
        body=form(delay="No server"),
    ),
    "carried_out_remove": Row(args=carried_out_by, has_ids=True, post=PLANNERS, seen_by=MEMBERS),
    "meeting_preparation": Row(**on("planned"), get=WRITERS, seen_by=MEMBERS),
    "decision_correct": Row(
        args=reference,
        thing="decision",
        get=WRITERS,
        post=WRITERS,
        seen_by=PRESENT,
        body=form(wording="The e-file comes in May", reason="The month was missing"),
    ),
    "decision_visibility": Row(
        args=reference, get=PLANNERS, post=PLANNERS, seen_by=MEMBERS, body=form(visibility="group")
    ),
    "item_visibility": Row(
        args=of("item"), has_ids=True, get=CHAIRS, post=CHAIRS, seen_by=MEMBERS, body=form(visibility="group")
    ),
    "minutes_visibility": Row(
        args=drafted, has_ids=True, get=CHAIRS, post=CHAIRS, seen_by=BODY, body=form(visibility="group")
    ),
    "publish_decision": Row(args=reference, get=COORDINATOR, post=COORDINATOR, seen_by=MEMBERS, body=form()),
    "publish_item": Row(args=of("item"), has_ids=True, get=COORDINATOR, post=COORDINATOR, seen_by=MEMBERS, body=form()),
    "publish_minutes": Row(
        args=lambda things: finalised(things)[:1],
        has_ids=True,
        get=COORDINATOR,
        post=COORDINATOR,
        seen_by=MEMBERS,
        body=form(),
    ),
    "publication_withdraw": Row(
        args=published, has_ids=True, get=COORDINATOR, post=COORDINATOR, seen_by=MEMBERS, body=form(reason="A slip")
    ),
    "public_settings": Row(get=COORDINATOR, seen_by=MEMBERS),
    "public_site_edit": Row(get=COORDINATOR, post=COORDINATOR, seen_by=MEMBERS, body=form(is_open="on")),
    "meeting_public": Row(args=of("planned"), has_ids=True, post=CHAIRS, seen_by=MEMBERS, body=fixed(on="1")),
    "decision_void": Row(
        args=reference, thing="decision", get=WRITERS, post=WRITERS, seen_by=PRESENT, body=form(reason="Not voted on")
    ),
}


def uploaded(things: Things) -> list[int]:
    """An uploaded table that waits to be brought in."""
    there = Intake.objects.filter(network=things.network, name="list.csv").first()
    by = Membership.objects.filter(network=things.network, role="coordinator", ended_on=None).earliest("pk")
    values = {"network": things.network, "kind": "projects", "name": "list.csv", "by": by}
    return [(there or upload_table(content=b"Titel;Ziel\nE-Payment;Papierlos", **values)).pk]


def seal_of(world: World) -> str:
    intake = Intake.objects.get(pk=uploaded(world.own)[0])
    return planned(intake=intake, by=world.members["coordinator"]).seal


def table(world: World, path: str, who: str) -> dict[str, Any]:
    return {"kind": "projects", "file": SimpleUploadedFile("new.csv", b"Titel\nE-Akte")}


def csv(things: Things) -> list[Any]:
    return ["csv"]


# Guests are not told that there are such lists; members they are told of, and refused.
FILES = {
    "action_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "board_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "coverage_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "decision_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "adoption_export": Row(
        args=lambda things: [things.decision.reference, "csv"], thing="decision", get=MEMBERS, seen_by=MEMBERS
    ),
    "adoptions_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "tracking_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "vote_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "voice_export": Row(args=voices_of_ended, has_ids=True, get=MEMBERS, seen_by=MEMBERS),
    "minutes_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "group_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "meeting_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "member_export": Row(args=csv, get=MEMBERS),
    "question_export": Row(args=csv, get=MEMBERS, seen_by=MEMBERS),
    "intake_list": Row(get=COORDINATOR, seen_by=MEMBERS),
    "intake_add": Row(get=COORDINATOR, post=COORDINATOR, seen_by=MEMBERS, body=table),
    "intake_example": Row(args=lambda things: ["people", "xlsx"], get=COORDINATOR, seen_by=MEMBERS),
    "intake": Row(args=uploaded, has_ids=True, get=COORDINATOR, seen_by=MEMBERS),
    "intake_columns": Row(
        args=uploaded, has_ids=True, post=COORDINATOR, seen_by=MEMBERS, body=fixed(version="1", title="1")
    ),
    "intake_carry_out": Row(
        args=uploaded, has_ids=True, post=COORDINATOR, seen_by=MEMBERS, body=fixed(seal=lambda w: seal_of(w))
    ),
    "intake_drop": Row(args=uploaded, has_ids=True, post=COORDINATOR, seen_by=MEMBERS),
}

LIVE = {"live_poll": Row(get=ALL, signed_out=401)}

API = {
    "api_action_items": Row(get=ALL, signed_out=403),
    "api_action_item": Row(**on("action"), get=MEMBERS, seen_by=MEMBERS, signed_out=403),
    "api_action_item_state": Row(
        **on("action"), post=PLANNERS | KEHL, seen_by=MEMBERS, body=state, done=200, signed_out=403
    ),
    "api_meetings": Row(get=ALL, signed_out=403),
    "api_meeting": Row(**on("planned"), get=PRESENT | {"guest_at_item"}, seen_by=PRESENT, signed_out=403),
    "api_decisions": Row(get=ALL, signed_out=403),
    "api_minutes_list": Row(get=MEMBERS, seen_by=MEMBERS, signed_out=403),
    "api_minutes": Row(
        args=lambda things: finalised(things)[:1], has_ids=True, get=PRESENT, seen_by=PRESENT, signed_out=403
    ),
    "api_decision": Row(
        args=reference, thing="decision", get=PRESENT | {"guest_at_item"}, seen_by=PRESENT, signed_out=403
    ),
}

# Kehl's officer founded the working group; the coordinator acts in every group.
CIRCLE: Roles = COORDINATOR | KEHL


def closed_circle(things: Things) -> list[int]:
    Group.objects.filter(pk=things.circle.pk).update(state="closed")
    return [things.circle.pk]


def leaderless(things: Things) -> list[int]:
    Group.objects.filter(pk=things.circle.pk).update(lead_town=None)
    return [things.circle.pk]


def led_by_kehl(things: Things) -> list[int]:
    Group.objects.filter(pk=things.circle.pk).update(lead_town=things.action.municipality)
    return [things.circle.pk]


def before_anybody_asked(things: Things) -> list[int]:
    Admission.objects.filter(group=things.circle).delete()
    return [things.circle.pk]


def joined(things: Things) -> list[int]:
    """The working group, and a guide who has joined it."""
    GroupMembership.objects.get_or_create(group=things.circle, membership=things.member)
    return [things.circle.pk, things.member.pk]


GROUPS = {
    # Guests are not told that there are groups.
    "group_list": Row(get=MEMBERS, seen_by=MEMBERS),
    "group_add": Row(
        get=BODY | {"guide"}, post=BODY | {"guide"}, seen_by=MEMBERS, body=form(name="E-Akte", purpose="Together")
    ),
    "group": Row(**on("circle"), get=MEMBERS, seen_by=MEMBERS),
    "group_edit": Row(**on("circle"), get=CIRCLE, post=CIRCLE, seen_by=MEMBERS, body=form(name="Another name")),
    "group_close": Row(**on("circle"), get=CIRCLE, post=CIRCLE, seen_by=MEMBERS, body=form(word="All is done")),
    "group_reopen": Row(args=closed_circle, has_ids=True, post=CIRCLE, seen_by=MEMBERS),
    # A town is put in charge by its own officer alone, and by nobody else.
    "group_lead": Row(args=leaderless, has_ids=True, post=KEHL, seen_by=MEMBERS),
    "group_unlead": Row(args=led_by_kehl, has_ids=True, post=KEHL, seen_by=MEMBERS),
    "group_join": Row(
        args=before_anybody_asked,
        has_ids=True,
        get=MEMBERS - CIRCLE,
        post=MEMBERS - CIRCLE,
        seen_by=MEMBERS,
        body=fixed(word="Please"),
    ),
    "group_invite": Row(
        **on("circle"),
        get=CIRCLE,
        post=CIRCLE,
        seen_by=MEMBERS,
        body=fixed(membership=lambda w: w.members["mayor"].pk),
    ),
    "group_leave": Row(**on("circle"), get=KEHL, post=KEHL, seen_by=MEMBERS),
    "group_role": Row(args=joined, has_ids=True, get=CIRCLE, post=CIRCLE, seen_by=MEMBERS, body=fixed(role="minutes")),
    "group_member_remove": Row(args=joined, has_ids=True, get=CIRCLE, post=CIRCLE, seen_by=MEMBERS),
    "group_attach": Row(**on("circle"), get=CIRCLE, post=CIRCLE, seen_by=MEMBERS, body=upload),
    "group_file": Row(**on("group_file"), get=MEMBERS, seen_by=MEMBERS),
    "group_file_remove": Row(**on("group_file"), post=CIRCLE, seen_by=MEMBERS),
    # Who asked, and who answers, know of it; nobody else.
    "admission_accept": Row(**on("request"), post=CIRCLE, seen_by=CIRCLE | {"achern"}),
    "admission_decline": Row(**on("request"), get=CIRCLE, post=CIRCLE, seen_by=CIRCLE | {"achern"}),
    "admission_withdraw": Row(**on("request"), post=frozenset({"achern"}), seen_by=CIRCLE | {"achern"}),
    "api_groups": Row(get=MEMBERS, seen_by=MEMBERS, signed_out=403),
    "api_group": Row(**on("circle"), get=MEMBERS, seen_by=MEMBERS, signed_out=403),
}

OFFICERS: Roles = BODY - COORDINATOR
ACHERN: Roles = frozenset({"achern"})


def taken_part_in_by_all(things: Things) -> list[int]:
    """Kehl's project, in which each town takes part."""
    for town in things.network.accessions.values_list("municipality", flat=True):
        values = {"project": things.led, "municipality_id": town, "until": None}
        defaults = {"role": "interested", "since": "2026-01-15", "began_by": things.member}
        Involvement.objects.get_or_create(**values, defaults=defaults)
    return [things.led.pk]


def begun_twice(things: Things) -> list[int]:
    """Kehl's project, beside which there is another one."""
    Project.objects.get_or_create(network=things.network, title="Twin", defaults={"created_by": things.member})
    return [things.led.pk]


def asked_to_reuse(things: Things) -> list[int]:
    """What Achern is asked by the coordinator."""
    maker = things.network.memberships.get(role="coordinator")
    values = {"network": things.network, "kind": "part", "municipality": things.town, "project": things.led}
    return [Offer.objects.get_or_create(**values, state="open", defaults={"role": "reuser", "made_by": maker})[0].pk]


def part_seen(world: World, path: str, who: str) -> dict[str, Any]:
    """What the form says of the part that it showed."""
    member = world.members.get(who)
    part = part_of_town(int(path.split("/")[4]), member.municipality_id) if member else None
    return {"seen": mark_of(part)}


BOARD = {
    # Guests are not told that there is a board.
    "board": Row(get=MEMBERS, seen_by=MEMBERS),
    # Each town by its own officers, and by nobody else.
    "project_take_on": Row(
        **on("unlisted"), get=OFFICERS, post=OFFICERS, seen_by=MEMBERS, body=fixed(role="contributor")
    ),
    "project_leave": Row(
        args=taken_part_in_by_all, has_ids=True, get=OFFICERS, post=OFFICERS, seen_by=MEMBERS, body=part_seen
    ),
    "project_hand_over": Row(
        **on("led"), get=KEHL, post=KEHL, seen_by=MEMBERS, body=fixed(municipality=lambda w: w.own.town.pk)
    ),
    "project_propose": Row(
        **on("led"),
        get=COORDINATOR,
        post=COORDINATOR,
        seen_by=MEMBERS,
        body=fixed(municipality=lambda w: w.own.town.pk, role="contributor"),
    ),
    # Kehl joins them, the others ask it to.
    "project_join": Row(
        args=begun_twice,
        has_ids=True,
        get=MEMBERS - {"mayor"},
        post=MEMBERS - {"mayor"},
        seen_by=MEMBERS,
        body=fixed(into=lambda w: Project.objects.get(network=w.own.network, title="Twin").pk),
    ),
    "offer_accept": Row(args=asked_to_reuse, has_ids=True, post=ACHERN, seen_by=MEMBERS),
    "offer_decline": Row(args=asked_to_reuse, has_ids=True, get=ACHERN, post=ACHERN, seen_by=MEMBERS),
    "offer_withdraw": Row(args=asked_to_reuse, has_ids=True, post=COORDINATOR, seen_by=MEMBERS),
}

TOWNS_PEOPLE: Roles = BODY - COORDINATOR | {"guide"}


def said_by_all(things: Things) -> list[int]:
    """A service of which each town said something."""
    for town in things.network.accessions.values_list("municipality", flat=True):
        values = {"network": things.network, "municipality_id": town, "ozg_id": 10000}
        ServiceStatus.objects.get_or_create(**values, defaults={"maturity": 3, "said_by": things.member})
    return [10000]


def asked_for_more(things: Things) -> list[int]:
    """Kehl's checklist, after the report on the project named another step."""
    values = {"project": things.reuse.involvement.project, "number": 1}
    defaults = {"municipality": things.town, "needed": "One more step", "written_by": things.member}
    ExperienceReport.objects.get_or_create(**values, defaults=defaults)
    return [things.reuse.pk]


def own_step(things: Things) -> list[int]:
    return [things.reuse.pk, things.reuse_step.pk]


HANDED_ON = {
    "coverage": Row(get=MEMBERS, seen_by=MEMBERS),
    "service": Row(args=lambda things: [10000], get=MEMBERS, seen_by=MEMBERS),
    "service_state": Row(
        args=lambda things: [10000],
        get=TOWNS_PEOPLE,
        post=TOWNS_PEOPLE,
        seen_by=MEMBERS,
        body=fixed(maturity=3, version=0),
    ),
    "service_state_withdraw": Row(
        args=said_by_all, get=TOWNS_PEOPLE, post=TOWNS_PEOPLE, seen_by=MEMBERS, body=fixed(version=1)
    ),
    "experience_edit": Row(
        **on("led"), get=KEHL, post=KEHL, seen_by=MEMBERS, body=fixed(took="Half a year", version=1)
    ),
    "experience_version": Row(
        args=lambda things: [things.led.pk, things.report.number], has_ids=True, get=MEMBERS, seen_by=MEMBERS
    ),
    "reuse_begin": Row(**on("unlisted"), post=KEHL, seen_by=MEMBERS),
    "reuse": Row(**on("reuse"), get=MEMBERS, seen_by=MEMBERS),
    "reuse_edit": Row(
        **on("reuse"), get=KEHL, post=KEHL, seen_by=MEMBERS, body=fixed(state="started", result="Runs", version=1)
    ),
    "reuse_fill": Row(args=asked_for_more, has_ids=True, post=KEHL, seen_by=MEMBERS),
    "reuse_step_add": Row(
        **on("reuse"), get=KEHL, post=KEHL, seen_by=MEMBERS, body=fixed(lines="Ask the works council")
    ),
    "reuse_step": Row(args=own_step, has_ids=True, post=KEHL, seen_by=MEMBERS, body=fixed(done="1")),
    "reuse_step_remove": Row(args=own_step, has_ids=True, post=KEHL, seen_by=MEMBERS, body=fixed(removed="1")),
}

OF_A_NETWORK: dict[str, Row] = (
    HELP | BOARD | GROUPS | HANDED_ON | PEOPLE | WORK | PROJECTS | SCHEDULE | ROOM | FILES | LIVE | API
)

# Addresses of no network: what (anonymous, signed in) get for GET and for POST.
OPEN, TO_SIGN_IN, HOME = 200, "/accounts/login/", "/"
Answer = int | str
SITE: dict[str, tuple[Answer, Answer, Answer, Answer]] = {
    "start": (TO_SIGN_IN, "/n/ortenau/", 405, 405),
    "network_list": (TO_SIGN_IN, OPEN, 405, 405),
    "set_language": (405, 405, HOME, HOME),
    "healthz": (OPEN, OPEN, 405, 405),
    "readyz": (OPEN, OPEN, 405, 405),
    "accessibility": (OPEN, OPEN, 405, 405),
    "privacy": (OPEN, OPEN, 405, 405),
    "imprint": (OPEN, OPEN, 405, 405),
    "account_login": (OPEN, HOME, OPEN, HOME),
    "account_request_login_code": (OPEN, HOME, OPEN, HOME),
    "account_confirm_login_code": ("/accounts/login/code/", HOME, "/accounts/login/code/", HOME),
    "account_logout": (TO_SIGN_IN, OPEN, TO_SIGN_IN, TO_SIGN_IN),
    "account_inactive": (OPEN, OPEN, 405, 405),
    # Nobody signs up.
    "account_signup": (OPEN, HOME, OPEN, HOME),
    # Kehl's officer has no password: she signs in by code and can set one.
    "account_reauthenticate": (TO_SIGN_IN, 403, TO_SIGN_IN, 403),
    "account_change_password": (TO_SIGN_IN, "/accounts/password/set/", TO_SIGN_IN, "/accounts/password/set/"),
    "account_set_password": (TO_SIGN_IN, OPEN, TO_SIGN_IN, OPEN),
    "account_reset_password": (OPEN, OPEN, OPEN, OPEN),
    "account_reset_password_done": (OPEN, OPEN, 405, 405),
    "account_reset_password_from_key": (OPEN, OPEN, OPEN, OPEN),
    "account_reset_password_from_key_done": (OPEN, OPEN, 405, 405),
    # Demo mode only.
    "demo_sign_in": (405, 405, 404, 404),
    # The link is the key; whoever is signed in as somebody else may not use it.
    "invitation": ("/invitation/", "/invitation/", 405, 405),
    # ... which the session keeps from then on.
    "invitation_page": (OPEN, OPEN, "/n/ortenau/", 403),
    "api_schema": (403, OPEN, 403, 405),
    # Without an account, the same for everybody.
    "public_index": (OPEN, OPEN, 405, 405),
    "public_start": (OPEN, OPEN, 405, 405),
    "public_decisions": (OPEN, OPEN, 405, 405),
    "public_decision": (OPEN, OPEN, 405, 405),
    "public_projects": (OPEN, OPEN, 405, 405),
    "public_minutes_list": (OPEN, OPEN, 405, 405),
    "public_minutes": (OPEN, OPEN, 405, 405),
    "public_dates": (OPEN, OPEN, 405, 405),
}
SITE_ARGS: dict[str, Callable[[World], list[Any]]] = {
    "invitation": lambda world: [world.token],
    **dict.fromkeys(
        ("public_start", "public_decisions", "public_projects", "public_minutes_list", "public_dates"), opened
    ),
    "public_decision": opened_decision,
    "public_minutes": opened_minutes,
    "account_reset_password_from_key": lambda world: ["1", "set-password"],
}
# The operator's pages: one rule for all of them.
OPERATOR = "operator/"


def path_of(name: str, things: Things, *, slug: str = "") -> str:
    return reverse(name, args=[slug or things.network.slug, *OF_A_NETWORK[name].args(things)])
