from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from collab.live.once import once
from meetings.models import Idea, Visibility
from meetings.queries.ideas import ParkingLot, parking_lot_of
from meetings.rules import CHAIR, may_propose, sees_inside
from workgroups.models import Group

from .agenda import audience_of_group
from .circles import in_group


@once
def _parking_lot(pk: int) -> tuple[Group, ParkingLot]:
    group = Group.objects.select_related("network").get(pk=pk)
    return group, parking_lot_of(group)


def _readable(ideas: list[Idea]) -> list[Idea]:
    """Without what was handed over from an item that is for a group only."""
    return [idea for idea in ideas if idea.handed_from is None or idea.handed_from.visibility != Visibility.GROUP]


def ideas(pk: int, audience: str, variant: str) -> regions.Context:
    group, lot = _parking_lot(pk)
    if not sees_inside(audience):
        lot = ParkingLot(_readable(lot.parked), _readable(lot.dropped))
    return {
        "group": group,
        "network": group.network,
        "lot": lot,
        "may_park": may_propose(audience),
        "may_lead": audience == CHAIR,
    }


regions.register(regions.Region("ideas", "meetings/fragments/ideas.html", audience_of_group, ideas, hears=in_group))

verbs.register(
    {
        "idea_parked": _("%(actor)s parked the idea “%(title)s” (%(group)s)"),
        "idea_taken": _("%(actor)s put the idea “%(title)s” on the agenda of %(date)s"),
        "idea_dropped": _("%(actor)s dropped the idea “%(title)s” (%(group)s)"),
        "idea_restored": _("%(actor)s took the idea “%(title)s” up again (%(group)s)"),
    },
    quiet=("idea_restored",),
)
