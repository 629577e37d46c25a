"""What can be found: each app names its kinds of things, and who finds what is not for everybody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from collab.network.models import Membership

from .index import Found


@dataclass(frozen=True)
class Kind:
    """One kind of things. `address` holds `{slug}` and `{key}`; `everything(network_id)` gives all that is found of it
    now, to make the index anew.
    """

    name: str
    label: Any
    address: str
    everything: Callable[[int], Iterable[Found]]


_kinds: dict[str, Kind] = {}
_closed: list[Callable[[Membership], Collection[str]]] = []


def register(*kinds: Kind) -> None:
    """Add kinds; they are shown in the order in which they were added."""
    _kinds.update({kind.name: kind for kind in kinds})


def register_circles(closed: Callable[[Membership], Collection[str]]) -> None:
    """Add a read that returns the circles whose things this member may not find."""
    _closed.append(closed)


def all_kinds() -> list[Kind]:
    return list(_kinds.values())


def closed_to(membership: Membership) -> list[str]:
    """Return the circles whose things this member may not find."""
    return sorted({circle for closed in _closed for circle in closed(membership)})
