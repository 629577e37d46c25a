"""Recording a change, and reading the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, QuerySet

from collab.network.models import Membership, Network

from . import announce, circles
from .models import Change, Topic
from .regions import followers_of, region_id
from .verbs import quiet

# Beyond so many missed changes it is cheaper to render everything than to ask what is stale.
FAR_BEHIND = 300


def record(
    network: Network,
    *,
    verb: str,
    actor: Membership | None,
    obj: models.Model,
    regions: Iterable[str],
    params: dict[str, Any] | None = None,
    access: Iterable[int] = (),
) -> Change:
    """Write one change into the network's log and announce it once the transaction has committed.

    Must run inside a transaction, as the last thing a domain function does: it takes the network's topic lock, so
    that versions are gapless and in commit order. `access` names the ids of people whose rights changed: their
    sockets are closed and must sign on anew. Returns the change; raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() belongs into the transaction of the change it records")
    version = _next_version(network)
    named = set(regions)
    stale = sorted({*named, *followers_of(named, network.pk), region_id("feed", network.pk)})
    change = Change.objects.create(
        network=network,
        version=version,
        actor=actor,
        actor_name=str(actor) if actor else "",
        verb=verb,
        object_type=obj._meta.model_name or "",
        object_id=obj.pk,
        params=params or {},
        regions=stale,
        access=sorted(access),
    )

    def announce_it() -> None:  # no partial: Django names the function when it logs that it failed
        announce.changed(network.pk, version)

    transaction.on_commit(announce_it, robust=True)
    return change


def _next_version(network: Network) -> int:
    # The UPDATE takes the row lock; whoever else records in this network waits here until we commit.
    while not Topic.objects.filter(network=network).update(version=F("version") + 1):
        Topic.objects.bulk_create([Topic(network=network)], ignore_conflicts=True)
    return Topic.objects.values_list("version", flat=True).get(network=network)


def version_of(network_id: int) -> int:
    """Return the newest committed version of the network's log; 0 before its first change."""
    return Topic.objects.filter(network_id=network_id).values_list("version", flat=True).first() or 0


def changed_since(network_id: int, since: int, upto: int) -> dict[str, int] | None:
    """Return for each region id changed in versions (since, upto] its newest version; None means "all of them"."""
    if since < 0 or since > upto or upto - since > FAR_BEHIND:
        return None
    rows = Change.objects.filter(network_id=network_id, version__gt=since, version__lte=upto)
    return {
        region: version
        for version, regions in rows.order_by("version").values_list("version", "regions")
        for region in regions
    }


def feed(network_id: int, limit: int | None = 20) -> QuerySet[Change]:
    """Return the newest changes of the network that are worth telling everybody (None: all of them), newest first."""
    changes = Change.objects.filter(network_id=network_id).exclude(verb__in=quiet())
    return circles.outside(changes, network_id).order_by("-version")[:limit]


def history(obj: models.Model, limit: int = 200) -> QuerySet[Change]:
    """Return the changes of one object, newest first."""
    return Change.objects.filter(object_type=obj._meta.model_name, object_id=obj.pk).order_by("-version")[:limit]


def last_actor(obj: models.Model, verb: str = "") -> str:
    """Return who changed the object last (or last did `verb` to it); empty where nobody did."""
    changes = Change.objects.filter(object_type=obj._meta.model_name, object_id=obj.pk)
    changes = changes.filter(verb=verb) if verb else changes
    return changes.order_by("-version").values_list("actor_name", flat=True).first() or ""
