"""What people do in front of their screens, again and again."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect

COORDINATOR = "geschaeftsstelle@ortenau.example"
KEHL = "officer@kehl.example"  # takes the minutes of the officers' exchange
ACHERN = "officer@achern.example"
DURBACH = "officer@durbach.example"
MAYOR = "mayor@kehl.example"
GUIDE = "guide@lahr.example"
GUEST = "guest@wro.example"
OTHER_COORDINATOR = "geschaeftsstelle@digital-regional.example"
NETWORK = "/n/ortenau"
OTHER_NETWORK = "/n/regional-digital"
OPEN = "[id^=meeting-head-][id$=-open]"
# What sticks out to the right, were it not for a box of its own that scrolls.
TOO_WIDE = """() => {
    const page = document.scrollingElement
    if (page.scrollWidth <= innerWidth) return null
    const out = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    const begin = out.slice(0, 5).map((e) => e.outerHTML.slice(0, 100))
    return `${page.scrollWidth} px wide at ${innerWidth}: ${begin.join(' | ')}`
}"""


# --- without a screen ------------------------------------------------------------------------------


def csrf_token(context: BrowserContext) -> str:
    return next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")


def sign_in(context: BrowserContext, email: str) -> None:
    """Signs the browser in by the demo's one click, without looking at the page."""
    context.request.get("/accounts/login/")
    form = {"email": email, "csrfmiddlewaretoken": csrf_token(context)}
    answer = context.request.post("/demo/sign-in/", form=form, max_redirects=0)
    assert answer.status == 302, answer.text()[:500]


def send(page: Page, path: str, **fields: Any) -> dict[str, str]:
    """Sends a form as this person, from nowhere; returns the answer's headers. The answer has to be "saved"."""
    form = {name: str(value) for name, value in fields.items()}
    headers = {"X-CSRFToken": csrf_token(page.context), "HX-Request": "true"}
    answer = page.context.request.post(path, form=form, headers=headers, max_redirects=0)
    assert answer.status == 204, f"{path}: {answer.status} {answer.headers.get('x-message')} {answer.text()[:600]}"
    return answer.headers


def plan_meeting(
    coordinator: Page, title: str, items: tuple[str, ...] = (), *, days: int = 3, group: str = "Fachgruppe"
) -> str:
    """Plans a meeting of a group (the officers' exchange) with these agenda items; returns its path."""
    path = f"{NETWORK}/meetings/add/"
    form = coordinator.context.request.get(path).text()
    option = re.search(rf'<option value="(\d+)"[^>]*>[^<]*{group}', form)
    assert option, form
    day = date.today() + timedelta(days=days)
    answer = send(coordinator, path, group=option[1], title=title, date=day, start_time="09:30", minutes=90)
    found = re.search(rf"{NETWORK}/meetings/\d+/", answer["hx-trigger"])
    assert found, answer
    for item in items:
        add_item(coordinator, found[0], item)
    return found[0]


def add_item(person: Page, meeting: str, title: str, *, kind: str = "discussion", minutes: int = 10) -> None:
    send(person, f"{meeting}items/add/", title=title, kind=kind, minutes=minutes)


# --- looking ---------------------------------------------------------------------------------------


def state(page: Page) -> Locator:
    return page.locator("#live-state")


def expect_live(page: Page, *, timeout: float = 15_000) -> None:
    expect(state(page)).to_have_attribute("data-state", "live", timeout=timeout)


def agenda_row(page: Page, title: str) -> Locator:
    """The row of an agenda item, the proposed ones included; a main item's row holds those of its sub-items."""
    return page.locator("li.agenda-item", has=page.locator(".agenda-item__title").get_by_text(title, exact=True)).last


def agenda_titles(page: Page) -> Locator:
    return page.locator("ol.agenda[id$=-list] .agenda-item__title")


def item_id(page: Page, title: str) -> str:
    """The number of an item on the agenda or among the proposals."""
    identity = agenda_row(page, title).get_attribute("id") or ""
    return identity.removeprefix("agenda-")


def active_title(page: Page) -> Locator:
    return page.locator(".room__stage .room__title")


def expect_focus_somewhere(page: Page) -> None:
    """The focus is on something a keyboard can go on from, never on nothing."""
    lost = "() => !document.activeElement || document.activeElement === document.body"
    assert not page.evaluate(lost), f"the focus was lost on {page.url}"


def focused_id(page: Page) -> str:
    return page.evaluate("() => document.activeElement.id")


# --- doing -----------------------------------------------------------------------------------------


def dialog(page: Page) -> Locator:
    return page.locator("dialog#dialog")


def open_dialog(page: Page, opener: Locator | str) -> Locator:
    element = page.locator(opener) if isinstance(opener, str) else opener
    element.click()
    expect(dialog(page)).to_be_visible()
    return dialog(page)


def submit(form: Locator) -> None:
    """Presses the form's (or the dialog's) own button."""
    form.locator(".form-actions button[type=submit]").first.click()


def submit_dialog(page: Page) -> None:
    submit(dialog(page))
    expect(dialog(page)).to_be_hidden()


def open_meeting(page: Page) -> None:
    """Opens the meeting on this page; on another day than planned the page asks first."""
    opener = page.locator(OPEN)
    asks = opener.get_attribute("data-dialog") is not None
    opener.click()
    if asks:
        submit_dialog(page)


def choose_from_menu(row: Locator, direction: str) -> None:
    """Moves an agenda item by the buttons in the menu of its row: up, down, in or out."""
    row.locator("details.menu > summary").first.click()
    row.locator(f"[data-move={direction}]").first.click()


def path_of(url: str) -> str:
    return urlsplit(url).path


def first_number(path: str) -> str:
    """The number in an address such as /n/ortenau/meetings/7/."""
    found = re.search(r"/(\d+)/", path)
    assert found, path
    return found[1]
