"""The list of speakers: asking, replies, the floor, order, closing the list, the clock, new towns first."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Stale
from collab.live.models import Change
from collab.live.regions import region_id, render
from meetings.domain.closing import close_meeting
from meetings.domain.room import activate_item, next_item, open_meeting
from meetings.domain.speaking import (
    ask_to_speak,
    close_list,
    end_speech,
    give_floor,
    move_speech,
    set_speaking_rules,
    withdraw_speech,
)
from meetings.models import AgendaItem, Meeting, MeetingGuest, Speech
from meetings.queries.talk import speakers_of
from tests.meetings.test_agenda import propose, url

HTMX = {"hx-request": "true"}


@pytest.fixture
def item(cast, meeting):
    """The active item of a meeting in session, with another one behind it."""
    for title in ("Aussprache", "Danach"):
        propose(cast.coordinator, meeting, title=title)
    return open_meeting(meeting=meeting, by=cast.coordinator).active_item


def ask(item, by, kind="speech", about="", **more):
    return ask_to_speak(item=item, kind=kind, about=about, by=by, **more)


def fresh(item):
    return AgendaItem.objects.select_related("meeting__group", "meeting__network").get(pk=item.pk)


def waiting(item):
    return [str(speech.membership.acts_for or "office") for speech in speakers_of(fresh(item)).waiting]


def current(item):
    speech = speakers_of(fresh(item)).current
    return speech and speech.membership.acts_for


def region(item, audience="member"):
    return render(region_id("meeting-speakers", item.meeting_id), audience, "en")


def test_asking_with_one_click_and_with_a_word(cast, item, client_for):
    for _twice in range(2):
        answer = client_for(cast.kehl).post(url("speech_add", item.pk), {"kind": "speech"}, headers=HTMX)
        assert answer.status_code == 204
    form = {"kind": "speech", "about": "Kosten der E-Akte", "request_id": str(uuid4())}
    for _twice in range(2):
        assert client_for(cast.achern).post(url("speech_add", item.pk), form, headers=HTMX).status_code == 204
    assert waiting(item) == ["Kehl", "Achern"]
    shown = client_for(cast.mayor).get(url("meeting", item.meeting_id)).text
    assert "Kosten der E-Akte" in shown
    assert f'data-mine="membership:{cast.kehl.pk}"' in shown
    assert "Ask to speak" not in shown  # who reads along does not speak


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 204), ("kehl", 204), ("mayor", 403), ("guide", 403), ("guest", 404), ("other", 404)],
)
def test_who_may_ask(cast, item, client_for, who, status):
    client = client_for(getattr(cast, who))
    assert client.post(url("speech_add", item.pk), {"kind": "reply"}, headers=HTMX).status_code == status
    assert client.get(url("speech_add", item.pk)).status_code == {204: 200}.get(status, status)
    assert Speech.objects.count() == (status == 204)


def test_an_invited_guest_asks_and_withdraws(cast, item, client_for):
    MeetingGuest.objects.create(meeting=item.meeting, membership=cast.guest)
    guest = client_for(cast.guest)
    assert guest.post(url("speech_add", item.pk), {"kind": "speech"}, headers=HTMX).status_code == 204
    assert "WRO" in region(item, "guest")
    speech = Speech.objects.get()
    assert client_for(cast.kehl).post(url("speech_withdraw", speech.pk), headers=HTMX).status_code == 403
    for _twice in range(2):
        assert guest.post(url("speech_withdraw", speech.pk), headers=HTMX).status_code == 204
    assert waiting(item) == []
    assert guest.post(url("speech_floor", speech.pk), {"expected": "0"}, headers=HTMX).status_code == 403


def test_a_guest_of_one_item_alone_is_not_on_the_list(cast, item, client_for):
    MeetingGuest.objects.create(meeting=item.meeting, membership=cast.guest, item=item)
    assert client_for(cast.guest).post(url("speech_add", item.pk), {"kind": "speech"}).status_code == 403
    speech = ask(item, cast.kehl)
    for name in ("speech_withdraw", "speech_floor", "speech_end", "speech_move"):
        assert client_for(cast.guest).post(url(name, speech.pk)).status_code == 404


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"about": "x" * 201}, "at most 200 characters"),
        ({"about": "a\x00b"}, "Null characters are not allowed"),
        ({"kind": "lecture"}, "Select a valid choice"),
        ({"kind": ""}, "required"),
        ({"request_id": "1"}, "Enter a valid UUID"),
    ],
)
def test_bad_input_changes_nothing(cast, item, client_for, change, message):
    data = {"kind": "speech", "about": "", **change}
    answer = client_for(cast.kehl).post(url("speech_add", item.pk), data, headers=HTMX)
    assert answer.status_code == 422
    assert message in answer.text
    assert not Speech.objects.exists()


def test_hostile_words_are_shown_as_text(cast, item):
    ask(item, cast.kehl, about="<script>alert(1)</script>")
    assert "<script>" not in region(item, "chair")
    assert "&lt;script&gt;" in region(item, "chair")


def test_somebody_elses_form_is_not_mine(cast, item, client_for):
    ask(item, cast.kehl, request_id=(key := uuid4()))
    data = {"kind": "speech", "about": "x", "request_id": str(key)}
    answer = client_for(cast.achern).post(url("speech_add", item.pk), data, headers=HTMX)
    assert answer.status_code == 422
    assert waiting(item) == ["Kehl"]


def test_a_short_reply_comes_before_the_speeches_and_behind_other_replies(cast, item):
    ask(item, cast.kehl)
    ask(item, cast.achern)
    ask(item, cast.durbach, "reply")
    ask(item, cast.achern, "reply")
    assert waiting(item) == ["Durbach", "Achern", "Kehl", "Achern"]


def test_the_floor_goes_from_one_to_the_next(cast, item, client_for):
    first, second = ask(item, cast.kehl), ask(item, cast.achern)
    chair = client_for(cast.coordinator)
    assert chair.post(url("speech_floor", first.pk), {"expected": "0"}, headers=HTMX).status_code == 204
    assert current(item) == "Kehl"
    shown = region(item)
    assert 'data-planned="180"' in shown
    assert 'data-since="' in shown
    assert chair.post(url("speech_floor", second.pk), {"expected": first.pk}, headers=HTMX).status_code == 204
    assert current(item) == "Achern"
    first.refresh_from_db()
    assert (first.state, first.ended_at is not None) == ("done", True)
    assert "Have spoken:" in region(item)
    assert client_for(cast.kehl).post(url("speech_end", second.pk), headers=HTMX).status_code == 403
    for _twice in range(2):
        assert client_for(cast.achern).post(url("speech_end", second.pk), headers=HTMX).status_code == 204
    assert current(item) is None


def test_two_chairs_give_the_floor(cast, item, client_for):
    first, second = ask(item, cast.kehl), ask(item, cast.achern)
    chair = client_for(cast.coordinator)
    assert chair.post(url("speech_floor", first.pk), {"expected": "0"}, headers=HTMX).status_code == 204
    refused = chair.post(url("speech_floor", second.pk), {"expected": "0"}, headers=HTMX)
    assert refused.status_code == 409
    assert "Kehl" in unquote(refused["X-Message"])
    # To the same person twice is once.
    assert chair.post(url("speech_floor", first.pk), {"expected": "0"}, headers=HTMX).status_code == 204
    assert current(item) == "Kehl"
    assert Change.objects.filter(verb="floor_given").count() == 1


def test_what_is_over_is_over(cast, item, client_for):
    gone, spoke = ask(item, cast.kehl), ask(item, cast.achern)
    withdraw_speech(speech=gone, by=cast.coordinator)
    give_floor(speech=spoke, expected=None, by=cast.coordinator)
    chair = client_for(cast.coordinator)
    for name, speech, data in (
        ("speech_floor", gone, {"expected": spoke.pk}),
        ("speech_move", gone, {"direction": "up"}),
        ("speech_end", gone, {}),
        ("speech_withdraw", spoke, {}),
        ("speech_move", spoke, {"direction": "up"}),
    ):
        assert chair.post(url(name, speech.pk), data, headers=HTMX).status_code == 409, name
    # Who withdrew or has spoken may ask anew.
    ask(item, cast.kehl)
    assert waiting(item) == ["Kehl"]


def test_the_chair_reorders(cast, item, client_for):
    speeches = [ask(item, who) for who in (cast.kehl, cast.achern, cast.durbach)]
    chair = client_for(cast.coordinator)
    chair.post(url("speech_move", speeches[2].pk), {"direction": "up"})
    assert waiting(item) == ["Kehl", "Durbach", "Achern"]
    chair.post(url("speech_move", speeches[0].pk), {"direction": "up"})
    chair.post(url("speech_move", speeches[1].pk), {"direction": "sideways"})
    assert waiting(item) == ["Kehl", "Durbach", "Achern"]
    move_speech(speech=speeches[0], direction="down", by=cast.coordinator)
    assert waiting(item) == ["Durbach", "Kehl", "Achern"]
    assert client_for(cast.kehl).post(url("speech_move", speeches[0].pk), {"direction": "up"}).status_code == 403


def test_a_closed_list_takes_nobody_and_who_is_on_it_speaks(cast, item, client_for):
    speech = ask(item, cast.kehl)
    chair = client_for(cast.coordinator)
    for _twice in range(2):
        assert chair.post(url("speakers_close", item.pk), {"closed": "1"}, headers=HTMX).status_code == 204
    answer = client_for(cast.achern).post(url("speech_add", item.pk), {"kind": "speech"}, headers=HTMX)
    assert answer.status_code == 409
    assert "closed" in unquote(answer["X-Message"])
    assert "Ask to speak" not in region(item)
    give_floor(speech=speech, expected=None, by=cast.coordinator)
    chair.post(url("speakers_close", item.pk), {"closed": "0"})
    assert ask(item, cast.achern).state == "waiting"
    assert client_for(cast.kehl).post(url("speakers_close", item.pk), {"closed": "1"}).status_code == 403
    assert Change.objects.filter(verb="speakers_closed").count() == 1


def test_towns_that_have_not_spoken_come_first(cast, item, client_for):
    give_floor(speech=ask(item, cast.kehl), expected=None, by=cast.coordinator)
    end_speech(speech=Speech.objects.get(), by=cast.kehl)
    ask(item, cast.kehl)
    ask(item, cast.achern)
    assert waiting(item) == ["Kehl", "Achern"]
    form = {"speaking_minutes": "5", "new_towns_first": "on", "version": fresh(item).meeting.version}
    assert client_for(cast.coordinator).post(url("speaking_rules", item.meeting_id), form).status_code == 302
    assert waiting(item) == ["Achern", "Kehl"]
    ask(item, cast.durbach)
    assert waiting(item) == ["Achern", "Durbach", "Kehl"]
    assert 'data-planned="300"' not in region(item)
    give_floor(speech=Speech.objects.get(membership=cast.achern), expected=None, by=cast.coordinator)
    assert 'data-planned="300"' in region(item)


@pytest.mark.parametrize("minutes", ["-1", "31", "viel", ""])
def test_the_limit_of_a_speech(cast, item, client_for, minutes):
    form = {"speaking_minutes": minutes, "version": fresh(item).meeting.version}
    answer = client_for(cast.coordinator).post(url("speaking_rules", item.meeting_id), form, headers=HTMX)
    assert answer.status_code == 422
    assert Meeting.objects.get(pk=item.meeting_id).speaking_minutes == 3
    assert client_for(cast.kehl).get(url("speaking_rules", item.meeting_id)).status_code == 403


def test_without_a_limit_the_clock_only_counts(cast, item):
    meeting = fresh(item).meeting
    set_speaking_rules(meeting=meeting, new_towns_first=False, minutes=0, version=meeting.version, by=cast.coordinator)
    give_floor(speech=ask(item, cast.kehl), expected=None, by=cast.coordinator)
    assert 'data-planned=""' in region(item)
    with pytest.raises(Stale):
        set_speaking_rules(
            meeting=meeting, new_towns_first=True, minutes=2, version=meeting.version, by=cast.coordinator
        )


def test_who_waits_stays_with_the_item_and_a_speech_ends_with_it(cast, item):
    spoke = ask(item, cast.kehl)
    ask(item, cast.achern)
    give_floor(speech=spoke, expected=None, by=cast.coordinator)
    meeting = next_item(meeting=item.meeting, expected=item.pk, by=cast.coordinator)
    spoke.refresh_from_db()
    assert spoke.state == "done"
    assert timezone.now() - spoke.ended_at < timedelta(minutes=1)
    assert "Achern" not in region(item)
    activate_item(item=fresh(item), expected=meeting.active_item_id, by=cast.coordinator)
    assert waiting(item) == ["Achern"]
    assert "Achern" in region(item)


def test_nobody_speaks_on_another_item_or_before_or_after_the_meeting(cast, item, client_for):
    other = AgendaItem.objects.get(title="Danach")
    answer = client_for(cast.kehl).post(url("speech_add", other.pk), {"kind": "speech"}, headers=HTMX)
    assert answer.status_code == 409
    assert "moved on" in unquote(answer["X-Message"])
    speech = ask(item, cast.kehl)
    give_floor(speech=speech, expected=None, by=cast.coordinator)
    close_meeting(meeting=item.meeting, by=cast.coordinator)
    speech.refresh_from_db()
    assert speech.state == "done"
    assert client_for(cast.kehl).post(url("speech_add", item.pk), {"kind": "speech"}, headers=HTMX).status_code == 409
    with_list = client_for(cast.coordinator).post(url("speakers_close", item.pk), {"closed": "1"}, headers=HTMX)
    assert with_list.status_code == 409


def test_the_list_costs_the_same_whatever_its_length(cast, item):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            region(item, "chair")
        return len(seen)

    ask(item, cast.kehl)
    one = queries()
    for who in (cast.achern, cast.durbach, cast.coordinator):
        ask(item, who)
    assert queries() == one <= 6
    close_list(item=item, closed=True, by=cast.coordinator)
