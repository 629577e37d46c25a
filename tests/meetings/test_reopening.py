"""A closed meeting is reopened by its chair, with a reason that stays on record."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest

from collab.live.answers import Refused
from collab.live.models import Change
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.decision import record_decision
from meetings.domain.presence import arrive
from meetings.domain.room import open_meeting
from meetings.models import AgendaItem, MeetingGuest, Presence
from tests.conftest import make_meeting
from tests.meetings.test_agenda import propose, url
from tests.meetings.test_closing import HTMX, item, states, summary


@pytest.fixture
def running(cast, meeting):
    """A meeting in session with items A to E, the first one active."""
    for title in "ABCDE":
        propose(cast.coordinator, meeting, title=title)
    return open_meeting(meeting=meeting, by=cast.coordinator)


@pytest.fixture
def following(cast, running):
    return make_meeting(cast, date=running.date + timedelta(days=28))


@pytest.fixture
def closed(cast, running, following):
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    close_meeting(meeting=running, by=cast.coordinator)
    running.refresh_from_db()
    return running


def test_the_chair_reopens_with_a_reason_and_it_is_on_record(cast, closed, client_for):
    chair = client_for(cast.coordinator)
    answer = chair.post(url("meeting_reopen", closed.pk), {"reason": "Beschluss vergessen"}, headers=HTMX)
    assert answer.status_code == 204
    closed.refresh_from_db()
    assert (closed.state, closed.closed_at, closed.active_item) == ("open", None, None)
    assert states(closed)["B"] == "carried"
    assert Presence.objects.filter(ended_at=None).count() == 1
    assert "Beschluss vergessen" in summary(closed)
    record_decision(item=item("A"), wording="Doch.", mode="unanimous", by=cast.coordinator)
    close_meeting(meeting=closed, by=cast.coordinator)
    page = client_for(cast.mayor).get(url("meeting", closed.pk)).text
    assert "Beschluss vergessen" in page
    assert "closed again" in page
    assert AgendaItem.objects.filter(title="B").count() == 2


@pytest.mark.parametrize(
    ("reason", "message"),
    [("", "This field is required"), ("  ", "This field is required"), ("x" * 501, "at most 500")],
)
def test_a_reason_is_needed(cast, closed, client_for, reason, message):
    answer = client_for(cast.coordinator).post(url("meeting_reopen", closed.pk), {"reason": reason}, headers=HTMX)
    assert answer.status_code == 422
    assert message in answer.text
    closed.refresh_from_db()
    assert closed.state == "closed"


def test_reopened_twice_is_once(cast, closed):
    for _twice in range(2):
        reopen_meeting(meeting=closed, reason="Nachtrag", by=cast.coordinator)
    assert Change.objects.filter(verb="meeting_reopened").count() == 1


def test_not_while_another_meeting_of_the_group_is_in_session(cast, closed, following, client_for):
    open_meeting(meeting=following, by=cast.coordinator)
    answer = client_for(cast.coordinator).post(url("meeting_reopen", closed.pk), {"reason": "x"}, headers=HTMX)
    assert answer.status_code == 422
    assert "is in session" in answer.text


def test_a_planned_meeting_cannot_be_reopened(cast, meeting):
    with pytest.raises(Refused):
        reopen_meeting(meeting=meeting, reason="x", by=cast.coordinator)


@pytest.mark.parametrize(("who", "status"), [("kehl", 403), ("mayor", 403), ("guest", 404), ("other", 404)])
def test_only_the_chair_reopens(cast, closed, client_for, who, status):
    answer = client_for(getattr(cast, who)).post(url("meeting_reopen", closed.pk), {"reason": "x"})
    assert answer.status_code == status


def test_who_is_not_signed_in_is_asked_to(closed, client):
    assert client.post(url("meeting_reopen", closed.pk), {"reason": "x"}).status_code == 302


def test_a_guest_of_the_meeting_reads_the_summary(cast, closed, client_for):
    MeetingGuest.objects.create(meeting=closed, membership=cast.guest)
    assert "Not finished" in unquote(client_for(cast.guest).get(url("meeting", closed.pk)).text)
