"""Two at the same moment on one decision: superseding, adopting, the clock of two processes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.domain.adoption import say_adoption
from meetings.domain.coming_up import plan_reviews
from meetings.domain.decision import record_decision
from meetings.domain.life_steps import fulfil
from meetings.domain.supersede import supersede
from meetings.domain.terms import expire_due, set_terms
from meetings.models import Adoption, AgendaItem, Decision, DecisionStep
from tests.conftest import Cast, make_cast, make_meeting, make_member
from tests.meetings.test_decisions import decide, open_item
from tests.test_races import at_once, errors

from .test_life import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def item(cast: Cast) -> AgendaItem:
    return open_item(cast, make_meeting(cast, date=timezone.localdate() - timedelta(days=5)))


def by_reason(cast: Cast, reason: str) -> dict[str, object]:
    return {"reason": reason, "on": timezone.localdate(), "expected": "in_force", "by": cast.coordinator}


def test_two_supersede_the_same_decision(cast: Cast, item: AgendaItem) -> None:
    old, first, second = (now(decide(cast, item)) for _number in range(3))
    outcomes = at_once(
        lambda: supersede(decision=old, other=first, **by_reason(cast, "Erstens")),
        lambda: supersede(decision=old, other=second, **by_reason(cast, "Zweitens")),
    )
    assert errors(outcomes) == ["Refused"]
    winner = now(old).superseded_by
    assert winner in (first, second)
    refused = next(str(one.error) for one in outcomes if one.error)
    assert winner and winner.reference in refused and old.reference in refused
    assert DecisionStep.objects.filter(decision=old, kind="superseded").count() == 1


def test_two_supersede_each_other(cast: Cast, item: AgendaItem) -> None:
    one, other = (now(decide(cast, item)) for _number in range(2))
    outcomes = at_once(
        lambda: supersede(decision=one, other=other, **by_reason(cast, "So")),
        lambda: supersede(decision=other, other=one, **by_reason(cast, "Andersherum")),
    )
    assert errors(outcomes) == ["Refused"]
    assert sorted([now(one).state, now(other).state]) == ["in_force", "superseded"]


def test_superseded_in_the_room_and_on_the_page(cast: Cast, item: AgendaItem) -> None:
    old, new = now(decide(cast, item)), now(decide(cast, item))
    outcomes = at_once(
        lambda: supersede(decision=old, other=new, **by_reason(cast, "Seite")),
        lambda: record_decision(item=item, wording="Neu.", mode="unanimous", by=cast.coordinator, replaces=old),
    )
    assert errors(outcomes) == ["Refused"]
    numbers = sorted(Decision.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), "no gap"


def test_one_fulfils_and_one_supersedes(cast: Cast, item: AgendaItem) -> None:
    old, new = now(decide(cast, item)), now(decide(cast, item))
    outcomes = at_once(
        lambda: fulfil(decision=old, **by_reason(cast, "Fertig")),
        lambda: supersede(decision=old, other=new, **by_reason(cast, "Neu")),
    )
    assert errors(outcomes) == ["Refused"]
    assert DecisionStep.objects.filter(decision=old).count() == 2


def test_two_officers_of_a_town_say_different_things(cast: Cast, item: AgendaItem) -> None:
    decision = now(decide(cast, item))
    colleague = make_member(cast.network, "officer", cast.town("kehl"), "second@kehl.example")
    values = {"decision": decision, "municipality": cast.town("kehl"), "on": None, "paper": "", "paper_link": ""}
    outcomes = at_once(
        lambda: say_adoption(state="adopted", word="", version=0, by=cast.kehl, **values),
        lambda: say_adoption(state="declined", word="Nein.", version=0, by=colleague, **values),
    )
    assert errors(outcomes) == ["Stale"]
    assert Adoption.objects.count() == 1


def test_two_processes_do_what_is_due(cast: Cast, item: AgendaItem) -> None:
    expiring, reviewed = now(decide(cast, item)), now(decide(cast, item))
    day = timezone.localdate() + timedelta(days=1)
    set_terms(decision=reviewed, expires_on=None, review_on=day, reason="Prüfen.", version=0, by=cast.coordinator)
    Decision.objects.filter(pk=expiring.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    make_meeting(cast)
    moment = timezone.now()
    assert errors(at_once(lambda: expire_due(moment), lambda: expire_due(moment))) == []
    assert errors(at_once(lambda: plan_reviews(moment), lambda: plan_reviews(moment))) == []
    assert DecisionStep.objects.filter(decision=expiring, kind="expired").count() == 1
    assert AgendaItem.objects.filter(reviews=reviewed).count() == 1
