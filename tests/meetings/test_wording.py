"""The wording of a decision: drafted in full view of all, amended visibly, recorded with its result."""

from __future__ import annotations

from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.html import strip_tags

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.decision import record_decision
from meetings.domain.wording import amend_wording, draft_wording, drop_wording
from meetings.models import AgendaItem, Decision, Meeting, Wording, WordingVersion
from meetings.queries.wording import marks, open_wording
from tests.conftest import Cast
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import open_item

HTMX = {"hx-request": "true"}
TEXT = "Kehl führt die E-Akte ein."
BETTER = "Kehl und Achern führen die E-Akte ein."


@pytest.fixture
def item(cast: Cast, meeting: Meeting) -> AgendaItem:
    item = open_item(cast, meeting)
    Meeting.objects.filter(pk=meeting.pk).update(active_item=item)
    return AgendaItem.objects.get(pk=item.pk)


def draft(cast: Cast, item: AgendaItem, text: str = TEXT, **more: object) -> Wording:
    return draft_wording(**{"item": item, "text": text, "by": cast.coordinator, **more})


def shown(item: AgendaItem, audience: str = "member", language: str = "en") -> str:
    return render(f"meeting-wording-{item.meeting_id}", audience, language)


# What changed, word by word


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (TEXT, TEXT, [("same", TEXT)]),
        (
            TEXT,
            BETTER,
            [
                ("same", "Kehl "),
                ("removed", "führt "),
                ("added", "und Achern führen"),
                ("same", " "),
                ("same", "die E-Akte ein."),
            ],
        ),
        ("Ja.", "Ja. Und bald.", [("same", "Ja. "), ("added", "Und bald.")]),
        ("Ja. Und bald.", "Ja.", [("same", "Ja. "), ("removed", "Und bald.")]),
        ("Eins\nzwei", "Eins zwei", [("same", "Eins zwei")]),
        ("", "Neu", [("added", "Neu")]),
    ],
)
def test_marks(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert list(marks(before, after)) == expected


def test_marks_lose_no_word_of_a_long_text() -> None:
    before = " ".join(f"Wort{k % 7} der die das" for k in range(180))
    after = before.replace("Wort3 der", "Wort3 jener")
    found = marks(before, after)
    assert "".join(text for kind, text in found if kind != "removed") == after
    assert "".join(text for kind, text in found if kind != "added").split() == before.split()


# In full view


def test_all_see_the_draft_and_what_each_amendment_changed(cast: Cast, item: AgendaItem, client_for) -> None:
    assert "hidden" in shown(item)
    wording = draft(cast, item)
    assert TEXT in shown(item) and "<del" not in shown(item)
    amend_wording(wording=wording, text=BETTER, version=1, by=cast.coordinator)
    text = shown(item)
    assert "<del" in text and "führt" in text and "<ins" in text and "und Achern führen" in text
    assert "removed:" in text and "added:" in text, "for who does not see marks"
    assert "Version 2" in text and "One earlier version" in text and TEXT in text
    assert "Coordinator" in text
    for who in (cast.kehl, cast.mayor, cast.guide):
        page = client_for(who).get(url("meeting", item.meeting_id)).text
        assert "und Achern führen" in page
        assert url("item_wording", item.pk) not in page
    assert "und Achern führen" in client_for(cast.mayor).get(url("item", item.pk)).text
    chair = client_for(cast.coordinator).get(url("meeting", item.meeting_id)).text
    assert url("item_wording", item.pk) in chair


def test_screens_that_show_the_wording_are_told(cast: Cast, item: AgendaItem) -> None:
    wording = draft(cast, item)
    amend_wording(wording=wording, text=BETTER, version=1, by=cast.coordinator)
    drop_wording(wording=wording, by=cast.coordinator)
    for verb in ("wording_drafted", "wording_amended", "wording_dropped"):
        told = set(Change.objects.get(verb=verb).regions)
        wall = f"meeting-wall-{item.meeting_id}"
        assert told >= {f"meeting-wording-{item.meeting_id}", wall, f"item-{item.pk}"}
        assert f"meeting-agenda-{item.meeting_id}" not in told
        # The stage offers to draft one or to amend it: nothing new where one is amended.
        assert (f"meeting-active-{item.meeting_id}" in told) == (verb != "wording_amended")


def test_the_wording_of_an_item_that_is_not_active_waits_there(cast: Cast, item: AgendaItem, client_for) -> None:
    draft(cast, item)
    other = open_item(cast, item.meeting, title="Parken")
    Meeting.objects.filter(pk=item.meeting_id).update(active_item=other)
    assert "hidden" in shown(item)
    assert TEXT in client_for(cast.kehl).get(url("item", item.pk)).text


def test_a_fixed_number_of_queries(cast: Cast, item: AgendaItem, django_assert_num_queries) -> None:
    wording = draft(cast, item)
    with django_assert_num_queries(2):
        open_wording(item)
    for number in range(1, 9):
        amend_wording(wording=wording, text=f"Fassung {number}", version=number, by=cast.coordinator)
    with django_assert_num_queries(2):
        found = open_wording(item)
    assert found and found.version == 9 and [one.number for one in found.earlier] == [8, 7, 6, 5, 4, 3, 2, 1]


# Who, when


@pytest.mark.parametrize("name", ["kehl", "achern", "mayor", "guide", "guest", "other"])
def test_who_neither_chairs_nor_keeps_the_minutes_drafts_nothing(cast: Cast, item: AgendaItem, name: str) -> None:
    who = getattr(cast, name)
    with pytest.raises(PermissionDenied):
        draft(cast, item, by=who)
    wording = draft(cast, item)
    with pytest.raises(PermissionDenied):
        amend_wording(wording=wording, text="x", version=1, by=who)
    with pytest.raises(PermissionDenied):
        drop_wording(wording=wording, by=who)
    wording.refresh_from_db()
    assert (wording.text, wording.state) == (TEXT, "draft")


def test_the_minute_taker_drafts(cast: Cast, item: AgendaItem, client_for) -> None:
    Meeting.objects.filter(pk=item.meeting_id).update(minute_taker=cast.kehl)
    answer = client_for(cast.kehl).post(url("item_wording", item.pk), {"text": TEXT, "version": 0}, headers=HTMX)
    assert answer.status_code == 204
    assert Wording.objects.get().created_by == cast.kehl


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_only_beforehand_or_in_session(cast: Cast, item: AgendaItem, state: str) -> None:
    wording = draft(cast, item)
    Meeting.objects.filter(pk=item.meeting_id).update(state=state)
    with pytest.raises(Refused, match="in session"):
        draft(cast, item, "Anderes")
    with pytest.raises(Refused, match="in session"):
        amend_wording(wording=wording, text=BETTER, version=1, by=cast.coordinator)


@pytest.mark.parametrize("state", ["proposed", "declined", "carried"])
def test_only_on_an_item_of_the_agenda(cast: Cast, item: AgendaItem, state: str) -> None:
    AgendaItem.objects.filter(pk=item.pk).update(state=state)
    with pytest.raises(Refused, match="not on the agenda"):
        draft(cast, item)


# The form


def test_drafting_and_amending_are_one_form(cast: Cast, item: AgendaItem, client_for) -> None:
    chair, path = client_for(cast.coordinator), url("item_wording", item.pk)
    assert "Draft a wording" in chair.get(path).text
    assert chair.post(path, {"text": "Eins\r\nzwei", "version": 0}, headers=HTMX).status_code == 204
    assert Wording.objects.get().text == "Eins\nzwei"
    page = chair.get(path).text
    assert "Amend the wording" in page and 'name="version" value="1"' in page and "zwei" in page
    assert chair.post(path, {"text": "Drei", "version": 1}).status_code == 302
    assert [v.text for v in WordingVersion.objects.all()] == ["Eins\nzwei", "Drei"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"text": "", "version": 0}, "required"),
        ({"text": "   ", "version": 0}, "required"),
        ({"text": "x" * 5001, "version": 0}, "5000"),
        ({"text": "x", "version": "one"}, "whole number"),
        ({"text": "x\0", "version": 0}, "Null"),
        ({"text": "x"}, "required"),
        ({"text": "x", "version": 0, "request_id": "7"}, "UUID"),
    ],
)
def test_input_that_cannot_be(cast: Cast, item: AgendaItem, client_for, data: dict[str, object], what: str) -> None:
    answer = client_for(cast.coordinator).post(url("item_wording", item.pk), data, headers=HTMX)
    assert answer.status_code == 422
    assert what in answer.text
    assert not Wording.objects.exists()


def test_sent_twice_it_is_drafted_once(cast: Cast, item: AgendaItem, client_for) -> None:
    chair, data = client_for(cast.coordinator), {"text": TEXT, "version": 0, "request_id": str(uuid4())}
    for _again in range(2):
        assert chair.post(url("item_wording", item.pk), data, headers=HTMX).status_code == 204
    assert WordingVersion.objects.count() == 1
    assert chair.post(url("item_wording", item.pk), {"text": BETTER, "version": 1}, headers=HTMX).status_code == 204
    for _again in range(2):  # an amendment that is so already
        answer = chair.post(url("item_wording", item.pk), {"text": BETTER, "version": 1}, headers=HTMX)
        assert answer.status_code == 204
    assert WordingVersion.objects.count() == 2


def test_two_amend_the_same_version(cast: Cast, item: AgendaItem, client_for) -> None:
    Meeting.objects.filter(pk=item.meeting_id).update(minute_taker=cast.kehl)
    draft(cast, item)
    chair, minutes, path = client_for(cast.coordinator), client_for(cast.kehl), url("item_wording", item.pk)
    assert minutes.post(path, {"text": BETTER, "version": 1}, headers=HTMX).status_code == 204
    clash = chair.post(path, {"text": "Mein Text.", "version": 1}, headers=HTMX)
    assert clash.status_code == 409
    assert BETTER in clash.text and "Mein Text." in clash.text and "Kehl" in clash.text
    assert 'name="version" value="2"' in clash.text, "the second try goes on from there"
    assert chair.post(path, {"text": "Mein Text.", "version": 2}, headers=HTMX).status_code == 204


def test_two_draft_and_the_second_sees_the_first_one(cast: Cast, item: AgendaItem, client_for) -> None:
    draft(cast, item)
    with pytest.raises(Stale):
        draft(cast, item, "Anderes")
    path = url("item_wording", item.pk)
    clash = client_for(cast.coordinator).post(path, {"text": "Anderes", "version": 0}, headers=HTMX)
    assert clash.status_code == 409 and TEXT in clash.text and "Anderes" in clash.text
    assert draft(cast, item) == Wording.objects.get(), "the same words are the same draft"


@pytest.mark.parametrize("name", ["item_wording", "item_wording_drop"])
def test_strangers_and_nobody(cast: Cast, item: AgendaItem, client_for, client, name: str) -> None:
    draft(cast, item)
    data = {"text": "x", "version": 1}
    for who, status in ((cast.other, 404), (cast.guest, 404), (cast.kehl, 403), (cast.mayor, 403)):
        assert client_for(who).post(url(name, item.pk), data, headers=HTMX).status_code == status
    assert client.post(url(name, item.pk), data, headers=HTMX).status_code == 401
    assert Wording.objects.get().text == TEXT


# Dropping


def test_what_was_dropped_can_be_taken_up_again(cast: Cast, item: AgendaItem, client_for) -> None:
    draft(cast, item)
    chair, path = client_for(cast.coordinator), url("item_wording_drop", item.pk)
    for _again in range(2):
        assert chair.post(path, {"version": 1}, headers=HTMX).status_code == 204
    assert "hidden" in shown(item)
    assert Change.objects.filter(verb="wording_dropped").count() == 1
    page = chair.get(url("item_wording", item.pk)).text
    assert TEXT in page and 'name="version" value="0"' in page
    assert chair.post(url("item_wording", item.pk), {"text": TEXT, "version": 0}, headers=HTMX).status_code == 204
    assert TEXT in shown(item)


def test_what_was_amended_meanwhile_is_not_dropped_unread(cast: Cast, item: AgendaItem, client_for) -> None:
    wording = draft(cast, item)
    amend_wording(wording=wording, text=BETTER, version=1, by=cast.coordinator)
    answer = client_for(cast.coordinator).post(url("item_wording_drop", item.pk), {"version": 1}, headers=HTMX)
    assert answer.status_code == 409 and "Read it again" in unquote(answer["X-Message"])
    wording.refresh_from_db()
    assert wording.state == "draft"


def test_nothing_is_amended_after_it_was_dropped(cast: Cast, item: AgendaItem) -> None:
    wording = draft(cast, item)
    drop_wording(wording=wording, by=cast.coordinator)
    with pytest.raises(Refused, match="dropped meanwhile"):
        amend_wording(wording=wording, text=BETTER, version=1, by=cast.coordinator)


# Recording


def test_the_decision_form_holds_the_wording_and_records_it(cast: Cast, item: AgendaItem, client_for) -> None:
    wording = draft(cast, item)
    chair, path = client_for(cast.coordinator), url("decision_add", item.pk)
    page = chair.get(path).text
    assert TEXT in page and f'name="wording_id" value="{wording.pk}"' in page
    data = {"wording": TEXT, "mode": "unanimous", "wording_id": wording.pk, "version": 1}
    assert chair.post(path, data, headers=HTMX).status_code == 204
    wording.refresh_from_db()
    decision = Decision.objects.get()
    assert (wording.state, wording.decision, decision.wording) == ("recorded", decision, TEXT)
    assert "hidden" in shown(item)
    assert TEXT not in chair.get(path).text, "the next decision begins empty"
    with pytest.raises(Refused, match=decision.reference):
        amend_wording(wording=wording, text=BETTER, version=1, by=cast.coordinator)
    with pytest.raises(Refused, match=decision.reference):
        drop_wording(wording=wording, by=cast.coordinator)


def test_a_last_change_while_recording_is_a_version_of_its_own(cast: Cast, item: AgendaItem) -> None:
    wording = draft(cast, item)
    record_decision(item=item, wording=BETTER, mode="unanimous", wording_id=wording.pk, version=1, by=cast.coordinator)
    assert [v.text for v in WordingVersion.objects.all()] == [TEXT, BETTER]


def test_an_outdated_wording_is_not_recorded(cast: Cast, item: AgendaItem, client_for) -> None:
    wording = draft(cast, item)
    amend_wording(wording=wording, text=BETTER, version=1, by=cast.coordinator)
    chair, path = client_for(cast.coordinator), url("decision_add", item.pk)
    data = {"wording": TEXT, "mode": "unanimous", "wording_id": wording.pk, "version": 1}
    clash = chair.post(path, data, headers=HTMX)
    assert clash.status_code == 409
    assert BETTER in clash.text and TEXT in clash.text and 'name="version" value="2"' in clash.text
    assert not Decision.objects.exists()
    assert chair.post(path, {**data, "wording": BETTER, "version": 2}, headers=HTMX).status_code == 204


def test_a_wording_is_recorded_once(cast: Cast, item: AgendaItem, client_for) -> None:
    wording = draft(cast, item)
    chair, path = client_for(cast.coordinator), url("decision_add", item.pk)
    data = {"wording": TEXT, "mode": "unanimous", "wording_id": wording.pk, "version": 1, "request_id": str(uuid4())}
    assert chair.post(path, data, headers=HTMX).status_code == 204
    assert chair.post(path, data, headers=HTMX).status_code == 204, "the same form is the same decision"
    second = chair.post(path, {**data, "request_id": str(uuid4())}, headers=HTMX)
    assert second.status_code == 422 and Decision.objects.get().reference in strip_tags(second.text)
    assert Decision.objects.count() == 1


def test_the_wording_of_another_item_is_not_recorded_here(cast: Cast, item: AgendaItem) -> None:
    wording = draft(cast, item)
    other = open_item(cast, item.meeting, title="Parken")
    with pytest.raises(Refused, match="does not belong"):
        record_decision(
            item=other, wording=TEXT, mode="unanimous", wording_id=wording.pk, version=1, by=cast.coordinator
        )


def test_a_decision_without_a_draft_leaves_the_draft_alone(cast: Cast, item: AgendaItem) -> None:
    draft(cast, item)
    record_decision(item=item, wording="Ganz anderes.", mode="unanimous", by=cast.coordinator)
    assert TEXT in shown(item)


def test_a_draft_follows_into_german(cast: Cast, item: AgendaItem) -> None:
    wording = draft(cast, item)
    amend_wording(wording=wording, text=BETTER, version=1, by=cast.coordinator)
    assert "Wortlaut" in shown(item, "chair", "de")
