"""Reads: the list of all OZG services, of the network and as one town sees it: filters, tabs, pages, the overview.

The database counts by service, the catalogue in memory knows the rest: as many queries for one service as for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from workgroups import ozg

from .services import Cover, Level, ServiceProject, cover_of, levels_of, levels_of_town, projects_by_service
from .texts import ListFilter, one_of

PAGE_SIZE = 50
# Of the network, and of one town: solved by others, by nobody yet, at home.
NETWORK_TABS = ("all", "online", "underway", "gaps")
TOWN_TABS = ("solved", "open", "ours")


@dataclass(frozen=True)
class CoverageFilter(ListFilter):
    """What a reader of the coverage asked for; what cannot be understood is left out. `tabs` are those of the network
    or those of a town, the first of them is shown where none is named.
    """

    show: str = ""
    field: str = ""
    situation: str = ""
    tabs: tuple[str, ...] = NETWORK_TABS

    @classmethod
    def parse(cls, query: str | QueryDict, tabs: tuple[str, ...] = NETWORK_TABS) -> CoverageFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = cls.values_of(query)
        wanted = cls(
            show=one_of(values.get("show", ""), tabs) or tabs[0],
            field=one_of(values.get("field", ""), ozg.policy_fields()),
            situation=one_of(values.get("situation", ""), ozg.situations()),
            tabs=tabs,
            **cls.paged(values),
        )
        return wanted.cut()

    def within(self, name: str) -> str:
        """Return the query string that narrows the same tab to a policy field; within a field to a life situation."""
        return self.with_(situation=name) if self.field else self.with_(field=name)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.field or self.situation or self.q)

    def services(self) -> list[ozg.Service]:
        """Return the services of the catalogue that the filter names, whatever their state."""
        found = {s.ozg_id for s in ozg.find(self.q, limit=len(ozg.catalogue()))} if self.q else ozg.catalogue()
        return [
            service
            for service in ozg.catalogue().values()
            if service.ozg_id in found
            and self.field in ("", service.field)
            and self.situation in ("", service.situation)
        ]

    def asked(self) -> dict[str, Any]:
        asked = super().asked()
        return {
            name: value for name, value in asked.items() if name != "tabs" and (name, value) != ("show", self.tabs[0])
        }


@dataclass(frozen=True)
class Row:
    """A service in the list: of the network, or of one town (`own` is its level then)."""

    service: ozg.Service
    cover: Cover
    levels: list[Level] = field(default_factory=list)
    projects: list[ServiceProject] = field(default_factory=list)
    own: int | None = None

    @property
    def online(self) -> list[Level]:
        return [level for level in self.levels if level.is_online]

    @property
    def best_label(self) -> Any:
        return "" if self.cover.best is None else ozg.LEVELS[self.cover.best]

    @property
    def own_label(self) -> Any:
        return "" if self.own is None else ozg.LEVELS[self.own]


@dataclass(frozen=True)
class Share:
    """A line of the overview: a policy field or a life situation, and how its services stand."""

    name: str
    query: str
    services: int
    online: int
    underway: int
    gaps: int


@dataclass(frozen=True)
class Coverage:
    """One page of services, how many each tab has under the same filters, and the overview above the plain list."""

    page: Page[Row]
    counts: dict[str, int]
    shares: list[Share]


def covered(network_id: int, wanted: CoverageFilter, ags: str = "") -> list[Row]:
    """Return all services that the filter names, of the network or (with `ags`) as one town sees them: for exports."""
    return _described(network_id, _shown(_rows(network_id, wanted, ags), wanted))


def coverage_of(network_id: int, wanted: CoverageFilter, ags: str = "") -> Coverage:
    """Return one page of services with its counts and overview; eight queries at most."""
    rows = _rows(network_id, wanted, ags)
    counts = {tab: sum(_in_tab(row, tab) for row in rows) for tab in wanted.tabs}
    page = Paginator(_shown(rows, wanted), PAGE_SIZE).get_page(wanted.page)
    page.object_list = _described(network_id, list(page.object_list))
    is_plain = page.number == 1 and not ags and not wanted.situation and not wanted.q
    return Coverage(page, counts, _shares(rows, wanted) if is_plain else [])


def _rows(network_id: int, wanted: CoverageFilter, ags: str) -> list[Row]:
    cover, own = cover_of(network_id), levels_of_town(network_id, ags) if ags else {}
    services = wanted.services()
    return [Row(s, cover.get(s.ozg_id, Cover()), own=own.get(s.ozg_id)) for s in services]


def _shown(rows: list[Row], wanted: CoverageFilter) -> list[Row]:
    """Return the rows of the tab: in the catalogue's order; what others solved with what most of them have first."""
    shown = [row for row in rows if _in_tab(row, wanted.show)]
    return sorted(shown, key=lambda row: -row.cover.online) if wanted.show == "solved" else shown


def _in_tab(row: Row, tab: str) -> bool:
    if tab in NETWORK_TABS:
        return tab in ("all", row.cover.state)
    if row.own is not None and row.own >= ozg.ONLINE_FROM:
        return tab == "ours"
    return tab == ("solved" if row.cover.online else "open")


def _described(network_id: int, rows: list[Row]) -> list[Row]:
    """Return the rows with the towns' levels and the projects of their services."""
    ids = tuple(row.service.ozg_id for row in rows)
    levels, projects = levels_of(network_id, ids), projects_by_service(network_id, ids)
    return [
        replace(row, levels=levels.get(row.service.ozg_id, []), projects=projects.get(row.service.ozg_id, []))
        for row in rows
    ]


def _shares(rows: list[Row], wanted: CoverageFilter) -> list[Share]:
    """Return the overview by policy field; within a field by life situation."""
    by: Callable[[ozg.Service], str] = (lambda s: s.situation) if wanted.field else (lambda s: s.field)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(by(row.service), []).append(row)
    return [
        Share(
            name,
            wanted.within(name),
            len(members),
            *(sum(row.cover.state == state for row in members) for state in ("online", "underway", "gaps")),
        )
        for name, members in groups.items()
    ]


def situations_by_field() -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Return the life situations grouped by policy field, as the choices of a form."""
    grouped: dict[str, dict[str, str]] = {}
    for service in ozg.catalogue().values():
        grouped.setdefault(service.field, {})[service.situation] = service.situation
    return [(name, list(situations.items())) for name, situations in grouped.items()]
