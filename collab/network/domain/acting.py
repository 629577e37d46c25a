"""The first two steps of every change in a network: lock it, and look again whether the acting person still may."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from ..access import need
from ..models import Membership, Network
from ..rules import may_manage


def lock_network(*, by: Membership) -> Network:
    """Return the network of the acting member, locked; raises PermissionDenied unless they are its coordinator now."""
    network = Network.objects.select_for_update(no_key=True).get(pk=by.network_id)
    current = Membership.objects.filter(pk=by.pk).first()
    if current is None:
        raise PermissionDenied
    need(may_manage(current))
    return network
