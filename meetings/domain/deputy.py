"""Who votes by circulation for a town where its officer does not: the town says it itself, for its own people."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership, Network
from meetings.models import Deputy, Vote
from meetings.queries.circular import deputy_of, people_of
from meetings.rules.circular import may_name_deputy

from .roll import of_vote


class DeputyNow:
    """Who deputises for a town, as a conflict in the form shows it; its `version` is the row that says so."""

    def __init__(self, deputy: Deputy | None) -> None:
        self.version = deputy.pk if deputy else 0
        self.membership = deputy.membership if deputy else None


@transaction.atomic
def set_deputy(*, membership: Membership | None, version: int, by: Membership) -> Deputy | None:
    """Let one of the own town's people deputise for it (None: nobody any more) and return the row. Twice is once.

    Raises Stale where a colleague has named somebody else since `version` (see `DeputyNow`).
    """
    network = Network.objects.select_for_update(no_key=True).get(pk=by.network_id)
    need(may_name_deputy(by))
    if by.municipality is None:
        raise PermissionDenied
    before = deputy_of(network.pk, by.municipality.pk)
    if (before.membership_id if before else None) == (membership.pk if membership else None):
        return before
    now = DeputyNow(before)
    if now.version != version:
        raise Stale(now, str(before.named_by) if before else "")
    if membership and not people_of(by).filter(pk=membership.pk).exists():
        raise Refused(_("A municipality is represented by its own people."))
    # Also who has left the town since.
    rows = Deputy.objects.filter(network=network, municipality=by.municipality, ended_at=None)
    rows.update(ended_at=timezone.now())
    if membership is None:
        return _told(before, "deputy_ended", by, before)
    deputy = Deputy.objects.create(network=network, municipality=by.municipality, membership=membership, named_by=by)
    return _told(deputy, "deputy_named", by, before)


def _told(deputy: Deputy | None, verb: str, by: Membership, before: Deputy | None) -> Deputy | None:
    if deputy is None:
        return None
    running = Vote.objects.filter(
        network=deputy.network_id, state=Vote.State.OPEN, kind=Vote.Kind.CIRCULAR, roll__municipality=by.municipality
    )
    record(
        deputy.network,
        verb=verb,
        actor=by,
        obj=deputy,
        regions=[region_id("members", deputy.network_id), *(region for vote in running for region in of_vote(vote))],
        params={"town": by.acts_for, "name": deputy.membership.person.name},
        # Whoever deputises sees what is put to a group alone.
        access={one.membership.person_id for one in (deputy, before) if one},
    )
    return deputy
