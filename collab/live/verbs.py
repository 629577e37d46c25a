"""The sentences of the change log: each app registers one per verb, in English, translated when shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.encoding import force_str
from django.utils.formats import date_format
from django.utils.translation import gettext

from .models import Change

_sentences: dict[str, Any] = {}
_addresses: dict[str, str] = {}
_quiet: set[str] = set()
# What is said aloud: of one change, and of several of the same kind ("" where only the latest counts).
_spoken: dict[str, tuple[Any, Any]] = {}


def register(
    sentences: Mapping[str, Any],
    addresses: Mapping[str, str] | None = None,
    quiet: Iterable[str] = (),
    spoken: Mapping[str, tuple[Any, Any]] | None = None,
) -> None:
    """Add lazy sentences such as "%(actor)s proposed “%(title)s”" by verb.

    `addresses` gives, by object type, the address of an object's page with `{slug}` and `{pk}` in it. `quiet` verbs
    stand in the history of their object but not in the network's feed: the steps of a meeting, not its results.
    `spoken` gives the few words in which screen readers hear it: ("Decision %(reference)s recorded",
    "{n} new decisions"). The browser counts, over several messages, so the second is not a plural form of gettext: n
    is two or more. Where it is empty, only the latest of several is said. Verbs with the same second text are counted
    together. Raises ValueError for a verb that has a sentence already.
    """
    if twice := _sentences.keys() & sentences.keys():
        raise ValueError(f"two sentences for {sorted(twice)}")
    _sentences.update(sentences)
    _addresses.update(addresses or {})
    _quiet.update(quiet)
    _spoken.update(spoken or {})


def quiet() -> set[str]:
    """Return the verbs that the network's feed leaves out."""
    return _quiet


def known() -> set[str]:
    return set(_sentences)


def sentence(change: Change) -> str:
    """Return what happened as one plain-text sentence in the active language.

    Empty for what this version cannot say: a newer process beside this one may write verbs that it does not know.
    """
    return _filled(_sentences.get(change.verb, ""), change)


def spoken(change: Change) -> tuple[str, str]:
    """Return what screen readers hear of a change, alone and where there are several (see `register`)."""
    if change.verb not in _spoken:
        return sentence(change), gettext("{n} changes")
    one, many = _spoken[change.verb]
    return _filled(one, change) or sentence(change), force_str(many)


def _filled(template: Any, change: Change) -> str:
    params = {"actor": change.actor_name, **change.params}
    try:
        return force_str(template) % {name: _readable(name, value) for name, value in params.items()}
    except (KeyError, TypeError, ValueError):
        return ""


def _readable(name: str, value: Any) -> Any:
    return local_date(value) if name in ("date", "due") else value


def local_date(text: str) -> str:
    """Return a date kept as ISO text as the active language writes it; any other text stays as it is."""
    try:
        return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")
    except ValueError:
        return text


def address(change: Change, slug: str) -> str:
    """Return the path of the page of the changed object, or an empty text where it has none."""
    template = _addresses.get(change.object_type, "")
    return template.format(slug=slug, pk=change.object_id, **change.params) if template else ""
