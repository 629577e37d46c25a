"""Who says who may read what: the chair between the group and the network, the coordinator alone what is public."""

from __future__ import annotations

from collab.network.models import Membership
from workgroups.models import Group
from workgroups.rules import CHAIR, group_role


def may_publish(membership: Membership) -> bool:
    """Make things public, take them back, and set up the public pages."""
    return membership.is_coordinator and membership.ended_on is None


def may_set_visibility(membership: Membership, group: Group) -> bool:
    """Say whether what a group decided and wrote down is its own or the network's: its chair and the coordinator."""
    return group_role(membership, group) == CHAIR
