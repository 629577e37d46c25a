"""What stays with a person whose role changes: places in groups, open action items, requests to join."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from collab.live.regions import region_id
from collab.network.domain.succession import keep
from workgroups.models import ActionItem, Admission, Group, GroupMembership


def _groups(keys: Sequence[int]) -> list[str]:
    groups = GroupMembership.objects.filter(pk__in=keys).values_list("group", flat=True)
    lists = Group.objects.filter(pk__in=groups).values_list("network", flat=True).distinct()
    return [
        *(region_id(name, pk) for pk in groups for name in ("group", "group-members")),
        *(region_id("group-list", pk) for pk in lists),
    ]


def _actions(keys: Sequence[int]) -> list[str]:
    people = ActionItem.objects.filter(pk__in=keys).values_list("person", flat=True).distinct()
    return [
        *(region_id("action-item", pk) for pk in keys),
        *(region_id("my-actions", pk) for pk in people if pk),
    ]


keep(GroupMembership, "membership", rank=1, shown_in=_groups)
keep(Admission, "membership", Q(state=Admission.State.OPEN), rank=1)
keep(ActionItem, "person", Q(state__in=ActionItem.OPEN_STATES), rank=3, shown_in=_actions)
