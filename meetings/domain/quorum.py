"""How many towns must be present for a group to decide."""

from __future__ import annotations

from django.db import transaction

from collab.live.answers import Stale
from collab.live.log import last_actor, record
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import Meeting
from workgroups.domain.group import locked_group
from workgroups.models import Group

from .agenda import locked_meeting
from .regions import of_room


@transaction.atomic
def set_quorum(*, meeting: Meeting, quorum: str, quorum_number: int | None, version: int, by: Membership) -> Group:
    """Choose the rule of the meeting's group; it counts for all its meetings that are not over.

    Raises Stale where somebody else chose another rule since `version` (see `QuorumNow`).
    """
    group = locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    number = quorum_number if quorum == Group.Quorum.NUMBER else None
    if (group.quorum, group.quorum_number) == (quorum, number):
        return group
    if (now := QuorumNow(group)).version != version:
        raise Stale(now, last_actor(group, "quorum_set"))
    group.quorum, group.quorum_number = quorum, number
    group.save(update_fields=["quorum", "quorum_number"])
    running = Meeting.objects.filter(group=group, state__in=(Meeting.State.PLANNED, Meeting.State.OPEN))
    regions = [region for one in running for region in of_room(one, "people")]
    record(group.network, verb="quorum_set", actor=by, obj=group, regions=regions, params={"group": group.name})
    return group


class QuorumNow:
    """A group's rule; its `version` is the rule itself written as a number, for a group counts no versions."""

    def __init__(self, group: Group) -> None:
        self.quorum, self.quorum_number = group.quorum, group.quorum_number
        self.version = (group.quorum_number or 0) * 10 + list(Group.Quorum).index(Group.Quorum(group.quorum))
