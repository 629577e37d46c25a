"""How many towns must be present for a group to decide, and which majority carries."""

from __future__ import annotations

from django.db import transaction

from collab.live.answers import Stale
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import Meeting
from workgroups.domain.group import locked_group
from workgroups.models import Group

from .agenda import locked_meeting
from .regions import of_room


@transaction.atomic
def set_quorum(
    *,
    meeting: Meeting,
    quorum: str,
    quorum_number: int | None,
    majority: str = "",
    version: int,
    by: Membership,
) -> Group:
    """Choose the rules of the meeting's group; they count for all its meetings that are not over, and for the votes
    that are put from now on. An empty `majority` stays as it is.

    Raises Stale where somebody else chose another rule since `version` (see `QuorumNow`).
    """
    group = locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    number = quorum_number if quorum == Group.Quorum.NUMBER else None
    majority = majority or group.majority
    if (group.quorum, group.quorum_number, group.majority) == (quorum, number, majority):
        return group
    if (now := QuorumNow(group)).version != version:
        raise Stale(now, last_actor(group, "quorum_set"))
    group.quorum, group.quorum_number, group.majority = quorum, number, majority
    group.save(update_fields=["quorum", "quorum_number", "majority"])
    running = Meeting.objects.filter(group=group, state__in=(Meeting.State.PLANNED, Meeting.State.OPEN))
    regions = [region for one in running for region in of_room(one, "people")]
    regions.append(region_id("group", group.pk))
    record(group.network, verb="quorum_set", actor=by, obj=group, regions=regions, params={"group": group.name})
    return group


class QuorumNow:
    """A group's rules; their `version` is the rules themselves written as a number, for a group counts no versions."""

    def __init__(self, group: Group) -> None:
        self.quorum, self.quorum_number, self.majority = group.quorum, group.quorum_number, group.majority
        rule = list(Group.Quorum).index(Group.Quorum(group.quorum))
        majority = list(Group.Majority).index(Group.Majority(group.majority))
        self.version = majority * 100_000 + (group.quorum_number or 0) * 10 + rule
