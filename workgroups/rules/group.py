"""Who may do what in groups."""

from __future__ import annotations

from collab.network.models import Membership, Role
from workgroups.models import Group, GroupMembership

CHAIR = GroupMembership.Role.CHAIR.value
MEMBER = GroupMembership.Role.MEMBER.value
# Who belongs to a body of the network by office, without a row of their own.
BORN_MEMBERS = {Group.Kind.OFFICERS: Role.OFFICER, Group.Kind.PLENUM: Role.MAYOR}


def group_role(membership: Membership, group: Group) -> str | None:
    """Return "chair", "minutes" or "member", None for who does not belong to the group. One query at most."""
    if membership.network_id != group.network_id or membership.ended_on is not None:
        return None
    if membership.is_coordinator:
        return CHAIR
    rows = GroupMembership.objects.filter(group=group, membership=membership)
    role = rows.values_list("role", flat=True).first()
    return role or (MEMBER if membership.role == BORN_MEMBERS.get(Group.Kind(group.kind)) else None)


def is_group_member(membership: Membership, group: Group) -> bool:
    return group_role(membership, group) is not None


def towns_needed(quorum: str, number: int | None, expected: int) -> int | None:
    """Return how many of the expected towns must be present for a group to decide; None where there is no such rule.

    Where nobody is expected no share of them can be asked for.
    """
    if quorum == Group.Quorum.NUMBER:
        return number
    if quorum == Group.Quorum.NONE or expected == 0:
        return None
    return expected // 2 + 1 if quorum == Group.Quorum.MAJORITY else -(-2 * expected // 3)
