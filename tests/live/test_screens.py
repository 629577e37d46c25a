"""The live layer from outside: real sockets on a real Daphne, as a page of ours would speak with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.live.site import Site

# They bring a server with a database of its own, so the second run would only repeat the first.
pytestmark = [pytest.mark.services, pytest.mark.sqlite_only]


def open_socket(site: Site, who: str) -> ClientConnection:
    url = site.server.url.replace("http", "ws")
    headers = {"Cookie": f"sessionid={site.sessions[who]}", "Origin": site.server.url}
    # Who never reads does not see the farewell either: it is not waited for.
    closing = {"open_timeout": 10, "close_timeout": 0.5}
    return connect(f"{url}/ws/n/ortenau/", additional_headers=headers, **closing).__enter__()


class Screen:
    """A page that shows some regions: it remembers the newest text of each, as the browser does."""

    def __init__(self, site: Site, who: str, regions: list[str], language: str = "en", version: int = 0) -> None:
        self.socket = open_socket(site, who)
        self.regions: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self.received = 0
        self.version = version
        self.send(t="hello", v=version, regions=regions, lang=language)
        self.until(lambda message: message["t"] == "ready")

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def until(self, found: Any) -> dict[str, Any]:
        """Take messages until `found(message)`; raises TimeoutError when it does not come."""
        while True:
            frame = json.loads(self.socket.recv(timeout=10))
            # What is sent at once comes as a list.
            messages = frame if isinstance(frame, list) else [frame]
            for message in messages:
                self.take(message)
            for message in messages:
                if found(message):
                    return message

    def take(self, message: dict[str, Any]) -> None:
        if message["t"] in ("ready", "beat"):
            self.version = message["v"]
        elif message["t"] == "gone":
            self.gone.add(message["id"])
            self.received += 1
        else:
            self.regions[message["id"]] = message
            self.received += 1

    def sees(self, region: str, text: str) -> dict[str, Any]:
        """Wait until the region shows the text."""
        if region in self.regions and text in self.regions[region]["html"]:
            return self.regions[region]
        return self.until(lambda message: message.get("id") == region and text in message.get("html", ""))

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()


def press_next(site: Site, expected: str) -> None:
    with site.http("coordinator") as chair:
        url = site.path(f"meetings/{site.ids['meeting']}/next/")
        answer = chair.post(url, data={"expected": str(site.ids[expected])})
        assert answer.status_code == 204, answer.text


def test_a_change_is_on_every_screen_with_the_controls_of_each(site: Site) -> None:
    active = site.region("meeting-active")
    with (
        Screen(site, "coordinator", [active], version=99) as chair,
        Screen(site, "kehl", [active], version=99) as member,
        Screen(site, "mayor", [active], "de", version=99) as mayor,
    ):
        press_next(site, "item1")
        shown = [screen.sees(active, 'room__title" title="Zwei">Zwei<') for screen in (chair, member, mayor)]
        assert "/next/" in shown[0]["html"]
        assert "/next/" not in shown[1]["html"]
        assert "/next/" not in shown[2]["html"]
        assert [said[2] for kind in shown[0]["news"] for said in kind["of"]] == ["Item 2 started: Zwei"]
        assert shown[0]["v"] == shown[1]["v"] == shown[2]["v"]


def test_a_screen_that_was_away_gets_only_what_is_stale(site: Site) -> None:
    active, log = site.region("meeting-active"), site.region("meeting-log")
    with Screen(site, "kehl", [active, log], version=-1) as before:
        version = before.version
        assert set(before.regions) == {active, log}
    press_next(site, "item1")
    with Screen(site, "kehl", [active, log], version=version) as after:
        assert 'room__title" title="Zwei">Zwei<' in after.regions[active]["html"]
        assert log not in after.regions
        assert after.version == version + 1


def test_polling_brings_the_same_text(site: Site) -> None:
    active = site.region("meeting-active")
    press_next(site, "item1")
    with Screen(site, "kehl", [active], version=0) as screen, site.http("kehl") as browser:
        answer = browser.get(site.path("live/"), params={"v": 0, "r": [active]}).json()
        assert answer["regions"][0]["html"] == screen.regions[active]["html"]
        assert answer["version"] == screen.version
        again = browser.get(site.path("live/"), params={"v": answer["version"], "r": [active]}).json()
        assert again == {"version": answer["version"], "regions": [], "gone": []}


def test_a_beat_moves_the_page_on(site: Site) -> None:
    with Screen(site, "kehl", [site.region("meeting-log")], version=0) as screen:
        press_next(site, "item1")
        before = screen.version

        def beat(message: dict[str, Any]) -> bool:
            screen.send(t="beat", n=screen.received)
            return message["t"] == "beat" and message["v"] > before

        screen.send(t="beat", n=0)
        screen.until(beat)


def test_filtered_lists_are_regions_of_their_own(site: Site) -> None:
    everything = f"action-log-{site.ids['network']}"
    of_achern = f"{everything}~town=08317001"
    with Screen(site, "kehl", [everything, of_achern], version=99) as screen:
        url = site.path(f"items/{site.ids['item1']}/action/")
        with site.http("coordinator") as chair:
            data = {"title": "Angebot einholen", "who": "Kehl", "due": "none", "note": ""}
            assert chair.post(url, data=data).status_code == 204
            screen.sees(everything, "Angebot einholen")
            data = {"title": "Termin finden", "who": "Achern", "due": "none", "note": ""}
            assert chair.post(url, data=data).status_code == 204
        assert "Angebot einholen" not in screen.sees(of_achern, "Termin finden")["html"]


def test_after_a_crash_of_the_server_screens_catch_up(site: Site) -> None:
    active = site.region("meeting-active")
    with Screen(site, "kehl", [active], version=-1) as screen:
        version = screen.version
    press_next(site, "item1")
    site.server.kill()
    site.server.restart()
    with Screen(site, "kehl", [active], version=version) as screen:
        assert 'room__title" title="Zwei">Zwei<' in screen.regions[active]["html"]
        press_next(site, "item2")
        screen.sees(active, 'room__title" title="Drei">Drei<')


def test_a_screen_that_never_reads_does_not_keep_the_others_waiting(site: Site) -> None:
    active = site.region("meeting-active")
    deaf = [open_socket(site, "achern") for _one in range(4)]
    for one in deaf:
        one.send(json.dumps({"t": "hello", "v": -1, "regions": [active], "lang": "en"}))
    with Screen(site, "kehl", [active], version=-1) as screen:
        here, there = "item1", "item2"
        with site.http("coordinator") as chair:
            for _turn in range(20):
                jump = site.path(f"items/{site.ids[there]}/activate/")
                assert chair.post(jump, data={"expected": str(site.ids[here])}).status_code == 204
                here, there = there, here
        screen.until(lambda message: message.get("v", 0) >= 20 + 4)
    for one in deaf:
        one.close()
