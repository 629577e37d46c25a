"""Single meetings: planned, edited, moved, cancelled, brought back; guests; overlaps; the change of the clocks."""

from __future__ import annotations

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
from meetings.domain.agenda import propose_item
from meetings.domain.carry import carry_items
from meetings.domain.schedule import (
    add_meeting,
    cancel_meeting,
    edit_meeting,
    invite_guest,
    move_meeting,
    reinstate_meeting,
    uninvite_guest,
)
from meetings.models import AgendaItem, Attachment, Meeting
from tests.conftest import TOWNS, Cast, make_meeting

from .series_forms import jour_fixe
from .test_series import text_of

ADD = "/n/ortenau/meetings/add/"


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 10, tzinfo=UTC), tick=True):
        yield


def sent_meeting(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "group": cast.group.pk,
        "title": "Workshop",
        "date": "2026-12-01",
        "start_time": "14:00",
        "minutes": 120,
        "place": "Town hall",
        "host": TOWNS["lahr"],
        "video_link": "",
        "request_id": "0b8a9d1e-24a9-4f3e-8f3a-6f1f4c7f0a11",
        **more,
    }


def move(meeting: Meeting, cast: Cast, **more: Any) -> Meeting:
    values = {"date": date(2027, 1, 5), "start_time": time(10), "minutes": 60, "reason": "Fair", "version": 1}
    return move_meeting(meeting=meeting, **{**values, "by": cast.coordinator, **more})


def cancel(meeting: Meeting, cast: Cast, **more: Any) -> Meeting:
    return cancel_meeting(meeting=meeting, **{"reason": "Ill", "version": 1, "by": cast.coordinator, **more})


def test_the_coordinator_plans_a_single_meeting(cast: Cast, client_for):
    client = client_for(cast.coordinator)
    assert client.get(ADD).status_code == 200
    answer = client.post(ADD, sent_meeting(cast), follow=True)
    assert "The meeting is planned." in text_of(answer)
    meeting = Meeting.objects.get()
    assert (meeting.series, meeting.host.short_name, meeting.date) == (None, "Lahr", date(2026, 12, 1))
    assert "Workshop" in text_of(client_for(cast.kehl).get("/n/ortenau/meetings/"))


def test_a_form_sent_twice_plans_one_meeting(cast: Cast, client_for):
    client = client_for(cast.coordinator)
    first, second = client.post(ADD, sent_meeting(cast)), client.post(ADD, sent_meeting(cast))
    assert first["Location"] == second["Location"]
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"date": "2026-11-21"},
        {"date": "9999-12-31"},
        {"date": "yesterday"},
        {"minutes": 4},
        {"minutes": 1441},
        {"start_time": "24:00"},
        {"title": ""},
        {"title": "null\0byte"},
        {"host": "08216043"},
        {"video_link": "javascript:alert(1)"},
        {"group": 0},
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, client_for, values: dict):
    assert client_for(cast.coordinator).post(ADD, sent_meeting(cast, **values)).status_code == 422
    assert not Meeting.objects.exists()


def test_an_overlap_with_another_meeting_of_the_group_is_a_hint(cast: Cast, client_for):
    make_meeting(cast, title="Jour fixe", date=date(2026, 12, 1), start_time=time(15, 30))
    answer = client_for(cast.coordinator).post(ADD, sent_meeting(cast), follow=True)
    assert "at the same time the group has “Jour fixe”" in text_of(answer)
    beside = sent_meeting(cast, start_time="09:00", request_id="")
    assert "at the same time" not in text_of(client_for(cast.coordinator).post(ADD, beside, follow=True))


def test_a_moved_occurrence_stays_the_occurrence_it_was(cast: Cast, client_for):
    meeting = jour_fixe(cast).meetings.first()
    client = client_for(cast.coordinator)
    path = f"/n/ortenau/meetings/{meeting.pk}/move/"
    form = client.get(path).content.decode()
    assert 'value="2026-12-17"' in form
    data = {"version": 1, "date": "2026-12-18", "start_time": "10:00", "minutes": 60, "reason": "Fair"}
    assert client.post(path, data).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.date, meeting.start_time, meeting.minutes) == (date(2026, 12, 18), time(10), 60)
    assert (meeting.occurrence_on, meeting.is_exception, meeting.reason) == (date(2026, 12, 17), True, "Fair")
    assert "moved from 17 Dec 2026" in text_of(client.get(f"/n/ortenau/series/{meeting.series_id}/"))


def test_moving_and_cancelling_need_a_reason(cast: Cast, client_for, meeting: Meeting):
    client = client_for(cast.coordinator)
    data = {"version": 1, "date": "2026-12-18", "start_time": "10:00", "minutes": 60, "reason": " "}
    assert client.post(f"/n/ortenau/meetings/{meeting.pk}/move/", data).status_code == 422
    assert client.post(f"/n/ortenau/meetings/{meeting.pk}/cancel/", {"version": 1}).status_code == 422


def test_only_the_time_moved_shows_as_such(cast: Cast, client_for):
    meeting = jour_fixe(cast).meetings.first()
    move(meeting, cast, date=meeting.date, start_time=time(13))
    assert "other time" in text_of(client_for(cast.kehl).get(f"/n/ortenau/series/{meeting.series_id}/"))


def test_a_meeting_is_not_moved_into_the_past(cast: Cast, meeting: Meeting):
    with pytest.raises(Refused):
        move(meeting, cast, date=date(2026, 11, 21))


def test_an_edited_occurrence_counts_as_settled_by_hand(cast: Cast, client_for):
    meeting = jour_fixe(cast).meetings.first()
    data = {"version": 1, "title": "Long meeting", "minutes": 180, "place": "", "host": TOWNS["lahr"], "video_link": ""}
    path = f"/n/ortenau/meetings/{meeting.pk}/edit/"
    assert client_for(cast.coordinator).get(path).status_code == 200
    assert client_for(cast.coordinator).post(path, data).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.title, meeting.minutes, meeting.is_exception) == ("Long meeting", 180, True)
    assert meeting.series.meetings.filter(is_exception=True).count() == 1


def test_one_occurrence_is_cancelled_and_the_series_goes_on(cast: Cast, client_for):
    series = jour_fixe(cast)
    first = series.meetings.first()
    client = client_for(cast.coordinator)
    path = f"/n/ortenau/meetings/{first.pk}/cancel/"
    assert client.post(path, {"version": 1, "reason": "Too many ill"}).status_code == 302
    assert series.meetings.filter(state=Meeting.State.PLANNED).count() == 17
    page = client.get(f"/n/ortenau/series/{series.pk}/").content.decode()
    assert "<s>Thu, 17 December 2026</s>" in page
    assert "Too many ill" in page


def test_a_cancelled_meeting_is_brought_back_with_its_agenda(cast: Cast, client_for):
    meeting = jour_fixe(cast).meetings.first()
    cancel(meeting, cast)
    with pytest.raises(Refused, match="Bring it back"):
        move(meeting, cast, version=2)
    answer = client_for(cast.coordinator).post(f"/n/ortenau/meetings/{meeting.pk}/reinstate/", {"version": 2})
    assert answer.status_code == 302
    meeting.refresh_from_db()
    assert (meeting.state, meeting.reason, meeting.items.count()) == (Meeting.State.PLANNED, "", 3)


def test_what_is_over_is_not_brought_back(cast: Cast, meeting: Meeting):
    cancel(meeting, cast)
    with (
        time_machine.travel(datetime(2027, 5, 1, tzinfo=UTC), tick=True),
        pytest.raises(Refused, match="over"),
    ):
        reinstate_meeting(meeting=meeting, version=2, by=cast.coordinator)


def test_cancelling_may_take_the_proposals_to_the_next_meeting(cast: Cast):
    first, second = jour_fixe(cast).meetings.all()[:2]
    item = propose_item(meeting=first, by=cast.kehl, title="E-file", kind="report", minutes=10)
    cancel(first, cast, carry=True)
    item.refresh_from_db()
    assert (item.state, item.carried_to.meeting) == (AgendaItem.State.FORWARDED, second)
    assert first.items.filter(state=AgendaItem.State.FORWARDED).count() == 1


@pytest.mark.parametrize("state", [Meeting.State.OPEN, Meeting.State.CLOSED])
def test_a_meeting_that_has_begun_is_no_longer_moved(cast: Cast, meeting: Meeting, state: str):
    Meeting.objects.update(state=state)
    for change in (move, cancel):
        with pytest.raises(Refused, match="has begun or is over"):
            change(meeting, cast)


def test_of_two_changes_at_once_the_second_is_told(cast: Cast, client_for, meeting: Meeting):
    cancel(meeting, cast)
    with pytest.raises(Stale) as told:
        move(meeting, cast)
    assert told.value.who == str(cast.coordinator)
    data = {"version": 1, "date": "2026-12-18", "start_time": "10:00", "minutes": 60, "reason": "Fair"}
    answer = client_for(cast.coordinator).post(f"/n/ortenau/meetings/{meeting.pk}/move/", data)
    assert answer.status_code == 409
    assert "changed this meanwhile" in text_of(answer)
    again = client_for(cast.coordinator).post(f"/n/ortenau/meetings/{meeting.pk}/move/", {**data, "version": 2})
    assert again.status_code == 422


def test_only_those_who_lead_change_a_meeting(cast: Cast, meeting: Meeting):
    where = {"title": "x", "minutes": 60, "place": "", "host": None, "video_link": ""}
    for who in (cast.kehl, cast.mayor, cast.guide, cast.guest, cast.other):
        for attempt in (
            lambda who=who: move(meeting, cast, by=who),
            lambda who=who: cancel(meeting, cast, by=who),
            lambda who=who: edit_meeting(meeting=meeting, version=1, by=who, **where),
            lambda who=who: reinstate_meeting(meeting=meeting, version=1, by=who),
            lambda who=who: invite_guest(meeting=meeting, guest=cast.guest, by=who),
            lambda who=who: add_meeting(
                group=cast.group, title="x", date=date(2027, 1, 1), start_time=time(9), minutes=60, by=who
            ),
        ):
            with pytest.raises(PermissionDenied):
                attempt()


def test_foreign_and_unknown_meetings_are_not_found(cast: Cast, client_for, meeting: Meeting):
    for page in ("edit", "move", "cancel", "guests"):
        assert client_for(cast.other).get(f"/n/ortenau/meetings/{meeting.pk}/{page}/").status_code == 404
        assert client_for(cast.other).get(f"/n/regional-digital/meetings/{meeting.pk}/{page}/").status_code == 404
        assert client_for(cast.coordinator).get(f"/n/ortenau/meetings/999999/{page}/").status_code == 404


def test_a_guest_is_invited_and_uninvited(cast: Cast, client_for, meeting: Meeting):
    client, guest = client_for(cast.coordinator), client_for(cast.guest)
    page = f"/n/ortenau/meetings/{meeting.pk}/"
    assert guest.get(page).status_code == 404
    assert "Nobody from outside" in text_of(client.get(f"{page}guests/"))
    assert client.post(f"{page}guests/", {"guest": cast.guest.pk}).status_code == 302
    assert guest.get(page).status_code == 200
    logged = Change.objects.get(verb="guest_invited")
    assert logged.access == [cast.guest.person_id]
    assert {f"guest-meetings-{cast.guest.pk}", f"meeting-head-{meeting.pk}"} <= set(logged.regions)
    assert "WRO" in text_of(client.get(f"{page}guests/"))
    assert client.post(f"{page}guests/{cast.guest.pk}/remove/").status_code == 302
    assert guest.get(page).status_code == 404
    assert client.post(f"{page}guests/{cast.guest.pk}/remove/").status_code == 404


def test_only_guests_of_the_network_can_be_invited(cast: Cast, client_for, meeting: Meeting):
    client = client_for(cast.coordinator)
    for member in (cast.kehl, cast.other):
        assert client.post(f"/n/ortenau/meetings/{meeting.pk}/guests/", {"guest": member.pk}).status_code == 422
        with pytest.raises(PermissionDenied):
            invite_guest(meeting=meeting, guest=member, by=cast.coordinator)
    assert not meeting.guests.exists()


def test_inviting_twice_changes_nothing_more(cast: Cast, meeting: Meeting):
    for _time in range(2):
        invite_guest(meeting=meeting, guest=cast.guest, by=cast.coordinator)
    assert Change.objects.filter(verb="guest_invited").count() == 1
    for _time in range(2):
        uninvite_guest(meeting=meeting, guest=cast.guest, by=cast.coordinator)
    assert Change.objects.filter(verb="guest_uninvited").count() == 1


def test_half_past_nine_stays_half_past_nine_when_the_clocks_change(cast: Cast):
    series = jour_fixe(cast)
    starts = {f"{m.date:%d.%m.}": m.starts_at.strftime("%H:%M") for m in series.meetings.filter(date__year=2027)}
    assert (starts["18.03."], starts["15.04."]) == ("08:30", "07:30")
    assert (starts["21.10."], starts["18.11."]) == ("07:30", "08:30")


@pytest.mark.parametrize(("day", "begin"), [(date(2027, 3, 28), "01:30"), (date(2027, 10, 31), "00:30")])
def test_a_meeting_in_the_hour_of_the_change_has_one_defined_begin(cast: Cast, day: date, begin: str):
    meeting = make_meeting(cast, date=day, start_time=time(2, 30), minutes=60)
    assert meeting.starts_at.strftime("%H:%M") == begin
    assert (meeting.ends_at - meeting.starts_at).seconds == 3600


def test_what_a_closed_meeting_left_over_comes_to_the_next_one_that_is_planned(cast: Cast, meeting: Meeting):
    item = AgendaItem.objects.create(meeting=meeting, title="Left over", state=AgendaItem.State.PLANNED)
    Meeting.objects.update(state=Meeting.State.CLOSED)
    later = add_meeting(
        group=cast.group, title="Next", date=date(2027, 1, 1), start_time=time(9), minutes=60, by=cast.coordinator
    )
    assert later.items.get().carried_from == item


def test_carrying_keeps_order_levels_and_files_and_happens_once(cast: Cast, meeting: Meeting):
    later = make_meeting(cast, date=date(2027, 1, 1))
    make = AgendaItem.objects.create
    parent = make(
        meeting=meeting, title="3", position=3, state="planned", links=[{"url": "https://a.example", "label": "a"}]
    )
    children = [make(meeting=meeting, title=f"3.{k}", position=k, parent=parent, state="planned") for k in (1, 2)]
    before = make(meeting=meeting, title="2", position=2, state="proposed", proposed_by=cast.kehl)
    Attachment.objects.create(
        item=parent, file="attachments/1/abc", name="a.pdf", content_type="application/pdf", size=1, sha256="a" * 64,
        uploaded_by=cast.kehl,
    )  # fmt: skip
    items = [before, parent, *children]
    with CaptureQueriesContext(connection) as queries:
        copies = carry_items(items, later)
    assert len(queries) < 21  # drafts, prepared reports and the search go along; none of it is per item
    assert [copy.title for copy in copies] == ["2", "3", "3.1", "3.2"]
    top = later.items.filter(parent=None)
    assert [(one.title, one.state) for one in top] == [("2", "proposed"), ("3", "planned")]
    assert [one.title for one in later.items.get(title="3").children.all()] == ["3.1", "3.2"]
    assert later.items.get(title="3").attachments.get().name == "a.pdf"
    assert later.items.get(title="3").links == parent.links
    assert set(meeting.items.values_list("state", flat=True)) == {"carried", "forwarded"}
    assert carry_items(AgendaItem.objects.filter(meeting=meeting), later) == []
