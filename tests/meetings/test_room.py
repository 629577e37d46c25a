"""The meeting: opening, moving through the agenda, notes, action items, closing and what is carried over."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from collab.live.models import Change
from meetings.domain.carry import carry_waiting
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.room import activate_item, next_item, open_meeting
from meetings.models import AgendaItem, Decision, MeetingGuest
from meetings.queries.agenda import agenda_of
from tests.conftest import make_meeting
from tests.meetings.test_agenda import propose, url
from tests.permissions.world import fields_of
from workgroups.models import ActionItem

HTMX = {"hx-request": "true"}


@pytest.fixture
def running(cast, meeting):
    """A meeting in session with items A, B, C, the first one active."""
    for title in "ABC":
        propose(cast.coordinator, meeting, title=title)
    return open_meeting(meeting=meeting, by=cast.coordinator)


def active(meeting):
    meeting.refresh_from_db()
    return meeting.active_item.title if meeting.active_item else None


def test_the_chair_moves_through_the_agenda(cast, running, client_for):
    chair = client_for(cast.coordinator)
    seen = [active(running)]
    for _step in range(3):
        chair.post(url("meeting_next", running.pk), {"expected": running.active_item_id or 0})
        seen.append(active(running))
    assert seen == ["A", "B", "C", None]
    assert set(AgendaItem.objects.values_list("state", flat=True)) == {"done"}


def test_jump_and_back(cast, running):
    a, _b, c = AgendaItem.objects.order_by("position")
    activate_item(item=c, expected=a.pk, by=cast.coordinator)
    assert active(running) == "C"
    activate_item(item=a, expected=c.pk, by=cast.coordinator)
    assert active(running) == "A"
    a.refresh_from_db()
    assert a.finished_at is None
    next_item(meeting=running, expected=a.pk, by=cast.coordinator)
    assert active(running) == "B"


def test_two_chairs_press_next_and_it_moves_once(cast, running, client_for):
    chair, seen = client_for(cast.coordinator), running.active_item_id
    assert chair.post(url("meeting_next", running.pk), {"expected": seen}, headers=HTMX).status_code == 204
    second = chair.post(url("meeting_next", running.pk), {"expected": seen}, headers=HTMX)
    assert second.status_code == 409
    assert "B" in second["X-Message"]
    assert active(running) == "B"


@pytest.mark.parametrize("who", ["kehl", "mayor", "guide"])
@pytest.mark.parametrize("name", ["meeting_open", "meeting_next", "meeting_close", "meeting_people"])
def test_only_the_chair_leads(cast, running, client_for, who, name):
    assert client_for(getattr(cast, who)).post(url(name, running.pk), {"expected": "1"}).status_code == 403
    assert active(running) == "A"


def test_notes_of_two_writers(cast, running, client_for):
    item = running.active_item
    chair = client_for(cast.coordinator)
    first = chair.post(url("item_notes", item.pk), {"notes": "Eins", "version": 1}, headers=HTMX)
    assert first.status_code == 204
    assert '"version": 2' in first["HX-Trigger"]
    clash = chair.post(url("item_notes", item.pk), {"notes": "Zwei", "version": 1}, headers=HTMX)
    assert clash.status_code == 409
    assert "Eins" in clash.text
    assert "Zwei" in clash.text
    item.refresh_from_db()
    assert item.notes == "Eins"
    assert "Eins" in client_for(cast.mayor).get(url("meeting", running.pk)).text


def test_a_minute_taker_gets_the_pen(cast, running, client_for):
    kehl = client_for(cast.kehl)
    assert kehl.get(url("item_notes", running.active_item_id)).status_code == 403
    client_for(cast.coordinator).post(
        url("meeting_people", running.pk),
        {"chair": cast.coordinator.pk, "minute_taker": cast.kehl.pk, "version": running.version},
    )
    assert 'id="notes-form"' in kehl.get(url("meeting", running.pk)).text
    assert kehl.post(url("item_notes", running.active_item_id), {"notes": "n", "version": 1}).status_code == 302
    assert kehl.post(url("meeting_next", running.pk), {"expected": running.active_item_id}).status_code == 403
    assert cast.kehl.person_id in Change.objects.get(verb="meeting_people_set").access


def test_decision_and_action_item_are_recorded_in_the_item(cast, running, client_for):
    chair, item = client_for(cast.coordinator), running.active_item
    request_id = str(uuid4())
    for _twice in range(2):
        chair.post(
            url("decision_add", item.pk),
            {
                "wording": "Wir führen die E-Akte ein.",
                "mode": "counted",
                "yes": 2,
                "no": 1,
                "abstain": 0,
                "request_id": request_id,
            },
        )
    decision = Decision.objects.get()
    assert decision.reference == f"{running.date.year}-001"
    chair.post(
        url("item_action_add", item.pk),
        {"title": "Angebot einholen", "who": "ach", "due": "date", "due_on": "2030-01-31", "note": ""},
    )
    action = ActionItem.objects.get()
    assert action.recorded.item == item
    page = client_for(cast.mayor).get(url("meeting", running.pk)).text
    assert "Wir führen die E-Akte ein." in page
    assert "Angebot einholen" in page


@pytest.mark.parametrize("name", ["decision_add", "item_action_add", "item_notes"])
def test_members_do_not_record(cast, running, client_for, name):
    item = running.active_item
    assert client_for(cast.achern).post(url(name, item.pk), {"wording": "x"}).status_code == 403
    assert client_for(cast.guest).post(url(name, item.pk), {"wording": "x"}).status_code == 404
    assert not Decision.objects.exists()


def test_nothing_is_recorded_before_the_meeting_is_open(cast, meeting, client_for):
    item = propose(cast.coordinator, meeting)
    data = {"wording": "x", "mode": "unanimous", "title": "x", "who": "Achern", "due": "none", "notes": "x"}
    data["version"] = 1
    for name in ("decision_add", "item_action_add", "item_notes"):
        answer = client_for(cast.coordinator).post(url(name, item.pk), data, headers=HTMX)
        assert answer.status_code == 422
        assert "session" in answer.text or "from the opening of the meeting on" in answer.text
    assert not Decision.objects.exists()
    assert not ActionItem.objects.exists()


def test_what_was_not_treated_is_carried_over_marked_so(cast, running, client_for):
    following = make_meeting(cast, date=running.date + timedelta(days=28))
    answer = client_for(cast.coordinator).get(url("meeting_close", running.pk)).text
    with translation.override("en"):
        assert date_format(following.date, "SHORT_DATE_FORMAT") in answer
    client_for(cast.coordinator).post(url("meeting_close", running.pk), fields_of(answer))
    running.refresh_from_db()
    assert running.state == "closed"
    assert [(row.item.title, row.item.state) for row in agenda_of(running).flat] == [
        ("A", "done"),
        ("B", "carried"),
        ("C", "carried"),
    ]
    assert [row.item.title for row in agenda_of(following).flat] == ["B", "C"]
    assert "carried over from" in client_for(cast.kehl).get(url("meeting", following.pk)).text
    close_meeting(meeting=running, by=cast.coordinator)
    assert AgendaItem.objects.filter(meeting=following).count() == 2


def test_the_active_item_can_be_carried_too(cast, running):
    following = make_meeting(cast, date=running.date + timedelta(days=28))
    close_meeting(meeting=running, by=cast.coordinator, finish_active=False)
    assert [row.item.title for row in agenda_of(following).flat] == ["A", "B", "C"]


def test_unfinished_items_wait_for_a_next_meeting(cast, running):
    close_meeting(meeting=running, by=cast.coordinator)
    later = make_meeting(cast, date=running.date + timedelta(days=60))
    carry_waiting(cast.group, later)
    assert [row.item.title for row in agenda_of(later).flat] == ["B", "C"]


def test_a_guest_sees_only_the_meeting_they_are_invited_to(cast, running, client_for):
    guest = client_for(cast.guest)
    assert guest.get(url("meeting", running.pk)).status_code == 404
    MeetingGuest.objects.create(meeting=running, membership=cast.guest)
    page = guest.get(url("meeting", running.pk))
    assert page.status_code == 200
    assert "Propose an item" not in page.text
    assert guest.get(url("meeting", make_meeting(cast).pk)).status_code == 404
    home = guest.get(url("home")).text
    assert reverse("meeting", args=["ortenau", running.pk]) in home
    assert "opened the meeting" not in home


def test_opening_twice_or_closing_a_planned_meeting(cast, meeting, client_for):
    chair = client_for(cast.coordinator)
    assert chair.post(url("meeting_close", meeting.pk), {}, headers=HTMX).status_code == 422
    for _again in range(2):
        assert chair.post(url("meeting_open", meeting.pk), headers=HTMX).status_code == 204
    assert Change.objects.filter(verb="meeting_opened").count() == 1


def test_a_closed_meeting_stays_as_it_is(cast, running, client_for):
    item = running.active_item
    close_meeting(meeting=running, by=cast.coordinator)
    chair = client_for(cast.coordinator)
    for name, data in (
        ("meeting_next", {"expected": 0}),
        ("meeting_open", {}),
        ("item_add", {"title": "neu", "kind": "report", "minutes": 5}),
    ):
        assert chair.post(url(name, running.pk), data, headers=HTMX).status_code in (409, 422)
    # Notes alone: what somebody was typing when the chair closed the meeting must still find its place.
    assert chair.post(url("item_notes", item.pk), {"notes": "x", "version": 1}, headers=HTMX).status_code == 204
    assert "data-sortable" not in chair.get(url("meeting", running.pk)).text


def test_the_forecast_follows_what_happened(cast, running):
    item = running.active_item
    AgendaItem.objects.filter(pk=item.pk).update(started_at=timezone.now() - timedelta(minutes=50))
    running.refresh_from_db()
    agenda = agenda_of(running)
    # Item A was planned for 20 minutes and runs since 50: the rest begins now at the earliest.
    assert agenda.flat[1].starts >= timezone.now() - timedelta(seconds=5)


def test_two_people_name_the_chair(cast, running, client_for):
    chair = client_for(cast.coordinator)
    first = {"chair": cast.kehl.pk, "minute_taker": "", "version": running.version}
    assert chair.post(url("meeting_people", running.pk), first, headers=HTMX).status_code == 204
    second = chair.post(url("meeting_people", running.pk), {**first, "chair": cast.achern.pk}, headers=HTMX)
    assert second.status_code == 409
    running.refresh_from_db()
    assert running.chair == cast.kehl


def test_a_decided_item_is_treated_even_if_nobody_called_it_up(cast, running):
    following = make_meeting(cast, date=running.date + timedelta(days=28))
    last = AgendaItem.objects.get(title="C")
    record_decision(item=last, wording="So sei es.", mode="unanimous", by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    last.refresh_from_db()
    assert last.state == "done"
    assert [row.item.title for row in agenda_of(following).flat] == ["B"]


def test_nothing_is_carried_into_the_past(cast, running):
    """A planned meeting that was never held must not swallow what an even older one left over."""
    AgendaItem.objects.filter(meeting=running).update(template_item=None)
    type(running).objects.filter(pk=running.pk).update(date=timezone.localdate() - timedelta(days=60))
    forgotten = make_meeting(cast, date=timezone.localdate() - timedelta(days=30))
    coming = make_meeting(cast, date=timezone.localdate() + timedelta(days=30))
    close_meeting(meeting=running, by=cast.coordinator)
    assert not AgendaItem.objects.filter(meeting=forgotten).exists()
    assert [row.item.title for row in agenda_of(coming).flat] == ["B", "C"]


def test_a_decision_belongs_to_the_day_it_fell(cast, meeting, client_for):
    """A meeting opened on another day than planned: the page asks, and the decision counts for the real day."""
    item = propose(cast.coordinator, meeting)
    chair = client_for(cast.coordinator)
    assert "is planned for" in chair.get(url("meeting_open", meeting.pk)).text
    chair.post(url("meeting_open", meeting.pk))
    decision = record_decision(item=item, wording="So sei es.", mode="unanimous", by=cast.coordinator)
    assert decision.decided_on == timezone.localdate()
    assert decision.year == timezone.localdate().year


def test_one_meeting_of_a_group_at_a_time(cast, running, client_for):
    other = make_meeting(cast)
    answer = client_for(cast.coordinator).post(url("meeting_open", other.pk), headers=HTMX)
    assert answer.status_code == 409
    assert "Jour" in unquote(answer["X-Message"])


def test_a_proposal_nobody_answered_was_never_on_the_agenda(cast, running, client_for):
    following = make_meeting(cast, date=running.date + timedelta(days=28))
    proposal = propose(cast.kehl, running, title="Vorschlag")
    close_meeting(meeting=running, by=cast.coordinator)
    assert "Vorschlag" not in [row.item.title for row in agenda_of(running).flat]
    assert [item.title for item in agenda_of(following).proposals] == ["Vorschlag"]
    proposal.refresh_from_db()
    assert proposal.state == "forwarded"
