"""Asking the network for help (Amtshilfe): a town asks, others answer, the town says what solved it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Accession, Membership, Network
from collab.search import index
from workgroups import rules
from workgroups.models import Answer, Project, Question
from workgroups.queries.entries import question_entry
from workgroups.queries.project import blocks_of
from workgroups.queries.question import towns_that_know

State = Question.State
MOST_ANSWERS = 200


@transaction.atomic
def ask_question(
    *,
    network: Network,
    title: str,
    text: str,
    block: str,
    project: Project | None,
    by: Membership,
    request_id: UUID | None = None,
) -> Question:
    """Ask the network, and return the question (the same one when the form was sent twice).

    Whoever has the project, or one of that topic block, is told.
    """
    network = Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    need(by.network_id == network.pk and rules.may_ask(by))
    if request_id and (twin := Question.objects.filter(request_id=request_id, asked_by=by).first()):
        return twin
    need_new_form(Question, request_id)
    _check_tags(network, block, project)
    values = {"title": title, "text": text, "block": block, "project": project}
    question = Question(network=network, asked_by=by, municipality=by.municipality, request_id=request_id, **values)
    question.save()
    return _recorded(question, "question_asked", by)


@transaction.atomic
def edit_question(
    *, question: Question, title: str, text: str, block: str, project: Project | None, version: int, by: Membership
) -> Question:
    """Reword it or tag it otherwise; raises Stale where somebody else changed its words since `version`."""
    question = locked_question(question)
    need(rules.may_edit_question(by, question))
    wanted = {"title": title, "text": text, "block": block, "project": project}
    before = {name: getattr(question, name) for name in wanted}
    if before == wanted:
        return question
    if question.version != version:
        raise Stale(question, last_actor(question, "question_edited"))
    if (block, project) != (question.block, question.project):
        _check_tags(question.network, block, project)
    earlier = regions_of(question)
    for name, value in wanted.items():
        setattr(question, name, value)
    question.version += 1
    question.save(update_fields=[*wanted, "version"])
    old = {name: before[name] for name in ("title", "text") if before[name] != wanted[name]}
    return _recorded(question, "question_edited", by, *earlier, before=old)


@transaction.atomic
def withdraw_question(*, question: Question, by: Membership) -> Question:
    """Take it back: it stays readable, is not listed as open and not found. Twice does nothing more."""
    question = locked_question(question)
    need(rules.may_settle_question(by, question))
    if question.state == State.WITHDRAWN:
        return question
    return _settled(question, State.WITHDRAWN, None, "question_withdrawn", by)


@transaction.atomic
def reopen_question(*, question: Question, by: Membership) -> Question:
    """Ask again: the mark of the solution is removed, what was withdrawn stands again. Twice does nothing more."""
    question = locked_question(question)
    need(rules.may_settle_question(by, question))
    if question.state == State.OPEN:
        return question
    return _settled(question, State.OPEN, None, "question_reopened", by)


@transaction.atomic
def mark_solution(*, question: Question, answer: Answer, expected: int, by: Membership) -> Question:
    """Mark an answer as what solved it. `expected` is the key of the answer that was marked as the person saw it, 0
    for none; raises Refused where another one was marked meanwhile.
    """
    question = locked_question(question)
    need(rules.may_settle_question(by, question))
    answer = Answer.objects.select_related("written_by__person", "written_by__municipality").get(pk=answer.pk)
    need(answer.question_id == question.pk)
    if question.solution_id == answer.pk:
        return question
    _need_standing(question)
    if answer.withdrawn_at:
        raise Refused(_("This answer was withdrawn meanwhile. Mark another one."))
    if (question.solution_id or 0) != expected:
        who = last_actor(question, "question_solved")
        raise Refused(_("%(who)s has just marked another answer. Look at it first.") % {"who": who})
    return _settled(question, State.SOLVED, answer, "question_solved", by, helper=_acting(answer.written_by))


@transaction.atomic
def answer_question(*, question: Question, text: str, by: Membership, request_id: UUID | None = None) -> Answer:
    """Answer for one's own town, and return the answer (the same one when the form was sent twice)."""
    question = locked_question(question)
    need(by.network_id == question.network_id and rules.may_ask(by))
    if request_id and (twin := Answer.objects.filter(request_id=request_id, written_by=by, question=question).first()):
        return twin
    need_new_form(Answer, request_id)
    _need_standing(question)
    if question.answers.count() >= MOST_ANSWERS:
        raise Refused(_("There are very many answers already. Ask a new question that goes on from here."))
    answer = Answer.objects.create(question=question, text=text, written_by=by, request_id=request_id)
    _recorded(question, "question_answered", by)
    return answer


@transaction.atomic
def edit_answer(*, answer: Answer, text: str, version: int, by: Membership) -> Answer:
    """Change the words of one's own answer; raises Stale where they changed since `version`, in another window."""
    question, answer = _locked_answer(answer)
    need(rules.may_edit_answer(by, answer))
    if answer.text == text:
        return answer
    if answer.withdrawn_at:
        raise Refused(_("This answer was withdrawn meanwhile."))
    if answer.version != version:
        raise Stale(answer, str(answer.written_by))
    before, answer.text = answer.text, text
    answer.version += 1
    answer.save(update_fields=["text", "version"])
    _recorded(question, "answer_edited", by, before={"text": before})
    return answer


@transaction.atomic
def withdraw_answer(*, answer: Answer, by: Membership) -> Answer:
    """Take an answer back; the record stays. Twice does nothing more."""
    question, answer = _locked_answer(answer)
    need(rules.may_withdraw_answer(by, answer))
    if answer.withdrawn_at:
        return answer
    if question.solution_id == answer.pk:
        raise Refused(_("This answer is marked as the solution. Whoever asked opens the question again first."))
    answer.withdrawn_at = timezone.now()
    answer.save(update_fields=["withdrawn_at"])
    _recorded(question, "answer_withdrawn", by, helper=_acting(answer.written_by))
    return answer


def locked_question(question: Question) -> Question:
    """Return the question as it is now, locked until the end of the transaction.

    A row that had to be waited for comes with the joined rows of before the wait: only what never changes is joined.
    """
    rows = Question.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("network", "municipality", "asked_by").get(pk=question.pk)


def regions_of(question: Question) -> list[str]:
    """Return what shows the question: its page, the list, its project's page, the homes of who asks and who knows."""
    towns = [*towns_that_know(question), question.municipality_id or ""]
    homes = Accession.objects.filter(network=question.network_id, municipality__in=towns)
    return [
        region_id("question", question.pk),
        region_id("question-list", question.network_id),
        *([region_id("project-questions", question.project_id)] if question.project_id else []),
        *(region_id("questions-to", pk) for pk in homes.filter(left_on=None).values_list("pk", flat=True)),
    ]


def _locked_answer(answer: Answer) -> tuple[Question, Answer]:
    question = locked_question(Question(pk=answer.question_id))
    rows = Answer.objects.select_for_update(of=("self",), no_key=True)
    return question, rows.select_related("written_by__person", "written_by__municipality").get(pk=answer.pk)


def _check_tags(network: Network, block: str, project: Project | None) -> None:
    if not block and project is None:
        raise Refused(_("Choose a topic block or a project: whoever knows about it is told."))
    if block and block not in blocks_of(network.pk):
        raise Refused(_("This topic block does not exist in this network. Choose another one."))
    if project is not None:
        need(project.network_id == network.pk)


def _need_standing(question: Question) -> None:
    if question.state == State.WITHDRAWN:
        raise Refused(_("The question was withdrawn meanwhile. Whoever asked can open it again."))


def _settled(
    question: Question, state: str, solution: Answer | None, verb: str, by: Membership, **params: Any
) -> Question:
    question.state, question.solution = state, solution
    question.save(update_fields=["state", "solution"])
    return _recorded(question, verb, by, **params)


def _recorded(question: Question, verb: str, by: Membership, *earlier: str, **params: Any) -> Question:
    if question.state == State.WITHDRAWN:
        index.remove("question", [question.pk])
    else:
        index.put(question_entry(question))
    record(
        question.network,
        verb=verb,
        actor=by,
        obj=question,
        regions=[*regions_of(question), *earlier],
        params={"title": question.title, "town": _acting(by), **params},
    )
    return question


def _acting(member: Membership) -> str:
    """Return for whom somebody acts: the town; for the coordinator's office its own name."""
    return member.acts_for or str(member.person)
