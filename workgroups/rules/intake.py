"""Who may bring in tables."""

from __future__ import annotations

from collab.network.models import Membership
from collab.network.rules import may_manage


def may_import(membership: Membership) -> bool:
    """Bring in municipalities, people, projects and action items from a file: the coordinator."""
    return may_manage(membership)
