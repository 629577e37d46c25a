"""Who may do what with projects. Each municipality takes on and leaves by its own people, and by nobody else."""

from __future__ import annotations

from collections.abc import Collection

from collab.network.models import Membership, Role

WORKING = (Role.COORDINATOR, Role.OFFICER, Role.GUIDE)


def may_read_projects(membership: Membership) -> bool:
    """Projects, who takes part, experience and questions are for the network's members; guests see none of it."""
    return membership.ended_on is None and not membership.is_guest


def may_add_project(membership: Membership) -> bool:
    return membership.ended_on is None and membership.role in WORKING


def may_take_on(membership: Membership) -> bool:
    """Take on, leave and hand over in the name of the own town: its officers."""
    return membership.ended_on is None and membership.role == Role.OFFICER and membership.municipality_id is not None


def may_work_for(membership: Membership, towns: Collection[str | None]) -> bool:
    """Work on what belongs to one of these towns: the officers and guides of one of them."""
    is_worker = membership.role in (Role.OFFICER, Role.GUIDE) and membership.ended_on is None
    return is_worker and membership.municipality_id is not None and membership.municipality_id in towns


def may_propose_part(membership: Membership) -> bool:
    """Propose that another town takes part: the coordinator. The town itself decides."""
    return membership.ended_on is None and membership.is_coordinator
