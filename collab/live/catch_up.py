"""What a screen has missed: used when a socket connects, and by screens that poll."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import TypedDict

from django.core.exceptions import ObjectDoesNotExist
from django.db.utils import Error as DatabaseError
from django.utils import timezone, translation

from collab.network.models import Membership

from . import circles, verbs
from .log import changed_since, version_of
from .models import Change
from .once import reading_once
from .regions import audience_of, base_of, render, tells

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stale:
    """One region as it is now; `html` is None where it no longer exists or may no longer be seen."""

    region: str
    version: int
    html: str | None


class News(TypedDict):
    """Changes of one kind: what is said of several of them, and each one's version, actor and own words."""

    kind: str
    many: str
    of: list[tuple[int, int, str]]


class _Renders:
    """The newest renders, so that a thousand screens that come back together cost one render each of few regions.

    A text is good as long as its region has not changed since the version in the key.
    """

    def __init__(self, size: int) -> None:
        self._texts: OrderedDict[tuple[str, str, str, int, date], str] = OrderedDict()
        self._size = size
        self._lock = Lock()

    def get(self, region: str, audience: str, language: str, changed_at: int) -> str:
        # What is overdue and which meeting is next changes with the day, without a change of anybody's.
        key = (region, audience, language, changed_at, timezone.localdate())
        with self._lock:
            if key in self._texts:
                self._texts.move_to_end(key)
                return self._texts[key]
        text = render(region, audience, language)
        with self._lock:
            self._texts[key] = text
            if len(self._texts) > self._size:
                self._texts.popitem(last=False)
        return text


# The board has a region for each of its rows; most of the texts are short.
_renders = _Renders(size=2000)


def audiences(membership: Membership, regions: list[str]) -> dict[str, str | None]:
    """Return for each region id this member's audience, None where they may not see it."""
    with reading_once():
        return {region: audience_of(region, membership) for region in regions}


def catch_up(
    membership: Membership, language: str, since: int, seen_by: dict[str, str | None]
) -> tuple[int, list[Stale]]:
    """Return the newest version and the regions that are stale on a screen rendered at version `since`.

    `seen_by` are the screen's regions with the member's audience, as from `audiences`. A negative `since` means that
    the screen trusts nothing it shows.
    """
    now = version_of(membership.network_id)
    changed = changed_since(membership.network_id, since, now)
    stale = []
    with reading_once():
        for region, audience in seen_by.items():
            changed_at = now if changed is None else changed.get(base_of(region))
            if audience is None:
                stale.append(Stale(region, now, None))
            elif changed_at is not None:
                stale.append(_as_it_is(region, audience, language, changed_at, now))
    return now, stale


def _as_it_is(region: str, audience: str, language: str, changed_at: int, now: int) -> Stale:
    return Stale(region, now, rendered(lambda: _renders.get(region, audience, language, changed_at), region))


def rendered(make: Callable[[], str], region: str) -> str | None:
    """Return what `make()` renders; None where the object is gone or the template fails (which is logged).

    One broken region must not keep the others from a screen.
    """
    try:
        return make()
    except ObjectDoesNotExist:
        return None
    except DatabaseError:
        raise
    except Exception:
        log.exception("region %s does not render", region)
        return None


def news(changes: list[Change], region: str, language: str, audience: str) -> list[News]:
    """Return what is said aloud of those changes that touched the region, by kind, oldest first, in that language."""
    told: dict[str, News] = {}
    circles.note(changes)
    with translation.override(language):
        for change in changes:
            if base_of(region) not in change.regions or not tells(region, audience, change):
                continue
            one, many = verbs.spoken(change)
            if one:
                kind = many or change.verb
                told.setdefault(kind, {"kind": kind, "many": many, "of": []})["of"].append(
                    (change.version, change.actor_id or 0, one)
                )
    for news_of in told.values():  # of many only the number is said: the words of the earlier ones need not travel
        of = news_of["of"]
        news_of["of"] = [(version, actor, "") for version, actor, _one in of[:-3]] + of[-3:]
    return list(told.values())
