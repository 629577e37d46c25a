"""The story of the ground floor, as people live it: with the mouse, on several screens, in German."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.servers import AsgiServer

from .conftest import SitDown, Watch
from .steps import (
    COORDINATOR,
    KEHL,
    NETWORK,
    OTHER_COORDINATOR,
    OTHER_NETWORK,
    active_title,
    agenda_row,
    agenda_titles,
    choose_from_menu,
    dialog,
    expect_live,
    open_dialog,
    open_meeting,
    path_of,
    submit,
    submit_dialog,
)

pytestmark = pytest.mark.browser

ADD = "[id^=meeting-agenda-][id$=-add]"
RASTATT, GAGGENAU = "officer@rastatt.example", "officer@gaggenau.example"


def click_account(page: Page, email: str) -> None:
    """Signs in as people do who try the demo: one click."""
    page.goto("/")
    page.locator("form.demo__form", has_text=email).locator("button").click()


def drag_before(page: Page, item: Locator, target: Locator) -> None:
    """Drags an agenda item by its handle with the mouse and drops it above another one."""
    handle, goal = item.locator("[data-handle]").first, target.locator("[data-handle]").first
    # Both in the middle of the screen: near its edge it would begin to scroll.
    page.locator("ol.agenda[data-sortable]").evaluate(
        "(list) => list.scrollIntoView({block: 'center', behavior: 'instant'})"
    )
    handle.hover()
    page.mouse.down()
    box = goal.bounding_box()
    assert box
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] + 30, steps=10)
    above = "(target) => target.previousElementSibling?.matches('.is-drop-place')"
    for step in range(300):  # the list looks every 50 ms, at places only where the pointer was not before
        now = goal.bounding_box()
        assert now
        page.mouse.move(x + step % 7, now["y"] + 2 + step % 11)
        if target.evaluate(above):
            break
    page.mouse.up()


def expect_order(page: Page, titles: list[str]) -> None:
    expect(agenda_titles(page)).to_have_text(titles)


def test_one_click_and_home_shows_what_matters(
    browser_for: Callable[..., BrowserContext], server: AsgiServer, watch: Watch
) -> None:
    page = browser_for(server).new_page()
    page.goto("/")
    accounts = page.locator("form.demo__form")
    assert accounts.count() >= 7
    click_account(page, KEHL)
    page.wait_for_url(f"**{NETWORK}/")
    expect_live(page)
    assert page.locator("html").get_attribute("lang") == "de"
    following = page.locator("[id^=group-next-]", has=page.get_by_role("link", name="Jour fixe"))
    expect(following.locator("[id$=-join]")).to_have_attribute("href", re.compile("^https://"))
    expect(following.locator(".agenda-brief")).to_contain_text("Kita-Info-App")
    expect(following.locator(".meta").first).to_contain_text("09:30–11:00")
    expect(page.locator("[id^=my-actions-]").first).to_contain_text("Leitfaden zur Einführung der Online-Terminvergabe")
    expect(page.locator("[id^=town-actions-]").first).to_contain_text(
        "Leitfaden zur Einführung der Online-Terminvergabe"
    )
    assert page.locator("[id^=feed-] li[id^=change-]").count() > 5
    # The other network does not exist for Kehl: not by name, not by address.
    assert "Digital Regional" not in page.content()
    answer = page.goto(f"{OTHER_NETWORK}/")
    assert answer and answer.status == 404
    assert "Digital Regional" not in page.content()


def test_from_an_empty_network_to_carried_items(sit_down: SitDown, server: AsgiServer, watch: Watch) -> None:
    chair = sit_down(None)
    click_account(chair, OTHER_COORDINATOR)
    chair.wait_for_url(f"**{OTHER_NETWORK}/")

    # A series, looked at before it is saved.
    chair.goto(f"{OTHER_NETWORK}/meetings/")
    chair.locator("a[href$='/series/add/']").click()
    chair.locator("#id_group").select_option(label="Fachgruppe Digitalisierung")
    chair.locator("#id_title").fill("Jour fixe der Großen Kreisstädte")
    towns = chair.locator("#id_host_1 option").all_inner_texts()
    assert {"Rastatt", "Gaggenau"} <= set(towns)
    chair.locator("#id_host_1").select_option(label="Rastatt")
    chair.locator("#id_host_2").select_option(label="Gaggenau")
    expect(chair.locator("#series-form-save")).to_have_count(0)
    chair.locator("#series-form-look").click()
    rows = chair.locator("#preview .date-list__row")
    expect(rows).to_have_count(12)
    for time in chair.locator("#preview time").all():
        day = date.fromisoformat(time.get_attribute("datetime") or "")
        assert day.weekday() == 3 and 15 <= day.day <= 21, f"{day} is not a third Thursday"
    expect(rows.nth(0)).to_contain_text("Rastatt")
    expect(rows.nth(1)).to_contain_text("Gaggenau")
    expect(rows.nth(2)).to_contain_text("Rastatt")
    chair.locator("#series-form-save").click()
    chair.wait_for_url("**/series/*/")
    dates = chair.locator(".date-list__row a[href*='/meetings/']:not([data-dialog])")
    expect(dates.nth(5)).to_be_visible()
    expect(dates.nth(11)).to_be_attached()  # those further away are folded up
    dates.first.click()
    chair.wait_for_url("**/meetings/*/")
    meeting = path_of(chair.url)
    expect_live(chair)
    template = agenda_titles(chair).all_inner_texts()
    assert len(template) == 6

    # Proposed by a town, accepted by the chair, both without reload.
    gaggenau = sit_down(GAGGENAU, meeting)
    expect_live(gaggenau)
    for title in ("E-Akte: Federführung", "Parkraum"):
        open_dialog(gaggenau, ADD).locator("[name=title]").fill(title)
        dialog(gaggenau).locator("[name=kind]").select_option("decision")
        submit_dialog(gaggenau)
        agenda_row(chair, title).locator("[id$=-accept]").click()
        expect(agenda_titles(chair)).to_contain_text([title])
    # What comes in stands before "any other business".
    order = [*template[:-1], "E-Akte: Federführung", "Parkraum", template[-1]]
    expect_order(gaggenau, order)

    # Ordered by mouse, by the handle's arrow keys, by buttons; a sub-item and back.
    drag_before(chair, agenda_row(chair, "E-Akte: Federführung"), agenda_row(chair, template[1]))
    order = [template[0], "E-Akte: Federführung", *template[1:-1], "Parkraum", template[-1]]
    expect_order(gaggenau, order)
    expect_order(chair, order)
    handle = agenda_row(chair, "Parkraum").locator("[data-handle]").first
    for _ in template[2:-1]:
        handle.press("ArrowUp")
        place = order.index("Parkraum")
        order[place - 1], order[place] = order[place], order[place - 1]
        expect_order(chair, order)
    expect(handle).to_be_focused()
    choose_from_menu(agenda_row(chair, "Parkraum"), "up")
    place = order.index("Parkraum")
    order[place - 1], order[place] = order[place], order[place - 1]
    expect_order(gaggenau, order)
    handle.press("ArrowRight")
    expect(agenda_row(gaggenau, "Parkraum").locator(".agenda-item__no")).to_have_text("2.1")
    handle.press("ArrowLeft")
    expect(agenda_row(gaggenau, "Parkraum").locator(".agenda-item__no")).to_have_text("3")

    # In session: on to the second item, notes, a decision, an action item.
    open_meeting(chair)
    for page in (chair, gaggenau):
        expect(active_title(page)).to_have_text(template[0])
    chair.locator("[id^=meeting-active-][id$=-next]").click()
    for page in (chair, gaggenau):
        expect(active_title(page)).to_have_text("E-Akte: Federführung")
    expect(chair.locator("#pen h2")).to_contain_text("E-Akte")
    chair.locator("#pen textarea").fill("Rastatt und Gaggenau berichten.\nKosten offen.")
    submit(chair.locator("#pen"))
    expect(gaggenau.locator(".room__stage")).to_contain_text("Kosten offen.")
    open_dialog(chair, "[id^=meeting-active-][id$=-decide]")
    dialog(chair).locator("[name=wording]").fill("Rastatt übernimmt die Federführung.")
    dialog(chair).locator("[name=mode][value=counted]").check()
    for name, votes in (("yes", "7"), ("no", "1"), ("abstain", "0")):
        dialog(chair).locator(f"[name={name}]").fill(votes)
    submit_dialog(chair)
    open_dialog(chair, "[id^=meeting-active-][id$=-task]")
    dialog(chair).locator("[name=title]").fill("Steckbrief zur E-Akte schreiben")
    dialog(chair).locator("[name=who]").fill("Rastatt")
    submit_dialog(chair)
    results = gaggenau.locator("[id^=meeting-log-]").first
    expect(results).to_contain_text("Rastatt übernimmt die Federführung.")
    expect(results).to_contain_text("Steckbrief zur E-Akte schreiben")
    reference = results.locator(".ref").inner_text()
    assert re.fullmatch(r"\d{4}-001", reference)

    # Closed: what was not treated goes to the next meeting, marked so.
    open_dialog(chair, "[id^=meeting-head-][id$=-close]")
    submit_dialog(chair)
    expect(gaggenau.locator(".room__stage")).to_have_count(0)
    expect(chair.locator("[data-handle]")).to_have_count(0)
    agenda_row(gaggenau, "Parkraum").locator("a").first.click()
    gaggenau.wait_for_url("**/items/*/")
    gaggenau.locator("main [id^=item-][data-region] > p a[href*='/items/']").click()
    expect(gaggenau.locator("main [id^=item-][data-region] > p a[href*='/items/']")).to_be_visible()
    gaggenau.locator(".breadcrumb a[href*='/meetings/']").click()
    gaggenau.wait_for_url("**/meetings/*/")
    assert path_of(gaggenau.url) != meeting
    expect(agenda_row(gaggenau, "Parkraum").locator(".carried")).to_be_visible()
    expect(agenda_titles(gaggenau).filter(has_text="E-Akte: Federführung")).to_have_count(0)

    # The logs have it, under an address of its own.
    gaggenau.goto(f"{OTHER_NETWORK}/decisions/{reference}/")
    expect(gaggenau.locator("main")).to_contain_text("Rastatt übernimmt die Federführung.")
    gaggenau.goto(f"{OTHER_NETWORK}/decisions/")
    expect(gaggenau.locator("main .ref")).to_have_text([reference])
    gaggenau.goto(f"{OTHER_NETWORK}/action-items/")
    expect(gaggenau.locator("tr[id^=action-]")).to_have_count(1)
    expect(gaggenau.locator("tr[id^=action-]")).to_contain_text("Steckbrief zur E-Akte schreiben")
    rastatt = sit_down(RASTATT, f"{OTHER_NETWORK}/")
    expect(rastatt.locator("[id^=town-actions-]").first).to_contain_text("Steckbrief zur E-Akte schreiben")
    assert watch.strangers(server.url) == []
    assert watch.complaints == []


def test_a_new_person_is_invited_and_joins(
    browser_for: Callable[..., BrowserContext], sit_down: SitDown, server: AsgiServer, watch: Watch
) -> None:
    coordinator = sit_down(COORDINATOR, f"{NETWORK}/members/")
    expect_live(coordinator)
    form = open_dialog(coordinator, "#invite")
    form.locator("[name=email]").fill("neu@lahr.example")
    form.locator("[name=name]").fill("Digitalisierungsbeauftragte Lahr neu")
    form.locator("[name=role]").select_option("officer")
    form.locator("[name=municipality]").select_option("08317065")
    submit_dialog(coordinator)
    expect(coordinator.locator("[id^=invitations-]").first).to_contain_text("neu@lahr.example")
    members = coordinator.context.new_page()
    members.goto(f"{NETWORK}/members/")
    expect_live(members)
    coordinator.goto(f"{NETWORK}/mail/")
    link = coordinator.locator("article.card", has_text="neu@lahr.example").locator("a[href*='/invitation/']")
    address = path_of(link.get_attribute("href") or "")

    new = browser_for(server).new_page()
    new.goto(address)
    expect(new.locator("main")).to_contain_text("Ortenau Digital")
    expect(new.locator("main")).to_contain_text("neu@lahr.example")
    new.locator("[name=password1]").fill("Schwarzwald-Bahn-1873")
    new.locator("[name=password2]").fill("Schwarzwald-Bahn-1873")
    new.locator("main form button[type=submit]").click()
    new.wait_for_url(f"**{NETWORK}/")
    expect_live(new)
    expect(new.get_by_role("link", name="Jour fixe").first).to_be_visible()
    # The coordinator sees it without reload: one person more, one open invitation less.
    expect(members.locator("[id^=members-]").first).to_contain_text("Digitalisierungsbeauftragte Lahr neu")
    expect(members.locator("[id^=invitations-]").first).not_to_contain_text("neu@lahr.example")
    # The link works once; the password from now on.
    new.locator(".menu--account summary").click()
    new.locator("[data-sign-out] button").click()
    new.wait_for_url("**/accounts/login/**")
    new.locator("[name=login]").fill("neu@lahr.example")
    new.locator("[name=password]").fill("Schwarzwald-Bahn-1873")
    new.locator("main form:has([name=password]) button[type=submit]").click()
    new.wait_for_url(f"**{NETWORK}/")
    assert "Digital Regional" not in new.content()
    stranger = browser_for(server).new_page()
    answer = stranger.goto(address)
    assert answer and answer.status == 410
    assert watch.strangers(server.url) == []
    assert [words for words in watch.complaints if "410" not in words] == []


def test_the_same_in_english(sit_down: SitDown) -> None:
    """The browser's language decides; whoever switches it is answered in the other from then on."""
    page = sit_down(KEHL, f"{NETWORK}/", language="en", own_session=True)
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator(".main-nav")).to_contain_text("Action items")
    page.locator(".menu--account summary").click()
    page.locator(".language-switch button[value=de]").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto(f"{NETWORK}/meetings/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect_live(page)
