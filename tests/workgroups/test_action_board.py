"""The board of action items: a column per state, and buttons that move the cards."""

from __future__ import annotations

import re
from functools import partial

import pytest

from collab.live.regions import audience_of, render
from tests.conftest import Cast, make_project
from workgroups.domain.action_item import change_state
from workgroups.models import ActionItem, Group, GroupMembership

from .conftest import days, make_action
from .test_action_pages import HTMX, LOG, queries_of

BOARD = f"{LOG}board/"


def columns(html: str) -> dict[str, list[str]]:
    """The titles in each column, in their order."""
    found = {}
    for part in html.split('<section class="action-board__column"')[1:]:
        state = re.search(r"action-column-(\w+)", part)
        assert state
        found[state[1]] = re.findall(r'id="action-\d+-link"[^>]*><bdi>([^<]*)</bdi>', part)
    return found


@pytest.fixture
def filled(cast: Cast) -> Cast:
    make_action(cast, title="Late", due_on=days(-3))
    make_action(cast, title="Again", municipality=cast.town("achern"), follow_up_on=days(0))
    begun = make_action(cast, title="Begun", project=make_project(cast.kehl))
    change_state(action=begun, state="in_progress", note="", version=1, by=cast.kehl)
    for state in ("done", "dropped"):
        action = make_action(cast, title=state.title())
        change_state(action=action, state=state, note="So it is", version=1, by=cast.kehl)
    return cast


def test_each_state_has_its_column(filled: Cast, client_for) -> None:
    page = client_for(filled.mayor).get(BOARD).content.decode()
    assert columns(page) == {
        "open": ["Late", "Again"],
        "in_progress": ["Begun"],
        "done": ["Done"],
        "dropped": ["Dropped"],
    }


def test_its_file_holds_what_it_shows(filled: Cast, client_for) -> None:
    page = client_for(filled.mayor).get(BOARD).text
    address = re.search(r'href="([^"]*export\.csv[^"]*)"', page)
    assert address
    rows = client_for(filled.mayor).get(address[1].replace("&amp;", "&")).content.decode("utf-8-sig").splitlines()
    assert {row.partition(",")[0] for row in rows[1:]} == {"Late", "Again", "Begun", "Done", "Dropped"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=overdue", {"open": ["Late"], "in_progress": []}),
        ("state=follow_up", {"open": ["Again"], "in_progress": []}),
        ("town=08317001", {"open": ["Again"], "in_progress": [], "done": [], "dropped": []}),
        ("state=done", {"open": ["Late", "Again"], "in_progress": ["Begun"], "done": ["Done"], "dropped": ["Dropped"]}),
    ],
)
def test_filters(filled: Cast, client_for, query: str, expected: dict[str, list[str]]) -> None:
    page = client_for(filled.mayor).get(f"{BOARD}?{query}").content.decode()
    assert columns(page) == expected


def test_filter_by_project_and_its_address(filled: Cast, client_for) -> None:
    project = ActionItem.objects.get(title="Begun").project_id
    page = client_for(filled.achern).get(f"{BOARD}?project={project}").content.decode()
    assert columns(page)["in_progress"] == ["Begun"] and columns(page)["open"] == []
    # The way to the table keeps the filter.
    assert f"{LOG}?project={project}" in page


def test_mine_and_my_towns_are_addresses_to_pass_on(cast: Cast, client_for) -> None:
    page = client_for(cast.kehl).get(BOARD).content.decode()
    assert f"{BOARD}?person={cast.kehl.pk}" in page and f"{BOARD}?town=08317057" in page


def test_a_button_moves_the_card(cast: Cast, action: ActionItem, client_for) -> None:
    client, address = client_for(cast.kehl), f"{LOG}{action.pk}/move/"
    assert client.post(address, {"state": "in_progress", "version": 1}, headers=HTMX).status_code == 204
    assert client.post(address, {"state": "done", "version": 2}, headers=HTMX).status_code == 204
    action.refresh_from_db()
    assert action.state == "done" and action.finished_at
    # Pressed twice it is done once.
    assert client.post(address, {"state": "done", "version": 2}, headers=HTMX).status_code == 204
    action.refresh_from_db()
    assert action.version == 3


def test_who_presses_on_an_old_card_is_told(cast: Cast, action: ActionItem, client_for) -> None:
    change_state(action=action, state="in_progress", note="", version=1, by=cast.coordinator)
    address = f"{LOG}{action.pk}/move/"
    answer = client_for(cast.kehl).post(address, {"state": "done", "version": 1}, headers=HTMX)
    assert answer.status_code == 409 and "meanwhile" in answer.headers["X-Message"]
    action.refresh_from_db()
    assert action.state == "in_progress"


@pytest.mark.parametrize(
    "values", [{}, {"state": "dropped", "version": 1}, {"state": "x", "version": 1}, {"state": "done", "version": "x"}]
)
def test_what_a_button_does_not_send(cast: Cast, action: ActionItem, client_for, values: dict[str, object]) -> None:
    answer = client_for(cast.kehl).post(f"{LOG}{action.pk}/move/", values, headers=HTMX)
    assert answer.status_code == 422
    action.refresh_from_db()
    assert action.version == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [("coordinator", 204), ("kehl", 204), ("achern", 403), ("mayor", 403), ("guest", 404), ("other", 404)],
)
def test_who_moves_a_card(cast: Cast, action: ActionItem, client_for, name: str, status: int) -> None:
    values = {"state": "in_progress", "version": 1}
    answer = client_for(getattr(cast, name)).post(f"{LOG}{action.pk}/move/", values, headers=HTMX)
    assert answer.status_code == status


def test_the_browser_shows_the_buttons_to_those_who_may(cast: Cast) -> None:
    group = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Akte")
    GroupMembership.objects.create(group=group, membership=cast.durbach, role="chair")
    make_action(cast, group=group, person=cast.kehl)
    region = f"action-board-{cast.network.pk}"
    assert "data-for-town" not in render(region, "coordinator", "en")
    own = f'data-for-town="08317057" data-for-membership="{cast.kehl.pk} {cast.durbach.pk}"'
    assert own in render(region, "worker", "en")
    # A mayor acts where they are the person or chair, not for being of the town.
    assert 'data-for-town=""' in render(region, "reader", "en")


def test_for_whom_it_is_rendered(cast: Cast) -> None:
    region = f"action-board-{cast.network.pk}"
    names = ("coordinator", "kehl", "guide", "mayor", "guest", "other")
    seen = [audience_of(region, getattr(cast, name)) for name in names]
    assert seen == ["coordinator", "worker", "worker", "reader", None, None]
    # One spelling of a filter: the board knows no pages and no finished tab.
    assert audience_of(f"{region}~state=overdue", cast.kehl) == "worker"
    assert audience_of(f"{region}~state=done", cast.kehl) is None
    assert audience_of(f"{region}~page=2", cast.kehl) is None


def test_as_many_queries_for_1_as_for_50_and_no_endless_column(cast: Cast, client_for) -> None:
    client = client_for(cast.kehl)
    make_action(cast, person=cast.kehl)
    reads = [partial(client.get, BOARD), partial(render, f"action-board-{cast.network.pk}", "worker", "en")]
    reads[0]()
    few = [queries_of(read) for read in reads]
    for number in range(50):
        make_action(cast, title=f"Task {number}", person=cast.kehl, group=cast.group, project=make_project(cast.kehl))
    assert [queries_of(read) for read in reads] == few
    page = client.get(BOARD).content.decode()
    assert len(columns(page)["open"]) == 40 and "11 more in the table" in page
