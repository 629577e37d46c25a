"""Who may do what in meetings. A person's `standing` in a meeting decides; it is also the audience of its regions."""

from __future__ import annotations

from collab.network.models import Membership
from meetings.models import ActionCheck, AgendaItem, Meeting, Visibility
from workgroups.models import ActionItem, Group
from workgroups.rules import group_role

CHAIR, MINUTES, MEMBER, READER, GUEST = "chair", "minutes", "member", "reader", "guest"
# Invited to single items of the meeting: sees when and where it is, and these items.
ITEM_GUEST = "item_guest"


def standing(membership: Membership, meeting: Meeting) -> str | None:
    """Return what this member is in the meeting: one of the words above; None for "sees nothing".

    Who was named as a town's deputy is a member of this one meeting. Of an internal group's meetings nobody else of
    the network sees anything.
    """
    if membership.network_id != meeting.network_id or membership.ended_on is not None:
        return None
    if membership.is_guest:
        items = list(meeting.guests.filter(membership=membership).values_list("item", flat=True))
        return GUEST if None in items else ITEM_GUEST if items else None
    role = group_role(membership, meeting.group)
    if role == CHAIR or meeting.chair_id == membership.pk:
        return CHAIR
    if role == MINUTES or meeting.minute_taker_id == membership.pk:
        return MINUTES
    if role or meeting.attendances.filter(deputy=membership).exists():
        return MEMBER
    return None if meeting.group.is_internal else READER


def standing_at(membership: Membership, item: AgendaItem) -> str | None:
    """Return the standing in the item's meeting; who was invited to the item alone is a guest at it, and only there.

    What is for the group only is seen by who sits at the table, and by guests who were invited to that very item.
    """
    role = standing(membership, item.meeting)
    is_closed = item.visibility == Visibility.GROUP and not sees_inside(role)
    if role == ITEM_GUEST or (role == GUEST and is_closed):
        return GUEST if item.guests.filter(membership=membership).exists() else None
    return None if is_closed else role


def sees_inside(standing: str | None) -> bool:
    """See what of a meeting is for the group only: who sits at the table, nobody who reads along."""
    return standing in (CHAIR, MINUTES, MEMBER)


def may_lead(standing: str | None) -> bool:
    """Open, close, move through, order and settle the agenda."""
    return standing == CHAIR


def may_write(standing: str | None) -> bool:
    """Notes, decisions and action items in the meeting."""
    return standing in (CHAIR, MINUTES)


def may_propose(standing: str | None) -> bool:
    return standing in (CHAIR, MINUTES, MEMBER)


def may_speak(standing: str | None) -> bool:
    """Ask to speak: who sits at the table, and invited guests. Who reads along does not."""
    return standing in (CHAIR, MINUTES, MEMBER, GUEST)


def may_act_for_town(membership: Membership, municipality_id: str, standing: str | None) -> bool:
    """Report, answer an invitation, arrive and leave in a town's name: its own people at the table, nobody else."""
    return standing in (CHAIR, MINUTES, MEMBER) and membership.municipality_id == municipality_id


def may_set_presence(membership: Membership, municipality_id: str, standing: str | None) -> bool:
    """Say that a town comes, is here or has left: the town itself, and whoever leads or takes the minutes."""
    return may_write(standing) or may_act_for_town(membership, municipality_id, standing)


def may_edit_item(membership: Membership, item: AgendaItem, standing: str | None) -> bool:
    """The chair always; a town's own people (the proposer, where there is no town) as long as it is a proposal."""
    if may_lead(standing):
        return True
    return item.state == AgendaItem.State.PROPOSED and may_propose(standing) and _is_own(membership, item)


def may_draft(membership: Membership, item: AgendaItem, standing: str | None) -> bool:
    """Draft a wording on an item: chair and minute-taker; before the meeting also the town that proposed the item."""
    if may_write(standing):
        return True
    return item.meeting.state == Meeting.State.PLANNED and may_propose(standing) and _is_own(membership, item)


def may_attach(membership: Membership, item: AgendaItem, standing: str | None) -> bool:
    """Chair and minute-taker; the town that proposed the item, also after the item was accepted."""
    return may_write(standing) or (may_propose(standing) and _is_own(membership, item))


def may_record(membership: Membership, meeting: Meeting) -> bool:
    return may_write(standing(membership, meeting))


def may_check(membership: Membership, action: ActionItem, outcome: str, standing: str | None) -> bool:
    """Check an action item off in a review: chair and minute-taker; its own town or person may say that it is done."""
    if may_write(standing):
        return True
    is_own = action.person_id == membership.pk or may_act_for_town(membership, action.municipality_id or "", standing)
    return outcome == ActionCheck.Outcome.DONE and may_propose(standing) and is_own


def may_park(membership: Membership, group: Group) -> bool:
    """Put an idea into the parking lot of a group: who belongs to it."""
    return group_role(membership, group) is not None


def may_plan(membership: Membership, group: Group) -> bool:
    """Set up series and meetings of a group: the coordinator and the group's chair."""
    return membership.network_id == group.network_id and group_role(membership, group) == CHAIR


def _is_own(membership: Membership, item: AgendaItem) -> bool:
    return item.proposed_by is not None and is_of_same_town(membership, item.proposed_by)


def is_of_same_town(membership: Membership, other: Membership) -> bool:
    """Return whether both act for the same municipality, or are the same person where there is none."""
    same_town = other.municipality_id is not None and other.municipality_id == membership.municipality_id
    return same_town or other.pk == membership.pk
