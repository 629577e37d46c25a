"""A wrong entry is corrected with a trace, not deleted: decisions, notes, action items."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.html import strip_tags

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import render
from collab.live.verbs import sentence
from meetings.domain.correction import correct_decision, void_decision
from meetings.domain.presence import arrive
from meetings.domain.recording import record_action
from meetings.domain.room import save_notes
from meetings.models import AgendaItem, Decision, DecisionRevision, Meeting
from meetings.queries.agenda import agenda_of
from tests.conftest import Cast
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import decide, open_item

HTMX = {"hx-request": "true"}
OLD, NEW = "Wir führen die E-Akte ein.", "Wir führen die E-Akte 2027 ein."
RESULT = {"mode": "unanimous", "yes": None, "no": None, "abstain": None}


@pytest.fixture
def item(cast: Cast, meeting: Meeting) -> AgendaItem:
    item = open_item(cast, meeting)
    Meeting.objects.filter(pk=meeting.pk).update(active_item=item)
    return AgendaItem.objects.get(pk=item.pk)


@pytest.fixture
def decision(cast: Cast, item: AgendaItem) -> Decision:
    return decide(cast, item)


def correct(cast: Cast, decision: Decision, wording: str = NEW, **more: object) -> Decision:
    values = {"reason": "Das Jahr fehlte", "version": decision.version, "by": cast.coordinator, **RESULT}
    return correct_decision(**{"decision": decision, "wording": wording, **values, **more})


def test_what_stood_there_before_stays_readable(cast: Cast, decision: Decision, client_for) -> None:
    corrected = correct(cast, decision)
    assert (corrected.reference, corrected.wording, corrected.version) == (decision.reference, NEW, 2)
    revision = DecisionRevision.objects.get()
    assert (revision.wording, revision.number, revision.reason, revision.by) == (
        OLD,
        1,
        "Das Jahr fehlte",
        cast.coordinator,
    )
    pages = [client_for(cast.kehl).get(url("meeting", decision.meeting_id)).text]
    pages.append(client_for(cast.mayor).get(url("decision", decision.reference)).text)
    pages.append(client_for(cast.mayor).get(url("item", decision.item_id)).text)
    for page in pages:
        assert "one earlier version" in page and "corrected" in page
        assert "Das Jahr fehlte" in page and (">2027<" in page or "2027<span" in page) and "<ins" in page
    told = Change.objects.get(verb="decision_corrected")
    assert "Das Jahr fehlte" in sentence(told)
    assert set(told.regions) >= {f"decision-{decision.pk}", f"meeting-log-{decision.meeting_id}"}
    assert {f"decision-log-{cast.network.pk}", f"item-{decision.item_id}"} <= set(told.regions)


def test_the_result_is_corrected(cast: Cast, decision: Decision, client_for) -> None:
    correct(cast, decision, OLD, mode="counted", yes=3, no=1, abstain=0)
    page = client_for(cast.kehl).get(url("decision", decision.reference)).text
    assert "unanimous" in page and "3 yes, 1 no, 0 abstentions" in page
    correct(cast, Decision.objects.get(), NEW, mode="counted", yes=3, no=1, abstain=0)
    page = client_for(cast.kehl).get(url("decision", decision.reference)).text
    assert "2 earlier versions" in page
    with pytest.raises(Refused, match="5 votes"):
        correct(cast, Decision.objects.get(), NEW, mode="counted", yes=5, no=0, abstain=0)


def test_a_correction_counts_the_towns_that_were_present_when_it_was_recorded(cast: Cast, item: AgendaItem) -> None:
    for town in ("kehl", "achern"):
        arrive(meeting=item.meeting, municipality=cast.town(town), by=cast.coordinator)
    decision = decide(cast, item)
    arrive(meeting=item.meeting, municipality=cast.town("lahr"), by=cast.coordinator)
    with pytest.raises(Refused, match="3 votes, but 2 municipalities were present when the decision was recorded"):
        correct(cast, decision, mode="counted", yes=3, no=0, abstain=0)
    assert correct(cast, decision, mode="counted", yes=2, no=0, abstain=0).present == 2


def test_corrected_twice_alike_is_corrected_once(cast: Cast, decision: Decision) -> None:
    correct(cast, decision)
    correct(cast, decision)
    correct(cast, Decision.objects.get(), reason="")
    assert DecisionRevision.objects.count() == 1


def test_two_correct_and_the_second_sees_both(cast: Cast, decision: Decision, client_for) -> None:
    correct(cast, decision)
    with pytest.raises(Stale):
        correct(cast, decision, "Etwas Drittes.")
    data = {"wording": "Etwas Drittes.", "mode": "unanimous", "reason": "Doch anders", "version": 1}
    clash = client_for(cast.coordinator).post(url("decision_correct", decision.reference), data, headers=HTMX)
    assert clash.status_code == 409
    assert NEW in clash.text and "Etwas Drittes." in clash.text and "Doch anders" in clash.text


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"reason": ""}, "required"),
        ({"reason": "x" * 501}, "500"),
        ({"wording": ""}, "required"),
        ({"wording": "x" * 5001}, "5000"),
        ({"mode": "shouted"}, "valid choice"),
        ({"mode": "counted"}, "0 where there were none"),
        ({"mode": "counted", "yes": "many", "no": 0, "abstain": 0}, "whole number"),
        ({"version": ""}, "required"),
        ({"version": "two"}, "whole number"),
    ],
)
def test_input_that_cannot_be(cast: Cast, decision: Decision, client_for, more: dict[str, object], what: str) -> None:
    data = {"wording": NEW, "mode": "unanimous", "reason": "Slip", "version": 1, **more}
    answer = client_for(cast.coordinator).post(url("decision_correct", decision.reference), data, headers=HTMX)
    assert answer.status_code == 422 and what in answer.text
    assert not DecisionRevision.objects.exists()


@pytest.mark.parametrize("name", ["decision_correct", "decision_void"])
def test_who_may(cast: Cast, decision: Decision, client_for, client, name: str) -> None:
    path = url(name, decision.reference)
    data = {"wording": NEW, "mode": "unanimous", "reason": "Slip", "version": 1}
    for who, status in ((cast.kehl, 403), (cast.mayor, 403), (cast.guest, 404), (cast.other, 404)):
        assert client_for(who).get(path).status_code == status
        assert client_for(who).post(path, data, headers=HTMX).status_code == status
    assert client.post(path, data, headers=HTMX).status_code == 401
    for who in (cast.kehl, cast.mayor, cast.guest, cast.other):
        with pytest.raises(PermissionDenied):
            correct(cast, decision, by=who)
        with pytest.raises(PermissionDenied):
            void_decision(decision=decision, reason="Slip", version=1, by=who)
    Meeting.objects.filter(pk=decision.meeting_id).update(minute_taker=cast.achern)
    assert client_for(cast.achern).post(path, data, headers=HTMX).status_code == 204


@pytest.mark.parametrize("name", ["decision_correct", "decision_void"])
def test_the_decisions_of_a_closed_meeting_stay(cast: Cast, decision: Decision, client_for, name: str) -> None:
    Meeting.objects.filter(pk=decision.meeting_id).update(state="closed")
    data = {"wording": NEW, "mode": "unanimous", "reason": "Slip", "version": 1}
    answer = client_for(cast.coordinator).post(url(name, decision.reference), data, headers=HTMX)
    assert answer.status_code == 422 and "Reopen the meeting with a reason" in answer.text
    decision.refresh_from_db()
    assert (decision.wording, decision.is_void) == (OLD, False)
    page = client_for(cast.coordinator).get(url("meeting", decision.meeting_id)).text
    assert url(name, decision.reference) not in page


def test_recorded_by_mistake(cast: Cast, decision: Decision, client_for) -> None:
    chair = client_for(cast.coordinator)
    for _again in range(2):
        data = {"reason": "Kam nicht zur Abstimmung", "version": 1}
        assert chair.post(url("decision_void", decision.reference), data, headers=HTMX).status_code == 204
    assert Change.objects.filter(verb="decision_voided").count() == 1
    kehl = client_for(cast.kehl)
    for path in (
        url("meeting", decision.meeting_id),
        url("decision", decision.reference),
        url("decision_log"),
        url("item", decision.item_id),
    ):
        page = kehl.get(path).text
        assert "Recorded by mistake" in page and f"<s>{OLD}</s>" in page, path
        assert "Kam nicht zur Abstimmung" in page, path
    assert decide(cast, decision.item, wording="Das Richtige.").number == decision.number + 1
    told = kehl.get(f"/api{url('decision', decision.reference)}").json()
    assert (told["is_void"], told["void_reason"]) == (True, "Kam nicht zur Abstimmung")


def test_a_mistake_was_not_decided(cast: Cast, decision: Decision, client_for) -> None:
    decide(cast, decision.item, wording="Das Richtige.")
    void_decision(decision=decision, reason="Doppelt", version=1, by=cast.coordinator)
    assert "1 decision<" in client_for(cast.kehl).get(url("decision_log")).text
    assert [row.item.decided for row in agenda_of(decision.meeting).flat] == [1]
    Meeting.objects.filter(pk=decision.meeting_id).update(state="closed")
    assert "One decision" in client_for(cast.kehl).get(f"{url('meeting_list')}?year={decision.meeting.date.year}").text


def test_what_was_a_mistake_is_not_corrected(cast: Cast, decision: Decision, client_for) -> None:
    void_decision(decision=decision, reason="Doppelt", version=1, by=cast.coordinator)
    with pytest.raises(Refused, match="recorded by mistake"):
        correct(cast, Decision.objects.get())
    page = client_for(cast.coordinator).get(url("meeting", decision.meeting_id)).text
    assert url("decision_correct", decision.reference) not in page


def test_who_reads_along_is_offered_nothing(cast: Cast, decision: Decision, client_for) -> None:
    for who in (cast.kehl, cast.mayor, cast.guide):
        page = client_for(who).get(url("meeting", decision.meeting_id)).text
        assert url("decision_correct", decision.reference) not in page
        assert url("decision_void", decision.reference) not in page
        assert url("decision_add", decision.item_id) not in page


def test_a_correction_takes_the_same_number_of_queries_however_many(
    cast: Cast, decision: Decision, django_assert_max_num_queries
) -> None:
    region = f"meeting-log-{decision.meeting_id}"
    correct(cast, decision)
    for number in range(2, 7):
        correct(cast, Decision.objects.get(), f"Fassung {number}")
    for number in range(5):
        correct(cast, decide(cast, decision.item, wording=f"Beschluss {number}"), f"Beschluss {number} neu")
    with django_assert_max_num_queries(16):
        render(region, "chair", "en")


# Notes


def test_earlier_notes_can_be_read_again(cast: Cast, item: AgendaItem, client_for) -> None:
    for version, notes in enumerate(("Kehl berichtet.", "Kehl und Achern berichten.", "Alle berichten."), start=1):
        save_notes(item=item, notes=notes, version=version, by=cast.coordinator)
    page = client_for(cast.mayor).get(url("item", item.pk)).text
    assert "Alle berichten." in page and "Earlier notes" in page
    assert "Kehl berichtet." not in page, "one at a time: twenty long notes would be too much for a region"
    old = url("item_notes_version", item.pk, 2)
    assert old in page and url("item_notes_version", item.pk, 4) not in page
    text = client_for(cast.mayor).get(old).text
    assert "Kehl berichtet." in text and "Coordinator" in text
    for who, status in ((cast.other, 404), (cast.guest, 404), (cast.kehl, 200)):
        assert client_for(who).get(old).status_code == status
    for number in (1, 99, 10**20):
        assert client_for(cast.kehl).get(url("item_notes_version", item.pk, number)).status_code == 404


def test_at_most_the_last_twenty_notes(cast: Cast, item: AgendaItem) -> None:
    for version in range(1, 25):
        save_notes(item=item, notes=f"Notiz {version}", version=version, by=cast.coordinator)
    text = render(f"item-{item.pk}", "member", "en")
    assert text.count("-link") >= 20
    assert f"/notes/{24}/" in text and f"/notes/{5}/" in text and f"/notes/{4}/" not in text


# Action items


def test_a_wrong_action_item_is_corrected_with_a_trace(cast: Cast, item: AgendaItem, client_for) -> None:
    action = record_action(
        item=item,
        title="Angebot einhollen",
        municipality=cast.town("kehl"),
        person=None,
        due_on=None,
        note="",
        by=cast.coordinator,
    )
    chair = client_for(cast.coordinator)
    path = url("action_edit", action.pk)
    assert path in chair.get(url("meeting", item.meeting_id)).text
    assert path not in client_for(cast.achern).get(url("meeting", item.meeting_id)).text
    data = {"title": "Angebot einholen", "municipality": "08317057", "note": "", "version": 1}
    assert chair.post(path, data, headers=HTMX).status_code == 204
    page = strip_tags(client_for(cast.achern).get(url("action_item", action.pk)).text)
    assert "changed the action item" in page and "added the action item “Angebot einhollen”" in page
    assert "Angebot einholen" in client_for(cast.achern).get(url("meeting", item.meeting_id)).text
