"""Pages of projects: who sees what, each form with right and wrong input, files, and the cost of a page."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from collab.live.models import Change
from collab.live.once import reading_once
from collab.live.regions import render
from collab.network.models import Membership
from tests.conftest import Cast, involve, make_project
from tests.permissions.world import fields_of
from workgroups.domain.files import attach_file
from workgroups.domain.project import add_project, change_phase, save_part
from workgroups.models import Group, GroupMembership, PhaseChange, Project, SharedFile, TopicBlock
from workgroups.queries.project import services_of

HTMX = {"hx-request": "true"}


def url(name: str, *args: Any) -> str:
    return reverse(name, args=["ortenau", *args])


@pytest.fixture
def project(cast: Cast) -> Project:
    """Kehl entered it, nobody leads it."""
    return add_project(network=cast.network, title="E-file", by=cast.kehl)


def send(client: Client, path: str, **more: Any) -> Any:
    """Send the form at the path as the browser would, with some fields filled in."""
    shown = client.get(path)
    assert shown.status_code == 200, path
    return client.post(path, {**fields_of(shown.content.decode()), **more}, headers=HTMX)


def profile(project: Project, audience: str, language: str = "en") -> str:
    return render(f"project-profile-{project.pk}", audience, language)


# -- the page ----------------------------------------------------------------------------------------------------------


def test_an_empty_profile_does_not_shout(project: Project) -> None:
    officer, mayor = profile(project, "officer"), profile(project, "reader")
    assert officer.count("Not described yet:") == 1
    assert 'data-for-town="08317057" hidden' in officer
    assert "<h3" not in officer
    # Officers of other towns read it in the same text.
    assert re.search(r'data-not-for-town="08317057">\s*Nothing has been described yet.', officer)
    assert "Nothing has been described yet." in mayor
    assert "<a" not in mayor


def test_the_coordinator_needs_no_town_for_the_buttons(project: Project) -> None:
    assert "data-for-town" not in profile(project, "coordinator")
    assert "Not described yet:" in profile(project, "coordinator")


def test_only_what_is_described_stands_in_the_profile(cast: Cast, project: Project) -> None:
    values = {"cost_once": Decimal("12500"), "cost_yearly": None, "cost_note": "<b>all</b>"}
    save_part(project=project, part="cost", values=values, version=1, by=cast.kehl)
    german = profile(project, "reader", "de")
    assert "12.500 €" in german
    assert "&lt;b&gt;all" in german
    assert german.count("<h3") == 1
    assert "12,500 €" in profile(project, "reader", "en")


def test_the_history_tells_what_stood_there_before(cast: Cast, project: Project) -> None:
    values = {"title": "E-file", "summary": "Less paper", "goal": "", "block": "governance", "group": cast.group}
    saved = save_part(project=project, part="basics", values=values, version=1, by=cast.kehl)
    other = {**values, "summary": "No paper", "block": "administration", "group": None}
    save_part(project=saved, part="basics", values=other, version=saved.version, by=cast.coordinator)
    history = render(f"project-history-{project.pk}", "reader", "en")
    assert "What it said before" in history
    assert "Less paper" in history
    assert "Governance" in history
    assert "Fachgruppe" in history


def test_a_project_joined_to_another_one_leads_there_and_has_no_buttons(cast: Cast, project: Project) -> None:
    project.joined_to = make_project(cast.achern, "E-file of all")
    project.save()
    head = render(f"project-head-{project.pk}", "coordinator", "en")
    assert url("project", project.joined_to.pk) in head
    assert "data-dialog" not in head + profile(project, "coordinator")


def test_the_page_takes_as_many_queries_for_much_as_for_little(cast: Cast, project: Project, client_for: Any) -> None:
    client = client_for(cast.kehl)
    client.get(url("project", project.pk))
    with CaptureQueriesContext(connection) as little:
        client.get(url("project", project.pk))
    fill(cast, project)
    with CaptureQueriesContext(connection) as much:
        assert client.get(url("project", project.pk)).status_code == 200
    assert len(much) <= len(little)


def fill(cast: Cast, project: Project) -> None:
    for number in range(20):
        upload = SimpleUploadedFile(f"{number}.txt", str(number).encode())
        attach_file(project=project, upload=upload, by=cast.kehl)
        project.refresh_from_db()
        day = timezone.localdate() - timedelta(days=100 - number)
        phase = ("planning", "pilot")[number % 2]
        note = str(number)
        change_phase(project=project, phase=phase, since=day, note=note, version=project.version, by=cast.kehl)


def test_the_regions_of_the_page_share_what_they_read(cast: Cast, project: Project) -> None:
    ids = [f"project-{name}-{project.pk}" for name in ("head", "profile", "history")]
    with reading_once(), CaptureQueriesContext(connection) as queries:
        for audience in ("coordinator", "officer", "guide", "reader"):
            for language in ("de", "en"):
                for region in ids:
                    render(region, audience, language)
    assert len(queries) <= 8


# -- entering one ------------------------------------------------------------------------------------------------------


def test_a_project_is_entered_and_the_person_is_led_to_it(cast: Cast, client_for: Any) -> None:
    answer = send(client_for(cast.kehl), url("project_add"), title="Online appointments", services="Geburtsurkunde")
    project = Project.objects.get()
    assert answer.status_code == 204
    assert url("project", project.pk) in answer.headers["HX-Trigger"]
    assert len(services_of(project.pk)) == 1


def test_a_link_chooses_the_service_of_a_new_project(cast: Cast, client_for: Any) -> None:
    page = client_for(cast.kehl).get(url("project_add"), {"service": "10000", "group": "x", "block": "governance"})
    shown = fields_of(page.content.decode())
    assert (shown["services"].strip(), shown["block"], shown["group"]) == ("Elterngeld (10000)", "governance", "")
    page = client_for(cast.kehl).get(url("project_add"), {"service": "1", "block": "<script>"})
    assert fields_of(page.content.decode())["services"].strip() == ""


def test_the_same_form_twice_enters_one_project(cast: Cast, client_for: Any) -> None:
    client, body = client_for(cast.kehl), {"title": "E-file", "phase": "idea", "request_id": str(uuid4())}
    answers = [client.post(url("project_add"), body, headers=HTMX).status_code for _again in range(2)]
    assert (answers, Project.objects.count()) == ([204, 204], 1)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("title", "", "This field is required"),
        ("title", "x" * 201, "at most 200 characters"),
        ("summary", "x" * 501, "at most 500 characters"),
        ("block", "nothing", "Select a valid choice"),
        ("phase", "dream", "Select a valid choice"),
        ("since", "2999-01-01", "begins today or began earlier"),
        ("since", "yesterday", "Enter a valid date"),
        ("services", "Zauberei", "not in the OZG catalogue"),
        ("group", "99999", "Select a valid choice"),
    ],
)
def test_what_the_form_of_a_new_project_refuses(cast: Cast, client_for: Any, field: str, value: str, why: str) -> None:
    answer = send(client_for(cast.kehl), url("project_add"), **{"title": "E-file", field: value})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Project.objects.exists()


def test_the_coordinator_names_a_new_block_while_entering(cast: Cast, client_for: Any) -> None:
    answer = send(client_for(cast.coordinator), url("project_add"), title="Sensors", new_block="Smart City")
    assert answer.status_code == 204
    assert (Project.objects.get().block, TopicBlock.objects.get().name) == ("smart-city", "Smart City")
    client = client_for(cast.kehl)
    assert "Smart City" in client.get(url("project_add")).content.decode()
    assert "new_block" not in client.get(url("project_add")).content.decode()
    send(client, url("project_add"), title="E-file", new_block="Sneaked in")
    assert TopicBlock.objects.count() == 1


# -- the parts ---------------------------------------------------------------------------------------------------------

PARTS = [
    ("basics", {"title": "E-files", "goal": "Less paper", "block": "governance"}, "goal", "Less paper"),
    ("services", {"ozg_ids": "Geburtsurkunde", "maturity": "3"}, "maturity", 3),
    ("product", {"product": "enaio", "licence": "proprietary"}, "licence", "LicenseRef-proprietary"),
    ("cost", {"cost_yearly": "1.250,50"}, "cost_yearly", Decimal("1250.50")),
    ("legal", {"legal": "§ 6 EGovG"}, "legal", "§ 6 EGovG"),
    ("reuse", {"lessons": "Begin small"}, "lessons", "Begin small"),
    ("contact", {"contact_text": "07851 88", "review_on": "2030-01-01"}, "contact_text", "07851 88"),
    ("links", {"links": "https://kehl.example"}, "links", [{"url": "https://kehl.example", "label": "kehl.example"}]),
]


@pytest.mark.parametrize(("part", "typed", "field", "value"), PARTS)
def test_each_part_is_saved_by_its_own_form(
    cast: Cast, client_for: Any, project: Project, part: str, typed: dict[str, str], field: str, value: object
) -> None:
    answer = send(client_for(cast.kehl), url("project_part", project.pk, part), **typed)
    assert answer.status_code == 204, answer.content.decode()[-2000:]
    project.refresh_from_db()
    assert getattr(project, field) == value
    assert Change.objects.latest("version").verb == f"project_{part}"
    # The form shows what was saved, and saves it back unchanged.
    before = Change.objects.count()
    assert send(client_for(cast.kehl), url("project_part", project.pk, part)).status_code == 204
    assert Change.objects.count() == before


@pytest.mark.parametrize(
    ("part", "field", "value", "why"),
    [
        ("basics", "title", "", "This field is required"),
        ("basics", "goal", "x" * 3001, "at most 3000 characters"),
        ("services", "ozg_ids", "wohnung", "fits several"),
        ("services", "maturity", "5", "Select a valid choice"),
        ("product", "licence", "free software", "no SPDX expression"),
        ("product", "repository", "javascript:alert(1)", "not a web address"),
        ("cost", "cost_once", "a lot", "Enter an amount"),
        ("cost", "cost_once", "-3", "Enter an amount"),
        ("legal", "legal", "x" * 5001, "at most 5000 characters"),
        ("contact", "contact", "99999", "Select a valid choice"),
        ("contact", "review_on", "soon", "Enter a valid date"),
        ("links", "links", "ftp://kehl.example", "not a web address"),
    ],
)
def test_what_the_parts_refuse(
    cast: Cast, client_for: Any, project: Project, part: str, field: str, value: str, why: str
) -> None:
    answer = send(client_for(cast.kehl), url("project_part", project.pk, part), **{field: value})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert Change.objects.count() == 1


@pytest.mark.parametrize(("part", "typed", "field", "value"), PARTS)
def test_a_conflict_shows_both_texts(
    cast: Cast, client_for: Any, project: Project, part: str, typed: dict[str, str], field: str, value: object
) -> None:
    client, path = client_for(cast.kehl), url("project_part", project.pk, part)
    mine = fields_of(client.get(path).content.decode())
    assert send(client_for(cast.coordinator), path, **typed).status_code == 204
    own = {"ozg_ids": "Personalausweis", "links": "https://lahr.example"} if part in ("services", "links") else {}
    text = next(name for name in typed if name not in ("block", "review_on", "maturity"))
    own = own or {text: "77" if part == "cost" else "Apache-2.0"}
    answer = client.post(path, {**mine, **own}, headers=HTMX)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "data-conflict" in page
    assert "ProjectService" not in page
    # Saved again from there, the person's own text wins: they have seen the other one.
    assert client.post(path, {**fields_of(page), **own}, headers=HTMX).status_code == 204


def test_a_part_that_is_none_is_not_found(cast: Cast, client_for: Any, project: Project) -> None:
    assert client_for(cast.kehl).get(url("project_part", project.pk, "everything")).status_code == 404


def test_another_town_is_refused_and_a_stranger_finds_nothing(cast: Cast, client_for: Any, project: Project) -> None:
    path = url("project_part", project.pk, "cost")
    codes = {who: client_for(getattr(cast, who)).get(path).status_code for who in ("achern", "mayor", "guest", "other")}
    assert codes == {"achern": 403, "mayor": 403, "guest": 404, "other": 404}
    assert Client().get(path).status_code == 302


def test_the_phase_is_entered_with_its_day(cast: Cast, client_for: Any, project: Project) -> None:
    day = timezone.localdate().isoformat()
    answer = send(client_for(cast.kehl), url("project_phase", project.pk), phase="pilot", since=day, note="Two offices")
    assert answer.status_code == 204
    assert PhaseChange.objects.latest("pk").phase == "pilot"
    refused = send(client_for(cast.kehl), url("project_phase", project.pk), phase="operation", since="2999-01-01")
    assert refused.status_code == 422
    assert "Two offices" in render(f"project-head-{project.pk}", "reader", "en")


def test_without_a_script_the_search_is_a_page(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.guide)
    page = client.get(url("service_find"), {"q": "führerschein"}).content.decode()
    assert "<html" in page
    assert "Führerschein (" in page
    part = client.get(url("service_find"), {"q": "führerschein"}, headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'data-append="Führerschein (' in part
    assert "no such service" in client.get(url("service_find"), {"q": "zauberei"}).content.decode()


# -- files -------------------------------------------------------------------------------------------------------------


def attach(client: Client, project: Project, name: str = "plan.txt", content: bytes = b"What Kehl has learned") -> Any:
    body = {"file": SimpleUploadedFile(name, content)}
    return client.post(url("project_attach", project.pk), body, headers=HTMX)


def test_a_file_is_attached_once_and_sent_as_a_download(cast: Cast, client_for: Any, project: Project) -> None:
    client = client_for(cast.kehl)
    assert [attach(client, project).status_code for _again in range(2)] == [204, 204]
    file = SharedFile.objects.get()
    answer = client_for(cast.mayor).get(url("project_file", file.pk))
    assert b"".join(answer.streaming_content) == b"What Kehl has learned"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="plan.txt"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "plan.txt" in profile(project, "reader")
    for stranger in (cast.guest, cast.other):
        assert client_for(stranger).get(url("project_file", file.pk)).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"), [("a.exe", b"MZ"), ("a.pdf", b"no pdf"), ("a.txt", b""), ("a.svg", b"<svg>")]
)
def test_files_that_are_refused(cast: Cast, client_for: Any, project: Project, name: str, content: bytes) -> None:
    assert attach(client_for(cast.kehl), project, name, content).status_code == 422
    assert not SharedFile.objects.exists()


def test_a_town_removes_what_it_brought(cast: Cast, client_for: Any, project: Project) -> None:
    involve(project, cast.kehl)
    involve(project, cast.achern, "contributor")
    attach(client_for(cast.kehl), project)
    path = url("project_file_remove", SharedFile.objects.get().pk)
    assert client_for(cast.achern).post(path, headers=HTMX).status_code == 403
    assert client_for(cast.kehl).post(path, headers=HTMX).status_code == 204
    assert client_for(cast.kehl).post(path, headers=HTMX).status_code == 404
    assert SharedFile.objects.get().removed_at is not None
    assert "plan.txt" not in profile(project, "reader")


def test_a_file_is_removed_after_a_question(cast: Cast, client_for: Any, project: Project) -> None:
    client = client_for(cast.kehl)
    attach(client, project)
    path = url("project_file_remove", SharedFile.objects.get().pk)
    assert f'href="{path}" data-dialog' in profile(project, "officer")
    asked = client.get(path).content.decode()
    assert "plan.txt" in asked
    assert SharedFile.objects.filter(removed_at=None).exists()
    assert send(client, path).status_code == 204
    assert not SharedFile.objects.filter(removed_at=None).exists()


def test_a_removed_file_may_be_attached_again(cast: Cast, client_for: Any, project: Project) -> None:
    client = client_for(cast.kehl)
    attach(client, project)
    client.post(url("project_file_remove", SharedFile.objects.get().pk), headers=HTMX)
    assert attach(client, project).status_code == 204
    assert SharedFile.objects.filter(removed_at=None).count() == 1


# -- the REST interface ------------------------------------------------------------------------------------------------


def test_projects_over_the_rest_interface(cast: Cast, client_for: Any, project: Project) -> None:
    involve(project, cast.achern)
    make_project(cast.kehl, "E-payment", block="administration")
    make_project(cast.kehl, "Joined", joined_to=project)
    client = client_for(cast.mayor)
    found = client.get(reverse("api_projects", args=["ortenau"])).json()["results"]
    assert [row["title"] for row in found] == ["E-file", "E-payment"]
    assert found[0]["towns"][0]["town"] == {"ags": "08317001", "name": "Achern"}
    asked = {"town": "08317001", "role": "lead", "phase": "idea"}
    assert len(client.get(reverse("api_projects", args=["ortenau"]), asked).json()["results"]) == 1
    asked = {"block": "administration", "q": "payment"}
    assert len(client.get(reverse("api_projects", args=["ortenau"]), asked).json()["results"]) == 1
    assert client.get(reverse("api_projects", args=["ortenau"]), {"phase": "dream"}).status_code == 400
    assert client_for(cast.guest).get(reverse("api_projects", args=["ortenau"])).json()["results"] == []
    one = client.get(reverse("api_project", args=["ortenau", project.pk])).json()
    assert (one["phases"][0]["phase"], one["services"], one["version"]) == ("idea", [], 1)
    assert client_for(cast.other).get(reverse("api_project", args=["ortenau", project.pk])).status_code == 404


def test_the_list_takes_as_many_queries_for_50_projects_as_for_one(
    cast: Cast, client_for: Any, project: Project
) -> None:
    client, path = client_for(cast.mayor), reverse("api_projects", args=["ortenau"])
    client.get(path)
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    for number in range(49):
        involve(make_project(cast.kehl, f"Project {number}"), cast.achern)
    with CaptureQueriesContext(connection) as fifty:
        client.get(path)
    assert len(fifty) == len(one)


def test_german_money_and_words(cast: Cast, client_for: Any, project: Project) -> None:
    def as_seen(member: Membership) -> str:
        return client_for(member, "de").get(url("project_part", project.pk, "cost")).content.decode()

    values = {"cost_once": Decimal("1250.50"), "cost_yearly": None, "cost_note": ""}
    save_part(project=project, part="cost", values=values, version=1, by=cast.kehl)
    assert 'value="1.250,50"' in as_seen(cast.kehl)
    with translation.override("de"):
        assert "1.250,50 €" in profile(project, "reader", "de")


@pytest.mark.parametrize(("days", "says"), [(1, False), (0, True), (-30, True)])
def test_a_profile_that_was_to_be_looked_through_says_so(project: Project, days: int, says: bool) -> None:
    project.review_on = timezone.localdate() + timedelta(days=days)
    project.save()
    assert ("Review due" in profile(project, "reader")) == says


def test_an_internal_group_is_chosen_by_its_own_people_only(cast: Cast, project: Project, client_for: Any) -> None:
    circle = Group.objects.create(network=cast.network, kind="working_group", name="Inner circle", is_internal=True)
    basics = url("project_part", project.pk, "basics")
    assert "Inner circle" not in client_for(cast.kehl).get(basics).content.decode()
    assert send(client_for(cast.kehl), basics, group=circle.pk).status_code == 422
    GroupMembership.objects.create(group=circle, membership=cast.kehl)
    assert send(client_for(cast.kehl), basics, group=circle.pk).status_code == 204
