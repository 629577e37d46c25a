"""Reads: what fits a few words. Two queries, however much is found and of however many kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.utils.translation import gettext

from collab.network.models import Membership

from . import kinds
from .kinds import Kind
from .models import Entry
from .words import Piece, Word, asked, hits, marked, of_network, snippet

# So many of each kind; of one kind alone so many on a page.
OF_A_KIND = 10
LONGEST_QUESTION = 200
FARTHEST_PAGE = 10_000

# `hits` are the keys of the entries that fit, the best first.
HITS = {
    "postgresql": """
        SELECT id, -ts_rank(vector, wanted) AS rank
        FROM search_entry, (SELECT to_tsquery('simple', %s) AS wanted) AS question WHERE vector @@ wanted
    """,
    "sqlite": """
        SELECT rowid AS id, bm25(search_words, 8.0, 1.0) AS rank FROM search_words WHERE search_words MATCH %s
    """,
}
SEEN = "FROM search_entry AS entry JOIN hits ON hits.id = entry.id WHERE entry.network_id = %s{circles}"
COUNTS = "WITH hits AS MATERIALIZED ({hits}) SELECT entry.kind, count(*) {seen} GROUP BY entry.kind"
PAGE = """
    WITH hits AS MATERIALIZED ({hits}), places AS (
        SELECT entry.id, row_number() OVER (
            PARTITION BY entry.kind ORDER BY hits.rank, entry."on" DESC, entry.id DESC
        ) AS place {seen}
    )
    SELECT entry.id, entry.kind, entry.object_id, entry.key, entry.title, entry.about, entry."on", entry.parts
    FROM search_entry AS entry JOIN places ON places.id = entry.id
    WHERE places.place > %s AND places.place <= %s{kind} ORDER BY places.place
"""


@dataclass(frozen=True)
class Hit:
    """Something found: where it is, what it is, in which of its parts the words stand, and how they stand there."""

    pk: int
    address: str
    title: list[Piece]
    about: str
    on: date | None
    place: str
    snippet: list[Piece]


@dataclass
class Shelf:
    """The hits of one kind, of which `count` there are."""

    kind: Kind
    count: int
    hits: list[Hit] = field(default_factory=list)


@dataclass(frozen=True)
class Findings:
    """What was found: kinds with hits in their order, and the page of the one kind that was asked for."""

    words: list[Word]
    shelves: list[Shelf]
    counts: dict[str, int]
    page: Page[Any] | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def question_of(text: str) -> str:
    """Return what somebody typed, without what no database stores, one space between words, at most 200 characters."""
    return " ".join(text.replace("\0", " ").split())[:LONGEST_QUESTION].strip()


def find(membership: Membership, text: str, *, kind: str = "", page: int = 1) -> Findings:
    """Return what this member finds: ten of each kind, or one page of a single kind."""
    words = asked(text)
    if not words:
        return Findings([], [], {}, None)
    hits_sql, asked_for = _hits(membership.network_id, words)
    closed = kinds.closed_to(membership)
    circles = f" AND entry.circle NOT IN ({', '.join(['%s'] * len(closed))})" if closed else ""
    seen = SEEN.format(circles=circles)
    params: list[Any] = [*asked_for, membership.network_id, *closed]
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(hits=hits_sql, seen=seen), params)
        counts = dict(cursor.fetchall())
    paged = Paginator(range(counts.get(kind, 0)), OF_A_KIND).get_page(min(page, FARTHEST_PAGE)) if kind else None
    first = (paged.number - 1) * OF_A_KIND if paged else 0
    sql = PAGE.format(hits=hits_sql, seen=seen, kind=" AND entry.kind = %s" if kind else "")
    found = Entry.objects.raw(sql, [*params, first, first + OF_A_KIND, *([kind] if kind else [])])
    return Findings(words, _shelves(list(found), counts, words, membership.network.slug), counts, paged)


def _hits(network_id: int, words: Sequence[Word]) -> tuple[str, list[str]]:
    """Return the statement that finds what has all of the words in that network, and its parameters.

    A word consists of letters and digits alone (`words.fold`), so nothing in it can mean anything to the index.
    """
    sqlite = connection.vendor == "sqlite"
    either, both, word, beginning = (" OR ", " AND ", '"{}"', '"{}"*') if sqlite else (" | ", " & ", "'{}'", "'{}':*")

    def fitting(wanted: Word) -> str:
        forms = [word.format(of_network(network_id, form)) for form in dict.fromkeys((wanted.text, wanted.stem))]
        if wanted.beginning:
            forms.append(beginning.format(of_network(network_id, wanted.beginning)))
        return f"({either.join(forms)})"

    return HITS[connection.vendor], [both.join(map(fitting, words))]


def _shelves(entries: list[Entry], counts: dict[str, int], words: list[Word], slug: str) -> list[Shelf]:
    shelves = {kind.name: Shelf(kind, counts[kind.name]) for kind in kinds.all_kinds() if counts.get(kind.name)}
    for entry in entries:
        if shelf := shelves.get(entry.kind):
            shelf.hits.append(_hit(entry, shelf.kind, words, slug))
    return [shelf for shelf in shelves.values() if shelf.hits]


def _hit(entry: Entry, kind: Kind, words: list[Word], slug: str) -> Hit:
    part = _best_part(entry.parts, words)
    address = kind.address.format(slug=slug, key=entry.key or entry.object_id)
    at = f"#{part['at']}" if part and part["at"] else ""
    return Hit(
        pk=entry.pk,
        address=f"{address}{at}",
        title=marked(entry.title, words),
        about=entry.about,
        on=entry.on,
        place=_place(part) if part else "",
        snippet=snippet(part["text"], words) if part else [],
    )


def _best_part(parts: list[dict[str, str]], words: list[Word]) -> dict[str, str] | None:
    """Return the first part in which most of the words stand; the very first where none does."""
    different = [len({word for _begin, _end, word in hits(part["text"], words)}) for part in parts]
    return parts[different.index(max(different))] if parts else None


def _place(part: dict[str, str]) -> str:
    label = gettext(part["label"]) if part["label"] else ""
    return ": ".join(text for text in (label, part["who"]) if text)
