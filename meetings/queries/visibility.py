"""Reads: what is only for a group. Whoever lists agenda items, decisions or minutes asks here what a reader may see.

A live region is the same for everybody of an audience, so an audience names the groups whose own things it sees
("member:3.7"), as few as there are.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, Minutes, Visibility
from workgroups.queries.group import groups_of


def groups_inside(membership: Membership) -> list[int]:
    """Return the keys of the groups that have something of their own which this member may see."""
    mine = groups_of(membership)
    own = Visibility.GROUP
    groups = {
        *mine.filter(pk__in=Decision.objects.filter(visibility=own).values("group")).values_list("pk", flat=True),
        *mine.filter(pk__in=AgendaItem.objects.filter(visibility=own).values("meeting__group")).values_list(
            "pk", flat=True
        ),
        *mine.filter(pk__in=Minutes.objects.filter(visibility=own).values("meeting__group")).values_list(
            "pk", flat=True
        ),
    }
    return sorted(groups)


def audience_with_groups(membership: Membership, audience: str = "member") -> str:
    """Return the audience with the groups it sees inside of, such as "member:3.7"; "member" where there are none."""
    groups = groups_inside(membership)
    return f"{audience}:{'.'.join(map(str, groups))}" if groups else audience


def groups_of_audience(audience: str) -> list[int]:
    """Return the keys of the groups that an audience sees inside of."""
    _name, _, groups = audience.partition(":")
    return [int(group) for group in groups.split(".") if group]


def open_to(groups: Collection[int], path: str = "", group: str = "group") -> Q:
    """Return what of decisions (or of what `path` leads to) is not only for other groups than these.

    `group` is the path to the group: of agenda items "meeting__group".
    """
    return ~Q(**{f"{path}visibility": Visibility.GROUP}) | Q(**{f"{path}{group}__in": list(groups)})
