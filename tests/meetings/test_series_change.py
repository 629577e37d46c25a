"""Later changes of a series: from a date on, its end, what its meetings have in common. Nothing anybody did is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from meetings.domain.agenda import edit_item, propose_item
from meetings.domain.presence import answer_invitation
from meetings.domain.round import write_report
from meetings.domain.schedule import cancel_meeting, invite_guest, move_meeting
from meetings.domain.series import change_series_from, edit_series, end_series
from meetings.domain.template import Line
from meetings.models import AgendaItem, Meeting, Series
from meetings.queries.slots import Turn, hosts_in_turn
from meetings.recurrence import Frequency
from tests.conftest import Cast

from .series_forms import AGENDA, TODAY, dates, jour_fixe, rule, sent_lines
from .test_series import save, text_of

FIRST_TUESDAY = {"frequency": Frequency.MONTHLY_WEEKDAY, "weekday": 1, "nth": 1}
FROM = date(2027, 2, 1)


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 10, tzinfo=UTC), tick=True):
        yield


def on(series: Series, day: date) -> Meeting:
    return series.meetings.get(date=day)


def propose(cast: Cast, meeting: Meeting, title: str = "E-file in Kehl", **more: Any) -> AgendaItem:
    return propose_item(meeting=meeting, by=cast.kehl, title=title, kind="report", minutes=10, **more)


def change(series: Series, cast: Cast, from_date: date = FROM, **more: Any) -> Series:
    parts = more.pop("parts", FIRST_TUESDAY)
    values = {"start_time": time(14), "minutes": 60, "version": series.version, "by": cast.coordinator, "today": TODAY}
    return change_series_from(series=series, from_date=from_date, rule=rule(from_date, **parts), **{**values, **more})


def end(series: Series, cast: Cast, last_date: date, **more: Any) -> Series:
    return end_series(series=series, last_date=last_date, version=series.version, by=cast.coordinator, **more)


def edit(series: Series, cast: Cast, **more: Any) -> Series:
    template = [
        Line(title=item.title, kind=item.kind, minutes=item.minutes, pk=item.pk)
        for item in series.template_items.filter(removed=False)
    ]
    values = {
        "title": series.title,
        "place": series.place,
        "video_link": series.video_link,
        "hosts": [host.municipality for host in series.hosts.all()],
        "template": template,
        "version": series.version,
        "by": cast.coordinator,
    }
    return edit_series(series=series, **{**values, **more})


def titles(meeting: Meeting) -> list[str]:
    items = meeting.items.filter(state__in=AgendaItem.ON_AGENDA, parent=None).order_by("position", "pk")
    return [item.title for item in items]


# --- from this date on -------------------------------------------------------------------------------------------


def test_from_this_date_on_the_new_rule_holds_and_the_past_stays(cast: Cast):
    series = change(jour_fixe(cast), cast)
    assert dates(series, 5) == ["17.12.26", "21.01.27", "02.02.27", "02.03.27", "06.04.27"]
    january, february = series.meetings.order_by("date")[1:3]
    assert (january.start_time, january.minutes) == (time(9, 30), 90)
    assert (february.start_time, february.minutes) == (time(14), 60)
    assert [str(one.starts_on) for one in series.rules.all()] == ["2026-11-22", "2027-02-01"]


def test_the_agenda_of_a_meeting_goes_with_it_to_its_new_date(cast: Cast):
    series = jour_fixe(cast)
    february = on(series, date(2027, 2, 18))
    item = propose(cast, february)
    change(series, cast)
    item.refresh_from_db()
    assert item.meeting_id == february.pk
    assert item.meeting.date == date(2027, 2, 2)
    assert item.meeting.host.short_name == "Durbach"


def test_what_was_moved_or_cancelled_by_hand_is_left_alone_and_counts_as_one_date(cast: Cast):
    series = jour_fixe(cast)
    february, march, april = (on(series, date(2027, *day)) for day in ((2, 18), (3, 18), (4, 15)))
    move_meeting(
        meeting=february, date=date(2027, 2, 24), start_time=time(10), minutes=45, reason="Fair",
        version=february.version, by=cast.coordinator,
    )  # fmt: skip
    cancel_meeting(meeting=march, reason="Holidays", version=march.version, by=cast.coordinator)
    change(series, cast)
    for meeting in (february, march, april):
        meeting.refresh_from_db()
    assert (february.date, february.start_time, february.minutes) == (date(2027, 2, 24), time(10), 45)
    assert (march.state, march.reason, march.date) == (Meeting.State.CANCELLED, "Holidays", date(2027, 3, 18))
    assert april.date == date(2027, 4, 6)
    assert dates(series, 5) == ["17.12.26", "21.01.27", "24.02.27", "06.04.27", "04.05.27"]
    keys = [str(meeting.occurrence_on) for meeting in (february, march, april)]
    assert keys == ["2027-02-02", "2027-03-02", "2027-04-06"]


def test_a_denser_rule_adds_meetings_with_agenda_and_host(cast: Cast):
    series = change(jour_fixe(cast), cast, parts={"frequency": Frequency.WEEKLY, "weekday": 1, "interval": 2})
    added = series.meetings.order_by("date").last()
    assert added.date > date(2028, 5, 1)
    assert titles(added) == [line.title for line in AGENDA]
    assert added.host is not None
    assert series.meetings.filter(items=None).count() == 0


def test_a_sparser_rule_removes_only_what_nobody_worked_on(cast: Cast):
    series = jour_fixe(cast, rule=rule(TODAY, frequency=Frequency.WEEKLY, weekday=3))
    assert series.meetings.count() == 78
    busy = on(series, date(2028, 2, 3))
    item = propose(cast, busy)
    visited = on(series, date(2028, 2, 10))
    invite_guest(meeting=visited, guest=cast.guest, by=cast.coordinator)
    change(series, cast, from_date=date(2026, 12, 1))
    planned = series.meetings.filter(state=Meeting.State.PLANNED).order_by("date")
    assert planned.count() == 1 + 18
    busy.refresh_from_db()
    visited.refresh_from_db()
    assert {busy.state, visited.state} == {Meeting.State.CANCELLED}
    assert "changed" in busy.reason
    item.refresh_from_db()
    assert item.state == AgendaItem.State.FORWARDED
    copy = item.carried_to
    assert (copy.title, copy.state, copy.proposed_by) == (item.title, AgendaItem.State.PROPOSED, cast.kehl)
    assert copy.meeting.date == date(2028, 3, 7)


def test_two_changes_after_one_another_keep_one_meeting_per_date(cast: Cast):
    series = change(jour_fixe(cast), cast)
    series = change(series, cast, parts={"frequency": Frequency.MONTHLY_DAY, "month_day": 10})
    series = change(series, cast, from_date=date(2027, 6, 1))
    assert dates(series, 9) == [
        "17.12.26", "21.01.27", "10.02.27", "10.03.27", "10.04.27", "10.05.27", "01.06.27", "06.07.27", "03.08.27",
    ]  # fmt: skip
    found = dates(series)
    assert len(found) == len(set(found))


def test_a_meeting_in_session_keeps_its_date(cast: Cast):
    series = jour_fixe(cast)
    with time_machine.travel(datetime(2026, 12, 17, 9, tzinfo=UTC), tick=True):
        series.meetings.filter(date="2026-12-17").update(state=Meeting.State.OPEN)
        change(series, cast, from_date=date(2026, 12, 17), today=date(2026, 12, 17))
    assert dates(series, 3) == ["17.12.26", "05.01.27", "02.02.27"]


def test_the_past_cannot_be_changed(cast: Cast):
    series = jour_fixe(cast)
    with pytest.raises(Refused, match="past"):
        change(series, cast, from_date=date(2026, 11, 21))
    assert series.rules.count() == 1


def test_two_people_change_the_series_at_once_and_the_second_is_told(cast: Cast):
    series = jour_fixe(cast)
    change(series, cast)
    with pytest.raises(Stale) as told:
        change(series, cast, parts={"frequency": Frequency.MONTHLY_DAY, "month_day": 1}, version=1)
    assert told.value.who == str(cast.coordinator)
    assert dates(series, 3)[2] == "02.02.27"


def test_only_those_who_plan_may_change(cast: Cast):
    series = jour_fixe(cast)
    for who in (cast.kehl, cast.mayor, cast.guest, cast.other):
        with pytest.raises(PermissionDenied):
            change(series, cast, by=who)
        with pytest.raises(PermissionDenied):
            edit(series, cast, by=who)


def test_the_change_in_the_browser_shows_what_becomes_of_each_date(cast: Cast, client_for):
    series = jour_fixe(cast)
    client = client_for(cast.coordinator)
    path = f"/n/ortenau/series/{series.pk}/change/"
    form = client.get(path).content.decode()
    assert 'value="2026-12-17"' in form
    data = {
        "version": 1, "from_date": "2027-02-01", "rhythm": "month_weekday", "nth": 1, "weekday": 1,
        "start_time": "14:00", "minutes": 60, "until": "",
    }  # fmt: skip
    looked = client.post(path, {**data, "step": "preview"})
    assert "2 February 2027" in text_of(looked)
    assert "until now 18 Feb 2027" in text_of(looked)
    saved = save(client, path, data)
    assert saved.status_code == 302
    page = text_of(client.get(f"/n/ortenau/series/{series.pk}/"))
    assert "From 1 February 2027 on: Every first Tuesday of the month" in page


def test_a_stale_change_in_the_browser_shows_the_dates_anew(cast: Cast, client_for):
    series = jour_fixe(cast)
    client = client_for(cast.coordinator)
    path = f"/n/ortenau/series/{series.pk}/change/"
    data = {
        "version": 1, "from_date": "2027-02-01", "rhythm": "month_weekday", "nth": 2, "weekday": 1,
        "start_time": "14:00", "minutes": 60,
    }  # fmt: skip
    change(series, cast)
    answer = save(client, path, data)
    assert answer.status_code == 409
    assert "changed this meanwhile" in text_of(answer)
    assert 'name="version" value="2"' in answer.content.decode()
    assert dates(series, 3)[2] == "02.02.27"


# --- the end -----------------------------------------------------------------------------------------------------


def test_the_end_removes_later_dates_and_cancels_those_with_content(cast: Cast):
    series = jour_fixe(cast)
    april = on(series, date(2027, 4, 15))
    item = propose(cast, april)
    series = end(series, cast, date(2027, 2, 28), reason="New structure")
    assert dates(series) == ["17.12.26", "21.01.27", "18.02.27"]
    april.refresh_from_db()
    assert (april.state, april.reason) == (Meeting.State.CANCELLED, "New structure")
    assert AgendaItem.objects.get(carried_from=item).meeting.date == date(2027, 2, 18)
    assert AgendaItem.objects.filter(pk=item.pk).exists()


def test_screens_that_show_what_the_end_removed_are_told(cast: Cast):
    series = jour_fixe(cast)
    last = series.meetings.order_by("date").last()
    item = last.items.first()
    end(series, cast, date(2027, 2, 28))
    assert not Meeting.objects.filter(pk=last.pk).exists()
    regions = set(Change.objects.get(verb="series_ended").regions)
    assert {f"item-{item.pk}", f"meeting-head-{last.pk}", f"meeting-agenda-{last.pk}"} <= regions


def test_after_the_end_no_dates_are_added_and_a_later_end_continues(cast: Cast):
    series = jour_fixe(cast)
    propose(cast, on(series, date(2027, 4, 15)))
    series = end(series, cast, date(2027, 2, 28))
    series = end(series, cast, date(2027, 5, 31))
    # April was cancelled with its reason and stays so; it can be brought back on its page.
    assert dates(series) == ["17.12.26", "21.01.27", "18.02.27", "18.03.27", "20.05.27"]
    with pytest.raises(Refused, match="ends before"):
        change(series, cast, from_date=date(2027, 6, 1))


def test_ending_in_the_browser(cast: Cast, client_for):
    series = jour_fixe(cast)
    client = client_for(cast.coordinator)
    path = f"/n/ortenau/series/{series.pk}/end/"
    assert client.get(path).status_code == 200
    answer = client.post(path, {"version": 1, "last_date": "2027-01-31"}, follow=True)
    assert "No dates after 31 January 2027" in text_of(answer)
    assert client.post(path, {"version": 1, "last_date": "2027-01-31"}).status_code == 409
    assert client.post(path, {"version": 2, "last_date": "2020-01-31"}).status_code == 422


# --- what the meetings have in common --------------------------------------------------------------------------


def test_title_place_and_link_reach_meetings_to_come_but_not_those_settled_by_hand(cast: Cast):
    series = jour_fixe(cast)
    past = series.meetings.filter(date="2026-12-17")
    past.update(state=Meeting.State.CLOSED)
    moved = on(series, date(2027, 1, 21))
    move_meeting(
        meeting=moved, date=date(2027, 1, 22), start_time=time(9), minutes=90, reason="Fair", version=1,
        by=cast.coordinator,
    )  # fmt: skip
    with time_machine.travel(datetime(2027, 1, 5, 10, tzinfo=UTC), tick=True):
        edit(series, cast, title="Exchange", place="Offenburg", video_link="")
    assert past.get().title == "Jour fixe"
    moved.refresh_from_db()
    assert moved.title == "Jour fixe"
    february = on(series, date(2027, 2, 18))
    assert (february.title, february.place, february.video_link) == ("Exchange", "Offenburg", "")


def test_new_hosts_take_their_turns_after_the_last_one_who_hosted(cast: Cast):
    series = jour_fixe(cast)
    series.meetings.filter(date="2026-12-17").update(state=Meeting.State.CLOSED)
    with time_machine.travel(datetime(2027, 1, 5, 10, tzinfo=UTC), tick=True):
        edit(series, cast, hosts=[cast.town("lahr"), cast.town("kehl"), cast.town("durbach")])
    hosts = [meeting.host.short_name for meeting in series.meetings.order_by("date")[:5]]
    assert hosts == ["Kehl", "Durbach", "Lahr", "Kehl", "Durbach"]


def test_without_hosts_nobody_hosts(cast: Cast):
    series = edit(jour_fixe(cast), cast, hosts=[])
    assert set(series.meetings.values_list("host", flat=True)) == {None}


def test_a_turn_is_used_up_by_a_meeting_that_was_cancelled():
    turns = [
        Turn(date(2027, 1, 1), "a"),
        Turn(date(2027, 2, 1), "x", by_hand=True),
        Turn(date(2027, 3, 1), is_open=True),
    ]
    assert hosts_in_turn(["a", "b", "c"], turns) == {date(2027, 3, 1): "c"}


def test_a_new_line_of_the_template_comes_to_every_meeting_at_its_place(cast: Cast):
    series = jour_fixe(cast)
    december = on(series, date(2026, 12, 17))
    propose_item(meeting=december, by=cast.coordinator, title="Own topic", kind="discussion", minutes=20)
    template = series.template_items.all()
    lines = [Line(title=t.title, kind=t.kind, minutes=t.minutes, pk=t.pk) for t in template]
    edit(series, cast, template=[lines[0], Line(title="Minutes of last time"), *lines[1:]])
    assert titles(december) == ["Opening", "Minutes of last time", "Round", "Own topic", "Any other business"]
    assert titles(on(series, date(2028, 5, 18))) == ["Opening", "Minutes of last time", "Round", "Any other business"]


def test_template_changes_reach_untouched_items_only(cast: Cast):
    series = jour_fixe(cast)
    december, january = series.meetings.order_by("date")[:2]
    touched = december.items.get(title="Round")
    edit_item(
        item=touched, version=1, by=cast.coordinator, title="Round", kind="round", minutes=40, text="Bring figures",
    )  # fmt: skip
    opening, _round, other = series.template_items.all()
    new = [
        Line(title="Welcome", kind=opening.kind, minutes=10, pk=opening.pk),
        Line(title=other.title, kind=other.kind, minutes=other.minutes, pk=other.pk),
    ]
    edit(series, cast, template=new)
    assert titles(december) == ["Welcome", "Round", "Any other business"]
    touched.refresh_from_db()
    assert (touched.minutes, touched.text) == (40, "Bring figures")
    assert titles(january) == ["Welcome", "Any other business"]
    edit(series, cast, template=[new[1], Line(title="Greeting", kind=opening.kind, minutes=10, pk=opening.pk)],
         version=2)  # fmt: skip
    assert titles(january) == ["Any other business", "Greeting"]
    assert titles(december)[-1] == "Greeting"
    with time_machine.travel(datetime(2027, 2, 1, 10, tzinfo=UTC), tick=True):
        from meetings.domain.series import extend_series

        (added, *_rest) = extend_series(series=series, today=date(2027, 2, 1))
    assert titles(added) == ["Any other business", "Greeting"]


def test_editing_takes_the_same_number_of_queries_for_few_and_many_meetings(cast: Cast):
    few, many = (
        jour_fixe(cast, rule=rule(TODAY, frequency=Frequency.MONTHLY_DAY, month_day=1, until=until))
        for until in (date(2027, 2, 28), None)
    )

    def count(series: Series) -> int:
        with CaptureQueriesContext(connection) as queries:
            edit(series, cast, title="Other", template=[Line(title="Only this")])
        return len(queries)

    assert abs(count(few) - count(many)) <= 3


def test_editing_in_the_browser_and_a_stale_form(cast: Cast, client_for):
    series = jour_fixe(cast)
    client = client_for(cast.coordinator)
    path = f"/n/ortenau/series/{series.pk}/edit/"
    page = client.get(path).content.decode()
    known = [int(pk) for pk in re.findall(r'name="line-\d+-pk" value="(\d+)"', page)]
    lines = sent_lines([{"pk": known[0], "title": "Opening"}, {"pk": known[1], "title": "Reports", "kind": "round"}], 2)
    data = {"version": 1, "title": "Jour fixe", "place": "Lahr", "video_link": "", "host_1": "", **lines}
    assert client.post(path, data).status_code == 302
    assert titles(series.meetings.first()) == ["Opening", "Reports"]
    stale = client.post(path, {**data, "place": "Kehl"})
    assert stale.status_code == 409
    assert "changed this meanwhile" in text_of(stale)
    assert "As saved meanwhile" in text_of(stale)
    assert 'value="Kehl"' in stale.content.decode()
    series.refresh_from_db()
    assert series.place == "Lahr"


def test_lines_of_another_series_cannot_be_taken(cast: Cast):
    foreign = jour_fixe(cast).template_items.first()
    series = edit(jour_fixe(cast), cast, template=[Line(title="Mine", pk=foreign.pk)])
    foreign.refresh_from_db()
    assert foreign.title == "Opening"
    assert titles(series.meetings.first()) == ["Mine"]


def test_each_change_is_in_the_log_once_and_names_the_regions_it_touched(cast: Cast):
    series = jour_fixe(cast)
    propose(cast, on(series, date(2027, 4, 15)))
    change(series, cast)
    logged = Change.objects.get(verb="series_changed")
    meeting = series.meetings.get(date=date(2027, 4, 6))
    expected = {f"series-{series.pk}", f"meeting-list-{cast.network.pk}", f"meeting-head-{meeting.pk}"}
    assert expected <= set(logged.regions)
    assert f"item-{meeting.items.last().pk}" in logged.regions


# --- what towns prepared ------------------------------------------------------------------------------------------


def report(cast: Cast, meeting: Meeting) -> AgendaItem:
    texts = {"news": "New", "needs": "", "offers": "", "version": 0}
    item = meeting.items.get(title="Round")
    write_report(item=item, municipality=cast.town("kehl"), by=cast.kehl, **texts)
    return item


def test_a_round_with_prepared_reports_or_a_guest_outlives_its_line(cast: Cast):
    series = jour_fixe(cast)
    december, january = series.meetings.order_by("date")[:2]
    report(cast, december)
    invite_guest(meeting=january, guest=cast.guest, item=january.items.get(title="Round"), by=cast.coordinator)
    edit(series, cast, template=[Line(title="Only this")])
    assert titles(december) == ["Only this", "Round"]
    assert titles(january) == ["Only this", "Round"]
    assert titles(on(series, date(2027, 2, 18))) == ["Only this"]


def test_a_meeting_that_a_town_answered_for_is_cancelled_and_not_removed(cast: Cast):
    series = jour_fixe(cast)
    april = on(series, date(2027, 4, 15))
    answer = {"answer": "accepted", "note": "", "deputy": None, "deputy_name": "", "version": 0}
    answer_invitation(meeting=april, municipality=cast.town("kehl"), by=cast.kehl, **answer)
    end(series, cast, date(2027, 2, 28))
    april.refresh_from_db()
    assert april.state == Meeting.State.CANCELLED


def test_prepared_reports_go_to_the_round_of_the_next_meeting(cast: Cast):
    series = jour_fixe(cast)
    december, january = series.meetings.order_by("date")[:2]
    report(cast, december)
    cancel_meeting(meeting=december, reason="Ill", version=1, by=cast.coordinator, carry=True)
    assert january.items.get(title="Round").reports.get().news == "New"
    assert titles(january) == ["Opening", "Round", "Any other business"]
    april = on(series, date(2027, 4, 15))
    report(cast, april)
    end(series, cast, date(2027, 2, 28))
    february = on(series, date(2027, 2, 18))
    assert february.items.get(title="Round").reports.get().news == "New"
    assert february.items.count() == 3
