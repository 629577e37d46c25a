"""Who may do what in groups."""

from __future__ import annotations

from collab.network.models import Membership, Role
from workgroups.models import Admission, Group, GroupMembership, SharedFile

CHAIR = GroupMembership.Role.CHAIR.value
MINUTES = GroupMembership.Role.MINUTES.value
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


def may_read_groups(membership: Membership) -> bool:
    """Which groups there are, what for and who belongs to them is for the network's members; guests see none of it."""
    return membership.ended_on is None and not membership.is_guest


def may_see_inside(membership: Membership, group: Group) -> bool:
    """See the meetings, files and parking lot of a group: of an internal one its own people and the coordinator."""
    if membership.network_id != group.network_id or not may_read_groups(membership):
        return False
    return not group.is_internal or is_group_member(membership, group)


def may_found_group(membership: Membership, kind: str = Group.Kind.WORKING_GROUP) -> bool:
    """Found a working group: officers and guides; the bodies of the network are the coordinator's to set up."""
    if membership.ended_on is not None:
        return False
    is_working = membership.role in (Role.OFFICER, Role.GUIDE) and kind == Group.Kind.WORKING_GROUP
    return membership.is_coordinator or is_working


def may_run_group(membership: Membership, group: Group) -> bool:
    """Edit and close it, invite, admit and give roles: its chair and the coordinator."""
    return group_role(membership, group) == CHAIR


def may_ask_to_join(membership: Membership, group: Group) -> bool:
    is_outside = membership.network_id == group.network_id and not is_group_member(membership, group)
    return is_outside and may_read_groups(membership)


def may_leave(membership: Membership, group: Group) -> bool:
    """Leave: who joined. Who belongs to a body by office leaves it with the office."""
    return GroupMembership.objects.filter(group=group, membership=membership).exists()


def may_share_file(membership: Membership, group: Group) -> bool:
    return is_group_member(membership, group)


def may_remove_file(membership: Membership, shared: SharedFile, group: Group) -> bool:
    """Take a file off: who belongs to the group, their own; who runs it, any."""
    own = shared.uploaded_by_id == membership.pk and is_group_member(membership, group)
    return own or may_run_group(membership, group)


def may_lead_group(membership: Membership, group: Group) -> bool:
    """Take the lead (Federführung) for the own town: an officer who belongs to the working group."""
    is_officer = membership.role == Role.OFFICER and membership.municipality_id is not None
    return is_officer and group.kind == Group.Kind.WORKING_GROUP and is_group_member(membership, group)


def may_stop_leading(membership: Membership, group: Group) -> bool:
    """Give the lead back: an officer of the town that has it, whether or not they belong to the group."""
    is_own = group.lead_town_id is not None and group.lead_town_id == membership.municipality_id
    is_here = membership.network_id == group.network_id and membership.ended_on is None
    return is_own and is_here and membership.role == Role.OFFICER


def may_answer(membership: Membership, admission: Admission) -> bool:
    """Answer a request: who runs the group; an invitation: who was invited, nobody else."""
    if admission.kind == Admission.Kind.INVITATION:
        return admission.membership_id == membership.pk and may_read_groups(membership)
    return may_run_group(membership, admission.group)


def may_withdraw(membership: Membership, admission: Admission) -> bool:
    """Take back a request: who asked; an invitation: who runs the group."""
    if admission.kind == Admission.Kind.REQUEST:
        return admission.membership_id == membership.pk
    return may_run_group(membership, admission.group)


def finds_majority(rule: str, *, yes: int, no: int, towns: int | None) -> bool:
    """Return whether so many voices carry a proposal under a rule of `Group.Majority`; abstentions count for neither.

    A tie rejects. `towns` is how many municipalities have a voice; where nobody knows, those who voted yes or no.
    """
    if rule == Group.Majority.TWO_THIRDS:
        return yes > 0 and 3 * yes >= 2 * (yes + no)
    if rule == Group.Majority.ABSOLUTE:
        return 2 * yes > (yes + no if towns is None else towns)
    if rule == Group.Majority.UNANIMOUS:
        return yes > 0 and no == 0
    return yes > no


def towns_needed(quorum: str, number: int | None, expected: int) -> int | None:
    """Return how many of the expected towns must be present for a group to decide; None where there is no such rule.

    Where nobody is expected no share of them can be asked for.
    """
    if quorum == Group.Quorum.NUMBER:
        return number
    if quorum == Group.Quorum.NONE or expected == 0:
        return None
    return expected // 2 + 1 if quorum == Group.Quorum.MAJORITY else -(-2 * expected // 3)
