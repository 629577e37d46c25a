"""The whole story with the keyboard alone, and the focus is never lost on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import SitDown
from .steps import (
    ACHERN,
    COORDINATOR,
    KEHL,
    NETWORK,
    OPEN,
    active_title,
    add_item,
    agenda_row,
    agenda_titles,
    dialog,
    expect_focus_somewhere,
    expect_live,
    focused_id,
    item_id,
    open_dialog,
    plan_meeting,
    send,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]

MOST_STOPS = 120


def tab_to(page: Page, selector: str, *, back: bool = False) -> None:
    """Presses Tab until the element has the focus, which has to be visible there."""
    key = "Shift+Tab" if back else "Tab"
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            break
    else:
        raise AssertionError(f"{selector} cannot be reached with {key} on {page.url}")
    seen = page.evaluate(
        """() => {
            const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(document.activeElement)
            return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
        }"""
    )
    assert seen, f"{selector} does not show that it has the focus"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def follow(page: Page, selector: str, address: str) -> None:
    tab_to(page, selector)
    press(page, "Enter")
    page.wait_for_url(address)


def expect_dialog(page: Page) -> None:
    expect(dialog(page)).to_be_visible()
    # Loaded and opened: the first field has the focus.
    page.wait_for_function("() => document.querySelector('#dialog').contains(document.activeElement)")


def send_dialog(page: Page, opener: str) -> None:
    """Goes on to the button, presses it, and is back at what opened the dialog."""
    tab_to(page, "#dialog button[type=submit]")
    press(page, "Enter")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator(f"[id='{opener}']")).to_be_focused()


def test_the_whole_story_by_keyboard(sit_down: SitDown) -> None:
    page = sit_down(None, "/")
    press(page, "Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    press(page, "Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, f"form.demo__form:has([value='{COORDINATOR}']) button")
    press(page, "Enter")
    page.wait_for_url(f"**{NETWORK}/")

    card = page.locator("[id^=group-next-] a[id$=-link]", has_text="Jour fixe").get_attribute("id")
    follow(page, f"#{card}", "**/meetings/*/")
    expect_live(page)
    expect(page.locator("h1")).to_have_text("Jour fixe")
    meeting = page.url.rstrip("/").rpartition("/")[2]
    before = agenda_titles(page).all_inner_texts()

    # Propose an item: the dialog has the focus, gives it back, and the list behind it changes.
    opener = f"meeting-agenda-{meeting}-add"
    tab_to(page, f"#{opener}")
    press(page, "Enter")
    expect_dialog(page)
    expect(dialog(page).locator("[name=title]")).to_be_focused()
    page.keyboard.type("Mit der Tastatur")
    send_dialog(page, opener)
    # It stands before the last item of the template, "any other business".
    expect(agenda_titles(page)).to_have_text([*before[:-1], "Mit der Tastatur", before[-1]])
    assert focused_id(page) == opener

    # The same dialog, closed by Escape.
    press(page, "Enter")
    expect_dialog(page)
    press(page, "Escape")
    expect(dialog(page)).to_be_hidden()
    assert focused_id(page) == opener

    # Order by the handle.
    handle = f"agenda-{item_id(page, 'Mit der Tastatur')}-handle"
    tab_to(page, f"#{handle}")
    press(page, "ArrowUp")
    expect(agenda_titles(page)).to_have_text([*before[:-2], "Mit der Tastatur", *before[-2:]])
    expect(page.locator(f"#{handle}")).to_be_focused()
    press(page, "ArrowRight")
    expect(agenda_row(page, "Mit der Tastatur").locator(".agenda-item__no")).to_have_text(f"{len(before) - 2}.1")
    expect(page.locator(f"#{handle}")).to_be_focused()
    press(page, "ArrowLeft")
    expect(agenda_row(page, "Mit der Tastatur").locator(".agenda-item__no")).to_have_text(str(len(before) - 1))
    expect(page.locator(f"#{handle}")).to_be_focused()

    # The menu of a row: opened, closed by Escape, a button of it used.
    tab_to(page, f"#agenda-{item_id(page, 'Mit der Tastatur')}-menu > summary")
    press(page, "Enter", "Tab")
    assert focused_id(page).endswith("-up")
    press(page, "Enter")
    expect(agenda_titles(page)).to_have_text([*before[:-3], "Mit der Tastatur", *before[-3:]])
    expect_focus_somewhere(page)
    press(page, "Escape")
    expect_focus_somewhere(page)

    order = agenda_titles(page).all_inner_texts()
    # Open the meeting: the button vanishes, the focus does not.
    tab_to(page, "[id^=meeting-head-][id$=-open]", back=True)
    press(page, "Enter")
    expect(page.locator("#open-form")).to_be_visible()
    tab_to(page, "#open-form button[type=submit]")
    press(page, "Enter")
    expect(active_title(page)).to_have_text(order[0])
    expect(page.locator(OPEN)).to_have_count(0)
    expect_focus_somewhere(page)

    # On by shortcut, twice.
    press(page, "n")
    expect(active_title(page)).to_have_text(order[1])
    expect_focus_somewhere(page)
    # The button itself does not get the focus: the space bar would go on once more.
    expect(page.locator(f"#meeting-active-{meeting}-next")).not_to_be_focused()
    press(page, "Space")
    press(page, "n")
    expect(active_title(page)).to_have_text(order[2])

    # Notes.
    expect(page.locator("#pen h2")).to_contain_text(order[2])
    tab_to(page, "#pen textarea")
    page.keyboard.type("Notizen ohne Maus")
    tab_to(page, "#pen button[type=submit]")
    press(page, "Enter")
    expect(page.locator(".room__stage")).to_contain_text("Notizen ohne Maus")
    expect_focus_somewhere(page)

    # A decision and an action item by shortcut; letters in a field are letters.
    press(page, "d")
    expect_dialog(page)
    page.keyboard.type("Auch dies ohne Maus, und n wie Nordpol.")
    send_dialog(page, f"meeting-active-{meeting}-decide")
    expect(page.locator("[id^=meeting-log-]").first).to_contain_text("Auch dies ohne Maus, und n wie Nordpol.")
    expect(active_title(page)).to_have_text(order[2])
    press(page, "a")
    expect_dialog(page)
    page.keyboard.type("Tastatur bestellen")
    tab_to(page, "#dialog [name=who]")
    page.keyboard.type("Keh")
    send_dialog(page, f"meeting-active-{meeting}-task")
    expect(page.locator("[id^=meeting-log-]").first).to_contain_text("Tastatur bestellen")

    # Close: the room goes, the focus stays.
    tab_to(page, f"#meeting-head-{meeting}-close", back=True)
    press(page, "Enter")
    expect_dialog(page)
    tab_to(page, "#dialog button[type=submit]")
    press(page, "Enter")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator(".room__stage")).to_have_count(0)
    expect_focus_somewhere(page)
    follow(page, "[id^=meeting-log-] a.ref", "**/decisions/*/")


def test_the_focus_stays_while_others_change_the_list(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Fokus", ("Eins", "Zwei", "Drei"))
    achern = sit_down(ACHERN, meeting)
    expect_live(achern)
    two = item_id(achern, "Zwei")
    tab_to(achern, f"#agenda-{two}-link")
    add_item(chair, meeting, "Vier")
    expect(agenda_titles(achern)).to_have_text(["Eins", "Zwei", "Drei", "Vier"])
    assert focused_id(achern) == f"agenda-{two}-link"
    send(chair, f"{NETWORK}/items/{two}/move/", direction="down")
    expect(agenda_titles(achern)).to_have_text(["Eins", "Drei", "Zwei", "Vier"])
    assert focused_id(achern) == f"agenda-{two}-link"
    # The item itself is taken off: the focus goes to what is near, not to nothing.
    send(chair, f"{NETWORK}/items/{two}/decline/", answer="Nicht heute")
    expect(agenda_titles(achern)).to_have_text(["Eins", "Drei", "Vier"])
    expect_focus_somewhere(achern)
    assert achern.evaluate("() => document.querySelector('[id^=meeting-agenda-]').contains(document.activeElement)")


def test_a_dialog_holds_the_focus_and_its_errors_get_it(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL)
    meeting = plan_meeting(sit_down(COORDINATOR), "Fehler")
    kehl.goto(meeting)
    open_dialog(kehl, "[id^=meeting-agenda-][id$=-add]")
    tab_to(kehl, "#dialog button[type=submit]")
    press(kehl, "Enter")
    expect(dialog(kehl).locator("[data-error-summary]")).to_be_focused()
    press(kehl, "Tab", "Enter")
    expect(dialog(kehl).locator("[name=title]")).to_be_focused()
    for _ in range(20):
        press(kehl, "Tab")
        outside = "() => document.activeElement !== document.body && !document.activeElement.closest('dialog')"
        assert not kehl.evaluate(outside), "Tab left the dialog"


def test_shortcuts_are_listed_and_can_be_switched_off(sit_down: SitDown) -> None:
    coordinator = sit_down(COORDINATOR, f"{NETWORK}/members/")
    press(coordinator, "?")
    expect_dialog(coordinator)
    expect(dialog(coordinator).locator("kbd")).to_have_text(["?", "n"])
    dialog(coordinator).locator("#shortcuts-on").uncheck()
    press(coordinator, "Escape")
    expect(dialog(coordinator)).to_be_hidden()
    press(coordinator, "n", "?")
    coordinator.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(dialog(coordinator)).to_be_hidden()
