"""A complete meeting, from the lobby to the summary, in German, on five screens at once.

The chair leads with the mouse, Kehl keeps the record by keyboard alone, Achern is on a phone, Durbach loses the network
twice, and the projector looks on. In the middle of it the server is killed and started again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.servers import AsgiServer

from .conftest import SitDown, Watch
from .steps import (
    ACHERN,
    COORDINATOR,
    DURBACH,
    KEHL,
    NETWORK,
    active_title,
    add_item,
    agenda_row,
    agenda_titles,
    dialog,
    expect_live,
    first_number,
    open_meeting,
    plan_meeting,
    state,
    submit,
    submit_dialog,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]

BACK = 25_000  # milliseconds until a screen has noticed that the server is there again
WORDING = "Das Netzwerk beschafft E-Payment gemeinsam."
AMENDED = "Das Netzwerk beschafft E-Payment gemeinsam bis Jahresende."


@dataclass
class Room:
    """The meeting and the screens in front of which people sit."""

    path: str
    chair: Page
    kehl: Page
    phone: Page
    durbach: Page
    wall: Page

    @property
    def everybody(self) -> list[Page]:
        return [self.chair, self.kehl, self.phone, self.durbach]

    def part(self, page: Page, name: str) -> Locator:
        """A region of the meeting on somebody's screen."""
        return page.locator(f"#meeting-{name}-{first_number(self.path)}")

    def expect_active(self, title: str, *pages: Page) -> None:
        for page in pages or self.everybody:
            expect(active_title(page)).to_have_text(title, timeout=BACK)
        expect(self.wall.locator(".wall__title")).to_have_text(title, timeout=BACK)

    def go_on(self) -> None:
        self.part(self.chair, "active").locator("[id$=-next]").click()


# --- with the keyboard alone -----------------------------------------------------------------------


def tab_to(page: Page, selector: str, most: int = 150) -> None:
    """Presses Tab until the focus is on what is wanted, as somebody without a mouse does."""
    for _ in range(most):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab on {page.url}")


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")


def write_and_send(page: Page, **fields: str) -> None:
    """Fills the fields of the open dialog and presses its button, all by keyboard."""
    expect(dialog(page)).to_be_visible()
    for name, words in fields.items():
        tab_to(page, f"dialog [name={name}]")
        page.keyboard.press("Control+a")
        page.keyboard.type(words)
    press(page, "dialog .form-actions button[type=submit]")


def shortcut(page: Page, key: str) -> None:
    """A single key, pressed where nothing is being typed."""
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press(key)


# --- the meeting -----------------------------------------------------------------------------------


def arrive(sit_down: SitDown) -> Room:
    chair = sit_down(COORDINATOR)
    path = plan_meeting(chair, "Jour fixe im Saal", days=2)
    for title, kind, minutes in (
        ("Begrüßung", "information", 5),
        ("Blitzlicht", "round", 20),
        ("E-Payment", "decision", 15),
        ("Parkraum", "discussion", 10),
        ("Kita-Info-App", "discussion", 10),
    ):
        add_item(chair, path, title, kind=kind, minutes=minutes)
    plan_meeting(chair, "Jour fixe danach", days=9)
    chair.goto(path)
    room = Room(
        path,
        chair,
        kehl=sit_down(KEHL, path),
        phone=sit_down(ACHERN, path, width=390, has_touch=True, is_mobile=True),
        durbach=sit_down(DURBACH, path),
        wall=sit_down(COORDINATOR, f"{path}wall/", width=1920),
    )
    for page in room.everybody:
        expect_live(page)
    return room


def in_the_lobby(room: Room) -> None:
    expect(room.wall.locator(".wall__where")).to_have_text("Jour fixe im Saal")
    room.part(room.phone, "people").locator("[id$=-accepted]").tap()
    press(room.kehl, "[id^=meeting-people-][id$=-accepted]")
    room.part(room.durbach, "people").locator("[id$=-accepted]").click()
    said = room.part(room.chair, "people")
    for town in ("Achern", "Kehl", "Durbach"):
        expect(said.locator(".people__names").first).to_contain_text(town)
    open_meeting(room.chair)
    room.expect_active("Begrüßung")
    said.locator("[id$=-together]").click()
    for page in room.everybody:
        expect(room.part(page, "people")).to_contain_text("3 von 2")
    expect(room.wall.locator(".wall__table")).to_contain_text("3 von 2")


def the_round(room: Room) -> None:
    """Achern is still typing when the chair goes on; Durbach is away in between."""
    room.go_on()
    room.expect_active("Blitzlicht")
    report = room.phone.locator("#report form")
    report.locator("[name=news]").fill("Die E-Akte läuft im Bauamt.")
    report.locator("[name=offers]").fill("Erfahrungen mit der E-Akte")
    submit(report)
    expect(room.part(room.chair, "round")).to_contain_text("Die E-Akte läuft im Bauamt.")
    room.durbach.context.set_offline(True)
    expect(state(room.durbach)).to_have_attribute("data-state", "offline")
    room.part(room.chair, "round").locator("[id$=-next]").click()
    expect(room.wall.locator(".wall__called")).to_have_text("Achern")
    expect(room.part(room.phone, "round").locator(".round__you")).to_be_visible()
    report.locator("[name=needs]").fill("Jemand, der die Schulung hält")
    room.go_on()
    room.expect_active("E-Payment", room.chair, room.kehl, room.phone)
    expect(room.phone.locator("#report [name=needs]")).to_have_value("Jemand, der die Schulung hält")
    submit(room.phone.locator("#report form"))
    room.durbach.context.set_offline(False)
    room.expect_active("E-Payment")
    expect_live(room.durbach)


def the_floor(room: Room) -> None:
    shortcut(room.kehl, "m")
    speakers = room.part(room.chair, "speakers")
    expect(speakers.locator("li.speaker")).to_have_count(1)
    room.part(room.phone, "speakers").locator("[id$=-ask]").tap()
    expect(speakers.locator("li.speaker")).to_have_count(2)
    speakers.locator("[id*=-floor-]").first.click()
    for page in room.everybody:
        expect(room.part(page, "speakers").locator(".speakers__now")).to_contain_text("Kehl")
    expect(room.wall.locator(".wall__speaker")).to_have_text("Kehl")
    speakers.locator("[id$=-end]").click()
    expect(room.wall.locator(".wall__speaker")).to_have_count(0)


def the_decision(room: Room, server: AsgiServer) -> None:
    """Drafted in view of all; the server is killed while the amendment is being sent."""
    shortcut(room.kehl, "w")
    write_and_send(room.kehl, text=WORDING)
    expect(room.wall.locator(".wall__wording")).to_have_text(WORDING)
    room.durbach.context.set_offline(True)
    expect(state(room.durbach)).to_have_attribute("data-state", "offline")
    press(room.kehl, "[id^=meeting-wording-][id$=-amend]")
    expect(dialog(room.kehl)).to_be_visible()
    server.kill()
    try:
        write_and_send(room.kehl, text=AMENDED)
        expect(dialog(room.kehl).locator("[data-toasts=alert] .toast")).to_be_visible()
        expect(dialog(room.kehl).locator("[name=text]")).to_have_value(AMENDED)
    finally:
        server.start()
    for page in (room.chair, room.kehl, room.phone):
        expect_live(page, timeout=BACK)
    press(room.kehl, "dialog .form-actions button[type=submit]")
    expect(dialog(room.kehl)).to_be_hidden()
    added = room.wall.locator(".wall__wording ins")
    expect(added.first).to_contain_text("bis", timeout=BACK)
    room.durbach.context.set_offline(False)
    expect(room.part(room.durbach, "wording").locator("ins").first).to_contain_text("bis", timeout=BACK)
    press(room.kehl, "[id^=meeting-wording-][id$=-record]")
    write_and_send(room.kehl)
    for page in room.everybody:
        expect(room.part(page, "log")).to_contain_text(AMENDED)
        expect(room.part(page, "wording")).to_be_hidden()
    expect(room.wall.locator("main")).to_contain_text(AMENDED)
    shortcut(room.kehl, "a")
    write_and_send(room.kehl, title="Angebote einholen", who="Ach")
    for page in room.everybody:
        expect(room.part(page, "log")).to_contain_text("Angebote einholen")


def the_end(room: Room) -> None:
    room.go_on()
    room.expect_active("Parkraum")
    room.part(room.chair, "active").locator("[id$=-defer]").click()
    room.expect_active("Kita-Info-App")
    room.part(room.chair, "active").locator("[id$=-undo]").click()
    room.expect_active("Parkraum")
    room.part(room.chair, "active").locator("[id$=-defer]").click()
    room.expect_active("Kita-Info-App")
    room.chair.locator("[id^=meeting-head-][id$=-close]").click()
    expect(dialog(room.chair)).to_contain_text("Parkraum")
    submit_dialog(room.chair)
    for page in room.everybody:
        summary = room.part(page, "summary")
        for words in (AMENDED, "Angebote einholen", "Parkraum"):
            expect(summary).to_contain_text(words)
    expect(room.wall.locator("[data-wall=closed]")).to_be_visible()


def nothing_is_missing(room: Room) -> None:
    """What was recorded is where people look for it afterwards: the log, the round's reports, the next agenda."""
    reader = room.phone
    number = room.part(reader, "summary").locator("a.ref").inner_text()
    reader.goto(f"{NETWORK}/decisions/{number}/")
    expect(reader.locator("main")).to_contain_text(AMENDED)
    reader.goto(room.path)
    agenda_row(reader, "Blitzlicht").locator(".agenda-item__title a").click()
    for words in ("Die E-Akte läuft im Bauamt.", "Erfahrungen mit der E-Akte", "Jemand, der die Schulung hält"):
        expect(reader.locator("main")).to_contain_text(words)
    reader.goto(room.path)
    reader.locator("[id^=meeting-summary-] a", has_text=re.compile("Parkraum|nächste", re.I)).first.click()
    expect(reader.locator("main")).to_contain_text("Parkraum")
    reader.goto(f"{NETWORK}/meetings/")
    reader.get_by_role("link", name="Jour fixe danach").first.click()
    expect(agenda_titles(reader)).to_have_text(["Parkraum"])


def test_a_complete_meeting_on_five_screens(sit_down: SitDown, server: AsgiServer, watch: Watch) -> None:
    room = arrive(sit_down)
    in_the_lobby(room)
    the_round(room)
    the_floor(room)
    the_decision(room, server)
    the_end(room)
    nothing_is_missing(room)
    assert not watch.strangers(server.url)


def test_a_chair_without_a_network_goes_on_from_the_phone(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    path = plan_meeting(chair, "Sitzung vom Telefon aus", ("Erstens", "Zweitens", "Drittens"), days=3)
    chair.goto(path)
    expect_live(chair)
    open_meeting(chair)
    expect(active_title(chair)).to_have_text("Erstens")
    chair.context.set_offline(True)
    expect(state(chair)).to_have_attribute("data-state", "offline")
    phone = sit_down(COORDINATOR, path, width=390, has_touch=True, is_mobile=True)
    member = sit_down(ACHERN, path)
    expect_live(phone)
    phone.locator("[id^=meeting-active-][id$=-next]").tap()
    for page in (phone, member):
        expect(active_title(page)).to_have_text("Zweitens")
    chair.context.set_offline(False)
    expect(active_title(chair)).to_have_text("Zweitens", timeout=BACK)
    expect_live(chair, timeout=BACK)
    chair.locator("[id^=meeting-active-][id$=-next]").click()
    expect(active_title(phone)).to_have_text("Drittens")
