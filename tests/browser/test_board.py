"""The board in real browsers: a claim is on every open board at once, and disturbs nobody who types."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .steps import (
    ACHERN,
    COORDINATOR,
    DURBACH,
    KEHL,
    MAYOR,
    NETWORK,
    dialog,
    expect_focus_somewhere,
    expect_live,
    focused_id,
    open_dialog,
    send,
    submit,
    submit_dialog,
)
from .test_axe import complaints

pytestmark = pytest.mark.browser
BOARD = f"{NETWORK}/projects/"
SitDown = Callable[..., Page]
CARET = "() => [document.activeElement.selectionStart, document.activeElement.selectionEnd]"


def add_project(person: Page, title: str, **more: str) -> str:
    """Enters a project that nobody leads; returns its number."""
    answer = send(person, f"{BOARD}add/", title=title, phase="idea", **more)
    found = re.search(r"/projects/(\d+)/", answer["hx-trigger"])
    assert found, answer
    return found[1]


def row(page: Page, project: str) -> Locator:
    return page.locator(f"#board-row-{project}")


def test_three_browsers_one_typing_in_a_profile_while_its_project_is_claimed(sit_down: SitDown) -> None:
    durbach = sit_down(DURBACH)
    project = add_project(durbach, "Gemeinsame Wärmeplanung")
    durbach.goto(f"{BOARD}{project}/")
    kehl, mayor = sit_down(KEHL, BOARD), sit_down(MAYOR, f"{BOARD}?who=nobody")
    for page in (durbach, kehl, mayor):
        expect_live(page)
        page.evaluate("() => { window.neverReloaded = true }")
    expect(row(mayor, project)).to_contain_text("Noch niemand")

    form = open_dialog(durbach, f"#project-head-{project}-edit")
    goal = form.locator("[name=goal]")
    goal.press_sequentially("Alle wissen, womit sie heizen")
    for _ in range(7):
        goal.press("ArrowLeft")
    caret = durbach.evaluate(CARET)

    row(kehl, project).get_by_role("button", name="Übernehmen").click()
    expect(row(kehl, project)).to_contain_text("Kehl")
    # Gone from the list of those that nobody leads, without a reload.
    expect(row(mayor, project)).to_have_count(0)
    expect(durbach.locator(f"#project-towns-{project}")).to_contain_text("Kehl")
    expect(goal).to_have_value("Alle wissen, womit sie heizen")
    expect(goal).to_be_focused()
    assert durbach.evaluate(CARET) == caret
    durbach.keyboard.type("XY")
    expect(goal).to_have_value("Alle wissen, womit sieXY heizen")
    assert all(page.evaluate("() => window.neverReloaded") for page in (durbach, kehl, mayor))


def test_two_towns_claim_and_the_second_is_led_to_contributing(sit_down: SitDown) -> None:
    kehl, achern = sit_down(KEHL, BOARD), sit_down(ACHERN, BOARD)
    project = add_project(kehl, "Mobiles Bürgerbüro")
    for page in (kehl, achern):
        expect_live(page)
        expect(row(page, project)).to_be_visible()
    # Achern's click is on its way when Kehl's arrives.
    on_their_way: list[Route] = []
    achern.route("**/take-on/", lambda route: route.continue_() if on_their_way else on_their_way.append(route))
    with achern.expect_request("**/take-on/"):
        row(achern, project).get_by_role("button", name="Übernehmen").click()
    send(kehl, f"{BOARD}{project}/take-on/", role="lead")
    expect(row(achern, project)).to_contain_text("Kehl")
    on_their_way[0].continue_()
    expect(achern.locator("[data-toasts=alert]").first).to_contain_text("Kehl")
    expect(dialog(achern)).to_be_visible()
    expect(dialog(achern)).to_contain_text("Kehl")
    expect(dialog(achern).locator("[value=contributor]")).to_be_checked()
    submit_dialog(achern)
    expect(row(kehl, project).locator(".part--contributor")).to_have_count(1)
    expect(kehl.locator("[id^=board-news-]").first).to_contain_text("Mobiles Bürgerbüro")


def test_handing_over_asks_and_the_other_town_answers_at_home(sit_down: SitDown) -> None:
    kehl, achern = sit_down(KEHL), sit_down(ACHERN, f"{NETWORK}/")
    project = add_project(kehl, "Gemeinsamer Druckdienst")
    send(kehl, f"{BOARD}{project}/take-on/", role="lead")
    kehl.goto(f"{BOARD}{project}/")
    expect_live(kehl)
    expect_live(achern)
    form = open_dialog(kehl, f"#project-towns-{project}-hand-over")
    form.locator("[name=municipality]").select_option(label="Achern")
    form.locator("[name=word]").fill("Ihr habt die Leute dafür")
    submit_dialog(kehl)
    asked = achern.locator("[id^=asked-]").first
    expect(asked).to_contain_text("Gemeinsamer Druckdienst")
    expect(asked).to_contain_text("Ihr habt die Leute dafür")
    asked.locator("[id$=-yes]").click()
    expect(kehl.locator(f"#project-towns-{project}")).to_contain_text("Achern")
    expect(asked).to_be_hidden()
    expect_focus_somewhere(achern)


def test_the_board_by_keyboard_alone(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL)
    project = add_project(kehl, "Aaa Tastatur")
    kehl.goto(f"{BOARD}?q=tastatur")
    expect_live(kehl)
    kehl.locator(f"#board-row-{project}-link").focus()
    seen = []
    for _ in range(6):
        kehl.keyboard.press("Tab")
        seen.append(focused_id(kehl))
        if seen[-1] == f"board-row-{project}-part":
            break
    assert f"board-row-{project}-take-on" in seen
    kehl.keyboard.press("Enter")
    expect(dialog(kehl)).to_be_visible()
    kehl.keyboard.press("Escape")
    expect(dialog(kehl)).to_be_hidden()
    assert focused_id(kehl) == f"board-row-{project}-part"
    # Where the pressed button vanishes, the focus stays in the row.
    kehl.locator(f"#board-row-{project}-take-on").focus()
    kehl.keyboard.press("Enter")
    expect(kehl.locator(f"#board-row-{project}-take-on")).to_have_count(0)
    expect_focus_somewhere(kehl)


def test_filters_make_an_address_that_can_be_passed_on(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL, BOARD)
    kehl.locator("#filter_town").select_option(label="Achern")
    kehl.wait_for_url("**town=08317001*")
    expect(kehl.locator("#filtered .tabs [aria-current]")).to_contain_text("Achern")
    kehl.locator("#filtered .tabs a").nth(1).click()
    kehl.wait_for_url("**who=could*")
    shown = kehl.locator("[id^=board-row-][id$=-link]").all_inner_texts()
    other = sit_down(MAYOR, kehl.url)
    assert other.locator("[id^=board-row-][id$=-link]").all_inner_texts() == shown


@pytest.mark.parametrize("query", ["", "?view=table", "?town=08317057&who=could"])
@pytest.mark.parametrize("width", [390, 1280])
def test_accessible_and_nothing_beyond_the_edge(sit_down: SitDown, query: str, width: int) -> None:
    for who in (KEHL, COORDINATOR):
        page = sit_down(who, f"{BOARD}{query}", width=width)
        expect_live(page)
        assert complaints(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_grid_that_is_a_table_also_on_a_phone(sit_down: SitDown) -> None:
    page = sit_down(KEHL, BOARD, width=390)
    table = page.get_by_role("table").first
    expect(table).to_be_visible()
    expect(table.get_by_role("rowheader").nth(1)).to_be_visible()
    assert table.get_by_role("columnheader").count() > 20


def test_a_form_that_is_wrong_keeps_what_was_typed(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL)
    project = add_project(kehl, "Falsches Datum")
    kehl.goto(f"{BOARD}?q=falsches")
    form = open_dialog(kehl, f"#board-row-{project}-part")
    form.locator("[value=reuser]").check()
    form.locator("[name=since]").fill("2999-01-01")
    form.locator("[name=note]").fill("Für das Bürgerbüro")
    submit(dialog(kehl))
    expect(dialog(kehl).locator("[data-error-summary]")).to_be_visible()
    expect(dialog(kehl).locator("[name=note]")).to_have_value("Für das Bürgerbüro")
    dialog(kehl).locator("[name=since]").fill("2026-01-15")
    submit_dialog(kehl)
    expect(row(kehl, project).locator(".part--reuser")).to_have_count(1)
