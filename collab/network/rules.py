"""Who may do what in a network: predicates over the role alone."""

from __future__ import annotations

from .models import Membership


def may_manage(membership: Membership) -> bool:
    """Invite, change roles, end memberships, enter accessions and exits: the coordinators."""
    return membership.is_coordinator and membership.ended_on is None


def may_see_members(membership: Membership) -> bool:
    """Guests see what they were invited to, and nothing else."""
    return not membership.is_guest
