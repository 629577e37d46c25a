"""The live regions of groups."""

from __future__ import annotations

from collab.live.regions import Context, Region, register

from . import audiences


def _nothing(pk: int, audience: str, variant: str) -> Context:
    return {}


register(Region("group-list", "workgroups/fragments/group_list.html", audiences.in_network, _nothing))
