"""Questions and answers at the same moment, over real transactions."""

from __future__ import annotations

from uuid import uuid4

import pytest

from collab.live.answers import Stale
from collab.live.models import Change
from collab.search.queries import find
from tests.conftest import Cast, make_cast, make_project
from tests.test_races import assert_versions_gapless, at_once, errors, values
from workgroups.domain.question import (
    answer_question,
    ask_question,
    edit_question,
    mark_solution,
    withdraw_answer,
    withdraw_question,
)
from workgroups.models import Question

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def question(cast: Cast) -> Question:
    project = make_project(cast.achern, "E-Akte")
    return ask_question(network=cast.network, title="Scanner?", text="", block="", project=project, by=cast.kehl)


def test_the_same_form_at_the_same_moment_asks_and_answers_once(cast: Cast, question: Question) -> None:
    once = uuid4()
    body = {"network": cast.network, "title": "Which?", "text": "", "block": "governance", "project": None}
    asked = values(at_once(*[lambda: ask_question(**body, by=cast.kehl, request_id=once)] * 6))
    assert len({one.pk for one in asked}) == 1
    words = {"question": question, "text": "This", "by": cast.achern, "request_id": uuid4()}
    answered = values(at_once(*[lambda: answer_question(**words)] * 6))
    assert len({one.pk for one in answered}) == 1
    assert Change.objects.filter(verb="question_answered").count() == 1
    assert_versions_gapless(cast.network.pk)


def test_many_answers_at_once_are_all_kept_and_found(cast: Cast, question: Question) -> None:
    people = (cast.achern, cast.durbach, cast.guide, cast.coordinator)
    works = [
        lambda k=k: answer_question(question=question, text=f"Erfahrung{k}", by=people[k % len(people)])
        for k in range(12)
    ]
    assert not errors(at_once(*works))
    assert question.answers.count() == 12
    for k in range(12):
        assert find(cast.kehl, f"Erfahrung{k}").total == 1
    assert_versions_gapless(cast.network.pk)


def test_two_solutions_at_once(cast: Cast, question: Question) -> None:
    first, second = (answer_question(question=question, text=text, by=cast.achern) for text in ("One", "Two"))
    outcomes = at_once(
        lambda: mark_solution(question=question, answer=first, expected=0, by=cast.kehl),
        lambda: mark_solution(question=question, answer=second, expected=0, by=cast.coordinator),
    )
    assert errors(outcomes) == ["Refused"]
    question.refresh_from_db()
    assert question.solution_id == values(outcomes)[0].solution_id
    assert Change.objects.filter(verb="question_solved").count() == 1


def test_an_answer_is_marked_and_withdrawn_at_once(cast: Cast, question: Question) -> None:
    answer = answer_question(question=question, text="One", by=cast.achern)
    outcomes = at_once(
        lambda: mark_solution(question=question, answer=answer, expected=0, by=cast.kehl),
        lambda: withdraw_answer(answer=answer, by=cast.achern),
    )
    assert errors(outcomes) == ["Refused"]
    question.refresh_from_db()
    answer.refresh_from_db()
    assert (question.solution_id is None) == (answer.withdrawn_at is not None)


def test_an_answer_and_the_withdrawal_of_the_question_at_once(cast: Cast, question: Question) -> None:
    outcomes = at_once(
        lambda: withdraw_question(question=question, by=cast.kehl),
        lambda: answer_question(question=question, text="Spätzünder", by=cast.achern),
    )
    assert errors(outcomes) in ([], ["Refused"])
    # Whichever was first: what was withdrawn is not found.
    assert find(cast.kehl, "Spätzünder").total == 0
    assert find(cast.kehl, "Scanner").total == 0


def test_two_rewordings_at_once(cast: Cast, question: Question) -> None:
    outcomes = at_once(
        *(
            lambda k=k: edit_question(
                question=question,
                title=f"Scanner {k}?",
                text="",
                block="",
                project=question.project,
                version=1,
                by=cast.kehl,
            )
            for k in range(4)
        )
    )
    assert errors(outcomes) == ["Stale"] * 3
    stale = next(outcome.error for outcome in outcomes if isinstance(outcome.error, Stale))
    assert stale.current.title == Question.objects.get(pk=question.pk).title
