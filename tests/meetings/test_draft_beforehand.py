"""A wording is drafted and amended before the meeting, too; what is carried over keeps it."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.agenda import accept_item
from meetings.domain.closing import close_meeting
from meetings.domain.room import open_meeting
from meetings.domain.wording import amend_wording, draft_wording, drop_wording
from meetings.models import AgendaItem, Meeting, Wording
from meetings.queries.wording import open_wording
from tests.conftest import Cast, make_meeting
from tests.meetings.test_agenda import propose, url

HTMX = {"hx-request": "true"}
TEXT = "Kehl führt die E-Akte ein."


@pytest.fixture
def item(cast: Cast, meeting: Meeting) -> AgendaItem:
    return propose(cast.kehl, meeting)


def test_the_proposing_town_drafts_and_all_read_it(cast: Cast, item: AgendaItem, client_for) -> None:
    kehl, path = client_for(cast.kehl), url("item_wording", item.pk)
    assert path in kehl.get(url("item", item.pk)).text
    sent = kehl.post(path, {"text": TEXT, "version": 0}, headers=HTMX)
    assert sent.status_code == 204
    assert TEXT in client_for(cast.mayor).get(url("item", item.pk)).text
    accept_item(item=item, by=cast.coordinator)
    assert kehl.post(path, {"text": "Besser.", "version": 1}, headers=HTMX).status_code == 204, "its own, also accepted"
    lobby = render(f"meeting-agenda-{item.meeting_id}", "reader", "en")
    assert "Proposed wording" in lobby and "Besser." in lobby
    told = Change.objects.filter(verb="wording_amended").get()
    assert {f"meeting-agenda-{item.meeting_id}", f"item-{item.pk}"} <= set(told.regions)


@pytest.mark.parametrize("name", ["achern", "mayor", "guide", "guest", "other"])
def test_nobody_else_does(cast: Cast, item: AgendaItem, client_for, name: str) -> None:
    who = getattr(cast, name)
    wording = draft_wording(item=item, text=TEXT, by=cast.coordinator)
    for change in (
        lambda: draft_wording(item=item, text="x", by=who),
        lambda: amend_wording(wording=wording, text="x", version=1, by=who),
        lambda: drop_wording(wording=wording, by=who),
    ):
        with pytest.raises(PermissionDenied):
            change()
    assert client_for(who).post(url("item_wording", item.pk), {"text": "x"}, headers=HTMX).status_code in (403, 404)


def test_in_session_only_who_records(cast: Cast, item: AgendaItem) -> None:
    accept_item(item=item, by=cast.coordinator)
    wording = draft_wording(item=item, text=TEXT, by=cast.kehl)
    open_meeting(meeting=item.meeting, by=cast.coordinator)
    with pytest.raises(PermissionDenied):
        amend_wording(wording=wording, text="x", version=1, by=cast.kehl)
    assert TEXT in render(f"meeting-wording-{item.meeting_id}", "member", "en"), "it is there from the start"


@pytest.mark.parametrize("state", ["declined", "withdrawn"])
def test_not_on_what_was_set_aside(cast: Cast, item: AgendaItem, state: str) -> None:
    AgendaItem.objects.filter(pk=item.pk).update(state=state)
    with pytest.raises(Refused, match="not on the agenda"):
        draft_wording(item=item, text=TEXT, by=cast.coordinator)


def test_what_is_carried_over_keeps_its_draft(cast: Cast, item: AgendaItem) -> None:
    later = make_meeting(cast, date=item.meeting.date.replace(year=item.meeting.date.year + 1))
    accept_item(item=item, by=cast.coordinator)
    draft_wording(item=item, text=TEXT, by=cast.kehl)
    open_meeting(meeting=item.meeting, by=cast.coordinator)
    close_meeting(meeting=item.meeting, by=cast.coordinator, choices={item.pk: "next"})
    copy = AgendaItem.objects.get(meeting=later)
    found = open_wording(copy)
    assert found and found.text == TEXT
    assert Wording.objects.get(item=item).state == "dropped"
