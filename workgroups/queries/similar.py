"""Reads: projects that several towns began separately: the same OZG service, or titles that say the same.

All is compared in memory, from one short read of the network's titles and services that a page or a batch makes once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from collab.live.once import once
from collab.network.models import german_sort_key
from workgroups.models import Project, ProjectService

# Of two titles so much must be the same (of their groups of three letters), or all words of the shorter one.
ALIKE = 0.5
# So many are named beside a project.
MOST = 2
# Words that say nothing about what a project is.
WORDS = """a an and das der die digital digitale digitaler digitales den des ein eine einer fuer fur im in mit of online
projekt project stadt the und von vom zu zum zur app e"""
EMPTY = frozenset(WORDS.split())


@dataclass(frozen=True)
class Entry:
    """What the board knows of every project of a network, in the order of their titles."""

    pk: int
    title: str
    services: frozenset[int]


@once
def titles_of(network_id: int) -> dict[int, Entry]:
    """Return the projects that go on, by title; two queries."""
    services: dict[int, set[int]] = {}
    rows = ProjectService.objects.filter(project__network=network_id, project__joined_to=None)
    for project, ozg_id in rows.order_by().values_list("project", "ozg_id"):
        services.setdefault(project, set()).add(ozg_id)
    projects = Project.objects.filter(network=network_id, joined_to=None).order_by().values_list("pk", "title")
    entries = [Entry(pk, title, frozenset(services.get(pk, ()))) for pk, title in projects]
    entries.sort(key=lambda entry: (german_sort_key(entry.title), entry.pk))
    return {entry.pk: entry for entry in entries}


def similar_to(network_id: int, project_id: int) -> tuple[Entry, ...]:
    """Return at most two projects that look like this one, the most alike first; none where it does not go on."""
    return _twins_in(network_id).get(project_id, ())


def begun_twice(network_id: int) -> set[int]:
    """Return the projects that have a similar one."""
    return set(_twins_in(network_id))


def alike(network_id: int, project_id: int) -> set[int]:
    """Return the projects that this one has something in common with: those that may show it as similar are among them.

    It is compared with each of the others, not all with all.
    """
    entries = titles_of(network_id)
    one = entries.get(project_id)
    return {pk for pk, other in entries.items() if one and pk != project_id and _likeness(one, other)}


@once
def _twins_in(network_id: int) -> dict[int, tuple[Entry, ...]]:
    return _twins(tuple(titles_of(network_id).values()))


@lru_cache(maxsize=32)
def _twins(entries: tuple[Entry, ...]) -> dict[int, tuple[Entry, ...]]:
    """Return the similar ones of each project that has any. It follows from titles and services alone, so it is found
    out anew only where these change.
    """
    found: dict[int, list[tuple[float, Entry]]] = {}
    for one, other in _candidates(entries):
        if likeness := _likeness(one, other):
            found.setdefault(one.pk, []).append((likeness, other))
            found.setdefault(other.pk, []).append((likeness, one))
    ranked = {pk: sorted(rows, key=lambda row: -row[0])[:MOST] for pk, rows in found.items()}
    return {pk: tuple(entry for _likeness, entry in rows) for pk, rows in ranked.items()}


def _candidates(entries: tuple[Entry, ...]) -> list[tuple[Entry, Entry]]:
    """Return the pairs that share a service, a word or three letters that not many have."""
    shelves: dict[object, list[Entry]] = {}
    for entry in entries:
        for mark in {*entry.services, *_words(entry.title), *_trigrams(entry.title)}:
            shelves.setdefault(mark, []).append(entry)
    pairs: dict[tuple[int, int], tuple[Entry, Entry]] = {}
    for shelf in shelves.values():
        if len(shelf) <= MOST_ON_SHELF:
            pairs |= {(one.pk, two.pk): (one, two) for n, one in enumerate(shelf) for two in shelf[n + 1 :]}
    return list(pairs.values())


# What more projects have in common is an ending such as "-ung", and says nothing.
MOST_ON_SHELF = 60


def _likeness(one: Entry, two: Entry) -> float:
    """Return from 0 (nothing in common) to 2 (a service and the title) how alike two projects are."""
    return (1.0 if one.services & two.services else 0.0) + titles_alike(one.title, two.title)


def titles_alike(one: str, two: str) -> float:
    """Return how much of two titles is the same, 0 where it is too little to say so."""
    words, others = _words(one), _words(two)
    if not words or not others:
        return 0.0
    if words <= others or others <= words:
        return 1.0
    mine, theirs = _trigrams(one), _trigrams(two)
    share = len(mine & theirs) / len(mine | theirs)
    return share if share >= ALIKE else 0.0


@lru_cache(maxsize=5_000)
def _words(title: str) -> frozenset[str]:
    """Return the words of a title that say something: "E-Akte" and "eAkte" are the same word."""
    folded = re.sub(r"\b(e)[\s-]+(?=\w)", r"\1", german_sort_key(title))
    return frozenset(re.findall(r"\w+", folded)) - EMPTY


@lru_cache(maxsize=5_000)
def _trigrams(title: str) -> frozenset[str]:
    return frozenset(
        padded[n : n + 3] for padded in (f" {word} " for word in _words(title)) for n in range(len(padded) - 2)
    )
