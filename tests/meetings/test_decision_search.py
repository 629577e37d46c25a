"""What is found of decisions: wording, reasons, steps, words of towns; and where on the page they stand."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from collab.live.regions import render
from collab.search.anew import make_anew
from collab.search.index import put
from collab.search.queries import find
from meetings.models import Decision, DecisionStep
from meetings.queries.entries import all_decisions, decision_entry
from tests.conftest import Cast
from workgroups.models import Group

from .overview_things import decided, said, voted

TODAY = timezone.localdate()


@pytest.fixture
def decision(cast: Cast) -> Decision:
    found = decided(cast, "Common tender")
    vote = voted(found, cast.kehl, "no")
    vote.voices.update(reason="Zeitplan unklar")
    vote.background = "Rahmenvertrag des Landes"
    vote.save(update_fields=["background"])
    DecisionStep.objects.create(decision=found, number=1, kind="fulfilled", on=TODAY, reason="Zuschlag erteilt")
    DecisionStep.objects.create(
        decision=found,
        number=2,
        kind="corrected",
        on=TODAY,
        text="Richtig: Ausschreibung im Mai",
        reason="Schreibfehler",
    )
    said(found, cast.achern, "declined", word="Eigenes Verfahren")
    put(decision_entry(found))
    return found


@pytest.mark.parametrize(
    ("question", "place", "at"),
    [
        ("Exact wording", "Exact wording", ""),
        ("Zeitplan", "Reason of the vote: Kehl", "#decision-voices-{pk}-voice-08317057"),
        ("Rahmenvertrag", "Background", "#decision-voices-{pk}-background"),
        ("Zuschlag", "What became of it", "#decision-life-{pk}-step-1"),
        ("Schreibfehler", "Correction", "#decision-life-{pk}-step-2"),
        ("Verfahren", "Word of a municipality: Achern", "#decision-adoptions-{pk}-08317001"),
    ],
)
def test_the_hit_names_its_place_and_leads_there(
    cast: Cast, decision: Decision, client_for, question: str, place: str, at: str
) -> None:
    [shelf] = find(cast.mayor, question, kind="decision").shelves
    [hit] = shelf.hits
    where = at.format(pk=decision.pk)
    assert (hit.place, hit.address) == (place, f"/n/ortenau/decisions/{decision.reference}/{where}")
    text = client_for(cast.mayor).get("/n/ortenau/search/", {"q": question}).text
    assert where in text and place.split(":")[0] in text


def test_the_places_are_on_the_page(cast: Cast, decision: Decision, client_for) -> None:
    page = client_for(cast.mayor).get(f"/n/ortenau/decisions/{decision.reference}/").text
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    places = {part.at for part in decision_entry(decision).parts if part.text and part.at}
    assert places <= ids, places - ids


def test_voices_of_an_open_vote_are_not_found(cast: Cast) -> None:
    voted(None, cast.kehl, "no", group=cast.group)
    make_anew(cast.network.pk)
    assert find(cast.mayor, "cheaper").total == 0


def test_a_replaced_voice_is_not_found(cast: Cast, decision: Decision) -> None:
    decision.vote.voices.update(replaced_at=timezone.now())
    put(decision_entry(Decision.objects.get(pk=decision.pk)))
    assert find(cast.mayor, "Zeitplan").total == 0


def test_what_is_for_the_group_is_found_by_the_group(cast: Cast, decision: Decision) -> None:
    Decision.objects.filter(pk=decision.pk).update(visibility="group")
    make_anew(cast.network.pk)
    assert find(cast.mayor, "Zeitplan").total == 0
    assert find(cast.kehl, "Zeitplan").total == 1


def test_making_it_anew_gives_the_same(cast: Cast, decision: Decision, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(6):
        [anew] = all_decisions(cast.network.pk)
    assert anew == decision_entry(decision)
    for number in range(5):
        voted(decided(cast, f"More {number}"), cast.kehl)
    with django_assert_max_num_queries(6):
        assert len(list(all_decisions(cast.network.pk))) == 6


def test_who_said_what_in_an_internal_group_stays_inside(cast: Cast, client_for) -> None:
    """What it decided stands in the log for all, its voices do not: neither found, nor listed, nor told by the API."""
    group = Group.objects.create(network=cast.network, kind="working_group", name="Inner circle", is_internal=True)
    found = decided(cast, "Inner tender", group=group)
    voted(found, cast.kehl, "no").voices.update(reason="Zeitplan unklar")
    make_anew(cast.network.pk)
    assert find(cast.mayor, "tender").total == 1 and find(cast.mayor, "Zeitplan").total == 0
    town = "town=08317057"
    network = cast.network.pk
    assert "Inner tender" not in render(f"decision-log-{network}~{town}&part=voted", "member", "en")
    assert "overview__voice" not in render(f"overview-town-{network}~{town}", "member", "en")
    address = f"/api/n/ortenau/decisions/{found.reference}/"
    assert client_for(cast.mayor).get(address).json()["voices"] == []
    assert len(client_for(cast.coordinator).get(address).json()["voices"]) == 1
