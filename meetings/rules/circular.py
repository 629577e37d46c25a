"""Who may put something to the vote by circulation, and name who votes for the own town there."""

from __future__ import annotations

from collab.network.models import Membership, Role
from meetings.models import Voice, Vote
from workgroups.models import Group
from workgroups.rules import CHAIR, group_role

from .vote import Capacity, capacity_in


def may_run_circular(membership: Membership, group: Group) -> bool:
    """Put a proposal to the group's municipalities by circulation, and withdraw it: the coordinator and its chair."""
    return group_role(membership, group) == CHAIR


def may_object(membership: Membership, vote: Vote) -> bool:
    """Object to the procedure: who casts a municipality's voice, itself or as its deputy."""
    return objects_as(membership, vote) is not None


def objects_as(membership: Membership, vote: Vote) -> Voice.Capacity | None:
    """Return in what capacity this person may object in the name of their own municipality, None for not at all."""
    if not vote.is_circular or membership.municipality_id is None:
        return None
    capacity = capacity_in(membership, membership.municipality_id, vote)
    return capacity if capacity in (Capacity.OWN, Capacity.DEPUTY) else None


def may_name_deputy(membership: Membership) -> bool:
    """Say who votes by circulation for the own town where its officer does not: its officer, nobody else."""
    return membership.role == Role.OFFICER and membership.municipality_id is not None and membership.ended_on is None
