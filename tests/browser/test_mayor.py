"""A mayor who has never seen the product opens it on a phone: decisions, what is owed, who does what, what is next."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import SitDown
from .steps import (
    COORDINATOR,
    KEHL,
    MAYOR,
    NETWORK,
    active_title,
    expect_live,
    plan_meeting,
    send,
)
from .test_axe import complaints
from .test_board import BOARD, add_project
from .test_live import write_action, write_decision
from .test_narrow import TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]
WRITES = "main :is([hx-post], [data-dialog], form[method=post])"


def test_the_phone_of_a_mayor(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Sondersitzung", ("Glasfaser",), days=0)
    phone = sit_down(MAYOR, f"{NETWORK}/", width=390)
    expect_live(phone)
    expect(phone.locator("h1")).to_have_text("Kehl im Überblick")
    # The parts of the page are one touch away; nothing can be changed by accident.
    phone.get_by_role("link", name="Termine", exact=True).click()
    expect(phone.locator("section[id^=overview-dates-]")).to_be_in_viewport()
    expect(phone.locator("section[id^=overview-dates-]")).to_contain_text("Sondersitzung")
    expect(phone.locator(WRITES)).to_have_count(0)
    expect(phone.locator("section[id^=my-actions-]")).to_be_hidden()  # a mayor carries none: no word of it
    assert phone.evaluate(TOO_WIDE) is None

    # What is decided in the room is there at once, and so is what the town has to do.
    chair.goto(meeting)
    send(chair, f"{meeting}open/")
    expect(active_title(chair)).to_have_text("Glasfaser")
    write_decision(chair, "Wir bauen gemeinsam aus.")
    newest = phone.locator("section[id^=overview-decisions-] .overview__decision").first
    expect(newest).to_contain_text("Wir bauen gemeinsam aus.")
    expect(newest.locator(".kern-badge")).to_have_count(1)
    expect(phone.locator("section[id^=overview-town-]")).to_contain_text("Glasfaser")
    write_action(chair, "Tiefbauamt fragen")
    expect(phone.locator("section[id^=overview-actions-]")).to_be_visible()

    # Each decision is one touch away, and back again.
    newest.get_by_role("link").first.click()
    expect(phone.locator("h1")).to_contain_text("Glasfaser")
    expect(phone.locator("main")).to_contain_text("Wir bauen gemeinsam aus.")
    expect(phone.locator(WRITES)).to_have_count(0)
    phone.go_back()
    expect(phone.locator("h1")).to_have_text("Kehl im Überblick")
    send(chair, f"{meeting}close/", finish_active="on")


def test_all_decisions_by_year_state_and_town_on_a_phone(sit_down: SitDown) -> None:
    phone = sit_down(MAYOR, f"{NETWORK}/decisions/", width=390)
    expect_live(phone)
    phone.get_by_label("Kommune").select_option(label="Kehl")
    expect(phone).to_have_url(re.compile(r"town=08317057"))
    phone.locator("[id=decision-log-part-unanswered]").click()
    expect(phone).to_have_url(re.compile(r"part=unanswered"))
    expect(phone.locator("[id=decision-log-part-unanswered]")).to_have_attribute("aria-current", "page")
    # Another filter keeps what was asked of the town.
    phone.get_by_label("Stand").select_option("in_force")
    expect(phone).to_have_url(re.compile(r"part=unanswered.*"))
    assert phone.evaluate(TOO_WIDE) is None


def test_another_town_and_no_complaint_of_axe(sit_down: SitDown) -> None:
    phone = sit_down(MAYOR, f"{NETWORK}/overview/", width=320)
    expect_live(phone)
    assert not complaints(phone)
    phone.get_by_label("Eine andere Kommune ansehen").select_option(label="Achern")
    phone.get_by_role("button", name="Anzeigen").click()
    expect(phone.locator("h1")).to_have_text("Achern im Überblick")
    assert phone.evaluate(TOO_WIDE) is None


def test_who_took_on_what_arrives_without_a_reload(sit_down: SitDown) -> None:
    phone, kehl = sit_down(MAYOR, f"{NETWORK}/", width=390), sit_down(KEHL)
    expect_live(phone)
    project = add_project(kehl, "Digitaler Bauantrag")
    send(kehl, f"{BOARD}{project}/take-on/", role="lead")
    expect(phone.locator("section[id^=overview-parts-]")).to_contain_text("Digitaler Bauantrag")
    expect(phone.locator("section[id^=overview-parts-] li.is-mine").first).to_contain_text("Kehl")


def test_on_paper_a_decision_names_who_did_not_vote(sit_down: SitDown) -> None:
    page = sit_down(MAYOR, f"{NETWORK}/decisions/2026-004/")
    expect_live(page)
    fold = page.locator("[id^=decision-voices-] details").last
    names = fold.locator("p")
    expect(names).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(names).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(names).to_be_hidden()
