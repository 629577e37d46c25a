"""Who may hold a socket, what it brings them, and when it is closed: real sockets on a real Daphne."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.live.site import Site
from tests.live.test_screens import Screen, press_next
from tests.permissions.regions import HOSTILE, REGIONS
from tests.servers import APPLICATION, asgi_server

pytestmark = [pytest.mark.services, pytest.mark.sqlite_only]
SIGNED_OUT, ACCESS_CHANGED, NO_ACCESS, BROKEN = 4401, 4403, 4404, 4400


@contextmanager
def running(template: tuple[Path, dict, dict], folder: Path, beat: str) -> Iterator[Site]:
    source, sessions, ids = template
    shutil.copytree(source, folder, dirs_exist_ok=True)
    env = {**APPLICATION, "LIVE_BEAT_SECONDS": beat, "LIVE_CHECK_SECONDS": "0.5", "DATA_DIR": str(folder)}
    with asgi_server(env) as server:
        yield Site(server, env, sessions, ids)


@pytest.fixture
def calm(template: tuple[Path, dict, dict], tmp_path: Path) -> Iterator[Site]:
    """A server that looks at sessions and memberships so rarely that whatever happens happened at once."""
    with running(template, tmp_path, "600") as site:
        yield site


@pytest.fixture
def sweeping(template: tuple[Path, dict, dict], tmp_path: Path) -> Iterator[Site]:
    """A server that looks at sessions and memberships every second."""
    with running(template, tmp_path, "1") as site:
        yield site


def opened(
    site: Site, *, cookie: str = "", origin: str | None = None, path: str = "/ws/n/ortenau/"
) -> ClientConnection:
    headers = {"Cookie": cookie} if cookie else {}
    url = site.server.ws_url + path
    return connect(url, additional_headers=headers, origin=origin or site.server.url, open_timeout=10)


def closing_code(socket: Any) -> int | None:
    """Read until the server closes; return the code. Raises TimeoutError when it does not."""
    with pytest.raises(ConnectionClosed) as closed:
        for _message in range(200):
            socket.recv(timeout=10)
    return closed.value.rcvd.code if closed.value.rcvd else None


def told(screen: Screen) -> None:
    """Wait until everything the server wanted to tell this screen so far is there."""
    screen.send(t="beat", n=screen.received)
    screen.until(lambda message: message["t"] == "beat")


def in_database(site: Site, statement: str, *values: Any) -> None:
    with sqlite3.connect(Path(site.env["DATA_DIR"]) / "db.sqlite3", timeout=20) as database:
        assert database.execute(statement, values).rowcount == 1
    database.close()


def session(site: Site, who: str) -> str:
    return f"sessionid={site.sessions[who]}"


# -- the door ----------------------------------------------------------------------------------------------------------


def test_the_handshake_of_another_site_is_refused(calm: Site) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example", "x"):
        with pytest.raises(InvalidStatus) as refused:
            opened(calm, cookie=session(calm, "kehl"), origin=origin)
        assert refused.value.response.status_code in (400, 403), origin
    with pytest.raises(InvalidStatus):
        connect(f"{calm.server.ws_url}/ws/n/ortenau/", additional_headers={"Cookie": session(calm, "kehl")})


def test_strangers_are_shown_the_door(calm: Site) -> None:
    nobody = [
        "",
        "sessionid=",
        "sessionid=" + "x" * 32,
        "sessionid=" + "x" * 6000,
        "csrftoken=a",
        'sessionid="\\000aaaaaaa"',
    ]
    for cookie in nobody:
        with opened(calm, cookie=cookie) as socket:
            assert closing_code(socket) == SIGNED_OUT, cookie[:40]
    # Another network's, one that does not exist, and no address of ours: no difference.
    for who, path in (
        ("other", "/ws/n/ortenau/"),
        ("kehl", "/ws/n/regional-digital/"),
        ("kehl", "/ws/n/no-such-network/"),
        ("kehl", "/ws/n/" + "a" * 200 + "/"),
        ("kehl", "/ws/"),
        ("kehl", "/elsewhere"),
    ):
        with opened(calm, cookie=session(calm, who), path=path) as socket:
            assert closing_code(socket) == NO_ACCESS, (who, path)


# -- what it brings ----------------------------------------------------------------------------------------------------


def test_a_guest_is_told_nothing_of_what_they_may_not_see(calm: Site) -> None:
    ids = calm.ids
    keys = {"members": "network", "invitations": "network", "feed": "network", "action-log": "network"}
    keys |= {"decision-log": "network", "meeting-list": "network", "group-next": "group", "item": "item1"}
    asked = [
        f"{name}-{ids[keys.get(name, 'meeting')]}" for name in REGIONS if name not in ("guest-meetings", "my-actions")
    ]
    own = f"guest-meetings-{ids['guest']}"
    of_others = [f"my-actions-{ids['kehl']}", f"guest-meetings-{ids['kehl']}", f"my-actions-{ids['other']}"]
    with Screen(calm, "guest", [*asked, *of_others, own], version=-1) as guest:
        assert set(guest.regions) == {own}
        assert guest.gone == {*asked, *of_others}
        guest.regions.clear()
        guest.gone.clear()
        with Screen(calm, "coordinator", [f"meeting-active-{ids['meeting']}"], version=-1) as chair:
            press_next(calm, "item1")
            chair.sees(f"meeting-active-{ids['meeting']}", "Zwei")
        told(guest)
        assert not guest.regions and not guest.gone


def test_another_network_hears_nothing(calm: Site) -> None:
    with opened(calm, cookie=session(calm, "other"), path="/ws/n/regional-digital/") as socket:
        asked = [f"meeting-active-{calm.ids['meeting']}", f"feed-{calm.ids['network']}", "meeting-active-987654321"]
        socket.send(json.dumps({"t": "hello", "v": 0, "regions": asked, "lang": "en"}))
        press_next(calm, "item1")
        socket.send(json.dumps({"t": "beat", "n": 0}))
        heard: list[dict[str, Any]] = []
        while not any(message["t"] == "beat" for message in heard):
            frame = json.loads(socket.recv(timeout=10))
            heard += frame if isinstance(frame, list) else [frame]
        assert {message["t"] for message in heard} <= {"gone", "ready", "beat"}
        assert {message["id"] for message in heard if message["t"] == "gone"} == set(asked), "not there, or not theirs"


# -- when it is closed -------------------------------------------------------------------------------------------------


def test_signing_out_closes_the_sockets_of_that_session_at_once(calm: Site) -> None:
    with Screen(calm, "kehl", []) as kehl, Screen(calm, "kehl", []) as second_tab, Screen(calm, "achern", []) as achern:
        with calm.http("kehl") as browser:
            del browser.headers["HX-Request"]
            assert browser.post("/accounts/logout/").status_code == 302
        assert closing_code(kehl.socket) == SIGNED_OUT
        assert closing_code(second_tab.socket) == SIGNED_OUT
        told(achern)
    with opened(calm, cookie=session(calm, "kehl")) as again:
        assert closing_code(again) == SIGNED_OUT


def test_a_new_role_closes_the_socket_and_opens_with_the_new_rights(calm: Site) -> None:
    members = f"members-{calm.ids['network']}"
    with Screen(calm, "achern", [members], version=-1) as achern, Screen(calm, "mayor", []) as mayor:
        assert achern.regions
        role = {"role": "guest", "organisation": "KIT", "municipality": "", "shown": "officer/08317001/"}
        with calm.http("coordinator") as browser:
            answer = browser.post(calm.path(f"members/{calm.ids['achern']}/role/"), data=role)
            assert answer.status_code == 204, answer.text
        assert closing_code(achern.socket) == ACCESS_CHANGED
        told(mayor)
    with Screen(calm, "achern", [members], version=-1) as achern:
        assert achern.gone == {members}


def test_the_end_of_a_membership_closes_the_socket_for_good(calm: Site) -> None:
    with Screen(calm, "guide", []) as guide, Screen(calm, "mayor", []) as mayor:
        with calm.http("coordinator") as browser:
            assert browser.post(calm.path(f"members/{calm.ids['guide']}/end/"), data={"reason": ""}).status_code == 204
        assert closing_code(guide.socket) == ACCESS_CHANGED
        told(mayor)
    with opened(calm, cookie=session(calm, "guide")) as again:
        assert closing_code(again) == NO_ACCESS
    with calm.http("guide") as browser:
        assert browser.get(calm.path("")).status_code == 404


def test_who_keeps_silent_until_the_end_is_told_nothing_afterwards(calm: Site) -> None:
    """A socket opened in time and greeted with late: what counts is what holds now."""
    asked = [f"members-{calm.ids['network']}", f"meeting-agenda-{calm.ids['meeting']}"]
    late = json.dumps({"t": "hello", "v": -1, "regions": asked, "lang": "en"})
    with opened(calm, cookie=session(calm, "guide")) as guide, opened(calm, cookie=session(calm, "kehl")) as kehl:
        told_nothing = [guide, kehl]
        with calm.http("coordinator") as browser:
            assert browser.post(calm.path(f"members/{calm.ids['guide']}/end/"), data={"reason": ""}).status_code == 204
        in_database(calm, "DELETE FROM django_session WHERE session_key = ?", calm.sessions["kehl"])
        for socket in told_nothing:
            with pytest.raises(ConnectionClosed) as closed:
                socket.send(late)
                raise AssertionError(f"was told {socket.recv(timeout=10)!s:.80}")
            assert closed.value.rcvd is not None and closed.value.rcvd.code == ACCESS_CHANGED


def test_what_ends_without_a_word_is_noticed_at_the_next_look(sweeping: Site) -> None:
    person = "(SELECT person_id FROM network_membership WHERE id = ?)"
    with (
        Screen(sweeping, "kehl", []) as password_changed,
        Screen(sweeping, "achern", []) as session_deleted,
        Screen(sweeping, "guide", []) as switched_off,
        Screen(sweeping, "guest", []) as ended,
        Screen(sweeping, "coordinator", []) as stays,
    ):
        in_database(
            sweeping,
            f"UPDATE network_person SET password = 'x' WHERE id = {person}",
            sweeping.ids["kehl"],
        )
        in_database(sweeping, "DELETE FROM django_session WHERE session_key = ?", sweeping.sessions["achern"])
        in_database(
            sweeping,
            f"UPDATE network_person SET is_active = 0 WHERE id = {person}",
            sweeping.ids["guide"],
        )
        in_database(
            sweeping, "UPDATE network_membership SET ended_on = '2026-01-01' WHERE id = ?", sweeping.ids["guest"]
        )
        for gone in (password_changed, session_deleted, switched_off, ended):
            assert closing_code(gone.socket) == SIGNED_OUT
        told(stays)
    for who, code in (("kehl", SIGNED_OUT), ("achern", SIGNED_OUT), ("guide", SIGNED_OUT), ("guest", NO_ACCESS)):
        with opened(sweeping, cookie=session(sweeping, who)) as again:
            assert closing_code(again) == code, who


# -- those who do not speak properly -----------------------------------------------------------------------------------

HELLO: dict[str, Any] = {"t": "hello", "v": 0, "regions": [], "lang": "en"}
BEAT = json.dumps({"t": "beat", "n": 0})
MALFORMED: dict[str, str | bytes] = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "unknown kind": json.dumps({"t": "write"}),
    "no kind": "{}",
    "kind is a list": json.dumps({"t": ["hello"]}),
    "no version": json.dumps({"t": "hello", "regions": []}),
    "version is true": json.dumps({**HELLO, "v": True}),
    "version is a text": json.dumps({**HELLO, "v": "1"}),
    "version is not finite": '{"t": "hello", "v": NaN, "regions": []}',
    "language is a list": json.dumps({**HELLO, "lang": ["en"]}),
    "regions is a text": json.dumps({**HELLO, "regions": "members-1"}),
    "a region is a number": json.dumps({**HELLO, "regions": [1]}),
    "too many regions": json.dumps({**HELLO, "regions": ["members-1"] * 101}),
    "beat without number": json.dumps({"t": "beat"}),
    "too long": json.dumps({**HELLO, "regions": ["x" * 17_000]}),
    "much too long": json.dumps({**HELLO, "regions": ["x" * 900_000]}),
    "deep": "[" * 8000,
    "binary": b"\x00\xff",
    "digits": json.dumps({**HELLO})[:-1] + ', "n": ' + "9" * 9000 + "}",
}


def test_who_does_not_speak_properly_is_cut_off_and_nobody_else(calm: Site) -> None:
    active = f"meeting-active-{calm.ids['meeting']}"
    with Screen(calm, "coordinator", [active], version=-1) as chair:
        for what, message in MALFORMED.items():
            with opened(calm, cookie=session(calm, "kehl")) as socket:
                socket.send(message)
                assert closing_code(socket) in (BROKEN, 1009), what
        with opened(calm, cookie=session(calm, "kehl")) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                for _beat in range(500):
                    socket.send(BEAT)
                closing = closing_code(socket)
                raise ConnectionClosed(None, None) if closing == BROKEN else AssertionError(closing)
            assert closed.value.rcvd is None or closed.value.rcvd.code == BROKEN
        press_next(calm, "item1")
        chair.sees(active, "Zwei")


def test_hostile_regions_over_the_socket(calm: Site) -> None:
    active = f"meeting-active-{calm.ids['meeting']}"
    hostile = [*(one for one in HOSTILE if len(one) < 4000 and "~" not in one), "members-1~" + "x" * 600]
    mixed = [
        f"{active}~\x00",
        f"action-log-{calm.ids['network']}~q=%00",
        f"action-log-{calm.ids['network']}~page=" + "9" * 20,
    ]
    with Screen(calm, "coordinator", [active], version=-1) as chair:
        with Screen(calm, "kehl", [*hostile, *mixed], version=-1) as kehl:
            assert kehl.gone >= set(hostile)
            assert not any("<script>alert" in text["html"] for text in kehl.regions.values())
        # Half of a character: no text that could be sent.
        for region in (f"action-log-{calm.ids['network']}~q=\ud800", "\ud800-1"):
            with opened(calm, cookie=session(calm, "kehl")) as socket:
                socket.send(json.dumps({**HELLO, "v": -1, "regions": [region]}))
                assert closing_code(socket) == BROKEN
        for version in (10**30, -(10**30), 10**18):
            with Screen(calm, "kehl", [active], version=version) as kehl:
                assert set(kehl.regions) == {active}, version
        press_next(calm, "item1")
        chair.sees(active, "Zwei")
