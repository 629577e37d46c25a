"""The REST interface: the same rights as the pages, clear errors, and a schema that holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from meetings.domain.decision import record_decision
from meetings.models import AgendaItem, Meeting, MeetingGuest, RecordedAction
from tests.conftest import Cast, make_meeting
from workgroups.domain.action_item import add_action_item
from workgroups.models import ActionItem

CSRF = "a" * 32
API = "/api/n/ortenau/"
LISTS = ("meetings", "decisions", "action-items")


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """A meeting in session with one decision and one action item of Kehl; a planned one."""
    meeting = make_meeting(cast, date=date(2026, 11, 19), state=Meeting.State.OPEN)
    item = AgendaItem.objects.create(meeting=meeting, title="E-Akte", state="planned", position=1)
    AgendaItem.objects.create(meeting=meeting, title="Pilot", state="planned", position=1, parent=item)
    AgendaItem.objects.create(meeting=meeting, title="Not yet accepted", state="proposed", position=2)
    record_decision(item=item, wording="Sie kommt.", mode="counted", yes=2, no=1, abstain=0, by=cast.coordinator)
    action = add_action_item(
        network=cast.network,
        title="Introduce the e-file",
        municipality=cast.town("kehl"),
        person=cast.kehl,
        due_on=date.today() - timedelta(days=3),
        by=cast.coordinator,
        in_meeting=True,
    )
    RecordedAction.objects.create(item=item, action_item=action)
    make_meeting(cast)
    return cast


def post_state(client: Client, action: ActionItem, **body: object):
    address = f"{API}action-items/{action.pk}/state/"
    return client.post(address, {"version": 1, "state": "done", **body}, content_type="application/json")


def test_meetings_with_their_agenda(filled: Cast, client_for) -> None:
    client = client_for(filled.mayor)
    listed = client.get(f"{API}meetings/").json()["results"]
    assert [meeting["state"] for meeting in listed] == ["open", "planned"] or len(listed) == 2
    assert client.get(f"{API}meetings/?state=planned").json()["count"] == 1
    meeting = client.get(f"{API}meetings/{listed[0]['id']}/").json()
    assert (meeting["start_time"], meeting["starts_at"]) == ("09:30:00", "2026-11-19T09:30:00+01:00")
    agenda = [(row["number"], row["title"]) for row in meeting["agenda"]]
    assert agenda == [("1", "E-Akte")]
    assert meeting["agenda"][0]["children"][0]["number"] == "1.1"


def test_decisions(filled: Cast, client_for) -> None:
    client = client_for(filled.achern)
    listed = client.get(f"{API}decisions/?year=2026&q=kommt").json()
    decision = client.get(f"{API}decisions/2026-001/").json()
    # The page of one decision says more: its voices, what towns make of it, its steps.
    assert [listed["results"][0] | decision] == [decision]
    assert (decision["wording"], decision["yes"], decision["is_carried"]) == ("Sie kommt.", 2, True)
    assert client.get(f"{API}decisions/2026-002/").status_code == 404


def test_action_items_and_their_filters(filled: Cast, client_for) -> None:
    client = client_for(filled.achern)
    found = {
        query: client.get(f"{API}action-items/?{query}").json()["count"]
        for query in ("", "state=overdue", "state=done", "town=08317057", "town=08317001", "q=file")
    }
    assert found == {"": 1, "state=overdue": 1, "state=done": 0, "town=08317057": 1, "town=08317001": 0, "q=file": 1}
    action = client.get(f"{API}action-items/").json()["results"][0]
    assert action["municipality"] == {"ags": "08317057", "name": "Kehl"}
    assert action["is_overdue"] and action["meeting"] and action["agenda_item"]


@pytest.mark.parametrize(
    "query", ["action-items/?state=never", "action-items/?town=Kehl", "decisions/?year=0", "meetings/?state=x"]
)
def test_a_filter_that_cannot_be_is_named(filled: Cast, client_for, query: str) -> None:
    answer = client_for(filled.kehl).get(f"{API}{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == [query.partition("?")[2].partition("=")[0]]


def test_the_responsible_town_changes_the_state(filled: Cast, client_for) -> None:
    action = ActionItem.objects.get()
    answer = post_state(client_for(filled.kehl), action, note="Runs")
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["state_note"], answer.json()["version"]) == ("done", "Runs", 2)


def test_errors_of_a_change(filled: Cast, client_for) -> None:
    action = ActionItem.objects.get()
    assert post_state(client_for(filled.achern), action).status_code == 403
    client = client_for(filled.kehl)
    assert post_state(client, action, state="never").json().keys() == {"state"}
    assert post_state(client, action, state="dropped").json().keys() == {"non_field_errors"}
    assert post_state(client, action, note="null\0byte").json().keys() == {"note"}
    assert post_state(client, action, state="in_progress").status_code == 200
    stale = post_state(client_for(filled.coordinator), action, note="x")
    assert stale.status_code == 409
    assert stale.json()["current"]["state"] == "in_progress"
    assert str(filled.kehl) in stale.json()["detail"]


def test_a_change_needs_the_token_against_forgery(filled: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(filled.kehl.person)
    assert post_state(client, ActionItem.objects.get()).status_code == 403
    assert ActionItem.objects.get().state == "open"


@pytest.mark.parametrize("path", [*(f"{name}/" for name in LISTS), "decisions/2026-001/"])
def test_signed_out_and_strangers(filled: Cast, client_for, path: str) -> None:
    assert Client().get(f"{API}{path}").status_code == 403
    assert client_for(filled.other).get(f"{API}{path}").status_code == 404
    assert client_for(filled.kehl).get(f"{API}{path}").status_code == 200


def test_ids_of_another_network_do_not_exist(filled: Cast, client_for) -> None:
    client, elsewhere = client_for(filled.other), "/api/n/regional-digital/"
    meeting, action = Meeting.objects.earliest("pk"), ActionItem.objects.get()
    paths = (
        f"meetings/{meeting.pk}/",
        f"action-items/{action.pk}/",
        "decisions/2026-001/",
        "meetings/" + "9" * 30 + "/",
    )
    assert {client.get(f"{elsewhere}{path}").status_code for path in paths} == {404}
    assert client.post(f"{elsewhere}action-items/{action.pk}/state/").status_code == 404


def test_a_guest_gets_what_they_were_invited_to_or_is_theirs(filled: Cast, client_for) -> None:
    client = client_for(filled.guest)
    assert [client.get(f"{API}{name}/").json()["count"] for name in LISTS] == [0, 0, 0]
    meeting = Meeting.objects.get(state="open")
    assert client.get(f"{API}meetings/{meeting.pk}/").status_code == 404
    MeetingGuest.objects.create(meeting=meeting, membership=filled.guest)
    add_action_item(
        network=filled.network,
        title="Give the talk",
        municipality=None,
        person=filled.guest,
        due_on=None,
        by=filled.coordinator,
    )
    assert [client.get(f"{API}{name}/").json()["count"] for name in LISTS] == [1, 1, 1]
    assert client.get(f"{API}meetings/{meeting.pk}/").status_code == 200
    assert client.get(f"{API}action-items/{ActionItem.objects.earliest('pk').pk}/").status_code == 404


def test_the_schema_is_for_people_who_are_signed_in(filled: Cast, client_for) -> None:
    assert Client().get("/api/schema/").status_code == 403
    assert client_for(filled.guest).get("/api/schema/?format=json").json()["info"]["title"] == "collab"


# The schema, tried out with generated requests

generated = schemathesis.openapi.from_dict(
    json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(request=None, public=True)))
)
generated.app = get_wsgi_application()


@pytest.fixture
def session_key(filled: Cast, client_for) -> Iterator[str]:
    """The coordinator's session; the test's transaction stays open between requests, as with Django's own client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield client_for(filled.coordinator).cookies["sessionid"].value
    for signal in signals:
        signal.connect(close_old_connections)


@generated.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_generated_requests_get_the_answers_that_the_schema_names(case, session_key: str) -> None:
    real = {"slug": "ortenau", "reference": "2026-001", "id": ActionItem.objects.get().pk}
    case.path_parameters = {name: real[name] for name in case.path_parameters}
    if "meetings" in case.path and "id" in case.path_parameters:
        case.path_parameters["id"] = Meeting.objects.earliest("pk").pk
    case.call_and_validate(
        headers={"X-CSRFToken": CSRF, "Accept-Encoding": "identity"},
        cookies={"sessionid": session_key, "csrftoken": CSRF},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
