"""A phone (390 px), 400 % zoom (320 px), forced colours, reduced motion: every page can be used."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import SitDown
from .pages import ENOUGH, Site
from .steps import COORDINATOR, GUEST, KEHL, MAYOR, NETWORK, expect_live, open_dialog

pytestmark = pytest.mark.browser

# What sticks out to the right, were it not for a box of its own that scrolls.
TOO_WIDE = """() => {
    const page = document.scrollingElement
    if (page.scrollWidth <= innerWidth) return null
    const out = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    const begin = out.slice(0, 5).map((e) => e.outerHTML.slice(0, 100))
    return `${page.scrollWidth} px wide at ${innerWidth}: ${begin.join(' | ')}`
}"""
SEEN = """() => {
    const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement)
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1
}"""


@pytest.mark.parametrize("email", ENOUGH, ids=lambda email: email or "nobody")
def test_nothing_scrolls_sideways(sit_down: SitDown, site: Site, email: str | None) -> None:
    page = sit_down(email)
    found = []
    for path in site.pages(email):
        page.goto(path)
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            if sideways := page.evaluate(TOO_WIDE):
                found.append(f"{path}: {sideways}")
    assert not found, "\n".join(found)


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
