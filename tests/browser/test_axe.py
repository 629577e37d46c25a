"""A walk through every page, for everybody, and through dialogs and menus: axe finds nothing. On the same walk no page
scrolls sideways on a phone, asks anybody but its own server, breaks its content policy or has an error in its scripts.
"""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.servers import AsgiServer

from .conftest import SitDown, Watch
from .pages import EVERYBODY, Site
from .steps import COORDINATOR, KEHL, NETWORK, TOO_WIDE, dialog, expect_live, open_dialog, path_of, submit

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}


def complaints(page: Page) -> list[str]:
    """What axe finds, one line per kind and place."""
    # Half faded in, a text has no contrast yet.
    page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{path_of(page.url)}: {violation['id']}: {node['html'][:160]} ({node['failureSummary'][:300]})"
        for violation in found
        for node in violation["nodes"]
    ]


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The pages that axe has looked at: what two roles see alike is looked at once."""
    return set()


def as_seen(page: Page) -> str:
    """The page without what differs from person to person and from visit to visit."""
    html: str = page.locator("body").evaluate("(body) => body.outerHTML")
    html = re.sub(r'<details class="menu menu--account">.*?</details>', "", html, flags=re.DOTALL)
    html = re.sub(r' data-(person|membership|town|last-visit|version)="[^"]*"', "", html)
    html = re.sub(r"(<time[^>]*>)[^<]*", r"\1", html)  # "two minutes ago"
    return re.sub(r'value="[-\w]{36,}"|is-mine|is-new', "", html)  # tokens; marks


# The browser reports a page's own status; these pages are meant to answer so.
MEANT = ("/invitation/unknown/", "/does/not/exist/", "/members/invite/")


@pytest.mark.parametrize("email", EVERYBODY, ids=lambda email: email or "nobody")
def test_pages(
    sit_down: SitDown, site: Site, server: AsgiServer, seen: set[str], watch: Watch, email: str | None
) -> None:
    page = sit_down(email, reduced_motion="reduce")
    # A violation of the policy is also a complaint; this catches those that a browser would not print.
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error('CSP', event.blockedURI))"
    )
    found = []
    for path in site.pages(email):
        answer = page.goto(path)
        assert answer and answer.status < 500, path
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        expect(page.locator("h1")).to_have_count(1)
        if page.locator("#live-state").count():
            expect_live(page)
        if (looks := as_seen(page)) not in seen:
            seen.add(looks)
            found += complaints(page)
        found += too_wide(page)
    assert not found, "\n".join(found)
    assert len(watch.requests) > len(site.pages(email))
    assert watch.strangers(server.url) == []
    assert [words for words in watch.complaints if not words.rstrip(")").endswith(MEANT)] == []


def too_wide(page: Page) -> list[str]:
    """What sticks out on a phone (390 px) and at 400 % zoom (320 px); the walk is the same, so it is gone once."""
    wide, found = page.viewport_size, []
    assert wide
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        if sideways := page.evaluate(TOO_WIDE):
            found.append(f"{path_of(page.url)}: {sideways}")
    page.set_viewport_size(wide)
    return found


def opened(page: Page, opener: Locator | str, found: list[str]) -> Locator:
    form = open_dialog(page, opener)
    found += complaints(page)
    return form


def test_dialogs_errors_and_menus(sit_down: SitDown, site: Site) -> None:
    found: list[str] = []
    page = sit_down(COORDINATOR, f"{NETWORK}/members/", reduced_motion="reduce")
    form = opened(page, "#invite", found)
    submit(form)
    expect(form.locator("[data-error-summary]")).to_be_visible()
    found += complaints(page)
    form.locator("[name=name]").fill("Nicht gesendet")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    opened(page, "[data-show-shortcuts]", found)
    page.keyboard.press("Escape")
    page.locator(".menu--account summary").click()
    found += complaints(page)
    page.goto(site.planned)
    opened(page, "[id^=meeting-agenda-][id$=-add]", found)
    page.keyboard.press("Escape")
    page.locator("details.menu[id^=agenda-] > summary").first.click()
    found += complaints(page)
    page.goto(f"{NETWORK}/series/add/")
    page.locator("#id_title").fill("Vorschau")
    page.locator("#series-form-look").click()
    expect(page.locator("#preview .date-list__row")).to_have_count(12)
    found += complaints(page)
    assert not found, "\n".join(found)


def test_drafts_and_conflicts(sit_down: SitDown, site: Site) -> None:
    found: list[str] = []
    chair, kehl = (sit_down(email, reduced_motion="reduce") for email in (COORDINATOR, KEHL))
    for page in (chair, kehl):
        page.goto(site.proposal)
        open_dialog(page, "[id^=item-][id$=-edit]").locator("[name=text]").fill(f"Text {page is chair}")
    submit(dialog(kehl))
    expect(dialog(kehl)).to_be_hidden()
    submit(dialog(chair))
    expect(dialog(chair).locator("[data-conflict]")).to_be_visible()
    found += complaints(chair)
    chair.reload()
    open_dialog(chair, "[id^=item-][id$=-edit]")
    expect(dialog(chair).locator("[data-draft-note]")).to_be_visible()
    found += complaints(chair)
    assert not found, "\n".join(found)
