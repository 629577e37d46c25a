"""Handing an action item to another town: that town is asked, and nothing changes until it says yes."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from collab.live.answers import Refused, Stale
from collab.live.log import history
from collab.live.models import Change
from collab.live.regions import render
from collab.live.verbs import sentence
from collab.network.models import Accession
from tests.conftest import Cast
from workgroups.domain.action_item import (
    add_action_item,
    ask_to_take_over,
    change_state,
    edit_action_item,
    take_over_action,
)
from workgroups.domain.offer import accept_offer, decline_offer, withdraw_offer
from workgroups.models import ActionItem, Offer

from .conftest import days

LOG = "/n/ortenau/action-items/"
HTMX = {"HX-Request": "true"}
NAMES = ("coordinator", "kehl", "achern", "durbach", "mayor", "guide", "guest", "other")


def offered(
    cast: Cast, action: ActionItem, by=None, town: str = "achern", word: str = "You know the supplier"
) -> Offer:
    return ask_to_take_over(action=action, municipality=cast.town(town), word=word, by=by or cast.kehl)


def newest(cast: Cast) -> Change:
    return Change.objects.filter(network=cast.network).order_by("-version")[0]


def accession(cast: Cast, town: str) -> Accession:
    return Accession.objects.get(network=cast.network, municipality=cast.town(town))


def test_until_the_town_accepts_nothing_changes(cast: Cast, action: ActionItem) -> None:
    offer = offered(cast, action)
    action.refresh_from_db()
    assert (action.municipality, action.state) == (cast.town("kehl"), "open")
    assert (offer.kind, offer.state, offer.municipality) == ("action", "open", cast.town("achern"))
    assert f"asked-{accession(cast, 'achern').pk}" in newest(cast).regions
    assert "asked Achern to take over “Introduce the e-file”" in sentence(newest(cast))


def test_the_town_that_accepts_is_responsible_and_names_the_person_later(cast: Cast, action: ActionItem) -> None:
    action = edit(action, cast.kehl, person=cast.kehl)
    accept_offer(offer=offered(cast, action), by=cast.achern)
    action.refresh_from_db()
    assert (action.municipality, action.person) == (cast.town("achern"), None)
    assert Offer.objects.get().state == "accepted"
    change = history(action)[0]
    assert sentence(change) == "Achern takes over “Introduce the e-file” from Kehl"
    shown = {f"town-actions-{accession(cast, town).pk}" for town in ("kehl", "achern")}
    assert {*shown, f"my-actions-{cast.kehl.pk}"} <= set(change.regions)
    assert {cast.kehl.person_id, cast.achern.person_id} <= set(change.access)


def test_the_town_that_declines_says_why_and_the_item_stays(cast: Cast, action: ActionItem, client_for) -> None:
    decline_offer(offer=offered(cast, action), answer="No capacity before spring", by=cast.achern)
    action.refresh_from_db()
    assert action.municipality == cast.town("kehl")
    page = client_for(cast.kehl).get(f"{LOG}{action.pk}/").content.decode()
    assert "No capacity before spring" in page and "Achern did not take it over" in page
    assert offered(cast, action, town="durbach").state == "open", "another town can be asked now"


def test_who_declined_first_and_took_it_over_later_has_not_declined_any_more(
    cast: Cast, action: ActionItem, client_for
) -> None:
    decline_offer(offer=offered(cast, action), answer="No capacity before spring", by=cast.achern)
    accept_offer(offer=offered(cast, action), by=cast.achern)
    page = client_for(cast.achern).get(f"{LOG}{action.pk}/").text
    assert "did not take it over" not in page
    assert "No capacity before spring" in page, "the history keeps it"


@pytest.mark.parametrize("name", NAMES)
def test_who_may_ask(cast: Cast, action: ActionItem, name: str) -> None:
    by = getattr(cast, name)
    if name in ("kehl", "coordinator"):
        assert offered(cast, action, by).made_by == by
        return
    with pytest.raises(PermissionDenied):
        offered(cast, action, by)
    assert not Offer.objects.exists()


@pytest.mark.parametrize("name", NAMES)
def test_nobody_takes_it_over_for_another_town(cast: Cast, action: ActionItem, name: str) -> None:
    offered(cast, action)
    by = getattr(cast, name)
    if name == "achern":
        assert take_over_action(action=action, municipality=cast.town("achern"), by=by).municipality_id == "08317001"
        return
    with pytest.raises(PermissionDenied):
        take_over_action(action=action, municipality=cast.town("achern"), by=by)


def test_the_same_question_twice_is_one(cast: Cast, action: ActionItem) -> None:
    request_id = uuid4()
    values = {"action": action, "municipality": cast.town("achern"), "word": "", "by": cast.kehl}
    first = ask_to_take_over(**values, request_id=request_id)
    assert ask_to_take_over(**values, request_id=request_id) == first
    assert ask_to_take_over(**values, request_id=uuid4()) == first
    assert Offer.objects.count() == 1


def test_one_town_is_asked_at_a_time(cast: Cast, action: ActionItem) -> None:
    offered(cast, action)
    with pytest.raises(Refused, match="Achern is being asked already"):
        offered(cast, action, town="durbach")


def test_what_cannot_be_handed_over(cast: Cast, action: ActionItem) -> None:
    with pytest.raises(Refused, match="Kehl is responsible for it already"):
        offered(cast, action, town="kehl")
    Accession.objects.filter(municipality=cast.town("lahr")).update(left_on=days(0))
    with pytest.raises(Refused, match="Lahr is not a member of this network today"):
        offered(cast, action, town="lahr")
    change_state(action=action, state="done", note="", version=1, by=cast.kehl)
    with pytest.raises(Refused, match="finished"):
        offered(cast, action)


def test_what_is_finished_is_offered_to_nobody_any_more(cast: Cast, action: ActionItem) -> None:
    offer = offered(cast, action)
    change_state(action=action, state="done", note="", version=2, by=cast.kehl)
    offer.refresh_from_db()
    assert offer.state == "withdrawn"
    assert f"asked-{accession(cast, 'achern').pk}" in newest(cast).regions
    with pytest.raises(Refused):
        accept_offer(offer=offer, by=cast.achern)


def test_a_question_is_taken_back(cast: Cast, action: ActionItem) -> None:
    withdraw_offer(offer=offered(cast, action), by=cast.kehl)
    action.refresh_from_db()
    assert action.municipality == cast.town("kehl")
    assert "is asked" not in render(f"action-item-{action.pk}", "responsible", "en")


def test_who_reworded_it_before_it_was_handed_over_is_told(cast: Cast, action: ActionItem) -> None:
    accept_offer(offer=offered(cast, action), by=cast.achern)
    with pytest.raises(Stale) as conflict:
        edit(action, cast.coordinator, title="The e-file, slowly")
    assert conflict.value.who == str(cast.achern)


def test_asking_hides_no_conflict(cast: Cast, action: ActionItem) -> None:
    """Each entry of the log raises the version: a question in between must not hide what somebody reworded."""
    edit(action, cast.coordinator, title="The e-file, quickly")
    offered(cast, action)
    with pytest.raises(Stale):
        edit(action, cast.kehl, version=1, title="The e-file, slowly")


def test_the_office_writes_it_down_and_asks_a_town(cast: Cast) -> None:
    values = {"network": cast.network, "title": "Talk to the data centre", "person": None, "due_on": None}
    action = add_action_item(**values, municipality=None, ask=cast.town("achern"), word="Please", by=cast.coordinator)
    assert (action.municipality, action.person) == (None, cast.coordinator)
    assert (action.offers.get().municipality, action.offers.get().word) == (cast.town("achern"), "Please")
    with pytest.raises(PermissionDenied):
        add_action_item(**values, municipality=cast.town("achern"), by=cast.coordinator)


# The pages


def test_the_form_asks_and_says_so(cast: Cast, action: ActionItem, client_for) -> None:
    address = f"{LOG}{action.pk}/hand-over/"
    client = client_for(cast.kehl)
    form = client.get(address).content.decode()
    assert "Achern" in form and ">Kehl<" not in form
    values = {"municipality": "08317001", "word": "You know the supplier", "request_id": uuid4()}
    for _twice in range(2):
        answer = client.post(address, values, headers=HTMX)
        assert answer.status_code == 204 and "Achern was asked" in answer.headers["HX-Trigger"]
    assert Offer.objects.count() == 1


def test_the_form_of_the_office_names_no_town_but_asks_one(cast: Cast, client_for) -> None:
    client = client_for(cast.coordinator)
    form = client.get(f"{LOG}add/").content.decode()
    assert 'name="municipality"' not in form and "Ask a municipality to take it over" in form
    assert f'<option value="{cast.coordinator.pk}" selected' in form
    # What is sent by hand for a field that is not there is not read.
    values = {"title": "Talk to the data centre", "ask": "08317001", "municipality": "08317057"}
    answer = client.post(f"{LOG}add/", values, headers=HTMX)
    assert answer.status_code == 204 and "Achern is asked to take it over" in answer.headers["HX-Trigger"]
    action = ActionItem.objects.get()
    assert (action.municipality, action.person) == (None, cast.coordinator)
    assert client.post(f"{LOG}add/", {"title": "Nobody", "ask": ""}, headers=HTMX).status_code == 422


@pytest.mark.parametrize(
    "values",
    [
        {"municipality": ""},
        {"municipality": "08317057"},
        {"municipality": "08216043"},
        {"municipality": "x"},
        {"municipality": "08317001", "word": "x" * 501},
        {"municipality": "08317001", "word": "a\0b"},
    ],
)
def test_what_the_form_does_not_take(cast: Cast, action: ActionItem, client_for, values: dict[str, str]) -> None:
    answer = client_for(cast.kehl).post(f"{LOG}{action.pk}/hand-over/", values, headers=HTMX)
    assert answer.status_code == 422
    assert not Offer.objects.exists()


def test_the_page_shows_the_question_and_whose_it_is_to_answer(cast: Cast, action: ActionItem, client_for) -> None:
    offered(cast, action)
    page = client_for(cast.durbach).get(f"{LOG}{action.pk}/").content.decode()
    assert "Achern is asked to take this over" in page and "You know the supplier" in page
    # The browser shows the buttons to Achern's officers and guides, and to nobody else.
    assert f'data-for-membership="{cast.achern.pk}"' in page
    own = client_for(cast.kehl).get(f"{LOG}{action.pk}/").content.decode()
    assert "Take the question back" in own and "hand-over/" not in own


def edit(action: ActionItem, by, version: int | None = None, **more) -> ActionItem:
    names = ("title", "municipality", "person", "note", "project", "group")
    values = {name: getattr(action, name) for name in names}
    return edit_action_item(action=action, by=by, version=version or action.version, **{**values, **more})
