"""The whole index of a network made anew."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from .index import entry_of, put
from .kinds import all_kinds
from .models import Entry


@transaction.atomic
def make_anew(network_id: int) -> int:
    """Index everything that can be found in the network, forget what cannot, and return how many entries there are."""
    for kind in all_kinds():
        found = list(kind.everything(network_id))
        put(*found)
        gone = Entry.objects.filter(network=network_id, kind=kind.name)
        gone.exclude(object_id__in=[thing.pk for thing in found]).delete()
    return Entry.objects.filter(network=network_id).count()


def entries_of(network_id: int) -> Iterator[Entry]:
    """Return the rows of everything that can be found in the network, not saved."""
    return (entry_of(thing) for kind in all_kinds() for thing in kind.everything(network_id))
