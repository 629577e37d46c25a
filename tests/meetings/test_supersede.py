"""One decision takes the place of another: on the page, in the room, and what becomes of it when that was a slip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import render
from collab.live.verbs import sentence
from meetings.domain.correction import correct_decision, void_decision
from meetings.domain.decision import record_decision
from meetings.domain.life_steps import reinstate, revoke
from meetings.domain.supersede import supersede
from meetings.models import AgendaItem, Decision, DecisionStep, Meeting
from tests.conftest import Cast, make_meeting
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import decide, open_item
from workgroups.models import Group

from .test_life import HTMX, as_text, now, page

State = Decision.State
Browser = Callable[..., Client]


@pytest.fixture
def item(cast: Cast) -> AgendaItem:
    return open_item(cast, make_meeting(cast, date=timezone.localdate() - timedelta(days=5)))


@pytest.fixture
def three(cast: Cast, item: AgendaItem) -> list[Decision]:
    return [now(decide(cast, item)) for _number in range(3)]


def replace(cast: Cast, old: Decision, new: Decision, **more: Any) -> Decision:
    values = {"reason": "Neue Rechtslage.", "on": timezone.localdate(), "expected": old.state, "by": cast.coordinator}
    return supersede(**{"decision": old, "other": new, **values, **more})


def test_both_pages_show_the_way_to_each_other(cast: Cast, three: list[Decision], client_for: Browser) -> None:
    first, second, third = three
    replace(cast, first, second)
    replace(cast, second, third)
    for decision in three:
        html = page(client_for(cast.mayor), now(decision))
        chain = html[html.index('class="chain"') : html.index("</ol>", html.index('class="chain"'))]
        places = [chain.index(one.reference) for one in three]
        assert places == sorted(places), "in the order of time"
        assert sum(f"/decisions/{one.reference}/" in chain for one in three) == 2
    assert f"by decision {second.reference}" in as_text(page(client_for(cast.mayor), now(first)))
    told = Change.objects.filter(verb="decision_superseded").order_by("version")[0]
    assert sentence(told).startswith(f"Decision {second.reference} supersedes decision {first.reference}")
    assert {f"decision-life-{one.pk}" for one in (first, second)} <= set(told.regions)


def test_the_chain_takes_the_same_queries_however_long_it_is(cast: Cast, item: AgendaItem) -> None:
    decisions = [now(decide(cast, item)) for _number in range(12)]
    replace(cast, decisions[0], decisions[1])
    with CaptureQueriesContext(connection) as few:
        render(f"decision-life-{decisions[0].pk}", "member", "en")
    for old, new in pairwise(decisions[1:]):
        replace(cast, now(old), new)
    with CaptureQueriesContext(connection) as many:
        html = render(f"decision-life-{decisions[0].pk}", "member", "en")
    assert len(many) == len(few)
    assert all(one.reference in html for one in decisions)


def test_the_second_is_told_by_which_it_was_superseded(cast: Cast, three: list[Decision]) -> None:
    first, second, third = three
    replace(cast, first, second)
    replace(cast, first, second)  # the same twice
    assert DecisionStep.objects.filter(kind="superseded").count() == 1
    with pytest.raises(Refused, match=f"was first: decision {second.reference} supersedes"):
        replace(cast, first, third)


def test_no_circle_can_arise(cast: Cast, three: list[Decision]) -> None:
    first, second, _third = three
    with pytest.raises(Refused, match="cannot supersede itself"):
        replace(cast, first, first)
    replace(cast, first, second)
    with pytest.raises(Refused, match="Only a decision in force"):
        replace(cast, second, now(first))


def test_only_what_is_in_force_supersedes_and_only_of_the_same_network(cast: Cast, three: list[Decision]) -> None:
    first, second, third = three
    revoke(decision=second, reason="Weg.", on=timezone.localdate(), expected="in_force", by=cast.coordinator)
    with pytest.raises(Refused, match="Only a decision in force"):
        replace(cast, first, second)
    with pytest.raises(PermissionDenied):
        replace(cast, first, third, by=cast.kehl)
    with pytest.raises(PermissionDenied):
        replace(cast, first, third, by=cast.other)


def test_put_back_in_force_it_is_superseded_no_longer(cast: Cast, three: list[Decision]) -> None:
    first, second, _third = three
    replace(cast, first, second)
    values = {"reason": "Doch beide.", "on": timezone.localdate(), "expected": "superseded", "by": cast.coordinator}
    reinstate(decision=now(first), **values)
    assert (now(first).state, now(first).superseded_by) == (State.IN_FORCE, None)
    told = Change.objects.get(verb="decision_reinstated")
    assert f"decision-life-{second.pk}" in told.regions


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("", "required"),
        ("2026-999", "no decision with this number"),
        ("nonsense", "no decision with this number"),
        ("x" * 13, "12 characters"),
    ],
)
def test_numbers_that_are_none(cast: Cast, three: list[Decision], client_for: Browser, typed: str, what: str) -> None:
    data = {"state": "in_force", "on": timezone.localdate().isoformat(), "reason": "Neu.", "other": typed}
    path = url("decision_step", three[0].reference, "superseded")
    answer = client_for(cast.coordinator).post(path, data, headers=HTMX)
    assert answer.status_code == 422 and what in answer.text
    assert now(three[0]).state == State.IN_FORCE


def test_by_the_form(cast: Cast, three: list[Decision], client_for: Browser) -> None:
    client, path = client_for(cast.coordinator), url("decision_step", three[0].reference, "superseded")
    form = client.get(path).text
    assert f'value="{three[1].reference}"' in form and f'value="{three[0].reference}"' not in form
    data = {"state": "in_force", "on": timezone.localdate().isoformat(), "reason": "Neu.", "other": three[1].reference}
    assert client.post(path, data, headers=HTMX).status_code == 204
    assert now(three[0]).superseded_by == three[1]


# In the room


def test_a_new_decision_replaces_an_earlier_one(cast: Cast, item: AgendaItem, client_for: Browser) -> None:
    old = now(decide(cast, item))
    client, path = client_for(cast.coordinator), url("decision_add", item.pk)
    assert f'value="{old.reference}"' in client.get(path).text
    data = {"wording": "Wir führen sie 2028 ein.", "mode": "unanimous", "replaces": old.reference}
    data["request_id"] = str(uuid4())
    assert client.post(path, data, headers=HTMX).status_code == 204
    assert client.post(path, data, headers=HTMX).status_code == 204, "sent twice"
    new = Decision.objects.get(wording__contains="2028")
    assert (now(old).state, now(old).superseded_by) == (State.SUPERSEDED, new)
    assert new.reference in DecisionStep.objects.get(decision=old, kind="superseded").reason


def test_what_was_rejected_replaces_nothing(cast: Cast, item: AgendaItem) -> None:
    old = now(decide(cast, item))
    record_decision(
        item=item, wording="Anders.", mode="counted", yes=1, no=2, abstain=0, by=cast.coordinator, replaces=old
    )
    assert now(old).state == State.IN_FORCE


def test_what_is_not_in_force_any_more_is_not_replaced(cast: Cast, three: list[Decision], item: AgendaItem) -> None:
    replace(cast, three[0], three[1])
    with pytest.raises(Refused, match="was first"):
        record_decision(item=item, wording="Neu.", mode="unanimous", by=cast.coordinator, replaces=now(three[0]))
    assert Decision.objects.count() == 3, "no number is lost"


def test_another_groups_decision_is_for_its_chair(cast: Cast, item: AgendaItem, client_for: Browser) -> None:
    other = Group.objects.create(network=cast.network, kind="working_group", name="AG E-Akte")
    theirs = now(decide(cast, item))
    Decision.objects.filter(pk=theirs.pk).update(group=other)
    Meeting.objects.filter(pk=item.meeting_id).update(minute_taker=cast.kehl)
    data = {"wording": "Neu.", "mode": "unanimous", "replaces": theirs.reference}
    answer = client_for(cast.kehl).post(url("decision_add", item.pk), data, headers=HTMX)
    assert answer.status_code == 422 and "another group" in answer.text
    with pytest.raises(PermissionDenied):
        record_decision(item=item, wording="Neu.", mode="unanimous", by=cast.kehl, replaces=now(theirs))


def test_recorded_by_mistake_it_gives_back_what_it_had_replaced(cast: Cast, item: AgendaItem) -> None:
    old = now(decide(cast, item))
    new = record_decision(item=item, wording="Neu.", mode="unanimous", by=cast.coordinator, replaces=old)
    void_decision(decision=new, reason="Falscher TOP.", version=1, by=cast.coordinator)
    assert (now(old).state, now(old).superseded_by) == (State.IN_FORCE, None)
    assert new.reference in DecisionStep.objects.filter(decision=old).last().reason


def test_corrected_to_rejected_it_gives_back_what_it_had_replaced(cast: Cast, item: AgendaItem) -> None:
    old = now(decide(cast, item))
    new = record_decision(item=item, wording="Neu.", mode="unanimous", by=cast.coordinator, replaces=old)
    values = {"wording": "Neu.", "mode": "counted", "yes": 1, "no": 2, "abstain": 0, "reason": "Verzählt."}
    correct_decision(decision=new, version=1, by=cast.coordinator, **values)
    assert now(old).state == State.IN_FORCE and now(new).state == State.REJECTED
