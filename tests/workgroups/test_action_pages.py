"""The pages of action items, as people meet them: filters, permissions, forms, live parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from collab.live.regions import audience_of, render
from collab.network.models import Accession
from meetings.models import Meeting, RecordedAction
from tests.conftest import Cast
from workgroups.domain.action_item import change_state
from workgroups.models import ActionItem
from workgroups.queries.action_item import ActionFilter

from .conftest import born_in, days, make_action

LOG = "/n/ortenau/action-items/"
HTMX = {"HX-Request": "true"}


def titles(client: Client, query: str = "") -> list[str]:
    """The titles in the log, in their order."""
    page = client.get(f"{LOG}?{query}").content.decode()
    return re.findall(r'id="action-\d+-link"[^>]*><bdi>([^<]*)</bdi>', page)


@pytest.fixture
def filled(cast: Cast, meeting: Meeting) -> Cast:
    late = make_action(cast, title="Late", due_on=days(-3))
    make_action(cast, title="Soon", municipality=cast.town("achern"), due_on=days(3), note="Rathaus Straße")
    make_action(cast, title="Someday", municipality=None, person=cast.guide)
    done = make_action(cast, title="Finished", due_on=days(-9))
    change_state(action=done, state="done", note="Bürgerbüro", version=1, by=cast.kehl)
    born_in(meeting, late)
    return cast


def test_the_log_shows_what_is_open_by_due_date(filled: Cast, client_for) -> None:
    assert titles(client_for(filled.kehl)) == ["Late", "Soon", "Someday"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=overdue", ["Late"]),
        ("state=done", ["Finished"]),
        ("state=all", ["Finished", "Late", "Soon", "Someday"]),
        ("state=dropped", []),
        ("town=08317001", ["Soon"]),
        ("q=rathaus", ["Soon"]),
        ("q=straße+rathaus", ["Soon"]),
        ("q=rathaus+missing", []),
        ("q=Lahr", ["Someday"]),
        ("state=done&q=Bürgerbüro", ["Finished"]),
    ],
)
def test_filters(filled: Cast, client_for, query: str, expected: list[str]) -> None:
    assert titles(client_for(filled.mayor), query) == expected


def test_filter_by_person_and_by_meeting(filled: Cast, meeting: Meeting, client_for) -> None:
    client = client_for(filled.kehl)
    assert titles(client, f"person={filled.guide.pk}") == ["Someday"]
    assert titles(client, f"meeting={meeting.pk}") == ["Late"]


def test_counts_of_the_tabs_follow_the_filter(filled: Cast, client_for) -> None:
    page = client_for(filled.kehl).get(f"{LOG}?town=08317057").content.decode()
    counts = re.findall(r'<span class="count">(\d+)</span>', page)
    assert counts == ["1", "1", "0", "1", "0", "2"]


@pytest.mark.parametrize(
    "query",
    ["state=%00", "town=abc", "person=-1", "meeting=" + "9" * 40, "page=0", "page=x", "nonsense=1", "q=%00", "q=%ff"],
)
def test_a_strange_query_still_shows_a_list(filled: Cast, client_for, query: str) -> None:
    assert client_for(filled.kehl).get(f"{LOG}?{query}").status_code == 200


def test_every_search_has_a_region_that_a_screen_can_ask_for(filled: Cast) -> None:
    wanted = ActionFilter.parse(f"state=all&town=08317057&person=1&meeting=2&q={quote('🚲' * 200)}&page=9")
    identifier = f"action-log-{filled.network.pk}~{wanted.variant}"
    assert audience_of(identifier, filled.kehl) == "member"
    assert ActionFilter.parse(wanted.variant) == wanted


def test_overdue_is_said_in_words(filled: Cast, client_for) -> None:
    page = client_for(filled.kehl).get(f"{LOG}?state=overdue").content.decode()
    row = page[page.index("Late</bdi>") :]
    assert "Overdue" in row[: row.index("</tr>")]


@pytest.mark.parametrize(
    ("name", "status"),
    [("coordinator", 200), ("kehl", 200), ("guide", 200), ("mayor", 200), ("guest", 404), ("other", 404)],
)
def test_who_sees_the_log(cast: Cast, client_for, name: str, status: int) -> None:
    assert client_for(getattr(cast, name)).get(LOG).status_code == status


def test_who_sees_an_action_item(cast: Cast, action: ActionItem, client_for) -> None:
    address = f"{LOG}{action.pk}/"
    seen = {n: client_for(getattr(cast, n)).get(address).status_code for n in ("achern", "mayor", "guest", "other")}
    assert seen == {"achern": 200, "mayor": 200, "guest": 404, "other": 404}
    assert client_for(cast.other).get(f"/n/{cast.other_network.slug}/action-items/{action.pk}/").status_code == 404
    assert Client().get(address).status_code == 302


def test_a_guest_sees_and_finishes_what_is_theirs(cast: Cast, client_for) -> None:
    action = make_action(cast, municipality=None, person=cast.guest)
    client = client_for(cast.guest)
    assert "Mark as done" in client.get(f"{LOG}{action.pk}/").content.decode()
    client.post(f"{LOG}{action.pk}/state/", {"state": "done", "state_note": "", "version": 1})
    action.refresh_from_db()
    assert action.state == "done"


@pytest.mark.parametrize(
    ("name", "shown"), [("kehl", True), ("coordinator", True), ("achern", False), ("mayor", False)]
)
def test_controls_are_for_those_who_may(cast: Cast, action: ActionItem, client_for, name: str, shown: bool) -> None:
    client = client_for(getattr(cast, name))
    assert ("Mark as done" in client.get(f"{LOG}{action.pk}/").content.decode()) == shown
    for form in ("state", "due", "edit"):
        assert client.get(f"{LOG}{action.pk}/{form}/").status_code == (200 if shown else 403)


# Forms


def test_adding_from_the_form_of_my_town(cast: Cast, client_for) -> None:
    client = client_for(cast.kehl)
    form = client.get(f"{LOG}add/").content.decode()
    assert re.search(r'<option value="08317057" selected', form), "an officer's own town is chosen already"
    assert "Achern" not in form[form.index('id="id_municipality"') : form.index('id="id_person"')]
    values = {"title": "Buy scanners", "municipality": "08317057", "due_on": "2026-12-01", "request_id": uuid4()}
    for _twice in range(2):
        assert client.post(f"{LOG}add/", values, headers=HTMX).status_code == 204
    action = ActionItem.objects.get()
    assert (action.title, action.due_on, action.created_by) == ("Buy scanners", date(2026, 12, 1), cast.kehl)


@pytest.mark.parametrize(("name", "status"), [("guide", 200), ("mayor", 403), ("guest", 404), ("other", 404)])
def test_who_gets_the_form(cast: Cast, client_for, name: str, status: int) -> None:
    assert client_for(getattr(cast, name)).get(f"{LOG}add/").status_code == status


@pytest.mark.parametrize(
    "values",
    [
        {"title": "", "municipality": "08317057"},
        {"title": "x" * 301, "municipality": "08317057"},
        {"title": "null\0byte", "municipality": "08317057"},
        {"title": "Nobody does it", "municipality": ""},
        {"title": "Another town", "municipality": "08317001"},
        {"title": "Date", "municipality": "08317057", "due_on": "31.02.2026"},
        {"title": "Note", "municipality": "08317057", "note": "x" * 10_000},
    ],
)
def test_what_the_form_does_not_take(cast: Cast, client_for, values: dict[str, str]) -> None:
    answer = client_for(cast.kehl).post(f"{LOG}add/", values, headers=HTMX)
    assert answer.status_code == 422
    assert 'id="action-form"' in answer.content.decode()
    assert not ActionItem.objects.exists()


def test_a_conflict_shows_both_texts(cast: Cast, action: ActionItem, client_for) -> None:
    address = f"{LOG}{action.pk}/edit/"
    values = {"municipality": "08317057", "person": "", "note": "", "version": 1}
    assert client_for(cast.kehl).post(address, {**values, "title": "Theirs"}, headers=HTMX).status_code == 204
    answer = client_for(cast.coordinator).post(address, {**values, "title": "Mine"}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs" in page and 'value="Mine"' in page and str(cast.kehl) in page
    again = client_for(cast.coordinator).post(address, {**values, "title": "Mine", "version": 2}, headers=HTMX)
    assert again.status_code == 204


def test_a_new_date_without_a_reason_is_asked_for_it(cast: Cast, action: ActionItem, client_for) -> None:
    client = client_for(cast.kehl)
    answer = client.post(
        f"{LOG}{action.pk}/due/", {"due_on": "2026-12-24", "due_reason": "", "version": 1}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "Say why the date changes" in answer.content.decode()


def test_without_scripts_the_person_is_led_back_and_told(cast: Cast, action: ActionItem, client_for) -> None:
    values = {"state": "done", "state_note": "Runs", "version": 1}
    answer = client_for(cast.kehl).post(f"{LOG}{action.pk}/state/", values, follow=True)
    page = answer.content.decode()
    assert "The state was changed." in page and "Completion note" in page and "Runs" in page


# Live parts


def test_region_of_a_town_is_for_its_own_people(cast: Cast, action: ActionItem) -> None:
    region = f"town-actions-{Accession.objects.get(municipality=cast.town('kehl')).pk}"
    names = ("kehl", "mayor", "coordinator", "achern", "guide", "guest", "other")
    seen = {name: audience_of(region, getattr(cast, name)) for name in names}
    own = {"kehl": "town", "mayor": "town", "coordinator": "coordinator"}
    assert seen == {**dict.fromkeys(names), **own}
    assert "Introduce the e-file" in render(region, "town", "de")


def test_my_region_is_mine(cast: Cast) -> None:
    make_action(cast, title="Ask the supplier", person=cast.kehl)
    region = f"my-actions-{cast.kehl.pk}"
    seen = {name: audience_of(region, getattr(cast, name)) for name in ("kehl", "coordinator", "mayor", "other")}
    assert seen == {"kehl": "me", "coordinator": None, "mayor": None, "other": None}
    assert "Ask the supplier" in render(region, "me", "en")


def test_no_region_tells_another_network_anything(cast: Cast, action: ActionItem) -> None:
    for region in (f"action-log-{cast.network.pk}", f"action-item-{action.pk}", "action-item-999999"):
        assert audience_of(region, cast.other) is None
    assert audience_of(f"action-log-{cast.network.pk}", cast.guest) is None


def test_a_region_is_the_same_in_page_and_over_the_socket(filled: Cast, client_for) -> None:
    page = client_for(filled.kehl).get(f"{LOG}?state=all").content.decode()
    assert render(f"action-log-{filled.network.pk}~state=all", "member", "en") in page


def test_pages_take_the_same_number_of_queries_for_1_and_50(cast: Cast, meeting: Meeting, client_for) -> None:
    client = client_for(cast.kehl)
    item = born_in(meeting, make_action(cast, person=cast.kehl, due_on=days(-1)))
    town = Accession.objects.get(municipality=cast.town("kehl"))

    def counted() -> list[int]:
        pages = [LOG, f"{LOG}?state=all&q=file", f"/api{LOG}"]
        regions = [f"my-actions-{cast.kehl.pk}", f"town-actions-{town.pk}"]
        reads = [partial(client.get, page) for page in pages] + [partial(render, r, "town", "en") for r in regions]
        return [queries_of(read) for read in reads]

    client.get(LOG)
    few = counted()
    for number in range(49):
        person = (cast.kehl, cast.achern, cast.guide)[number % 3]
        action = make_action(cast, title=f"e-file {number}", municipality=None, person=person, due_on=days(number))
        RecordedAction.objects.create(item=item, action_item=action)
    assert counted() == few


def queries_of(read: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        read()
    return len(queries)


def test_the_log_in_german_names_states_in_german(filled: Cast, client_for) -> None:
    page = client_for(filled.kehl, language="de").get(LOG).content.decode()
    assert '<html lang="de"' in page
