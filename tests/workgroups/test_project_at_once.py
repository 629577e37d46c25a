"""Two people at the same project at the same moment: one outcome, nobody's text lost, versions without a gap."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from collab.live.answers import Refused
from tests.conftest import Cast, make_cast
from tests.test_races import assert_versions_gapless, at_once, errors, values
from workgroups.domain.files import attach_file
from workgroups.domain.project import add_block, add_project, change_phase, save_part
from workgroups.models import PhaseChange, Project, SharedFile, TopicBlock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def project(cast: Cast) -> Project:
    return add_project(network=cast.network, title="E-file", by=cast.kehl)


def law(text: str) -> dict[str, Any]:
    return {"legal": text, "data_protection": ""}


def test_one_form_sent_over_many_connections_enters_one_project(cast: Cast) -> None:
    sent = uuid4()
    outcomes = at_once(*[lambda: add_project(network=cast.network, title="E-file", by=cast.kehl, request_id=sent)] * 6)
    assert len({project.pk for project in values(outcomes)}) == 1
    assert Project.objects.count() == 1
    assert_versions_gapless(cast.network.pk)


def test_two_people_save_the_same_part(cast: Cast, project: Project) -> None:
    def saves(text: str, by: Any) -> Any:
        return lambda: save_part(project=project, part="legal", values=law(text), version=1, by=by)

    outcomes = at_once(saves("Kehl's", cast.kehl), saves("The office's", cast.coordinator))
    assert errors(outcomes) == ["Stale"]
    project.refresh_from_db()
    assert (project.legal, project.version) == (values(outcomes)[0].legal, 2)
    assert_versions_gapless(cast.network.pk)


def test_two_people_save_different_parts_and_a_third_changes_the_phase(cast: Cast, project: Project) -> None:
    reuse = {"lessons": "Begin small", "reuse_conditions": ""}
    outcomes = at_once(
        lambda: save_part(project=project, part="legal", values=law("§ 6"), version=1, by=cast.kehl),
        lambda: save_part(project=project, part="reuse", values=reuse, version=1, by=cast.coordinator),
        lambda: change_phase(
            project=project, phase="pilot", since=date(2026, 1, 2), note="", version=1, by=cast.coordinator
        ),
    )
    assert errors(outcomes) == []
    project.refresh_from_db()
    # The idea is of today, so the pilot before it only adds its day.
    assert (project.legal, project.lessons, project.version) == ("§ 6", "Begin small", 4)
    assert_versions_gapless(cast.network.pk)


def test_two_people_enter_a_phase(cast: Cast, project: Project) -> None:
    PhaseChange.objects.update(since=date(2025, 1, 1))

    def enters(phase: str, by: Any) -> Any:
        day = date(2026, 1, 2)
        return lambda: change_phase(project=project, phase=phase, since=day, note="", version=1, by=by)

    outcomes = at_once(enters("pilot", cast.kehl), enters("planning", cast.coordinator))
    assert errors(outcomes) == ["Stale"]
    project.refresh_from_db()
    assert project.phase == values(outcomes)[0].phase
    assert project.phase_changes.count() == 2


def test_one_file_and_one_block_many_times(cast: Cast, project: Project) -> None:
    def attaches() -> SharedFile:
        return attach_file(project=project, upload=SimpleUploadedFile("plan.txt", b"Plan"), by=cast.kehl)

    def adds() -> Any:
        return add_block(network=cast.network, name="Smart City", by=cast.coordinator)

    outcomes = at_once(*[attaches] * 3, *[adds] * 3)
    assert not [outcome for outcome in outcomes if isinstance(outcome.error, Refused)]
    assert (SharedFile.objects.count(), TopicBlock.objects.count()) == (1, 1)
    assert_versions_gapless(cast.network.pk)
