"""Setting up a series in the browser: rule, preview, save; its pages; who may do it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from collab.live.models import Change
from meetings.domain.schedule import cancel_meeting, move_meeting
from meetings.models import AgendaItem, Meeting, Series
from tests.conftest import TOWNS, Cast, make_meeting
from workgroups.models import Group, GroupMembership

from .series_forms import AGENDA, THIRD_THURSDAY, TODAY, dates, jour_fixe, rule, sent_lines, sent_series

ADD = "/n/ortenau/series/add/"


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 10, tzinfo=UTC), tick=True):
        yield


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def seal_in(response) -> str:
    return re.search(r'name="seal" value="(\w+)"', response.content.decode())[1]


def save(client: Client, path: str, data: dict) -> object:
    """Look at the dates, then save, as a person does."""
    looked = client.post(path, {**data, "step": "preview"})
    assert looked.status_code == 200, text_of(looked)
    return client.post(path, {**data, "step": "save", "seal": seal_in(looked)})


def test_coordinator_sets_up_the_jour_fixe(cast: Cast, client_for):
    client = client_for(cast.coordinator)
    empty = client.get(ADD)
    assert 'value="09:30"' in empty.content.decode()
    looked = client.post(ADD, {**sent_series(cast), "step": "preview"})
    page = text_of(looked)
    assert Series.objects.count() == 0
    for day in ("17 December 2026", "21 January 2027", "18 February 2027", "18 November 2027"):
        assert day in page
    assert "16 December 2027" not in page
    assert (
        page.index("17 December 2026")
        < page.index("Kehl", page.index("17 December 2026"))
        < page.index("21 January 2027")
    )

    saved = client.post(ADD, {**sent_series(cast), "step": "save", "seal": seal_in(looked)}, follow=True)
    assert "The series is set up." in text_of(saved)
    series = Series.objects.get()
    assert dates(series, 3) == ["17.12.26", "21.01.27", "18.02.27"]
    assert dates(series)[-1] == "18.05.28"
    first = series.meetings.first()
    assert [item.title for item in first.items.all()] == ["Opening", "Round"]
    assert (first.start_time.hour, first.start_time.minute, first.minutes) == (9, 30, 90)
    assert [m.host.short_name for m in series.meetings.all()[:4]] == ["Kehl", "Achern", "Kehl", "Achern"]
    assert "Every third Thursday of the month" in text_of(saved)


def test_saving_without_having_seen_the_dates_shows_them_first(cast: Cast, client_for):
    client = client_for(cast.coordinator)
    answer = client.post(ADD, {**sent_series(cast), "step": "save"})
    assert "Please check them" in text_of(answer)
    looked = client.post(ADD, {**sent_series(cast), "step": "preview"})
    other = {**sent_series(cast), "nth": 2, "step": "save", "seal": seal_in(looked)}
    assert "Please check them" in text_of(client.post(ADD, other))
    assert Series.objects.count() == 0


def test_public_holidays_are_pointed_out_and_not_moved(cast: Cast, client_for):
    client = client_for(cast.coordinator)
    data = sent_series(cast, rhythm="month_day", month_day=6, starts_on="2027-01-01")
    page = text_of(client.post(ADD, {**data, "step": "preview"}))
    assert "Public holiday" in page
    save(client, ADD, data)
    assert dates(Series.objects.get(), 2) == ["06.01.27", "06.02.27"]
    assert "Public holiday" in text_of(client.get(f"/n/ortenau/series/{Series.objects.get().pk}/"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"rhythm": "month_weekday", "nth": -1, "weekday": 4}, ["27.11.26", "25.12.26"]),
        ({"rhythm": "month_weekday", "nth": 5, "weekday": 3}, ["31.12.26", "29.04.27"]),
        ({"rhythm": "month_day", "month_day": 31}, ["31.12.26", "31.01.27", "31.03.27"]),
        ({"rhythm": "weeks", "interval": 2, "weekday": 1}, ["01.12.26", "15.12.26"]),
        ({"rhythm": "months_weekday", "interval": 3, "nth": 1, "weekday": 0}, ["01.02.27", "03.05.27"]),
        (
            {"rhythm": "months_day", "interval": 12, "month_day": 29, "starts_on": "2028-02-01"},
            ["29.02.28", "29.02.32"],
        ),
        ({"until": "2027-01-21"}, ["17.12.26", "21.01.27"]),
    ],
)
def test_every_rhythm(cast: Cast, client_for, values: dict, expected: list[str]):
    save(client_for(cast.coordinator), ADD, sent_series(cast, **values))
    assert dates(Series.objects.get(), len(expected)) == expected


def test_with_an_end_there_are_no_more_dates(cast: Cast, client_for):
    save(client_for(cast.coordinator), ADD, sent_series(cast, until="2027-01-21"))
    assert dates(Series.objects.get()) == ["17.12.26", "21.01.27"]


def test_a_sparse_rule_still_has_twelve_dates(cast: Cast, client_for):
    save(client_for(cast.coordinator), ADD, sent_series(cast, rhythm="months_day", interval=12, month_day=6))
    assert Series.objects.get().meetings.count() == 12


def test_fields_the_rhythm_does_not_ask_for_do_not_matter(cast: Cast, client_for):
    save(client_for(cast.coordinator), ADD, sent_series(cast, month_day="99", interval="-4"))
    assert Series.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rhythm": "months_day", "interval": 12, "month_day": 30, "starts_on": "2028-02-01"}, "never takes place"),
        ({"rhythm": "weeks", "interval": 53}, "At most 52"),
        ({"rhythm": "months_weekday", "interval": 25}, "At most 24"),
        ({"rhythm": "weeks", "interval": ""}, "needs this"),
        ({"rhythm": "month_day", "month_day": "32"}, "less than or equal to 31"),
        ({"until": "2026-11-21"}, "The end lies before the beginning"),
        ({"minutes": 1441}, "less than or equal to 1440"),
        ({"minutes": 0}, "greater than or equal to 5"),
        ({"starts_on": "2026-11-21"}, "Choose today or a later day"),
        ({"starts_on": "9999-12-01"}, "within the next two years"),
        ({"start_time": "25:00"}, "Enter a valid time"),
        ({"host_2": TOWNS["kehl"]}, "Each town takes its turn once"),
        ({"host_2": "08216043"}, "Select a valid choice"),
        ({"video_link": "javascript:alert(1)"}, "valid URL"),
        ({"video_link": "ftp://files.example/"}, "https://"),
        ({"title": "a" * 201}, "at most 200"),
        ({"title": "null\0byte"}, "Null characters"),
        ({"line-0-minutes": 601}, "Please check the lines"),
        ({"line-TOTAL_FORMS": "no"}, "Please check the lines"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(cast: Cast, client_for, values: dict, message: str):
    client = client_for(cast.coordinator)
    for step in ("preview", "save"):
        answer = client.post(ADD, {**sent_series(cast, **values), "step": step})
        assert answer.status_code == 422
        assert message in text_of(answer)
    assert Series.objects.count() == 0


def test_a_group_of_another_network_cannot_be_named(cast: Cast, client_for):
    foreign = Group.objects.get(network=cast.other_network)
    answer = client_for(cast.coordinator).post(ADD, {**sent_series(cast, group=foreign.pk), "step": "preview"})
    assert answer.status_code == 422


def test_a_form_sent_twice_creates_one_series(cast: Cast, client_for):
    client = client_for(cast.coordinator)
    first, second = save(client, ADD, sent_series(cast)), save(client, ADD, sent_series(cast))
    assert first["Location"] == second["Location"]
    assert Series.objects.count() == 1
    assert Change.objects.filter(verb="series_created").count() == 1


def test_in_the_dialog_of_htmx_saving_leads_to_the_series(cast: Cast, client_for):
    client = client_for(cast.coordinator)
    looked = client.post(ADD, {**sent_series(cast), "step": "preview"}, headers={"hx-request": "true"})
    assert looked.content.decode().lstrip().startswith("<form")
    data = {**sent_series(cast), "step": "save", "seal": seal_in(looked)}
    saved = client.post(ADD, data, headers={"hx-request": "true"})
    assert saved.status_code == 204
    assert f"/n/ortenau/series/{Series.objects.get().pk}/" in saved["HX-Trigger"]


def test_the_order_of_the_lines_is_what_their_numbers_say(cast: Cast, client_for):
    lines = sent_lines([{"title": "Last", "ORDER": 3}, {"title": "First", "ORDER": 1}, {"title": "Second", "ORDER": 1}])
    save(client_for(cast.coordinator), ADD, sent_series(cast, **lines))
    meeting = Series.objects.get().meetings.first()
    assert [item.title for item in meeting.items.all()] == ["First", "Second", "Last"]


def test_the_suggested_agenda_comes_in_the_language_of_the_coordinator(cast: Cast, client_for):
    assert "Any other business" in client_for(cast.coordinator).get(ADD).content.decode()


def test_hostile_text_is_shown_as_it_is(cast: Cast, client_for):
    title = "<script>alert(1)</script>\u202e {{ x }} 🦔"
    client = client_for(cast.coordinator)
    save(client, ADD, sent_series(cast, title=title, **sent_lines([{"title": title}])))
    series = Series.objects.get()
    assert series.title == title
    for path in (f"/n/ortenau/series/{series.pk}/", "/n/ortenau/meetings/", f"/n/ortenau/series/{series.pk}/edit/"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("who", ["kehl", "mayor", "guide", "guest"])
def test_who_does_not_plan_finds_no_way_to(cast: Cast, client_for, who: str):
    series = jour_fixe(cast)
    meeting = series.meetings.first()
    client = client_for(getattr(cast, who))
    guest = who == "guest"
    assert client.get(ADD).status_code == 403
    assert client.get("/n/ortenau/meetings/add/").status_code == 403
    for page in ("edit", "change", "end"):
        assert client.get(f"/n/ortenau/series/{series.pk}/{page}/").status_code == (404 if guest else 403)
    for page in ("edit", "move", "cancel", "guests"):
        assert client.get(f"/n/ortenau/meetings/{meeting.pk}/{page}/").status_code == (404 if guest else 403)
    answer = client.post(f"/n/ortenau/meetings/{meeting.pk}/reinstate/", {"version": 1})
    assert answer.status_code == (404 if guest else 403)
    assert client.get(f"/n/ortenau/series/{series.pk}/").status_code == (404 if guest else 200)
    listed = client.get("/n/ortenau/meetings/")
    assert "New series" not in text_of(listed)
    assert ("Jour fixe" in text_of(listed)) is not guest


def test_another_network_sees_nothing(cast: Cast, client_for):
    series = jour_fixe(cast, title="Hidden exchange")
    client = client_for(cast.other)
    for path in ("", "edit/", "change/", "end/"):
        assert client.get(f"/n/ortenau/series/{series.pk}/{path}").status_code == 404
        assert client.get(f"/n/regional-digital/series/{series.pk}/{path}").status_code == 404
    assert "Hidden exchange" not in text_of(client.get("/n/regional-digital/meetings/"))
    assert Client().get(f"/n/ortenau/series/{series.pk}/").status_code == 302


def test_the_chair_of_a_group_plans_for_that_group_only(cast: Cast, client_for):
    own = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Akte")
    GroupMembership.objects.create(group=own, membership=cast.kehl, role=GroupMembership.Role.CHAIR)
    client = client_for(cast.kehl)
    assert client.post(ADD, {**sent_series(cast), "step": "preview"}).status_code == 422
    save(client, ADD, sent_series(cast, group=own.pk))
    assert Series.objects.get().group == own
    foreign = jour_fixe(cast)
    assert client.get(f"/n/ortenau/series/{foreign.pk}/change/").status_code == 403


def test_a_guest_sees_the_meetings_they_are_invited_to_and_no_others(cast: Cast, client_for):
    series = jour_fixe(cast)
    series.meetings.first().guests.create(membership=cast.guest)
    page = text_of(client_for(cast.guest).get("/n/ortenau/meetings/"))
    assert page.count("Jour fixe") == 1


def test_the_list_of_an_empty_network_says_what_to_do_first(cast: Cast, client_for):
    assert "Start with a series" in text_of(client_for(cast.coordinator).get("/n/ortenau/meetings/"))
    assert "As soon as" in text_of(client_for(cast.kehl).get("/n/ortenau/meetings/"))


def test_the_list_shows_cancelled_and_moved_dates_and_the_past_by_year(cast: Cast, client_for):
    series = jour_fixe(cast)
    first, second = series.meetings.all()[:2]
    cancel_meeting(meeting=first, reason="Too many ill", version=1, by=cast.coordinator)
    move = {"date": date(2027, 1, 22), "start_time": first.start_time, "minutes": 90, "reason": "Fair"}
    move_meeting(meeting=second, version=1, by=cast.coordinator, **move)
    make_meeting(cast, title="Old one", date=date(2025, 3, 1), state=Meeting.State.CLOSED)
    client = client_for(cast.kehl)
    page = text_of(client.get("/n/ortenau/meetings/"))
    assert "Too many ill" in page
    assert "moved from 21 Jan 2027" in page
    assert "Old one" not in page
    assert "Old one" in text_of(client.get("/n/ortenau/meetings/?year=2025"))
    assert client.get("/n/ortenau/meetings/?year=20x5").status_code == 404
    assert client.get("/n/ortenau/meetings/?year=0000").status_code == 404


def test_past_meetings_stay_on_the_series_page_with_their_decisions(cast: Cast, client_for):
    series = jour_fixe(cast)
    series.meetings.filter(date="2026-12-17").update(state=Meeting.State.CLOSED)
    held = series.meetings.first()
    item = held.items.first()
    item.decisions.create(
        network=cast.network, year=2026, number=1, meeting=held, subject="x", group=held.group, carried=True,
        wording="x", mode="unanimous",
        decided_on=held.date, recorded_by=cast.coordinator,
    )  # fmt: skip
    with time_machine.travel(datetime(2027, 1, 5, 10, tzinfo=UTC), tick=True):
        page = text_of(client_for(cast.kehl).get(f"/n/ortenau/series/{series.pk}/"))
    assert page.index("Past meetings") < page.index("17 December 2026")
    assert "2026-001 x" in page[page.index("17 December 2026") :]


def test_pages_take_the_same_number_of_queries_for_few_and_many_meetings(cast: Cast, client_for):
    client = client_for(cast.coordinator)
    series = jour_fixe(cast)
    keep = list(series.meetings.values_list("pk", flat=True)[:1])
    AgendaItem.objects.exclude(meeting__in=keep).delete()
    series.meetings.exclude(pk__in=keep).delete()
    paths = (f"/n/ortenau/series/{series.pk}/", "/n/ortenau/meetings/", "/n/ortenau/meetings/?year=2025")
    make_meeting(cast, date=date(2025, 1, 1), state=Meeting.State.CLOSED)

    def counts() -> list[int]:
        found = []
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            found.append(len(queries))
        return found

    few = counts()
    call_command("extend_series")
    for k in range(50):
        make_meeting(cast, title=f"Single {k}", date=date(2027, 1, 1 + k % 28))
        make_meeting(cast, date=date(2025, 1, 1 + k % 28), state=Meeting.State.CLOSED)
    assert series.meetings.count() == 18
    assert counts() == few


def test_setting_up_takes_the_same_number_of_queries_for_few_and_many_dates(cast: Cast):
    with CaptureQueriesContext(connection) as few:
        jour_fixe(cast, rule=rule(TODAY, **THIRD_THURSDAY, until=date(2026, 12, 31)))
    with CaptureQueriesContext(connection) as many:
        jour_fixe(cast)
    # SQLite takes 999 values per statement at most; the rows come in batches of these.
    assert len(many) - len(few) <= 3


def test_the_nightly_command_adds_the_next_dates_once(cast: Cast, capsys):
    series = jour_fixe(cast)
    hosts = [meeting.host_id for meeting in series.meetings.all()]
    with time_machine.travel(datetime(2027, 2, 1, 3, tzinfo=UTC), tick=True):
        call_command("extend_series")
        call_command("extend_series")
    assert dates(series)[-2:] == ["15.06.28", "20.07.28"]
    assert capsys.readouterr().out.split() == ["2", "meetings", "added.", "0", "meetings", "added."]
    last = series.meetings.last()
    assert last.items.count() == len(AGENDA)
    # Eighteen dates by three hosts: the turn goes on where it was.
    assert [m.host_id for m in series.meetings.all()][18:] == hosts[:2]
    assert Change.objects.filter(verb="series_extended", actor=None).count() == 1
