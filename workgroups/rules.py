"""Who may do what in groups and with action items.

Each municipality stays autonomous: what is to be done in its name is changed by
its own people, and by those who chair.
"""

from __future__ import annotations

from collab.network.models import Membership, Municipality, Role

from .models import ActionItem, Group, GroupMembership

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


def may_read_log(membership: Membership) -> bool:
    """The logs are for the network's members; a guest sees what they were invited to or what is theirs."""
    return membership.ended_on is None and not membership.is_guest


def may_add_action(membership: Membership) -> bool:
    return membership.ended_on is None and membership.role in (Role.COORDINATOR, Role.OFFICER, Role.GUIDE)


def may_assign_to(membership: Membership, municipality: Municipality | None) -> bool:
    """The coordinator names any town, a town's own people only their own.

    Another town takes things on by itself. In a meeting it sits at the table: whoever keeps the minutes may
    name it there.
    """
    if membership.is_coordinator:
        return True
    return municipality is not None and municipality.pk == membership.municipality_id


def may_read_action(membership: Membership, action: ActionItem) -> bool:
    if membership.network_id != action.network_id or membership.ended_on is not None:
        return False
    return not membership.is_guest or action.person_id == membership.pk


def may_update_action(membership: Membership, action: ActionItem) -> bool:
    """State, due date, who does it: coordinator, chair of its group, the person, the responsible town's
    people.
    """
    if not may_read_action(membership, action):
        return False
    if membership.is_coordinator or action.person_id == membership.pk:
        return True
    is_own_town = action.municipality_id is not None and action.municipality_id == membership.municipality_id
    if is_own_town and membership.role in (Role.OFFICER, Role.GUIDE):
        return True
    return action.group is not None and group_role(membership, action.group) == CHAIR


def may_reword_action(membership: Membership, action: ActionItem) -> bool:
    """Title and note: also whoever wrote it down, as long as they may add action items at all."""
    is_author = action.created_by_id == membership.pk and may_add_action(membership)
    return may_update_action(membership, action) or (is_author and may_read_action(membership, action))


def towns_needed(quorum: str, number: int | None, expected: int) -> int | None:
    """Return how many of the expected towns must be present for a group to decide; None where there is no such rule.

    Where nobody is expected no share of them can be asked for.
    """
    if quorum == Group.Quorum.NUMBER:
        return number
    if quorum == Group.Quorum.NONE or expected == 0:
        return None
    return expected // 2 + 1 if quorum == Group.Quorum.MAJORITY else -(-2 * expected // 3)
