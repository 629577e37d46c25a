"""The live regions of questions to the network, and the sentences that tell what happens to them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live import verbs
from collab.live.once import once
from collab.live.regions import Context, Region, register
from collab.network.models import Accession, Membership, Network
from workgroups.models import Project, Question
from workgroups.queries.project import blocks_of
from workgroups.queries.question import (
    QuestionFilter,
    answered_questions_of,
    answers_of,
    history_of_question,
    is_solution,
    open_questions_to,
    question_with_people,
    questions_about,
    questions_of,
)

from . import audiences

# So many are shown at home; the list has them all.
AT_HOME = 6
MAY_ASK = (audiences.COORDINATOR, audiences.OFFICER, audiences.GUIDE)
TAB_LABELS = {
    "all": pgettext_lazy("questions", "All"),
    "open": pgettext_lazy("questions", "Open"),
    "solved": pgettext_lazy("questions", "Solved"),
    "withdrawn": pgettext_lazy("questions", "Withdrawn"),
}


def question_audience(membership: Membership, pk: int) -> str | None:
    is_here = Question.objects.filter(pk=pk, network=membership.network_id).exists()
    return audiences.in_network(membership, membership.network_id) if is_here else None


def question_context(pk: int, audience: str, variant: str) -> Context:
    question = question_with_people(pk)
    return {
        "network": question.network,
        "question": question,
        "block": blocks_of(question.network_id).get(question.block, ""),
        "answers": [(answer, is_solution(answer)) for answer in answers_of(pk)],
        "history": history_of_question(pk),
        # Rendered for all of a role and shown to the people of the town that asks (to the office: its own).
        "town": question.municipality_id or "",
        "may_ask": audience in MAY_ASK,
        "is_coordinator": audience == audiences.COORDINATOR,
    }


def list_context(pk: int, audience: str, variant: str) -> Context:
    wanted = QuestionFilter.parse(variant)
    found = questions_of(pk, wanted)
    tabs = [(state, label, found.counts[state], wanted.with_(state=state)) for state, label in TAB_LABELS.items()]
    return {
        "network": Network.objects.get(pk=pk),
        "found": found,
        "wanted": wanted,
        "tabs": tabs,
        "rows": _with_blocks(pk, found.page.object_list),
        "may_ask": audience in MAY_ASK,
    }


def about_project_context(pk: int, audience: str, variant: str) -> Context:
    project = Project.objects.select_related("network").get(pk=pk)
    questions, number = questions_about(pk)
    return {
        "network": project.network,
        "project": project,
        "rows": [(question, "") for question in questions],
        "number": number,
        "may_ask": audience in MAY_ASK,
    }


@once
def _town_of(pk: int) -> Accession:
    return Accession.objects.select_related("network", "municipality").get(pk=pk)


@once
def _open_to(pk: int) -> list[Question]:
    return list(open_questions_to(_town_of(pk))[: AT_HOME + 1])


@once
def _answered(pk: int) -> list[Question]:
    return list(answered_questions_of(_town_of(pk))[:AT_HOME])


def to_town_context(pk: int, audience: str, variant: str) -> Context:
    accession, questions = _town_of(pk), _open_to(pk)
    return {
        "network": accession.network,
        "town": accession.municipality,
        "rows": _with_blocks(accession.network_id, questions[:AT_HOME]),
        "answered": _with_blocks(accession.network_id, _answered(pk)),
        "more": len(questions) > AT_HOME,
    }


def _with_blocks(network_id: int, questions: Any) -> list[tuple[Question, Any]]:
    blocks = blocks_of(network_id)
    return [(question, blocks.get(question.block, "")) for question in questions]


register(
    Region(
        "question-list",
        "workgroups/fragments/question_list.html",
        audiences.in_network,
        list_context,
        canonical=lambda variant: QuestionFilter.parse(variant).variant,
    )
)
register(Region("question", "workgroups/fragments/question.html", question_audience, question_context))
register(
    Region(
        "project-questions",
        "workgroups/fragments/project_questions.html",
        audiences.of_project,
        about_project_context,
    )
)
register(Region("questions-to", "workgroups/fragments/questions_to.html", audiences.of_own_town, to_town_context))

verbs.register(
    {
        "question_asked": _("%(town)s asks: “%(title)s”"),
        "question_edited": _("%(actor)s changed the question “%(title)s”"),
        "question_answered": _("%(town)s answered “%(title)s”"),
        "answer_edited": _("%(actor)s changed an answer to “%(title)s”"),
        "answer_withdrawn": _("%(actor)s withdrew an answer of %(helper)s to “%(title)s”"),
        "question_solved": _("“%(title)s” is solved, with an answer from %(helper)s"),
        "question_reopened": _("%(town)s opened the question “%(title)s” again"),
        "question_withdrawn": _("%(town)s withdrew the question “%(title)s”"),
    },
    {"question": "/n/{slug}/questions/{pk}/"},
    quiet=("question_edited", "answer_edited", "answer_withdrawn"),
    spoken={
        "question_asked": (_("%(town)s asks: %(title)s"), _("{n} new questions")),
        "question_answered": (_("%(town)s answered: %(title)s"), _("{n} new answers")),
        "question_solved": (_("Solved: %(title)s"), _("{n} questions solved")),
    },
)
