"""What a query string says, read so that an old or broken link still shows a list."""

from __future__ import annotations

from django.db.models import Q

# No variant of a region is longer: the query string of a list.
LONGEST_VARIANT = 480


def whole_number(text: str) -> int | None:
    """Return the positive number that the text is, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 16 and int(text) else None


def search_text(text: str) -> str:
    """Return what to search for: without what no database stores, one space between words, at most 80
    characters.
    """
    return " ".join(text.replace("\0", " ").split())[:80]


def containing(q: str, *fields: str) -> Q:
    """Return the condition that each word of `q` stands in one of the fields."""
    wanted = Q()
    for word in q.split():
        anywhere = Q()
        for field in fields:
            anywhere |= Q(**{f"{field}__icontains": word})
        wanted &= anywhere
    return wanted
