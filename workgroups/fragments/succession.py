"""What stays with a person whose role changes: places in groups, open action items, requests to join."""

from __future__ import annotations

from collections.abc import Sequence

from collab.live.regions import region_id
from collab.network.domain.succession import keep
from workgroups.models import ActionItem, Admission, GroupMembership


def _groups(keys: Sequence[int]) -> list[str]:
    groups = GroupMembership.objects.filter(pk__in=keys).values_list("group", flat=True)
    return [region_id("group-members", pk) for pk in groups]


def _actions(keys: Sequence[int]) -> list[str]:
    people = ActionItem.objects.filter(pk__in=keys).values_list("person", flat=True).distinct()
    return [
        *(region_id("action-item", pk) for pk in keys),
        *(region_id("my-actions", pk) for pk in people if pk),
    ]


keep(GroupMembership, "membership", shown_in=_groups)
keep(Admission, "membership")
keep(ActionItem, "person", shown_in=_actions)
