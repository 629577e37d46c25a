"""Writing into the index: domain functions say what can be found, in their own transaction."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from .models import Entry
from .words import indexed, of_network

# What is longer is shown and found by its beginning.
LONGEST_PART = 20_000
# PostgreSQL's vectors end at one megabyte, and each word carries its network.
MOST_TEXT = 200_000
SHOWN = ("network_id", "key", "title", "about", "on", "parts", "circle", "title_words", "text_words")


@dataclass(frozen=True)
class Part:
    """Something said about a thing: under which label (an English text of the catalogue), by whom, and where."""

    label: str
    text: str
    who: str = ""
    at: str = ""


@dataclass(frozen=True)
class Found:
    """A thing as the index keeps it; see `models.Entry` for the columns."""

    network_id: int
    kind: str
    pk: int
    title: str
    parts: Sequence[Part] = ()
    about: str = ""
    on: date | None = None
    circle: str = ""
    key: str = ""
    # What it is also found by and what is shown elsewhere: a reference, the names of towns.
    words: Sequence[str] = field(default_factory=tuple)


def put(*found: Found) -> None:
    """Keep these things as they are now; one query, twice is once."""
    if found:
        Entry.objects.bulk_create(
            [entry_of(thing) for thing in found],
            update_conflicts=True,
            unique_fields=["kind", "object_id"],
            update_fields=SHOWN,
            batch_size=200,
        )


def remove(kind: str, pks: Iterable[int]) -> None:
    """Let things be found no more: they were withdrawn, or are part of something else now."""
    Entry.objects.filter(kind=kind, object_id__in=list(pks)).delete()


def entry_of(found: Found) -> Entry:
    """Return the row of a thing, not saved."""
    said = [part for part in found.parts if part.text.strip()]
    return Entry(
        network_id=found.network_id,
        kind=found.kind,
        object_id=found.pk,
        key=found.key,
        title=_clean(found.title)[:300],
        about=_clean(found.about)[:300],
        on=found.on,
        parts=[{**asdict(part), "text": _clean(part.text)[:LONGEST_PART]} for part in said],
        circle=found.circle,
        title_words=of_network(found.network_id, indexed(found.title, *found.words)),
        text_words=of_network(
            found.network_id, indexed(found.about, *(part.text[:LONGEST_PART] for part in said))[:MOST_TEXT]
        ),
    )


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\0", " "))
