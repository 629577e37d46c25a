"""A report that was typed and not saved when the meeting moved on and the page was left."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import SitDown
from .steps import (
    COORDINATOR,
    KEHL,
    add_item,
    dialog,
    expect_live,
    first_number,
    open_meeting,
    plan_meeting,
    submit_dialog,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_meeting_in_session")]

TYPED = "Mitten im Satz"


def test_the_room_leads_back_to_it(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    path = plan_meeting(chair, "Ungespeichert")
    add_item(chair, path, "Blitzlicht", kind="round")
    add_item(chair, path, "E-Payment")
    chair.goto(path)
    kehl = sit_down(KEHL, path)
    line = kehl.locator("[data-draft-of]")
    open_meeting(chair)
    kehl.locator("#report [name=news]").fill(TYPED)
    expect(line).to_be_hidden()
    kehl.reload()
    expect(kehl.locator("#report [name=news]")).to_have_value(TYPED)
    expect(line).to_be_hidden()
    chair.locator(f"#meeting-active-{first_number(path)}-next").click()
    # Still on the page, and in front of one's eyes.
    expect(kehl.locator("#report [data-moved]")).to_be_visible()
    expect(line).to_be_hidden()
    kehl.reload()
    expect_live(kehl)
    expect(line).to_contain_text("Blitzlicht")
    line.locator("a").click()
    expect(dialog(kehl).locator("[name=news]")).to_have_value(TYPED)
    submit_dialog(kehl)
    expect(line).to_be_hidden()
    assert kehl.evaluate("() => document.activeElement !== document.body")
    kehl.reload()
    expect_live(kehl)
    expect(line).to_be_hidden()
    item = (line.get_attribute("id") or "").removeprefix("unsaved-")
    assert TYPED in chair.context.request.get(f"/n/ortenau/items/{item}/").text()


def test_a_draft_that_was_taken_up_again_is_no_longer_called_unsent(sit_down: SitDown) -> None:
    chair = sit_down(COORDINATOR)
    path = plan_meeting(chair, "Entworfen", ("Glasfaser",))
    chair.goto(path)
    chair.get_by_role("link", name="Glasfaser").click()
    draft = chair.get_by_role("link", name="Wortlaut entwerfen")
    draft.click()
    dialog(chair).locator("textarea").fill(TYPED)
    chair.keyboard.press("Escape")
    told = chair.get_by_text("bleibt als Entwurf in diesem Browser")
    expect(told).to_be_visible()
    draft.click()
    expect(dialog(chair).locator("textarea")).to_have_value(TYPED)
    expect(told).to_have_count(0)
