"""What the page of a group shows of its meetings (to whom they are open) and of its decisions (to every member)."""

from __future__ import annotations

from django.utils import timezone

from collab.live import regions
from collab.live.once import once
from collab.network.models import Membership
from meetings.queries import of_group as queries
from meetings.rules import may_lead
from workgroups.models import Group
from workgroups.rules import is_group_member, may_read_groups

from .agenda import audience_of_group
from .circles import in_group

INSIDE = "inside"


def audience_of_decisions(membership: Membership, pk: int) -> str | None:
    """What a group decided stands in the network's log, also of an internal group; what is for the group only is seen
    by who belongs to it.
    """
    group = Group.objects.filter(pk=pk, network=membership.network_id).first()
    if group is None or not may_read_groups(membership):
        return None
    return INSIDE if is_group_member(membership, group) else "member"


@once
def _meetings(pk: int) -> tuple[Group, queries.MeetingsOfGroup]:
    group = Group.objects.select_related("network").get(pk=pk)
    return group, queries.meetings_of(group, timezone.localdate())


def meetings(pk: int, audience: str, variant: str) -> regions.Context:
    group, found = _meetings(pk)
    may_plan = may_lead(audience) and group.state == Group.State.ACTIVE
    return {"group": group, "network": group.network, "found": found, "may_plan": may_plan}


def decisions(pk: int, audience: str, variant: str) -> regions.Context:
    group = Group.objects.select_related("network").get(pk=pk)
    found, more = queries.decisions_of_group(pk, inside=audience == INSIDE)
    return {"group": group, "network": group.network, "decisions": found, "more": more}


FOLDER = "meetings/fragments/"
regions.register(
    regions.Region("group-meetings", f"{FOLDER}group_meetings.html", audience_of_group, meetings, hears=in_group)
)
regions.register(regions.Region("group-decisions", f"{FOLDER}group_decisions.html", audience_of_decisions, decisions))
