"""The live regions of the work on a project."""

from __future__ import annotations

from collab.live.regions import Context, Region, register

from . import audiences


def _nothing(pk: int, audience: str, variant: str) -> Context:
    return {}


register(Region("project-work", "workgroups/fragments/project_work.html", audiences.of_project, _nothing))
