"""Reports and speakers at the same moment, over real transactions: nothing lost, nobody called or heard twice."""

from __future__ import annotations

import pytest

from meetings.domain.closing import close_meeting
from meetings.domain.room import next_item, open_meeting
from meetings.domain.round import call_next, write_report
from meetings.domain.speaking import ask_to_speak, end_speech, give_floor, move_speech, withdraw_speech
from meetings.models import AgendaItem, Report, Speech
from tests.conftest import make_cast, make_meeting, make_member, make_town
from tests.meetings.test_agenda import propose
from tests.test_races import assert_versions_gapless, at_once, errors, posting, signed_in, url
from workgroups.models import GroupMembership

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = {"news": "Neues", "needs": "Muster zur E-Akte", "offers": "Schulung"}


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def second(cast):
    GroupMembership.objects.create(group=cast.group, membership=cast.durbach, role="chair")
    return cast.durbach


@pytest.fixture
def item(cast):
    meeting = make_meeting(cast)
    propose(cast.coordinator, meeting, title="Blitzlicht", kind="round")
    propose(cast.coordinator, meeting, title="Danach")
    return open_meeting(meeting=meeting, by=cast.coordinator).active_item


def officers(cast, number):
    for k in range(number):
        town = make_town(f"Ort {k:02}", f"083179{k:02}")
        cast.network.accessions.create(municipality=town, joined_on=cast.kehl.started_on)
        yield make_member(cast.network, "officer", town, f"officer@ort{k}.example")


def test_twenty_three_reports_in_one_second(cast, item):
    people = [cast.kehl, cast.achern, cast.durbach, *officers(cast, 20)]
    clients = [signed_in(person) for person in people]
    path = url("item_report", item.pk)
    outcomes = at_once(*(posting(client, path, {**TEXTS, "version": 0}) for client in clients))
    assert [outcome.value for outcome in outcomes] == [204] * 23
    assert Report.objects.filter(item=item, version=1, news="Neues").count() == 23
    assert_versions_gapless(cast.network.pk)


def test_reports_while_the_chair_calls_and_goes_on(cast, item):
    def write(by):
        return lambda: write_report(item=item, municipality=by.municipality, version=0, by=by, **TEXTS)

    outcomes = at_once(
        write(cast.kehl),
        write(cast.achern),
        write(cast.durbach),
        lambda: call_next(item=item, expected=None, by=cast.coordinator),
        lambda: next_item(meeting=item.meeting, expected=item.pk, by=cast.coordinator),
    )
    # Who calls when the meeting has gone on is told; the reports are kept in any case.
    assert errors(outcomes) in ([], ["Refused"])
    assert Report.objects.filter(item=item, news="Neues").count() == 3


def test_a_report_while_the_meeting_closes_is_saved_or_refused(cast, item):
    outcomes = at_once(
        lambda: write_report(item=item, municipality=cast.kehl.municipality, version=0, by=cast.kehl, **TEXTS),
        lambda: close_meeting(meeting=item.meeting, by=cast.coordinator),
    )
    saved = Report.objects.filter(item=item, news="Neues").count()
    assert saved == (1 if not errors(outcomes) else 0)


def test_two_colleagues_write_the_first_report(cast, item):
    colleague = make_member(cast.network, "officer", cast.town("kehl"), "officer2@kehl.example")

    def write(by, text):
        return lambda: write_report(
            item=item, municipality=cast.town("kehl"), news=text, needs="", offers="", version=0, by=by
        )

    outcomes = at_once(write(cast.kehl, "Eins"), write(colleague, "Zwei"))
    assert errors(outcomes) == ["Stale"]
    assert Report.objects.get().news in ("Eins", "Zwei")


def test_two_chairs_call_the_next_town(cast, item, second):
    outcomes = at_once(*(lambda by=by: call_next(item=item, expected=None, by=by) for by in (cast.coordinator, second)))
    assert errors(outcomes) == ["Refused"]
    assert AgendaItem.objects.get(pk=item.pk).called == cast.town("achern")
    assert Report.objects.filter(item=item).count() == 1


def test_the_floor_is_given_by_two_chairs(cast, item, second):
    ask = [ask_to_speak(item=item, kind="speech", about="", by=by) for by in (cast.kehl, cast.achern)]
    outcomes = at_once(
        lambda: give_floor(speech=ask[0], expected=None, by=cast.coordinator),
        lambda: give_floor(speech=ask[1], expected=None, by=second),
    )
    assert errors(outcomes) == ["Refused"]
    assert Speech.objects.filter(state="speaking").count() == 1
    assert Speech.objects.filter(state="waiting").count() == 1


def test_the_same_request_from_two_devices_stands_once_on_the_list(cast, item):
    at_once(*(lambda: ask_to_speak(item=item, kind="speech", about="", by=cast.kehl) for _device in range(3)))
    assert Speech.objects.count() == 1


def test_many_ask_while_the_chair_orders_and_takes_off(cast, item):
    first = ask_to_speak(item=item, kind="speech", about="", by=cast.kehl)
    last = ask_to_speak(item=item, kind="speech", about="", by=cast.achern)
    people = list(officers(cast, 6))
    outcomes = at_once(
        *(lambda by=by: ask_to_speak(item=item, kind="speech", about="", by=by) for by in people),
        lambda: move_speech(speech=last, direction="up", by=cast.coordinator),
        lambda: withdraw_speech(speech=first, by=cast.kehl),
    )
    assert not errors(outcomes)
    waiting = Speech.objects.filter(state="waiting").order_by("position")
    assert waiting.count() == 7
    assert waiting.first() == last
    positions = list(waiting.values_list("position", flat=True))
    assert len(set(positions)) == len(positions)


def test_a_speech_ends_once(cast, item):
    speech = ask_to_speak(item=item, kind="speech", about="", by=cast.kehl)
    give_floor(speech=speech, expected=None, by=cast.coordinator)
    outcomes = at_once(
        lambda: end_speech(speech=speech, by=cast.kehl),
        lambda: end_speech(speech=speech, by=cast.coordinator),
        lambda: next_item(meeting=item.meeting, expected=item.pk, by=cast.coordinator),
    )
    assert not errors(outcomes)
    speech.refresh_from_db()
    assert (speech.state, speech.ended_at is not None) == ("done", True)
