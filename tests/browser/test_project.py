"""A project's page in real browsers: the profile grows on every screen, and whoever types loses nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import SitDown
from .steps import COORDINATOR, KEHL, MAYOR, NETWORK, dialog, expect_live, open_dialog, send, submit, submit_dialog

pytestmark = pytest.mark.browser


def enter(person: Page, title: str) -> tuple[str, str]:
    """Enter a project; return its number and its address."""
    answer = send(person, f"{NETWORK}/projects/add/", title=title, phase="idea")
    found = re.search(r"/projects/(\d+)/", answer["hx-trigger"])
    assert found, answer
    return found[1], f"{NETWORK}/projects/{found[1]}/"


def test_what_one_town_describes_the_others_read_at_once(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL)
    number, path = enter(kehl, "Digitales Fundbüro")
    kehl.goto(path)
    mayor = sit_down(MAYOR, path)
    expect_live(mayor)
    profile = mayor.locator(f"#project-profile-{number}")
    expect(profile.locator("a")).to_have_count(0)
    form = open_dialog(kehl, f"#project-profile-{number}-cost-add")
    form.locator("[name=cost_yearly]").fill("1.250,50")
    submit_dialog(kehl)
    expect(profile).to_contain_text("1.250,50 €")
    expect(mayor.locator(f"#project-history-{number}")).to_contain_text("Kehl hat die Kosten")


def test_services_are_found_and_added_with_the_keyboard(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL)
    number, path = enter(kehl, "Führerschein online")
    kehl.goto(path)
    form = open_dialog(kehl, f"#project-profile-{number}-services-add")
    form.locator("input[type=search]").focus()
    kehl.keyboard.type("führerschein")
    expect(form.locator(".service-hits")).to_be_visible()
    kehl.keyboard.press("Enter")  # looks, and does not send the form
    expect(dialog(kehl)).to_be_visible()
    kehl.keyboard.press("Tab")
    kehl.keyboard.press("Enter")
    kehl.keyboard.press("Enter")  # twice is once
    text = form.locator("[name=ozg_ids]").input_value()
    assert re.fullmatch(r"[^\n]+ \(\d+\)\n", text), text
    submit_dialog(kehl)
    expect(kehl.locator(f"#project-profile-{number}-services li")).to_have_count(1)


def test_two_people_describe_one_part_while_the_phase_changes(sit_down: SitDown) -> None:
    office = sit_down(COORDINATOR)
    kehl = sit_down(KEHL)
    number, path = enter(kehl, "Bauakten digital")
    kehl.goto(path)
    expect_live(kehl)
    form = open_dialog(kehl, f"#project-profile-{number}-legal-add")
    form.locator("[name=legal]").fill("Kehl: § 6 EGovG")
    send(office, f"{path}phase/", phase="pilot", since="", note="", version=1)
    expect(kehl.locator(f"#project-head-{number}")).to_contain_text("Pilot")
    send(office, f"{path}edit/legal/", legal="Geschäftsstelle: LDSG", data_protection="", version=1)
    expect(kehl.locator(f"#project-profile-{number}")).to_contain_text("LDSG")
    expect(form.locator("[name=legal]")).to_have_value("Kehl: § 6 EGovG")
    submit(form)
    expect(form.locator("[data-conflict]")).to_contain_text("Geschäftsstelle: LDSG")
    expect(form.locator("[name=legal]")).to_have_value("Kehl: § 6 EGovG")
    submit_dialog(kehl)
    expect(kehl.locator(f"#project-profile-{number}")).to_contain_text("Kehl: § 6 EGovG")
    expect(kehl.locator(f"#project-history-{number}")).to_contain_text("Was vorher dort stand")


def test_a_form_that_is_a_page_of_its_own_leads_back(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL)
    number, path = enter(kehl, "Formular in neuem Tab")
    kehl.goto(f"{path}edit/cost/")
    form = kehl.locator("main form").last
    form.locator("[name=cost_note]").fill("Noch offen")
    submit(form)
    expect(kehl).to_have_url(re.compile(rf"{path}$"))
    expect(kehl.locator(".toast")).to_contain_text("gespeichert")
    expect(kehl.locator(f"#project-profile-{number}-cost")).to_contain_text("Noch offen")


def test_a_long_title_fits_a_phone(sit_down: SitDown) -> None:
    kehl = sit_down(KEHL)
    _number, path = enter(kehl, "Schnittstelle zum Dokumentenmanagementsystem (Rindfleischetikettierungsüberwachung)")
    kehl.set_viewport_size({"width": 320, "height": 640})
    for address in (path, f"{NETWORK}/projects/"):
        kehl.goto(address)
        assert kehl.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
