"""Asking the network for help, as people meet it: who is told, who answers, what is found again."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import audience_of, region_id, render
from collab.live.verbs import sentence
from collab.network.models import Accession
from collab.search.queries import find
from tests.conftest import Cast, involve, make_member, make_project
from workgroups.domain.project import save_part
from workgroups.domain.question import (
    answer_question,
    ask_question,
    edit_answer,
    edit_question,
    mark_solution,
    reopen_question,
    withdraw_answer,
    withdraw_question,
)
from workgroups.models import Project, Question
from workgroups.queries.question import QuestionFilter

LIST = "/n/ortenau/questions/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(cast: Cast) -> Project:
    """Achern leads the e-file, Lahr reuses it."""
    project = make_project(cast.achern, "E-Akte", block="administration")
    involve(project, cast.achern)
    involve(project, cast.guide, "reuser")
    return project


@pytest.fixture
def question(cast: Cast, project: Project) -> Question:
    return make_question(cast, project=project)


def make_question(cast: Cast, **more: Any) -> Question:
    values = {
        "network": cast.network,
        "title": "Who has scanned old files?",
        "text": "We have 40 metres of paper.",
        "block": "",
        "project": None,
        "by": cast.kehl,
    }
    return ask_question(**{**values, **more})


def told(cast: Cast, town: str) -> str:
    """What that town's officers read on their home page."""
    accession = Accession.objects.get(network=cast.network, municipality=cast.town(town))
    return render(region_id("questions-to", accession.pk), "officer", "en")


# -- asking ------------------------------------------------------------------------------------------------------------


def test_those_who_have_the_project_are_told(cast: Cast, question: Question) -> None:
    assert "Who has scanned old files?" in told(cast, "achern")
    assert "Who has scanned old files?" in told(cast, "lahr")
    assert "scanned" not in told(cast, "durbach")
    assert "scanned" not in told(cast, "kehl")  # it asks itself
    change = Change.objects.get(verb="question_asked")
    accessions = Accession.objects.filter(network=cast.network, municipality__short_name__in=["Achern", "Lahr"])
    assert {region_id("questions-to", pk) for pk in accessions.values_list("pk", flat=True)} <= set(change.regions)
    assert sentence(change) == "Kehl asks: “Who has scanned old files?”"


def test_without_a_project_those_of_the_topic_block_are_told(cast: Cast, project: Project) -> None:
    make_question(cast, block="administration")
    make_question(cast, block="governance", title="Who decides?")
    assert "scanned" in told(cast, "achern")
    assert "Who decides?" not in told(cast, "achern")


def test_a_town_that_has_left_the_project_or_is_only_interested_is_not_told(cast: Cast, project: Project) -> None:
    involve(project, cast.durbach, "interested")
    project.involvements.filter(municipality=cast.town("lahr")).update(until=project.involvements.first().since)
    make_question(cast, project=project)
    assert "scanned" not in told(cast, "durbach")
    assert "scanned" not in told(cast, "lahr")


def test_a_solved_question_is_nobodys_task_any_more(cast: Cast, question: Question) -> None:
    answer = answer_question(question=question, text="We did.", by=cast.achern)
    mark_solution(question=question, answer=answer, expected=0, by=cast.kehl)
    assert "scanned" not in told(cast, "achern")


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 200), ("kehl", 200), ("guide", 200), ("mayor", 403), ("guest", 404), ("other", 404)],
)
def test_who_asks(cast: Cast, client_for, who: str, status: int) -> None:
    assert client_for(getattr(cast, who)).get(f"{LIST}add/").status_code == status


def test_asking_with_the_form(cast: Cast, project: Project, client_for) -> None:
    client, once = client_for(cast.guide), str(uuid4())
    body = {"title": "Which scanner?", "text": "", "project": project.pk, "block": "", "request_id": once}
    for _time in range(2):
        answer = client.post(f"{LIST}add/", body, headers=HTMX)
        assert answer.status_code == 204
    asked = Question.objects.get()
    assert (asked.municipality, asked.asked_by) == (cast.town("lahr"), cast.guide)
    assert client_for(cast.kehl).post(f"{LIST}add/", body, headers=HTMX).status_code == 422
    assert Question.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"text": "x" * 5001},
        {"title": "a\0b"},
        {"project": "", "block": ""},
        {"project": "999999"},
        {"project": "abc"},
        {"block": "nonsense"},
        {"request_id": "not-a-uuid"},
    ],
)
def test_what_the_form_refuses(cast: Cast, project: Project, client_for, wrong: dict[str, str]) -> None:
    body = {"title": "Which scanner?", "text": "", "project": str(project.pk), "block": "", **wrong}
    assert client_for(cast.kehl).post(f"{LIST}add/", body, headers=HTMX).status_code == 422
    assert not Question.objects.exists()


def test_a_project_of_another_network_cannot_be_named(cast: Cast, client_for) -> None:
    foreign = make_project(cast.other, "Parking")
    body = {"title": "Which scanner?", "project": foreign.pk, "block": ""}
    assert client_for(cast.kehl).post(f"{LIST}add/", body, headers=HTMX).status_code == 422
    with pytest.raises(PermissionDenied):
        make_question(cast, project=foreign)
    with pytest.raises(Refused):
        make_question(cast, block="nonsense")


# -- answering ---------------------------------------------------------------------------------------------------------


def test_answers_are_kept_and_one_solves_it(cast: Cast, question: Question, client_for) -> None:
    first = answer_question(question=question, text="Ask the archive.", by=cast.guide)
    second = answer_question(question=question, text="We have a service for this.", by=cast.achern)
    page = client_for(cast.kehl).get(f"{LIST}{question.pk}/").content.decode()
    assert page.index("Ask the archive.") < page.index("We have a service for this.")
    body = {"answer": second.pk, "expected": 0}
    assert client_for(cast.kehl).post(f"{LIST}{question.pk}/solve/", body, headers=HTMX).status_code == 204
    page = client_for(cast.mayor).get(f"{LIST}{question.pk}/").content.decode()
    assert page.index("We have a service for this.") < page.index("Ask the archive.")
    assert page.count("Solution") == 1
    assert "This solved it" not in page  # a mayor reads
    question.refresh_from_db()
    assert (question.state, question.solution_id) == ("solved", second.pk)
    assert first.pk != second.pk


def test_the_town_that_asked_is_told_of_answers_until_it_says_what_helped(cast: Cast, question: Question) -> None:
    assert "Answers for Kehl" not in told(cast, "kehl")
    answer = answer_question(question=question, text="Ask the archive.", by=cast.guide)
    home = Accession.objects.get(network=cast.network, municipality=cast.town("kehl"))
    assert region_id("questions-to", home.pk) in Change.objects.get(verb="question_answered").regions
    assert "Answers for Kehl" in told(cast, "kehl") and question.title in told(cast, "kehl")
    assert "Answers for" not in told(cast, "achern"), "it was not theirs"
    mark_solution(question=question, answer=answer, expected=0, by=cast.kehl)
    assert "Answers for Kehl" not in told(cast, "kehl")


def test_addresses_in_answers_can_be_followed(cast: Cast, question: Question, client_for) -> None:
    answer_question(question=question, text="<b>See</b> https://archive.example/how?a=1&b=2", by=cast.guide)
    page = client_for(cast.kehl).get(f"{LIST}{question.pk}/").text
    assert '<a href="https://archive.example/how?a=1&amp;b=2" rel="nofollow">' in page
    assert "<b>See" not in page


def test_the_same_answer_sent_twice_is_one(cast: Cast, question: Question, client_for) -> None:
    client, body = client_for(cast.achern), {"text": "Like this.", "request_id": str(uuid4())}
    for _time in range(2):
        assert client.post(f"{LIST}{question.pk}/answer/", body, headers=HTMX).status_code == 204
    assert question.answers.count() == 1
    # Somebody else's form, and another question's, are not taken for it.
    assert client_for(cast.guide).post(f"{LIST}{question.pk}/answer/", body, headers=HTMX).status_code == 422
    other = make_question(cast, block="governance", title="Another?")
    assert client.post(f"{LIST}{other.pk}/answer/", body, headers=HTMX).status_code == 422


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001, "a\0b"])
def test_an_answer_needs_words(cast: Cast, question: Question, client_for, text: str) -> None:
    answer = client_for(cast.achern).post(f"{LIST}{question.pk}/answer/", {"text": text}, headers=HTMX)
    assert answer.status_code == 422
    assert not question.answers.exists()


@pytest.mark.parametrize(("who", "status"), [("mayor", 403), ("guest", 404), ("other", 404)])
def test_who_does_not_answer(cast: Cast, question: Question, client_for, who: str, status: int) -> None:
    path = f"{LIST}{question.pk}/answer/"
    assert client_for(getattr(cast, who)).post(path, {"text": "No"}, headers=HTMX).status_code == status


def test_an_author_changes_their_answer_and_nobody_else_does(cast: Cast, question: Question, client_for) -> None:
    answer = answer_question(question=question, text="First", by=cast.achern)
    path = f"{LIST}answers/{answer.pk}/edit/"
    for who in (cast.kehl, cast.coordinator, cast.mayor):
        assert client_for(who).post(path, {"text": "Mine", "version": 1}, headers=HTMX).status_code == 403
    assert client_for(cast.achern).post(path, {"text": "Second", "version": 1}, headers=HTMX).status_code == 204
    with pytest.raises(Stale):
        edit_answer(answer=answer, text="Third", version=1, by=cast.achern)
    conflict = client_for(cast.achern).post(path, {"text": "Third", "version": 1}, headers=HTMX)
    assert conflict.status_code == 409
    assert "Second" in conflict.content.decode()
    assert "Third" in conflict.content.decode()
    history = client_for(cast.kehl).get(f"{LIST}{question.pk}/").content.decode()
    assert ">First</blockquote>" in history


def test_withdrawn_twice_in_a_row_is_withdrawn_once(cast: Cast, question: Question, client_for) -> None:
    answer = answer_question(question=question, text="Wrong", by=cast.achern)
    for _time in range(2):
        sent = client_for(cast.achern).post(f"{LIST}answers/{answer.pk}/withdraw/", headers=HTMX)
        assert sent.status_code == 204
    assert client_for(cast.achern).get(f"{LIST}answers/{answer.pk}/edit/").status_code == 404
    assert Change.objects.filter(verb="answer_withdrawn").count() == 1


def test_a_project_of_another_block_brings_other_questions_home(cast: Cast, project: Project) -> None:
    values = {"title": "E-Akte", "summary": "", "goal": "", "block": "governance", "group": None}
    save_part(project=project, part="basics", values=values, version=1, by=cast.achern)
    home = Accession.objects.get(network=cast.network, municipality=cast.achern.municipality)
    assert region_id("questions-to", home.pk) in Change.objects.latest("version").regions


def test_a_withdrawn_answer_is_gone_from_the_page_and_not_from_the_record(cast: Cast, question: Question) -> None:
    answer = answer_question(question=question, text="Wrong", by=cast.achern)
    with pytest.raises(PermissionDenied):
        withdraw_answer(answer=answer, by=cast.durbach)
    for _time in range(2):
        withdraw_answer(answer=answer, by=cast.achern)
    assert "Wrong" not in render(region_id("question", question.pk), "officer", "en")
    assert question.answers.count() == 1
    assert Change.objects.filter(verb="answer_withdrawn").count() == 1


def test_the_solution_stays_until_the_mark_is_taken_off(cast: Cast, question: Question) -> None:
    answer = answer_question(question=question, text="Right", by=cast.achern)
    mark_solution(question=question, answer=answer, expected=0, by=cast.coordinator)
    with pytest.raises(Refused):
        withdraw_answer(answer=answer, by=cast.achern)
    reopen_question(question=question, by=cast.kehl)
    withdraw_answer(answer=answer, by=cast.achern)
    with pytest.raises(Refused):
        mark_solution(question=question, answer=answer, expected=0, by=cast.kehl)


def test_who_marks_the_solution(cast: Cast, question: Question) -> None:
    answer = answer_question(question=question, text="Right", by=cast.achern)
    kehls_guide = make_member(cast.network, "guide", cast.town("kehl"), "guide@kehl.example")
    for who in (cast.achern, cast.guide, cast.mayor):
        with pytest.raises(PermissionDenied):
            mark_solution(question=question, answer=answer, expected=0, by=who)
    mark_solution(question=question, answer=answer, expected=0, by=kehls_guide)
    mark_solution(question=question, answer=answer, expected=0, by=cast.kehl)  # once more does nothing
    assert Change.objects.filter(verb="question_solved").count() == 1


def test_another_mark_meanwhile_is_not_replaced_unseen(cast: Cast, question: Question, client_for) -> None:
    first, second = (answer_question(question=question, text=text, by=cast.achern) for text in ("One", "Two"))
    mark_solution(question=question, answer=first, expected=0, by=cast.coordinator)
    body = {"answer": second.pk, "expected": 0}
    answer = client_for(cast.kehl).post(f"{LIST}{question.pk}/solve/", body, headers=HTMX)
    assert answer.status_code == 409
    assert "has%20just%20marked" in answer.headers["X-Message"]
    mark_solution(question=question, answer=second, expected=first.pk, by=cast.kehl)


def test_an_answer_to_another_question_solves_nothing(cast: Cast, question: Question, client_for) -> None:
    other = make_question(cast, block="governance", title="Another?")
    answer = answer_question(question=other, text="There", by=cast.achern)
    path, client = f"{LIST}{question.pk}/solve/", client_for(cast.kehl)
    for value in (answer.pk, "", "abc", "9" * 30, "-1"):
        assert client.post(path, {"answer": value}, headers=HTMX).status_code == 404


# -- rewording, withdrawing --------------------------------------------------------------------------------------------


def test_rewording_needs_the_own_town_and_the_newest_words(cast: Cast, question: Question, client_for) -> None:
    path, body = f"{LIST}{question.pk}/edit/", {"title": "Who scans?", "text": "", "version": 1, "block": "governance"}
    for who in (cast.achern, cast.coordinator, cast.mayor):
        assert client_for(who).post(path, body, headers=HTMX).status_code == 403
    assert client_for(cast.kehl).post(path, body, headers=HTMX).status_code == 204
    assert client_for(cast.kehl).post(path, body, headers=HTMX).status_code == 204  # sent twice
    conflict = client_for(cast.kehl).post(path, {**body, "title": "Who else?"}, headers=HTMX)
    assert conflict.status_code == 409
    assert "Who scans?" in conflict.content.decode()
    # It is about something else now: those who were told are not asked any more.
    assert "scans" not in told(cast, "achern")


def test_edit_tells_those_who_knew_before(cast: Cast, question: Question) -> None:
    edit_question(question=question, title="A", text="", block="governance", project=None, version=1, by=cast.kehl)
    achern = Accession.objects.get(network=cast.network, municipality=cast.town("achern"))
    assert region_id("questions-to", achern.pk) in Change.objects.get(verb="question_edited").regions


def test_withdrawn_is_not_deleted(cast: Cast, question: Question, client_for) -> None:
    answer_question(question=question, text="Maybe", by=cast.achern)
    path = f"{LIST}{question.pk}/"
    assert client_for(cast.achern).post(f"{path}withdraw/", headers=HTMX).status_code == 403
    for _time in range(2):
        assert client_for(cast.kehl).post(f"{path}withdraw/", headers=HTMX).status_code == 204
    assert "It stays readable here" in client_for(cast.achern).get(path).content.decode()
    assert client_for(cast.achern).post(f"{path}answer/", {"text": "Too late"}, headers=HTMX).status_code == 422
    assert "scanned" not in told(cast, "achern")
    assert client_for(cast.kehl).post(f"{path}reopen/", headers=HTMX).status_code == 204
    assert "scanned" in told(cast, "achern")
    assert withdraw_question(question=question, by=cast.coordinator).state == "withdrawn"


# -- lists -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(cast: Cast, project: Project) -> Cast:
    make_question(cast, title="About the project", project=project)
    solved = make_question(cast, title="About the block", block="governance", by=cast.guide)
    answer = answer_question(question=solved, text="Straßenverzeichnis", by=cast.achern)
    mark_solution(question=solved, answer=answer, expected=0, by=cast.guide)
    gone = make_question(cast, title="Gone", block="governance", by=cast.coordinator)
    withdraw_question(question=gone, by=cast.coordinator)
    return cast


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Gone", "About the block", "About the project"]),
        ("state=open", ["About the project"]),
        ("state=solved", ["About the block"]),
        ("state=withdrawn", ["Gone"]),
        ("block=administration", ["About the project"]),
        ("block=governance", ["Gone", "About the block"]),
        ("q=straße", ["About the block"]),
        ("q=Kehl", ["About the project"]),
        ("q=project+missing", []),
    ],
)
def test_filters(filled: Cast, client_for, query: str, expected: list[str]) -> None:
    page = client_for(filled.mayor).get(f"{LIST}?{query}").content.decode()
    titles = re.findall(r'-q\d+-link"[^>]*><bdi>([^<]*)</bdi>', page)
    assert titles == expected


@pytest.mark.parametrize(
    "query", ["state=%00", "block=%00", "block=a b", "project=x", "project=" + "9" * 40, "page=0", "q=%00", "q=%ff"]
)
def test_a_strange_query_still_shows_a_list(filled: Cast, client_for, query: str) -> None:
    assert client_for(filled.kehl).get(f"{LIST}?{query}").status_code == 200


def test_every_search_has_a_region_that_a_screen_can_ask_for(filled: Cast) -> None:
    wanted = QuestionFilter.parse(f"state=open&block=governance&project=1&q={'🚲' * 200}&page=9")
    assert audience_of(f"question-list-{filled.network.pk}~{wanted.variant}", filled.kehl) == "officer"
    assert QuestionFilter.parse(wanted.variant) == wanted


def test_the_same_queries_for_one_question_and_for_many(cast: Cast, project: Project, client_for) -> None:
    achern = Accession.objects.get(network=cast.network, municipality=cast.town("achern"))
    regions = [
        region_id("question-list", cast.network.pk),
        region_id("project-questions", project.pk),
        region_id("questions-to", achern.pk),
    ]

    def queries() -> list[int]:
        counts = []
        for region in regions:
            with CaptureQueriesContext(
                connection,
            ) as caught:
                render(region, "officer", "en")
            counts.append(len(caught))
        return counts

    question = make_question(cast, project=project)
    answer_question(question=question, text="One", by=cast.achern)
    few = queries()
    for number in range(40):
        question = make_question(cast, project=project, title=f"Q{number}")
        answer_question(question=question, text="Many", by=cast.achern)
    assert queries() == few


def test_the_page_of_a_question_takes_the_same_queries_for_any_number_of_answers(
    cast: Cast, question: Question
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            render(region_id("question", question.pk), "officer", "en")
        return len(caught)

    answer_question(question=question, text="One", by=cast.achern)
    few = queries()
    for number in range(20):
        answer_question(question=question, text=f"{number}", by=cast.achern)
    assert queries() == few


# -- found again -------------------------------------------------------------------------------------------------------


def test_what_helped_is_found_again(cast: Cast, question: Question) -> None:
    answer = answer_question(question=question, text="Ein Dienstleister hat unsere Akten eingescannt.", by=cast.achern)
    mark_solution(question=question, answer=answer, expected=0, by=cast.kehl)
    (shelf,) = find(cast.durbach, "Dienstleistern").shelves
    assert shelf.hits[0].address == f"{LIST}{question.pk}/#answer-{answer.pk}"
    assert shelf.hits[0].place == "Solution: Achern"
    edit_answer(answer=answer, text="Das Archiv.", version=1, by=cast.achern)
    assert not find(cast.durbach, "Dienstleistern").shelves
    withdraw_question(question=question, by=cast.kehl)
    assert not find(cast.durbach, "Archiv").shelves
    reopen_question(question=question, by=cast.kehl)
    assert find(cast.durbach, "Archiv").shelves
