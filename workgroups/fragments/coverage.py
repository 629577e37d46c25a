"""The live regions of the coverage with OZG services."""

from __future__ import annotations

from collab.live.regions import Context, Region, register

from . import audiences


def _nothing(pk: int, audience: str, variant: str) -> Context:
    return {}


register(Region("coverage", "workgroups/fragments/coverage.html", audiences.in_network, _nothing))
register(Region("coverage-town", "workgroups/fragments/coverage_town.html", audiences.of_own_town, _nothing))
