"""What a person keeps who gets another role but acts for the same town: places, tasks. Each app registers its own.

A change of role ends the membership and begins a new one; what hangs on the old one would otherwise be lost to the
person without a word. What was done stays with the old membership.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Model, Q

from ..models import Membership


@dataclass(frozen=True)
class Kept:
    """The objects of a model of which `field` is the membership, and the regions that show who that is."""

    model: type[Model]
    field: str
    where: Q
    # Locks are taken outermost first: 1 groups, 2 meetings, 3 what is in them or alone.
    rank: int
    shown_in: Callable[[Sequence[int]], Iterable[str]]


_kept: list[Kept] = []


def keep(
    model: type[Model],
    field: str,
    where: Q | None = None,
    *,
    rank: int,
    shown_in: Callable[[Sequence[int]], Iterable[str]] = lambda keys: (),
) -> None:
    """Let these objects go over to the new membership. `shown_in` gives the regions that show the objects' keys."""
    _kept.append(Kept(model, field, where or Q(), rank, shown_in))
    _kept.sort(key=lambda kept: kept.rank)


def succeed(before: Membership, now: Membership) -> list[str]:
    """Hand over what is kept, and return the regions that show it; nothing goes to a guest or to another town."""
    if now.is_guest or before.is_guest or before.municipality_id != now.municipality_id:
        return []
    regions: list[str] = []
    for kept in _kept:
        rows = kept.model._default_manager.select_for_update(no_key=True).filter(kept.where, **{kept.field: before})
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        if keys:
            kept.model._default_manager.filter(pk__in=keys).update(**{kept.field: now})
            regions += kept.shown_in(keys)
    return regions
