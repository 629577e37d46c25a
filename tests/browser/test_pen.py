"""The pen and the report change hands: the forms come and go on screens that stay open."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import SitDown, Watch
from .steps import (
    ACHERN,
    COORDINATOR,
    KEHL,
    MAYOR,
    add_item,
    dialog,
    expect_focus_somewhere,
    expect_live,
    open_dialog,
    plan_meeting,
    send,
    submit,
    submit_dialog,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]


def hand_pen_to(chair: Page, name: str) -> None:
    open_dialog(chair, "[id^=meeting-active-][id$=-hand-pen]")
    option = dialog(chair).locator("select[name=to] option", has_text=name).first
    dialog(chair).locator("select[name=to]").select_option(option.get_attribute("value"))
    submit_dialog(chair)


def take_pen_back(chair: Page) -> None:
    chair.locator("[id^=meeting-active-][id$=-take-pen]").click()


def test_the_notes_follow_the_pen_without_a_reload(sit_down: SitDown, watch: Watch) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Stift wandert", ("Breitband", "Verschiedenes"))
    send(chair, f"{meeting}open/")
    achern = sit_down(ACHERN, meeting)
    chair.goto(meeting)
    for page in (chair, achern):
        expect_live(page)
    expect(achern.locator("#pen")).to_be_hidden()
    hand_pen_to(chair, "Achern")
    # Achern's form appears on the screen as it is, and saves.
    notes = achern.locator("#pen textarea")
    expect(notes).to_be_visible()
    notes.fill("Achern schreibt jetzt.")
    submit(achern.locator("#notes-form"))
    expect(achern.locator(".room__stage")).to_contain_text("Achern schreibt jetzt.")
    # Taken back while nothing is unsent: the form goes, and the focus is not lost with it.
    notes.focus()
    take_pen_back(chair)
    expect(notes).to_have_count(0)
    expect(achern.locator("#pen")).to_be_hidden()
    expect_focus_somewhere(achern)
    assert not watch.strangers(achern.url.split("/n/")[0])
    assert not [complaint for complaint in watch.complaints if "undefined" in complaint]
    assert not [url for url in watch.requests if "undefined" in url]


def test_unsent_notes_stay_when_the_pen_goes(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Stift weg", ("Breitband",))
    send(chair, f"{meeting}open/")
    achern = sit_down(ACHERN, meeting)
    chair.goto(meeting)
    for page in (chair, achern):
        expect_live(page)
    hand_pen_to(chair, "Achern")
    notes = achern.locator("#pen textarea")
    notes.fill("Noch nicht gesendet")
    take_pen_back(chair)
    expect(achern.locator("#pen [data-moved=lost]")).to_be_visible()
    expect(notes).to_have_value("Noch nicht gesendet")
    submit(achern.locator("#notes-form"))
    expect(achern.locator("[data-toasts=alert] .toast")).to_contain_text("Ihre Notizen wurden daher nicht gespeichert")
    expect(notes).to_have_value("Noch nicht gesendet")
    # With the pen the text can be saved after all.
    hand_pen_to(chair, "Achern")
    expect(achern.locator("#pen [data-moved]")).to_have_count(0)
    submit(achern.locator("#notes-form"))
    expect(achern.locator(".room__stage")).to_contain_text("Noch nicht gesendet")


def test_the_report_is_offered_to_who_sits_at_the_table_for_a_town(sit_down: SitDown, watch: Watch) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Blitzlicht für alle")
    add_item(chair, meeting, "Blitzlicht", kind="round")
    send(chair, f"{meeting}open/")
    kehl, mayor = sit_down(KEHL, meeting), sit_down(MAYOR, meeting)
    chair.goto(meeting)
    for page in (chair, kehl, mayor):
        expect_live(page)
    expect(kehl.locator("#report-form")).to_be_visible()
    for page in (chair, mayor):
        expect(page.locator("#report")).to_be_hidden()
    reports = [url for url in watch.requests if re.search(r"/items/\d+/report/", url)]
    assert len(reports) == 1, reports
    # Named as the town's deputy of this meeting, the mayor's screen has the form without a reload.
    deputy = mayor.locator("body").get_attribute("data-membership")
    answer = f"{meeting}towns/own/answer/"
    form = kehl.context.request.get(answer).text()
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version, form
    send(kehl, answer, answer="accepted", deputy=deputy, deputy_name="", note="", version=version[1])
    expect(mayor.locator("#report-form")).to_be_visible()
    assert not [complaint for complaint in watch.complaints if "403" in complaint]
