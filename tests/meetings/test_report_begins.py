"""A report begins with what changed in the town's projects and action items since the last meeting."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from meetings.models import AgendaItem, Kind, Meeting, Report
from meetings.queries.since import news_of
from tests.conftest import Cast, involve, make_meeting, make_project
from workgroups.domain.action_item import add_action_item, change_state
from workgroups.domain.involvement import join, leave, take_on
from workgroups.models import ActionItem, Involvement, PhaseChange, Project


def round_in(meeting: Meeting) -> AgendaItem:
    return AgendaItem.objects.create(
        meeting=meeting, title="Blitzlicht", kind=Kind.ROUND, state=AgendaItem.State.PLANNED, position=1
    )


def closed_before(cast: Cast, days: int) -> Meeting:
    day = timezone.localdate() - timedelta(days=days)
    at = timezone.now() - timedelta(days=days)
    return make_meeting(cast, date=day, state=Meeting.State.CLOSED, closed_at=at)


def test_what_the_town_took_on_and_finished_stands_in_its_form(cast, client_for) -> None:
    closed_before(cast, 30)
    item = round_in(make_meeting(cast))
    project = make_project(cast.kehl, "Online-Terminvergabe")
    involve(project, cast.kehl)
    involve(project, cast.achern, "reuser")
    PhaseChange.objects.create(project=project, phase="pilot", since=timezone.localdate(), by=cast.kehl)
    done = add_action_item(
        network=cast.network, title="Guide", municipality=cast.town("kehl"), person=None, due_on=None, by=cast.kehl
    )
    change_state(action=done, state=ActionItem.State.DONE, note="", version=1, by=cast.kehl)

    page = client_for(cast.kehl).get(f"/n/ortenau/items/{item.pk}/report/").content.decode()

    for line in (
        "We took the lead of “Online-Terminvergabe”",
        "Achern reuses our project “Online-Terminvergabe”",
        "“Online-Terminvergabe”: Pilot",
        "Done: Guide",
    ):
        assert line in page
    assert "Nothing is saved yet" in page
    assert not Report.objects.exists()


def test_only_what_is_newer_than_the_last_meeting(cast: Cast) -> None:
    item = round_in(make_meeting(cast))
    project = make_project(cast.kehl)
    part = involve(project, cast.kehl)
    Involvement.objects.filter(pk=part.pk).update(began_at=timezone.now() - timedelta(days=40))
    assert len(news_of(item, cast.kehl.municipality_id).lines) == 1

    closed_before(cast, 30)

    assert news_of(item, cast.kehl.municipality_id).lines == []


def test_the_towns_own_text_is_never_replaced(cast, client_for) -> None:
    item = round_in(make_meeting(cast))
    involve(make_project(cast.kehl), cast.kehl)
    browser = client_for(cast.kehl)
    sent = browser.post(f"/n/ortenau/items/{item.pk}/report/", {"news": "Our own words", "version": 0})
    assert sent.status_code == 302

    page = browser.get(f"/n/ortenau/items/{item.pk}/report/").content.decode()

    assert "Our own words" in page
    assert "We took the lead" not in page


def test_another_towns_news_and_another_networks_are_not_told(cast: Cast) -> None:
    item = round_in(make_meeting(cast))
    involve(make_project(cast.achern, "E-Akte"), cast.achern)
    involve(make_project(cast.other_officer, "Elsewhere"), cast.other_officer)
    assert news_of(item, cast.kehl.municipality_id).lines == []


def test_the_number_of_queries_does_not_grow(cast: Cast, django_assert_num_queries) -> None:
    item = round_in(make_meeting(cast))
    for number in range(30):
        involve(make_project(cast.kehl, f"Project {number}"), cast.kehl)
    with django_assert_num_queries(6):
        news = news_of(item, cast.kehl.municipality_id)
    assert len(news.lines) == 30
    assert Project.objects.count() == 30


def test_no_more_than_a_report_can_hold(cast: Cast) -> None:
    item = round_in(make_meeting(cast))
    for number in range(20):
        involve(make_project(cast.kehl, f"{number} " + "x" * 190), cast.kehl)
    text = news_of(item, cast.kehl.municipality_id).text
    assert len(text) <= 2000
    assert text.endswith("”")


def test_another_role_is_not_told_as_leaving(cast: Cast) -> None:
    item = round_in(make_meeting(cast))
    project = make_project(cast.kehl, "E-Akte")
    take_on(project=project, role="contributor", by=cast.kehl)
    take_on(project=project, role="lead", by=cast.kehl)
    assert news_of(item, cast.kehl.municipality_id).lines == ["We took the lead of “E-Akte”"]
    leave(project=project, by=cast.kehl)
    assert news_of(item, cast.kehl.municipality_id).lines == ["No longer involved in “E-Akte”"]


def test_what_was_joined_to_another_project_goes_on_there(cast: Cast) -> None:
    item = round_in(make_meeting(cast))
    project, into = make_project(cast.kehl, "Parken"), make_project(cast.kehl, "Mobilität")
    involve(project, cast.kehl)
    join(project=project, into=into, by=cast.kehl)
    assert "“Parken” goes on in “Mobilität”" in news_of(item, cast.kehl.municipality_id).lines
    assert "No longer involved in “Parken”" not in news_of(item, cast.kehl.municipality_id).lines
