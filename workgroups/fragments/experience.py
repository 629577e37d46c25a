"""The live regions of experience handed on."""

from __future__ import annotations

from collab.live.regions import Context, Region, register

from . import audiences


def _nothing(pk: int, audience: str, variant: str) -> Context:
    return {}


register(Region("project-reuse", "workgroups/fragments/project_reuse.html", audiences.of_project, _nothing))
register(Region("balance", "workgroups/fragments/balance.html", audiences.in_network, _nothing))
