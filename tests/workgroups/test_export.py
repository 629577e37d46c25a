"""Every list as a file: as filtered, in the reader's language, without formulas, in a fixed number of queries."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from collab.network.models import Membership
from meetings.domain.agenda import propose_item
from meetings.domain.decision import record_decision
from meetings.domain.room import open_meeting
from meetings.models import Meeting
from tests.conftest import Cast, involve, make_meeting, make_project
from workgroups.domain.intake import upload_table
from workgroups.domain.intake.steps import planned
from workgroups.models import ActionItem, Answer, Group, GroupMembership, Question, ServiceStatus

EXPORTS = {
    "action_export": "action_log",
    "board_export": "board",
    "coverage_export": "coverage",
    "decision_export": "decision_log",
    "group_export": "group_list",
    "meeting_export": "meeting_list",
    "member_export": "members",
    "question_export": "question_list",
}


def exported(client: Client, name: str, query: str = "", delimiter: str = ",") -> list[dict[str, str]]:
    """Return the rows of an export as CSV by their headings."""
    answer = client.get(reverse(name, args=["ortenau", "csv"]) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def make_action(by: Membership, title: str, **more: Any) -> ActionItem:
    values = {"network": by.network, "municipality": by.municipality, "created_by": by, **more}
    return ActionItem.objects.create(title=title, **values)


@pytest.mark.parametrize("name", EXPORTS)
def test_each_list_leads_to_its_files(cast: Cast, client_for: Any, name: str) -> None:
    client = client_for(cast.kehl)
    page = client.get(reverse(EXPORTS[name], args=["ortenau"])).content.decode()
    for ending, kind in (("xlsx", "spreadsheetml"), ("csv", "text/csv")):
        path = reverse(name, args=["ortenau", ending])
        assert f'href="{path}"' in page
        answer = client.get(path)
        assert kind in answer.headers["Content-Type"]
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(reverse(name, args=["ortenau", "exe"])).status_code == 404
    assert client_for(cast.guest).get(path).status_code in (403, 404)


def test_the_action_log_as_filtered(cast: Cast, client_for: Any) -> None:
    project = make_project(cast.kehl, "E-Akte")
    make_action(cast.kehl, "=HYPERLINK(1)", due_on=date(2030, 5, 1), project=project, note="line\nline")
    make_action(cast.achern, "Of Achern")
    make_action(cast.kehl, "Done one", state="done", finished_at=timezone.now())
    client = client_for(cast.mayor)
    rows = exported(client, "action_export", "?town=08317057")
    assert [row["What is to be done"] for row in rows] == ["'=HYPERLINK(1)"]
    assert (rows[0]["Due"], rows[0]["Project"], rows[0]["Note"]) == ("2030-05-01", "E-Akte", "line\nline")
    assert len(exported(client, "action_export", "?state=all")) == 3
    page = client.get(reverse("action_log", args=["ortenau"]) + "?state=done").content.decode()
    assert f"{reverse('action_export', args=['ortenau', 'csv'])}?state=done" in page


def test_german_files_open_in_a_german_excel(cast: Cast, client_for: Any) -> None:
    make_action(cast.kehl, "Prüfen", due_on=date(2030, 5, 1))
    rows = exported(client_for(cast.kehl, "de"), "action_export", delimiter=";")
    assert "01.05.2030" in rows[0].values()
    answer = client_for(cast.kehl, "de").get(reverse("action_export", args=["ortenau", "xlsx"]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 2
    assert sheet.cell(2, 1).value == "Prüfen"


def test_decisions_as_filtered(cast: Cast, client_for: Any) -> None:
    meeting = make_meeting(cast, date=timezone.localdate())
    item = propose_item(meeting=meeting, by=cast.coordinator, title="@E-file")
    open_meeting(meeting=meeting, by=cast.coordinator)
    decision = record_decision(
        item=item, wording="It comes", mode="counted", yes=3, no=1, abstain=0, by=cast.coordinator
    )
    (row,) = exported(client_for(cast.kehl), "decision_export")
    assert (row["Number"], row["Subject"], row["Exact wording"]) == (decision.reference, "'@E-file", "It comes")
    assert (row["Yes"], row["No"], row["Abstentions"]) == ("3", "1", "0")
    assert exported(client_for(cast.kehl), "decision_export", "?year=1999") == []


def test_the_board_with_profiles_and_towns(cast: Cast, client_for: Any) -> None:
    project = make_project(cast.kehl, "E-Akte", block="administration", cost_once="1250.50", licence="EUPL-1.2")
    involve(project, cast.kehl)
    involve(project, cast.achern, "reuser")
    make_project(cast.kehl, "Kita-Info-App", phase="pilot")
    rows = exported(client_for(cast.kehl), "board_export")
    assert [row["Title"] for row in rows] == ["E-Akte", "Kita-Info-App"]
    first = rows[0]
    assert (first["Lead"], first["Reuser"], first["Topic block"]) == ("Kehl", "Achern", "Digital administration")
    assert (first["Cost once (EUR)"], first["Licence"]) == ("1250.50", "EUPL-1.2")
    assert [row["Title"] for row in exported(client_for(cast.kehl), "board_export", "?who=nobody")] == ["Kita-Info-App"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_what_was_exported_comes_back_unchanged(cast: Cast, client_for: Any, ending: str, language: str) -> None:
    """The files that people take along, edit and bring in again: what they left as it was changes nothing."""
    project = make_project(
        cast.kehl, "=E-Akte", block="governance", phase="pilot", maturity=3, licence="LicenseRef-proprietary"
    )
    project.services.create(ozg_id=10000)
    involve(project, cast.kehl)
    project.cost_yearly, project.legal = "1200.10", "- first\n- second"
    project.save()
    values = {"due_on": date(2030, 5, 1), "follow_up_on": date(2030, 4, 1), "note": "+49 7851"}
    make_action(cast.kehl, "Prüfen", project=project, group=cast.group, person=cast.kehl, **values)
    client = client_for(cast.coordinator, language)
    for kind, name in (("projects", "board_export"), ("actions", "action_export"), ("municipalities", "member_export")):
        content = client.get(reverse(name, args=["ortenau", ending])).content
        intake = upload_table(network=cast.network, kind=kind, name=f"a.{ending}", content=content, by=cast.coordinator)
        plan = planned(intake=intake, by=cast.coordinator)
        left_over = [(line.title, line.problems, line.changes) for line in plan.lines if line.problems or line.changes]
        if kind == "municipalities":  # of who has no town nothing can be brought in
            left_over = [row for row in left_over if row[0] != "–"]
        assert not plan.missing
        assert not left_over
        assert not plan.counts["new"]


def test_coverage_of_the_network_and_of_a_town(cast: Cast, client_for: Any) -> None:
    ServiceStatus.objects.create(
        network=cast.network, municipality=cast.town("kehl"), ozg_id=10000, maturity=4, said_by=cast.kehl
    )
    rows = exported(client_for(cast.achern), "coverage_export")
    assert len(rows) > 500
    service = next(row for row in rows if row["OZG number"] == "10000")
    assert (service["Online in"], service["Municipalities"]) == ("1", "Kehl")
    assert len(exported(client_for(cast.achern), "coverage_export", "?show=online")) == 1
    own = exported(client_for(cast.kehl), "coverage_export", "?town=08317057&show=ours")
    assert [row["OZG number"] for row in own] == ["10000"]
    assert "Kehl" in own[0]
    page = client_for(cast.kehl).get(reverse("coverage", args=["ortenau"]) + "?town=08317057").content.decode()
    assert f"{reverse('coverage_export', args=['ortenau', 'csv'])}?town=08317057" in page


def test_questions_and_their_solution(cast: Cast, client_for: Any) -> None:
    values = {"network": cast.network, "asked_by": cast.kehl, "municipality": cast.town("kehl")}
    question = Question.objects.create(title="Who has a scanner?", **values)
    question.solution = Answer.objects.create(question=question, text="Achern", written_by=cast.achern)
    question.state = "solved"
    question.save()
    Question.objects.create(title="Open one", **values)
    (row,) = exported(client_for(cast.mayor), "question_export", "?state=solved")
    assert (row["Question"], row["Solution"], row["Answers"]) == ("Who has a scanner?", "Achern", "1")


def test_meetings_of_an_internal_group_are_for_its_members(cast: Cast, client_for: Any) -> None:
    group = Group.objects.create(network=cast.network, kind="working_group", name="Inner circle", is_internal=True)
    GroupMembership.objects.create(group=group, membership=cast.kehl)
    inner = make_meeting(cast, title="Behind closed doors")
    Meeting.objects.filter(pk=inner.pk).update(group=group)
    make_meeting(cast)
    past = make_meeting(cast, title="Long ago", date=date(2024, 3, 1))
    Meeting.objects.filter(pk=past.pk).update(state="closed")
    for member, titles in (
        (cast.kehl, {"Jour fixe", "Behind closed doors"}),
        (cast.coordinator, {"Jour fixe", "Behind closed doors"}),
        (cast.achern, {"Jour fixe"}),
    ):
        assert {row["Meeting"] for row in exported(client_for(member), "meeting_export")} == titles
    assert [row["Meeting"] for row in exported(client_for(cast.achern), "meeting_export", "?year=2024")] == ["Long ago"]
    assert exported(client_for(cast.achern), "group_export")[-1]["Next meeting"] == ""


def test_hostile_filters_still_give_a_file(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.kehl)
    for name in EXPORTS:
        for query in ("?q=%00%FF", "?page=9999999999999999999999", "?year=0000", "?town=%27", "?state=nothing&show=x"):
            assert client.get(reverse(name, args=["ortenau", "csv"]) + query).status_code == 200


@pytest.mark.parametrize("name", EXPORTS)
def test_the_same_number_of_queries_for_any_length(cast: Cast, client_for: Any, name: str) -> None:
    client, path = client_for(cast.kehl), reverse(name, args=["ortenau", "xlsx"])

    def furnish(number: int) -> None:
        project = make_project(cast.kehl, f"Project {number}")
        project.services.create(ozg_id=10000 + number % 50)
        involve(project, cast.kehl)
        make_action(cast.kehl, f"Task {number}", project=project, group=cast.group, person=cast.kehl)
        question = Question.objects.create(
            network=cast.network, title=f"Question {number}", asked_by=cast.kehl, project=project
        )
        Answer.objects.create(question=question, text="Yes", written_by=cast.achern)
        Group.objects.create(
            network=cast.network, kind="working_group", name=f"Group {number}", lead_town=cast.town("kehl")
        )
        make_meeting(cast, date=timezone.localdate() + timedelta(days=number))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    furnish(1)
    client.get(path)
    alone = count()
    for number in range(2, 40):
        furnish(number)
    assert count() == alone
