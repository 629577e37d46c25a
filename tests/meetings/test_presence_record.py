"""The list of those present is a record: forms that are out of date, other days, former members; what guests hear."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.catch_up import news
from collab.live.models import Change
from collab.live.regions import region_names, render
from collab.network.models import Accession, Membership
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.presence import all_are_here, nobody_came
from meetings.models import Attendance, Meeting, MeetingGuest, Presence
from meetings.queries.presence import Row, presence_of
from tests.conftest import Cast, make_member
from tests.meetings.test_agenda import url
from tests.meetings.test_presence import (  # noqa: F401
    ACHERN,
    DURBACH,
    HTMX,
    KEHL,
    LAHR,
    answer,
    clock,
    come,
    go,
    lobby,
    session,
)


def row_of(meeting: Meeting, town: str = KEHL) -> Row:
    row = presence_of(Meeting.objects.select_related("group").get(pk=meeting.pk)).row_of(town)
    assert row
    return row


def opened(client: Client, meeting: Meeting, town: str = KEHL) -> dict[str, str]:
    """Return what the form of a town's presence sends if nobody touches it."""
    form = client.get(url("town_presence", meeting.pk, town)).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value.strftime("%H:%M") if hasattr(value, "hour") else value or "" for name, value in shown.items()}


def send(client: Client, meeting: Meeting, sent: dict[str, str], town: str = KEHL):
    return client.post(url("town_presence", meeting.pk, town), sent, headers=HTMX)


def times(meeting: Meeting, town: str = KEHL) -> list[tuple[datetime, datetime | None]]:
    return [(one.since, one.until) for one in row_of(meeting, town).stretches]


# -- what guests hear -------------------------------------------------------------------------------------------------


def test_guests_of_the_meeting_hear_nothing_of_who_comes(cast: Cast, lobby: Meeting, client_for, clock):  # noqa: F811
    MeetingGuest.objects.create(meeting=lobby, membership=cast.guest)
    answer(cast, lobby, "kehl", "apologised", by=cast.kehl)
    for version, town in ((1, "kehl"), (0, "achern"), (0, "lahr")):
        answer(cast, lobby, town, "accepted", version=version)
    come(cast, lobby, "durbach")
    clock.shift(timedelta(minutes=2))
    go(cast, lobby, "durbach")
    all_are_here(meeting=lobby, by=cast.coordinator)
    nobody_came(meeting=lobby, at=Presence.objects.latest("began_at").began_at, by=cast.coordinator)
    changes = list(Change.objects.filter(network=cast.network))
    heard = {
        name: news(changes, f"{name}-{lobby.pk}", "en", "guest")
        for name in region_names()
        if name.startswith("meeting-")
    }
    assert heard["meeting-people"] == []
    told = str([heard, news(changes, f"meeting-wall-{lobby.pk}", "en", "wall")])
    assert not any(town in told for town in ("Kehl", "Achern", "Durbach", "Lahr", "accepted"))
    assert "Kehl apologised" in str(news(changes, f"meeting-people-{lobby.pk}", "en", "member"))


# -- other days -------------------------------------------------------------------------------------------------------


def test_a_name_corrected_in_a_reopened_meeting_leaves_the_times(cast: Cast, session: Meeting, client_for, clock):  # noqa: F811
    come(cast, session, "kehl")
    clock.shift(timedelta(hours=1))
    close_meeting(meeting=session, by=cast.coordinator)
    clock.shift(timedelta(days=1))
    reopen_meeting(meeting=session, reason="A name was wrong", by=cast.coordinator)
    clock.shift(timedelta(minutes=10))
    before, chair = times(session), client_for(cast.coordinator)
    assert len(before) == 2
    assert send(chair, session, {**opened(chair, session), "representative": "", "name": "Anna"}).status_code == 204
    assert times(session) == before
    assert row_of(session).represented_by == "Anna"
    # A time that is changed is one of the day on which the stretch began.
    assert send(chair, session, {**opened(chair, session), "until": "10:36"}).status_code == 204
    day = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert times(session) == [before[0], (before[1][0], day.replace(minute=36))]


def test_a_name_corrected_past_midnight_leaves_the_times(cast: Cast, session: Meeting, client_for, clock):  # noqa: F811
    evening = datetime(2026, 11, 19, 22, 40, tzinfo=UTC)  # 23:40 in Berlin
    clock.move_to(evening)
    come(cast, session, "achern")
    clock.move_to(evening + timedelta(minutes=30))
    come(cast, session, "kehl")
    clock.move_to(evening + timedelta(minutes=50))
    before, chair = times(session), client_for(cast.coordinator)
    assert send(chair, session, {**opened(chair, session), "representative": "", "name": "Anna"}).status_code == 204
    assert times(session) == before
    # Who came before midnight leaves after it.
    assert send(chair, session, {**opened(chair, session, ACHERN), "until": "00:15"}, ACHERN).status_code == 204
    assert times(session, ACHERN)[0][1] == evening + timedelta(minutes=35)


# -- forms that were opened before ------------------------------------------------------------------------------------


def test_a_form_opened_before_the_town_left_does_not_bring_it_back(cast: Cast, session: Meeting, client_for, clock):  # noqa: F811
    come(cast, session, "kehl", by=cast.kehl)
    kehl = client_for(cast.kehl)
    sent = {**opened(kehl, session), "representative": "", "name": "Anna"}
    clock.shift(timedelta(minutes=20))
    go(cast, session, "kehl")
    told = send(kehl, session, sent)
    assert told.status_code == 409
    assert not row_of(session).is_present
    assert "Kehl is noted as not present by now" in told.text
    assert 'value="Anna"' in told.text
    # Whoever has read that and saves once more means it.
    again = re.search(r'name="version" value="(\d+)"', told.text)
    assert again
    assert send(kehl, session, {**sent, "version": again[1]}).status_code == 204
    assert row_of(session).represented_by == "Anna"


def test_a_form_opened_before_the_town_came_is_out_of_date(cast: Cast, session: Meeting, client_for):  # noqa: F811
    for town in ("kehl", "achern"):
        answer(cast, session, town, "accepted")
    chair = client_for(cast.coordinator)
    sent = {**opened(chair, session), "name": "Anna"}
    all_are_here(meeting=session, by=cast.coordinator)
    told = send(chair, session, sent)
    assert told.status_code == 409
    assert "Kehl is noted as present since 09:30 by now" in told.text
    sent = {**opened(chair, session), "name": "Anna"}
    nobody_came(meeting=session, at=Presence.objects.latest("began_at").began_at, by=cast.coordinator)
    assert send(chair, session, sent).status_code == 409
    assert not row_of(session).is_present


def test_a_form_opened_before_the_close_is_out_of_date_after_it(cast: Cast, session: Meeting, client_for, clock):  # noqa: F811
    come(cast, session, "kehl")
    clock.shift(timedelta(minutes=30))
    chair, kehl = client_for(cast.coordinator), client_for(cast.kehl)
    sent, own = {**opened(chair, session), "name": "Anna"}, {**opened(kehl, session), "name": "Anna"}
    close_meeting(meeting=session, by=cast.coordinator)
    clock.shift(timedelta(hours=3))
    reopen_meeting(meeting=session, reason="Closed too early", by=cast.coordinator)
    before = times(session)
    # The time in the form of whoever leads is one before the close: it cannot be that of the new stretch.
    assert send(chair, session, sent).status_code == 422
    assert send(kehl, session, own).status_code == 409
    assert times(session) == before


def test_a_town_that_is_set_present_keeps_the_form_of_its_answer(cast: Cast, session: Meeting, client_for):  # noqa: F811
    answer(cast, session, "kehl", "accepted", by=cast.kehl)
    kehl, where = client_for(cast.kehl), url("town_answer", session.pk, KEHL)
    version = kehl.get(where).context["form"]["version"].value()
    come(cast, session, "kehl")
    sent = {"answer": "accepted", "note": "Zu zweit", "version": version}
    assert kehl.post(where, sent, headers=HTMX).status_code == 204
    # Another answer meanwhile is a conflict, which names who gave it; once more means it.
    come(cast, session, "achern")
    told = client_for(cast.coordinator).post(where, {**sent, "note": "Allein"}, headers=HTMX)
    assert told.status_code == 409
    assert "Zu zweit" in told.text
    assert str(cast.kehl) in told.text
    again = re.search(r'name="version" value="(\d+)"', told.text)
    assert again
    assert kehl.post(where, {**sent, "note": "Allein", "version": again[1]}, headers=HTMX).status_code == 204
    assert row_of(session).note == "Allein"


# -- who sat there ----------------------------------------------------------------------------------------------------


def test_who_sat_there_first_stays_on_record_where_another_sits_down(cast: Cast, session: Meeting, clock):  # noqa: F811
    come(cast, session, "kehl", by=cast.kehl, name="Anna Alt")
    clock.shift(timedelta(minutes=50))
    # The same person, or nobody in particular, goes on; somebody else begins anew.
    for again in ({"name": "Anna Alt"}, {}, {"represented_by": cast.mayor}):
        go(cast, session, "kehl")
        clock.shift(timedelta(seconds=5))
        come(cast, session, "kehl", **again)
    assert [one.represented_by for one in row_of(session).stretches] == ["Anna Alt", "Mayor Kehl"]
    assert row_of(session).stretches[0].until


def test_nobody_was_set_present_together_by_reopening(cast: Cast, session: Meeting, clock):  # noqa: F811
    come(cast, session, "kehl", "achern")
    clock.shift(timedelta(minutes=50))
    close_meeting(meeting=session, by=cast.coordinator)
    reopen_meeting(meeting=session, reason="Closed too early", by=cast.coordinator)
    table = presence_of(Meeting.objects.select_related("group").get(pk=session.pk))
    assert (table.present, table.together) == (2, 0)


# -- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["%00", "0831705%00", "a", "0831705", "083170570", "٠٨٣١٧٠٥٧", "owner"])
@pytest.mark.parametrize("name", ["answer", "say", "here", "presence"])
def test_a_key_that_is_none(cast: Cast, session: Meeting, client_for, key, name):  # noqa: F811
    path = url("town_here", session.pk, "KEY").replace("KEY", key).replace("/here/", f"/{name}/")
    for member in (cast.coordinator, cast.kehl):
        assert client_for(member).post(path, {"here": "1"}).status_code == 404


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59+00:00",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00+00:00",
        "2026-11-19T09:00:00+99:99",
    ],
)
def test_a_moment_that_cannot_be_taken_back(cast: Cast, session: Meeting, client_for, moment):  # noqa: F811
    answer(cast, session, "kehl", "accepted")
    all_are_here(meeting=session, by=cast.coordinator)
    told = client_for(cast.coordinator).post(url("meeting_all_here", session.pk), {"undo": moment}, headers=HTMX)
    assert told.status_code == 409
    assert unquote(told["X-Message"])
    assert row_of(session).is_present


def test_nothing_of_the_future_is_taken_back(cast: Cast, session: Meeting):  # noqa: F811
    with pytest.raises(Refused, match="nothing to take back"):
        nobody_came(meeting=session, at=timezone.now() + timedelta(seconds=5), by=cast.coordinator)


# -- former members ---------------------------------------------------------------------------------------------------


def ended(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(ended_on=timezone.localdate())


@pytest.mark.parametrize("together", [True, False])
def test_a_deputy_who_left_the_network_is_not_recorded(cast: Cast, session: Meeting, together):  # noqa: F811
    stays = make_member(cast.network, "guide", cast.town("achern"), "guide@achern.example")
    for town, deputy in (("lahr", cast.guide), ("achern", stays)):
        answer(cast, session, town, "accepted", deputy=deputy)
    answer(cast, session, "kehl", "accepted", by=cast.kehl)
    ended(cast.guide)
    ended(cast.kehl)
    if together:
        all_are_here(meeting=session, by=cast.coordinator)
    else:
        come(cast, session, "lahr", "kehl", "achern")
    sat = {town: (row_of(session, town).is_present, row_of(session, town).represented_by) for town in (LAHR, KEHL)}
    assert sat == {LAHR: (True, ""), KEHL: (True, "")}
    assert row_of(session, ACHERN).represented_by == stays.person.name


def test_nobody_of_a_town_that_left_the_network_is_recorded(cast: Cast, session: Meeting):  # noqa: F811
    answer(cast, session, "lahr", "accepted", deputy=cast.guide)
    Accession.objects.filter(municipality=LAHR).update(left_on=timezone.localdate())
    come(cast, session, "lahr")
    assert Presence.objects.get().representative is None


# -- the narrow list --------------------------------------------------------------------------------------------------


def test_the_list_of_who_leads_names_only_who_is_not_expected_there(cast: Cast, session: Meeting):  # noqa: F811
    come(cast, session, "kehl", by=cast.kehl)
    come(cast, session, "achern", name="Vertretung aus Achern")
    come(cast, session, "durbach", by=cast.coordinator)
    here = {audience: render(f"meeting-people-{session.pk}", audience, "en") for audience in ("chair", "member")}
    assert "Digitalisation officer Kehl" not in here["chair"]
    assert '<p class="meta seat__who"><bdi>Vertretung aus Achern</bdi></p>' in here["chair"]
    assert here["chair"].count("seat__who") == 1
    assert "Digitalisation officer Kehl" in here["member"]
    assert Attendance.objects.filter(municipality=DURBACH, presences__represented_by="").exists()
