"""Two at the same moment where one of them closes something: neither slips by the other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from collab.live.answers import Refused
from meetings.domain.circular import open_circular
from meetings.domain.terms import set_terms
from meetings.domain.visibility import set_decision_visibility, set_item_visibility
from meetings.models import AgendaItem, Decision
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.test_minutes import held
from tests.test_races import assert_versions_gapless, at_once, errors
from workgroups.domain.group import close_group
from workgroups.models import Group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize("whole_item", [False, True])
def test_a_review_that_is_planned_while_its_decision_becomes_the_groups_own(cast: Cast, whole_item: bool) -> None:
    by = cast.coordinator
    held(cast)
    make_meeting(cast)
    decision = Decision.objects.select_related("item").get()
    assert decision.item is not None
    item, said = decision.item, {"visibility": "group", "seen": "network", "by": by}
    tomorrow = timezone.localdate() + timedelta(days=1)
    terms = {"expires_on": None, "review_on": tomorrow, "reason": "Prüfen", "version": 0, "by": by}
    outcomes = at_once(
        lambda: set_terms(decision=decision, **terms),
        (lambda: set_item_visibility(item=item, **said))
        if whole_item
        else (lambda: set_decision_visibility(decision=decision, **said)),
    )
    assert errors(outcomes) == []
    assert Decision.objects.get().visibility == "group"
    assert AgendaItem.objects.get(reviews=decision).visibility == "group"
    assert_versions_gapless(cast.network.pk)


def test_a_vote_that_is_put_while_its_group_is_closed(cast: Cast) -> None:
    by = cast.coordinator
    put, closed = at_once(
        lambda: open_circular(group=cast.group, subject="E-Akte", text="Wir führen sie ein.", by=by),
        lambda: close_group(group=cast.group, word="", by=by),
    )
    assert isinstance(closed.error if put.error is None else put.error, Refused)
    assert (put.error is None) != (closed.error is None)
    assert Group.objects.get(pk=cast.group.pk).votes.count() == (0 if put.error else 1)
