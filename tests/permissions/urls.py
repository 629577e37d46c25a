"""THE TABLE: what each address of a network answers to each role, asked (GET) and sent to (POST).

A row names who gets through; of the rest of the network those who see the object are told 403, the others 404.
Strangers (another network's people, former members, signed in without a network) always get 404, nobody at all the
sign-in page (401 in the background). POSTs are sent as the page's script sends them: done is 204.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from collab.network.models import Membership
from meetings.models import AgendaItem, Attendance, Meeting, Speech, Step
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
    "decision_log": Row(get=MEMBERS, seen_by=MEMBERS),
    "decision": Row(args=reference, thing="decision", get=PRESENT | {"guest_at_item"}, seen_by=PRESENT),
    # Officers at the table, each for their own town.
    "item_take_on": Row(
        args=about_a_project,
        has_ids=True,
        thing="spoken",
        post=BODY - COORDINATOR,
        seen_by=PRESENT,
        body=fixed(role="contributor"),
    ),
    "item_wording": Row(**on("spoken"), get=WRITERS, post=WRITERS, seen_by=PRESENT, body=form(text="The e-file comes")),
    "item_wording_drop": Row(
        **on("upcoming"), post=WRITERS, seen_by=PRESENT, body=fixed(version=lambda w: w.own.wording.version)
    ),
    "item_notes_version": Row(args=lambda things: [things.spoken.pk, 2], has_ids=True, get=MEMBERS, seen_by=MEMBERS),
    "decision_correct": Row(
        args=reference,
        thing="decision",
        get=WRITERS,
        post=WRITERS,
        seen_by=PRESENT,
        body=form(wording="The e-file comes in May", reason="The month was missing"),
    ),
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
}
SITE_ARGS: dict[str, Callable[[World], list[Any]]] = {
    "invitation": lambda world: [world.token],
    "account_reset_password_from_key": lambda world: ["1", "set-password"],
}
# The operator's pages: one rule for all of them.
OPERATOR = "operator/"


def path_of(name: str, things: Things, *, slug: str = "") -> str:
    return reverse(name, args=[slug or things.network.slug, *OF_A_NETWORK[name].args(things)])
