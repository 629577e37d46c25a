"""Reads: questions to the network and their answers. Lists take the same number of queries however long they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, QueryDict

from collab.live.log import history
from collab.live.models import Change
from collab.live.once import once
from collab.network.models import Accession, Membership
from workgroups.models import Answer, Involvement, Question
from workgroups.rules import may_read_projects

from .texts import ListFilter, block_code, containing, one_of, whole_number

PAGE_SIZE = 25
ON_PROJECT = 8
State = Question.State
TABS = ("all", "open", "solved", "withdrawn")
QUESTION_WITH = ("network", "municipality", "asked_by__person", "asked_by__municipality", "project")
# A town in one of these parts knows something about the project.
KNOWING = (Involvement.Role.LEAD, Involvement.Role.CONTRIBUTOR, Involvement.Role.REUSER)


@dataclass(frozen=True)
class QuestionFilter(ListFilter):
    state: str = "all"
    block: str = ""
    project: int | None = None

    @classmethod
    def parse(cls, query: str | QueryDict) -> QuestionFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = cls.values_of(query)
        wanted = cls(
            state=one_of(values.get("state", ""), TABS) or "all",
            block=block_code(values.get("block", "")),
            project=whole_number(values.get("project", "")),
            **cls.paged(values),
        )
        return wanted.cut()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.block or self.project or self.q)


@dataclass(frozen=True)
class QuestionList:
    """One page of the list, and how many entries each tab has under the same filters."""

    page: Page[Question]
    counts: dict[str, int]


def get_question_for(membership: Membership, pk: int) -> Question:
    """Return the question; raises Http404 where it does not exist or this member may not see it."""
    question = Question.objects.select_related(*QUESTION_WITH).filter(pk=pk, network=membership.network_id).first()
    if question is None or not may_read_projects(membership):
        raise Http404
    return question


def get_answer_for(membership: Membership, pk: int, *, withdrawn: bool = False) -> Answer:
    """Return an answer; raises Http404 where there is none or this member may not see it, and where it was withdrawn
    unless `withdrawn` says that this does not matter.
    """
    answers = Answer.objects.select_related("question__network", "written_by__person", "written_by__municipality")
    answer = answers.filter(pk=pk, question__network=membership.network_id).first()
    if answer is None or not may_read_projects(membership) or (answer.withdrawn_at and not withdrawn):
        raise Http404
    return answer


def _listed() -> QuerySet[Question]:
    answers = Count("answers", filter=Q(answers__withdrawn_at=None))
    return Question.objects.select_related(*QUESTION_WITH).annotate(answer_count=answers)


@once
def questions_of(network_id: int, wanted: QuestionFilter) -> QuestionList:
    """Return one page of the network's questions, the newest first, and the counts of its tabs; three queries."""
    everything = _narrowed(Question.objects.filter(network=network_id), wanted)
    states = {state: Count("pk", filter=Q(state=state)) for state in TABS if state != "all"}
    counts = everything.aggregate(**states)
    counts["all"] = sum(counts.values())
    found = Paginator(filtered_questions(network_id, wanted), PAGE_SIZE).get_page(wanted.page)
    found.object_list = list(found.object_list)
    return QuestionList(found, counts)


def filtered_questions(network_id: int, wanted: QuestionFilter) -> QuerySet[Question]:
    """Return all questions that the filter names, the newest first; exports have them all."""
    questions = _narrowed(_listed().filter(network=network_id), wanted).filter(_in_state(wanted.state))
    return questions.order_by("-asked_at", "-pk")


def _in_state(state: str) -> Q:
    return Q() if state == "all" else Q(state=state)


def _narrowed(questions: QuerySet[Question], wanted: QuestionFilter) -> QuerySet[Question]:
    if wanted.block:
        questions = questions.filter(Q(block=wanted.block) | Q(project__block=wanted.block))
    if wanted.project:
        questions = questions.filter(project=wanted.project)
    if not wanted.q:
        return questions
    # An answer is a row of its own: a join would list a question once per answer.
    about = Q()
    for word in wanted.q.split():
        said = Answer.objects.filter(text__icontains=word, withdrawn_at=None).values("question")
        about &= containing(word, "title", "text", "project__title", "municipality__short_name") | Q(pk__in=said)
    return questions.filter(about)


@once
def question_with_people(pk: int) -> Question:
    """Return the question for what its region shows; raises Question.DoesNotExist."""
    return Question.objects.select_related(*QUESTION_WITH).get(pk=pk)


@once
def answers_of(question_id: int) -> list[Answer]:
    """Return the answers that were not withdrawn, the solution first, then as they were given."""
    answers = Answer.objects.filter(question=question_id, withdrawn_at=None).order_by("written_at", "pk")
    found = list(answers.select_related("written_by__person", "written_by__municipality", "solves"))
    return sorted(found, key=lambda answer: not is_solution(answer))


def is_solution(answer: Answer) -> bool:
    """Whether the question's own people marked it as the solution."""
    return getattr(answer, "solves", None) is not None


@once
def history_of_question(pk: int) -> list[Change]:
    """Return what happened to the question and its answers, the newest first."""
    return list(history(Question(pk=pk)))


@once
def questions_about(project_id: int) -> tuple[list[Question], int]:
    """Return the newest questions about a project and how many there are, withdrawn ones left out; two queries."""
    about = _listed().filter(project=project_id).exclude(state=State.WITHDRAWN)
    return list(about.order_by("-asked_at", "-pk")[:ON_PROJECT]), about.count()


def towns_that_know(question: Question) -> list[str]:
    """Return the towns that lead, help with or reuse the project it is about, else a project of its topic block; the
    town that asks left out.
    """
    parts = Involvement.objects.filter(until=None, role__in=KNOWING, project__network=question.network_id)
    if question.project_id:
        # Who was joined to another project is asked there.
        here = Q(project=question.project_id) | Q(project__joined_from=question.project_id)
        parts = parts.filter(here)
    else:
        parts = parts.filter(project__block=question.block or None)
    towns = (
        parts.exclude(municipality=question.municipality_id or "")
        .order_by("municipality")
        .values_list("municipality", flat=True)
    )
    return list(towns.distinct())


def open_questions_to(accession: Accession) -> QuerySet[Question]:
    """Return the open questions that a town may know something about, the newest first."""
    parts = Involvement.objects.filter(
        until=None, role__in=KNOWING, municipality=accession.municipality_id, project__network=accession.network_id
    )
    blocks = parts.exclude(project__block="").values("project__block")
    own = parts.values("project")
    known = Q(project__in=own) | Q(project__joined_to__in=own) | Q(project=None, block__in=blocks)
    questions = _listed().filter(known, network=accession.network_id, state=State.OPEN)
    asked_itself = Q(municipality=accession.municipality_id, municipality__isnull=False)
    return questions.exclude(asked_itself).order_by("-asked_at", "-pk")


def answered_questions_of(accession: Accession) -> QuerySet[Question]:
    """Return the questions of a town that were answered and wait for it to say what helped, the newest first."""
    asked = _listed().filter(network=accession.network_id, municipality=accession.municipality_id, state=State.OPEN)
    return asked.filter(pk__in=Answer.objects.filter(withdrawn_at=None).values("question")).order_by("-asked_at", "-pk")
