"""What reviewers tried on projects and imports: pages that stay stale, towns that left, stale buttons, odd input."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import region_id
from collab.network.domain import accession as accessions
from collab.network.models import Accession
from tests.conftest import TOWNS, Cast, involve, make_member, make_project, make_town
from workgroups.domain.intake import upload_table
from workgroups.domain.intake.cells import parsed_amount
from workgroups.domain.intake.steps import planned
from workgroups.domain.involvement import join, leave, propose_join, propose_part, take_on
from workgroups.domain.project import save_part
from workgroups.domain.reuse import begin_reuse
from workgroups.models import ActionItem, Group, Involvement, Project
from workgroups.queries.group import group_projects
from workgroups.queries.project import PARTS, editor_towns
from workgroups.tables import Table, to_csv

HTMX = {"hx-request": "true"}


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(cast.coordinator)


def named(verb: str = "") -> list[str]:
    """The regions that the newest change (of this verb) says are stale."""
    changes = Change.objects.filter(verb=verb) if verb else Change.objects.all()
    newest = changes.order_by("-version").first()
    assert newest is not None
    return newest.regions


def basics(project: Project, **values: Any) -> dict[str, Any]:
    return {**{name: getattr(project, name) for name in PARTS["basics"]}, **values}


def leaves(cast: Cast, town: str) -> Accession:
    """The town has left the network, and nobody has tidied up its projects."""
    accession = Accession.objects.get(network=cast.network, municipality=TOWNS[town])
    return accessions.end(accession=accession, left_on=timezone.localdate(), by=cast.coordinator)


# -- open pages --------------------------------------------------------------------------------------------------------


def test_the_page_of_the_group_learns_who_leads_its_project(cast: Cast) -> None:
    group = Group.objects.create(network=cast.network, kind="working_group", name="E-file")
    project, other = make_project(cast.kehl, group=group), make_project(cast.achern, "Another e-file")
    take_on(project=project, role="lead", by=cast.kehl)
    assert region_id("group-work", group.pk) in named()
    join(project=project, into=other, by=cast.kehl)
    assert region_id("group-work", group.pk) in named("project_joined"), "it is not listed there any more"


@pytest.mark.parametrize("ending", ["left", "another role", "joined"])
def test_an_open_checklist_learns_that_the_reuse_is_over(cast: Cast, project: Project, ending: str) -> None:
    involve(project, cast.kehl)
    reuse = begin_reuse(involvement=involve(project, cast.achern, "reuser"), by=cast.achern)
    if ending == "left":
        leave(project=project, by=cast.achern)
    elif ending == "another role":
        take_on(project=project, role="contributor", by=cast.achern)
    else:
        join(project=project, into=make_project(cast.durbach, "Another"), by=cast.kehl)
    assert region_id("reuse", reuse.pk) in named()


def test_questions_follow_the_projects_of_a_town(cast: Cast, project: Project) -> None:
    involve(project, cast.achern)
    asked = region_id("questions-to", Accession.objects.get(network=cast.network, municipality=TOWNS["achern"]).pk)
    values = basics(project, block="governance")
    save_part(project=project, part="basics", values=values, version=project.version, by=cast.coordinator)
    assert asked in named(), "open questions of that block are now for Achern, too"
    join(project=project, into=make_project(cast.kehl, "Another"), by=cast.achern)
    assert asked in named("project_joined")


def test_a_similar_project_is_shown_on_the_page_of_the_other(cast: Cast, project: Project) -> None:
    other = make_project(cast.kehl, "Car park")
    values = basics(other, title="The e-file")
    save_part(project=other, part="basics", values=values, version=other.version, by=cast.kehl)
    assert region_id("project-towns", project.pk) in named(), "now it is begun twice"
    other.refresh_from_db()
    values = basics(other, title="Car park")
    save_part(project=other, part="basics", values=values, version=other.version, by=cast.kehl)
    assert region_id("project-towns", project.pk) in named(), "and now it is not any more"


def test_a_new_title_stands_wherever_the_project_is_named(cast: Cast, project: Project) -> None:
    into = make_project(cast.kehl, "Another")
    town = Accession.objects.get(network=cast.network, municipality=TOWNS["achern"])
    propose_part(project=project, municipality=cast.town("achern"), role="lead", word="", by=cast.coordinator)
    involve(into, cast.kehl)
    propose_join(project=into, into=project, word="", by=cast.durbach)
    action = ActionItem.objects.create(
        network=cast.network,
        title="Ask",
        project=project,
        municipality=cast.town("achern"),
        person=cast.achern,
        created_by=cast.achern,
    )
    values = basics(project, title="Electronic files")
    save_part(project=project, part="basics", values=values, version=project.version, by=cast.coordinator)
    shown = [("asked", town.pk), ("town-actions", town.pk), ("my-actions", cast.achern.pk), ("project-towns", into.pk)]
    assert {region_id(name, pk) for name, pk in [*shown, ("action-item", action.pk)]} <= set(named())


def test_open_boards_learn_that_a_town_joined_or_left(cast: Cast, project: Project) -> None:
    involve(project, cast.achern)
    lists = {region_id(name, cast.network.pk) for name in ("board", "board-of", "board-news", "balance", "coverage")}
    town = make_town("Rust", "08317114")
    accessions.add(municipality=town, joined_on=timezone.localdate(), by=cast.coordinator)
    assert lists <= set(named("town_joined"))
    leaves(cast, "achern")
    assert lists <= set(named("town_left"))
    assert region_id("project-towns", project.pk) in named("town_left")
    assert region_id("project-head", project.pk) in named("town_left")


# -- towns that left ---------------------------------------------------------------------------------------------------


def test_a_lead_that_left_is_no_lead_anywhere(cast: Cast, client_for: Callable[..., Client]) -> None:
    group = Group.objects.create(network=cast.network, kind="working_group", name="E-file")
    project = make_project(cast.kehl, group=group)
    involve(project, cast.achern)
    leaves(cast, "achern")
    assert editor_towns(project) == [TOWNS["kehl"]], "nobody leads it: who entered it goes on writing"
    assert group_projects(group)[0].leads == []  # type: ignore[attr-defined]
    client = client_for(cast.kehl)
    answer = client.get(f"/api/n/ortenau/projects/{project.pk}/").json()
    assert answer["towns"] == []
    listed = client.get("/api/n/ortenau/projects/", {"town": TOWNS["achern"]}).json()
    assert listed["results"] == []


def test_an_import_asks_for_a_lead_where_the_lead_left(cast: Cast) -> None:
    involve(make_project(cast.kehl), cast.achern)
    leaves(cast, "achern")
    text = "Titel;Federführung\nE-file;Kehl\n"
    values = {"network": cast.network, "kind": "projects", "name": "a.csv", "content": text.encode()}
    plan = planned(intake=upload_table(**values, by=cast.coordinator), by=cast.coordinator)
    assert plan.lines[0].fields == ["lead"]


# -- stale buttons, days -----------------------------------------------------------------------------------------------


def test_a_button_of_a_stale_board_does_not_give_up_the_lead(
    cast: Cast, project: Project, client_for: Callable[..., Client]
) -> None:
    """A colleague of the same town has taken on the project; the other one still sees "Reuse"."""
    take_on(project=project, role="lead", by=cast.kehl)
    colleague = make_member(cast.network, "officer", cast.town("kehl"), "second@kehl.example")
    path = reverse("project_take_on", args=["ortenau", project.pk])
    answer = client_for(colleague).post(path, {"role": "reuser"}, headers=HTMX)
    assert answer.status_code == 409
    assert Involvement.objects.get(project=project, until=None).role == "lead"


def test_a_form_that_leaves_an_interest_does_not_leave_the_lead(
    cast: Cast, project: Project, client_for: Callable[..., Client]
) -> None:
    take_on(project=project, role="interested", by=cast.kehl)
    client, path = client_for(cast.kehl), reverse("project_leave", args=["ortenau", project.pk])
    form = client.get(path).context["form"]
    take_on(project=project, role="lead", by=cast.kehl)
    answer = client.post(path, {"until": "", "seen": form["seen"].value()}, headers=HTMX)
    assert answer.status_code == 422 and "Lead" in answer.content.decode()
    assert Involvement.objects.get(project=project, until=None).role == "lead"


def test_the_button_takes_an_interest_further(cast: Cast, project: Project, client_for: Callable[..., Client]) -> None:
    path = reverse("project_take_on", args=["ortenau", project.pk])
    for role in ("interested", "reuser", "lead"):
        assert client_for(cast.kehl).post(path, {"role": role}, headers=HTMX).status_code == 204
    assert Involvement.objects.get(project=project, until=None).role == "lead"


def test_two_towns_never_led_on_the_same_days(cast: Cast, project: Project) -> None:
    today = timezone.localdate()
    take_on(project=project, role="lead", since=today - timedelta(days=90), by=cast.kehl)
    leave(project=project, until=today - timedelta(days=30), by=cast.kehl)
    with pytest.raises(Refused, match="Kehl"):
        take_on(project=project, role="lead", since=today - timedelta(days=60), by=cast.achern)
    part = take_on(project=project, role="lead", since=today - timedelta(days=30), by=cast.achern)
    with pytest.raises(Refused, match="Kehl"):
        take_on(project=project, role="lead", since=today - timedelta(days=31), note="", by=cast.achern)
    part.refresh_from_db()
    assert part.since == today - timedelta(days=30)


def test_interest_is_no_answer_to_the_question_who_leads(cast: Cast, project: Project) -> None:
    offer = propose_part(project=project, municipality=cast.town("kehl"), role="lead", word="", by=cast.coordinator)
    take_on(project=project, role="interested", by=cast.kehl)
    offer.refresh_from_db()
    assert offer.state == "open"
    take_on(project=project, role="lead", by=cast.kehl)
    offer.refresh_from_db()
    assert offer.state == "accepted"


def test_a_lead_is_not_asked_to_become_less(cast: Cast, project: Project) -> None:
    """A colleague's quick yes would end the lead."""
    take_on(project=project, role="lead", by=cast.kehl)
    with pytest.raises(Refused, match="with more: Lead"):
        propose_part(project=project, municipality=cast.town("kehl"), role="reuser", word="", by=cast.coordinator)


def test_who_takes_on_more_than_was_asked_has_answered(cast: Cast, project: Project) -> None:
    town = cast.town("kehl")
    offer = propose_part(project=project, municipality=town, role="contributor", word="", by=cast.coordinator)
    take_on(project=project, role="lead", by=cast.kehl)
    offer.refresh_from_db()
    assert offer.state == "accepted"


# -- odd input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["coverage", "coverage_export"])
def test_a_town_with_a_null_character(cast: Cast, client_for: Callable[..., Client], name: str) -> None:
    path = reverse(name, args=["ortenau", *(["csv"] if name == "coverage_export" else [])])
    assert client_for(cast.coordinator).get(path, {"town": "0831\0"}).status_code == 200


@pytest.mark.parametrize("field", ["municipality", "role", "request_id", "word"])
def test_null_characters_in_a_form(cast: Cast, project: Project, client_for: Callable[..., Client], field: str) -> None:
    values = {"municipality": TOWNS["kehl"], "role": "lead", "word": "", "request_id": "", field: "a\0b"}
    for name, by in (("project_propose", cast.coordinator), ("project_hand_over", cast.kehl)):
        involve(project, cast.kehl) if name == "project_hand_over" else None
        answer = client_for(by).post(reverse(name, args=["ortenau", project.pk]), values, headers=HTMX)
        assert answer.status_code in (204, 422)


def test_no_formula_begins_where_excel_splits_a_csv_file_elsewhere() -> None:
    """A file with commas is opened by a German Excel, which splits at semicolons."""
    cells = ["E-file;=1+1", "a,@SUM(1)", "b\n=cmd()", "E-mail, -5 %; +49 781", "100,- Euro", "07841,+49 781"]
    text = to_csv(Table("Projects", ["Title"], [[cell] for cell in cells])).decode()
    assert ";=" not in text and ",@" not in text and "\n=" not in text
    for ordinary in cells[3:]:
        assert ordinary in text, "ordinary text stays as it is"


def test_what_was_neutralised_comes_back_as_it_was(cast: Cast) -> None:
    project = make_project(cast.kehl, summary="See a;=b and 100,- Euro")
    text = to_csv(Table("Projects", ["Titel", "Kurzbeschreibung"], [[project.title, project.summary]]))
    intake = upload_table(network=cast.network, kind="projects", name="a.csv", content=text, by=cast.coordinator)
    assert planned(intake=intake, by=cast.coordinator).counts["changed"] == 0


def test_a_heading_of_nothing_but_brackets_takes_no_time(cast: Cast) -> None:
    text = f"Titel;{'(' * 100_000}\nE-file;x\n"
    values = {"network": cast.network, "kind": "projects", "name": "a.csv", "content": text.encode()}
    assert upload_table(**values, by=cast.coordinator).columns == {"title": 0}


@pytest.mark.parametrize("cell", ["9" * 40, "1." + "9" * 60, "0,0000000000000000000000000000000000001", "9" * 400])
def test_an_amount_beyond_all_measure(cell: str) -> None:
    assert parsed_amount(cell) is None or parsed_amount(cell) < 10**10  # type: ignore[operator]


def test_the_page_of_an_upload_with_such_an_amount(cast: Cast, client_for: Callable[..., Client]) -> None:
    text = f"Titel;Kosten einmalig\nE-file;{'9' * 40}\n"
    values = {"network": cast.network, "kind": "projects", "name": "a.csv", "content": text.encode()}
    intake = upload_table(**values, by=cast.coordinator)
    assert client_for(cast.coordinator).get(reverse("intake", args=["ortenau", intake.pk])).status_code == 200
