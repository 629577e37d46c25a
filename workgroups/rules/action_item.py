"""Who may do what with action items.

Each municipality stays autonomous: what is to be done in its name is changed by
its own people, and by those who chair.
"""

from __future__ import annotations

from collab.network.models import Membership, Municipality, Role
from workgroups.models import ActionItem

from .group import CHAIR, group_role


def may_read_log(membership: Membership) -> bool:
    """The logs are for the network's members; a guest sees what they were invited to or what is theirs."""
    return membership.ended_on is None and not membership.is_guest


def may_add_action(membership: Membership) -> bool:
    return membership.ended_on is None and membership.role in (Role.COORDINATOR, Role.OFFICER, Role.GUIDE)


def may_assign_to(membership: Membership, municipality: Municipality | None) -> bool:
    """A town's own people name their own town; the coordinator names whoever acts for none.

    Another town is asked and takes things on by itself (`may_hand_over`). In a meeting it sits at the table: whoever
    keeps the minutes may name it there.
    """
    if municipality is None:
        return membership.is_coordinator
    return municipality.pk == membership.municipality_id


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


def may_hand_over(membership: Membership, action: ActionItem) -> bool:
    """Ask another town to take it over: who changes it, and works here. That town decides."""
    return may_add_action(membership) and may_update_action(membership, action)


def may_take_over(membership: Membership, municipality: Municipality) -> bool:
    """Take an action item over in a town's name: its own officers and guides."""
    is_worker = membership.role in (Role.OFFICER, Role.GUIDE) and membership.ended_on is None
    return is_worker and membership.municipality_id == municipality.pk
