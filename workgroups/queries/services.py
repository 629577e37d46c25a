"""Reads: at which maturity the towns of a network offer the OZG services.

A town's level is what it says itself (ServiceStatus); where it said nothing, that of a project in operation which
serves the service: of the town that leads it, and of those that reuse it with the reuse running.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from collab.live.once import once
from collab.network.models import Accession, Membership, Municipality
from collab.network.queries import active_on
from workgroups import ozg, rules
from workgroups.models import Involvement, Project, ProjectService, Reuse, ServiceStatus

from .involvement import open_parts

LEADS = Q(role=Involvement.Role.LEAD)
RUNS = Q(role=Involvement.Role.REUSER, reuse__state=Reuse.State.RUNNING)


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
    known = {ozg_id: Cover(number, best, ozg_id in with_project) for ozg_id, (number, best) in found.items()}
    return {ozg_id: Cover(has_project=True) for ozg_id in with_project} | known


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
    values = rows.values_list("ozg_id", "project", "project__title", "project__phase", "ags", "lead")
    for ozg_id, pk, title, phase, ags, name in values:
        found.setdefault(ozg_id, []).append(ServiceProject(pk, title, phase, ags or "", name or ""))
    return found


@once
def levels_of_town(network_id: int, ags: str) -> dict[int, int]:
    """Return the level of each service of which one town said something or runs a project; two queries."""
    derived = _derived(network_id).filter(municipality=ags)
    levels: dict[int, int] = {}
    for ozg_id, maturity in derived.values_list("ozg", "project__maturity"):
        levels[ozg_id] = max(levels.get(ozg_id, 0), maturity)
    return {**levels, **dict(_said(network_id).filter(municipality=ags).values_list("ozg_id", "maturity"))}


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
    is_own = membership.municipality_id == ags
    if not (ags.isascii() and ags.isdigit()) or not (membership.is_coordinator or is_own):
        return None
    return _accessions(membership.network_id).filter(municipality=ags).select_related("municipality").first()


@once
def towns_of(network_id: int) -> list[Municipality]:
    """Return the towns of the network today, by name."""
    towns = Municipality.objects.filter(pk__in=_accessions(network_id).values("municipality"))
    return list(towns.order_by("sort_key", "pk"))


def projects_serving(network_id: int, ozg_id: int) -> QuerySet[Project]:
    """Return the projects of the network that serve the service, by title."""
    ids = _serving(network_id).filter(ozg_id=ozg_id).values("project")
    return Project.objects.filter(pk__in=ids).order_by("title", "pk")


def _accessions(network_id: int) -> QuerySet[Accession]:
    return Accession.objects.filter(active_on(timezone.localdate()), network=network_id)


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
