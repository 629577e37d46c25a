"""Two people at the same thing, and texts that were not sent: nothing typed is ever lost (R7, R8)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import SitDown
from .steps import (
    COORDINATOR,
    DURBACH,
    KEHL,
    add_item,
    agenda_row,
    agenda_titles,
    dialog,
    expect_live,
    item_id,
    open_dialog,
    plan_meeting,
    send,
    submit,
    submit_dialog,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]

ADD = "[id^=meeting-agenda-][id$=-add]"
ITEM = "/n/ortenau/items"


def wait_for_draft(page: Page, words: str) -> None:
    page.wait_for_function("(words) => Object.values(localStorage).some((value) => value.includes(words))", arg=words)


def test_two_people_edit_one_item(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Zwei Bearbeiter")
    kehl = sit_down(KEHL, meeting)
    add_item(kehl, meeting, "Gemeinsames Geoportal")
    item = f"{ITEM}/{item_id(kehl, 'Gemeinsames Geoportal')}/"
    chair.goto(item)
    kehl.goto(item)
    mine = open_dialog(chair, "[id^=item-][id$=-edit]")
    theirs = open_dialog(kehl, "[id^=item-][id$=-edit]")
    theirs.locator("[name=text]").fill("Kehl: es gibt schon eines.")
    mine.locator("[name=text]").fill("Vorsitz: bitte mit Zahlen.")
    submit_dialog(kehl)
    # The page behind the dialog is up to date, and the form still holds what was typed.
    expect(chair.locator("main [id^=item-][data-region]").first).to_contain_text("Kehl: es gibt schon eines.")
    submit(mine)
    conflict = mine.locator("[data-conflict]")
    expect(conflict).to_contain_text("Kehl: es gibt schon eines.")
    expect(conflict).to_contain_text("Kehl")
    expect(conflict).to_be_focused()
    expect(mine.locator("[name=text]")).to_have_value("Vorsitz: bitte mit Zahlen.")
    expect(kehl.locator("main")).not_to_contain_text("Vorsitz: bitte mit Zahlen.")
    mine.locator("[data-take-from]").click()
    expect(mine.locator("[name=text]")).to_have_value("Kehl: es gibt schon eines.")
    expect(mine.locator("[name=text]")).to_be_focused()
    mine.locator("[name=text]").fill("Kehl: es gibt schon eines. Vorsitz: bitte mit Zahlen.")
    submit_dialog(chair)
    for page in (chair, kehl):
        expect(page.locator("main")).to_contain_text("Kehl: es gibt schon eines. Vorsitz: bitte mit Zahlen.")


def test_two_people_write_the_notes_of_one_item(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Zwei Stifte", ("Erster Punkt",))
    send(chair, f"{meeting}open/")
    chair.goto(meeting)
    kehl = sit_down(KEHL, meeting)
    for page in (chair, kehl):
        expect_live(page)
    hers, his = kehl.locator("#pen"), chair.locator("#pen")
    hers.locator("textarea").fill("Notiz aus Kehl")
    his.locator("textarea").fill("Notiz des Vorsitzes")
    submit(hers)
    expect(chair.locator(".room__stage")).to_contain_text("Notiz aus Kehl")
    expect(his.locator("textarea")).to_have_value("Notiz des Vorsitzes")
    submit(his)
    expect(his.locator("[data-conflict]")).to_contain_text("Notiz aus Kehl")
    expect(his.locator("textarea")).to_have_value("Notiz des Vorsitzes")
    his.locator("textarea").fill("Notiz aus Kehl. Notiz des Vorsitzes.")
    submit(his)
    for page in (chair, kehl):
        expect(page.locator(".room__stage")).to_contain_text("Notiz aus Kehl. Notiz des Vorsitzes.")
    # Kehl's untouched pen has followed; nothing is in conflict any more.
    expect(hers.locator("textarea")).to_have_value("Notiz aus Kehl. Notiz des Vorsitzes.")
    expect(his.locator("[data-conflict]")).to_have_count(0)


def test_a_draft_survives_a_reload_and_a_closed_tab_until_it_is_discarded(sit_down: SitDown) -> None:
    durbach = sit_down(DURBACH)
    meeting = plan_meeting(sit_down(COORDINATOR), "Entwurf", ("Erstens",))
    durbach.goto(meeting)
    open_dialog(durbach, ADD).locator("[name=title]").fill("Noch nicht fertig")
    wait_for_draft(durbach, "Noch nicht fertig")
    durbach.reload()
    expect(open_dialog(durbach, ADD).locator("[name=title]")).to_have_value("Noch nicht fertig")
    dialog(durbach).locator("[name=text]").press_sequentially("und noch ein Wort")
    # The tab is closed at once: what was typed last is kept, too.
    durbach.close(run_before_unload=True)
    again = durbach.context.new_page()
    again.goto(meeting)
    form = open_dialog(again, ADD)
    expect(form.locator("[name=title]")).to_have_value("Noch nicht fertig")
    expect(form.locator("[name=text]")).to_have_value("und noch ein Wort")
    form.locator("[data-draft-note] button").click()
    expect(form.locator("[name=title]")).to_have_value("")
    expect(form.locator("[name=title]")).to_be_focused()
    again.reload()
    expect(open_dialog(again, ADD).locator("[name=title]")).to_have_value("")
    expect(dialog(again).locator("[data-draft-note]")).to_have_count(0)


def test_what_was_sent_leaves_no_draft_and_a_draft_is_its_authors_alone(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Gesendet")
    chair.goto(meeting)
    open_dialog(chair, ADD).locator("[name=title]").fill("Wird gesendet")
    wait_for_draft(chair, "Wird gesendet")
    submit_dialog(chair)
    expect(agenda_titles(chair)).to_have_text(["Wird gesendet"])
    expect(open_dialog(chair, ADD).locator("[name=title]")).to_have_value("")
    dialog(chair).locator("[name=title]").fill("Vertraulich vom Vorsitz")
    wait_for_draft(chair, "Vertraulich vom Vorsitz")
    chair.goto("/accounts/login/")
    # Somebody else at the same computer.
    sit = chair.context
    sit.clear_cookies()
    chair.goto(f"/accounts/login/?next={meeting}")
    chair.locator("form.demo__form", has_text=DURBACH).locator("button").click()
    chair.wait_for_url(f"**{meeting}")
    expect(open_dialog(chair, ADD).locator("[name=title]")).to_have_value("")


def test_a_dialog_closed_by_escape_keeps_the_text(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL)
    meeting = plan_meeting(sit_down(COORDINATOR), "Escape")
    kehl.goto(meeting)
    open_dialog(kehl, ADD).locator("[name=title]").fill("Versehentlich geschlossen")
    kehl.keyboard.press("Escape")
    expect(dialog(kehl)).to_be_hidden()
    expect(kehl.locator("[data-toasts=status] .toast")).to_be_visible()
    expect(open_dialog(kehl, ADD).locator("[name=title]")).to_have_value("Versehentlich geschlossen")


def test_a_double_click_creates_one_item(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Doppelklick")
    chair.goto(meeting)
    expect_live(chair)
    open_dialog(chair, ADD).locator("[name=title]").fill("Nur einmal")
    dialog(chair).locator(".form-actions button[type=submit]").dblclick()
    expect(dialog(chair)).to_be_hidden()
    # The next one comes after it in the log: when it is there, a second of the first would be there, too.
    add_item(chair, meeting, "Danach")
    expect(agenda_titles(chair)).to_have_text(["Nur einmal", "Danach"])
    chair.reload()
    expect(agenda_titles(chair)).to_have_text(["Nur einmal", "Danach"])


def test_the_answer_that_was_lost_creates_nothing_twice(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Verlorene Antwort")
    chair.goto(meeting)
    expect_live(chair)
    form = open_dialog(chair, ADD)
    form.locator("[name=title]").fill("Kam an, ohne dass man es erfuhr")
    # The request reaches the server; the network dies before the answer.
    pattern = "**/items/add/"

    def lose(route) -> None:  # type: ignore[no-untyped-def]
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.fallback()

    chair.route(pattern, lose)
    submit(form)
    expect(form.locator("[data-toasts=alert] .toast")).to_be_visible()
    chair.unroute(pattern)
    submit_dialog(chair)
    expect(agenda_row(chair, "Kam an, ohne dass man es erfuhr")).to_be_visible()
    chair.reload()
    expect(agenda_titles(chair)).to_have_text(["Kam an, ohne dass man es erfuhr"])
