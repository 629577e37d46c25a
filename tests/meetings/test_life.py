"""The life of a decision: its steps with reason, person and date; its dates; corrections; the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.verbs import sentence
from meetings.domain.life_steps import add_correction, fulfil, reinstate, revoke
from meetings.domain.terms import expire_due, set_terms
from meetings.models import AgendaItem, Decision, DecisionStep, Meeting
from tests.conftest import Cast, make_meeting
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import decide, open_item

HTMX = {"hx-request": "true"}
State = Decision.State
Browser = Callable[..., Client]


def now(decision: Decision) -> Decision:
    return Decision.objects.select_related("group", "network").get(pk=decision.pk)


def as_text(html: str) -> str:
    return " ".join(strip_tags(html).split())


@pytest.fixture
def item(cast: Cast) -> AgendaItem:
    return open_item(cast, make_meeting(cast, date=timezone.localdate() - timedelta(days=60)))


@pytest.fixture
def decision(cast: Cast, item: AgendaItem) -> Decision:
    found = decide(cast, item)
    Meeting.objects.filter(pk=item.meeting_id).update(state=Meeting.State.CLOSED, closed_at=timezone.now())
    return now(found)


@pytest.fixture
def other(cast: Cast, item: AgendaItem, decision: Decision) -> Decision:
    Meeting.objects.filter(pk=item.meeting_id).update(state=Meeting.State.OPEN)
    found = decide(cast, item)
    Meeting.objects.filter(pk=item.meeting_id).update(state=Meeting.State.CLOSED)
    return now(found)


def step(cast: Cast, change: Callable[..., Decision], decision: Decision, **more: Any) -> Decision:
    values = {"reason": "Die E-Akte läuft.", "on": timezone.localdate(), "expected": decision.state}
    return change(**{"decision": decision, "by": cast.coordinator, **values, **more})


def page(client: Client, decision: Decision) -> str:
    answer = client.get(url("decision", decision.reference))
    assert answer.status_code == 200
    return answer.text


def test_each_step_stands_with_reason_person_and_date(cast: Cast, decision: Decision, client_for: Browser) -> None:
    step(cast, fulfil, decision)
    text = as_text(page(client_for(cast.mayor), decision))
    assert "Fulfilled since" in text
    assert "Die E-Akte läuft." in text and str(cast.coordinator) in text
    last = DecisionStep.objects.filter(decision=decision).last()
    assert last and (last.kind, last.on, last.by) == ("fulfilled", timezone.localdate(), cast.coordinator)
    told = Change.objects.get(verb="decision_fulfilled")
    assert "fulfilled: Die E-Akte läuft." in sentence(told)
    assert {f"decision-{decision.pk}", f"decision-life-{decision.pk}"} <= set(told.regions)


def test_the_chair_enters_steps_and_nobody_else(cast: Cast, decision: Decision, client_for: Browser) -> None:
    path = url("decision_step", decision.reference, "fulfilled")
    data = {"state": "in_force", "on": timezone.localdate().isoformat(), "reason": "Läuft."}
    for member in (cast.kehl, cast.mayor, cast.guide):
        assert client_for(member).get(path).status_code == 403
        assert client_for(member).post(path, data, headers=HTMX).status_code == 403
        assert "Enter a step" not in page(client_for(member), decision)
    assert client_for(cast.guest).get(path).status_code == 404
    assert client_for(cast.other).post(path, data, headers=HTMX).status_code == 404
    with pytest.raises(PermissionDenied):
        step(cast, fulfil, decision, by=cast.kehl)
    assert now(decision).state == State.IN_FORCE
    assert "Enter a step" in page(client_for(cast.coordinator), decision)
    assert client_for(cast.coordinator).post(path, data, headers=HTMX).status_code == 204
    assert now(decision).state == State.FULFILLED


def test_the_same_twice_is_once(cast: Cast, decision: Decision) -> None:
    step(cast, fulfil, decision)
    step(cast, fulfil, decision)
    assert DecisionStep.objects.filter(decision=decision, kind="fulfilled").count() == 1
    assert Change.objects.filter(verb="decision_fulfilled").count() == 1


def test_of_two_the_second_is_told_who_was_first(cast: Cast, decision: Decision, client_for: Browser) -> None:
    step(cast, fulfil, decision)
    with pytest.raises(Refused, match=r"was first: decision .* is “Fulfilled” now"):
        step(cast, revoke, decision, reason="Doch nicht.")
    data = {"state": "in_force", "on": timezone.localdate().isoformat(), "reason": "Doch nicht."}
    answer = client_for(cast.coordinator).post(url("decision_step", decision.reference, "revoked"), data, headers=HTMX)
    assert answer.status_code == 422
    assert f"{cast.coordinator} was first" in as_text(answer.text) and "Doch nicht." in answer.text


def test_it_comes_back_into_force(cast: Cast, decision: Decision, client_for: Browser) -> None:
    step(cast, revoke, decision, reason="Zu teuer.")
    step(cast, reinstate, now(decision), reason="Gefördert.")
    kinds = list(DecisionStep.objects.filter(decision=decision).values_list("kind", flat=True))
    assert kinds == ["in_force", "revoked", "in_force"]
    assert now(decision).state == State.IN_FORCE
    text = as_text(page(client_for(cast.mayor), decision))
    assert "Zu teuer." in text and "Gefördert." in text


@pytest.mark.parametrize("state", [State.REJECTED, State.VOID])
def test_what_does_not_count_has_no_further_life(cast: Cast, decision: Decision, state: str) -> None:
    Decision.objects.filter(pk=decision.pk).update(state=state)
    for change in (fulfil, revoke, reinstate):
        with pytest.raises(Refused, match="cannot become"):
            step(cast, change, now(decision))


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"reason": ""}, "required"),
        ({"reason": "  "}, "required"),
        ({"reason": "x" * 1001}, "1000"),
        ({"on": ""}, "required"),
        ({"on": "yesterday"}, "valid date"),
        ({"on": "2999-01-01"}, "still to come"),
        ({"on": "2001-01-01"}, "not “In force” yet"),
        ({"state": "asleep"}, "valid choice"),
        ({"state": ""}, "required"),
        ({"state": "revoked"}, "is “In force” now"),
    ],
)
def test_steps_that_cannot_be(
    cast: Cast, decision: Decision, client_for: Browser, more: dict[str, str], what: str
) -> None:
    data = {"state": "in_force", "on": timezone.localdate().isoformat(), "reason": "Läuft.", **more}
    path = url("decision_step", decision.reference, "fulfilled")
    answer = client_for(cast.coordinator).post(path, data, headers=HTMX)
    assert answer.status_code == 422 and what in as_text(answer.text)
    assert now(decision).state == State.IN_FORCE and not Change.objects.filter(verb="decision_fulfilled").exists()


@pytest.mark.parametrize("kind", ["rejected", "void", "proposed", "expired", "nonsense", "x" * 300])
def test_other_kinds_of_steps_are_no_addresses(cast: Cast, decision: Decision, client_for: Browser, kind: str) -> None:
    path = url("decision_step", decision.reference, "fulfilled").replace("fulfilled", kind)
    assert client_for(cast.coordinator).get(path).status_code == 404


# Corrections of what is closed


def correct(cast: Cast, decision: Decision, text: str = "Wir führen die E-Akte 2027 ein.", **more: Any) -> DecisionStep:
    values = {"reason": "Das Jahr fehlte.", "seen": 0, "by": cast.coordinator}
    return add_correction(**{"decision": decision, "text": text, **values, **more})


def test_a_correction_is_a_new_entry_and_the_wording_stays(cast: Cast, decision: Decision, client_for: Browser) -> None:
    correct(cast, decision)
    assert now(decision).wording == "Wir führen die E-Akte ein."
    html = page(client_for(cast.mayor), decision)
    assert "Das Jahr fehlte." in html and "<ins" in html and "2027" in html
    assert "Wir führen die E-Akte ein." in html
    assert now(decision).state == State.IN_FORCE


def test_two_correct_and_the_second_sees_both(cast: Cast, decision: Decision, client_for: Browser) -> None:
    correct(cast, decision)
    assert correct(cast, decision).number == 2  # the same twice
    with pytest.raises(Stale):
        correct(cast, decision, "Etwas anderes.", by=cast.coordinator)
    data = {"text": "Etwas anderes.", "reason": "Doch.", "version": 0}
    path = url("decision_add_correction", decision.reference)
    answer = client_for(cast.coordinator).post(path, data, headers=HTMX)
    assert answer.status_code == 409
    assert "E-Akte 2027" in answer.text and "Etwas anderes." in answer.text
    assert client_for(cast.coordinator).post(path, {**data, "version": 2}, headers=HTMX).status_code == 204
    assert DecisionStep.objects.filter(kind="corrected").count() == 2


def test_a_correction_must_change_something_and_say_why(cast: Cast, decision: Decision) -> None:
    with pytest.raises(Refused, match="says already"):
        correct(cast, decision, decision.wording)
    with pytest.raises(Refused, match="Say why"):
        correct(cast, decision, reason=" ")
    Meeting.objects.filter(pk=decision.meeting_id).update(state=Meeting.State.OPEN)
    with pytest.raises(Refused, match="in session"):
        correct(cast, decision)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"text": ""}, "required"),
        ({"text": "x" * 5001}, "5000"),
        ({"reason": ""}, "required"),
        ({"version": ""}, "required"),
        ({"version": "-1"}, "greater"),
    ],
)
def test_corrections_that_cannot_be(
    cast: Cast, decision: Decision, client_for: Browser, more: dict[str, str], what: str
) -> None:
    data = {"text": "Etwas anderes.", "reason": "Doch.", "version": 0, **more}
    answer = client_for(cast.coordinator).post(url("decision_add_correction", decision.reference), data, headers=HTMX)
    assert answer.status_code == 422 and what in answer.text
    assert not DecisionStep.objects.filter(kind="corrected").exists()


# How long it is in force


def set_dates(cast: Cast, decision: Decision, **more: Any) -> Decision:
    values = {"expires_on": None, "review_on": None, "reason": "Befristet.", "version": 0, "by": cast.coordinator}
    return set_terms(**{"decision": decision, **values, **more})


def test_it_expires_after_its_last_day_by_itself(cast: Cast, decision: Decision, client_for: Browser) -> None:
    today = timezone.localdate()
    set_dates(cast, decision, expires_on=today)
    assert "until" in as_text(page(client_for(cast.mayor), decision))
    expire_due(timezone.now())
    assert now(decision).state == State.IN_FORCE, "the last day still counts"
    Decision.objects.filter(pk=decision.pk).update(expires_on=today - timedelta(days=1))
    expire_due(timezone.now())
    expire_due(timezone.now())
    found = now(decision)
    assert (found.state, found.state_on) == (State.EXPIRED, today)
    last = DecisionStep.objects.get(decision=decision, kind="expired")
    assert last.by is None and last.by_name == ""
    assert "by date" in as_text(page(client_for(cast.mayor), decision))
    assert sentence(Change.objects.get(verb="decision_expired")).endswith("has expired")
    step(cast, reinstate, found, reason="Verlängert.")
    expire_due(timezone.now())
    assert now(decision).state == State.IN_FORCE, "a day that is over does not end it again"


def test_the_last_day_is_a_day_of_the_clock_here(cast: Cast, decision: Decision) -> None:
    """23:30 in Germany is another day in UTC only in part of the year: the local date decides."""
    last = timezone.localdate()
    Decision.objects.filter(pk=decision.pk).update(expires_on=last)
    evening = timezone.localtime().replace(hour=23, minute=59, second=0)
    expire_due(evening)
    assert now(decision).state == State.IN_FORCE
    expire_due(evening + timedelta(minutes=2))
    assert now(decision).state == State.EXPIRED


def test_dates_that_cannot_be(cast: Cast, decision: Decision, client_for: Browser) -> None:
    today = timezone.localdate()
    for values, why in (
        ({"expires_on": today - timedelta(days=1)}, "over already"),
        ({"review_on": today - timedelta(days=1)}, "over already"),
        ({"expires_on": today, "review_on": today + timedelta(days=1)}, "after the last day"),
        ({"expires_on": today, "reason": ""}, "Say why"),
    ):
        with pytest.raises(Refused, match=why):
            set_dates(cast, decision, **values)
    path = url("decision_terms", decision.reference)
    for data, why in (
        ({"reason": ""}, "required"),
        ({"expires_on": "soon"}, "valid date"),
        ({"version": "x"}, "whole number"),
        ({"reason": "x" * 1001}, "1000"),
    ):
        sent = {"expires_on": today.isoformat(), "review_on": "", "reason": "Befristet.", "version": 0, **data}
        answer = client_for(cast.coordinator).post(path, sent, headers=HTMX)
        assert answer.status_code == 422 and why in answer.text
    step(cast, fulfil, decision)
    with pytest.raises(Refused, match="Only a decision in force"):
        set_dates(cast, decision, expires_on=today)


def test_two_set_dates_and_the_second_sees_both(cast: Cast, decision: Decision, client_for: Browser) -> None:
    today = timezone.localdate()
    set_dates(cast, decision, expires_on=today + timedelta(days=30))
    path = url("decision_terms", decision.reference)
    data = {"expires_on": (today + timedelta(days=60)).isoformat(), "review_on": "", "reason": "Länger.", "version": 0}
    answer = client_for(cast.coordinator).post(path, data, headers=HTMX)
    assert answer.status_code == 409 and "Länger." in answer.text


# The page


def test_the_page_takes_the_same_queries_however_long_the_life(
    cast: Cast, decision: Decision, client_for: Browser
) -> None:
    client = client_for(cast.coordinator)
    step(cast, fulfil, decision)
    page(client, decision)
    with CaptureQueriesContext(connection) as few:
        page(client, decision)
    for number in range(20):
        change, reason = (reinstate, "Wieder") if number % 2 == 0 else (fulfil, "Fertig")
        step(cast, change, now(decision), reason=f"{reason} {number}")
        correct(cast, decision, f"Fassung {number}", seen=_last(decision))
    with CaptureQueriesContext(connection) as many:
        page(client, decision)
    assert len(many) == len(few)


def _last(decision: Decision) -> int:
    return decision.steps.filter(kind="corrected").order_by("-number").values_list("number", flat=True).first() or 0


def test_a_guest_reads_the_wording_and_nothing_of_what_became_of_it(
    cast: Cast, decision: Decision, client_for: Browser
) -> None:
    step(cast, revoke, decision, reason="Zu teuer.")
    decision.meeting.guests.create(membership=cast.guest)
    html = page(client_for(cast.guest), decision)
    assert "Wir führen die E-Akte ein." in html and "Zu teuer." not in html
    for name in ("voices", "life", "adoptions", "work"):
        assert f"decision-{name}-" not in html
    for name in ("decision_terms", "decision_add_correction", "decision_work_add", "decision_work_link"):
        assert client_for(cast.guest).get(url(name, decision.reference)).status_code == 404
