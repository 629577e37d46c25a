"""The log of decisions by year, topic, state and town, and the same over the REST interface."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from collab.live.regions import audience_of, render
from meetings.models import CarriedOut, DecisionStep
from meetings.queries.decisions import PARTS, DecisionFilter
from tests.conftest import Cast, involve, make_project
from workgroups.models import Group

from .overview_things import decided, said, voted

TODAY = timezone.localdate()
KEHL = "08317057"


@pytest.fixture
def log(cast: Cast) -> dict[str, str]:
    """One decision of each kind; their references by name."""
    adopted, planned, late, declined = (decided(cast, n) for n in ("Adopted", "Planned", "Late", "Declined"))
    said(adopted, cast.kehl, on=TODAY)
    said(planned, cast.kehl, "planned", on=TODAY + timedelta(days=9))
    said(late, cast.kehl, "planned", on=TODAY - timedelta(days=9))
    said(declined, cast.kehl, "declined", word="Too small")
    vote = decided(cast, "Voted")
    voted(vote, cast.kehl, "no")
    work = decided(cast, "Work", topic="governance")
    project = make_project(cast.kehl)
    involve(project, cast.kehl)
    CarriedOut.objects.create(decision=work, project=project, linked_by=cast.kehl)
    unlinked = decided(cast, "Linked by mistake")
    CarriedOut.objects.create(decision=unlinked, project=project, linked_by=cast.kehl, removed_at=timezone.now())
    silent = decided(cast, "Silent", year=2024, decided_on=TODAY.replace(year=2024, day=1))
    gone = decided(cast, "Gone", state="revoked")
    said(silent, cast.achern)
    found = (adopted, planned, late, declined, vote, work, unlinked, silent, gone)
    return {decision.subject: decision.reference for decision in found}


def subjects(cast: Cast, variant: str, audience: str = "member") -> set[str]:
    text = render(f"decision-log-{cast.network.pk}~{variant}", audience, "en")
    names = ("Adopted", "Planned", "Late", "Declined", "Voted", "Work", "Linked by mistake", "Silent", "Gone")
    return {name for name in names if f"<bdi>{name}</bdi>" in text}


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        (f"town={KEHL}", {"Adopted", "Planned", "Late", "Declined", "Voted", "Work"}),
        (f"town={KEHL}&part=adopted", {"Adopted"}),
        (f"town={KEHL}&part=planned", {"Planned"}),
        (f"town={KEHL}&part=overdue", {"Late"}),
        (f"town={KEHL}&part=declined", {"Declined"}),
        (f"town={KEHL}&part=voted", {"Voted"}),
        (f"town={KEHL}&part=in_charge", {"Work"}),
        (f"town={KEHL}&part=unanswered", {"Voted", "Work", "Linked by mistake"}),
        ("town=08317001", {"Silent"}),
        ("topic=governance", {"Work"}),
        ("state=revoked", {"Gone"}),
        ("year=2024", {"Silent"}),
        (f"year=2024&town={KEHL}&part=unanswered", {"Silent"}),
    ],
)
def test_by_year_topic_state_and_what_a_town_has_to_do_with_it(
    cast: Cast, log: dict[str, str], client_for, variant: str, expected: set[str]
) -> None:
    assert subjects(cast, variant) == expected
    answer = client_for(cast.mayor).get(f"{reverse('api_decisions', args=['ortenau'])}?{variant}").json()
    assert {row["subject"] for row in answer["results"]} == expected
    assert f"{reverse('decision_log', args=['ortenau'])}" in client_for(cast.mayor).get("/n/ortenau/decisions/").text


def test_each_row_says_what_the_town_said(cast: Cast, log: dict[str, str]) -> None:
    text = render(f"decision-log-{cast.network.pk}~town={KEHL}", "member", "en")
    assert "voice: No" in text and "does not adopt it" in text and "Too small" in text
    assert "has not said yet whether it adopts it" in text


def test_the_state_is_shown_and_what_replaced_it(cast: Cast) -> None:
    new = decided(cast, "New")
    decided(cast, "Old", state="superseded", superseded_by=new)
    text = render(f"decision-log-{cast.network.pk}", "member", "en")
    assert "Superseded" in text and f"by {new.reference}" in text and "In force" in text


def test_what_is_not_asked_for_a_town_is_dropped(cast: Cast) -> None:
    assert DecisionFilter.parse("part=adopted").variant == ""
    assert DecisionFilter.parse(f"part=x&town={KEHL}&state=x&topic=a%00b").variant == f"town={KEHL}"
    wanted = f"year=2026&topic=governance&state=in_force&town={KEHL}&part=voted&group=3&meeting=4&q=E-Akte&page=2"
    assert DecisionFilter.parse(wanted).variant == wanted


def test_the_bar_offers_what_there_is(cast: Cast, log: dict[str, str], client_for) -> None:
    text = client_for(cast.mayor).get("/n/ortenau/decisions/").text
    for choice in ("Governance", "Revoked", "Kehl", "2024"):
        assert choice in text.split('id="filtered"')[0]


def test_what_is_for_a_group_is_neither_listed_nor_offered(cast: Cast, client_for) -> None:
    decided(cast, "Between us", visibility="group", year=2020, topic="governance")
    page = client_for(cast.mayor).get("/n/ortenau/decisions/").text
    assert "Between us" not in page and "2020" not in page and "Governance" not in page
    page = client_for(cast.kehl).get("/n/ortenau/decisions/").text
    assert "Between us" in page and ">2020<" in page and "For the group only" in page
    assert client_for(cast.mayor).get("/api/n/ortenau/decisions/").json()["count"] == 0
    assert audience_of(f"decision-log-{cast.network.pk}", cast.mayor) == "member"


def test_the_same_queries_for_one_row_and_for_a_page(cast: Cast) -> None:
    def queries() -> list[int]:
        counts = []
        for variant in ("", f"~town={KEHL}", *(f"~town={KEHL}&part={part}" for part in PARTS[:1])):
            with CaptureQueriesContext(connection) as seen:
                render(f"decision-log-{cast.network.pk}{variant}", "member", "en")
            counts.append(len(seen))
        return counts

    def fill(number: int) -> None:
        for one in range(number):
            decision = decided(cast, f"Decision {one}")
            voted(decision, cast.kehl)
            said(decision, cast.kehl)

    fill(1)
    one = queries()
    fill(20)
    assert queries() == one


# -- over the REST interface -------------------------------------------------------------------------------------------


def test_one_decision_with_voices_adoptions_and_steps(cast: Cast, client_for) -> None:
    decision = decided(cast)
    voted(decision, cast.kehl, "no")
    said(decision, cast.kehl, "declined", word="Too dear")
    DecisionStep.objects.create(decision=decision, number=1, kind="in_force", on=TODAY)
    found = client_for(cast.mayor).get(f"/api/n/ortenau/decisions/{decision.reference}/").json()
    assert found["state"] == "in_force" and found["visibility"] == "network"
    [voice], [adoption], [step] = found["voices"], found["adoptions"], found["steps"]
    assert (voice["municipality"]["name"], voice["answer"], voice["capacity"]) == ("Kehl", "no", "own")
    assert (adoption["state"], adoption["word"], step["kind"]) == ("declined", "Too dear", "in_force")


def test_nothing_of_an_open_vote(cast: Cast, client_for) -> None:
    voted(None, cast.kehl, "no", group=cast.group)
    answer = client_for(cast.mayor).get("/api/n/ortenau/decisions/")
    assert "Because it is cheaper" not in json.dumps(answer.json())


@pytest.mark.parametrize("query", ["town=1", "state=x", "part=x", "topic=a%20b", "town=0831705७"])
def test_what_cannot_be_asked_is_400(cast: Cast, client_for, query: str) -> None:
    assert client_for(cast.mayor).get(f"/api/n/ortenau/decisions/?{query}").status_code == 400


def test_another_networks_decisions_are_not_there(cast: Cast, client_for) -> None:
    group = Group.objects.get(network=cast.other_network)
    decision = decided(cast, "Elsewhere", network=cast.other_network, group=group, recorded_by=cast.other)
    assert client_for(cast.mayor).get(f"/api/n/ortenau/decisions/{decision.reference}/").status_code == 404
    assert client_for(cast.mayor).get("/api/n/regional-digital/decisions/").status_code == 404
