"""The live regions of who takes part in what."""

from __future__ import annotations

from collab.live.regions import Context, Region, register

from . import audiences


def _nothing(pk: int, audience: str, variant: str) -> Context:
    return {}


register(Region("project-towns", "workgroups/fragments/project_towns.html", audiences.of_project, _nothing))
register(Region("asked", "workgroups/fragments/asked.html", audiences.of_own_town, _nothing))
