"""Two people with one action item at the same moment: one clear outcome, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from tests.conftest import Cast
from tests.test_races import assert_versions_gapless, at_once, cast, errors, values  # noqa: F401
from workgroups.domain.action_item import ask_to_take_over, change_state
from workgroups.domain.offer import accept_offer, decline_offer
from workgroups.models import ActionItem, Offer

from .conftest import make_action

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_towns_are_asked_at_once(cast: Cast) -> None:  # noqa: F811
    action = make_action(cast)
    towns = [cast.town(name) for name in ("achern", "durbach")]
    outcomes = at_once(
        lambda: ask_to_take_over(action=action, municipality=towns[0], word="", by=cast.kehl),
        lambda: ask_to_take_over(action=action, municipality=towns[1], word="", by=cast.coordinator),
    )
    assert errors(outcomes) == ["Refused"]
    assert Offer.objects.filter(state="open").count() == 1
    assert_versions_gapless(cast.network.pk)


def test_accepted_and_declined_at_once(cast: Cast) -> None:  # noqa: F811
    action = make_action(cast)
    offer = ask_to_take_over(action=action, municipality=cast.town("achern"), word="", by=cast.kehl)
    outcomes = at_once(
        lambda: accept_offer(offer=offer, by=cast.achern),
        lambda: decline_offer(offer=offer, answer="No", by=cast.achern),
    )
    assert errors(outcomes) == ["Refused"]
    offer.refresh_from_db()
    town = ActionItem.objects.get(pk=action.pk).municipality
    assert town == (cast.town("achern") if offer.state == "accepted" else cast.town("kehl"))


def test_finished_while_another_town_takes_it_over(cast: Cast) -> None:  # noqa: F811
    action = make_action(cast)
    offer = ask_to_take_over(action=action, municipality=cast.town("achern"), word="", by=cast.kehl)
    version = ActionItem.objects.get(pk=action.pk).version
    outcomes = at_once(
        lambda: change_state(action=action, state="done", note="", version=version, by=cast.coordinator),
        lambda: accept_offer(offer=offer, by=cast.achern),
    )
    offer.refresh_from_db()
    action.refresh_from_db()
    # Either it was finished first and there was nothing left to take over, or the new town's is done.
    if errors(outcomes):
        assert (errors(outcomes), offer.state, action.municipality_id) == (["Refused"], "withdrawn", "08317057")
    else:
        assert (offer.state, action.municipality_id, action.state) == ("accepted", "08317001", "done")
    assert_versions_gapless(cast.network.pk)
