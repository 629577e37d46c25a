"""Who comes and who is here: the lobby, deputies, arriving and leaving, the quorum, afterwards; and who may say so."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import audience_of, render
from collab.live.verbs import sentence, spoken
from collab.network.models import Accession, Membership, Municipality
from meetings.domain.agenda import propose_item
from meetings.domain.files import attach_file
from meetings.domain.presence import (
    all_are_here,
    answer_invitation,
    arrive,
    end_presences,
    leave,
    nobody_came,
    resume_presences,
)
from meetings.domain.quorum import set_quorum
from meetings.domain.room import open_meeting
from meetings.domain.schedule import cancel_meeting, move_meeting
from meetings.models import Attendance, Meeting, MeetingGuest, Presence
from meetings.queries.presence import Stretch, most_at_once, presence_of, towns_at_table
from meetings.rules import standing
from tests.conftest import TOWNS, Cast, make_meeting, make_member, make_town
from tests.meetings.test_agenda import url
from workgroups.models import Group, GroupMembership
from workgroups.queries.group import expected_towns
from workgroups.rules import towns_needed

HTMX = {"hx-request": "true"}
KEHL, ACHERN, DURBACH, LAHR = (TOWNS[name] for name in ("kehl", "achern", "durbach", "lahr"))


@pytest.fixture
def clock():
    """Nine o'clock on the day of the meeting, which begins at half past nine; `shift` moves on."""
    with time_machine.travel(datetime(2026, 11, 19, 8, tzinfo=UTC), tick=True) as clock:
        yield clock


@pytest.fixture
def lobby(clock, cast: Cast) -> Meeting:
    meeting = make_meeting(cast, date=date(2026, 11, 19), chair=cast.coordinator)
    return Meeting.objects.select_related("group", "network").get(pk=meeting.pk)


@pytest.fixture
def session(lobby: Meeting, cast: Cast, clock) -> Meeting:
    clock.shift(timedelta(minutes=30))
    return open_meeting(meeting=lobby, by=cast.coordinator)


def answer(cast: Cast, meeting: Meeting, town: str, what: str, by: Membership | None = None, **more: Any) -> Attendance:
    values = {"note": "", "deputy": None, "deputy_name": "", "version": 0, "by": by or cast.coordinator, **more}
    return answer_invitation(meeting=meeting, municipality=cast.town(town), answer=what, **values)


def come(cast: Cast, meeting: Meeting, *towns: str, by: Membership | None = None, **more: Any) -> None:
    for town in towns:
        arrive(meeting=meeting, municipality=cast.town(town), by=by or cast.coordinator, **more)


def go(cast: Cast, meeting: Meeting, town: str) -> None:
    leave(meeting=meeting, municipality=cast.town(town), by=cast.coordinator)


def people(client: Client, meeting: Meeting) -> str:
    """Return the people region of the meeting's page."""
    page = client.get(url("meeting", meeting.pk)).text
    found = re.search(rf'<section id="meeting-people-{meeting.pk}".*?</section>', page, re.S)
    assert found
    return found[0]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def present(meeting: Meeting) -> list[str]:
    return [town.short_name for town in towns_at_table(Meeting.objects.get(pk=meeting.pk))]


# -- who is expected, and how many are needed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "number", "expected", "needed"),
    [
        ("none", None, 23, None),
        ("majority", None, 23, 12),
        ("majority", None, 22, 12),
        ("majority", None, 1, 1),
        ("majority", None, 0, None),
        ("two_thirds", None, 23, 16),
        ("two_thirds", None, 24, 16),
        ("two_thirds", None, 3, 2),
        ("two_thirds", None, 0, None),
        ("number", 5, 23, 5),
        ("number", 5, 3, 5),
    ],
)
def test_how_many_towns_are_needed(rule, number, expected, needed):
    assert towns_needed(rule, number, expected) == needed


def test_who_comes_as_another_leaves_does_not_count_with_it():
    nine = datetime(2026, 11, 19, 9, tzinfo=UTC)
    at = [nine + timedelta(minutes=10 * k) for k in range(4)]
    stretch = lambda a, b: Stretch(at[a], at[b] if b else None, "", Presence())  # noqa: E731
    assert most_at_once([stretch(0, 1), stretch(1, 2), stretch(2, None)]) == 1
    assert most_at_once([stretch(0, 2), stretch(1, None)]) == 2
    assert most_at_once([]) == 0


def test_expected_are_the_towns_that_belong_to_the_network_on_that_day(cast: Cast):
    day = date(2026, 11, 19)
    Accession.objects.filter(municipality=LAHR).update(left_on=day)
    Accession.objects.filter(municipality=DURBACH).update(joined_on=day + timedelta(days=1))
    assert [town.short_name for town in expected_towns(cast.group, day)] == ["Achern", "Kehl"]
    assert "Lahr" in [town.short_name for town in expected_towns(cast.group, day - timedelta(days=1))]


def test_of_a_working_group_the_towns_of_its_members_are_expected(cast: Cast):
    group = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Akte")
    for member in (cast.kehl, cast.guide, cast.mayor, cast.coordinator):
        GroupMembership.objects.create(group=group, membership=member)
    assert [town.short_name for town in expected_towns(group, date(2026, 11, 19))] == ["Kehl", "Lahr"]
    Membership.objects.filter(pk=cast.guide.pk).update(ended_on=date(2026, 1, 1))
    assert [town.short_name for town in expected_towns(group, date(2026, 11, 19))] == ["Kehl"]


def test_a_town_that_left_stays_listed_with_what_it_said_but_does_not_count(cast: Cast, lobby: Meeting):
    answer(cast, lobby, "lahr", "accepted")
    Accession.objects.filter(municipality=LAHR).update(left_on=lobby.date)
    table = presence_of(lobby)
    assert [row.municipality.short_name for row in table.rows] == ["Achern", "Durbach", "Kehl", "Lahr"]
    assert table.expected == 3
    come(cast, lobby, "lahr")
    assert presence_of(lobby).present == 0


# -- the lobby --------------------------------------------------------------------------------------------------------


def test_one_click_answers_and_everybody_sees_it(cast: Cast, lobby: Meeting, client_for):
    kehl, mayor = client_for(cast.kehl), client_for(cast.mayor)
    shown = people(kehl, lobby)
    assert f'data-for-town="{KEHL}"' in shown
    assert "0 accepted" in text_of(shown)
    assert "4 without an answer" in text_of(shown)
    said = kehl.post(url("town_say", lobby.pk, "own"), {"answer": "accepted"}, headers=HTMX)
    assert said.status_code == 204
    shown = text_of(people(mayor, lobby))
    assert "1 accepted" in shown
    assert "3 without an answer" in shown
    assert 'data-said="accepted"' in people(kehl, lobby)
    # The same click again changes nothing and is no news.
    kehl.post(url("town_say", lobby.pk, KEHL), {"answer": "accepted"}, headers=HTMX)
    assert Change.objects.filter(verb="town_accepted").count() == 1
    assert f"meeting-people-{lobby.pk}" in Change.objects.get(verb="town_accepted").regions


def test_an_answer_with_deputy_and_a_word(cast: Cast, lobby: Meeting, client_for):
    lahr = make_member(cast.network, "officer", cast.town("lahr"), "officer@lahr.example")
    client = client_for(lahr)
    sent = {"answer": "apologised", "deputy": cast.guide.pk, "deputy_name": "", "note": "Fortbildung", "version": 0}
    assert client.post(url("town_answer", lobby.pk, LAHR), sent, headers=HTMX).status_code == 204
    shown = text_of(people(client_for(cast.mayor), lobby))
    assert "Digital guide Lahr" in shown
    assert "Fortbildung" in shown
    assert "Fortbildung" not in str(Change.objects.get(verb="town_apologised").params)
    form = client.get(url("town_answer", lobby.pk, LAHR)).text
    assert "Fortbildung" in form
    # One click afterwards keeps deputy and word.
    client.post(url("town_say", lobby.pk, LAHR), {"answer": "tentative"}, headers=HTMX)
    attendance = Attendance.objects.get(municipality=LAHR)
    assert (attendance.answer, attendance.deputy, attendance.note) == ("tentative", cast.guide, "Fortbildung")


def test_a_deputy_belongs_to_this_meeting_as_long_as_named(cast: Cast, lobby: Meeting):
    other = make_meeting(cast)
    assert standing(cast.guide, lobby) == "reader"
    answer(cast, lobby, "lahr", "apologised", deputy=cast.guide)
    assert standing(cast.guide, lobby) == "member"
    assert standing(cast.guide, other) == "reader"
    assert Change.objects.latest("version").access == [cast.guide.person_id]
    # The deputy may now say for the town that it is here, and so may nobody else of it.
    arrive(meeting=lobby, municipality=cast.town("lahr"), by=cast.guide)
    assert presence_of(lobby).row_of(LAHR).represented_by == "Digital guide Lahr"
    answer(cast, lobby, "lahr", "apologised", deputy_name="Vertretung aus Lahr", version=1)
    assert standing(cast.guide, lobby) == "reader"
    assert Change.objects.latest("version").access == [cast.guide.person_id]
    with pytest.raises(PermissionDenied):
        leave(meeting=lobby, municipality=cast.town("lahr"), by=cast.guide)


@pytest.mark.parametrize("who", ["achern", "guest", "other_officer"])
def test_a_deputy_is_of_the_same_town_and_no_guest(cast: Cast, lobby: Meeting, client_for, who):
    deputy = getattr(cast, who)
    with pytest.raises(Refused, match="same municipality"):
        answer(cast, lobby, "kehl", "apologised", deputy=deputy)
    sent = {"answer": "apologised", "deputy": deputy.pk, "version": 0}
    refused = client_for(cast.kehl).post(url("town_answer", lobby.pk, KEHL), sent, headers=HTMX)
    assert refused.status_code == 422
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "This field is required"),
        ({"answer": "perhaps"}, "perhaps is not one of the available choices"),
        ({"answer": "accepted", "note": "x" * 301}, "at most 300 characters"),
        ({"answer": "accepted", "deputy_name": "x" * 121}, "at most 120 characters"),
        ({"answer": "accepted", "deputy": "Anna"}, "Select a valid choice"),
        ({"answer": "accepted", "deputy": "mayor", "deputy_name": "Anna"}, "not both"),
        ({"answer": "accepted", "version": "x"}, "whole number"),
    ],
)
def test_answers_that_cannot_be_read(cast: Cast, lobby: Meeting, client_for, sent, said):
    sent = {"version": 0, **sent}
    if sent.get("deputy") == "mayor":
        sent["deputy"] = cast.mayor.pk
    told = client_for(cast.kehl).post(url("town_answer", lobby.pk, KEHL), sent, headers=HTMX)
    assert told.status_code == 422
    assert said in told.text
    assert not Attendance.objects.exists()


def test_two_of_one_town_answer_differently(cast: Cast, lobby: Meeting, client_for):
    answer(cast, lobby, "kehl", "apologised", by=cast.kehl, note="Wir sind krank.")
    sent = {"answer": "accepted", "note": "Wir kommen.", "version": 0}
    clash = client_for(cast.coordinator).post(url("town_answer", lobby.pk, KEHL), sent, headers=HTMX)
    assert clash.status_code == 409
    assert "Wir sind krank." in clash.text
    assert "Wir kommen." in clash.text
    assert Attendance.objects.get().answer == "apologised"


@pytest.mark.parametrize("name", ["town_answer", "town_say", "town_here", "town_presence"])
@pytest.mark.parametrize("who", ["achern", "mayor", "guide"])
def test_nobody_speaks_for_another_town(cast: Cast, session: Meeting, client_for, name, who):
    """Not another town's officer, and of the own town not who reads along."""
    sent = {"answer": "accepted", "here": "1", "version": 0}
    assert client_for(getattr(cast, who)).post(url(name, session.pk, KEHL), sent).status_code == 403
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("name", ["town_answer", "town_say", "town_here", "town_presence"])
def test_strangers_and_unknown_towns(cast: Cast, session: Meeting, client_for, name):
    sent = {"answer": "accepted", "here": "1", "version": 0}
    assert client_for(cast.other).post(url(name, session.pk, KEHL), sent).status_code == 404
    assert client_for(cast.guest).post(url(name, session.pk, KEHL), sent).status_code == 404
    chair = client_for(cast.coordinator)
    for ags in ("08216043", "00000000", "x" * 200, "own"):
        assert chair.post(url(name, session.pk, ags), sent).status_code == 404
    assert Client().post(url(name, session.pk, KEHL), sent).status_code == 302
    assert not Attendance.objects.exists()


def test_the_chair_answers_for_a_town_and_it_is_on_record_who_did(cast: Cast, lobby: Meeting):
    answer(cast, lobby, "achern", "accepted", by=cast.coordinator)
    assert Attendance.objects.get().answered_by == cast.coordinator
    assert sentence(Change.objects.get(verb="town_accepted")).startswith("Coordinator accepted")


def test_a_town_outside_the_group_is_not_expected(cast: Cast, lobby: Meeting):
    make_town("Oppenau", "08317098")
    with pytest.raises(Refused, match="Oppenau"):
        arrive(meeting=lobby, municipality=Municipality.objects.get(pk="08317098"), by=cast.coordinator)


def test_when_it_is_over_nothing_can_be_answered(cast: Cast, lobby: Meeting):
    cancel_meeting(meeting=lobby, reason="Storm", version=1, by=cast.coordinator)
    with pytest.raises(Refused):
        answer(cast, lobby, "kehl", "accepted")
    with pytest.raises(Refused):
        come(cast, lobby, "kehl")


def test_the_lobby_lists_the_files_of_the_agenda(cast: Cast, lobby: Meeting, client_for):
    item = propose_item(meeting=lobby, by=cast.coordinator, title="E-Akte")
    file = attach_file(item=item, upload=SimpleUploadedFile("Vorlage.txt", b"text"), by=cast.coordinator)
    assert f"meeting-people-{lobby.pk}" in Change.objects.get(verb="file_added").regions
    shown = people(client_for(cast.kehl), lobby)
    assert "Vorlage.txt" in shown
    assert url("file", file.pk) in shown


def test_guests_see_numbers_and_towns_but_nothing_that_was_said(cast: Cast, lobby: Meeting, client_for):
    MeetingGuest.objects.create(meeting=lobby, membership=cast.guest)
    answer(cast, lobby, "kehl", "apologised", note="Fortbildung", deputy_name="Vertretung aus Kehl")
    shown = people(client_for(cast.guest), lobby)
    assert "Kehl" in shown
    assert "1 apologised" in shown
    assert "Fortbildung" not in shown
    assert "Vertretung" not in shown
    assert "hx-post" not in shown
    assert client_for(cast.guest).get(f"/api/n/ortenau/meetings/{lobby.pk}/").json()["attendance"] is None
    session = open_meeting(meeting=lobby, by=cast.coordinator)
    come(cast, session, "kehl")
    shown = people(client_for(cast.guest), session)
    assert "Kehl" in shown
    assert "Vertretung" not in shown
    assert "Achern" not in shown


# -- in session -------------------------------------------------------------------------------------------------------


def test_nobody_is_present_because_the_meeting_opens(cast: Cast, lobby: Meeting):
    answer(cast, lobby, "kehl", "accepted")
    session = open_meeting(meeting=lobby, by=cast.coordinator)
    assert present(session) == []


def test_a_town_arrives_and_leaves(cast: Cast, session: Meeting, client_for, clock):
    kehl = client_for(cast.kehl)
    assert "We are here" in people(kehl, session)
    for _twice in range(2):
        assert kehl.post(url("town_here", session.pk, KEHL), {"here": "1"}, headers=HTMX).status_code == 204
    shown = text_of(people(client_for(cast.mayor), session))
    assert "1 of 4 present" in shown
    assert "Digitalisation officer Kehl" in shown
    assert Presence.objects.get().recorded_by == cast.kehl
    clock.shift(timedelta(minutes=40))
    for _twice in range(2):
        assert kehl.post(url("town_here", session.pk, KEHL), {"here": "0"}, headers=HTMX).status_code == 204
    assert present(session) == []
    assert "left at" in people(client_for(cast.mayor), session)
    assert Change.objects.filter(verb="town_arrived").count() == 1
    assert Change.objects.filter(verb="town_gone").count() == 1
    assert kehl.post(url("town_here", session.pk, KEHL), {"here": "x"}, headers=HTMX).status_code == 422


def test_who_represents_a_town(cast: Cast, session: Meeting):
    answer(cast, session, "achern", "accepted", by=cast.achern)
    answer(cast, session, "lahr", "apologised", deputy_name="Vertretung aus Lahr")
    come(cast, session, "achern", "lahr", "durbach")
    come(cast, session, "kehl", represented_by=cast.mayor)
    sat = {row.municipality.short_name: row.represented_by for row in presence_of(session).rows}
    assert sat == {
        "Achern": "Digitalisation officer Achern",
        "Durbach": "",
        "Kehl": "Mayor Kehl",
        "Lahr": "Vertretung aus Lahr",
    }
    with pytest.raises(Refused, match="own people"):
        come(cast, open_again(session), "durbach", represented_by=cast.kehl)


def open_again(meeting: Meeting) -> Meeting:
    Presence.objects.filter(attendance__municipality=DURBACH).delete()
    return meeting


def test_a_slip_leaves_no_trace_in_the_list_but_in_the_log(cast: Cast, session: Meeting, clock):
    come(cast, session, "kehl")
    go(cast, session, "kehl")
    assert presence_of(session).row_of(KEHL).stretches == []
    come(cast, session, "achern")
    clock.shift(timedelta(minutes=20))
    go(cast, session, "achern")
    clock.shift(timedelta(seconds=5))
    come(cast, session, "achern")
    assert len(presence_of(session).row_of(ACHERN).stretches) == 1
    assert Change.objects.filter(verb="town_gone").count() == 2


def test_a_town_comes_back_later(cast: Cast, session: Meeting, clock):
    come(cast, session, "kehl")
    for _step in (go, come):
        clock.shift(timedelta(minutes=10))
        _step(cast, session, "kehl")
    stretches = presence_of(session).row_of(KEHL).stretches
    assert [stretch.until is None for stretch in stretches] == [False, True]


def test_early_birds_count_from_the_opening_on(cast: Cast, lobby: Meeting, clock, client_for):
    kehl = client_for(cast.kehl)
    assert kehl.post(url("town_here", lobby.pk, KEHL), {"here": "1"}, headers=HTMX).status_code == 204
    assert "here already" in people(client_for(cast.mayor), lobby)
    come(cast, lobby, "achern")
    clock.shift(timedelta(minutes=5))
    go(cast, lobby, "achern")
    clock.shift(timedelta(minutes=25))
    session = open_meeting(meeting=lobby, by=cast.coordinator)
    table = presence_of(session)
    assert table.row_of(KEHL).since == session.opened_at
    assert table.row_of(ACHERN).stretches == []


def test_not_earlier_than_an_hour_before(cast: Cast, lobby: Meeting, clock, client_for):
    clock.move_to(datetime(2026, 11, 19, 7, 29, tzinfo=UTC))
    told = client_for(cast.kehl).post(url("town_here", lobby.pk, KEHL), {"here": "1"}, headers=HTMX)
    assert told.status_code == 409
    assert "8:30" in unquote(told["X-Message"])
    clock.move_to(datetime(2026, 11, 19, 7, 31, tzinfo=UTC))
    come(cast, lobby, "kehl")
    move_meeting(
        meeting=lobby, date=date(2026, 11, 26), start_time=lobby.start_time, minutes=90, reason="", version=1,
        by=cast.coordinator,
    )  # fmt: skip
    lobby.refresh_from_db()
    assert not Presence.objects.filter(ended_at=None).exists()
    clock.move_to(datetime(2026, 11, 26, 8, 40, tzinfo=UTC))
    assert present(open_meeting(meeting=lobby, by=cast.coordinator)) == []


def test_all_who_accepted_are_here_and_back(cast: Cast, session: Meeting, client_for, clock):
    for town, what in (("kehl", "accepted"), ("achern", "accepted"), ("lahr", "tentative"), ("durbach", "accepted")):
        answer(cast, session, town, what)
    come(cast, session, "durbach")
    clock.shift(timedelta(minutes=5))
    go(cast, session, "durbach")
    chair = client_for(cast.coordinator)
    assert "All 2 that accepted are here" in text_of(people(chair, session))
    assert chair.post(url("meeting_all_here", session.pk), headers=HTMX).status_code == 204
    assert present(session) == ["Achern", "Kehl"]
    assert all_are_here(meeting=session, by=cast.coordinator) == 0
    shown = people(chair, session)
    assert "Take back: 2 together" in text_of(shown)
    undo = re.search(r'"undo": "([^"]+)"', shown)[1]
    assert chair.post(url("meeting_all_here", session.pk), {"undo": undo}, headers=HTMX).status_code == 204
    assert present(session) == []
    assert [row.stretches for row in presence_of(session).rows if row.municipality.pk in (KEHL, ACHERN)] == [[], []]
    assert "All 2 that accepted are here" in text_of(people(chair, session))


def test_all_together_is_not_taken_back_later(cast: Cast, session: Meeting, client_for, clock):
    for town in ("kehl", "achern"):
        answer(cast, session, town, "accepted")
    all_are_here(meeting=session, by=cast.coordinator)
    at = Presence.objects.first().began_at
    clock.shift(timedelta(minutes=11))
    assert "Take back" not in people(client_for(cast.coordinator), session)
    with pytest.raises(Refused, match="ten minutes"):
        nobody_came(meeting=session, at=at, by=cast.coordinator)
    for undo in ("x", "2026-11-19", "2026-11-19T09:00:00", "9999-99-99T00:00:00Z"):
        told = client_for(cast.coordinator).post(url("meeting_all_here", session.pk), {"undo": undo}, headers=HTMX)
        assert told.status_code == 409
    assert present(session) == ["Achern", "Kehl"]


def test_only_who_keeps_the_list_sets_all(cast: Cast, session: Meeting, client_for):
    assert client_for(cast.kehl).post(url("meeting_all_here", session.pk)).status_code == 403
    session.minute_taker = cast.kehl
    session.save()
    assert client_for(cast.kehl).post(url("meeting_all_here", session.pk), headers=HTMX).status_code == 204


def test_the_time_is_corrected_by_who_keeps_the_list(cast: Cast, session: Meeting, client_for, clock):
    clock.shift(timedelta(minutes=30))
    come(cast, session, "kehl")
    chair, where = client_for(cast.coordinator), url("town_presence", session.pk, KEHL)
    form = chair.get(where).text
    assert 'value="10:00"' in form
    sent = {"representative": cast.mayor.pk, "name": "", "since": "09:40", "until": "", "version": 1}
    assert chair.post(where, sent, headers=HTMX).status_code == 204
    row = presence_of(session).row_of(KEHL)
    assert timezone.localtime(row.since).strftime("%H:%M") == "09:40"
    assert row.represented_by == "Mayor Kehl"
    # The same once more changes nothing; something else on an old version is a conflict.
    assert chair.post(where, sent, headers=HTMX).status_code == 204
    assert Change.objects.filter(verb="presence_changed").count() == 1
    clash = chair.post(where, {**sent, "representative": "", "name": "Anna"}, headers=HTMX)
    assert clash.status_code == 409
    assert "Mayor Kehl" in clash.text
    left = {**sent, "until": "09:55", "version": 2}
    assert chair.post(where, left, headers=HTMX).status_code == 204
    assert timezone.localtime(presence_of(session).row_of(KEHL).until).strftime("%H:%M") == "09:55"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"since": "09:29"}, "between the opening of the meeting and now"),
        ({"since": "10:31"}, "between the opening of the meeting and now"),
        ({"since": "09:45"}, "until later than that"),
        ({"since": "25:00"}, "Enter a valid time"),
        ({"until": "09:29"}, "leaves after it came"),
        ({"until": "10:59"}, "leaves after it came"),
        ({"name": "x" * 121}, "at most 120"),
        ({"representative": "x"}, "Select a valid choice"),
        ({"representative": "kehl", "name": "Anna"}, "not both"),
    ],
)
def test_presence_that_cannot_be(cast: Cast, session: Meeting, client_for, clock, sent, said):
    come(cast, session, "kehl")
    clock.shift(timedelta(minutes=20))
    go(cast, session, "kehl")
    clock.shift(timedelta(minutes=10))
    if sent.get("representative") == "kehl":
        sent = {**sent, "representative": cast.kehl.pk}
    where = url("town_presence", session.pk, KEHL)
    told = client_for(cast.coordinator).post(where, {"version": 0, **sent}, headers=HTMX)
    assert told.status_code == 422
    assert said in told.text
    assert present(session) == []


def test_a_town_names_who_sits_there_but_no_times(cast: Cast, session: Meeting, client_for):
    kehl, where = client_for(cast.kehl), url("town_presence", session.pk, KEHL)
    assert 'name="since"' not in kehl.get(where).text
    sent = {"name": "Anna", "since": "09:00", "version": 0}
    assert kehl.post(where, sent, headers=HTMX).status_code == 204
    row = presence_of(session).row_of(KEHL)
    assert row.represented_by == "Anna"
    assert row.since > session.opened_at


# -- the quorum -------------------------------------------------------------------------------------------------------


def test_the_quorum_is_shown_and_its_loss_is_pointed_out(cast: Cast, session: Meeting, client_for, clock):
    mayor = client_for(cast.mayor)
    assert "not yet quorate, 3 needed" in text_of(people(mayor, session))
    come(cast, session, "kehl", "achern")
    assert not Change.objects.filter(verb="quorum_reached").exists()
    come(cast, session, "lahr")
    assert "3 of 4 present quorate" in text_of(people(mayor, session))
    clock.shift(timedelta(minutes=10))
    go(cast, session, "lahr")
    shown = text_of(people(mayor, session))
    assert "has lost its quorum" in shown
    assert "2 of the 3 municipalities needed" in shown
    changes = list(Change.objects.filter(verb__startswith="quorum_").order_by("version"))
    assert [sentence(change) for change in changes] == [
        "Quorum reached: 3 present, 3 needed",
        "Quorum lost: 2 of 3 needed",
    ]
    assert spoken(changes[1])[0] == "Quorum lost: 2 of 3 needed"
    quorum = presence_of(session).quorum
    assert (quorum.needed, quorum.reached, quorum.was_reached) == (3, False, True)


def test_the_chair_chooses_the_rule(cast: Cast, session: Meeting, client_for):
    later = make_meeting(cast)
    chair, where = client_for(cast.coordinator), url("group_quorum", session.pk)
    version = re.search(r'name="version" value="(\d+)"', chair.get(where).text)[1]
    sent = {"quorum": "number", "quorum_number": "1", "majority": "two_thirds", "version": version}
    for _twice in range(2):
        assert chair.post(where, sent, headers=HTMX).status_code == 204
    change = Change.objects.get(verb="quorum_set")
    assert {f"meeting-people-{session.pk}", f"meeting-people-{later.pk}"} <= set(change.regions)
    come(cast, session, "kehl")
    assert "quorate" in people(chair, session)
    clash = chair.post(where, {**sent, "quorum": "two_thirds"}, headers=HTMX)
    assert clash.status_code == 409
    assert "A number of municipalities" in clash.text
    cast.group.refresh_from_db()
    assert (cast.group.quorum, cast.group.quorum_number, cast.group.majority) == ("number", 1, "two_thirds")
    assert "Two thirds of yes and no" in client_for(cast.mayor).get(url("group", cast.group.pk)).text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "This field is required"),
        ({"quorum": "none", "majority": "some"}, "some is not one of the available choices"),
        ({"quorum": "half"}, "half is not one of the available choices"),
        ({"quorum": "number"}, "Enter how many"),
        ({"quorum": "number", "quorum_number": "0"}, "greater than or equal to 1"),
        ({"quorum": "number", "quorum_number": "100000"}, "less than or equal to 1000"),
        ({"quorum": "number", "quorum_number": "many"}, "whole number"),
    ],
)
def test_rules_that_cannot_be(cast: Cast, session: Meeting, client_for, sent, said):
    told = client_for(cast.coordinator).post(url("group_quorum", session.pk), {"version": 1, **sent}, headers=HTMX)
    assert told.status_code == 422
    assert said in told.text


@pytest.mark.parametrize("who", ["kehl", "mayor"])
def test_only_the_chair_chooses_the_rule(cast: Cast, session: Meeting, client_for, who):
    assert client_for(getattr(cast, who)).get(url("group_quorum", session.pk)).status_code == 403
    with pytest.raises(PermissionDenied):
        set_quorum(meeting=session, quorum="none", quorum_number=None, version=1, by=getattr(cast, who))


def test_without_a_rule_nothing_is_said_of_a_quorum(cast: Cast, session: Meeting, client_for):
    set_quorum(meeting=session, quorum="none", quorum_number=None, version=1, by=cast.coordinator)
    assert "quorate" not in people(client_for(cast.mayor), session)
    come(cast, session, "kehl", "achern", "lahr")
    assert not Change.objects.filter(verb="quorum_reached").exists()


# -- afterwards -------------------------------------------------------------------------------------------------------


def closed(meeting: Meeting) -> Meeting:
    now = timezone.now()
    end_presences(meeting, now)
    Meeting.objects.filter(pk=meeting.pk).update(state="closed", closed_at=now, active_item=None)
    return Meeting.objects.select_related("group", "network").get(pk=meeting.pk)


def test_the_list_of_those_who_were_there(cast: Cast, session: Meeting, client_for, clock):
    answer(cast, session, "lahr", "apologised")
    come(cast, session, "kehl", "achern")
    clock.shift(timedelta(minutes=30))
    go(cast, session, "achern")
    clock.shift(timedelta(minutes=30))
    meeting = closed(session)
    shown = text_of(people(client_for(cast.mayor), meeting))
    assert "2 of 4 were present" in shown
    assert re.search(r"Achern 9:30–10:00", shown) or re.search(r"Achern 09:30–10:00", shown)
    assert re.search(r"Kehl 0?9:30–10:30", shown)
    assert presence_of(meeting).quorum is None
    with pytest.raises(Refused, match="over"):
        come(cast, meeting, "durbach")
    chair = client_for(cast.coordinator)
    assert "hx-post" not in people(chair, meeting)
    assert chair.post(url("town_presence", meeting.pk, KEHL), {"version": 0}, headers=HTMX).status_code == 422


def test_reopened_those_who_had_stayed_are_present_again(cast: Cast, session: Meeting, clock):
    come(cast, session, "kehl", "achern")
    clock.shift(timedelta(minutes=30))
    go(cast, session, "achern")
    clock.shift(timedelta(minutes=30))
    meeting = closed(session)
    clock.shift(timedelta(minutes=5))
    for _twice in range(2):
        resume_presences(meeting, timezone.now(), meeting.closed_at, cast.coordinator)
    Meeting.objects.filter(pk=meeting.pk).update(state="open", closed_at=None)
    assert present(session) == ["Kehl"]
    assert len(presence_of(session).row_of(KEHL).stretches) == 2


# -- cost, audiences, interface ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["chair", "member", "guest"])
def test_as_many_queries_for_many_towns_as_for_few(cast: Cast, session: Meeting, audience):
    identifier = f"meeting-people-{session.pk}"

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            render(identifier, audience, "de")
        return len(seen)

    come(cast, session, "kehl")
    few = queries()
    for number in range(10):
        town = make_town(f"Ort {number}", f"083179{number:02}")
        Accession.objects.create(network=cast.network, municipality=town, joined_on=date(2021, 9, 30))
        officer = make_member(cast.network, "officer", town, f"officer@ort{number}.example")
        arrive(meeting=session, municipality=town, by=officer)
    assert queries() == few
    with CaptureQueriesContext(connection) as seen:
        presence_of(Meeting.objects.select_related("group").get(pk=session.pk))
    assert len(seen) <= 4


def test_the_region_is_the_same_for_all_of_an_audience(cast: Cast, session: Meeting):
    identifier = f"meeting-people-{session.pk}"
    seen = {who: audience_of(identifier, getattr(cast, who)) for who in ("coordinator", "kehl", "mayor", "guest")}
    assert seen == {"coordinator": "chair", "kehl": "member", "mayor": "reader", "guest": None}
    assert "hx-post" not in render(identifier, "reader", "de")


def test_the_interface_tells_who_comes_and_who_is_here(cast: Cast, session: Meeting, client_for):
    answer(cast, session, "kehl", "accepted", note="Gern")
    come(cast, session, "kehl")
    told = client_for(cast.mayor).get(f"/api/n/ortenau/meetings/{session.pk}/").json()["attendance"]
    kehl = next(row for row in told if row["municipality"]["ags"] == KEHL)
    assert (kehl["answer"], kehl["note"], kehl["is_present"], len(kehl["present"])) == ("accepted", "Gern", True, 1)
    assert len(told) == 4
