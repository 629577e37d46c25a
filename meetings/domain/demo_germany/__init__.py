"""A network for each Landkreis with years of work behind it: made in bulk, to see how the product bears a country."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

from django.db import connection, transaction
from django.utils import timezone, translation

from collab.network.domain import municipalities
from collab.network.models import Network
from collab.search.anew import entries_of
from collab.search.models import Entry

from .districts import District, districts
from .log import Log
from .meetings import Meetings, since
from .people import People
from .projects import Projects
from .protocols import Protocols
from .tables import Table, write_all

Told = Callable[[int, int, str, int], None]


def fill(
    *, networks: int | None = None, years: int = 10, today: date | None = None, told: Told | None = None
) -> list[Network]:
    """Fill an empty database with networks for so many Landkreise (None: all) and so many years of meetings.

    Returns them; none where there is a network already. Each is written in a transaction of its own. `told` hears
    after each how many of how many are there, the name of this one and how many rows there are so far.
    """
    if Network.objects.exists():
        return []
    municipalities.load()
    today = today or timezone.localdate()
    chosen = districts()[:networks]
    maker, made, rows = Maker(), [], 0
    for number, district in enumerate(chosen, start=1):
        with transaction.atomic(), translation.override("de"):
            network, written = maker.make(district, years, today)
        made.append(network)
        rows += written
        if told:
            told(number, len(chosen), network.name, rows)
    _take_stock()
    return made


class Maker:
    """Makes one network after the other; keys go on where the last one ended."""

    def __init__(self) -> None:
        self.log = Log()
        self.people, self.projects, self.meetings = People(), Projects(self.log), Meetings(self.log)
        self.protocols = Protocols(self.log, self.meetings)
        shown = ("network", "kind", "object_id", "key", "title", "about", "on", "parts", "circle")
        self.entries = Table(Entry, *shown, "title_words", "text_words")
        self.tables = [*self.people.tables, *self.projects.tables, *self.meetings.tables]
        self.tables += [*self.protocols.tables, *self.log.tables]

    def make(self, district: District, years: int, today: date) -> tuple[Network, int]:
        """Make the network of a district; the same again for the same day. Returns it and how many rows it took."""
        lots = Random(f"{district.key}/{today.isoformat()}")  # noqa: S311
        circle = self.people.settle(district, since(today, years))
        projects = self.projects.begin(circle, years, today, lots)
        self.meetings.hold(circle, projects, years, today, lots)
        self.protocols.write_down(circle, today)
        self.log.number(circle.network.pk)
        written = write_all(self.tables)
        for entry in entries_of(circle.network.pk):
            what = (entry.network_id, entry.kind, entry.object_id, entry.key, entry.title, entry.about, entry.on)
            self.entries.add(*what, entry.parts, entry.circle, entry.title_words, entry.text_words)
        return circle.network, written + write_all([self.entries])


def _take_stock() -> None:
    """Let the database count what it has: it plans its reads by that."""
    clears = connection.vendor == "postgresql" and not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if clears else "ANALYZE")
