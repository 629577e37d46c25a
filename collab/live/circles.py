"""What happens inside a closed circle, such as an internal group: the feed leaves it out, and only regions that belong
to the same circle tell of it. Each app registers what of its own can be inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet

from .models import Change


@dataclass(frozen=True)
class Kind:
    """Objects of a model of which those `where` are inside; `circle` is the path to what they are inside of."""

    model: type[Model]
    circle: str
    where: Q


_kinds: dict[str, Kind] = {}


def register(model: type[Model], *, circle: str, where: Q) -> None:
    """Say which objects of a model are inside a circle. What `circle` leads to has a `network`."""
    _kinds[model._meta.model_name or ""] = Kind(model, circle, where)


def outside(changes: QuerySet[Change], network_id: int) -> QuerySet[Change]:
    """Return those of a network's changes that did not happen inside a circle."""
    for name, kind in _kinds.items():
        of_network = {f"{kind.circle}__network": network_id}
        inside = kind.model._default_manager.filter(kind.where, **of_network).order_by().values("pk")
        changes = changes.exclude(object_type=name, object_id__in=inside)
    return changes


def note(changes: Iterable[Change]) -> None:
    """Note at each change the key of the circle it happened in; one query per kind of objects, none when repeated."""
    unknown: dict[str, list[Change]] = {}
    for change in changes:
        if not hasattr(change, "circle"):
            change.circle = None  # type: ignore[attr-defined]
            unknown.setdefault(change.object_type, []).append(change)
    for name, of_kind in unknown.items():
        if kind := _kinds.get(name):
            rows = kind.model._default_manager.filter(kind.where, pk__in={change.object_id for change in of_kind})
            circles = dict(rows.values_list("pk", kind.circle))
            for change in of_kind:
                change.circle = circles.get(change.object_id)  # type: ignore[attr-defined]


def circle_of(change: Change) -> int | None:
    """Return the key of the circle that a change happened in, None for what everybody may hear of."""
    note([change])
    found: int | None = change.circle  # type: ignore[attr-defined]
    return found
