"""Two coordinators bring in the same upload at the same moment: it happens once, and both are told that it is done."""

from __future__ import annotations

import pytest

from collab.live.models import Change
from collab.network.models import Invitation, Membership
from tests.conftest import make_cast, make_member, make_project
from tests.test_races import at_once
from workgroups.domain.intake import carry_out, upload_table
from workgroups.domain.intake.steps import planned
from workgroups.domain.involvement import take_on
from workgroups.models import Project

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_upload_carried_out_by_two() -> None:
    cast = make_cast()
    second = make_member(cast.network, "coordinator", None, "second@ortenau.example")
    text = "E-Mail;Name;Rolle;Kommune\nnew@kehl.example;New;Officer;Kehl\n"
    intake = upload_table(network=cast.network, kind="people", name="a.csv", content=text.encode(), by=cast.coordinator)
    seal = planned(intake=intake, by=cast.coordinator).seal
    outcomes = at_once(*(lambda by=by: carry_out(intake=intake, seal=seal, by=by) for by in (cast.coordinator, second)))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert sorted(len(outcome.value[1]) for outcome in outcomes) == [0, 1]
    assert Invitation.objects.count() == 1
    assert Change.objects.filter(verb="intake_people").count() == 1


def test_the_same_file_uploaded_and_carried_out_twice_at_once() -> None:
    """The second finds everything there already, whoever is second."""
    cast = make_cast()
    values = {"network": cast.network, "kind": "projects", "name": "a.csv", "by": cast.coordinator}
    uploads = [upload_table(content=b"Titel\nE-Akte", **values) for _number in range(2)]
    seals = [planned(intake=intake, by=cast.coordinator).seal for intake in uploads]
    works = [
        lambda intake=intake, seal=seal: carry_out(intake=intake, seal=seal, by=cast.coordinator)
        for intake, seal in zip(uploads, seals, strict=True)
    ]
    outcomes = at_once(*works)
    assert sum(outcome.error is None for outcome in outcomes) == 1
    assert Project.objects.count() == 1


def test_an_import_changes_projects_while_towns_claim_them() -> None:
    """Whoever brings in locks all projects first: nobody waits for somebody who waits for them."""
    cast = make_cast()
    projects = [make_project(cast.coordinator, f"Project {number:02}") for number in range(30)]
    text = "Titel;Ziel\n" + "\n".join(f"{project.title};A goal" for project in projects)
    intake = upload_table(
        network=cast.network, kind="projects", name="a.csv", content=text.encode(), by=cast.coordinator
    )
    seal = planned(intake=intake, by=cast.coordinator).seal

    def claims(by: Membership, role: str) -> None:
        for project in reversed(projects):
            take_on(project=project, role=role, by=by)

    outcomes = at_once(
        lambda: carry_out(intake=intake, seal=seal, by=cast.coordinator),
        lambda: claims(cast.kehl, "lead"),
        lambda: claims(cast.achern, "reuser"),
    )
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert set(Project.objects.values_list("goal", flat=True)) == {"A goal"}
