"""Which towns work together: a network for each Landkreis, and the cities that belong to none with a neighbour."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.text import slugify

from collab.network.models import FOLDED, Municipality

# By the first two digits of the key: how `holidays` calls the state.
STATES = dict(
    zip(
        (f"{number:02d}" for number in range(1, 17)),
        ("SH", "HH", "NI", "HB", "NW", "HE", "RP", "BW", "BY", "SL", "BE", "BB", "MV", "SN", "ST", "TH"),
        strict=True,
    )
)
# The city states have no Landkreis: the state of the neighbours.
NEIGHBOURS = {"02": "01", "04": "03", "11": "12"}
# The one that people look at first.
FIRST = "08317"


@dataclass(frozen=True)
class District:
    """A Landkreis with the towns of its network, the largest first."""

    key: str
    name: str
    towns: list[Municipality]

    @property
    def slug(self) -> str:
        """The last part of its address, such as ortenaukreis."""
        return slugify(self.name.lower().translate(FOLDED))[:50]

    @property
    def title(self) -> str:
        """Its name in a sentence: the Ortenaukreis, the Landkreis Rosenheim."""
        return self.name if re.search(r"kreis|Kreis|Region|region", self.name) else f"Landkreis {self.name}"

    @property
    def state(self) -> str:
        return STATES[self.key[:2]]


def districts() -> list[District]:
    """Return the Landkreise by key, each with a city of its state that belongs to none; the Ortenaukreis first."""
    towns: dict[str, list[Municipality]] = {}
    for town in Municipality.objects.order_by("ags"):
        towns.setdefault(town.ags[:5], []).append(town)
    real = {key: list(members) for key, members in towns.items() if len(members) > 1}
    for key in towns.keys() - real.keys():
        real[_nearest(key, list(real))] += towns[key]
    found = [
        District(key, towns[key][0].district, sorted(members, key=lambda town: (-town.population, town.ags)))
        for key, members in sorted(real.items())
    ]
    return sorted(found, key=lambda district: (district.key != FIRST, district.key))


def _nearest(key: str, others: list[str]) -> str:
    """Return the Landkreis of the same state whose key is the nearest."""
    state = NEIGHBOURS.get(key[:2], key[:2])
    at_home = [other for other in others if other[:2] == state]
    return min(at_home, key=lambda other: (abs(int(other) - int(key)), other))
