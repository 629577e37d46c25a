"""Reads: what carries a decision out (Beschlusskontrolle): who is in charge, until when, how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from collab.live.once import once
from collab.network.models import Membership, Municipality
from meetings.models import CarriedOut, Decision
from workgroups.models import ActionItem, Involvement, Project
from workgroups.queries.involvement import parts_today

from .decisions import get_decision_for

# So many can be chosen from; who looks for an older one links it from the search.
MOST_CHOICES = 300
ACTION_WITH = ("action_item__municipality", "action_item__person__person", "action_item__person__municipality")


@dataclass(frozen=True)
class Work:
    """An action item or a project that carries a decision out, as the tracking shows it."""

    link: CarriedOut
    # The town that leads the project, or is responsible for the action item.
    town: Municipality | None
    due_on: date | None
    is_done: bool
    is_overdue: bool
    delay: str
    note: str
    done_on: date | None

    @property
    def title(self) -> str:
        thing = self.link.action_item or self.link.project
        return thing.title if thing else ""


def linked() -> QuerySet[CarriedOut]:
    """Return what is linked today, with action item and project; the lead of a project is in its `leads`. Two
    queries.
    """
    leading = parts_today().filter(role=Involvement.Role.LEAD)
    rows = CarriedOut.objects.filter(removed_at=None).select_related(*ACTION_WITH, "project", "decision")
    return rows.prefetch_related(Prefetch("project__involvements", leading, to_attr="leads"))


def work_of(links: Iterable[CarriedOut], today: date | None = None) -> list[Work]:
    """Return the rows of the tracking: what is overdue first, then by due date, what is done last."""
    day = today or timezone.localdate()
    rows = [_of_action(link, link.action_item, day) if link.action_item else _of_project(link, day) for link in links]
    return sorted(rows, key=lambda row: (row.is_done, not row.is_overdue, row.due_on or date.max, row.link.pk))


def _of_action(link: CarriedOut, action: ActionItem, today: date) -> Work:
    is_done = not action.is_open
    return Work(
        link=link,
        town=action.municipality,
        due_on=action.due_on,
        is_done=is_done,
        is_overdue=action.is_overdue(today),
        delay=link.delay or action.due_reason,
        note=action.state_note if is_done else "",
        done_on=timezone.localdate(action.finished_at) if action.finished_at else None,
    )


def _of_project(link: CarriedOut, today: date) -> Work:
    leads: list[Involvement] = link.project.leads if link.project else []  # type: ignore[attr-defined]
    is_done = link.done_on is not None
    return Work(
        link=link,
        town=leads[0].municipality if leads else None,
        due_on=link.due_on,
        is_done=is_done,
        is_overdue=not is_done and link.due_on is not None and link.due_on < today,
        delay=link.delay,
        note=link.note,
        done_on=link.done_on,
    )


@once
def work_on(decision: Decision) -> list[Work]:
    """Return what carries the decision out; two queries."""
    return work_of(linked().filter(decision=decision))


@once
def suggested_actions(decision: Decision) -> list[ActionItem]:
    """Return the action items that were recorded on the same agenda item and are not linked yet; one query."""
    if decision.item_id is None:
        return []
    actions = ActionItem.objects.filter(recorded__item=decision.item_id).exclude(pk__in=_linked_actions(decision))
    return list(actions.select_related("municipality", "person__person").order_by("pk"))


def actions_to_link(decision: Decision) -> QuerySet[ActionItem]:
    """Return the open action items of the network that can be linked, those of the decision's group first."""
    actions = ActionItem.objects.filter(network=decision.network_id, state__in=ActionItem.OPEN_STATES)
    actions = actions.exclude(pk__in=_linked_actions(decision)).select_related("municipality")
    return actions.order_by("title", "pk")


def projects_to_link(decision: Decision) -> QuerySet[Project]:
    """Return the projects of the network that can be linked, by title."""
    there = CarriedOut.objects.filter(decision=decision, removed_at=None, project__isnull=False).values("project")
    projects = Project.objects.filter(network=decision.network_id, joined_to=None).exclude(pk__in=there)
    return projects.order_by("title", "pk")


def _linked_actions(decision: Decision) -> QuerySet[Any, Any]:
    return CarriedOut.objects.filter(decision=decision, removed_at=None, action_item__isnull=False).values(
        "action_item"
    )


def get_work_for(membership: Membership, pk: int) -> CarriedOut:
    """Return a link whose decision this member may see; raises Http404 for any other, to guests for each."""
    link = linked().filter(pk=pk, decision__network=membership.network_id).first()
    if link is None or membership.is_guest:
        raise Http404
    link.decision = get_decision_for(membership, link.decision.reference)
    return link


def leads_of(project_id: int) -> list[str]:
    """Return the keys of the towns that lead the project today."""
    leading = parts_today().filter(project=project_id, role=Involvement.Role.LEAD)
    return list(leading.values_list("municipality", flat=True))


def overdue_links(today: date) -> Q:
    """Return the condition for links whose action item or project is overdue."""
    action = Q(action_item__state__in=ActionItem.OPEN_STATES, action_item__due_on__lt=today)
    return action | Q(project__isnull=False, done_on=None, due_on__lt=today)
