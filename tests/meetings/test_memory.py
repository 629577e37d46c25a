"""The series as memory: earlier and later appearances, past meetings, search, items of every agenda."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.correction import void_decision
from meetings.domain.decision import record_decision
from meetings.domain.ideas import take_idea
from meetings.domain.room import activate_item, open_meeting, save_notes
from meetings.domain.round import write_report
from meetings.models import AgendaItem, Idea, Meeting, MeetingGuest, Report
from meetings.queries.memory import MEETINGS_PER_PAGE, relatives_of, search_series, thread_of
from tests.meetings.series_forms import jour_fixe
from tests.meetings.test_agenda import HOSTILE, propose, url

HTMX = {"hx-request": "true"}


@pytest.fixture
def series(cast):
    return jour_fixe(cast, today=timezone.localdate())


@pytest.fixture
def meetings(series):
    return list(series.meetings.order_by("date")[:4])


def hold(cast, meeting, title):
    """Open a meeting, and close it without having treated the item of that title; return its copy."""
    meeting.refresh_from_db()
    open_meeting(meeting=meeting, by=cast.coordinator)
    item = AgendaItem.objects.get(meeting=meeting, title=title)
    close_meeting(meeting=meeting, by=cast.coordinator)
    return AgendaItem.objects.get(carried_from=item)


@pytest.fixture
def story(cast, meetings):
    """An item that was carried over twice, and is decided in the third meeting."""
    first = propose(cast.kehl, meetings[0], title="E-Akte")
    hold(cast, meetings[0], "E-Akte")
    last = hold(cast, meetings[1], "E-Akte")
    meetings[2].refresh_from_db()
    open_meeting(meeting=meetings[2], by=cast.coordinator)
    AgendaItem.objects.filter(pk=last.pk).update(state="planned")
    decision = record_decision(
        item=AgendaItem.objects.get(pk=last.pk), wording="Sie kommt.", mode="unanimous", by=cast.coordinator
    )
    return [*AgendaItem.objects.filter(title="E-Akte").order_by("meeting__date")], decision, first


def test_from_any_item_to_all_its_appearances(cast, story, client_for):
    items, decision, _first = story
    assert [len(items), [i.pk for i in thread_of(items[1]).earlier], [i.pk for i in thread_of(items[1]).later]] == [
        3,
        [items[0].pk],
        [items[2].pk],
    ]
    page = client_for(cast.mayor).get(url("item", items[0].pk)).text
    assert url("item", items[1].pk) in page
    assert url("item", items[2].pk) in page
    assert url("decision", decision.reference) in page
    # Whoever looks at the first appearance hears of the decision.
    recorded = Change.objects.get(verb="decision_recorded")
    assert {f"item-{item.pk}" for item in items} <= set(recorded.regions)


def test_a_copy_that_was_taken_back_does_not_hide_where_the_item_went(cast, meetings):
    item = propose(cast.coordinator, meetings[0], title="E-Akte")
    copy = hold(cast, meetings[0], "E-Akte")
    reopen_meeting(meeting=meetings[0], reason="Zu früh", by=cast.coordinator)
    close_meeting(meeting=meetings[0], by=cast.coordinator, choices={item.pk: cast.group})
    assert AgendaItem.objects.get(pk=copy.pk).state == "withdrawn"
    assert thread_of(AgendaItem.objects.get(pk=item.pk)).later == []
    taken = take_idea(idea=Idea.objects.get(), meeting=meetings[1], by=cast.coordinator)
    assert thread_of(AgendaItem.objects.get(pk=item.pk)).later == [taken]
    assert thread_of(taken).earlier == [item]


def test_a_copy_that_was_withdrawn_in_its_own_meeting_stays_in_the_thread(cast, meetings):
    item = propose(cast.kehl, meetings[0], title="E-Akte")
    copy = hold(cast, meetings[0], "E-Akte")
    AgendaItem.objects.filter(pk=copy.pk).update(state="withdrawn")
    assert thread_of(AgendaItem.objects.get(pk=item.pk)).later == [copy]


def test_the_thread_takes_the_same_number_of_queries_however_long_it_is(cast, story):
    items, _decision, _first = story

    def count(item):
        with CaptureQueriesContext(connection) as queries:
            thread_of(item)
        return len(queries)

    alone = propose(cast.coordinator, items[2].meeting, title="Allein")
    assert count(items[0]) <= count(alone) + 3  # three: the appearances, their meetings' decisions
    assert max(count(item) for item in items) <= 6


def test_a_standing_item_leads_to_the_last_and_the_next_time(cast, meetings, client_for):
    here = meetings[1].items.get(title="Round")
    thread = thread_of(here)
    assert thread.last_time.meeting == meetings[0]
    assert thread.next_time.meeting == meetings[2]
    assert "standing item, last time" in client_for(cast.kehl).get(url("item", here.pk)).text


def test_a_decision_on_a_standing_item_reaches_the_pages_of_the_last_and_the_next_time(cast, meetings):
    rounds = [meeting.items.get(title="Round") for meeting in meetings]
    open_meeting(meeting=meetings[1], by=cast.coordinator)
    decision = record_decision(item=rounds[1], wording="Ja.", mode="unanimous", by=cast.coordinator)
    void_decision(decision=decision, reason="Nein.", version=1, by=cast.coordinator)
    for change in Change.objects.filter(verb__in=("decision_recorded", "decision_voided")):
        told = {f"item-{item.pk}" for item in rounds} & set(change.regions)
        assert told == {f"item-{item.pk}" for item in rounds[:3]}, "not the time after the next"
    for item in (rounds[0], rounds[2]):
        assert decision.reference in render(f"item-{item.pk}", "member", "en")


def test_what_is_decided_earlier_reaches_the_pages_of_later_appearances(cast, meetings):
    first = propose(cast.kehl, meetings[0], title="E-Akte")
    copy = hold(cast, meetings[0], "E-Akte")
    meetings[0].refresh_from_db()
    reopen_meeting(meeting=meetings[0], reason="Nachtrag", by=cast.coordinator)
    AgendaItem.objects.filter(pk=first.pk).update(state="planned")
    record_decision(item=first, wording="Ja.", mode="unanimous", by=cast.coordinator)
    assert f"item-{copy.pk}" in Change.objects.get(verb="decision_recorded").regions


def test_the_relatives_of_an_item_take_a_fixed_number_of_queries(cast, meetings):
    item = meetings[2].items.get(title="Round")
    with CaptureQueriesContext(connection) as queries:
        relatives_of(AgendaItem.objects.select_related("meeting").get(pk=item.pk))
    assert len(queries) == 6  # with the item itself


def test_a_guest_sees_no_other_meeting(cast, story, client_for):
    items, _decision, _first = story
    MeetingGuest.objects.create(meeting=items[1].meeting, membership=cast.guest)
    page = client_for(cast.guest).get(url("item", items[1].pk)).text
    assert "Earlier and later" not in page
    assert url("item", items[0].pk) not in page


# -- past meetings ----------------------------------------------------------------------------------------------------


def test_past_meetings_with_what_was_decided(cast, series, meetings, client_for):
    item = propose(cast.coordinator, meetings[0], title="Ablage")
    open_meeting(meeting=meetings[0], by=cast.coordinator)
    decision = record_decision(item=item, wording="Ja.", mode="unanimous", by=cast.coordinator)
    close_meeting(meeting=meetings[0], by=cast.coordinator)
    page = client_for(cast.mayor).get(url("series", series.pk)).text
    assert url("decision", decision.reference) in page
    assert "Ablage" in page
    assert f"series-{series.pk}" in Change.objects.get(verb="meeting_closed").regions


def test_older_ones_are_on_the_next_page(cast, series, client_for):
    day = timezone.localdate()
    Meeting.objects.bulk_create(
        Meeting(
            network=cast.network,
            group=cast.group,
            series=series,
            title="Alt",
            date=day - timedelta(days=30 * k),
            start_time="09:30",
            minutes=60,
            state="closed",
        )
        for k in range(1, MEETINGS_PER_PAGE + 2)
    )
    client = client_for(cast.kehl)
    assert "Page 1 of 2" in client.get(url("series", series.pk)).text
    assert "Page 2 of 2" in client.get(url("series", series.pk), {"page": "2"}).text
    for odd in ("0", "x", "99999999999999999999", "1.5"):
        assert client.get(url("series", series.pk), {"page": odd}).status_code == 200


# -- search -----------------------------------------------------------------------------------------------------------


def found(series, q):
    return [(hit.item.title, str(hit.place)) for hit in search_series(series, q).hits]


@pytest.fixture
def spoken(cast, meetings):
    """A meeting with something in each place that is searched."""
    propose(cast.coordinator, meetings[0], title="Übertragung des Gemeinderats", text="Mit ÄRGER verbunden")
    item = propose(cast.coordinator, meetings[0], title="Anderes")
    open_meeting(meeting=meetings[0], by=cast.coordinator)
    save_notes(item=item, notes="Die Straße ist gesperrt.", version=1, by=cast.coordinator)
    record_decision(item=item, wording="Wir bauen Brücken.", mode="unanimous", by=cast.coordinator)
    return meetings[0]


@pytest.mark.parametrize(
    ("q", "place"),
    [
        ("übertragung", ("Übertragung des Gemeinderats", "Title")),
        ("ÜBERTRAGUNG", ("Übertragung des Gemeinderats", "Title")),
        ("ärger", ("Übertragung des Gemeinderats", "Text")),
        ("STRAßE", ("Anderes", "Notes")),
        ("brücken bauen", ("Anderes", "Decision")),
        ("bru\u0308cken", ("Anderes", "Decision")),
        ("anderes brücken", ("Anderes", "Decision")),
    ],
)
def test_found_wherever_it_stands_whatever_the_case(series, spoken, q, place):
    assert found(series, q) == [place]


@pytest.mark.parametrize("q", ["nirgends", "übertragung brücken", "%", "_", ".*", "\\"])
def test_not_found(series, spoken, q):
    assert found(series, q) == []


def test_a_prepared_report_is_found_once_its_item_has_begun(cast, series, spoken):
    item = spoken.items.get(title="Round")
    write_report(
        item=item,
        municipality=cast.town("kehl"),
        news="Geheimnis",
        needs="",
        offers="",
        version=0,
        by=cast.kehl,
    )
    assert Report.objects.count() == 1
    assert found(series, "geheimnis") == []
    spoken.refresh_from_db()
    activate_item(item=item, expected=spoken.active_item_id, by=cast.coordinator)
    assert found(series, "geheimnis") == [("Round", "Report")]


def test_the_page_marks_what_was_found_and_shows_text_as_text(cast, series, spoken, client_for):
    propose(cast.coordinator, spoken, title=HOSTILE)
    client = client_for(cast.mayor)
    page = client.get(url("series", series.pk), {"q": "brücken"}).text
    assert "<mark>Brücken</mark>" in page
    assert "Nothing was found" in client.get(url("series", series.pk), {"q": "nirgends"}).text
    hostile = client.get(url("series", series.pk), {"q": "script"}).text
    assert "<script>alert" not in hostile
    assert "&lt;<mark>script</mark>" in hostile
    assert client.get(url("series", series.pk), {"q": "\0" * 5 + "x" * 5000}).status_code == 200


def test_another_series_is_not_searched(cast, series, spoken):
    other = jour_fixe(cast, today=timezone.localdate(), title="Andere Reihe")
    assert found(other, "brücken") == []


@pytest.mark.parametrize("who", ["guest", "other"])
def test_who_sees_no_series_finds_nothing(cast, series, spoken, client_for, who):
    assert client_for(getattr(cast, who)).get(url("series", series.pk), {"q": "brücken"}).status_code == 404


# -- every time -------------------------------------------------------------------------------------------------------


def lines(series):
    return list(series.template_items.filter(removed=False).values_list("title", flat=True))


def test_an_item_is_put_on_every_agenda_and_taken_off_again(cast, series, meetings, client_for):
    item = propose(cast.coordinator, meetings[0], title="Termine", minutes=5)
    chair = client_for(cast.coordinator)
    assert "Put on every agenda" in chair.get(url("item", item.pk)).text
    for _twice in range(2):
        answer = chair.post(url("item_every_time", item.pk), headers=HTMX)
        assert "is on every agenda of the series" in unquote(answer["HX-Trigger"])
    assert lines(series) == ["Opening", "Round", "Termine", "Any other business"]
    assert meetings[0].items.filter(title="Termine").count() == 1
    assert meetings[1].items.filter(title="Termine").count() == 1
    assert Change.objects.filter(verb="every_time_added").count() == 1
    assert "No longer on every agenda" in chair.get(url("item", item.pk)).text
    for _twice in range(2):
        assert chair.post(url("item_every_time", item.pk), {"off": "1"}, headers=HTMX).status_code == 204
    assert lines(series) == ["Opening", "Round", "Any other business"]
    assert meetings[0].items.filter(title="Termine").exists()
    assert not meetings[1].items.filter(title="Termine").exists()


def test_only_who_plans_the_series(cast, meetings, client_for):
    item = propose(cast.kehl, meetings[0], title="Termine")
    for who, status in (("kehl", 403), ("mayor", 403), ("guest", 404), ("other", 404)):
        assert client_for(getattr(cast, who)).post(url("item_every_time", item.pk)).status_code == status
    # Who chairs one meeting does not plan the series.
    Meeting.objects.filter(pk=meetings[0].pk).update(chair=cast.kehl)
    assert client_for(cast.kehl).post(url("item_every_time", item.pk)).status_code == 403
    assert "Put on every agenda" not in client_for(cast.kehl).get(url("item", item.pk)).text


def test_a_single_meeting_has_no_every_time(cast, meeting, client_for):
    item = propose(cast.coordinator, meeting, title="Termine")
    chair = client_for(cast.coordinator)
    assert "Put on every agenda" not in chair.get(url("item", item.pk)).text
    answer = chair.post(url("item_every_time", item.pk), headers=HTMX)
    assert answer.status_code == 409
    assert "belongs to no series" in unquote(answer["X-Message"])


def test_the_series_region_knows_its_pages(cast, series):
    assert "Past meetings" in render(f"series-{series.pk}~page=2", "reader", "en")
