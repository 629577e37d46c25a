"""An agenda item about a project: its profile in the room, and what towns take on there, for the minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from collab.live.models import Change
from meetings.domain.agenda import edit_item
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.room import open_meeting
from meetings.models import AgendaItem, Meeting, MeetingGuest, RecordedInvolvement
from meetings.queries.about import taken_on
from tests.conftest import Cast, involve, make_meeting, make_project
from workgroups.domain.involvement import leave
from workgroups.domain.involvement import take_on as take_on_elsewhere
from workgroups.models import Involvement, Project


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(cast.achern, "Online-Terminvergabe", summary="Dates at the citizens' office")


@pytest.fixture
def item(cast: Cast, project: Project) -> AgendaItem:
    """The active item of a running meeting is about the project."""
    meeting = make_meeting(cast, date=timezone.localdate())
    item = AgendaItem.objects.create(
        meeting=meeting, title="Who joins in?", state=AgendaItem.State.PLANNED, position=1, project=project
    )
    open_meeting(meeting=meeting, by=cast.coordinator)
    return item


def take_on(client, item: AgendaItem, role: str = "reuser"):
    return client.post(f"/n/ortenau/items/{item.pk}/take-on/", {"role": role})


def test_the_room_shows_the_profile(cast, item, client_for) -> None:
    involve(item.project, cast.achern)
    page = client_for(cast.kehl).get(f"/n/ortenau/meetings/{item.meeting_id}/").content.decode()
    assert "Online-Terminvergabe" in page
    assert "Dates at the citizens&#x27; office" in page
    own_page = client_for(cast.kehl).get(f"/n/ortenau/items/{item.pk}/").content.decode()
    assert f"/n/ortenau/projects/{item.project_id}/" in own_page


def test_guests_see_nothing_of_the_project(cast, item, client_for) -> None:
    MeetingGuest.objects.create(meeting=item.meeting, membership=cast.guest)
    for address in (f"meetings/{item.meeting_id}", f"items/{item.pk}"):
        page = client_for(cast.guest).get(f"/n/ortenau/{address}/").content.decode()
        assert "Who joins in?" in page
        assert "Online-Terminvergabe" not in page


def test_what_a_town_takes_on_in_the_room_stands_in_the_minutes(cast, item, client_for) -> None:
    answer = take_on(client_for(cast.kehl), item)
    assert answer.status_code == 302
    part = Involvement.objects.get(project=item.project)
    assert (part.municipality, part.role) == (cast.town("kehl"), "reuser")

    close_meeting(meeting=item.meeting, by=cast.coordinator)
    page = client_for(cast.achern).get(f"/n/ortenau/meetings/{item.meeting_id}/").content.decode()

    assert "Taken on" in page
    assert "Reuser" in page


def test_pressed_twice_it_is_recorded_once(cast, item, client_for) -> None:
    browser = client_for(cast.kehl)
    take_on(browser, item)
    take_on(browser, item)
    assert RecordedInvolvement.objects.count() == 1
    assert Involvement.objects.count() == 1


def test_what_the_town_had_before_is_not_recorded(cast, item, client_for) -> None:
    part = involve(item.project, cast.kehl, "reuser")
    Involvement.objects.filter(pk=part.pk).update(began_at=item.meeting.starts_at.replace(year=2020))
    take_on(client_for(cast.kehl), item)
    assert not RecordedInvolvement.objects.exists()


def test_a_button_pressed_late_gives_up_no_lead(cast, item, client_for) -> None:
    lead = involve(item.project, cast.kehl)
    answer = client_for(cast.kehl).post(
        f"/n/ortenau/items/{item.pk}/take-on/", {"role": "contributor"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    lead.refresh_from_db()
    assert (lead.role, lead.until) == ("lead", None)


def test_the_second_lead_is_told_who_was_first(cast, item, client_for) -> None:
    take_on(client_for(cast.kehl), item, "lead")
    answer = client_for(cast.durbach).post(
        f"/n/ortenau/items/{item.pk}/take-on/", {"role": "lead"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert "Kehl" in answer.headers["X-Message"]
    assert Involvement.objects.filter(role="lead", until=None).get().municipality == cast.town("kehl")


@pytest.mark.parametrize("who", ["coordinator", "mayor", "guide"])
def test_only_an_officer_takes_on_for_the_own_town(cast, item, client_for, who) -> None:
    assert take_on(client_for(getattr(cast, who)), item).status_code == 403
    assert not Involvement.objects.exists()


@pytest.mark.parametrize("role", ["", "boss", "lead\0"])
def test_a_part_that_does_not_exist_is_refused(cast, item, client_for, role) -> None:
    take_on(client_for(cast.kehl), item, role)
    assert not Involvement.objects.exists()


def test_not_before_the_meeting_and_not_after(cast, project, client_for) -> None:
    meeting = make_meeting(cast)
    item = AgendaItem.objects.create(meeting=meeting, title="Later", state="planned", position=1, project=project)
    answer = client_for(cast.kehl).post(
        f"/n/ortenau/items/{item.pk}/take-on/", {"role": "lead"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert not Involvement.objects.exists()


def test_the_project_is_chosen_in_the_items_form(cast, item, client_for) -> None:
    foreign = make_project(cast.other_officer, "Elsewhere")
    other = make_project(cast.kehl, "E-Akte")
    browser = client_for(cast.coordinator)
    address = f"/n/ortenau/items/{item.pk}/edit/"
    form = browser.get(address).content.decode()
    assert "E-Akte" in form
    assert "Elsewhere" not in form
    values = {"title": "Who joins in?", "kind": "discussion", "minutes": 10, "version": item.version}

    assert browser.post(address, {**values, "project": foreign.pk}).status_code == 422
    assert browser.post(address, {**values, "project": other.pk}).status_code == 302

    item.refresh_from_db()
    assert item.project == other


def test_carried_over_it_is_still_about_the_project(cast, item) -> None:
    item_to_come = make_meeting(cast, title="Next")
    close_meeting(meeting=item.meeting, finish_active=False, by=cast.coordinator)
    assert AgendaItem.objects.get(meeting=item_to_come).project == item.project


def test_an_open_page_learns_of_a_claim_made_elsewhere(cast, item) -> None:
    take_on_elsewhere(project=item.project, role="lead", by=cast.durbach)
    regions = Change.objects.latest("version").regions
    assert f"item-{item.pk}" in regions
    assert f"meeting-active-{item.meeting_id}" in regions


def test_the_chair_may_take_the_project_off_the_item(cast, item) -> None:
    edit_item(item=item, version=item.version, by=cast.coordinator, project=None)
    assert Meeting.objects.get(pk=item.meeting_id).items.get().project is None


def test_what_was_taken_back_before_the_end_is_not_in_the_minutes(cast, item, client_for) -> None:
    take_on(client_for(cast.kehl), item, "lead")
    leave(project=item.project, by=cast.kehl)
    take_on(client_for(cast.durbach), item, "lead")
    close_meeting(meeting=item.meeting, by=cast.coordinator)
    rows = taken_on(item__meeting=item.meeting)
    assert [row.involvement.municipality for row in rows] == [cast.town("durbach")]
    # What is given up on a later day stays on record, also while the meeting is in session again.
    part = leave(project=item.project, by=cast.durbach)
    Involvement.objects.filter(pk=part.pk).update(since=part.since - timedelta(days=20))
    reopen_meeting(meeting=item.meeting, reason="A word was missing", by=cast.coordinator)
    assert len(taken_on(item__meeting=item.meeting)) == 1


def test_who_goes_over_into_another_part_stays_in_the_minutes(cast, item, client_for) -> None:
    take_on(client_for(cast.kehl), item, "contributor")
    take_on_elsewhere(project=item.project, role="lead", by=cast.kehl)
    assert [row.involvement.role for row in taken_on(item__meeting=item.meeting)] == ["contributor"]
