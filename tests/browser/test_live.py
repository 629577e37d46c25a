"""Three screens side by side: what one does stands on the others, and nobody is disturbed at what they are doing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import SitDown
from .steps import (
    ACHERN,
    COORDINATOR,
    GUIDE,
    KEHL,
    MAYOR,
    active_title,
    add_item,
    agenda_row,
    agenda_titles,
    dialog,
    expect_live,
    item_id,
    open_dialog,
    open_meeting,
    plan_meeting,
    send,
    submit,
    submit_dialog,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]

FOCUSED = "() => document.activeElement.name"
CARET = "() => [document.activeElement.selectionStart, document.activeElement.selectionEnd]"


def write_decision(page: Page, wording: str) -> None:
    open_dialog(page, "[id^=meeting-active-][id$=-decide]").locator("[name=wording]").fill(wording)
    submit_dialog(page)


def write_action(page: Page, title: str) -> None:
    form = open_dialog(page, "[id^=meeting-active-][id$=-task]")
    form.locator("[name=title]").fill(title)
    form.locator("[name=who]").fill("Kehl")
    form.locator("[name=due]").select_option("date")
    form.locator("[name=due_on]").fill("2030-03-01")
    submit_dialog(page)


def test_what_one_does_stands_on_the_screens_of_the_others(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Drei Bildschirme", ("Begrüßung", "E-Akte"))
    officer, mayor = sit_down(KEHL, meeting), sit_down(MAYOR, meeting)
    chair.goto(meeting)
    for page in (chair, officer, mayor):
        expect_live(page)
        page.evaluate("() => { window.neverReloaded = true }")

    # Kehl begins to propose something and stops in the middle of a word.
    form = open_dialog(officer, "[id^=meeting-agenda-][id$=-add]")
    title = form.locator("[name=title]")
    title.press_sequentially("Wohnmobilstellplätze gemeinsam")
    for _ in range(5):
        title.press("ArrowLeft")
    caret = officer.evaluate(CARET)
    assert caret == [25, 25]

    def undisturbed() -> None:
        expect(title).to_have_value("Wohnmobilstellplätze gemeinsam")
        assert officer.evaluate(FOCUSED) == "title"
        assert officer.evaluate(CARET) == caret

    # Added, ordered, opened, decided, agreed: each is on the others' screens, and Kehl types on.
    open_dialog(chair, "[id^=meeting-agenda-][id$=-add]").locator("[name=title]").fill("Kita-Info-App")
    submit_dialog(chair)
    for page in (officer, mayor):
        expect(agenda_titles(page)).to_have_text(["Begrüßung", "E-Akte", "Kita-Info-App"])
    undisturbed()

    row = agenda_row(chair, "Kita-Info-App")
    row.locator("summary").click()
    row.locator("[data-move=up]").click()
    for page in (chair, officer, mayor):
        expect(agenda_titles(page)).to_have_text(["Begrüßung", "Kita-Info-App", "E-Akte"])
    undisturbed()

    open_meeting(chair)
    for page in (chair, officer, mayor):
        expect(active_title(page)).to_have_text("Begrüßung")
        expect(agenda_row(page, "Begrüßung")).to_have_attribute("aria-current", "step")
    undisturbed()

    chair.locator("[id$=-activate]", has=chair.get_by_text("Kita-Info-App")).click()
    for page in (officer, mayor):
        expect(active_title(page)).to_have_text("Kita-Info-App")
        expect(agenda_row(page, "Kita-Info-App")).to_have_attribute("aria-current", "step")
        expect(agenda_row(page, "Begrüßung")).not_to_have_attribute("aria-current", "step")

    write_decision(chair, "Die App wird gemeinsam beschafft.")
    write_action(chair, "Angebot einholen")
    for page in (chair, officer, mayor):
        results = page.locator("[id^=meeting-log-]").first
        expect(results).to_contain_text("Die App wird gemeinsam beschafft.")
        expect(results.locator(".ref")).to_have_count(1)
        expect(results).to_contain_text("Angebot einholen")
    undisturbed()

    # Whatever came meanwhile, the next letters go where the caret stands.
    officer.keyboard.type("XY")
    expect(title).to_have_value("Wohnmobilstellplätze gemeXYinsam")
    assert all(page.evaluate("() => window.neverReloaded") for page in (chair, officer, mayor))
    submit_dialog(officer)
    for page in (chair, mayor):
        expect(agenda_row(page, "Wohnmobilstellplätze gemeXYinsam")).to_be_visible()


def test_only_the_chair_gets_the_controls_and_a_new_chair_gets_them_without_reload(sit_down: SitDown) -> None:
    coordinator = sit_down(COORDINATOR)
    meeting = plan_meeting(coordinator, "Wechselnder Vorsitz", ("Begrüßung",))
    coordinator.goto(meeting)
    achern = sit_down(ACHERN, meeting)
    expect_live(achern)
    expect(achern.locator("[id^=meeting-head-][id$=-open]")).to_have_count(0)
    expect(achern.locator("[data-handle]")).to_have_count(0)
    coordinator.locator("[id^=meeting-head-][id$=-menu] > summary").click()
    form = open_dialog(coordinator, "[id^=meeting-head-][id$=-people]")
    label = form.locator("[name=chair] option", has_text="beauftragte Achern").text_content()
    form.locator("[name=chair]").select_option(label=label)
    submit_dialog(coordinator)
    open_meeting(achern)
    expect(active_title(coordinator)).to_have_text("Begrüßung")


def test_what_one_reads_stays_where_it_is_on_the_screen(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    titles = tuple(f"Punkt {number}" for number in range(1, 16))
    meeting = plan_meeting(chair, "Lange Tagesordnung", titles)
    mayor = sit_down(MAYOR, meeting)
    expect_live(mayor)
    read = agenda_row(mayor, "Punkt 12")
    read.evaluate("(row) => window.scrollTo(0, row.getBoundingClientRect().top + scrollY - 300)")
    before = read.evaluate("(row) => row.getBoundingClientRect().top")
    scrolled = mayor.evaluate("() => scrollY")
    assert scrolled > 200, "the page is too short to say anything"
    # The stage appears above, one item leaves from above.
    send(chair, f"{meeting}open/")
    send(chair, f"{meeting.rpartition('/meetings/')[0]}/items/{item_id(mayor, 'Punkt 3')}/decline/", answer="Später")
    expect(active_title(mayor)).to_have_text("Punkt 1")
    expect(agenda_titles(mayor)).to_have_count(14)
    after = read.evaluate("(row) => row.getBoundingClientRect().top")
    assert abs(after - before) <= 2
    assert mayor.evaluate("() => scrollY") != scrolled, "nothing moved above, so this test showed nothing"


def test_the_minute_taker_keeps_her_text_while_the_chair_moves_on(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Protokoll", ("Erster Punkt", "Zweiter Punkt"))
    chair.goto(meeting)
    send(chair, f"{meeting}open/")
    minutes = sit_down(KEHL, meeting)
    expect_live(minutes)
    notes = minutes.locator("#pen textarea")
    notes.press_sequentially("Kehl berichtet über")
    notes.press("Home")
    expect(minutes.locator(".pen__moved")).to_have_count(0)
    chair.locator("[id^=meeting-active-][id$=-next]").click()
    expect(active_title(minutes)).to_have_text("Zweiter Punkt")
    # She is told, and nothing else happens to her.
    expect(minutes.locator(".pen__moved")).to_be_visible()
    expect(notes).to_have_value("Kehl berichtet über")
    assert minutes.evaluate(FOCUSED) == "notes"
    assert minutes.evaluate(CARET) == [0, 0]
    # Saved, they belong to the first item; the pen goes on with the second.
    submit(minutes.locator("#notes-form"))
    expect(minutes.locator("#pen h2")).to_contain_text("Zweiter Punkt")
    expect(notes).to_have_value("")
    first = item_id(minutes, "Erster Punkt")
    minutes.goto(f"{meeting.rpartition('/meetings/')[0]}/items/{first}/")
    expect(minutes.locator("main")).to_contain_text("Kehl berichtet über")


def test_an_untouched_pen_follows_the_meeting(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Der Stift folgt", ("Erster Punkt", "Zweiter Punkt"))
    send(chair, f"{meeting}open/")
    minutes = sit_down(KEHL, meeting)
    expect_live(minutes)
    expect(minutes.locator("#pen h2")).to_contain_text("Erster Punkt")
    chair.goto(meeting)
    chair.locator("[id^=meeting-active-][id$=-next]").click()
    expect(minutes.locator("#pen h2")).to_contain_text("Zweiter Punkt")
    expect(minutes.locator(".pen__moved")).to_have_count(0)


def test_what_is_typed_while_the_pen_moves_on_stays(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Der Stift unterwegs", ("Erster Punkt", "Zweiter Punkt"))
    send(chair, f"{meeting}open/")
    minutes = sit_down(KEHL, meeting)
    expect_live(minutes)
    notes = minutes.locator("#pen textarea")
    on_their_way: list[Route] = []
    minutes.route("**/notes/", lambda route: on_their_way.append(route))
    first = item_id(minutes, "Erster Punkt")
    with minutes.expect_request("**/notes/"):
        send(chair, f"{meeting}next/", expected=first)
    # The notes of the second item are asked for, and she begins to write.
    expect(active_title(minutes)).to_have_text("Zweiter Punkt")
    notes.press_sequentially("Schnell noch dies")
    with minutes.expect_response("**/notes/"):
        on_their_way[0].continue_()
    expect(minutes.locator(".pen__moved")).to_be_visible()
    expect(notes).to_have_value("Schnell noch dies")
    expect(notes).to_be_focused()


def test_a_new_order_waits_while_the_pointer_is_about_to_click(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Neue Reihenfolge", ("Eins", "Zwei", "Drei"))
    mayor = sit_down(MAYOR, meeting)
    expect_live(mayor)
    box = agenda_row(mayor, "Zwei").bounding_box()
    assert box
    mayor.mouse.move(box["x"] + 40, box["y"] + 10)
    mayor.mouse.move(box["x"] + 60, box["y"] + 12)
    send(chair, f"{meeting.rpartition('/meetings/')[0]}/items/{item_id(mayor, 'Drei')}/move/", direction="up")
    notice = mayor.locator(".region-notice button")
    expect(notice).to_be_visible()
    expect(agenda_titles(mayor)).to_have_text(["Eins", "Zwei", "Drei"])
    notice.click()
    expect(agenda_titles(mayor)).to_have_text(["Eins", "Drei", "Zwei"])
    expect(notice).to_have_count(0)


def test_home_and_logs_of_others_change_too(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    # The guides' group meets nowhere else in this file: what is next there is this meeting.
    meeting = plan_meeting(chair, "Heute", ("Beschluss fassen",), group="Digitallotsen")
    guide, home = sit_down(GUIDE, "/n/ortenau/"), sit_down(KEHL, "/n/ortenau/")
    decisions = sit_down(MAYOR, "/n/ortenau/decisions/")
    tasks = sit_down(KEHL, "/n/ortenau/action-items/")
    for page in (guide, home, decisions, tasks):
        expect_live(page)
    chair.goto(meeting)
    add_item(chair, meeting, "Spät dazu")
    expect(guide.locator("section[id^=group-next-]", has_text="Digitallotsen")).to_contain_text("Spät dazu")
    send(chair, f"{meeting}open/")
    expect(active_title(chair)).to_have_text("Beschluss fassen")
    write_decision(chair, "Wir fangen an.")
    write_action(chair, "Einladung schreiben")
    expect(decisions.locator("[id^=decision-log-]").first).to_contain_text("Wir fangen an.")
    expect(tasks.locator("[id^=action-log-]").first).to_contain_text("Einladung schreiben")
    expect(home.locator("[id^=town-actions-]").first).to_contain_text("Einladung schreiben")
    expect(home.locator("[id^=feed-] li").first).to_contain_text("Einladung schreiben")
    expect(dialog(chair)).to_be_hidden()
    send(chair, f"{meeting}close/", finish_active="on")
