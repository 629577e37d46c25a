"""A vote in the room on four screens: two people vote, a third writes notes and is not disturbed, the wall counts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import SitDown, Watch
from .steps import (
    ACHERN,
    COORDINATOR,
    DURBACH,
    KEHL,
    MAYOR,
    NETWORK,
    dialog,
    expect_live,
    item_id,
    open_dialog,
    plan_meeting,
    send,
    submit_dialog,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]
WORDING = "Die Fachgruppe empfiehlt die E-Akte."
NOTES = "Kehl berichtet aus der Pilotphase"


def room(chair: Page, title: str) -> str:
    """A meeting in session, with a wording that was drafted before it."""
    meeting = plan_meeting(chair, title, ("E-Akte", "Verschiedenes"))
    chair.goto(meeting)
    item = item_id(chair, "E-Akte")
    send(chair, f"{NETWORK}/items/{item}/wording/", text=WORDING, version=0)
    send(chair, f"{meeting}open/")
    return meeting


def put_to_the_vote(chair: Page, kind: str) -> None:
    open_dialog(chair, "[id^=meeting-wording-][id$=-vote]")
    expect(dialog(chair).locator("textarea[name=text]")).to_have_value(WORDING)
    dialog(chair).locator(f"input[name=kind][value={kind}]").check()
    submit_dialog(chair)


def own(page: Page, answer: str) -> str:
    return f"[id^=meeting-vote-][id$=-own-{answer}]"


def test_two_vote_while_a_third_writes(sit_down: SitDown, watch: Watch) -> None:
    chair = sit_down(COORDINATOR)
    meeting = room(chair, "Abstimmung im Raum")
    kehl, achern = sit_down(KEHL, meeting), sit_down(ACHERN, meeting, width=390)
    durbach, mayor = sit_down(DURBACH, f"{meeting}wall/"), sit_down(MAYOR, meeting)
    chair.goto(meeting)
    for page in (chair, kehl, achern, mayor):
        expect_live(page)
    # Kehl takes the minutes and is in the middle of a sentence.
    notes = kehl.locator("#pen textarea")
    notes.fill(NOTES)
    notes.evaluate("field => field.setSelectionRange(4, 12)")
    put_to_the_vote(chair, "open")
    for page in (achern, kehl):
        expect(page.locator(own(page, "yes"))).to_be_visible()
    expect(mayor.locator(".vote")).to_contain_text(WORDING)
    expect(mayor.locator(own(mayor, "yes"))).to_be_hidden()
    # Achern votes by keyboard, with the focus where it was afterwards.
    achern.locator(own(achern, "no")).focus()
    achern.keyboard.press("Enter")
    expect(chair.locator(".vote-progress__number")).to_have_text("1")
    expect(durbach.locator(".vote-progress__number")).to_have_text("1")
    expect(achern.locator(own(achern, "no"))).to_be_focused()
    expect(achern.locator(".vote-progress__mine")).to_be_visible()
    # Nothing that Kehl was doing has changed: text, selection, focus.
    expect(notes).to_be_focused()
    expect(notes).to_have_value(NOTES)
    assert notes.evaluate("field => [field.selectionStart, field.selectionEnd]") == [4, 12]
    kehl.locator(own(kehl, "yes")).click()
    expect(chair.locator(".vote-progress__number")).to_have_text("2")
    expect(notes).to_have_value(NOTES)
    # While it is open nobody sees what was said.
    for page in (chair, durbach, mayor):
        expect(page.locator(".vote-counts")).to_have_count(0)
    # Achern thinks again, with a reason; another town's dialog does not lose a word by the voices of others.
    open_dialog(achern, "[id^=meeting-vote-][id$=-own-more]")
    expect(dialog(achern).locator("input[value=no]")).to_be_checked()
    dialog(achern).locator("textarea").fill("Nach der Erklärung einverstanden")
    kehl.locator(own(kehl, "abstain")).click()
    expect(kehl.locator(".toasts").first).to_contain_text("Enthaltung")
    kehl.locator(own(kehl, "yes")).click()
    expect(kehl.locator(".toasts").first).to_contain_text("Kehl: Ja")
    expect(dialog(achern).locator("textarea")).to_have_value("Nach der Erklärung einverstanden")
    dialog(achern).locator("input[value=yes]").check()
    submit_dialog(achern)
    # The chair is told who is missing; then all see the result.
    open_dialog(chair, "[id^=meeting-vote-][id$=-close]")
    expect(dialog(chair)).to_contain_text("2 von")
    submit_dialog(chair)
    for page in (chair, kehl, achern, mayor, durbach):
        expect(page.locator(".vote-counts [data-answer=yes] dd").first).to_have_text("2")
    mayor.locator(".vote summary").click()
    expect(mayor.locator(".voices")).to_contain_text("Nach der Erklärung einverstanden")
    expect(notes).to_have_value(NOTES)
    assert not [line for line in watch.complaints if "409" not in line and "422" not in line]


def test_an_objection_keeps_the_wording_on_the_table(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = room(chair, "Konsent im Raum")
    achern = sit_down(ACHERN, meeting)
    chair.goto(meeting)
    for page in (chair, achern):
        expect_live(page)
    put_to_the_vote(chair, "consent")
    expect(achern.locator(".vote h2")).to_have_text("Gibt es schwerwiegende Einwände?")
    open_dialog(achern, own(achern, "object"))
    dialog(achern).locator("input[value=object]").check()
    dialog(achern).locator(".form-actions button[type=submit]").click()
    expect(dialog(achern)).to_contain_text("Ohne Begründung")
    dialog(achern).locator("textarea").fill("Der Haushalt fehlt")
    submit_dialog(achern)
    expect(chair.locator(".vote")).not_to_contain_text("Der Haushalt fehlt")
    open_dialog(chair, "[id^=meeting-vote-][id$=-close]")
    submit_dialog(chair)
    for page in (chair, achern):
        expect(page.locator(".vote__objections")).to_contain_text("Der Haushalt fehlt")
    expect(chair.locator("[id^=meeting-wording-]").first).to_contain_text(WORDING)
