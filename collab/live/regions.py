"""Live regions: the parts of pages that are rendered once per audience and language and sent to every screen.

A region's id is its DOM id: `<name>-<pk>`, with `~<variant>` behind it where one list is shown filtered in several
ways (`action-log-1~state=open`). A change names the id without variant; all open variants of it are stale then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from collab.network.models import Membership

from . import circles
from .models import Change

Context = dict[str, Any]


@dataclass(frozen=True)
class Region:
    """How one kind of region is made.

    `audience(membership, pk)` returns what decides content and controls (such as "chair"), or None for "may not see".
    `context(pk, audience, variant)` returns what the template needs, from the database as it is now; it raises
    `ObjectDoesNotExist` where the object is gone. `canonical(variant)` returns the one way to write a variant; most
    regions have none. `tells(change, pk, audience)` says whether this audience may hear of a change that touched the
    region: who sees one agenda item must not hear the title of the next. What happened inside a circle (`circles`) is
    told only where `hears(circle, pk, audience)` says that this audience of the region belongs to it.
    """

    name: str
    template: str
    audience: Callable[[Membership, int], str | None]
    context: Callable[[int, str, str], Context]
    canonical: Callable[[str], str] = lambda variant: ""
    tells: Callable[[Change, int, str], bool] = lambda change, pk, audience: True
    hears: Callable[[int, int, str], bool] = lambda circle, pk, audience: False


_regions: dict[str, Region] = {}
# What shows that a town is a member of a network, beyond the list of members: each app says it of its own regions.
_of_towns: list[Callable[[int, str], list[str]]] = []
# What gathers elsewhere what other regions show, by the names of these.
_followers: dict[str, list[Callable[[int, int], str]]] = {}


def register(region: Region) -> None:
    _regions[region.name] = region


def show_towns(find: Callable[[int, str], list[str]]) -> None:
    """Say which regions show that a town is a member: `find(network_id, ags)` returns their ids."""
    _of_towns.append(find)


def of_town(network_id: int, ags: str) -> list[str]:
    """Return the ids of the regions in which the town appears or disappears when it joins the network or leaves it."""
    return [region for find in _of_towns for region in find(network_id, ags)]


def follow(*names: str, find: Callable[[int, int], str]) -> None:
    """Say which region shows in another place what regions of these names show: `find(network_id, pk)` returns its id,
    `pk` being that of the region that changes. So who writes need not know of a page that only gathers.
    """
    for name in names:
        _followers.setdefault(name, []).append(find)


def followers_of(identifiers: Iterable[str], network_id: int) -> set[str]:
    """Return the ids of the regions that follow these."""
    found = set()
    for identifier in identifiers:
        name, _, pk = identifier.rpartition("-")
        found |= {find(network_id, int(pk)) for find in _followers.get(name, [])}
    return found


def region_names() -> list[str]:
    """Return the names of all registered regions, sorted (the permission table of the tests covers each)."""
    return sorted(_regions)


def region_id(name: str, pk: int, variant: str = "") -> str:
    """Return the id of a region; raises KeyError for a name nobody registered."""
    region = _regions[name]
    return f"{region.name}-{pk}~{variant}" if variant else f"{region.name}-{pk}"


def base_of(identifier: str) -> str:
    """Return the id without its variant: what a change names."""
    return identifier.partition("~")[0]


def parse(identifier: str) -> tuple[Region, int, str]:
    """Return region, key and variant of an id sent by a browser; raises LookupError where it is none."""
    base, _, variant = identifier.partition("~")
    name, _, pk = base.rpartition("-")
    if not pk.isascii() or not pk.isdigit() or len(pk) > 15 or len(variant) > 500:
        raise LookupError(identifier)
    return _regions[name], int(pk), variant


def audience_of(identifier: str, membership: Membership) -> str | None:
    """Return this member's audience for the region, None where they may not see it or it does not exist."""
    try:
        region, pk, variant = parse(identifier)
    except LookupError:
        return None
    # Another spelling of the same list would be rendered once more with every change.
    return region.audience(membership, pk) if region.canonical(variant) == variant else None


def tells(identifier: str, audience: str, change: Change) -> bool:
    """Return whether this audience of the region may hear of a change that touched it."""
    region, pk, _variant = parse(identifier)
    if not region.tells(change, pk, audience):
        return False
    circle = circles.circle_of(change)
    return circle is None or region.hears(circle, pk, audience)


def render(identifier: str, audience: str, language: str) -> str:
    """Return the region's HTML as it is now, for everybody of that audience and language."""
    region, pk, variant = parse(identifier)
    with translation.override(language):
        context = region.context(pk, audience, variant)
        return render_to_string(region.template, {"region": identifier, "audience": audience, **context})
