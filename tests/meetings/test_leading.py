"""Leading: the steps of the chair, the clock, taking back, handing over chair and pen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from collab.live.answers import Refused
from collab.live.models import Change
from meetings.domain.agenda import accept_item, decline_item
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.decision import record_decision
from meetings.domain.files import attach_file
from meetings.domain.leading import (
    add_on_the_spot,
    defer_item,
    finish_item,
    hand_over,
    previous_item,
    resume_item,
    split_item,
    take_chair,
    take_pen,
    undo,
)
from meetings.domain.room import activate_item, next_item, open_meeting, save_notes
from meetings.domain.round import call_town, write_report
from meetings.domain.speaking import ask_to_speak, give_floor
from meetings.domain.wording import draft_wording
from meetings.models import AgendaItem, MeetingGuest, Series, Speech, Step, TemplateItem
from meetings.queries.agenda import agenda_of
from meetings.queries.steps import last_step
from tests.conftest import make_meeting
from tests.meetings.test_agenda import propose, url

HTMX = {"hx-request": "true"}
NOON = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def running(cast, clock, meeting):
    """A meeting in session with items A, B, C of 20 minutes each, the first one active since half past nine."""
    meeting.date = NOON.date()
    meeting.save()
    for title in "ABC":
        propose(cast.coordinator, meeting, title=title)
    return open_meeting(meeting=meeting, by=cast.coordinator)


@pytest.fixture
def chair(cast, client_for):
    return client_for(cast.coordinator)


def item(title):
    return AgendaItem.objects.get(title=title)


def active(meeting):
    meeting.refresh_from_db()
    return meeting.active_item.title if meeting.active_item else None


def states(meeting):
    return {row.item.title: row.item.state for row in agenda_of(meeting).flat}


def go_on(cast, meeting):
    meeting.refresh_from_db()
    return next_item(meeting=meeting, expected=meeting.active_item_id, by=cast.coordinator)


def back(cast, meeting):
    meeting.refresh_from_db()
    return previous_item(meeting=meeting, expected=meeting.active_item_id, by=cast.coordinator)


def take_back(cast, meeting):
    return undo(meeting=meeting, step=last_step(meeting).pk, by=cast.coordinator)


def write(item, by):
    return write_report(item=item, municipality=by.municipality, news="Neu", needs="", offers="", version=0, by=by)


def buttons(page):
    return set(re.findall(r'id="meeting-active-\d+-(\w+)"', page)) - {"h", "clock", "next-h"}


# -- what the page offers ---------------------------------------------------------------------------------------------


def test_the_chair_finds_every_step_on_the_page(cast, running, chair):
    page = chair.get(url("meeting", running.pk)).text
    steps = {"next", "finish", "defer", "split", "add", "undo", "decide", "task"}
    assert steps <= buttons(page)
    assert "Next: 2 B" in page
    assert "Undo: opening of the meeting" in page
    assert "back" not in buttons(page), "there is nothing to go back to"
    shortcuts = re.findall(r'data-shortcut="(.)"', page)
    assert len(shortcuts) == len(set(shortcuts))
    go_on(cast, running)
    assert "back" in buttons(chair.get(url("meeting", running.pk)).text)


@pytest.mark.parametrize("who", ["kehl", "mayor", "guest"])
def test_all_others_see_no_controls(cast, running, client_for, who):
    MeetingGuest.objects.create(meeting=running, membership=cast.guest)
    page = client_for(getattr(cast, who)).get(url("meeting", running.pk)).text
    assert 'class="room__title" title="A">A<' in page
    assert not buttons(page)
    assert "hx-post" not in page.partition("stage__columns")[2].partition("</section>")[0]


def test_files_and_links_of_the_active_item_are_at_hand(cast, running, chair):
    AgendaItem.objects.filter(title="A").update(links=[{"url": "https://a.example", "label": "Concept"}])
    file = attach_file(item=item("A"), upload=SimpleUploadedFile("plan.txt", b"abc"), by=cast.coordinator)
    page = chair.get(url("meeting", running.pk)).text
    assert url("file", file.pk) in page
    assert "plan.txt" in page
    assert "https://a.example" in page


# -- the steps --------------------------------------------------------------------------------------------------------


def test_back_goes_the_way_back_and_not_to_and_fro(cast, running):
    go_on(cast, running)
    go_on(cast, running)
    assert active(running) == "C"
    back(cast, running)
    assert active(running) == "B"
    assert states(running) == {"A": "done", "B": "planned", "C": "planned"}
    back(cast, running)
    assert active(running) == "A"
    with pytest.raises(Refused, match="no earlier item"):
        back(cast, running)


def test_back_follows_a_jump(cast, running):
    activate_item(item=item("C"), expected=item("A").pk, by=cast.coordinator)
    back(cast, running)
    assert active(running) == "A"


def test_back_without_a_trail_goes_to_the_row_above(cast, running):
    go_on(cast, running)
    Step.objects.all().delete()
    back(cast, running)
    assert active(running) == "A"


def test_finish_without_starting_another(cast, running, chair):
    seen = running.active_item_id
    for _twice in range(2):
        assert chair.post(url("meeting_finish", running.pk), {"expected": seen}, headers=HTMX).status_code == 204
    assert active(running) is None
    assert states(running) == {"A": "done", "B": "planned", "C": "planned"}
    page = chair.get(url("meeting", running.pk)).text
    assert "Next: 2 B" in page
    go_on(cast, running)
    assert active(running) == "B"


def test_what_was_passed_over_comes_up_at_the_end(cast, running, chair):
    activate_item(item=item("C"), expected=item("A").pk, by=cast.coordinator)
    assert "Next: 2 B" in chair.get(url("meeting", running.pk)).text
    go_on(cast, running)
    assert active(running) == "B"
    go_on(cast, running)
    assert active(running) is None
    assert "Everything on the agenda has been treated" in chair.get(url("meeting", running.pk)).text


def test_defer_the_active_item(cast, running, chair):
    for _twice in range(2):
        answer = chair.post(url("item_defer", item("A").pk), {"expected": item("A").pk}, headers=HTMX)
        assert answer.status_code == 204
    assert active(running) == "B"
    assert states(running) == {"A": "deferred", "B": "planned", "C": "planned"}
    page = chair.get(url("meeting", running.pk)).text
    assert "Deferred" in page
    assert "Bring back" in page
    for _twice in range(2):
        assert chair.post(url("item_resume", item("A").pk), headers=HTMX).status_code == 204
    assert states(running)["A"] == "planned"
    assert active(running) == "B"


def test_defer_a_later_item_and_next_leaves_it_out(cast, running):
    defer_item(item=item("B"), expected=item("A").pk, by=cast.coordinator)
    assert active(running) == "A"
    go_on(cast, running)
    assert active(running) == "C"
    # A jump takes it up again.
    activate_item(item=item("B"), expected=item("C").pk, by=cast.coordinator)
    assert (active(running), states(running)["B"]) == ("B", "planned")


def test_what_is_over_is_not_deferred_and_what_is_not_deferred_not_brought_back(cast, running):
    go_on(cast, running)
    with pytest.raises(Refused):
        defer_item(item=item("A"), expected=item("B").pk, by=cast.coordinator)
    with pytest.raises(Refused):
        resume_item(item=item("A"), by=cast.coordinator)


def test_defer_after_somebody_moved_on(cast, running):
    seen = item("A").pk
    go_on(cast, running)
    with pytest.raises(Refused, match="“B”"):
        defer_item(item=item("B"), expected=seen, by=cast.coordinator)
    assert active(running) == "B"


def test_split_puts_the_rest_right_behind(cast, running, chair):
    AgendaItem.objects.filter(title="A").update(municipality=cast.town("kehl"), presenter="Kehl", text="Lang")
    data = {"title": "A, zweiter Teil", "minutes": "15", "request_id": str(uuid4())}
    assert 'name="title"' in chair.get(url("item_split", item("A").pk)).text
    for _twice in range(2):
        assert chair.post(url("item_split", item("A").pk), data, headers=HTMX).status_code == 204
    rest = item("A, zweiter Teil")
    assert [(row.number, row.item.title) for row in agenda_of(running).flat] == [
        ("1", "A"),
        ("2", "A, zweiter Teil"),
        ("3", "B"),
        ("4", "C"),
    ]
    assert (rest.municipality, rest.presenter, rest.text, rest.minutes) == (cast.town("kehl"), "Kehl", "", 15)
    assert active(running) == "A"


def test_a_sub_item_is_split_on_its_own_level(cast, running):
    AgendaItem.objects.filter(title="C").update(parent=item("B"))
    split_item(item=item("C"), title="C2", minutes=5, by=cast.coordinator)
    split_item(item=item("B"), title="B2", minutes=5, by=cast.coordinator)
    numbers = [(row.number, row.item.title) for row in agenda_of(running).flat]
    assert numbers == [("1", "A"), ("2", "B"), ("2.1", "C"), ("2.2", "C2"), ("3", "B2")]


def test_add_on_the_spot_behind_the_active_item(cast, running, chair):
    data = {"title": "Neu", "minutes": "5", "kind": "information", "expected": running.active_item_id}
    data["request_id"] = str(uuid4())
    for _twice in range(2):
        assert chair.post(url("item_add_now", running.pk), data, headers=HTMX).status_code == 204
    assert [row.item.title for row in agenda_of(running).flat] == ["A", "Neu", "B", "C"]
    assert active(running) == "A"


def test_add_on_the_spot_and_start_it(cast, running, chair):
    data = {"title": "Neu", "minutes": "5", "kind": "information", "start": "on", "expected": item("B").pk}
    data["request_id"] = str(uuid4())
    told = chair.post(url("item_add_now", running.pk), data, headers=HTMX)
    assert told.status_code == 422
    assert "“A”" in told.text
    assert not AgendaItem.objects.filter(title="Neu").exists()
    # The form goes on from where the meeting is now.
    assert f'value="{item("A").pk}"' in told.text
    assert (
        chair.post(url("item_add_now", running.pk), {**data, "expected": item("A").pk}, headers=HTMX).status_code == 204
    )
    assert active(running) == "Neu"
    assert states(running)["A"] == "done"


def test_add_without_an_active_item_goes_to_the_end_before_a_closing_standing_item(cast, running):
    finish_item(meeting=running, expected=running.active_item_id, by=cast.coordinator)
    add_on_the_spot(meeting=running, title="Neu", minutes=5, kind="report", by=cast.coordinator)
    assert [row.item.title for row in agenda_of(running).flat] == ["A", "B", "C", "Neu"]
    series = Series.objects.create(group=cast.group, title="Jour fixe", created_by=cast.coordinator)
    line = TemplateItem.objects.create(series=series, title="Verschiedenes", minutes=5, position=1)
    AgendaItem.objects.filter(title="Neu").update(template_item=line)
    add_on_the_spot(meeting=running, title="Davor", minutes=5, kind="report", by=cast.coordinator)
    assert [row.item.title for row in agenda_of(running).flat] == ["A", "B", "C", "Davor", "Neu"]


FORMS = [
    ("item_split", {"title": "", "minutes": "5"}),
    ("item_split", {"title": "x" * 201, "minutes": "5"}),
    ("item_split", {"title": "x", "minutes": "0"}),
    ("item_split", {"title": "x", "minutes": "viel"}),
    ("item_split", {"title": "x"}),
    ("item_split", {"title": "x", "minutes": "5", "request_id": "kein"}),
    ("item_add_now", {"title": "", "minutes": "5", "kind": "report"}),
    ("item_add_now", {"title": "x" * 201, "minutes": "5", "kind": "report"}),
    ("item_add_now", {"title": "x", "minutes": "601", "kind": "report"}),
    ("item_add_now", {"title": "x", "minutes": "5", "kind": "party"}),
    ("item_add_now", {"title": "x", "minutes": "5", "kind": "report", "expected": "-1"}),
    ("chair_hand", {"to": "", "expected": "0"}),
    ("chair_hand", {"to": "abc", "expected": "0"}),
    ("chair_hand", {"to": "999999", "expected": "0"}),
    ("pen_hand", {"to": "", "expected": "0"}),
]


@pytest.mark.parametrize(("name", "data"), FORMS)
def test_what_cannot_be_sent(running, chair, name, data):
    key = running.active_item_id if name == "item_split" else running.pk
    count = AgendaItem.objects.count()
    assert chair.post(url(name, key), data, headers=HTMX).status_code == 422
    assert AgendaItem.objects.count() == count
    running.refresh_from_db()
    assert running.minute_taker is None


def test_a_form_of_somebody_else_makes_nothing(cast, running, chair):
    taken = propose(cast.kehl, running, title="Fremd", request_id=uuid4())
    data = {"title": "x", "minutes": "5", "request_id": str(taken.request_id)}
    assert chair.post(url("item_split", running.active_item_id), data, headers=HTMX).status_code == 422
    assert not AgendaItem.objects.filter(title="x").exists()


def test_nothing_is_led_before_the_meeting_is_open(cast, clock, meeting, chair):
    first = propose(cast.coordinator, meeting, title="A")
    posts = [
        ("meeting_next", meeting),
        ("meeting_back", meeting),
        ("meeting_finish", meeting),
        ("meeting_undo", meeting),
    ]
    posts += [("item_activate", first), ("item_defer", first), ("item_resume", first)]
    for name, thing in posts:
        assert chair.post(url(name, thing.pk), {"expected": "0", "step": "1"}, headers=HTMX).status_code == 409
    form = {"title": "x", "minutes": "5", "kind": "report"}
    assert chair.post(url("item_split", first.pk), form, headers=HTMX).status_code == 422
    assert chair.post(url("item_add_now", meeting.pk), form, headers=HTMX).status_code == 422
    assert not Step.objects.exists()


# -- the clock --------------------------------------------------------------------------------------------------------


def minutes_of(row):
    return (round((row.starts - NOON).total_seconds() / 60), round((row.ends - NOON).total_seconds() / 60))


def spans(meeting):
    meeting.refresh_from_db()
    return {row.item.title: minutes_of(row) for row in agenda_of(meeting).flat}


def test_the_clock_adds_up_what_an_item_used(cast, running, clock):
    clock.shift(timedelta(minutes=7))
    go_on(cast, running)
    assert item("A").seconds_used == 420
    assert item("A").running_since is None
    clock.shift(timedelta(minutes=5))
    back(cast, running)
    assert item("B").seconds_used == 300
    clock.shift(timedelta(minutes=3))
    go_on(cast, running)
    assert item("A").seconds_used == 600
    assert item("A").started_at == NOON
    assert item("B").seconds_used == 300
    # Of B fifteen minutes are left, from now on.
    assert spans(running) == {"A": (0, 15), "B": (7, 30), "C": (30, 50)}


def test_forecast_while_an_item_overruns(cast, running, clock):
    assert spans(running) == {"A": (0, 20), "B": (20, 40), "C": (40, 60)}
    clock.shift(timedelta(minutes=12))
    assert spans(running)["B"] == (20, 40)
    clock.shift(timedelta(minutes=38))
    assert spans(running) == {"A": (0, 50), "B": (50, 70), "C": (70, 90)}
    assert agenda_of(running).overdrawn == 0
    clock.shift(timedelta(minutes=10))
    assert agenda_of(running).overdrawn == 10


def test_forecast_counts_what_was_passed_over_and_not_what_was_deferred(cast, running, clock):
    clock.shift(timedelta(minutes=10))
    activate_item(item=item("C"), expected=item("A").pk, by=cast.coordinator)
    assert spans(running) == {"A": (0, 10), "C": (10, 30), "B": (30, 50)}
    defer_item(item=item("B"), expected=item("C").pk, by=cast.coordinator)
    assert agenda_of(running).ends == NOON + timedelta(minutes=30)


def test_forecast_while_nothing_is_active(cast, running, clock):
    clock.shift(timedelta(minutes=10))
    finish_item(meeting=running, expected=running.active_item_id, by=cast.coordinator)
    clock.shift(timedelta(minutes=10))
    assert agenda_of(running).ends == NOON + timedelta(minutes=60)


def test_a_meeting_opened_on_another_day_is_not_days_too_long(cast, clock, meeting):
    clock.shift(timedelta(days=30))
    open_meeting(meeting=meeting, by=cast.coordinator)
    assert agenda_of(meeting).overdrawn == 0


def test_the_page_carries_instants_for_the_clock(cast, running, clock, client_for):
    page = client_for(cast.mayor).get(url("meeting", running.pk)).text
    assert 'data-planned="1200" data-used="0" data-since="2026-11-19T08:30:00+00:00"' in page
    assert "planned 20 min" in page
    assert re.search(r'data-server-now="2026-11-19T0[89]:30:00', page)
    clock.shift(timedelta(minutes=9))
    go_on(cast, running)
    assert "9 of 20 min" in client_for(cast.mayor).get(url("meeting", running.pk)).text


# -- taking back ------------------------------------------------------------------------------------------------------


def test_undo_of_next_lets_the_clock_of_the_left_item_go_on(cast, running, clock, chair):
    clock.shift(timedelta(minutes=5))
    go_on(cast, running)
    clock.shift(timedelta(minutes=2))
    assert "Undo: start of “B”" in chair.get(url("meeting", running.pk)).text
    take_back(cast, running)
    assert active(running) == "A"
    a, b = item("A"), item("B")
    assert (a.state, a.seconds_used, a.running_since, a.finished_at) == ("planned", 0, NOON, None)
    assert (b.state, b.seconds_used, b.started_at) == ("planned", 0, None)
    clock.shift(timedelta(minutes=1))
    go_on(cast, running)
    assert item("A").seconds_used == 480


def test_undo_step_by_step_back_to_the_beginning(cast, running):
    go_on(cast, running)
    defer_item(item=item("B"), expected=item("B").pk, by=cast.coordinator)
    finish_item(meeting=running, expected=item("C").pk, by=cast.coordinator)
    back(cast, running)
    resume_item(item=item("B"), by=cast.coordinator)
    trail = []
    while step := last_step(running):
        take_back(cast, running)
        trail.append((step.verb, active(running)))
        if step.verb == "meeting_opened":
            break
    assert trail == [
        ("item_resumed", "C"),
        ("item_returned_to", None),
        ("item_finished", "C"),
        ("item_deferred", "B"),
        ("item_started", "A"),
        ("meeting_opened", None),
    ]
    assert (running.state, running.opened_at, running.chair) == ("planned", None, None)
    assert states(running) == dict.fromkeys("ABC", "planned")
    assert item("A").started_at is None
    assert Change.objects.filter(verb="step_undone").count() == 5
    assert Change.objects.filter(verb="opening_undone").count() == 1
    open_meeting(meeting=running, by=cast.coordinator)
    assert active(running) == "A"


def test_an_opening_is_not_taken_back_when_something_was_recorded(cast, running, chair):
    record_decision(item=item("A"), wording="So sei es.", mode="unanimous", by=cast.coordinator)
    answer = chair.post(url("meeting_undo", running.pk), {"step": last_step(running).pk}, headers=HTMX)
    assert answer.status_code == 409
    assert "Close it instead" in unquote(answer["X-Message"])
    assert active(running) == "A"


def test_undo_pressed_twice_takes_one_step_back(cast, running, chair):
    go_on(cast, running)
    go_on(cast, running)
    step = last_step(running).pk
    for _twice in range(2):
        assert chair.post(url("meeting_undo", running.pk), {"step": step}, headers=HTMX).status_code == 204
    assert active(running) == "B"


def test_undo_tells_of_a_step_that_came_between(cast, running, chair):
    go_on(cast, running)
    seen = last_step(running).pk
    go_on(cast, running)
    answer = chair.post(url("meeting_undo", running.pk), {"step": seen}, headers=HTMX)
    assert answer.status_code == 409
    assert "start of “C”" in unquote(answer["X-Message"])
    assert active(running) == "C"


@pytest.mark.parametrize("step", ["", "0", "abc", "999999999", "-1", "9" * 40])
def test_undo_of_nothing(running, chair, step):
    assert chair.post(url("meeting_undo", running.pk), {"step": step}, headers=HTMX).status_code == 409
    assert active(running) == "A"


def test_undo_of_another_meetings_step(cast, running, chair):
    other = make_meeting(cast)
    step = Step.objects.create(meeting=other, verb="item_started", by=cast.coordinator, before={})
    assert chair.post(url("meeting_undo", running.pk), {"step": step.pk}, headers=HTMX).status_code == 409


def test_undo_of_split_and_of_an_added_item_withdraws_them(cast, running, chair):
    split_item(item=item("A"), title="A2", minutes=5, by=cast.coordinator)
    assert "Undo: splitting off of “A2”" in chair.get(url("meeting", running.pk)).text
    take_back(cast, running)
    add_on_the_spot(meeting=running, title="Neu", minutes=5, kind="report", by=cast.coordinator)
    take_back(cast, running)
    assert states(running) == dict.fromkeys("ABC", "planned")
    assert {item("A2").state, item("Neu").state} == {"withdrawn"}


def test_undo_of_an_item_that_was_added_and_started(cast, running, clock):
    clock.shift(timedelta(minutes=4))
    expected = running.active_item_id
    add_on_the_spot(
        meeting=running, title="Neu", minutes=5, kind="report", start=True, expected=expected, by=cast.coordinator
    )
    clock.shift(timedelta(minutes=1))
    take_back(cast, running)
    assert active(running) == "A"
    assert item("A").running_since == NOON
    new = item("Neu")
    assert (new.state, new.started_at, new.running_since) == ("withdrawn", None, None)


def test_an_added_item_in_use_stays(cast, running):
    new = split_item(item=item("A"), title="A2", minutes=5, by=cast.coordinator)
    record_decision(item=new, wording="So sei es.", mode="unanimous", by=cast.coordinator)
    with pytest.raises(Refused, match="in use"):
        take_back(cast, running)
    assert item("A2").state == "planned"


def test_what_was_changed_since_is_not_taken_back(cast, running):
    defer_item(item=item("B"), expected=item("A").pk, by=cast.coordinator)
    step = last_step(running)
    AgendaItem.objects.filter(title="B").update(state="declined")
    with pytest.raises(Refused, match="changed since"):
        undo(meeting=running, step=step.pk, by=cast.coordinator)
    assert item("B").state == "declined"


def test_an_added_item_that_was_declined_does_not_bar_the_way_back(cast, running, chair):
    go_on(cast, running)
    new = add_on_the_spot(meeting=running, title="Neu", minutes=5, kind="report", by=cast.coordinator)
    decline_item(item=new, answer="Doch nicht.", by=cast.coordinator)
    assert "Undo: start of “B”" in chair.get(url("meeting", running.pk)).text
    take_back(cast, running)
    assert active(running) == "A"
    # It does not come up again between older steps, either.
    accept_item(item=new, by=cast.coordinator)
    assert last_step(running).verb == "meeting_opened"


def test_what_moved_the_meeting_on_is_not_passed_over(cast, running):
    go_on(cast, running)
    back(cast, running)
    AgendaItem.objects.filter(title="B").update(state="declined")
    assert last_step(running) is None


@pytest.mark.parametrize("what", ["decision", "speech", "wording", "notes", "call", "report"])
def test_a_start_that_something_came_of_is_not_taken_back(cast, running, clock, what):
    AgendaItem.objects.filter(title="B").update(kind="round")
    write(item("B"), cast.kehl)  # prepared: this does not count
    clock.shift(timedelta(seconds=5))
    go_on(cast, running)
    clock.shift(timedelta(seconds=5))
    begun, by = item("B"), cast.coordinator
    if what == "decision":
        record_decision(item=begun, wording="So sei es.", mode="unanimous", by=by)
    elif what == "speech":
        ask_to_speak(item=begun, kind="speech", about="", by=cast.kehl)
    elif what == "wording":
        draft_wording(item=begun, text="So sei es.", by=by)
    elif what == "notes":
        save_notes(item=begun, notes="Begonnen.", version=1, by=by)
    elif what == "call":
        call_town(item=begun, municipality=cast.town("kehl"), expected=None, by=by)
    else:
        write(begun, cast.achern)
    with pytest.raises(Refused, match="Go back"):
        take_back(cast, running)
    assert active(running) == "B"
    back(cast, running)
    assert active(running) == "A"
    assert item("B").started_at


def test_a_prepared_report_does_not_bar_the_way_back(cast, running, clock):
    AgendaItem.objects.filter(title="B").update(kind="round")
    write(item("B"), cast.kehl)
    clock.shift(timedelta(seconds=5))
    go_on(cast, running)
    take_back(cast, running)
    assert (active(running), item("B").started_at) == ("A", None)


def test_undo_gives_the_floor_back_to_whoever_was_cut_short(cast, running, clock):
    speech = ask_to_speak(item=item("A"), kind="speech", about="", by=cast.kehl)
    give_floor(speech=speech, expected=None, by=cast.coordinator)
    began = Speech.objects.get().began_at
    clock.shift(timedelta(seconds=5))
    go_on(cast, running)
    take_back(cast, running)
    speech = Speech.objects.get()
    assert (speech.state, speech.began_at, speech.ended_at) == ("speaking", began, None)


def test_undo_leaves_the_floor_where_somebody_else_has_it(cast, running):
    go_on(cast, running)
    back(cast, running)
    speech = ask_to_speak(item=item("A"), kind="speech", about="", by=cast.kehl)
    give_floor(speech=speech, expected=None, by=cast.coordinator)
    go_on(cast, running)
    other = ask_to_speak(item=item("B"), kind="speech", about="", by=cast.achern)
    give_floor(speech=other, expected=None, by=cast.coordinator)
    take_back(cast, running)
    assert set(Speech.objects.values_list("state", flat=True)) == {"done"}


def test_next_behind_the_last_item_is_no_step(cast, running):
    for _each in range(5):
        go_on(cast, running)
    assert list(Step.objects.values_list("verb", flat=True)) == [
        "meeting_opened",
        "item_started",
        "item_started",
        "agenda_finished",
    ]


def test_closing_ends_what_can_be_taken_back(cast, running, clock, chair):
    go_on(cast, running)
    step = last_step(running).pk
    close_meeting(meeting=running, by=cast.coordinator)
    clock.shift(timedelta(days=3))
    reopen_meeting(meeting=running, reason="Nachtrag", by=cast.coordinator)
    assert last_step(running) is None
    assert "Undo:" not in chair.get(url("meeting", running.pk)).text
    assert chair.post(url("meeting_undo", running.pk), {"step": step}, headers=HTMX).status_code == 409
    back(cast, running)
    assert active(running) == "B"
    take_back(cast, running)
    assert active(running) is None
    assert last_step(running) is None


# -- chair and pen ----------------------------------------------------------------------------------------------------


def test_handing_over_the_chair_and_taking_it_back(cast, running, client_for, chair):
    form = chair.get(url("chair_hand", running.pk)).text
    assert form.index("<optgroup") < form.index("officer@kehl" if "officer@kehl" in form else "Kehl")
    data = {"to": cast.kehl.pk, "expected": cast.coordinator.pk}
    assert chair.post(url("chair_hand", running.pk), data, headers=HTMX).status_code == 204
    running.refresh_from_db()
    assert running.chair == cast.kehl
    assert set(Change.objects.get(verb="chair_handed").access) == {cast.kehl.person_id, cast.coordinator.person_id}
    kehl = client_for(cast.kehl)
    assert "next" in buttons(kehl.get(url("meeting", running.pk)).text)
    # Kehl leads by having the chair, not by a role in the group: handed on, it is gone.
    assert kehl.post(url("chair_take", running.pk), {"expected": cast.kehl.pk}, headers=HTMX).status_code == 403
    seen = {"expected": cast.kehl.pk}
    for _twice in range(2):
        assert chair.post(url("chair_take", running.pk), seen, headers=HTMX).status_code == 204
    running.refresh_from_db()
    assert running.chair == cast.coordinator
    assert kehl.post(url("meeting_next", running.pk), {"expected": running.active_item_id}).status_code == 403


def test_taking_the_pen_and_handing_it_on(cast, running, client_for, chair):
    assert chair.post(url("pen_take", running.pk), {"expected": "0"}, headers=HTMX).status_code == 204
    data = {"to": cast.achern.pk, "expected": cast.coordinator.pk}
    assert chair.post(url("pen_hand", running.pk), data, headers=HTMX).status_code == 204
    achern = client_for(cast.achern)
    page = achern.get(url("meeting", running.pk)).text
    assert "data-notes-url" in page
    assert {"take", "hand"} <= {name.partition("-")[0] for name in re.findall(r'meeting-active-\d+-([\w-]+)"', page)}
    # The second who hands it over from an old screen is told where it is.
    late = chair.post(url("pen_hand", running.pk), {"to": cast.kehl.pk, "expected": cast.coordinator.pk}, headers=HTMX)
    assert late.status_code == 422
    assert cast.achern.person.name in late.text
    assert chair.post(url("pen_take", running.pk), {"expected": "0"}, headers=HTMX).status_code == 409
    assert achern.post(url("pen_hand", running.pk), {"to": cast.kehl.pk, "expected": cast.achern.pk}).status_code == 302
    assert "data-notes-url" not in achern.get(url("meeting", running.pk)).text


def test_chair_and_pen_go_to_members_only(cast, running, chair):
    for name in ("chair_hand", "pen_hand"):
        for who in (cast.guest, cast.other):
            data = {"to": who.pk, "expected": running.chair_id if name == "chair_hand" else 0}
            assert chair.post(url(name, running.pk), data, headers=HTMX).status_code == 422
    for who in (cast.guest, cast.other):
        with pytest.raises(Refused):
            hand_over(meeting=running, what="pen", to=who, expected=None, by=cast.coordinator)


def test_a_closed_meeting_has_no_chair_to_hand_over(cast, running):
    type(running).objects.filter(pk=running.pk).update(state="closed", active_item=None)
    with pytest.raises(Refused):
        take_pen(meeting=running, expected=None, by=cast.coordinator)
    with pytest.raises(Refused):
        take_chair(meeting=running, expected=cast.coordinator.pk, by=cast.coordinator)


def test_everybody_sees_who_chairs_and_who_writes(cast, running, client_for):
    take_pen(meeting=running, expected=None, by=cast.coordinator)
    page = client_for(cast.mayor).get(url("meeting", running.pk)).text
    people = page.partition('class="stage__people"')[2].partition("</dl>")[0]
    assert people.count(cast.coordinator.person.name) == 2
    assert "hx-post" not in people


def test_an_opening_is_taken_back_although_a_wording_came_with_an_item(cast, running, meeting, clock):
    draft_wording(item=item("B"), text="So sei es.", by=cast.coordinator)
    following = make_meeting(cast, date=running.date + timedelta(days=28))
    close_meeting(meeting=running, by=cast.coordinator)
    clock.shift(timedelta(days=28))
    open_meeting(meeting=following, by=cast.coordinator)
    take_back(cast, following)
    following.refresh_from_db()
    assert following.state == "planned"
    open_meeting(meeting=following, by=cast.coordinator)
    following.refresh_from_db()
    draft_wording(item=AgendaItem.objects.get(meeting=following, title="C"), text="Neu.", by=cast.coordinator)
    with pytest.raises(Refused, match="Close it instead"):
        take_back(cast, following)
