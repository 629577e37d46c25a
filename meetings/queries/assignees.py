"""Who can be made responsible in a meeting, found by the first letters of a town or a person."""

from __future__ import annotations

from dataclasses import dataclass

from collab.network.models import Membership, Municipality, Network
from workgroups.queries.group import active_towns, open_members

MOST_NAMED = 5


@dataclass(frozen=True)
class Assignee:
    """A town, or a person who acts for one; `label` is what stands in the list and what may be typed."""

    label: str
    name: str
    municipality: Municipality | None
    person: Membership | None


def assignees_of(network: Network) -> list[Assignee]:
    """Return the towns of the network and its people, the towns first; two queries."""
    towns = [Assignee(town.short_name, town.short_name, town, None) for town in active_towns(network)]
    people = [_person(member) for member in open_members(network)]
    return [*towns, *_told_apart(people)]


def _person(member: Membership) -> Assignee:
    name = member.person.name
    label = f"{name} – {member.acts_for}" if member.acts_for else name
    return Assignee(label, name, member.municipality, member)


def _told_apart(people: list[Assignee]) -> list[Assignee]:
    """Number people of the same name and town: a label has to mean one of them."""
    seen: dict[str, int] = {}
    found = []
    for one in people:
        key = _folded(one.label)
        seen[key] = seen.get(key, 0) + 1
        label = f"{one.label} ({seen[key]})" if seen[key] > 1 else one.label
        found.append(Assignee(label, one.name, one.municipality, one.person))
    return found


def matching(text: str, among: list[Assignee]) -> list[Assignee]:
    """Return who is meant by what was typed: one, or several candidates (at most five), or nobody.

    The exact name decides (a town's before its people's), then the first letters of town or person, then those of any
    part of a name.
    """
    wanted = _folded(text)
    if not wanted:
        return []
    for fits in (_is_label, _is_name, _begins, _begins_a_word):
        if found := [one for one in among if fits(one, wanted)]:
            return found[:MOST_NAMED]
    return []


def _is_label(one: Assignee, wanted: str) -> bool:
    return _folded(one.label) == wanted


def _is_name(one: Assignee, wanted: str) -> bool:
    return _folded(one.name) == wanted


def _begins(one: Assignee, wanted: str) -> bool:
    return _folded(one.label).startswith(wanted)


def _begins_a_word(one: Assignee, wanted: str) -> bool:
    words = _folded(one.name).split()
    return any(" ".join(words[k:]).startswith(wanted) for k in range(1, len(words)))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
