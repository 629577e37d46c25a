"""Who may do what with a decision after it fell."""

from __future__ import annotations

from collab.network.models import Membership, Role
from meetings.models import Decision
from workgroups.rules import CHAIR, group_role


def may_run(membership: Membership, decision: Decision) -> bool:
    """Enter the steps of its life, set its dates, add a correction, say what carries it out: the coordinator and the
    chair of its group.
    """
    return group_role(membership, decision.group) == CHAIR


def may_adopt(membership: Membership, municipality_id: str) -> bool:
    """Say what a municipality makes of it: that municipality's own officers, nobody else."""
    is_own = membership.municipality_id is not None and membership.municipality_id == municipality_id
    return is_own and membership.role == Role.OFFICER and membership.ended_on is None
