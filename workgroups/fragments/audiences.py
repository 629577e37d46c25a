"""For whom a region of projects is rendered: by role alone.

What only the people of some towns may do is rendered for all of their role and shown by the browser
(`data-for-town`), so taking on a project changes nobody's audience.
"""

from __future__ import annotations

from collab.live.once import once
from collab.network.models import Accession, Membership, Role
from workgroups.models import Project
from workgroups.rules import may_read_projects

COORDINATOR, OFFICER, GUIDE, READER = "coordinator", "officer", "guide", "reader"
AUDIENCES = {Role.COORDINATOR: COORDINATOR, Role.OFFICER: OFFICER, Role.GUIDE: GUIDE, Role.MAYOR: READER}


def in_network(membership: Membership, pk: int) -> str | None:
    """Return the audience of a region whose key is the network's."""
    if membership.network_id != pk or not may_read_projects(membership):
        return None
    return AUDIENCES[Role(membership.role)]


def of_project(membership: Membership, pk: int) -> str | None:
    """Return the audience of a region whose key is a project's; one query for all projects of a page."""
    if pk not in _projects_of(membership.network_id):
        return None
    return in_network(membership, membership.network_id)


@once
def _projects_of(network_id: int) -> set[int]:
    return set(Project.objects.filter(network=network_id).values_list("pk", flat=True))


def of_own_town(membership: Membership, pk: int) -> str | None:
    """Return the audience of a region whose key is an accession: the coordinator, and the town's own people."""
    accession = Accession.objects.filter(pk=pk, network=membership.network_id).first()
    audience = in_network(membership, membership.network_id) if accession else None
    is_own = accession is not None and membership.municipality_id == accession.municipality_id
    return audience if audience == COORDINATOR or is_own else None
