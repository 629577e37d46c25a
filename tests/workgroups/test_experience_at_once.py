"""Two of one town at the same moment: one checklist, one version of a report for each number, one word of a town."""

from __future__ import annotations

import pytest

from collab.live.answers import Refused, Stale
from tests.conftest import Cast, involve, make_cast, make_member, make_project
from tests.test_races import assert_versions_gapless, at_once, errors, values
from workgroups import ozg
from workgroups.domain.experience import write_report
from workgroups.domain.reuse import add_steps, begin_reuse, save_reuse, tick_step
from workgroups.domain.service import say_state
from workgroups.models import ExperienceReport, Project, Reuse, ReuseStep, ServiceStatus
from workgroups.queries.experience import chain_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def project(cast: Cast) -> Project:
    """Kehl leads it and wrote down what others need."""
    project = make_project(cast.kehl, "Online appointments", phase="operation")
    involve(project, cast.kehl)
    write_report(project=project, needed="Name a person\nAsk the works council", by=cast.kehl)
    return project


def test_two_colleagues_write_the_same_version(cast: Cast, project: Project) -> None:
    colleague = make_member(cast.network, "guide", cast.town("kehl"), "guide@kehl.example")
    outcomes = at_once(
        lambda: write_report(project=project, took="Half a year", by=cast.kehl, version=1),
        lambda: write_report(project=project, took="Eight months", by=colleague, version=1),
    )
    assert errors(outcomes) == ["Stale"]
    assert list(ExperienceReport.objects.values_list("number", flat=True)) == [2, 1]
    assert_versions_gapless(cast.network.pk)


def test_two_clicks_make_one_checklist(cast: Cast, project: Project) -> None:
    part = involve(project, cast.achern, "reuser")
    outcomes = at_once(*[lambda: begin_reuse(involvement=part, by=cast.achern)] * 4)
    assert len({reuse.pk for reuse in values(outcomes)}) == 1
    assert ReuseStep.objects.count() == 2
    assert_versions_gapless(cast.network.pk)


def test_two_tick_and_add_the_same_line(cast: Cast, project: Project) -> None:
    reuse = begin_reuse(involvement=involve(project, cast.achern, "reuser"), by=cast.achern)
    step = reuse.steps.first()
    assert step is not None
    at_once(
        *[lambda: tick_step(step=step, is_done=True, by=cast.achern)] * 3,
        *[lambda: add_steps(reuse=reuse, lines=["Hang up a sign"], by=cast.achern)] * 3,
    )
    assert reuse.steps.filter(text="Hang up a sign").count() == 1
    assert reuse.steps.filter(done_on__isnull=False).count() == 1
    assert_versions_gapless(cast.network.pk)


def test_two_towns_name_each_other_as_their_source(cast: Cast, project: Project) -> None:
    """Each alone would do; together they would close a ring."""
    achern = begin_reuse(involvement=involve(project, cast.achern, "reuser"), by=cast.achern)
    durbach = begin_reuse(involvement=involve(project, cast.durbach, "reuser"), by=cast.durbach)
    more = {"state": "started", "started_on": None, "result": "", "version": 1}
    outcomes = at_once(
        lambda: save_reuse(reuse=achern, taken_from=cast.town("durbach"), by=cast.achern, **more),
        lambda: save_reuse(reuse=durbach, taken_from=cast.town("achern"), by=cast.durbach, **more),
    )
    assert errors(outcomes) == [Refused.__name__]
    assert Reuse.objects.filter(state="started").count() == 1
    assert [link.town.short_name for link in chain_of(project.pk)] == ["Kehl"]


def test_two_of_one_town_say_how_far_it_is(cast: Cast) -> None:
    service = ozg.catalogue()[10000]
    outcomes = at_once(
        lambda: say_state(service=service, maturity=3, by=cast.kehl),
        lambda: say_state(service=service, maturity=1, by=cast.kehl),
        lambda: say_state(service=service, maturity=2, by=cast.achern),
    )
    assert errors(outcomes) == [Stale.__name__]
    assert ServiceStatus.objects.count() == 2
    assert_versions_gapless(cast.network.pk)
