"""Reuse: the checklist made from the report, start and result, and the chain of who took it over from whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.once import reading_once
from collab.live.regions import audience_of, render
from collab.network.models import Accession, Membership
from tests.conftest import Cast, involve, make_member, make_project, make_town
from workgroups.domain.experience import write_report
from workgroups.domain.reuse import (
    MOST_STEPS,
    add_missing_steps,
    add_steps,
    begin_reuse,
    remove_step,
    save_reuse,
    tick_step,
)
from workgroups.models import Involvement, Project, ProjectService, Reuse, ReuseStep
from workgroups.queries.experience import Link, chain_of, missing_steps, sources_for
from workgroups.queries.services import cover_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(cast: Cast) -> Project:
    """Kehl leads it and wrote down what others need."""
    project = make_project(cast.kehl, "Online appointments", phase="operation", maturity=3)
    involve(project, cast.kehl)
    write_report(project=project, needed="Name a person\nAsk the works council", by=cast.kehl)
    return project


def taking(project: Project, by: Membership) -> Reuse:
    """The town takes it over and has its checklist."""
    return begin_reuse(involvement=involve(project, by, "reuser"), by=by)


@pytest.fixture
def reuse(cast: Cast, project: Project) -> Reuse:
    """Achern takes it over."""
    return taking(project, cast.achern)


def texts(reuse: Reuse) -> list[str]:
    return list(ReuseStep.objects.filter(reuse=reuse, removed=False).values_list("text", flat=True))


def saved(reuse: Reuse, by: Membership, **more: Any) -> Reuse:
    now = Reuse.objects.get(pk=reuse.pk)
    values = {name: getattr(now, name) for name in ("taken_from", "state", "started_on", "result", "version")}
    return save_reuse(reuse=now, by=by, **{**values, **more})


def url(reuse: Reuse, rest: str = "") -> str:
    return f"/n/ortenau/reuses/{reuse.pk}/{rest}"


def tree(links: list[Link]) -> dict[str, Any]:
    return {link.town.short_name: tree(link.takers) for link in links}


# -- the checklist ----------------------------------------------------------------------------------------------------


def test_the_checklist_comes_from_the_report_and_the_lead(reuse: Reuse) -> None:
    assert texts(reuse) == ["Name a person", "Ask the works council"]
    assert str(reuse.taken_from) == "Kehl"
    assert all(step.report for step in reuse.steps.all())


def test_it_is_made_once(cast: Cast, reuse: Reuse) -> None:
    assert begin_reuse(involvement=reuse.involvement, by=cast.achern).pk == reuse.pk
    assert texts(reuse) == ["Name a person", "Ask the works council"]
    assert Change.objects.filter(verb="reuse_begun").count() == 1


def test_the_project_page_makes_it_with_one_click(cast: Cast, project: Project, client_for) -> None:
    involve(project, cast.achern, "reuser")
    page = client_for(cast.achern).get(f"/n/ortenau/projects/{project.pk}/").content.decode()
    assert "Make the checklist" in page
    path = f"/n/ortenau/projects/{project.pk}/checklist/"
    answer = client_for(cast.achern).post(path, headers=HTMX)
    assert answer.status_code == 204
    assert url(Reuse.objects.get()) in answer["HX-Trigger"]
    assert client_for(cast.durbach).post(path, headers=HTMX).status_code == 403
    assert client_for(cast.coordinator).post(path, headers=HTMX).status_code == 403
    assert client_for(cast.achern).get(path).status_code == 405


def test_without_a_report_it_begins_empty(cast: Cast) -> None:
    project = make_project(cast.kehl)
    reuse = taking(project, cast.achern)
    assert texts(reuse) == []
    assert reuse.taken_from is None
    assert "The checklist is empty" in render(f"reuse-{reuse.pk}", "worker", "en")


def test_who_only_contributes_has_no_checklist(cast: Cast, project: Project) -> None:
    with pytest.raises(Refused):
        begin_reuse(involvement=involve(project, cast.durbach, "contributor"), by=cast.durbach)


def test_ticking_a_line_says_when_and_who(cast: Cast, reuse: Reuse) -> None:
    step = reuse.steps.first()
    assert step is not None
    done = tick_step(step=step, is_done=True, by=cast.achern)
    assert (done.done_on, done.done_by) == (timezone.localdate(), cast.achern)
    tick_step(step=step, is_done=True, by=cast.achern)
    change = Change.objects.latest("version")
    assert change.verb == "reuse_step_done"
    assert set(change.regions) >= {f"reuse-{reuse.pk}", f"project-reuse-{reuse.involvement.project_id}"}
    assert Change.objects.filter(verb="reuse_step_done").count() == 1
    assert "Checklist: 1 of 2" in render(f"project-reuse-{reuse.involvement.project_id}", "reader", "en")
    assert tick_step(step=step, is_done=False, by=cast.achern).done_by is None


def test_a_line_taken_off_can_be_put_back(cast: Cast, reuse: Reuse) -> None:
    step = reuse.steps.get(text="Ask the works council")
    remove_step(step=step, is_removed=True, by=cast.achern)
    assert texts(reuse) == ["Name a person"]
    assert missing_steps(reuse) == []
    remove_step(step=step, is_removed=False, by=cast.achern)
    assert texts(reuse) == ["Name a person", "Ask the works council"]


def test_own_lines_stand_behind_and_are_not_doubled(cast: Cast, reuse: Reuse) -> None:
    add_steps(reuse=reuse, lines=["Hang up a sign", "Name a person", "Hang up a sign"], by=cast.achern)
    add_steps(reuse=reuse, lines=["Hang up a sign"], by=cast.achern)
    assert texts(reuse) == ["Name a person", "Ask the works council", "Hang up a sign"]
    assert Change.objects.filter(verb="reuse_steps_added").count() == 1
    remove_step(step=reuse.steps.get(text="Hang up a sign"), is_removed=True, by=cast.achern)
    add_steps(reuse=reuse, lines=["Hang up a sign"], by=cast.achern)
    assert texts(reuse)[-1] == "Hang up a sign"


def test_what_the_lead_adds_later_can_be_taken_over(cast: Cast, reuse: Reuse) -> None:
    project = reuse.involvement.project
    write_report(project=project, needed="Name a person\nOrder the licence", by=cast.kehl, version=1)
    assert f"reuse-{reuse.pk}" in Change.objects.latest("version").regions
    text = render(f"reuse-{reuse.pk}", "worker", "en")
    assert "The experience report names 1 step that is not here yet" in text
    add_missing_steps(reuse=reuse, by=cast.achern)
    add_missing_steps(reuse=reuse, by=cast.achern)
    # What was agreed on earlier stays.
    assert texts(reuse) == ["Name a person", "Ask the works council", "Order the licence"]


def test_a_line_is_cut_and_a_list_has_an_end(cast: Cast, project: Project) -> None:
    needed = "\n".join(["x" * 700, *(f"Step {number}" for number in range(200))])
    write_report(project=project, needed=needed, by=cast.kehl, version=1)
    reuse = taking(project, cast.achern)
    assert len(texts(reuse)) == MOST_STEPS
    assert len(texts(reuse)[0]) == 500
    with pytest.raises(Refused):
        add_steps(reuse=reuse, lines=["One more"], by=cast.achern)


def test_only_its_own_people_work_on_it(cast: Cast, reuse: Reuse) -> None:
    step = reuse.steps.first()
    assert step is not None
    for member in (cast.kehl, cast.coordinator, cast.mayor, cast.guest, cast.other_officer):
        for change in (
            lambda by: tick_step(step=step, is_done=True, by=by),
            lambda by: remove_step(step=step, is_removed=True, by=by),
            lambda by: add_steps(reuse=reuse, lines=["Theirs"], by=by),
            lambda by: add_missing_steps(reuse=reuse, by=by),
            lambda by: saved(reuse, by, result="Theirs"),
        ):
            with pytest.raises(PermissionDenied):
                change(member)
    assert texts(reuse) == ["Name a person", "Ask the works council"]


def test_who_left_keeps_the_record_and_changes_it_no_more(cast: Cast, reuse: Reuse, client_for) -> None:
    Involvement.objects.filter(pk=reuse.involvement_id).update(until=timezone.localdate())
    step = reuse.steps.first()
    assert step is not None
    with pytest.raises(Refused):
        tick_step(step=step, is_done=True, by=cast.achern)
    with pytest.raises(Refused):
        saved(reuse, cast.achern, result="Late")
    answer = client_for(cast.achern).post(url(reuse, f"steps/{step.pk}/"), {"done": "1"}, headers=HTMX)
    assert answer.status_code == 409
    assert "X-Message" in answer.headers
    assert "ended" in render(f"project-reuse-{reuse.involvement.project_id}", "reader", "en")
    assert "Achern reused it until" in client_for(cast.kehl).get(url(reuse)).content.decode()


# -- start and result -------------------------------------------------------------------------------------------------


def test_start_and_result_are_told(cast: Cast, reuse: Reuse) -> None:
    started = saved(reuse, cast.achern, state="running", result="Shorter queues")
    assert (started.started_on, started.version) == (timezone.localdate(), 2)
    change = Change.objects.latest("version")
    assert (change.verb, change.params["town"], change.params["source"]) == ("reuse_running", "Achern", "Kehl")
    assert f"balance-{cast.network.pk}" in change.regions
    assert "Shorter queues" in render(f"project-reuse-{reuse.involvement.project_id}", "reader", "en")


def test_once_it_runs_the_service_counts_as_online(cast: Cast, reuse: Reuse) -> None:
    ProjectService.objects.create(project=reuse.involvement.project, ozg_id=10000)
    saved(reuse, cast.achern, state="running")
    assert cover_of(cast.network.pk)[10000].online == 2
    assert f"coverage-{cast.network.pk}" in Change.objects.latest("version").regions


def test_the_same_twice_is_saved_once(cast: Cast, reuse: Reuse) -> None:
    saved(reuse, cast.achern, state="started")
    again = save_reuse(
        reuse=reuse,
        taken_from=reuse.taken_from,
        state="started",
        started_on=None,
        result="",
        version=1,
        by=cast.achern,
    )
    assert again.version == 2
    assert Change.objects.filter(verb="reuse_started").count() == 1


def test_two_of_one_town_do_not_overwrite_each_other(cast: Cast, reuse: Reuse) -> None:
    saved(reuse, cast.achern, result="Shorter queues")
    with pytest.raises(Stale):
        saved(reuse, cast.achern, result="Longer queues", version=1)


def test_a_start_lies_not_in_the_future(cast: Cast, reuse: Reuse) -> None:
    later = timezone.localdate() + timedelta(days=30)
    with pytest.raises(Refused):
        saved(reuse, cast.achern, state="running", started_on=later)
    assert saved(reuse, cast.achern, state="planned", started_on=later).started_on == later


# -- the chain --------------------------------------------------------------------------------------------------------


def test_the_chain_of_reuse(cast: Cast, project: Project, reuse: Reuse) -> None:
    lahr = taking(project, cast.guide)
    saved(lahr, cast.guide, taken_from=cast.town("achern"))
    involve(project, cast.durbach, "reuser")
    assert tree(chain_of(project.pk)) == {"Kehl": {"Achern": {"Lahr": {}}, "Durbach": {}}}
    assert "Handed on to" in render(f"reuse-{reuse.pk}", "reader", "en")


def test_both_sides_are_told_of_a_new_link(cast: Cast, project: Project, reuse: Reuse) -> None:
    lahr = taking(project, cast.guide)
    saved(lahr, cast.guide, taken_from=cast.town("achern"))
    assert f"reuse-{reuse.pk}" in Change.objects.latest("version").regions


def test_a_chain_closes_to_no_ring(cast: Cast, project: Project, reuse: Reuse) -> None:
    lahr = taking(project, cast.guide)
    saved(lahr, cast.guide, taken_from=cast.town("achern"))
    with pytest.raises(Refused):
        saved(reuse, cast.achern, taken_from=cast.town("lahr"))
    with pytest.raises(Refused):
        saved(reuse, cast.achern, taken_from=cast.town("achern"))
    # Should it be in the database all the same, everybody still stands in the chain once.
    Reuse.objects.filter(pk=reuse.pk).update(taken_from=cast.town("lahr"))
    shown = render(f"project-reuse-{project.pk}", "reader", "en")
    assert shown.count(f'id="chain-{project.pk}-08317001"') == 1
    assert shown.count(f'id="chain-{project.pk}-08317065"') == 1


def test_a_town_without_a_part_is_no_source(cast: Cast, reuse: Reuse) -> None:
    assert [town.short_name for town in sources_for(reuse)] == ["Kehl"]
    with pytest.raises(Refused):
        saved(reuse, cast.achern, taken_from=cast.town("durbach"))


def test_a_former_lead_stays_where_others_took_over_from(cast: Cast, project: Project, reuse: Reuse) -> None:
    project.involvements.filter(role="lead").update(until=timezone.localdate())
    involve(project, cast.durbach)
    assert tree(chain_of(project.pk)) == {"Kehl": {"Achern": {}}}
    assert {town.short_name for town in sources_for(reuse)} == {"Kehl", "Durbach"}


# -- pages and forms --------------------------------------------------------------------------------------------------


def test_the_page_is_the_networks(cast: Cast, reuse: Reuse, client_for) -> None:
    for member, status in ((cast.kehl, 200), (cast.mayor, 200), (cast.guest, 404), (cast.other, 404)):
        assert client_for(member).get(url(reuse)).status_code == status
    own = f"reuse-{reuse.pk}"
    assert [audience_of(own, m) for m in (cast.kehl, cast.mayor, cast.guest, cast.other)] == [
        "worker",
        "reader",
        None,
        None,
    ]
    assert "hx-post" not in render(own, "reader", "en")


def test_the_buttons_of_the_page(cast: Cast, reuse: Reuse, client_for) -> None:
    client, step = client_for(cast.achern), reuse.steps.first()
    assert step is not None
    line = f"steps/{step.pk}/"
    assert client.post(url(reuse, line), {"done": "1"}, headers=HTMX).status_code == 204
    assert reuse.steps.filter(done_on__isnull=False).count() == 1
    assert client.post(url(reuse, f"{line}remove/"), {"removed": "1"}, headers=HTMX).status_code == 204
    assert client.post(url(reuse, "fill/"), headers=HTMX).status_code == 204
    assert client.post(url(reuse, "steps/999999/"), {"done": "1"}, headers=HTMX).status_code == 404
    for path in (line, f"{line}remove/", "fill/"):
        assert client_for(cast.kehl).post(url(reuse, path), headers=HTMX).status_code == 403


def test_a_line_of_another_list_is_not_found(cast: Cast, project: Project, reuse: Reuse, client_for) -> None:
    other = taking(project, cast.guide).steps.first()
    assert other is not None
    answer = client_for(cast.achern).post(url(reuse, f"steps/{other.pk}/"), {"done": "1"}, headers=HTMX)
    assert answer.status_code == 404


def test_adding_lines_by_the_form(cast: Cast, reuse: Reuse, client_for) -> None:
    client, path = client_for(cast.achern), url(reuse, "steps/add/")
    assert client.get(path).status_code == 200
    sent = {"lines": "Hang up a sign\r\n\r\n  Train the staff  "}
    assert client.post(path, sent, headers=HTMX).status_code == 204
    assert client.post(path, sent, headers=HTMX).status_code == 204
    assert texts(reuse)[2:] == ["Hang up a sign", "Train the staff"]
    for wrong in ("", "  \n ", "x" * 5001, "a\0b"):
        assert client.post(path, {"lines": wrong}, headers=HTMX).status_code == 422


def test_recording_by_the_form(cast: Cast, reuse: Reuse, client_for) -> None:
    client, path = client_for(cast.achern), url(reuse, "edit/")
    assert 'name="version" value="1"' in client.get(path).content.decode()
    sent = {"state": "running", "started_on": "2026-01-15", "taken_from": "", "result": "Shorter queues", "version": 1}
    assert client.post(path, sent, headers=HTMX).status_code == 204
    now = Reuse.objects.get()
    assert (now.state, now.started_on, now.taken_from, now.result) == (
        "running",
        date(2026, 1, 15),
        None,
        "Shorter queues",
    )
    stale = client.post(path, {**sent, "result": "Longer queues"}, headers=HTMX)
    assert stale.status_code == 409
    assert "Shorter queues" in stale.content.decode()
    assert "Longer queues" in stale.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "flying"},
        {"state": ""},
        {"started_on": "2026-02-30"},
        {"started_on": "9999-12-31"},
        {"taken_from": "08317021"},
        {"taken_from": "x"},
        {"result": "x" * 3001},
        {"version": ""},
    ],
)
def test_what_is_wrong_is_named(cast: Cast, reuse: Reuse, client_for, wrong: dict[str, str]) -> None:
    sent = {"state": "running", "started_on": "", "taken_from": "", "result": "", "version": 1, **wrong}
    assert client_for(cast.achern).post(url(reuse, "edit/"), sent, headers=HTMX).status_code == 422
    assert Reuse.objects.get().version == 1


def test_other_towns_do_not_record(cast: Cast, reuse: Reuse, client_for) -> None:
    for member, status in ((cast.kehl, 403), (cast.coordinator, 403), (cast.guest, 404), (cast.other_officer, 404)):
        for path in ("edit/", "steps/add/"):
            assert client_for(member).get(url(reuse, path)).status_code == status


# -- a fixed number of queries ----------------------------------------------------------------------------------------


def queries(identifier: str) -> int:
    with CaptureQueriesContext(connection) as seen, reading_once():
        render(identifier, "worker", "en")
    return len(seen)


def test_as_many_queries_for_one_reuse_as_for_twenty(cast: Cast, project: Project, reuse: Reuse) -> None:
    shown = [f"project-reuse-{project.pk}", f"reuse-{reuse.pk}"]
    lahr = taking(project, cast.guide)
    saved(lahr, cast.guide, taken_from=cast.town("achern"))
    write_report(project=project, needed="Name a person\nOrder the licence", by=cast.kehl, version=1)
    before = [queries(one) for one in shown]
    for number in range(20):
        town = make_town(f"Town {number}", f"083179{number:02}")
        Accession.objects.create(network=cast.network, municipality=town, joined_on=date(2021, 9, 30))
        theirs = taking(project, make_member(cast.network, "officer", town, f"officer@town{number}.example"))
        Reuse.objects.filter(pk=theirs.pk).update(taken_from=cast.town("achern"))
    add_steps(reuse=reuse, lines=[f"Step {number}" for number in range(50)], by=cast.achern)
    assert [queries(one) for one in shown] == before
    assert max(before) <= 12
