"""What a query string says, read so that an old or broken link still shows a list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

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


def one_of(value: str, values: Collection[str]) -> str:
    """Return the value where it is one of these, else an empty text."""
    return value if value in values else ""


def municipality_key(text: str) -> str:
    """Return the text where it has the shape of an official municipality key (AGS), else an empty text."""
    return text if text.isascii() and text.isdigit() and len(text) == 8 else ""


def block_code(text: str) -> str:
    """Return the text where it has the shape of the code of a topic block, else an empty text."""
    return text if text.isascii() and len(text) <= 40 and text.replace("-", "").replace("_", "").isalnum() else ""


@dataclass(frozen=True)
class ListFilter:
    """What a reader of a list asked for. What cannot be understood is left out: an old link still shows a list.

    The fields of a list's own filter are its query string, with its plain list as defaults.
    """

    q: str = ""
    page: int = 1

    @staticmethod
    def values_of(query: str | QueryDict) -> dict[str, str]:
        """Return what a query string or `request.GET` says, the search and the page ready to be used; never raises."""
        values = QueryDict(query) if isinstance(query, str) else query
        return {name: str(values[name]) for name in values}

    @staticmethod
    def paged(values: dict[str, str]) -> dict[str, Any]:
        """Return the fields that every list has."""
        return {"q": search_text(values.get("q", "")), "page": whole_number(values.get("page", "")) or 1}

    def cut(self) -> Self:
        """Return the filter no longer than a variant of a region may be."""
        return self if len(self.variant) <= LONGEST_VARIANT else replace(self, q=self.q[:30])

    @property
    def variant(self) -> str:
        """The canonical query string: the same question gives the same text, the plain list an empty one."""
        return urlencode({**self.asked(), **({"page": self.page} if self.page > 1 else {})})

    @property
    def query(self) -> str:
        """The query string without the page, to be continued by a link's own `page=`."""
        return f"{text}&" if (text := urlencode(self.asked())) else ""

    def with_(self, **values: Any) -> str:
        """Return the query string of the same list with some values changed, from its first page."""
        return replace(self, page=1, **values).variant

    def asked(self) -> dict[str, Any]:
        """Return what was asked for beyond the plain list, by field, the search last; without the page."""
        own = [field for field in fields(self) if field.name not in ("q", "page")]
        said = {field.name: getattr(self, field.name) for field in own if getattr(self, field.name) != field.default}
        return {**said, "q": self.q} if self.q else said
