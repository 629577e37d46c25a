"""Who took on what, from the idea to its reuse elsewhere, on the screens of several towns at once; nobody reloads."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from .steps import (
    ACHERN,
    COORDINATOR,
    DURBACH,
    GUIDE,
    KEHL,
    NETWORK,
    expect_live,
    open_dialog,
    plan_meeting,
    send,
    submit_dialog,
)

pytestmark = pytest.mark.browser
SitDown = Callable[..., Page]
BOARD = f"{NETWORK}/projects/"
TITLE = "Digitaler Bauantrag"


def test_from_an_idea_to_its_reuse_in_another_town(sit_down: SitDown) -> None:
    achern, kehl = sit_down(ACHERN, BOARD), sit_down(KEHL, BOARD)
    durbach = sit_down(DURBACH, f"{NETWORK}/", width=390)
    for page in (achern, kehl, durbach):
        expect_live(page)
        page.evaluate("() => { window.neverReloaded = true }")

    number = enter(kehl)
    row = achern.locator(f"#board-row-{number}")
    expect(row).to_contain_text(TITLE)
    row.locator(f"#board-row-{number}-take-on").click()
    expect(kehl.locator(f"#project-towns-{number}")).to_contain_text("Achern")

    propose_to_durbach(sit_down(COORDINATOR, f"{BOARD}{number}/"), number)
    asked = region(durbach, "asked")
    expect(asked).to_contain_text(TITLE)
    asked.locator("[id$=-yes]").click()
    expect(kehl.locator(f"#project-towns-{number}")).to_contain_text("Durbach")
    expect(row.locator(".part")).to_have_count(2)

    hand_on(sit_down(ACHERN, f"{BOARD}{number}/"), number)
    expect(kehl.locator(f"#project-reuse-{number}")).to_contain_text("Bauakten einscannen")
    kehl.locator(f"#project-towns-{number}-reuse").click()
    reuse(kehl, number)
    expect(row.locator(".part")).to_have_count(3)
    # The phone at home has seen it all, in the network's balance and in what changed.
    expect(region(durbach, "balance")).to_contain_text(TITLE)
    expect(region(durbach, "feed")).to_contain_text(TITLE)
    assert all(page.evaluate("() => window.neverReloaded") for page in (achern, durbach))


def region(page: Page, name: str) -> Locator:
    return page.locator(f"[data-region][id^={name}-]").first


def enter(kehl: Page) -> str:
    """Kehl enters the project and is led to its page; returns its number."""
    form = open_dialog(kehl, "[href$='/projects/add/'][data-dialog]")
    form.locator("[name=title]").fill(TITLE)
    submit_dialog(kehl)
    kehl.wait_for_url(re.compile(r"/projects/\d+/$"))
    expect_live(kehl)
    found = re.search(r"/projects/(\d+)/$", kehl.url)
    assert found
    return found[1]


def propose_to_durbach(coordinator: Page, number: str) -> None:
    expect_live(coordinator)
    form = open_dialog(coordinator, f"#project-towns-{number}-propose")
    form.locator("[name=municipality]").select_option(label="Durbach")
    form.locator("[name=role]").select_option("contributor")
    submit_dialog(coordinator)


def hand_on(achern: Page, number: str) -> None:
    """Achern has it in operation and writes down what it learned."""
    expect_live(achern)
    form = open_dialog(achern, f"#project-head-{number}-phase")
    form.locator("[name=phase]").select_option("operation")
    submit_dialog(achern)
    achern.locator(f"#project-reuse-{number}-write").click()
    achern.locator("[name=took]").fill("Ein halbes Jahr, zwei Leute")
    achern.locator("[name=needed]").fill("Bauakten einscannen\nFachverfahren anbinden")
    achern.locator("main form button[type=submit]").first.click()
    achern.wait_for_url(f"**{BOARD}{number}/**")


def reuse(kehl: Page, number: str) -> None:
    """Kehl makes its checklist from the report and ticks the first step."""
    kehl.locator(f"#chain-{number}-08317057-begin").click()
    kehl.wait_for_url(re.compile(r"/reuses/\d+/$"))
    expect_live(kehl)
    steps = kehl.locator("[id^=step-][id$=-done]")
    expect(steps).to_have_count(2)
    steps.first.click()
    kehl.goto(f"{BOARD}{number}/")
    expect(kehl.locator(f"#chain-{number}-08317057-list")).to_contain_text("1 von 2")


def test_a_question_finds_who_knows_and_is_found_again(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL, f"{NETWORK}/")
    guide = sit_down(GUIDE, f"{NETWORK}/questions/")
    for page in (kehl, guide):
        expect_live(page)
    form = open_dialog(guide, "#question-add")
    form.locator("[name=title]").fill("Wer hat die Terminvergabe an das Melderegister angebunden?")
    form.locator("[name=project]").select_option(label="Online-Terminvergabe")
    submit_dialog(guide)
    guide.wait_for_url(re.compile(r"/questions/\d+/$"))
    question = guide.url

    # Kehl leads the project: it is told at home, and answers.
    told = region(kehl, "questions-to")
    expect(told).to_contain_text("Melderegister")
    kehl.goto(question)
    kehl.locator("[name=text]").fill("Wir, über die Schnittstelle XMeld.")
    kehl.locator("#answer-form button[type=submit], form[data-draft] button[type=submit]").first.click()

    expect_live(guide)
    answer = guide.locator("[id^=answer-][id$=-solve]")
    answer.click()
    expect(region(kehl, "question")).to_contain_text("Lösung")

    kehl.goto(f"{NETWORK}/search/?q=Schnittstellen")
    expect(kehl.locator("main")).to_contain_text("Melderegister")


def test_what_a_town_takes_on_in_the_room_is_in_the_summary(sit_down: SitDown, no_meeting_in_session: None) -> None:
    coordinator = sit_down(COORDINATOR)
    meeting = plan_meeting(coordinator, "Wer macht mit?", days=0)
    send(coordinator, f"{meeting}items/add/", title="Wer macht mit?", kind="discussion", minutes=10, project=3)
    send(coordinator, f"{meeting}open/")
    durbach, achern = sit_down(DURBACH, meeting, width=390), sit_down(ACHERN, meeting)
    for page in (durbach, achern):
        expect_live(page)
    durbach.locator("[id$=-project-contributor]").click()
    expect(region(achern, "meeting-active")).to_contain_text("Durbach")
    send(coordinator, f"{meeting}close/")
    expect(region(achern, "meeting-summary")).to_contain_text("Mitwirkung")
    expect(region(achern, "meeting-summary")).to_contain_text("Durbach")
