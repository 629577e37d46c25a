"""The permission table: every address, every live region, the poll endpoint; for every role, strangers and nobody.

The expectations stand in tests/permissions/urls.py and regions.py. An address or region without a row fails here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from collab.live.regions import audience_of, region_id, region_names, render
from tests.permissions.regions import HOSTILE, REGIONS
from tests.permissions.urls import OF_A_NETWORK, OPERATOR, SITE, SITE_ARGS, Row, path_of
from tests.permissions.world import OWN, STRANGERS, World, everything, rows_written, undone, watch

# Who may do what does not depend on the database; once is enough.
pytestmark = pytest.mark.sqlite_only
HTMX = {"hx-request": "true"}
POSTABLE = [name for name, row in OF_A_NETWORK.items() if row.post is not None]
WITH_IDS = [name for name, row in OF_A_NETWORK.items() if row.has_ids or row.seen_by != frozenset(OWN)]


# Regions of lists: a filter makes a variant.
FILTERED = (
    "action-board",
    "action-log",
    "board",
    "circulars",
    "coverage",
    "coverage-town",
    "decision-log",
    "minutes-list",
    "question-list",
)


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
    return 403 if row.is_seen_by(who) else 404


def sent(world: World, name: str, who: str) -> dict[str, Any]:
    """Return the body with which that person would get through; for who would not, the coordinator's."""
    row = OF_A_NETWORK[name]
    sender = who if who in (row.get or row.post or ()) else "coordinator"
    world.client(sender)
    with undone():
        return row.body(world, path_of(name, world.own), sender)


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_what_each_role_sees(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    seen, promised = {}, {}
    for who in OWN:
        query = {"v": "0"} if name == "live_poll" else {}
        seen[who] = world.client(who).get(path, query).status_code
        promised[who] = expected(row, who, row.get, row.found)
    assert seen == promised


@pytest.mark.parametrize("name", POSTABLE)
def test_what_each_role_may_change(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    seen, promised, crept_in = {}, {}, []
    before = everything()
    refused = as_request(sent(world, name, "coordinator"))
    for who in OWN:
        # Whom the page is not for sends what the coordinator sends, and it is the same each time.
        is_for_them = who in (row.get or row.post or ())
        body, client = as_request(sent(world, name, who)) if is_for_them else from_the_start(refused), world.client(who)
        with undone():
            written = rows_written()
            seen[who] = client.post(path, headers=HTMX, **body).status_code
            changed = rows_written() != written and everything() != before
        promised[who] = expected(row, who, row.post, row.done)
        if changed != (promised[who] == row.done):
            crept_in.append(who)
    assert seen == promised
    assert not crept_in, "changed although refused, or answered done and changed nothing"


def as_request(body: dict[str, Any]) -> dict[str, Any]:
    return body if "content_type" in body else {"data": body}


def from_the_start(request: dict[str, Any]) -> dict[str, Any]:
    """The same request again: files are read from their beginning."""
    for value in request["data"].values() if isinstance(request["data"], dict) else ():
        if hasattr(value, "seek"):
            value.seek(0)
    return request


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_strangers_see_nothing_and_change_nothing(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    body = as_request(sent(world, name, "coordinator")) if row.post is not None else {}
    unchanged = watch()
    for who in STRANGERS:
        client = world.client(who)
        answers = [client.get(path, {"v": "0"}), client.get(path, headers=HTMX)]
        answers += [client.post(path, headers=HTMX, **body), client.post(path, **body)]
        for number, answer in enumerate(answers):
            is_get = number < 2
            absent = (row.get if is_get else row.post) is None
            assert answer.status_code == 404 or (absent and answer.status_code == 405), (who, number)
            assert world.own.network.name not in answer.content.decode()
    unchanged()


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_nobody_is_asked_to_sign_in(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    body = as_request(sent(world, name, "coordinator")) if row.post is not None else {}
    unchanged = watch()
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
    unchanged()


@pytest.mark.parametrize("name", [name for name in OF_A_NETWORK if len(OF_A_NETWORK[name].args.__code__.co_names)])
def test_ids_of_others_are_like_ids_of_nothing(world: World, name: str) -> None:
    """A foreign object under the own slug, an own one under the foreign slug, and one that never was: the same 404."""
    row = OF_A_NETWORK[name]
    body = as_request(sent(world, name, "coordinator")) if row.post is not None else {}
    foreign = path_of(name, world.foreign, slug="ortenau")
    absent = reverse(name, args=["ortenau", *(beyond(arg) for arg in row.args(world.own))])
    under_their_slug = path_of(name, world.own, slug="regional-digital")
    unchanged = watch()
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
            content = re.sub(rb'data-server-now="[^"]*"', b"", answer.content)  # the clock goes on
            told.append(content.replace(path.encode(), b"").replace(csrf_of(answer), b""))
        assert len(set(told)) <= 1, "the answer tells apart what is not theirs and what is not there"
        if under_their_slug != path_of(name, world.foreign):
            assert getattr(other, method)(under_their_slug, **more).status_code == (404 if allowed else 405)
        assert getattr(client, method)(under_their_slug, **more).status_code in ((404,) if allowed else (404, 405))
    unchanged()


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
    unchanged = watch()
    assert client.post(path, **body).status_code == 403
    assert client.post(path, headers={**HTMX, "x-csrftoken": "a" * 64}, **body).status_code == 403
    unchanged()


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_other_methods_do_nothing(world: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, world.own)
    client = world.client("coordinator")
    unchanged = watch()
    wrong = ["put", "patch", "delete", "trace"]
    wrong += ["get"] if row.get is None else []
    wrong += ["post"] if row.post is None else []
    statuses = {method: getattr(client, method)(path).status_code for method in wrong}
    assert statuses == dict.fromkeys(wrong, 405)
    unchanged()


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
            if name == "invitation_page":
                client.get(reverse("invitation", args=[world.token]))
            answer = getattr(client, method)(path)
        to = answer.headers.get("Location", "").partition("?")[0]
        seen.append(to if isinstance(promised, str) and answer.status_code == 302 else answer.status_code)
    assert tuple(seen) == SITE[name]


@pytest.mark.parametrize("name", [name for name, row in SITE.items() if row[2] != 405])
def test_forms_of_no_network_need_the_token_of_the_page(world: World, name: str) -> None:
    path = reverse(name, args=SITE_ARGS.get(name, lambda world: [])(world))
    client = world.client("anonymous", csrf=True)
    unchanged = watch()
    # The REST schema is only read; its 403 is that of the signed out.
    assert client.post(path).status_code == 403
    unchanged()


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
    unchanged = watch()
    for who in (*OWN, *STRANGERS, "anonymous"):
        client = world.client(who)
        for path in paths:
            for answer in (client.get(path), client.post(path)):
                assert answer.status_code in (302, 403, 404, 405), (who, path)
                if answer.status_code == 302:
                    assert "login" in answer["Location"] or answer["Location"].startswith("/operator/"), path
    unchanged()


def test_an_operator_without_rights_sees_no_tables(world: World) -> None:
    person = world.people["nobody"]
    person.is_staff = True
    person.save()
    client = world.client("nobody")
    assert client.get("/operator/").status_code == 200
    assert client.get("/operator/network/person/").status_code == 403
    assert client.get("/n/ortenau/").status_code == 404, "an operator is no member"


# -- live regions -----------------------------------------------------------------------------------------------------


def test_every_region_has_a_row() -> None:
    assert region_names() == sorted(REGIONS)


@pytest.mark.parametrize("name", REGIONS)
def test_who_sees_a_region_and_as_what(world: World, name: str) -> None:
    row = REGIONS[name]
    own, foreign = region_id(name, row.pk(world.own)), region_id(name, row.pk(world.foreign))
    # Only memberships that are open reach this question; of the others the next tests ask the door.
    seen = {who: audience_of(own, world.members[who]) for who in OWN}
    assert seen == {who: row.audience.get(who) for who in OWN}
    for who in OWN:
        assert audience_of(foreign, world.members[who]) is None
        assert audience_of(region_id(name, 987654321), world.members[who]) is None
    for who in ("other", "other_officer"):
        assert audience_of(own, world.members[who]) is None
    # A filter changes what is shown, not who may see it; a region without filters has none, not even a hostile one.
    filtered = name in FILTERED
    for who in OWN:
        assert audience_of(f"{own}~q=e", world.members[who]) == (row.audience.get(who) if filtered else None)


@pytest.mark.parametrize("name", REGIONS)
def test_a_former_member_has_no_audience(world: World, name: str) -> None:
    own = region_id(name, REGIONS[name].pk(world.own))
    for who in OWN:
        world.members[who].ended_on = timezone.localdate()
    assert poll(world, "former", [own]).status_code == 404
    gone = {who for who in OWN if audience_of(own, world.members[who])}
    # The door closes before these are asked (`find_membership`); none of them may grow a right of its own.
    assert gone <= {who for who in OWN if who in REGIONS[name].audience}


@pytest.mark.parametrize("name", REGIONS)
def test_every_audience_can_be_rendered_in_both_languages(world: World, name: str) -> None:
    row = REGIONS[name]
    identifier = region_id(name, row.pk(world.own))
    for audience in sorted(set(row.audience.values())):
        for language in ("de", "en"):
            assert f'id="{identifier}"' in render(identifier, audience, language)


def poll(world: World, who: str, regions: list[str], *, slug: str = "ortenau", v: Any = -1) -> Any:
    return world.client(who).get(reverse("live_poll", args=[slug]), {"v": v, "r": regions})


def test_polling_brings_what_may_be_seen_and_nothing_else(world: World) -> None:
    own = {name: region_id(name, row.pk(world.own)) for name, row in REGIONS.items()}
    foreign = {name: region_id(name, row.pk(world.foreign)) for name, row in REGIONS.items()}
    asked = [*own.values()][:10] + [*foreign.values()][:10]
    for who in OWN:
        visible = {own[name] for name, row in REGIONS.items() if who in row.audience}
        for regions, seen in ((own, visible), (foreign, set())):
            answer = poll(world, who, [*regions.values()])
            told = answer.json()
            assert {region["id"] for region in told["regions"]} == seen
            assert set(told["gone"]) == set(regions.values()) - seen
            assert "Regional" not in answer.content.decode()
    for who, status in (("other", 404), ("former", 404), ("nobody", 404), ("anonymous", 401)):
        answer = poll(world, who, asked)
        assert answer.status_code == status
        assert "Ortenau" not in answer.content.decode()


def test_a_guest_who_polls_reads_of_nothing_else(world: World) -> None:
    """Neither titles nor sentences of what they may not see, in the regions they may."""
    asked = [region_id(name, row.pk(world.own)) for name, row in REGIONS.items()]
    for who in ("guest", "guest_at_item", "guest_elsewhere"):
        for since in (-1, 0):
            text = poll(world, who, asked, v=since).content.decode()
            assert "Ortenau action" not in text
            assert "Ortenau invited" not in text
            assert "Ortenau series" not in text
    assert "Ortenau" not in poll(world, "guest_elsewhere", asked).content.decode()


def test_guessing_tells_nothing(world: World) -> None:
    """What is not theirs and what is not there are answered alike, up to the id that was asked."""
    for name, row in REGIONS.items():
        answers = set()
        for pk in (row.pk(world.foreign), 987654321):
            identifier = region_id(name, pk)
            for since in (-1, 0, 10**6):
                answers.add(poll(world, "coordinator", [identifier], v=since).content.decode().replace(identifier, ""))
        assert len(answers) == 1, name


@pytest.mark.parametrize("identifier", HOSTILE, ids=lambda text: repr(text)[:30])
def test_hostile_region_ids(world: World, identifier: str) -> None:
    for who in ("coordinator", "guest", "other"):
        audience_of(identifier, world.members[who])
        answer = poll(world, who, [identifier])
        assert answer.status_code in (200, 404)
        assert answer["Content-Type"] == "application/json"
        for region in answer.json().get("regions", []):
            assert "<script>" not in region["html"]


@pytest.mark.parametrize("v", ["", "abc", "1.5", "9" * 5000, "\0", "1 or 1", "[]"])
def test_polling_with_a_version_that_is_none(world: World, v: str) -> None:
    assert poll(world, "kehl", [], v=v).status_code == 400


@pytest.mark.parametrize("v", [-(10**30), -1, 10**18, 10**30])
def test_polling_with_a_version_from_nowhere(world: World, v: int) -> None:
    answer = poll(world, "kehl", [region_id("members", world.own.network.pk)], v=v)
    assert answer.status_code == 200
    assert len(answer.json()["regions"]) == 1, "a screen that cannot be right is given everything"


def test_no_more_regions_than_a_page_has(world: World) -> None:
    asked = [f"action-log-{world.own.network.pk}~page={k}" for k in range(500)]
    assert len(poll(world, "kehl", asked).json()["regions"]) <= 100
