"""The presentation view on a real screen: it follows by itself, fits, stays awake and leads back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SitDown

from .steps import COORDINATOR, KEHL, MAYOR, add_item, expect_live, plan_meeting, send

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.sqlite_only]

LONG = ("Gemeinsame Einführung der elektronischen Akte mit Schulung, Betriebskonzept und Folgenabschätzung " * 3)[:200]
SIZES = ((1920, 1080), (1280, 720), (1024, 768))
# What reaches beyond the screen or is smaller than can be read from eight metres.
UNREADABLE = """() => {
  const found = [];
  for (const element of document.querySelectorAll(".wall :is(p, h1, h2, h3, li, dt, dd, img)")) {
    const box = element.getBoundingClientRect();
    if (!box.width || element.closest(".is-left-out")) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    const words = element.textContent.trim().slice(0, 40);
    if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1) {
      found.push(`beyond the screen: ${words}`);
    }
    if (size < innerHeight * 0.026) found.push(`too small: ${words}`);
  }
  for (const part of document.querySelectorAll(".wall__main, .wall__side")) {
    if (part.scrollHeight > part.clientHeight + 1) found.push(`cut off: ${part.className}`);
  }
  const page = document.documentElement;
  if (page.scrollHeight > innerHeight || page.scrollWidth > innerWidth) found.push("it scrolls");
  return found;
}"""


def item_ids(person: Page, meeting: str) -> list[str]:
    """The numbers of the items on the agenda, in its order."""
    html = person.context.request.get(meeting).text()
    return list(dict.fromkeys(re.findall(r'id="agenda-(\d+)"', html)))


def put_up(sit_down: SitDown, meeting: str, *, width: int = 1920, height: int = 1080) -> Page:
    """A projector that shows the meeting's wall."""
    wall = sit_down(MAYOR, width=width)
    wall.set_viewport_size({"width": width, "height": height})
    wall.goto(f"{meeting}wall/")
    expect_live(wall)
    return wall


def test_it_follows_the_meeting_by_itself(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "An der Wand", ("Begrüßung", "E-Akte", "Verschiedenes"))
    first, second, _third = item_ids(chair, meeting)
    wall = put_up(sit_down, meeting)
    title = wall.locator(".wall__title")
    expect(title).to_have_text("Beginn 09:30 Uhr")
    send(chair, f"{meeting}open/")
    expect(title).to_have_text("Begrüßung")
    send(chair, f"{meeting}next/", expected=first)
    expect(title).to_have_text("E-Akte")
    expect(wall.locator(".wall__next")).to_contain_text("Verschiedenes")
    item = f"/n/ortenau/items/{second}/"
    send(chair, f"{item}decision/", wording="Wir machen das.", mode="unanimous")
    expect(wall.locator(".wall__wording")).to_have_text("Wir machen das.")
    # The clock goes without anything being sent.
    expect(wall.locator(".wall__item [data-clock]")).to_contain_text(re.compile(r"\d+ (von|Min)"))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_fits_and_can_be_read(
    sit_down: SitDown, no_meeting_in_session: None, width: int, height: int
) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Lang " * 30, ())
    add_item(chair, meeting, LONG)
    add_item(chair, meeting, "Blitzlicht", kind="round")
    for number in range(12):
        add_item(chair, meeting, f"{number} {LONG}"[:200])
    long = item_ids(chair, meeting)[0]
    wall = put_up(sit_down, meeting, width=width, height=height)
    assert wall.evaluate(UNREADABLE) == []
    send(chair, f"{meeting}open/")
    expect(wall.locator(".wall__title")).to_have_text(LONG.strip())
    assert wall.evaluate(UNREADABLE) == []
    for _time in range(4):
        send(chair, f"/n/ortenau/items/{long}/decision/", wording=f"{LONG}. " * 8, mode="unanimous")
    expect(wall.locator(".wall__decisions h3")).to_have_text("4 Beschlüsse")
    send(chair, f"/n/ortenau/items/{long}/wording/", text=f"{LONG}. " * 20, version=0)
    expect(wall.locator(".wall__draft")).to_be_visible()
    assert wall.evaluate(UNREADABLE) == []
    # Twenty-two towns are still to come.
    send(chair, f"{meeting}next/", expected=long)
    expect(wall.locator(".wall__to-come")).to_contain_text("Offenburg")
    assert wall.evaluate(UNREADABLE) == []


def test_nothing_is_to_be_seen_but_the_meeting(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Ruhig", ("Begrüßung",))
    wall = put_up(sit_down, meeting)
    code = wall.locator(".wall__qr img")
    expect(code).to_be_visible()
    assert code.evaluate("(image) => image.complete && image.naturalWidth > 0")  # the policy lets it be drawn
    expect(wall.locator("#live-state")).to_be_hidden()
    back = wall.locator("#wall-back")
    expect(back).to_have_css("opacity", "0")
    wall.mouse.move(300, 300)
    expect(back).to_have_css("opacity", "1")
    # Without a dialog to show them in, "?" and the other keys do nothing.
    wall.keyboard.press("?")
    wall.keyboard.press("n")
    expect(wall.locator(".wall__title")).to_be_visible()
    wall.keyboard.press("Escape")
    expect(wall).to_have_url(re.compile(rf"{meeting}$"))


def test_the_screen_is_kept_awake(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Wach", ("Begrüßung",))
    wall = sit_down(MAYOR)
    # The browser's own function, listened to: whether a screen really stays on cannot be seen from here.
    wall.add_init_script(
        "window.locks = []; const own = navigator.wakeLock.request.bind(navigator.wakeLock);"
        "navigator.wakeLock.request = (kind) => { window.locks.push(kind); return own(kind); };"
    )
    wall.goto(f"{meeting}wall/")
    expect_live(wall)
    assert wall.evaluate("window.locks") == ["screen"]
    # A tab in the background loses the lock; it asks again when it is seen again.
    wall.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert wall.evaluate("window.locks") == ["screen", "screen"]
    # The room itself leaves the screen as the person has set it.
    wall.goto(meeting)
    expect_live(wall)
    assert wall.evaluate("window.locks") == []


def test_a_lost_connection_is_shown_small(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Ohne Netz", ("Begrüßung",))
    wall = put_up(sit_down, meeting)
    wall.context.set_offline(True)
    expect(wall.locator("#live-state")).to_be_visible(timeout=30_000)
    expect(wall.locator(".wall__title")).to_be_visible()
    wall.context.set_offline(False)
    expect(wall.locator("#live-state")).to_be_hidden(timeout=30_000)


def test_the_room_leads_to_it_in_a_tab_of_its_own(sit_down: SitDown, no_meeting_in_session: None) -> None:
    chair = sit_down(COORDINATOR)
    meeting = plan_meeting(chair, "Weg dorthin", ("Begrüßung",))
    member = sit_down(KEHL, meeting)
    expect_live(member)
    with member.context.expect_page() as opened:
        member.keyboard.press("v")
    expect(opened.value).to_have_url(re.compile(rf"{meeting}wall/$"))
    expect(opened.value.locator(".wall__title")).to_be_visible()
