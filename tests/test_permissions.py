"""The permission table: every address, every live region, the poll endpoint; for every role, strangers and nobody.

The expectations stand in tests/permissions/urls.py and regions.py. An address or region without a row fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.permissions.urls import OF_A_NETWORK, OPERATOR, SITE, SITE_ARGS, Row, path_of
from tests.permissions.world import OWN, STRANGERS, World, everything, make_world, undone

HTMX = {"hx-request": "true"}
POSTABLE = [name for name, row in OF_A_NETWORK.items() if row.post is not None]
WITH_IDS = [name for name, row in OF_A_NETWORK.items() if row.has_ids or row.seen_by != frozenset(OWN)]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def addresses(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and pattern of every address the project answers."""
    for pattern in patterns or get_resolver().url_patterns:
        where = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, where)
        else:
            assert isinstance(pattern, URLPattern)
            yield str(pattern.name), where


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    ours = {name for name, where in addresses() if not where.startswith(OPERATOR)}
    assert ours == set(OF_A_NETWORK) | set(SITE)
    assert not set(OF_A_NETWORK) & set(SITE)


def test_every_address_of_a_network_stands_in_the_networks_table() -> None:
    of_a_network = {name for name, where in addresses() if "<slug:slug>" in where}
    assert of_a_network == set(OF_A_NETWORK)


def expected(row: Row, who: str, through: frozenset[str] | None, done: int) -> int:
    """Return the status that the table promises a person."""
    if through is None:
        return 405
    if who in through:
        return done
    return 403 if who in row.seen_by else 404


def sent(world: World, name: str, who: str) -> dict[str, Any]:
    """Return the body with which that person would get through; for who would not, the coordinator's."""
    row = OF_A_NETWORK[name]
    sender = who if who in (row.get or row.post or ()) else "coordinator"
    with undone():
        return row.body(world, path_of(name, world.own), sender)


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_what_each_role_sees(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    seen, promised = {}, {}
    for who in OWN:
        query = {"v": "0"} if name == "live_poll" else {}
        seen[who] = world.client(who).get(path, query).status_code
        promised[who] = expected(row, who, row.get, 200)
    assert seen == promised


@pytest.mark.parametrize("name", POSTABLE)
def test_what_each_role_may_change(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    seen, promised, crept_in = {}, {}, []
    before = everything()
    for who in OWN:
        body = sent(world, name, who)
        with undone():
            seen[who] = world.client(who).post(path, headers=HTMX, **as_request(body)).status_code
            changed = everything() != before
        promised[who] = expected(row, who, row.post, row.done)
        if changed != (promised[who] == row.done):
            crept_in.append(who)
    assert seen == promised
    assert not crept_in, "changed although refused, or answered done and changed nothing"


def as_request(body: dict[str, Any]) -> dict[str, Any]:
    return body if "content_type" in body else {"data": body}


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_strangers_see_nothing_and_change_nothing(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    body = as_request(sent(world, name, "coordinator")) if row.post is not None else {}
    before = everything()
    for who in STRANGERS:
        client = world.client(who)
        answers = [client.get(path, {"v": "0"}), client.get(path, headers=HTMX)]
        answers += [client.post(path, headers=HTMX, **body), client.post(path, **body)]
        for number, answer in enumerate(answers):
            is_get = number < 2
            absent = (row.get if is_get else row.post) is None
            assert answer.status_code == 404 or (absent and answer.status_code == 405), (who, number)
            assert world.own.network.name not in answer.content.decode()
    assert everything() == before


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_nobody_is_asked_to_sign_in(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    body = as_request(sent(world, name, "coordinator")) if row.post is not None else {}
    before = everything()
    client = world.client("anonymous")
    there = {"GET": row.get is not None, "POST": row.post is not None}
    for method, plain, background in (
        ("GET", client.get(path), client.get(path, headers=HTMX)),
        ("POST", client.post(path, **body), client.post(path, headers=HTMX, **body)),
    ):
        if not there[method] and plain.status_code == 405:
            continue
        assert plain.status_code == row.signed_out
        assert background.status_code == (401 if row.signed_out == 302 else row.signed_out)
        if row.signed_out == 302:
            assert plain["Location"].startswith("/accounts/login/?next=/n/ortenau/")
    assert everything() == before


@pytest.mark.parametrize("name", [name for name in OF_A_NETWORK if len(OF_A_NETWORK[name].args.__code__.co_names)])
def test_ids_of_others_are_like_ids_of_nothing(world: World, name: str) -> None:
    """A foreign object under the own slug, an own one under the foreign slug, and one that never was: the same 404."""
    row = OF_A_NETWORK[name]
    body = as_request(sent(world, name, "coordinator")) if row.post is not None else {}
    foreign = path_of(name, world.foreign, slug="ortenau")
    absent = reverse(name, args=["ortenau", *(beyond(arg) for arg in row.args(world.own))])
    under_their_slug = path_of(name, world.own, slug="regional-digital")
    before = everything()
    client, other = world.client("coordinator"), world.client("other")
    for method in ("get", "post"):
        allowed = (row.get if method == "get" else row.post) is not None
        more = body if method == "post" else {}
        told = []
        for path in (foreign, absent):
            # An id may by chance exist on both sides (a decision's number): then it is the own one.
            if path == path_of(name, world.own):
                continue
            answer = getattr(client, method)(path, **more)
            assert answer.status_code == (404 if allowed else 405), path
            told.append(answer.content.replace(path.encode(), b"").replace(csrf_of(answer), b""))
        assert len(set(told)) <= 1, "the answer tells apart what is not theirs and what is not there"
        if under_their_slug != path_of(name, world.foreign):
            assert getattr(other, method)(under_their_slug, **more).status_code == (404 if allowed else 405)
        assert getattr(client, method)(under_their_slug, **more).status_code in ((404,) if allowed else (404, 405))
    assert everything() == before


def beyond(arg: Any) -> Any:
    return 987654321 if isinstance(arg, int) else "2026-987"


def csrf_of(answer: Any) -> bytes:
    token = answer.context and answer.context.get("csrf_token")
    return str(token).encode() if token else b"\0"


@pytest.mark.parametrize("name", [name for name in OF_A_NETWORK if "<int:" in dict(addresses())[name]])
def test_ids_beyond_any_database(world: World, name: str) -> None:
    row = OF_A_NETWORK[name]
    path = reverse(name, args=["ortenau", *(10**30 for _arg in row.args(world.own))])
    client = world.client("coordinator")
    assert client.get(path).status_code == (404 if row.get is not None else 405)
    assert client.post(path).status_code == (404 if row.post is not None else 405)


@pytest.mark.parametrize("name", POSTABLE)
def test_without_the_token_of_the_page_nothing_is_changed(world: World, name: str) -> None:
    path = path_of(name, world.own)
    body = as_request(sent(world, name, "coordinator"))
    client = world.client("coordinator", csrf=True)
    before = everything()
    assert client.post(path, **body).status_code == 403
    assert client.post(path, headers={**HTMX, "x-csrftoken": "a" * 64}, **body).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_other_methods_do_nothing(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    client = world.client("coordinator")
    before = everything()
    wrong = ["put", "patch", "delete", "trace"]
    wrong += ["get"] if row.get is None else []
    wrong += ["post"] if row.post is None else []
    statuses = {method: getattr(client, method)(path).status_code for method in wrong}
    assert statuses == dict.fromkeys(wrong, 405)
    assert everything() == before


# -- addresses of no network ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SITE)
def test_addresses_of_no_network(world: World, name: str) -> None:
    path = reverse(name, args=SITE_ARGS.get(name, lambda world: [])(world))
    asked = [("anonymous", "get"), ("kehl", "get"), ("anonymous", "post"), ("kehl", "post")]
    seen = []
    for (who, method), promised in zip(asked, SITE[name], strict=True):
        client = Client(headers={"accept-language": "en"})
        if who != "anonymous":
            client.force_login(world.people[who])
        with undone():
            answer = getattr(client, method)(path)
        to = answer.headers.get("Location", "").partition("?")[0]
        seen.append(to if isinstance(promised, str) and answer.status_code == 302 else answer.status_code)
    assert tuple(seen) == SITE[name]


@pytest.mark.parametrize("name", [name for name, row in SITE.items() if row[2] != 405])
def test_forms_of_no_network_need_the_token_of_the_page(world: World, name: str) -> None:
    path = reverse(name, args=SITE_ARGS.get(name, lambda world: [])(world))
    client = world.client("anonymous", csrf=True)
    before = everything()
    # The REST schema is only read; its 403 is that of the signed out.
    assert client.post(path).status_code == 403
    assert everything() == before


def operator_paths() -> list[str]:
    found = []
    for _name, where in addresses():
        if where.startswith(OPERATOR):
            where = where.replace("<path:object_id>", "1").replace("<int:content_type_id>", "1")
            where = where.replace("<path:object_id>", "1").replace("<str:id>", "1")
            found.append("/" + where.removesuffix("$").replace("(?P<app_label>", "").split("^")[0])
    return sorted(set(found))


def test_only_operators_reach_the_operators_pages(world: World) -> None:
    paths = [path for path in operator_paths() if not path.endswith(("/login/", "/jsi18n/", "/logout/"))]
    assert len(paths) > 10
    before = everything()
    for who in (*OWN, *STRANGERS, "anonymous"):
        client = world.client(who)
        for path in paths:
            for answer in (client.get(path), client.post(path)):
                assert answer.status_code in (302, 403, 404, 405), (who, path)
                if answer.status_code == 302:
                    assert "login" in answer["Location"] or answer["Location"].startswith("/operator/"), path
    assert everything() == before


def test_an_operator_without_rights_sees_no_tables(world: World) -> None:
    person = world.people["nobody"]
    person.is_staff = True
    person.save()
    client = world.client("nobody")
    assert client.get("/operator/").status_code == 200
    assert client.get("/operator/network/person/").status_code == 403
    assert client.get("/n/ortenau/").status_code == 404, "an operator is no member"
