"""What screen readers hear: short, collected, not one's own twice, and not at all while paused."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SitDown
from tests.servers import AsgiServer

from .steps import ACHERN, COORDINATOR, KEHL, expect_live, item_id, open_dialog, plan_meeting, send, submit_dialog

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.sqlite_only]


def news(page: Page) -> Locator:
    return page.locator("#live-news")


def open_room(chair: Page, *items: str) -> str:
    meeting = plan_meeting(chair, "Ansagen", items)
    send(chair, f"{meeting}open/")
    return meeting


def pause(page: Page) -> Locator:
    """Presses the toggle in the account menu and returns it."""
    page.locator(".menu--account > summary").click()
    toggle = page.locator("[data-pause-news]")
    toggle.click()
    page.keyboard.press("Escape")
    return toggle


def test_they_are_short_and_come_together(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = open_room(chair, "Begrüßung", "E-Akte")
    member = sit_down(ACHERN, meeting)
    expect_live(member)
    first = item_id(member, "Begrüßung")
    for number in range(2):
        send(chair, f"/n/ortenau/items/{first}/decision/", wording=f"Beschluss {number}", mode="unanimous")
    send(chair, f"{meeting}next/", expected=first)
    # What the meeting is at comes first; two decisions are counted.
    expect(news(member)).to_have_text("TOP 2 hat begonnen: E-Akte; 2 neue Beschlüsse")
    expect(news(member)).to_have_attribute("aria-live", "polite")


def test_ones_own_change_is_not_told_twice(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = open_room(chair, "Begrüßung")
    member = sit_down(ACHERN, meeting)
    chair.goto(meeting)
    for page in (chair, member):
        expect_live(page)
    open_dialog(chair, "[id^=meeting-active-][id$=-decide]").locator("[name=wording]").fill("Wir machen das.")
    submit_dialog(chair)
    expect(chair.locator("[data-toasts=status] .toast")).to_contain_text("Beschluss")
    expect(news(member)).to_contain_text(re.compile(r"Beschluss \d+-\d+ festgehalten"))
    # The same moment at the chair's, and nothing was said.
    expect(news(chair)).to_be_empty()


def test_a_step_without_a_message_is_announced_to_who_made_it(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = open_room(chair, "Begrüßung", "E-Akte")
    chair.goto(meeting)
    expect_live(chair)
    chair.keyboard.press("n")
    expect(news(chair)).to_have_text("TOP 2 hat begonnen: E-Akte")


def test_they_can_be_paused(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = open_room(chair, "Begrüßung", "E-Akte")
    member = sit_down(ACHERN, meeting)
    other_tab = member.context.new_page()
    other_tab.goto(meeting)
    for page in (member, other_tab):
        expect_live(page)
    toggle = pause(member)
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(member.locator(".live-state__paused")).to_be_visible()
    # For the whole browser, and for the next page.
    expect(other_tab.locator("[data-pause-news]")).to_have_attribute("aria-pressed", "true")
    listener = sit_down(KEHL, meeting)
    expect_live(listener)
    first = item_id(member, "Begrüßung")
    send(chair, f"{meeting}next/", expected=first)
    expect(member.locator(".room__title")).to_have_text("E-Akte")
    # Somebody else has heard it by now.
    expect(news(listener)).to_contain_text("TOP 2 hat begonnen")
    expect(news(member)).to_be_empty()
    member.reload()
    expect_live(member)
    expect(member.locator("[data-pause-news]")).to_have_attribute("aria-pressed", "true")
    second = item_id(member, "E-Akte")
    send(chair, f"/n/ortenau/items/{second}/decision/", wording="Ja.", mode="unanimous")
    expect(member.locator("[data-region][id^=meeting-log-]")).to_contain_text("Ja.")
    expect(news(listener)).to_contain_text("festgehalten")
    # Going on, nothing old is read, only how much it was.
    expect(pause(member)).to_have_attribute("aria-pressed", "false")
    expect(news(member)).to_have_text("Eine Änderung, während Ansagen pausiert waren.")


def test_a_server_that_hangs_is_told_calmly(sit_down: SitDown, server: AsgiServer, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = open_room(chair, "Begrüßung")
    chair.goto(meeting)
    expect_live(chair)
    dialog = open_dialog(chair, "[id^=meeting-active-][id$=-decide]")
    dialog.locator("[name=wording]").fill("Was ich gerade tippe.")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        dialog.locator(".form-actions button[type=submit]").first.click()
        note = chair.locator("dialog [data-toasts=status] .toast")
        expect(note).to_contain_text("Der Server braucht länger als sonst", timeout=12_000)
        expect(dialog.locator("[name=wording]")).to_have_value("Was ich gerade tippe.")
        alert = chair.locator("dialog [data-toasts=alert] .toast")
        expect(alert).to_contain_text("Der Server hat nicht geantwortet", timeout=30_000)
        expect(note).to_have_count(0)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    # Sent once more, it is there once.
    submit_dialog(chair)
    expect(chair.locator("[data-region][id^=meeting-log-] .wording", has_text="Was ich gerade tippe.")).to_have_count(1)
