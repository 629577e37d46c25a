"""Every query of every page on PostgreSQL, too: each address is read, each form is sent once as in the table.

On SQLite tests/test_permissions.py asks all this of each role, so these tests run on PostgreSQL only.
"""

from __future__ import annotations

import pytest

from collab.live.regions import region_id, render
from tests.permissions.regions import REGIONS
from tests.permissions.urls import OF_A_NETWORK, path_of
from tests.permissions.world import OWN, World, undone
from tests.test_permissions import HTMX, POSTABLE, as_request, expected, sent

pytestmark = pytest.mark.postgres
# Who sees everything, who sees what is their own town's, who sees least.
SOME = ("coordinator", "kehl", "guest")


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_every_address_is_read(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    query = {"v": "0"} if name == "live_poll" else {}
    seen = {who: world.client(who).get(path, query).status_code for who in SOME}
    assert seen == {who: expected(row, who, row.get, row.found) for who in SOME}


@pytest.mark.parametrize("name", POSTABLE)
def test_every_form_is_sent(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    through = next((who for who in OWN if who in (row.post or ())), "coordinator")
    for who in {through, "guest"}:
        body = as_request(sent(world, name, who))
        with undone():
            answer = world.client(who).post(path, headers=HTMX, **body)
        assert answer.status_code == expected(row, who, row.post, row.done), who


@pytest.mark.parametrize("name", REGIONS)
def test_every_region_is_rendered(world: World, name: str) -> None:
    row = REGIONS[name]
    identifier = region_id(name, row.pk(world.own))
    for audience in sorted(set(row.audience.values())):
        assert f'id="{identifier}"' in render(identifier, audience, "de")
