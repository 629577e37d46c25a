"""Reads: the work on a project - what is to be done, and which meetings talked about it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from collab.live.once import once
from workgroups.models import ActionItem, Project

from .action_item import open_actions_of_project

# So many are shown on the project's page; the log has them all.
MOST_ACTIONS = 12
MOST_ITEMS = 8
ON_AGENDA = ("planned", "done", "deferred", "carried", "handed_on", "dropped")


@once
def project_at_work(project_id: int) -> Project:
    """Return the project with its group, and how many action items it has (`open`, `finished`); one query."""
    is_open = Q(action_items__state__in=ActionItem.OPEN_STATES)
    counts = {"open": Count("action_items", filter=is_open), "finished": Count("action_items", filter=~is_open)}
    return Project.objects.select_related("network", "group").annotate(**counts).get(pk=project_id)


@once
def open_work_of(project_id: int) -> list[ActionItem]:
    """Return the most urgent action items of the project; one query."""
    return list(open_actions_of_project(project_id)[:MOST_ACTIONS])


@once
def agenda_items_about(project: Project) -> list[Any]:
    """Return the newest agenda items about the project, with their meetings; one query.

    What an internal group has on its agenda, or any group for itself alone, is its own and left out.
    """
    items = project.agenda_items.filter(state__in=ON_AGENDA, meeting__group__is_internal=False)
    items = items.exclude(visibility="group")
    items = items.select_related("meeting").order_by("-meeting__date", "-meeting__start_time", "position", "pk")
    return list(items[:MOST_ITEMS])
