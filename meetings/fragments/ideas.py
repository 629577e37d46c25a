from __future__ import annotations

from collab.live import regions
from workgroups.models import Group

from .agenda import audience_of_group


def ideas(pk: int, audience: str, variant: str) -> regions.Context:
    group = Group.objects.select_related("network").get(pk=pk)
    return {"group": group, "network": group.network}


regions.register(regions.Region("ideas", "meetings/fragments/ideas.html", audience_of_group, ideas))
