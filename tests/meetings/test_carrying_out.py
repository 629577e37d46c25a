"""Tracking: what carries a decision out, who is in charge, why it is late, what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import audience_of, render
from meetings.domain.carrying_out import link_action, link_project, report_work, unlink
from meetings.domain.recording import record_action
from meetings.models import AgendaItem, CarriedOut, Decision
from tests.conftest import Cast, involve, make_meeting, make_project
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import decide, open_item
from workgroups.domain.action_item import add_action_item, change_due, change_state
from workgroups.models import ActionItem, Offer

from .test_life import HTMX, as_text, now, page

Browser = Callable[..., Client]


@pytest.fixture
def item(cast: Cast) -> AgendaItem:
    return open_item(cast, make_meeting(cast, date=timezone.localdate() - timedelta(days=5)))


@pytest.fixture
def decision(cast: Cast, item: AgendaItem) -> Decision:
    return now(decide(cast, item))


def task(cast: Cast, title: str = "Introduce it in Kehl", **more: Any) -> ActionItem:
    values = {"municipality": cast.town("kehl"), "person": None, "due_on": None, "by": cast.kehl}
    return add_action_item(network=cast.network, title=title, **{**values, **more})


def work(decision: Decision, audience: str = "reader") -> str:
    return render(f"decision-work-{decision.pk}", audience, "en")


def test_action_items_and_projects_carry_it_out(cast: Cast, decision: Decision, client_for: Browser) -> None:
    action, project = task(cast), make_project(cast.kehl, "E-Akte im Ortenaukreis")
    involve(project, cast.achern)
    link_action(decision=decision, action=action, by=cast.coordinator)
    due = timezone.localdate() + timedelta(days=30)
    link_project(decision=decision, project=project, due_on=due, by=cast.coordinator)
    text = as_text(page(client_for(cast.mayor), decision))
    assert "0 of 2 done" in text and "Introduce it in Kehl" in text and "E-Akte im Ortenaukreis" in text
    assert "Achern" in text[text.index("E-Akte im Ortenaukreis") :]


def test_linked_twice_is_linked_once_and_taken_off_it_can_be_linked_again(cast: Cast, decision: Decision) -> None:
    action = task(cast)
    first = link_action(decision=decision, action=action, by=cast.coordinator)
    assert link_action(decision=decision, action=action, by=cast.coordinator) == first
    unlink(link=first, by=cast.coordinator)
    unlink(link=first, by=cast.coordinator)
    assert "Introduce it in Kehl" not in work(decision)
    assert link_action(decision=decision, action=action, by=cast.coordinator) != first
    assert Change.objects.filter(verb="decision_work_unlinked").count() == 1


def test_who_runs_the_group_links_and_nobody_else(cast: Cast, decision: Decision, client_for: Browser) -> None:
    link = link_action(decision=decision, action=task(cast), by=cast.coordinator)
    for member in (cast.kehl, cast.mayor, cast.guide):
        for name in ("decision_work_add", "decision_work_link"):
            assert client_for(member).get(url(name, decision.reference)).status_code == 403
        assert client_for(member).post(url("carried_out_remove", link.pk), headers=HTMX).status_code == 403
        with pytest.raises(PermissionDenied):
            unlink(link=link, by=member)
    for member in (cast.guest, cast.other):
        assert client_for(member).post(url("carried_out_remove", link.pk), headers=HTMX).status_code == 404
        assert client_for(member).get(url("carried_out", link.pk)).status_code == 404
    region = f"decision-work-{decision.pk}"
    assert [audience_of(region, one) for one in (cast.coordinator, cast.kehl, cast.mayor, cast.guest)] == [
        "chair",
        "worker",
        "reader",
        None,
    ]


def test_what_was_recorded_on_the_same_item_is_suggested(
    cast: Cast, decision: Decision, item: AgendaItem, client_for: Browser
) -> None:
    values = {"municipality": cast.town("kehl"), "person": None, "due_on": None, "note": "", "by": cast.coordinator}
    action = record_action(item=item, title="Ask the data centre", **values)
    assert "Recorded on the same item" in work(decision) and "It carries the decision out" not in work(decision)
    assert "It carries the decision out" in work(decision, "chair")
    path = url("decision_work_suggested", decision.reference, action.pk)
    client = client_for(cast.coordinator)
    assert client.post(path, headers=HTMX).status_code == 204
    assert client.post(path, headers=HTMX).status_code == 204, "pressed twice"
    assert CarriedOut.objects.get().action_item == action
    assert "Recorded on the same item" not in work(decision)
    other = task(cast)
    path = url("decision_work_suggested", decision.reference, other.pk)
    assert client.post(path, headers=HTMX).status_code == 404


def test_a_new_action_item_is_linked_and_another_town_is_asked(
    cast: Cast, decision: Decision, client_for: Browser
) -> None:
    client, path = client_for(cast.coordinator), url("decision_work_add", decision.reference)
    data = {"title": "Write the guideline", "person": cast.coordinator.pk, "ask": cast.achern.municipality_id}
    data |= {"request_id": str(uuid4()), "group": decision.group_id}
    assert client.post(path, data, headers=HTMX).status_code == 204
    assert client.post(path, data, headers=HTMX).status_code == 204, "sent twice"
    link = CarriedOut.objects.get()
    assert link.action_item and link.action_item.municipality is None
    assert Offer.objects.get().municipality == cast.achern.municipality
    assert "Write the guideline" in work(decision)


def test_by_the_form(cast: Cast, decision: Decision, client_for: Browser) -> None:
    action, project = task(cast), make_project(cast.kehl)
    client, path = client_for(cast.coordinator), url("decision_work_link", decision.reference)
    for data in ({}, {"action": action.pk, "project": project.pk}):
        answer = client.post(path, data, headers=HTMX)
        assert answer.status_code == 422 and "one of the two" in answer.text
    for data in ({"action": 987654321}, {"project": "x"}, {"project": project.pk, "due_on": "soon"}):
        assert client.post(path, data, headers=HTMX).status_code == 422
    assert not CarriedOut.objects.exists()
    assert client.post(path, {"project": project.pk, "due_on": "2030-01-01"}, headers=HTMX).status_code == 204
    assert client.post(path, {"action": action.pk}, headers=HTMX).status_code == 204
    assert CarriedOut.objects.count() == 2


def test_things_of_other_networks_are_not_linked(cast: Cast, decision: Decision) -> None:
    theirs = make_project(cast.other_officer)
    with pytest.raises(PermissionDenied):
        link_project(decision=decision, project=theirs, due_on=None, by=cast.coordinator)


def test_what_does_not_count_is_not_carried_out(cast: Cast, decision: Decision) -> None:
    Decision.objects.filter(pk=decision.pk).update(carried=False, state="rejected")
    with pytest.raises(Refused, match="does not count"):
        link_action(decision=decision, action=task(cast), by=cast.coordinator)


def test_the_town_in_charge_says_how_its_project_stands(cast: Cast, decision: Decision, client_for: Browser) -> None:
    project = make_project(cast.coordinator)
    involve(project, cast.achern)
    yesterday = timezone.localdate() - timedelta(days=1)
    link = link_project(decision=decision, project=project, due_on=yesterday, by=cast.coordinator)
    assert "1 overdue" in as_text(work(decision))
    path = url("carried_out", link.pk)
    data = {"due_on": yesterday.isoformat(), "delay": "Der Server fehlt.", "version": 1}
    assert client_for(cast.kehl).post(path, data, headers=HTMX).status_code == 403
    assert client_for(cast.achern).post(path, data, headers=HTMX).status_code == 204
    assert "Der Server fehlt." in work(decision)
    stale = client_for(cast.coordinator).post(path, {**data, "delay": "Anderes."}, headers=HTMX)
    assert stale.status_code == 409 and "Der Server fehlt." in stale.text
    today = timezone.localdate()
    with pytest.raises(Refused, match="completion note"):
        report_work(link=link, due_on=None, delay="", note="", done_on=today, version=2, by=cast.achern)
    with pytest.raises(Refused, match="still to come"):
        report_work(
            link=link, due_on=None, delay="", note="x", done_on=today + timedelta(days=1), version=2, by=cast.achern
        )
    done = {**data, "done_on": today.isoformat(), "note": "Läuft in allen Ämtern.", "version": 2}
    assert client_for(cast.achern).post(path, done, headers=HTMX).status_code == 204
    assert "1 of 1 done" in as_text(work(decision)) and "Läuft in allen Ämtern." in work(decision)
    assert Change.objects.filter(verb="decision_work_done").exists()


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"delay": "x" * 501}, "500"),
        ({"note": "x" * 1001}, "1000"),
        ({"due_on": "soon"}, "valid date"),
        ({"version": ""}, "required"),
    ],
)
def test_input_that_cannot_be(
    cast: Cast, decision: Decision, client_for: Browser, more: dict[str, str], what: str
) -> None:
    project = make_project(cast.coordinator)
    link = link_project(decision=decision, project=project, due_on=None, by=cast.coordinator)
    answer = client_for(cast.coordinator).post(url("carried_out", link.pk), {"version": 1, **more}, headers=HTMX)
    assert answer.status_code == 422 and what in answer.text


def test_an_action_item_says_itself_how_it_stands(cast: Cast, decision: Decision) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    action = task(cast, due_on=yesterday)
    link = link_action(decision=decision, action=action, by=cast.coordinator)
    assert "1 overdue" in as_text(work(decision))
    report_work(link=link, due_on=None, delay="Personalmangel.", note="", done_on=None, version=1, by=cast.kehl)
    assert "Personalmangel." in work(decision)
    with pytest.raises(Stale):
        report_work(link=link, due_on=None, delay="Anders.", note="", done_on=None, version=1, by=cast.kehl)
    action = change_due(
        action=action, due_on=timezone.localdate(), reason="Mehr Zeit.", version=action.version, by=cast.kehl
    )
    assert f"decision-work-{decision.pk}" in Change.objects.order_by("-version")[0].regions
    change_state(action=action, state="done", note="Eingeführt.", version=action.version, by=cast.kehl)
    assert f"decision-work-{decision.pk}" in Change.objects.order_by("-version")[0].regions
    assert "Eingeführt." in work(decision) and "Personalmangel." not in work(decision)


def test_the_same_queries_for_one_and_for_many(cast: Cast, decision: Decision) -> None:
    link_action(decision=decision, action=task(cast), by=cast.coordinator)
    link_project(decision=decision, project=make_project(cast.kehl), due_on=None, by=cast.coordinator)
    with CaptureQueriesContext(connection) as few:
        work(decision, "chair")
    for number in range(25):
        link_action(decision=decision, action=task(cast, f"Task {number}"), by=cast.coordinator)
        project = make_project(cast.kehl, f"Project {number}")
        involve(project, cast.achern)
        link_project(decision=decision, project=project, due_on=None, by=cast.coordinator)
    with CaptureQueriesContext(connection) as many:
        html = work(decision, "chair")
    assert len(many) == len(few) and html.count('class="work__row') == 52


def test_the_button_that_links_is_a_verb_in_german(cast: Cast, decision: Decision, client_for: Browser) -> None:
    path = url("decision_work_link", decision.reference)
    form = client_for(cast.coordinator).get(path, headers={"accept-language": "de", **HTMX}).text
    assert ">Verknüpfen<" in form
