"""The live regions of questions to the network."""

from __future__ import annotations

from collab.live.regions import Context, Region, register

from . import audiences


def _nothing(pk: int, audience: str, variant: str) -> Context:
    return {}


register(Region("question-list", "workgroups/fragments/question_list.html", audiences.in_network, _nothing))
register(Region("project-questions", "workgroups/fragments/project_questions.html", audiences.of_project, _nothing))
register(Region("questions-to", "workgroups/fragments/questions_to.html", audiences.of_own_town, _nothing))
