"""Reads: how far the OZG services are in the towns of a network.

A town's level is what it says itself (ServiceStatus); where it said nothing, that of a project in operation which
serves the service: of the town that leads it, and of those that reuse it with the reuse running. The database counts
by service, the catalogue in memory knows the rest: as many queries for one service as for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, QueryDict
from django.utils import timezone

from collab.live.once import once
from collab.network.models import Accession, Membership, Municipality
from collab.network.queries import active_on
from workgroups import ozg, rules
from workgroups.models import Involvement, Project, ProjectService, Reuse, ServiceStatus

from .involvement import open_parts
from .texts import LONGEST_VARIANT, search_text, whole_number

PAGE_SIZE = 50
# Of the network, and of one town: solved by others, by nobody yet, at home.
NETWORK_TABS = ("all", "online", "underway", "gaps")
TOWN_TABS = ("solved", "open", "ours")
LEADS = Q(role=Involvement.Role.LEAD)
RUNS = Q(role=Involvement.Role.REUSER, reuse__state=Reuse.State.RUNNING)


@dataclass(frozen=True)
class CoverageFilter:
    """What a reader of the coverage asked for; what cannot be understood is left out. `tabs` are those of the network
    or those of a town, the first of them is shown where none is named.
    """

    show: str = ""
    field: str = ""
    situation: str = ""
    q: str = ""
    page: int = 1
    tabs: tuple[str, ...] = NETWORK_TABS

    @classmethod
    def parse(cls, query: str | QueryDict, tabs: tuple[str, ...] = NETWORK_TABS) -> CoverageFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = QueryDict(query) if isinstance(query, str) else query
        show, policy = values.get("show", ""), values.get("field", "")
        situation = values.get("situation", "")
        if situation not in ozg.situations():
            situation = ""
        elif policy and policy != _field_of()[situation]:
            policy = ""  # a life situation belongs to one field: the narrower question counts
        wanted = cls(
            show=show if show in tabs else tabs[0],
            field=policy if policy in ozg.policy_fields() and not situation else "",
            situation=situation,
            q=search_text(values.get("q", "")),
            page=whole_number(values.get("page", "")) or 1,
            tabs=tabs,
        )
        return wanted if len(wanted.variant) <= LONGEST_VARIANT else replace(wanted, q=wanted.q[:30])

    @property
    def variant(self) -> str:
        """The canonical query string: the same question gives the same text, the plain list an empty one."""
        return urlencode({**self._asked(), **({"page": self.page} if self.page > 1 else {})})

    @property
    def query(self) -> str:
        """The query string without the page, to be continued by a link's own `page=`."""
        return f"{text}&" if (text := urlencode(self._asked())) else ""

    def tab(self, show: str) -> str:
        """Return the query string of another tab with the same filters."""
        return replace(self, show=show, page=1).variant

    def within(self, *, field: str = "", situation: str = "") -> str:
        """Return the query string that narrows the same tab to a policy field or a life situation."""
        return replace(self, field=field, situation=situation, page=1).variant

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

    def _asked(self) -> dict[str, Any]:
        asked = {"show": self.show, "field": self.field, "situation": self.situation, "q": self.q}
        return {name: value for name, value in asked.items() if value and (name, value) != ("show", self.tabs[0])}


@dataclass(frozen=True)
class Cover:
    """How far a service is in the network: in how many towns online, the best level, whether a project works on it."""

    online: int = 0
    best: int | None = None
    has_project: bool = False

    @property
    def state(self) -> str:
        """The tab of the network's list it stands under."""
        return "online" if self.online else "underway" if self.has_project else "gaps"


@dataclass(frozen=True)
class Level:
    """How far a service is in one town, and how that is known: `status` the town said, `project` it is taken from."""

    ags: str
    town: str
    maturity: int
    status: ServiceStatus | None = None
    project_id: int | None = None
    project: str = ""

    @property
    def is_online(self) -> bool:
        return self.maturity >= ozg.ONLINE_FROM

    @property
    def label(self) -> Any:
        return ozg.LEVELS[self.maturity]


@dataclass(frozen=True)
class ServiceProject:
    """A project that serves a service, and the town that leads it (empty where nobody does)."""

    pk: int
    title: str
    phase: str
    lead_ags: str
    lead: str

    @property
    def phase_label(self) -> Any:
        return Project.Phase(self.phase).label


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


@once
def cover_of(network_id: int) -> dict[int, Cover]:
    """Return how far each service is of which anything is known; three queries, however many towns and services."""
    found: dict[int, tuple[int, int]] = {}
    at_level, project_at_level = Q(maturity__gte=ozg.ONLINE_FROM), Q(project__maturity__gte=ozg.ONLINE_FROM)
    said = _said(network_id).values_list("ozg_id").annotate(n=Count("pk", filter=at_level), best=Max("maturity"))
    derived = _derived(network_id).values_list("ozg").order_by()
    # A town may run two projects for one service.
    towns = Count("municipality", filter=project_at_level, distinct=True)
    derived = derived.annotate(n=towns, best=Max("project__maturity"))
    for ozg_id, number, best in (*said, *derived):
        before = found.get(ozg_id, (0, 0))
        found[ozg_id] = (before[0] + number, max(before[1], best))
    with_project = set(_serving(network_id).values_list("ozg_id", flat=True))
    return {
        ozg_id: Cover(*found.get(ozg_id, (0, None)), has_project=ozg_id in with_project)
        for ozg_id in found.keys() | with_project
    }


@once
def levels_of(network_id: int, ozg_ids: tuple[int, ...]) -> dict[int, list[Level]]:
    """Return the towns' levels by service, the highest first, then by the towns' names; two queries."""
    levels: dict[int, list[tuple[str, Level]]] = {}
    said = _said(network_id).filter(ozg_id__in=ozg_ids).select_related("municipality", "project", "said_by__person")
    for status in said:
        town = status.municipality
        level = Level(town.pk, town.short_name, status.maturity, status=status)
        levels.setdefault(status.ozg_id, []).append((town.sort_key, level))
    derived = _derived(network_id).filter(ozg__in=ozg_ids).select_related("municipality", "project")
    best: dict[tuple[int, str], Involvement] = {}
    for part in derived:
        key = (part.ozg, part.municipality_id)
        if key not in best or (best[key].project.maturity or 0) < (part.project.maturity or 0):
            best[key] = part
    for (ozg_id, _ags), part in best.items():
        town, project = part.municipality, part.project
        level = Level(town.pk, town.short_name, project.maturity or 0, None, project.pk, project.title)
        levels.setdefault(ozg_id, []).append((town.sort_key, level))
    for rows in levels.values():
        rows.sort(key=lambda row: (-row[1].maturity, row[0]))
    return {ozg_id: [level for _name, level in rows] for ozg_id, rows in levels.items()}


@once
def projects_by_service(network_id: int, ozg_ids: tuple[int, ...]) -> dict[int, list[ServiceProject]]:
    """Return the projects that serve each service, with who leads them; one query."""
    lead = open_parts(network_id).filter(project=OuterRef("project"), role=Involvement.Role.LEAD)
    rows = _serving(network_id).filter(ozg_id__in=ozg_ids).order_by("project__title", "project")
    rows = rows.annotate(
        ags=Subquery(lead.values("municipality")[:1]), lead=Subquery(lead.values("municipality__short_name")[:1])
    )
    found: dict[int, list[ServiceProject]] = {}
    for ozg_id, *values, ags, name in rows.values_list(
        "ozg_id", "project", "project__title", "project__phase", "ags", "lead"
    ):
        found.setdefault(ozg_id, []).append(ServiceProject(*values, ags or "", name or ""))
    return found


@once
def levels_of_town(network_id: int, ags: str) -> dict[int, int]:
    """Return the level of each service of which one town said something or runs a project; two queries."""
    derived = _derived(network_id).filter(municipality=ags)
    levels: dict[int, int] = {}
    for ozg_id, maturity in derived.values_list("ozg", "project__maturity"):
        levels[ozg_id] = max(levels.get(ozg_id, 0), maturity)
    return {**levels, **dict(_said(network_id).filter(municipality=ags).values_list("ozg_id", "maturity"))}


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
    key = "situation" if wanted.field else "field"
    return [
        Share(
            name,
            wanted.within(**{key: name}),
            len(members),
            *(sum(row.cover.state == state for row in members) for state in ("online", "underway", "gaps")),
        )
        for name, members in groups.items()
    ]


# -- one service ------------------------------------------------------------------------------------------------------


def get_service_for(membership: Membership, ozg_id: int) -> ozg.Service:
    """Return a service of the catalogue; raises Http404 where there is none, and for guests."""
    service = ozg.catalogue().get(ozg_id)
    if service is None or not rules.may_read_projects(membership):
        raise Http404
    return service


def state_of_town(network_id: int, ags: str | None, ozg_id: int) -> ServiceStatus | None:
    """Return what the town itself said of the service."""
    return ServiceStatus.objects.filter(network=network_id, municipality=ags, ozg_id=ozg_id).first()


def accession_for(membership: Membership, ags: str) -> Accession | None:
    """Return the accession of the town whose gaps this member may look at: their own, the coordinator any."""
    if not membership.is_coordinator and membership.municipality_id != ags:
        return None
    return _accessions(membership.network_id).filter(municipality=ags or None).select_related("municipality").first()


@once
def towns_of(network_id: int) -> list[Municipality]:
    """Return the towns of the network today, by name."""
    towns = Municipality.objects.filter(pk__in=_accessions(network_id).values("municipality"))
    return list(towns.order_by("sort_key", "pk"))


def projects_serving(network_id: int, ozg_id: int) -> QuerySet[Project]:
    """Return the projects of the network that serve the service, by title."""
    ids = _serving(network_id).filter(ozg_id=ozg_id).values("project")
    return Project.objects.filter(pk__in=ids).order_by("title", "pk")


def _accessions(network_id: int, on: date | None = None) -> QuerySet[Accession]:
    return Accession.objects.filter(active_on(on or timezone.localdate()), network=network_id)


def _said(network_id: int) -> QuerySet[ServiceStatus]:
    """What towns said themselves; a town that left takes its word with it."""
    towns = _accessions(network_id).values("municipality")
    return ServiceStatus.objects.filter(network=network_id, municipality__in=towns)


def _derived(network_id: int) -> QuerySet[Any]:
    """The parts of towns in projects that run, one row for each service (`ozg`) of which the town said nothing."""
    towns = _accessions(network_id).values("municipality")
    own_word = ServiceStatus.objects.filter(
        network=network_id, municipality=OuterRef("municipality"), ozg_id=OuterRef("ozg")
    )
    return (
        Involvement.objects.filter(
            LEADS | RUNS,
            until=None,
            municipality__in=towns,
            project__network=network_id,
            project__joined_to=None,
            project__phase__in=Project.ONLINE,
            project__maturity__isnull=False,
        )
        .annotate(ozg=F("project__services__ozg_id"))
        .filter(~Exists(own_word), ozg__isnull=False)
    )


def _serving(network_id: int) -> QuerySet[ProjectService]:
    """The services of the projects that go on."""
    going_on = Q(project__network=network_id, project__joined_to=None) & ~Q(project__phase=Project.Phase.STOPPED)
    return ProjectService.objects.filter(going_on)


@cache
def _field_of() -> dict[str, str]:
    return {service.situation: service.field for service in ozg.catalogue().values()}


def situations_by_field() -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Return the life situations grouped by policy field, as the choices of a form."""
    grouped: dict[str, dict[str, str]] = {}
    for service in ozg.catalogue().values():
        grouped.setdefault(service.field, {})[service.situation] = service.situation
    return [(name, list(situations.items())) for name, situations in grouped.items()]
