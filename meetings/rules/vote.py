"""Who has a voice: a municipality has one, and its people cast it in one capacity or another."""

from __future__ import annotations

from collab.network.models import Membership, Role
from meetings.models import Attendance, Deputy, Presence, Proxy, Voice, Vote
from workgroups.models import Group, GroupMembership

from .meeting import may_lead

Capacity = Voice.Capacity
STRENGTH = list(Capacity)
# Who casts a town's own voice in a body of the network; in a working group it is whoever of the town belongs to it.
SPEAKS = {Group.Kind.OFFICERS: Role.OFFICER, Group.Kind.PLENUM: Role.MAYOR}


def may_hold_vote(standing: str | None) -> bool:
    """Open a vote in the room, close and withdraw it."""
    return may_lead(standing)


def capacity_in(membership: Membership, ags: str, vote: Vote) -> Voice.Capacity | None:
    """Return in what capacity this person casts the municipality's voice in the vote, the strongest there is; None
    for who does not. Whether the municipality has a voice in it, and still can vote, is not asked here.
    """
    is_here = membership.network_id == vote.network_id and membership.ended_on is None
    if not is_here or membership.is_guest:
        return None
    if membership.municipality_id == ags:
        if speaks_in(membership, vote.group):
            return Capacity.OWN
        return Capacity.DEPUTY if _stands_in(membership, vote) else None
    return Capacity.PROXY if _holds_proxy(membership, ags, vote) else None


def speaks_in(membership: Membership, group: Group) -> bool:
    """Whether this person casts the own town's voice in the group by itself: officer, in the plenum mayor."""
    if membership.municipality_id is None:
        return False
    if role := SPEAKS.get(Group.Kind(group.kind)):
        return membership.role == role
    return GroupMembership.objects.filter(group=group, membership=membership).exists()


def is_weaker(one: str, than: str) -> bool:
    """Whether a voice in capacity `one` does not replace a voice in capacity `than`."""
    return STRENGTH.index(Capacity(one)) > STRENGTH.index(Capacity(than))


def may_give_proxy(membership: Membership, ags: str, group: Group, standing: str | None) -> bool:
    """Give the town's voice in a meeting to somebody else, or take it back: who casts it themselves."""
    return standing is not None and membership.municipality_id == ags and speaks_in(membership, group)


def _stands_in(membership: Membership, vote: Vote) -> bool:
    own = membership.municipality_id
    if vote.meeting_id is None:
        return Deputy.objects.filter(membership=membership, municipality=own, ended_at=None).exists()
    at_table = {"attendance__meeting": vote.meeting_id, "attendance__municipality": own, "ended_at": None}
    return (
        Attendance.objects.filter(meeting=vote.meeting_id, municipality=own, deputy=membership).exists()
        or Presence.objects.filter(**at_table, representative=membership).exists()
    )


def _holds_proxy(membership: Membership, ags: str, vote: Vote) -> bool:
    if vote.meeting_id is None:
        return False
    proxies = Proxy.objects.filter(meeting=vote.meeting_id, municipality=ags, ended_at=None)
    return proxies.filter(holder=membership).exists()
