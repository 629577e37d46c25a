"""All changes of a network, page by page."""

from __future__ import annotations

import re

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from collab.live.log import record
from collab.live.verbs import quiet
from tests.conftest import Cast
from tests.network.conftest import Desk

PATH = "/n/ortenau/changes/"


def happen(cast: Cast, how_often: int, verb: str = "operator") -> None:
    for number in range(how_often):
        with transaction.atomic():
            record(cast.network, verb=verb, actor=None, obj=cast.kehl, regions=[], params={"name": f"No. {number}."})


def test_the_feed_leads_to_all_changes(cast: Cast, client_for) -> None:
    happen(cast, 1)
    assert f'href="{PATH}"' in client_for(cast.kehl).get("/n/ortenau/").content.decode()


def test_the_newest_first_fifty_a_page(cast: Cast, client_for) -> None:
    happen(cast, 60)
    browser = client_for(cast.kehl)
    numbers = [re.findall(r"No\. (\d+)\.", browser.get(PATH, {"page": page}).content.decode()) for page in (1, 2)]
    assert numbers[0] == [str(n) for n in range(59, 9, -1)]
    assert numbers[1] == [str(n) for n in range(9, -1, -1)]
    assert browser.get(PATH, {"page": "nonsense"}).status_code == 200


def test_the_steps_of_a_meeting_and_other_networks_are_left_out(desk: Desk, cast: Cast, client_for) -> None:
    happen(cast, 3, verb=sorted(quiet())[0])
    page = client_for(cast.kehl).get(PATH).content.decode()
    assert "Nothing has happened yet" in page
    desk.invite(name="Somebody new")
    assert "Somebody new" in client_for(cast.kehl).get(PATH).content.decode()
    assert "Somebody new" not in client_for(cast.other).get("/n/regional-digital/changes/").content.decode()


def test_what_changed_since_the_last_visit_is_marked(cast: Cast, client_for) -> None:
    happen(cast, 1)
    cast.kehl.visit_before_at = cast.kehl.last_seen_at = cast.network.created_at
    cast.kehl.save()
    page = client_for(cast.kehl).get(PATH).content.decode()
    assert re.search(r'data-last-visit="\d{4}-', page)
    assert re.search(r'<li id="change-\d+" data-changed-at="\d{4}-[^"]+Z"', page)


def test_guests_are_not_told(cast: Cast, client_for) -> None:
    assert client_for(cast.guest).get(PATH).status_code == 404
    assert client_for(cast.other).get(PATH).status_code == 404


def test_a_full_page_costs_as_many_queries_as_a_short_one(cast: Cast, client_for) -> None:
    browser = client_for(cast.kehl)
    happen(cast, 1)
    browser.get(PATH)
    with CaptureQueriesContext(connection) as short:
        browser.get(PATH)
    happen(cast, 49)
    with CaptureQueriesContext(connection) as long:
        browser.get(PATH)
    assert len(long) == len(short)
