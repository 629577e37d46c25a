"""The presentation view: who may see it, what it shows in each state, and that there is nothing to press on it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import segno
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from collab.live import regions
from collab.live.models import Change
from collab.live.regions import audience_of, region_id
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.presence import arrive, leave, say
from meetings.domain.room import activate_item, next_item, open_meeting
from meetings.domain.round import call_next, write_report
from meetings.domain.speaking import ask_to_speak, give_floor
from meetings.domain.wording import amend_wording, draft_wording
from meetings.fragments.wall import at_a_glance
from meetings.models import MeetingGuest, Speech
from tests.conftest import make_meeting
from tests.meetings.test_agenda import propose

LONG = "Wir führen die E-Akte ein. Kehl hat die Federführung. " + "Einzelheiten regelt die Fachgruppe. " * 20


@pytest.fixture
def running(cast, meeting):
    """A meeting in session with three items, the first one active."""
    for title in ("Begrüßung", "E-Akte", "Verschiedenes"):
        propose(cast.coordinator, meeting, title=title)
    return open_meeting(meeting=meeting, by=cast.coordinator)


def path(meeting):
    return reverse("meeting_wall", args=[meeting.network.slug, meeting.pk])


@pytest.fixture
def wall(cast, client_for):
    """Return a function: the wall of a meeting as a member of the network sees it."""
    return lambda meeting: client_for(cast.achern).get(path(meeting)).text


def shown(html):
    """What the region shows, as text in one line."""
    region = html[html.index('id="meeting-wall-') : html.index('class="wall__code"')]
    return " ".join(re.sub(r"<[^>]+>", " ", region).split())


@pytest.mark.parametrize("who", ["coordinator", "kehl", "achern", "mayor", "guide"])
def test_all_of_the_network_may_put_it_on_the_wall(cast, running, client_for, who):
    assert client_for(getattr(cast, who)).get(path(running)).status_code == 200


def test_guests_and_strangers(cast, running, client_for):
    assert client_for(cast.guest).get(path(running)).status_code == 404
    assert client_for(cast.other).get(path(running)).status_code == 404
    MeetingGuest.objects.create(meeting=running, membership=cast.guest)
    assert client_for(cast.guest).get(path(running)).status_code == 200
    assert audience_of(region_id("meeting-wall", running.pk), cast.guest) == "wall_outside"


def test_who_is_invited_to_one_item_does_not_see_the_room(cast, running, client_for):
    MeetingGuest.objects.create(meeting=running, membership=cast.guest, item=running.active_item)
    assert client_for(cast.guest).get(path(running)).status_code == 403
    assert audience_of(region_id("meeting-wall", running.pk), cast.guest) is None


def test_it_is_the_same_for_everybody_at_the_table(cast, running):
    seen = {
        audience_of(region_id("meeting-wall", running.pk), who) for who in (cast.coordinator, cast.kehl, cast.achern)
    }
    assert seen == {"wall"}


def test_there_is_nothing_to_press_but_the_way_back(cast, running, client_for):
    html = client_for(cast.coordinator).get(path(running)).text
    body = html[html.index("<body") : html.index('<template id="text-')]
    assert not re.search(r"<(button|form|input|select|textarea|details)\b|hx-", body)
    links = re.findall(r'<a [^>]*href="([^"]+)"', body)
    assert links == [reverse("meeting", args=["ortenau", running.pk])]


def test_it_carries_a_code_of_the_meetings_address(cast, running, wall):
    html = wall(running)
    address = f"http://testserver{reverse('meeting', args=['ortenau', running.pk])}"
    assert escape(segno.make(address, error="m", micro=False).svg_data_uri(omitsize=True, border=4)) in html
    told = html[html.index('class="wall__address"') :]
    assert re.sub(r"<[^>]+>", "", told[told.index(">") + 1 : told.index("</span>")]) == address.removeprefix("http://")


def test_before_the_opening(cast, meeting, wall):
    propose(cast.coordinator, meeting, title="Begrüßung")
    say(meeting=meeting, municipality=cast.town("kehl"), answer="accepted", by=cast.kehl)
    text = shown(wall(meeting))
    assert "Begins at 09:30" in text
    assert "1 town has accepted" in text
    assert "Begrüßung" in text


def test_a_cancelled_meeting_says_so(cast, wall):
    text = shown(wall(make_meeting(cast, state="cancelled", reason="Sturm")))
    assert "This meeting was cancelled Sturm" in text
    assert "Begins at" not in text


def test_in_session(cast, running, wall):
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    text = shown(wall(running))
    assert "Item 1" in text
    assert "Begrüßung" in text
    assert "planned 20 min" in text
    assert "Next 2 · E-Akte" in text
    assert "1 of 4 towns present" in text or "1 of 3 towns present" in text
    assert "data-clock" in wall(running)


def test_a_lost_quorum_is_pointed_out(cast, running, wall):
    running.group.quorum, running.group.quorum_number = "number", 1
    running.group.save()
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    assert "No quorum" not in wall(running)
    # Whoever leaves in the same moment was not there.
    running.attendances.get().presences.update(began_at=timezone.now() - timedelta(minutes=5))
    type(running).objects.filter(pk=running.pk).update(opened_at=timezone.now() - timedelta(minutes=9))
    leave(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    assert "No quorum: 0 towns are present, 1 are needed" in shown(wall(running))


def test_the_wording_under_discussion_with_its_changes(cast, running, wall):
    item = running.active_item
    wording = draft_wording(item=item, text="Kehl schreibt aus.", by=cast.coordinator)
    amend_wording(wording=wording, text="Lahr schreibt aus.", version=1, by=cast.coordinator)
    html = wall(running)
    assert "<del>Kehl </del><ins>Lahr</ins> schreibt aus." in html
    assert "Under discussion" in html


def test_who_speaks_and_who_is_next(cast, running, wall):
    item = running.active_item
    for who in (cast.kehl, cast.achern, cast.durbach, cast.coordinator):
        ask_to_speak(item=item, kind="speech", about="Kosten", by=who)
    assert "Asked to speak" in shown(wall(running))
    give_floor(speech=Speech.objects.get(membership=cast.kehl), expected=None, by=cast.coordinator)
    text = shown(wall(running))
    assert "Has the floor Kehl Kosten" in text
    assert text.index("Achern") < text.index("Durbach")
    assert "more" not in text
    for who in (cast.mayor, cast.guide, cast.guest):
        Speech.objects.create(meeting=running, item=item, membership=who, position=9)
    assert "and 1 more" in shown(wall(running))


def test_a_quorum_that_was_never_reached_is_a_remark(cast, running, wall):
    running.group.quorum, running.group.quorum_number = "number", 2
    running.group.save()
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    text = shown(wall(running))
    assert "Not yet quorate: 2 needed" in text
    assert "No quorum" not in text


def test_the_round(cast, meeting, wall):
    item = propose(cast.coordinator, meeting, title="Blitzlicht", kind="round")
    open_meeting(meeting=meeting, by=cast.coordinator)
    item.refresh_from_db()
    write_report(
        item=item,
        municipality=cast.town("achern"),
        news="Neues aus A",
        needs="Rat\n\nTat ",
        offers="",
        version=0,
        by=cast.achern,
    )
    assert "Neues aus A" not in wall(meeting)
    call_next(item=item, expected=None, by=cast.coordinator)
    text = shown(wall(meeting))
    assert "It is the turn of Achern New: Neues aus A We need: Rat · Tat" in text
    assert "Durbach, Kehl" in text


def test_the_latest_three_decisions_shortened(cast, running, wall):
    for number in range(4):
        record_decision(
            item=running.active_item, wording=f"{number}: {LONG}"[:5000], mode="unanimous", by=cast.coordinator
        )
    text = shown(wall(running))
    assert "4 decisions" in text
    assert [f"-{n:03d}" in text for n in (1, 2, 3, 4)] == [False, True, True, True]
    # Only the newest one stands there in full.
    assert len(text) < 2000


def test_between_items_it_is_a_pause(cast, running, wall):
    for _item in range(3):
        running = next_item(meeting=running, expected=running.active_item_id, by=cast.coordinator)
    assert "A short pause" in shown(wall(running))


def test_a_closed_meeting_thanks_and_counts(cast, running, wall):
    record_decision(item=running.active_item, wording="Wir machen das.", mode="unanimous", by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    text = shown(wall(running))
    assert "Thank you" in text
    assert "Wir machen das." in text
    assert "Decision 1" in text
    assert "Not finished 2" in text


def test_the_decision_just_taken_stays_large_until_the_next_item(cast, running, wall):
    record_decision(item=running.active_item, wording=LONG.strip(), mode="unanimous", by=cast.coordinator)
    assert f"Carried · {running.decisions.get().reference} {LONG.strip()}" in shown(wall(running))
    draft_wording(item=running.active_item, text="Und noch etwas.", by=cast.coordinator)
    assert "Und noch etwas." in shown(wall(running))
    assert LONG.strip() not in shown(wall(running))
    next_item(meeting=running, expected=running.active_item_id, by=cast.coordinator)
    assert LONG.strip() not in shown(wall(running))


def test_a_decision_at_a_glance():
    assert at_a_glance("Kurz.") == "Kurz."
    assert at_a_glance(LONG).startswith("Wir führen die E-Akte ein. Kehl hat die Federführung.")
    assert at_a_glance(LONG).endswith(" …")
    assert len(at_a_glance("wort " * 500)) <= 281
    assert "Die Frist endet am 15. …" not in at_a_glance("Die Frist endet am 15. Februar. " + "wort " * 500)


def test_every_change_of_the_room_names_the_wall(cast, running):
    """What is shown there must not grow old."""
    name, item = region_id("meeting-wall", running.pk), running.active_item
    Change.objects.all().delete()
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    ask_to_speak(item=item, kind="speech", about="", by=cast.kehl)
    give_floor(speech=Speech.objects.get(), expected=None, by=cast.coordinator)
    wording = draft_wording(item=item, text="A", by=cast.coordinator)
    amend_wording(wording=wording, text="B", version=1, by=cast.coordinator)
    record_decision(item=item, wording="B", mode="unanimous", by=cast.coordinator)
    activate_item(item=running.items.all()[1], expected=item.pk, by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    assert [change.verb for change in Change.objects.all() if name not in change.regions] == []


def test_a_fixed_number_of_queries(cast, meeting, django_assert_max_num_queries, django_assert_num_queries):
    item = propose(cast.coordinator, meeting, title="Blitzlicht", kind="round")
    meeting = open_meeting(meeting=meeting, by=cast.coordinator)
    identifier = region_id("meeting-wall", meeting.pk)

    def fill(members):
        for who in members:
            arrive(meeting=meeting, municipality=who.municipality, by=who)
            ask_to_speak(item=item, kind="speech", about="", by=who)
            write_report(item=item, municipality=who.municipality, news="x", needs="y", offers="z", version=0, by=who)
            record_decision(item=item, wording="Ja.", mode="unanimous", by=cast.coordinator)

    fill([cast.kehl])
    with django_assert_max_num_queries(22) as few:
        regions.render(identifier, "wall", "de")
    fill([cast.achern, cast.durbach])
    with django_assert_num_queries(len(few)):
        regions.render(identifier, "wall", "de")
