"""Reads: what is found of groups, projects, experience, questions and action items, as the search keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from collab.network.models import Membership
from collab.search.index import Found, Part
from workgroups import ozg
from workgroups.models import ActionItem, Answer, ExperienceReport, Group, Project, Question

from .group import groups_of


def circle_of(group_id: int | None) -> str:
    """Return the circle of what may be a group's alone; empty for what belongs to no group."""
    return f"group:{group_id}" if group_id else ""


def circles_closed_to(membership: Membership) -> list[str]:
    """Return the circles of internal groups that this member does not belong to."""
    internal = Group.objects.filter(network=membership.network_id, is_internal=True)
    others = internal.exclude(pk__in=groups_of(membership).values("pk")).order_by("pk")
    return [circle_of(pk) for pk in others.values_list("pk", flat=True)]


def project_entry(project: Project) -> Found:
    """Return what is found of a project: its profile, its links and the services it serves."""
    catalogue = ozg.catalogue()
    services = [catalogue[row.ozg_id].name for row in project.services.all() if row.ozg_id in catalogue]
    product = (project.product, project.vendor, project.licence)
    parts = [
        Part(_("Summary"), project.summary),
        Part(_("Goal"), project.goal),
        Part(_("Online services"), ", ".join(services)),
        Part(_("Product"), ", ".join(text for text in product if text)),
        Part(_("Cost"), project.cost_note),
        Part(_("Legal notes"), project.legal),
        Part(_("Data protection"), project.data_protection),
        Part(_("Lessons learned"), project.lessons),
        Part(_("Conditions for reuse"), project.reuse_conditions),
        Part(_("Contact"), project.contact_text),
        Part(_("Links"), ", ".join(filter(None, (link.get("label") or link.get("url") for link in project.links)))),
    ]
    return Found(project.network_id, "project", project.pk, project.title, parts)


def project_entries(project: Project) -> list[Found]:
    """Return what is found of a project and of its newest experience report: both are called by its title."""
    reports = ExperienceReport.objects.filter(project=project.pk).select_related("project", "municipality")
    newest = reports.order_by("-number").first()
    return [project_entry(project), *([report_entry(newest)] if newest else [])]


def report_entry(report: ExperienceReport) -> Found:
    """Return what is found of the newest experience report of a project; an older one is not kept."""
    project, at = report.project, f"project-reuse-{report.project_id}"
    texts = {
        _("What it took"): report.took,
        _("What it cost"): report.cost,
        _("What we would do differently"): report.differently,
        _("What another municipality needs to start"): report.needed,
        _("Whom to call"): report.whom_to_call,
    }
    return Found(
        project.network_id,
        "experience",
        project.pk,
        project.title,
        [Part(label, text, at=at) for label, text in texts.items()],
        about=report.municipality.short_name,
        on=timezone.localdate(report.written_at),
    )


def _answers() -> QuerySet[Answer]:
    rows = Answer.objects.filter(withdrawn_at=None).order_by("written_at", "pk")
    return rows.select_related("written_by__person", "written_by__municipality")


def question_entry(question: Question, answers: list[Answer] | None = None) -> Found:
    """Return what is found of a question: its words and its answers (read where not given), the solution first."""
    answers = list(_answers().filter(question=question.pk)) if answers is None else answers
    answers.sort(key=lambda answer: answer.pk != question.solution_id)
    said = [_answer_part(answer, question.solution_id) for answer in answers]
    town = question.municipality.short_name if question.municipality else ""
    return Found(
        question.network_id,
        "question",
        question.pk,
        question.title,
        [Part(_("Question"), question.text), *said],
        about=", ".join(text for text in (town, question.project.title if question.project else "") if text),
        on=timezone.localdate(question.asked_at),
    )


def _answer_part(answer: Answer, solution_id: int | None) -> Part:
    label = _("Solution") if answer.pk == solution_id else _("Answer")
    return Part(label, answer.text, who=answer.written_by.acts_for, at=f"answer-{answer.pk}")


def group_entry(group: Group) -> Found:
    """Return what is found of a group: everybody in the network may know that it is there, and ask to join."""
    return Found(group.network_id, "group", group.pk, group.name, [Part(_("Purpose"), group.purpose)])


def action_entry(action: ActionItem) -> Found:
    """Return what is found of an action item."""
    belongs = (action.municipality and action.municipality.short_name, action.project or action.group)
    parts = [Part(_("Note"), action.note), Part(_("What was said about it"), action.state_note)]
    about = ", ".join(str(name) for name in belongs if name)
    return Found(action.network_id, "action", action.pk, action.title, parts, about=about)


def entries_naming(thing: Project | Group) -> list[Found]:
    """Return what is found of the action items and questions that name this project or group; they read its name."""
    rows = thing.action_items.select_related("municipality", "project", "group")
    found = [action_entry(action) for action in rows]
    if isinstance(thing, Project):
        asked = thing.questions.exclude(state=Question.State.WITHDRAWN).select_related("municipality", "project")
        answers: dict[int, list[Answer]] = {}
        for answer in _answers().filter(question__project=thing):
            answers.setdefault(answer.question_id, []).append(answer)
        found += [question_entry(question, answers.get(question.pk, [])) for question in asked]
    return found


def all_projects(network_id: int) -> Iterator[Found]:
    projects = Project.objects.filter(network=network_id, joined_to=None).prefetch_related("services")
    return map(project_entry, projects)


def all_reports(network_id: int) -> Iterator[Found]:
    newest: dict[int, ExperienceReport] = {}
    rows = ExperienceReport.objects.filter(project__network=network_id, project__joined_to=None)
    for report in rows.select_related("project", "municipality").order_by("number"):
        newest[report.project_id] = report
    return map(report_entry, newest.values())


def all_questions(network_id: int) -> Iterator[Found]:
    questions = Question.objects.filter(network=network_id).exclude(state=Question.State.WITHDRAWN)
    return map(question_entry, questions.select_related("municipality", "project"))


def all_groups(network_id: int) -> Iterator[Found]:
    return map(group_entry, Group.objects.filter(network=network_id))


def all_actions(network_id: int) -> Iterator[Found]:
    actions: Any = ActionItem.objects.filter(network=network_id)
    return map(action_entry, actions.select_related("municipality", "project", "group"))
