"""What breaks in town halls: the network, the server, the proxy, Redis, the session. The page gets over it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.servers import AsgiServer, RedisServer, asgi_server

from .conftest import SitDown
from .steps import (
    ACHERN,
    COORDINATOR,
    KEHL,
    MAYOR,
    active_title,
    add_item,
    agenda_row,
    agenda_titles,
    csrf_token,
    dialog,
    expect_live,
    item_id,
    open_dialog,
    plan_meeting,
    send,
    state,
    submit,
    submit_dialog,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]

ADD = "[id^=meeting-agenda-][id$=-add]"
ITEM = "/n/ortenau/items"


def mark(page: Page) -> None:
    page.evaluate("() => { window.neverReloaded = true }")


def was_reloaded(page: Page) -> bool:
    return not page.evaluate("() => window.neverReloaded")


def test_a_screen_that_was_offline_during_ten_changes(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Funkloch", ("Erstens", "Zweitens"))
    mayor = sit_down(MAYOR, meeting)
    expect_live(mayor)
    mark(mayor)
    mayor.context.set_offline(True)
    expect(state(mayor)).to_have_attribute("data-state", "offline")
    expect(state(mayor)).not_to_be_empty()
    for number in range(3, 9):
        add_item(chair, meeting, f"Punkt {number}")
    first, second = item_id(mayor, "Erstens"), item_id(mayor, "Zweitens")
    send(chair, f"{ITEM}/{second}/move/", direction="up")
    send(chair, f"{meeting}open/")
    send(chair, f"{ITEM}/{second}/decision/", wording="Beschlossen im Funkloch", mode="unanimous")
    send(chair, f"{ITEM}/{first}/activate/", expected=second)
    expect(agenda_titles(mayor)).to_have_text(["Erstens", "Zweitens"])
    mayor.context.set_offline(False)
    everything = ["Zweitens", "Erstens", *(f"Punkt {number}" for number in range(3, 9))]
    expect(agenda_titles(mayor)).to_have_text(everything, timeout=8000)
    expect(active_title(mayor)).to_have_text("Erstens")
    expect(mayor.locator("[id^=meeting-log-]").first).to_contain_text("Beschlossen im Funkloch")
    expect_live(mayor)
    assert not was_reloaded(mayor)


def test_a_killed_server_loses_neither_the_page_nor_the_text(sit_down: SitDown, server: AsgiServer) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Stromausfall", ("Erstens",))
    kehl = sit_down(KEHL, meeting)
    expect_live(kehl)
    mark(kehl)
    form = open_dialog(kehl, ADD)
    form.locator("[name=title]").fill("E-Payment")
    form.locator("[name=text]").fill("Was in der Leitung hing")
    server.kill()
    try:
        submit(form)
        expect(form.locator("[data-toasts=alert] .toast")).to_be_visible()
        expect(form.locator("[name=title]")).to_have_value("E-Payment")
        expect(form.locator("[name=text]")).to_have_value("Was in der Leitung hing")
        drafts = kehl.evaluate(
            "() => Object.entries(localStorage).filter(([key]) => key.startsWith('collab:draft')).join()"
        )
        assert "Was in der Leitung hing" in drafts
        expect(state(kehl)).to_have_attribute("data-state", "offline")
    finally:
        server.start()
    add_item(chair, meeting, "Nach dem Neustart")
    expect(agenda_row(kehl, "Nach dem Neustart")).to_be_attached(timeout=25_000)
    expect_live(kehl, timeout=25_000)
    submit_dialog(kehl)
    expect(agenda_row(kehl, "E-Payment")).to_be_visible()
    expect(kehl.locator(".agenda-item__title", has_text="E-Payment")).to_have_count(1)
    assert not was_reloaded(kehl)


def test_without_websockets_the_page_asks_by_itself_and_says_so(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Strenger Proxy", ("Erstens",))
    mayor = sit_down(MAYOR)
    blocked = True

    def proxy(socket: WebSocketRoute) -> None:
        if blocked:
            socket.close()
        else:
            socket.connect_to_server()

    mayor.context.route_web_socket(re.compile(r"/ws/"), proxy)
    mayor.goto(meeting)
    mark(mayor)
    expect(state(mayor)).to_have_attribute("data-state", "polling")
    expect(state(mayor)).not_to_be_empty()
    add_item(chair, meeting, "Kommt trotzdem an")
    expect(agenda_titles(mayor)).to_have_text(["Erstens", "Kommt trotzdem an"], timeout=10_000)
    send(chair, f"{meeting}open/")
    expect(active_title(mayor)).to_have_text("Erstens", timeout=10_000)
    # Somebody opens the proxy: the page finds out.
    blocked = False
    expect_live(mayor, timeout=40_000)
    assert not was_reloaded(mayor)


def test_a_page_that_stays_open_over_midnight_shows_the_new_day(sit_down: SitDown, database: Path) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Über Nacht", ("Gestern",))
    mayor = sit_down(MAYOR)
    mayor.clock.install()
    mayor.goto(meeting)
    mark(mayor)
    expect_live(mayor)
    # What the calendar does, nobody does: the log of changes knows nothing of it.
    connection = sqlite3.connect(database, timeout=20)
    with connection:
        connection.execute("UPDATE meetings_agendaitem SET title = 'Heute' WHERE title = 'Gestern'")
    connection.close()
    mayor.clock.fast_forward("24:00:00")
    expect(agenda_titles(mayor)).to_have_text(["Heute"])
    assert not was_reloaded(mayor)


def test_a_session_that_ends_stops_the_page_and_keeps_the_text(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Abgemeldet", ("Erstens",))
    achern = sit_down(ACHERN, meeting, own_session=True)
    mayor = sit_down(MAYOR, meeting)
    expect_live(achern)
    expect_live(mayor)
    form = open_dialog(achern, ADD)
    form.locator("[name=title]").fill("Halb geschrieben")
    headers = {"X-CSRFToken": csrf_token(achern.context)}
    assert achern.context.request.post("/accounts/logout/", headers=headers, max_redirects=0).status == 302
    banner = achern.locator(".banner--warning")
    expect(banner).to_be_visible()
    expect(state(achern)).to_have_attribute("data-state", "signed-out")

    # However much happens now, the page asks for nothing any more.
    asked: list[str] = []
    achern.on("request", lambda request: asked.append(request.url))
    achern.on("websocket", lambda socket: asked.append(socket.url))
    for number in range(2, 12):
        add_item(chair, meeting, f"Punkt {number}")
        expect(agenda_titles(mayor)).to_have_count(number)
    achern.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert asked == []
    expect(form.locator("[name=title]")).to_have_value("Halb geschrieben")
    expect(achern.locator("body")).not_to_contain_text("Punkt 11")

    # What was sent without a session is not lost either.
    submit(form)
    expect(form.locator("[name=title]")).to_have_value("Halb geschrieben")
    banner.locator("a").click()
    achern.locator("form.demo__form", has_text=ACHERN).locator("button").click()
    achern.wait_for_url(f"**{meeting}")
    expect_live(achern)
    form = open_dialog(achern, ADD)
    expect(form.locator("[name=title]")).to_have_value("Halb geschrieben")
    expect(form.locator("[data-draft-note]")).to_be_visible()
    submit_dialog(achern)
    expect(agenda_row(mayor, "Halb geschrieben")).to_be_visible()
    expect(dialog(achern)).to_be_hidden()


@pytest.fixture
def two_servers(environment: dict[str, str], redis: RedisServer) -> Iterator[tuple[AsgiServer, AsgiServer]]:
    """Two processes of one site: the same database, one Redis between them."""
    shared = {**environment, "REDIS_URL": redis.url}
    with asgi_server(shared) as one, asgi_server(shared) as two:
        yield one, two


@pytest.mark.redis
def test_without_redis_everything_is_saved_and_arrives(
    sit_down: SitDown, two_servers: tuple[AsgiServer, AsgiServer], redis: RedisServer
) -> None:
    one, two = two_servers
    chair = sit_down(COORDINATOR, at=one)
    meeting = plan_meeting(chair, "Ohne Redis", ("Erstens",))
    kehl = sit_down(KEHL, meeting, at=two)
    chair.goto(meeting)
    everybody = (chair, kehl)
    titles = ["Erstens"]

    def say(person: Page, title: str) -> None:
        """The chair's items are on the agenda at once, Kehl's stand below it as proposals: both are seen by both."""
        add_item(person, meeting, title)
        if person is chair:
            titles.append(title)
        for page in everybody:
            expect(agenda_row(page, title)).to_be_visible()

    for page in everybody:
        expect_live(page)
        mark(page)
    say(chair, "Über Redis hin")
    say(kehl, "Über Redis her")
    redis.stop()
    say(chair, "Ohne Redis hin")
    say(kehl, "Ohne Redis her")
    send(chair, f"{meeting}open/")
    for page in everybody:
        expect(active_title(page)).to_have_text("Erstens")
        expect_live(page)
    redis.start()
    say(chair, "Wieder mit Redis hin")
    say(kehl, "Wieder mit Redis her")
    for page in everybody:
        expect(agenda_titles(page)).to_have_text(titles)
        assert not was_reloaded(page)


def test_publishing_without_a_network_stays_on_the_preview(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR, "/n/ortenau/decisions/")
    chair.locator("article.card h3 a").first.click()
    chair.get_by_role("link", name="Veröffentlichen").click()
    expect(chair.locator(".preview")).to_be_visible()
    mark(chair)
    chair.context.set_offline(True)
    chair.locator("#publish-form button").click()
    expect(chair.locator("[data-toasts=alert]").first).to_contain_text("nicht erreichbar")
    expect(chair.locator(".preview")).to_be_visible()
    assert not was_reloaded(chair)
    chair.context.set_offline(False)
    expect_live(chair)
    expect(chair.locator("#publish-form button")).to_be_enabled()
