"""No page asks anybody but its own server for anything, breaks its content policy, or has an error in its scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.servers import AsgiServer

from .conftest import SitDown, Watch
from .pages import ENOUGH, Site
from .steps import expect_live

pytestmark = pytest.mark.browser

# The browser reports a page's own status; these pages are meant to answer so.
MEANT = ("/invitation/unknown/", "/does/not/exist/", "/members/invite/")


@pytest.mark.parametrize("email", ENOUGH, ids=lambda email: email or "nobody")
def test_every_page(sit_down: SitDown, site: Site, server: AsgiServer, watch: Watch, email: str | None) -> None:
    page = sit_down(email)
    # A violation of the policy is also a complaint; this catches those that a browser would not print.
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error('CSP', event.blockedURI))"
    )
    for path in site.pages(email):
        answer = page.goto(path)
        assert answer and answer.status < 500, path
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        if page.locator("#live-state").count():
            expect_live(page)
        expect(page.locator("h1")).to_have_count(1)
    assert len(watch.requests) > len(site.pages(email))
    assert watch.strangers(server.url) == []
    assert [words for words in watch.complaints if not words.rstrip(")").endswith(MEANT)] == []


def test_the_policy_does_stop_somebody_elses_script(sit_down: SitDown, watch: Watch) -> None:
    """So that the silence above means something: what is listened to does speak."""
    page = sit_down(None, "/accounts/login/")
    page.evaluate(
        """() => {
            const script = document.createElement('script')
            script.src = 'https://cdn.example/x.js'
            document.head.append(script)
            return new Promise((blocked) => { script.onerror = blocked }).then(() => null)
        }"""
    )
    assert any("cdn.example" in words for words in watch.complaints)
