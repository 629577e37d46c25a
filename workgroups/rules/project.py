"""Who may do what with projects. Each municipality takes on and leaves by its own people, and by nobody else."""

from __future__ import annotations

from collections.abc import Collection

from collab.network.models import Membership, Role
from workgroups.models import SharedFile

WORKING = (Role.COORDINATOR, Role.OFFICER, Role.GUIDE)


def may_read_projects(membership: Membership) -> bool:
    """Projects, who takes part, experience and questions are for the network's members; guests see none of it."""
    return membership.ended_on is None and not membership.is_guest


def may_add_project(membership: Membership) -> bool:
    return membership.ended_on is None and membership.role in WORKING


def may_edit_project(membership: Membership, towns: Collection[str | None]) -> bool:
    """Write its profile: the coordinator, and the officers and guides of `towns` (see queries.project.editor_towns)."""
    return (membership.is_coordinator and membership.ended_on is None) or may_work_for(membership, towns)


def may_remove_file(membership: Membership, file: SharedFile) -> bool:
    """Take a file off a project one may write to: the coordinator any, a town what its own people brought."""
    town = file.uploaded_by.municipality_id
    return (
        membership.is_coordinator
        or file.uploaded_by_id == membership.pk
        or (town is not None and town == membership.municipality_id)
    )


def may_add_block(membership: Membership) -> bool:
    """Add a topic block that the whole network then has: the coordinator."""
    return membership.ended_on is None and membership.is_coordinator


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


def may_propose_join(membership: Membership) -> bool:
    """Propose that a project goes on in another one: whoever works in the network. The town concerned decides."""
    return membership.ended_on is None and membership.role in WORKING


def may_join(membership: Membership, deciding_town: str | None) -> bool:
    """Let a project go on in another one: the officers of the town that decides about it; where there is none, the
    coordinator.
    """
    if deciding_town is None:
        return may_propose_part(membership)
    return may_take_on(membership) and membership.municipality_id == deciding_town


def may_answer_offer(membership: Membership, town: str, *, is_work: bool) -> bool:
    """Say yes or no in the name of the town that is asked: its officers; to an action item its guides, too."""
    return (
        may_work_for(membership, [town]) if is_work else may_take_on(membership) and town == membership.municipality_id
    )


def may_withdraw_offer(membership: Membership, maker: Membership) -> bool:
    """Take back a question: who asked, and their colleagues, the officers of the same town or the coordinators."""
    if membership.ended_on is not None:
        return False
    if membership.pk == maker.pk:
        return True
    if maker.municipality_id is None:
        return maker.is_coordinator and membership.is_coordinator
    return may_take_on(membership) and membership.municipality_id == maker.municipality_id
