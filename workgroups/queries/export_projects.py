"""Reads: the board, the online services, questions and groups as files have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from collab.network.models import Municipality
from workgroups import licences, ozg
from workgroups.models import Group, Involvement, PhaseChange, ProjectService, Question
from workgroups.tables import Table

from .board import BoardFilter, listed_of, rows_of
from .board import Row as BoardRow
from .coverage import CoverageFilter, covered
from .coverage import Row as ServiceRow
from .group import GroupRow, group_rows
from .project import blocks_of
from .question import QuestionFilter, filtered_questions

Role = Involvement.Role
Row = list[Any]


def board_table(network_id: int, wanted: BoardFilter) -> Table:
    """Return the projects of the board's filters with their profiles and who takes part; a fixed number of queries."""
    header = [
        _("Title"),
        _("Summary"),
        _("Goal"),
        _("Topic block"),
        _("Phase"),
        _("In this phase since"),
        pgettext("involvement", "Lead"),
        pgettext("involvement", "Contributor"),
        pgettext("involvement", "Reuser"),
        pgettext("involvement", "Interested"),
        _("Online services (OZG)"),
        _("Maturity"),
        _("Product"),
        _("Vendor"),
        _("Licence"),
        _("Repository"),
        _("Cost once (EUR)"),
        _("Cost per year (EUR)"),
        _("Note on the cost"),
        _("Legal notes"),
        _("Data protection"),
        _("Lessons learned"),
        _("Conditions for reuse"),
        _("Contact"),
        _("Next review"),
    ]
    return Table(_("Projects"), header, _projects(network_id, wanted))


def _projects(network_id: int, wanted: BoardFilter) -> Iterator[Row]:
    listed = [row.pk for row in listed_of(network_id, wanted)]
    rows, blocks = rows_of(network_id, listed), blocks_of(network_id)
    changes = PhaseChange.objects.filter(project__network=network_id).order_by("since", "pk")
    since = dict(changes.values_list("project", "since"))
    services: dict[int, list[str]] = {}
    for pk, ozg_id in ProjectService.objects.filter(project__network=network_id).values_list("project", "ozg_id"):
        services.setdefault(pk, []).append(ozg.line(ozg_id))
    for pk in listed:
        if row := rows.get(pk):
            yield _project(row, blocks, since.get(pk), services.get(pk, []))


def _project(row: BoardRow, blocks: dict[str, Any], since: Any, services: list[str]) -> Row:
    project, parts = row.project, row.by_role
    return [
        project.title,
        project.summary,
        project.goal,
        blocks.get(project.block, project.block),
        project.get_phase_display(),
        since,
        *(", ".join(str(part.municipality) for part in parts[role]) for role in Role.values),
        "; ".join(services),
        project.maturity,
        project.product,
        project.vendor,
        _("proprietary") if project.licence == licences.PROPRIETARY else project.licence,
        project.repository,
        project.cost_once,
        project.cost_yearly,
        project.cost_note,
        project.legal,
        project.data_protection,
        project.lessons,
        project.reuse_conditions,
        project.contact_text,
        project.review_on,
    ]


def coverage_table(network_id: int, wanted: CoverageFilter, town: Municipality | None) -> Table:
    """Return the services of the list's filters, of the network or as one town sees them."""
    header = [
        _("Policy field"),
        _("Life situation"),
        _("Online service"),
        _("OZG number"),
        *([str(town)] if town else []),
        _("Online in"),
        _("Municipalities"),
        _("Best level"),
        _("Projects"),
    ]
    rows = covered(network_id, wanted, town.pk if town else "")
    return Table(_("Online services"), header, (_service(row, town) for row in rows))


def _service(row: ServiceRow, town: Municipality | None) -> Row:
    projects = (f"{one.title} ({one.lead})" if one.lead else one.title for one in row.projects)
    return [
        row.service.field,
        row.service.situation,
        row.service.name,
        row.service.ozg_id,
        *([row.own_label] if town else []),
        row.cover.online,
        ", ".join(level.town for level in row.online),
        row.best_label,
        "; ".join(projects),
    ]


def question_table(network_id: int, wanted: QuestionFilter) -> Table:
    """Return the questions of the list's filters with their solutions, the newest first."""
    header = [
        _("Question"),
        _("More about it"),
        pgettext("question", "State"),
        _("Topic block"),
        _("Project"),
        _("Municipality"),
        _("Asked by"),
        _("Asked on"),
        _("Answers"),
        _("Solution"),
    ]
    blocks = blocks_of(network_id)
    questions = filtered_questions(network_id, wanted).select_related("solution")
    return Table(_("Questions"), header, (_question(question, blocks) for question in questions))


def _question(question: Question, blocks: dict[str, Any]) -> Row:
    return [
        question.title,
        question.text,
        question.get_state_display(),
        blocks.get(question.block, question.block),
        question.project or "",
        question.municipality or "",
        question.asked_by.person.name,
        localdate(question.asked_at),
        question.answer_count,  # type: ignore[attr-defined]
        question.solution.text if question.solution else "",
    ]


def group_table(network_id: int) -> Table:
    """Return the network's groups as their list shows them to everybody."""
    header = [
        _("Name"),
        _("Kind"),
        _("Purpose"),
        pgettext("group", "State"),
        _("Municipality in charge"),
        _("People"),
        _("Municipalities"),
        _("Next meeting"),
    ]
    return Table(_("Groups"), header, (_group(row) for row in group_rows(network_id)))


def _group(row: GroupRow) -> Row:
    group: Group = row.group
    return [
        group.name,
        group.get_kind_display(),
        group.purpose,
        group.get_state_display(),
        group.lead_town or "",
        len(row.members),
        row.towns,
        row.next_date,
    ]
