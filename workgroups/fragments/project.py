"""The live regions of a project's page, and the sentences of what happens to projects."""

from __future__ import annotations

from collab.live.regions import Context, Region, register

from . import audiences


def _nothing(pk: int, audience: str, variant: str) -> Context:
    return {}


register(Region("project-head", "workgroups/fragments/project_head.html", audiences.of_project, _nothing))
register(Region("project-profile", "workgroups/fragments/project_profile.html", audiences.of_project, _nothing))
register(Region("project-history", "workgroups/fragments/project_history.html", audiences.of_project, _nothing))
