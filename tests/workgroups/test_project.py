"""Projects: entering one, its profile in parts, its phases, and who may do what."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone, translation

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.verbs import sentence
from tests.conftest import Cast, involve, make_project
from workgroups.domain.project import add_block, add_project, change_phase, save_part
from workgroups.models import Group, Project, TopicBlock
from workgroups.queries.project import (
    blocks_of,
    described,
    editor_towns,
    get_project_for,
    phase_since,
    projects_of,
    services_of,
)

BIRTH, DEATH = 10098, 10107


def latest(project: Project) -> Change:
    return Change.objects.filter(object_type="project", object_id=project.pk).latest("version")


def test_a_project_is_entered_once_and_everybody_reads_it(cast: Cast) -> None:
    sent = uuid4()
    values = {"network": cast.network, "title": "E-file", "block": "administration", "by": cast.kehl}
    project = add_project(**values, phase="pilot", since=date(2024, 3, 1), request_id=sent)
    assert add_project(**values, request_id=sent) == project
    assert list(projects_of(cast.network.pk)) == [project]
    assert get_project_for(cast.mayor, project.pk) == project
    assert phase_since(project) == date(2024, 3, 1)
    assert sentence(latest(project)) == "Kehl entered the project “E-file”"
    assert f"board-{cast.network.pk}" in latest(project).regions


def test_a_town_that_forgot_the_day_gets_today(cast: Cast) -> None:
    assert phase_since(add_project(network=cast.network, title="E-file", by=cast.guide)) == timezone.localdate()


@pytest.mark.parametrize("who", ["mayor", "guest", "other"])
def test_who_may_not_enter_projects(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        add_project(network=cast.network, title="E-file", by=getattr(cast, who))
    assert not Project.objects.exists()


@pytest.mark.parametrize("who", ["guest", "other", "other_officer"])
def test_who_may_not_read_a_project(cast: Cast, who: str) -> None:
    project = make_project(cast.kehl)
    with pytest.raises(Http404):
        get_project_for(getattr(cast, who), project.pk)


def test_a_form_of_somebody_else_enters_nothing(cast: Cast) -> None:
    sent = uuid4()
    add_project(network=cast.network, title="E-file", by=cast.kehl, request_id=sent)
    with pytest.raises(Refused, match="sent already"):
        add_project(network=cast.network, title="E-file", by=cast.achern, request_id=sent)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"block": "nothing"}, "topic block does not exist"),
        ({"services": [1]}, "not in the OZG catalogue"),
        ({"since": timezone.localdate() + timedelta(days=2)}, "begins today or began earlier"),
    ],
)
def test_what_cannot_be_entered(cast: Cast, more: dict[str, object], why: str) -> None:
    with pytest.raises(Refused, match=why):
        add_project(network=cast.network, title="E-file", by=cast.kehl, **more)
    assert not Project.objects.exists()


def test_a_group_of_another_network_or_a_closed_one_is_refused(cast: Cast) -> None:
    foreign = Group.objects.get(network=cast.other_network)
    closed = Group.objects.create(network=cast.network, kind="working_group", name="AG", state="closed")
    for group in (foreign, closed):
        with pytest.raises(Refused, match="closed"):
            add_project(network=cast.network, title="E-file", by=cast.kehl, group=group)


# -- who writes the profile --------------------------------------------------------------------------------------------


def cost(once: str | None = None, yearly: str | None = None, note: str = "") -> dict[str, object]:
    return {
        "cost_once": Decimal(once) if once else None,
        "cost_yearly": Decimal(yearly) if yearly else None,
        "cost_note": note,
    }


def test_where_nobody_leads_the_town_that_entered_it_writes(cast: Cast) -> None:
    project = make_project(cast.kehl)
    assert editor_towns(project) == ["08317057"]
    save_part(project=project, part="cost", values=cost("100"), version=1, by=cast.kehl)
    with pytest.raises(PermissionDenied):
        save_part(project=project, part="cost", values=cost("200"), version=2, by=cast.achern)
    involve(project, cast.durbach, "contributor")
    save_part(project=project, part="cost", values=cost("300"), version=2, by=cast.durbach)


def test_the_lead_and_contributors_write_and_nobody_else(cast: Cast) -> None:
    project = make_project(cast.kehl)
    involve(project, cast.achern, "lead")
    involve(project, cast.durbach, "contributor")
    involve(project, cast.guide, "reuser")
    for version, by in enumerate((cast.achern, cast.durbach, cast.coordinator), start=1):
        save_part(project=project, part="cost", values=cost(str(version)), version=version, by=by)
    for by in (cast.kehl, cast.guide, cast.mayor, cast.guest, cast.other, cast.other_officer):
        with pytest.raises(PermissionDenied):
            save_part(project=project, part="cost", values=cost("9"), version=4, by=by)


def test_a_town_that_left_the_project_no_longer_writes(cast: Cast) -> None:
    project = make_project(cast.coordinator)
    part = involve(project, cast.achern, "lead", since=timezone.localdate() - timedelta(days=30))
    part.until = timezone.localdate()
    part.save()
    assert editor_towns(project) == []
    with pytest.raises(PermissionDenied):
        save_part(project=project, part="cost", values=cost("9"), version=1, by=cast.achern)


def test_nothing_is_written_into_a_project_that_was_joined_to_another(cast: Cast) -> None:
    project = make_project(cast.kehl, joined_to=make_project(cast.achern, "Appointments"))
    with pytest.raises(Refused, match="Appointments"):
        save_part(project=project, part="cost", values=cost("9"), version=1, by=cast.kehl)
    assert project not in projects_of(cast.network.pk)


# -- the profile in parts ----------------------------------------------------------------------------------------------


def test_a_part_is_saved_once_and_the_history_keeps_what_was_there(cast: Cast) -> None:
    project = make_project(cast.kehl, cost_once=Decimal("100.00"))
    for _again in range(2):
        project = save_part(
            project=project, part="cost", values=cost("250.50", note="Licences"), version=1, by=cast.kehl
        )
    assert (project.version, Change.objects.count()) == (2, 1)
    assert latest(project).params["before"] == {"cost_once": "100.00", "cost_note": ""}
    assert sentence(latest(project)) == "Kehl described the cost of “E-file”"


def test_two_people_describe_different_parts(cast: Cast) -> None:
    project = make_project(cast.kehl)
    save_part(project=project, part="cost", values=cost("100"), version=1, by=cast.kehl)
    law = {"legal": "§ 6 EGovG", "data_protection": ""}
    project = save_part(project=project, part="legal", values=law, version=1, by=cast.coordinator)
    assert (project.cost_once, project.legal) == (Decimal("100.00"), "§ 6 EGovG")


def test_two_people_describe_the_same_part(cast: Cast) -> None:
    project = make_project(cast.kehl)
    save_part(project=project, part="cost", values=cost("100"), version=1, by=cast.kehl)
    with pytest.raises(Stale) as conflict:
        save_part(project=project, part="cost", values=cost("200"), version=1, by=cast.coordinator)
    assert conflict.value.current.cost_once == Decimal("100.00")
    assert "Kehl" in conflict.value.who
    assert Project.objects.get(pk=project.pk).cost_once == Decimal("100.00")


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_version_that_never_was_is_a_conflict(cast: Cast, version: int) -> None:
    with pytest.raises(Stale):
        save_part(project=make_project(cast.kehl), part="cost", values=cost("1"), version=version, by=cast.kehl)


def test_services_are_replaced_and_shown_in_the_order_of_the_catalogue(cast: Cast) -> None:
    project = make_project(cast.kehl)
    values = {"ozg_ids": services_in_order(DEATH, BIRTH), "maturity": 3}
    save_part(project=project, part="services", values=values, version=1, by=cast.kehl)
    assert set(services_of(project.pk)) == {BIRTH, DEATH}
    assert f"coverage-{cast.network.pk}" in latest(project).regions
    save_part(project=project, part="services", values={"ozg_ids": [BIRTH], "maturity": 3}, version=2, by=cast.kehl)
    assert services_of(project.pk) == [BIRTH]
    assert set(latest(project).params["before"]) == {"ozg_ids"}


def services_in_order(*ozg_ids: int) -> list[int]:
    from workgroups import ozg

    return [ozg_id for ozg_id in ozg.catalogue() if ozg_id in ozg_ids]


def test_somebody_who_left_cannot_become_the_contact(cast: Cast) -> None:
    project = make_project(cast.kehl)
    cast.achern.ended_on = date(2025, 1, 1)
    cast.achern.save()
    values = {"contact": cast.achern, "contact_text": "", "review_on": None}
    with pytest.raises(Refused, match="does not belong to this network any more"):
        save_part(project=project, part="contact", values=values, version=1, by=cast.kehl)


def test_a_contact_who_left_stays_when_something_else_of_the_part_changes(cast: Cast) -> None:
    project = make_project(cast.kehl, contact=cast.achern)
    cast.achern.ended_on = date(2025, 1, 1)
    cast.achern.save()
    values = {"contact": cast.achern, "contact_text": "07851 88", "review_on": None}
    assert save_part(project=project, part="contact", values=values, version=1, by=cast.kehl).contact == cast.achern


def test_what_is_described(cast: Cast) -> None:
    project = make_project(cast.kehl, goal="Less paper", legal="§ 6")
    assert described(project).filled == ["basics", "legal"]
    assert "links" in described(project).empty


# -- phases ------------------------------------------------------------------------------------------------------------


def phases(project: Project) -> list[tuple[str, date]]:
    return list(project.phase_changes.order_by("since", "pk").values_list("phase", "since"))


def enter(project: Project, phase: str, since: date, cast: Cast, note: str = "") -> Project:
    project.refresh_from_db()
    return change_phase(project=project, phase=phase, since=since, note=note, version=project.version, by=cast.kehl)


@pytest.fixture
def planned(cast: Cast) -> Project:
    return add_project(network=cast.network, title="E-file", by=cast.kehl, phase="planning", since=date(2023, 1, 1))


def test_each_phase_keeps_its_day(cast: Cast, planned: Project) -> None:
    for _again in range(2):
        enter(planned, "pilot", date(2024, 5, 1), cast, "Two offices")
    project = enter(planned, "operation", date(2025, 5, 1), cast)
    assert (project.phase, phase_since(project)) == ("operation", date(2025, 5, 1))
    days = [("planning", date(2023, 1, 1)), ("pilot", date(2024, 5, 1)), ("operation", date(2025, 5, 1))]
    assert phases(project) == days
    with translation.override("en"):
        assert sentence(latest(project)) == "Kehl: “E-file” is in operation since 1 May 2025"
    assert latest(project).params["before"] == {"phase": "pilot", "since": "2024-05-01"}


def test_an_earlier_phase_can_be_added_later(cast: Cast, planned: Project) -> None:
    project = enter(planned, "idea", date(2022, 1, 1), cast)
    assert (project.phase, phases(project)[0]) == ("planning", ("idea", date(2022, 1, 1)))
    assert latest(project).verb == "project_phase_dated"


def test_a_wrong_day_is_corrected(cast: Cast, planned: Project) -> None:
    enter(planned, "pilot", date(2024, 5, 1), cast)
    enter(planned, "pilot", date(2024, 6, 1), cast)
    project = enter(planned, "planning", date(2023, 2, 1), cast)
    assert phases(project) == [("planning", date(2023, 2, 1)), ("pilot", date(2024, 6, 1))]
    with pytest.raises(Refused, match="Planning"):
        enter(planned, "pilot", date(2023, 1, 15), cast)


def test_a_project_goes_back_to_an_earlier_phase(cast: Cast, planned: Project) -> None:
    enter(planned, "pilot", date(2024, 5, 1), cast)
    project = enter(planned, "planning", date(2024, 9, 1), cast)
    assert [phase for phase, _since in phases(project)] == ["planning", "pilot", "planning"]
    assert project.phase == "planning"


def test_nobody_enters_the_future(cast: Cast, planned: Project) -> None:
    with pytest.raises(Refused, match="when it has come"):
        enter(planned, "pilot", timezone.localdate() + timedelta(days=1), cast)


def test_two_people_change_the_phase(cast: Cast, planned: Project) -> None:
    enter(planned, "pilot", date(2024, 5, 1), cast)
    day = date(2024, 6, 1)
    with pytest.raises(Stale) as conflict:
        change_phase(project=planned, phase="operation", since=day, note="", version=1, by=cast.coordinator)
    assert conflict.value.current.phase == "pilot"


# -- topic blocks ------------------------------------------------------------------------------------------------------


def test_a_network_adds_its_own_blocks(cast: Cast) -> None:
    block = add_block(network=cast.network, name="Bürgerdienste  vor Ort", by=cast.coordinator)
    assert add_block(network=cast.network, name="bürgerdienste vor ort", by=cast.coordinator) == block
    assert str(blocks_of(cast.network.pk)["burgerdienste-vor-ort"]) == "Bürgerdienste vor Ort"
    assert list(blocks_of(cast.other_network.pk)) == ["infrastructure", "new_work", "administration", "governance"]
    project = add_project(network=cast.network, title="Terminal", block="burgerdienste-vor-ort", by=cast.kehl)
    assert project.block == "burgerdienste-vor-ort"


def test_a_block_that_everybody_has_is_not_added_again(cast: Cast) -> None:
    assert add_block(network=cast.network, name="governance", by=cast.coordinator) == "governance"
    assert not TopicBlock.objects.exists()


def test_names_without_letters_get_a_code_of_their_own(cast: Cast) -> None:
    codes = {add_block(network=cast.network, name=name, by=cast.coordinator).code for name in ("日本", "中国")}
    assert codes == {"block", "block-2"}


@pytest.mark.parametrize("who", ["kehl", "guide", "mayor", "guest", "other"])
def test_only_the_coordinator_adds_blocks(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        add_block(network=cast.network, name="Smart City", by=getattr(cast, who))
