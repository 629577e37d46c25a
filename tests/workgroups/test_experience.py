"""The experience report of a project's lead: who writes it, its versions, where it is asked for; and the balance."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.once import reading_once
from collab.live.regions import audience_of, render
from tests.conftest import Cast, involve, make_project
from workgroups.domain.experience import write_report
from workgroups.domain.reuse import begin_reuse
from workgroups.models import ExperienceReport, Project, Reuse
from workgroups.queries.experience import balance_of, newest_report

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(cast: Cast) -> Project:
    """Kehl has the online appointments in operation."""
    project = make_project(cast.kehl, "Online appointments", phase="operation")
    involve(project, cast.kehl)
    return project


def url(project: Project, rest: str = "experience/") -> str:
    return f"/n/ortenau/projects/{project.pk}/{rest}"


def shown(project: Project, audience: str = "worker", language: str = "en") -> str:
    return render(f"project-reuse-{project.pk}", audience, language)


# -- writing ----------------------------------------------------------------------------------------------------------


def test_the_lead_writes_and_the_network_reads(cast: Cast, project: Project, client_for) -> None:
    report = write_report(
        project=project, took="Half a year", needed="- Ask the works council\n\n• Test it", by=cast.kehl
    )
    assert (report.number, report.municipality.short_name) == (1, "Kehl")
    assert report.steps == ["Ask the works council", "Test it"]
    change = Change.objects.latest("version")
    assert (change.verb, change.params["town"]) == ("experience_written", "Kehl")
    assert f"project-reuse-{project.pk}" in change.regions
    page = client_for(cast.mayor).get(url(project, "")).content.decode()
    assert "Half a year" in page
    assert "<li><bdi>Test it</bdi></li>" in page


def test_each_saving_is_a_version_and_the_earlier_ones_stay(cast: Cast, project: Project, client_for) -> None:
    write_report(project=project, took="Half a year", by=cast.kehl)
    write_report(project=project, took="Eight months", by=cast.kehl, version=1)
    newest = newest_report(project.pk)
    assert newest is not None
    assert (newest.number, newest.took) == (2, "Eight months")
    earlier = client_for(cast.guide).get(url(project, "experience/1/")).content.decode()
    assert "Half a year" in earlier
    assert "This is an earlier version." in earlier
    assert "experience/1/" in shown(project)
    assert client_for(cast.guide).get(url(project, "experience/3/")).status_code == 404


def test_the_same_twice_is_one_version(cast: Cast, project: Project) -> None:
    write_report(project=project, took="Half a year", by=cast.kehl)
    assert write_report(project=project, took="Half a year", by=cast.kehl).number == 1
    assert Change.objects.count() == 1


def test_a_colleague_who_was_faster_loses_nothing(cast: Cast, project: Project) -> None:
    write_report(project=project, took="Half a year", by=cast.kehl)
    with pytest.raises(Stale) as conflict:
        write_report(project=project, took="Eight months", by=cast.kehl, version=0)
    assert "Kehl" in conflict.value.who
    with pytest.raises(Stale):
        write_report(project=project, took="Eight months", by=cast.kehl, version=7)


def test_only_the_leads_people_write(cast: Cast, project: Project) -> None:
    for member in (cast.coordinator, cast.achern, cast.mayor, cast.guest, cast.guide, cast.other_officer):
        with pytest.raises(PermissionDenied):
            write_report(project=project, took="Mine", by=member)
    lahr = make_project(cast.guide, "Pitches for motorhomes")
    involve(lahr, cast.guide)
    assert write_report(project=lahr, took="A summer", by=cast.guide).municipality.short_name == "Lahr"


def test_without_a_lead_nobody_writes(cast: Cast) -> None:
    with pytest.raises(Refused):
        write_report(project=make_project(cast.kehl), took="Half a year", by=cast.kehl)


def test_after_a_hand_over_the_new_lead_goes_on(cast: Cast, project: Project) -> None:
    write_report(project=project, took="Half a year", by=cast.kehl)
    project.involvements.update(until=timezone.localdate())
    involve(project, cast.achern)
    report = write_report(project=project, took="Half a year, and more", by=cast.achern, version=1)
    assert report.municipality.short_name == "Achern"
    with pytest.raises(PermissionDenied):
        write_report(project=project, took="No", by=cast.kehl, version=2)


# -- the form ---------------------------------------------------------------------------------------------------------


def test_the_form_leads_back_to_the_project(cast: Cast, project: Project, client_for) -> None:
    client = client_for(cast.kehl)
    answer = client.post(url(project), {"took": "Half a year", "version": 0}, headers=HTMX)
    assert answer.status_code == 204
    assert url(project, "") in answer["HX-Trigger"]
    assert "Half a year" in client.get(url(project)).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"took": ""},
        {"took": "   "},
        {"took": "x" * 5001},
        {"cost": "x" * 3001},
        {"whom_to_call": "x" * 301},
        {"took": "a\0b"},
        {"version": ""},
        {"version": "-1"},
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_saved(
    cast: Cast, project: Project, client_for, wrong: dict[str, str]
) -> None:
    answer = client_for(cast.kehl).post(url(project), {"took": "Half a year", "version": 0, **wrong}, headers=HTMX)
    assert answer.status_code == 422
    assert not ExperienceReport.objects.exists()


def test_both_texts_are_shown_where_two_wrote(cast: Cast, project: Project, client_for) -> None:
    write_report(project=project, took="Half a year", by=cast.kehl)
    answer = client_for(cast.kehl).post(url(project), {"took": "Eight months", "version": 0}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Half a year" in page
    assert "Eight months" in page
    assert 'name="version" value="1"' in page


def test_who_may_not_write_is_told_so(cast: Cast, project: Project, client_for) -> None:
    for member, status in ((cast.achern, 403), (cast.coordinator, 403), (cast.guest, 404), (cast.other, 404)):
        assert client_for(member).get(url(project)).status_code == status
        assert client_for(member).post(url(project), {"took": "x", "version": 0}).status_code == status


# -- where it is asked for --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["operation", "handed_on"])
def test_the_lead_is_asked_once_it_runs(cast: Cast, project: Project, phase: str) -> None:
    Project.objects.filter(pk=project.pk).update(phase=phase)
    asked = "Kehl has this running: what should the others know?"
    assert asked in shown(project)
    assert 'data-for-town="08317057"' in shown(project)
    assert asked not in shown(project, "reader")
    assert "Kehl has not written one yet." in shown(project, "reader")
    write_report(project=project, took="Half a year", by=cast.kehl)
    assert asked not in shown(project)


def test_before_that_nothing_shouts(cast: Cast, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(phase="planning")
    assert "has not written" not in shown(project)
    assert "<h2" not in shown(project)


def test_markup_in_a_report_is_shown_as_text(cast: Cast, project: Project) -> None:
    write_report(project=project, took="<script>x</script>", needed="{{ 7*7 }} %(town)s", by=cast.kehl)
    assert "&lt;script&gt;" in shown(project)
    assert "<script>" not in shown(project)
    assert "{{ 7*7 }} %(town)s" in shown(project, "reader", "de")


def test_guests_and_other_networks_do_not_see_the_region(cast: Cast, project: Project) -> None:
    own = f"project-reuse-{project.pk}"
    assert [audience_of(own, m) for m in (cast.guest, cast.other, cast.kehl)] == [None, None, "worker"]
    assert audience_of(own, cast.coordinator) == audience_of(own, cast.mayor) == "reader"


# -- the balance ------------------------------------------------------------------------------------------------------


def test_the_balance_of_a_network(cast: Cast, project: Project) -> None:
    involve(project, cast.achern, "reuser")
    involve(project, cast.durbach, "reuser")
    idea = make_project(cast.achern, "Idea")
    involve(idea, cast.achern, "reuser")
    involve(idea, cast.durbach, "interested")
    make_project(cast.achern, "Stopped", phase="stopped")
    make_project(cast.achern, "Joined", joined_to=project)
    make_project(cast.other_officer, "Elsewhere")
    balance = balance_of(cast.network.pk)
    assert (balance.projects, balance.in_operation, balance.without_lead) == (2, 1, 1)
    assert (balance.towns, balance.towns_reusing, balance.reuses) == (4, 2, 3)
    assert balance.per_project == 1.5
    assert [(reused.title, reused.towns) for reused in balance.most_reused] == [("Online appointments", 2), ("Idea", 1)]


def test_who_gave_up_or_left_reuses_nothing(cast: Cast, project: Project) -> None:
    given_up = begin_reuse(involvement=involve(project, cast.achern, "reuser"), by=cast.achern)
    Reuse.objects.filter(pk=given_up.pk).update(state="given_up")
    left = involve(project, cast.durbach, "reuser")
    left.until = timezone.localdate()
    left.save()
    assert balance_of(cast.network.pk).reuses == 0


def test_the_balance_is_quiet_where_there_are_no_projects(cast: Cast) -> None:
    assert "<h2" not in render(f"balance-{cast.network.pk}", "member", "en")


def test_the_balance_speaks_german(cast: Cast, project: Project) -> None:
    involve(project, cast.achern, "reuser")
    text = render(f"balance-{cast.network.pk}", "member", "de")
    assert "1,0 je Projekt" in text
    assert "Nachnutzung" in text


def test_everybody_gets_one_and_the_same_balance(cast: Cast) -> None:
    own = f"balance-{cast.network.pk}"
    assert {audience_of(own, m) for m in (cast.coordinator, cast.kehl, cast.guide, cast.mayor)} == {"member"}
    assert audience_of(own, cast.guest) is audience_of(own, cast.other) is None


def test_as_many_queries_for_one_project_as_for_fifty(cast: Cast, project: Project) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen, reading_once():
            render(f"balance-{cast.network.pk}", "member", "en")
        return len(seen)

    involve(project, cast.achern, "reuser")
    before = queries()
    for number in range(50):
        other = make_project(cast.kehl, f"Project {number}", phase="operation")
        involve(other, cast.kehl)
        involve(other, cast.achern, "reuser")
    assert queries() == before
