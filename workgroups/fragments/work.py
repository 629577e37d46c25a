"""The live region of the work on a project: its action items, its working group, the meetings that talk about it."""

from __future__ import annotations

from collab.live.regions import Context, Region, register
from workgroups.queries.work import agenda_items_about, open_work_of, project_at_work

from . import audiences


def work_context(pk: int, audience: str, variant: str) -> Context:
    project = project_at_work(pk)
    return {
        "project": project,
        "network": project.network,
        "actions": open_work_of(pk),
        "items": agenda_items_about(project),
        "may_add": audience != audiences.READER and project.joined_to_id is None,
    }


register(Region("project-work", "workgroups/fragments/project_work.html", audiences.of_project, work_context))
