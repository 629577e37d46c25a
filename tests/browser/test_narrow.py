"""A phone (390 px), 400 % zoom (320 px), forced colours, reduced motion: everything can be used.

That no page scrolls sideways is seen on the walk through all of them, in test_axe.py.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import SitDown
from .pages import Site
from .steps import COORDINATOR, GUEST, KEHL, MAYOR, NETWORK, TOO_WIDE, expect_live, open_dialog

pytestmark = pytest.mark.browser

TOPS = "(fields) => fields.map((field) => field.getBoundingClientRect().top)"
SEEN = """() => {
    const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement)
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1
}"""


def test_a_phone_gives_reports_and_filters_their_room(sit_down: SitDown) -> None:
    page = sit_down(KEHL, f"{NETWORK}/meetings/", width=390)
    page.locator("main").get_by_role("link", name="Jour fixe", exact=True).first.click()
    line = page.locator(".round--ahead .round__line").first
    expect(line).to_be_visible()
    assert (line.bounding_box() or {})["width"] > 200, "one letter below the other"
    for path in ("minutes", "votes"):
        page.goto(f"{NETWORK}/{path}/")
        # Both at one moment: fonts that arrive in between move the page.
        tops = page.locator(".filter-bar .field").evaluate_all(TOPS)
        assert tops[0] == tops[1], "two side by side"


def test_dialogs_and_the_preview_fit(sit_down: SitDown, site: Site) -> None:
    page = sit_down(COORDINATOR, f"{NETWORK}/series/add/", width=320)
    page.locator("#id_title").fill("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenbesprechung")
    page.locator("#series-form-look").click()
    expect(page.locator("#preview .date-list__row")).to_have_count(12)
    assert page.evaluate(TOO_WIDE) is None
    page.goto(site.open)
    form = open_dialog(page, "[id^=meeting-active-][id$=-decide]")
    assert page.evaluate(TOO_WIDE) is None
    assert form.evaluate("(dialog) => dialog.scrollWidth <= dialog.clientWidth")
    # On a small screen, too, the field with the focus and the button can be reached.
    form.locator("[name=wording]").fill("Kurz")
    form.locator("button[type=submit]").click()
    expect(form).to_be_hidden()


@pytest.mark.parametrize(
    "look", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}], ids=lambda look: next(iter(look))
)
def test_the_focus_is_seen_in_every_look(sit_down: SitDown, site: Site, look: dict[str, str]) -> None:
    for email, path in (
        (COORDINATOR, site.open),
        (COORDINATOR, site.planned),
        (KEHL, f"{NETWORK}/"),
        (GUEST, site.planned),
    ):
        page = sit_down(email, path, **look)
        expect_live(page)
        for _ in range(14):
            page.keyboard.press("Tab")
            element = page.evaluate("() => document.activeElement.outerHTML.slice(0, 120)")
            assert page.evaluate(SEEN), f"{path}: {element}"


def test_nothing_moves_for_who_wants_no_motion(sit_down: SitDown, site: Site) -> None:
    page = sit_down(MAYOR, site.open, reduced_motion="reduce")
    expect_live(page)
    moving = "() => document.getAnimations().filter((one) => (one.effect.getTiming().duration || 0) > 50).length"
    assert page.evaluate(moving) == 0
