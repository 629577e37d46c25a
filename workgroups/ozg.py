"""The catalogue of OZG services (services under the Onlinezugangsgesetz); data/README.md names its source.

It is the same for every network and never changes while the product runs, so it is read from its file once and is no
table.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from collab.network.models import german_sort_key

SOURCE = Path(__file__).resolve().parent / "data" / "ozg-services.csv"
# From here on a service counts as online: the OZG asks for level 3 of its Reifegradmodell, an application that can be
# made online with everything it needs.
ONLINE_FROM = 3
# What its levels are called.
LEVELS: dict[int, str | Promise] = {
    0: pgettext_lazy("maturity", "Offline"),
    1: pgettext_lazy("maturity", "Information"),
    2: pgettext_lazy("maturity", "Form to fill in"),
    3: pgettext_lazy("maturity", "Online application"),
    4: pgettext_lazy("maturity", "Online throughout"),
}


@dataclass(frozen=True)
class Service:
    ozg_id: int
    name: str
    situation: str  # Lage: the life or business situation it belongs to
    field: str  # Themenfeld
    leika_services: int

    def __str__(self) -> str:
        return self.name


@cache
def catalogue() -> dict[int, Service]:
    """Return all services by id, ordered by policy field, life situation and name."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = [
            Service(int(r["ozg_id"]), r["name"], r["lage"], r["themenfeld"], int(r["leika_services"]))
            for r in csv.DictReader(file)
        ]
    rows.sort(key=lambda s: (german_sort_key(s.field), german_sort_key(s.situation), german_sort_key(s.name)))
    return {service.ozg_id: service for service in rows}


@cache
def policy_fields() -> list[str]:
    """Return the policy fields (Themenfelder) in the catalogue's order."""
    return list(dict.fromkeys(service.field for service in catalogue().values()))


@cache
def situations() -> list[str]:
    """Return the life and business situations (Lagen), sorted."""
    return sorted({service.situation for service in catalogue().values()}, key=german_sort_key)


@cache
def _folded() -> list[tuple[str, Service]]:
    return [(german_sort_key(f"{s.name} {s.situation} {s.field}"), s) for s in catalogue().values()]


def find(text: str, limit: int = 20) -> list[Service]:
    """Return at most `limit` services in which each word of `text` stands (umlauts as base letters), names first."""
    words = german_sort_key(text).split()
    if not words:
        return []
    hits = [service for folded, service in _folded() if all(word in folded for word in words)]
    hits.sort(key=lambda s: not all(word in german_sort_key(s.name) for word in words))
    return hits[:limit]


def line(ozg_id: int) -> str:
    """Return the service as forms write it: its name and, in brackets, its number."""
    service = catalogue().get(ozg_id)
    return f"{service.name} ({ozg_id})" if service else str(ozg_id)
