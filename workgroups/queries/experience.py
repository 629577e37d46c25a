"""Reads: experience reports, who reuses what from whom, and the balance of a network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from collab.live.log import history
from collab.live.models import Change
from collab.live.once import once
from collab.network.models import Accession, Membership, Municipality
from collab.network.queries import active_on
from workgroups import rules
from workgroups.models import ExperienceReport, Involvement, Project, Reuse, ReuseStep

from .involvement import lead_of, open_parts

LEAD, REUSER = Involvement.Role.LEAD, Involvement.Role.REUSER
MOST_REUSED = 5
LONG_TEXTS = ("took", "cost", "differently", "needed")


def leading_town(project_id: int) -> Municipality | None:
    """Return the town that leads the project now."""
    part = lead_of(project_id)
    return part.municipality if part else None


@once
def newest_report(project_id: int) -> ExperienceReport | None:
    """Return the version of the experience report that counts."""
    reports = ExperienceReport.objects.filter(project=project_id)
    return reports.select_related("municipality", "written_by__person").first()


@once
def earlier_reports(project_id: int) -> list[ExperienceReport]:
    """Return the earlier versions, the latest first, without their texts."""
    reports = ExperienceReport.objects.filter(project=project_id).defer(*LONG_TEXTS)
    return list(reports.select_related("municipality", "written_by__person")[1:])


def get_report_for(membership: Membership, project_id: int, number: int) -> ExperienceReport:
    """Return one version of a project's report; raises Http404 where this member may not see it."""
    reports = ExperienceReport.objects.select_related("project__network", "municipality", "written_by__person")
    report = reports.filter(project=project_id, number=number, project__network=membership.network_id).first()
    if report is None or not rules.may_read_projects(membership):
        raise Http404
    return report


# -- the chain of reuse -----------------------------------------------------------------------------------------------


@dataclass
class Link:
    """A town in the chain of reuse, with those that took over from it; `part` and `reuse` where it reuses itself."""

    town: Municipality
    is_lead: bool = False
    part: Involvement | None = None
    reuse: Reuse | None = None
    done: int = 0
    steps: int = 0
    takers: list[Link] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.part is not None and self.part.until is not None


@once
def chain_of(project_id: int) -> list[Link]:
    """Return who took the project over from whom: the towns nobody took it over for, each with those behind it.

    A reuser that named nobody stands behind the lead. Who left is shown where there is a record of their reuse.
    """
    lead = leading_town(project_id)
    links: dict[str, Link] = {}
    for part in _reusing(project_id):
        reuse = getattr(part, "reuse", None)
        if part.municipality_id not in links or part.until is None:
            links[part.municipality_id] = Link(part.municipality, False, part, reuse, part.done, part.steps)
    reusing = list(links.values())
    if lead and lead.pk not in links:
        links[lead.pk] = Link(lead)
    for link in reusing:
        source = link.reuse.taken_from if link.reuse else None
        if source and source.pk not in links:
            links[source.pk] = Link(source)
    if lead:
        links[lead.pk].is_lead = True
    behind: set[str] = set()
    for link in reusing:
        source = (link.reuse.taken_from if link.reuse else None) or lead
        if source and source.pk != link.town.pk and not _leads_to(links[source.pk], link):
            links[source.pk].takers.append(link)
            behind.add(link.town.pk)
    return [link for ags, link in links.items() if ags not in behind and (link.takers or link.part)]


def _leads_to(source: Link, link: Link) -> bool:
    """Whether the chain from `link` downwards comes to `source`: then it would close to a ring."""
    return source is link or any(_leads_to(source, taker) for taker in link.takers)


def _reusing(project_id: int) -> QuerySet[Any]:
    """The towns that reuse the project, and those that did and left a record; with how far the checklist is."""
    kept = Q(reuse__steps__removed=False)
    parts = Involvement.objects.filter(Q(until=None) | Q(reuse__isnull=False), project=project_id, role=REUSER)
    parts = parts.select_related("municipality", "reuse__taken_from").order_by("since", "pk")
    return parts.annotate(
        steps=Count("reuse__steps", filter=kept),
        done=Count("reuse__steps", filter=kept & Q(reuse__steps__done_on__isnull=False)),
    )


def own_part(membership: Membership, project_id: int) -> Involvement | None:
    """Return the reuse of the project by the person's own town, None where it does not reuse it."""
    parts = Involvement.objects.filter(project=project_id, role=REUSER, until=None)
    return parts.filter(municipality=membership.municipality_id or "").first()


def get_reuse_for(membership: Membership, pk: int) -> Reuse:
    """Return a town's reuse with its project; raises Http404 where this member may not see it."""
    reuses = Reuse.objects.select_related("involvement__project__network", "involvement__municipality", "taken_from")
    reuse = reuses.filter(pk=pk, involvement__project__network=membership.network_id).first()
    if reuse is None or not rules.may_read_projects(membership):
        raise Http404
    return reuse


def get_step_for(membership: Membership, pk: int, step: int) -> ReuseStep:
    """Return a line of a checklist; raises Http404 where this member may not see it."""
    reuse = get_reuse_for(membership, pk)
    found = reuse.steps.filter(pk=step).first()
    if found is None:
        raise Http404
    return found


@once
def steps_of(reuse_id: int) -> list[ReuseStep]:
    """Return the lines of a checklist in their order, removed ones included."""
    return list(ReuseStep.objects.filter(reuse=reuse_id).select_related("done_by__person", "report"))


def missing_steps(reuse: Reuse) -> list[str]:
    """Return what the newest report asks for and the checklist has never had; two queries."""
    report = newest_report(reuse.involvement.project_id)
    had = {step.text for step in steps_of(reuse.pk)}
    return [text for text in step_texts(report.steps) if text not in had] if report else []


def step_texts(lines: Iterable[str]) -> list[str]:
    """Return lines as a checklist keeps them: each once, cut where a line is longer than a step may be."""
    longest = 500
    return list(dict.fromkeys(line if len(line) <= longest else f"{line[: longest - 1]}…" for line in lines))


def sources_for(reuse: Reuse) -> QuerySet[Municipality]:
    """Return the towns that this one can have taken it over from: all others that lead, led or reuse the project."""
    project = reuse.involvement.project_id
    parts = Involvement.objects.filter(project=project, role__in=(LEAD, REUSER))
    wrote = ExperienceReport.objects.filter(project=project)
    towns = Q(pk__in=parts.values("municipality")) | Q(pk__in=wrote.values("municipality")) | Q(pk=reuse.taken_from_id)
    others = Municipality.objects.filter(towns).exclude(pk=reuse.involvement.municipality_id)
    return others.order_by("sort_key", "pk")


def takers_of(reuse: Reuse) -> list[Reuse]:
    """Return the reuses of the same project that stand on this town's experience."""
    part = reuse.involvement
    rows = Reuse.objects.filter(involvement__project=part.project_id, taken_from=part.municipality_id)
    return list(rows.select_related("involvement__municipality").order_by("involvement__since", "pk"))


def history_of_reuse(reuse: Reuse) -> list[Change]:
    """Return what happened to the reuse, newest first."""
    return list(history(reuse, limit=50))


# -- the balance ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reused:
    """A project, and how many towns reuse it."""

    pk: int
    title: str
    towns: int


@dataclass(frozen=True)
class Balance:
    """What the network has: projects that go on, those without a lead, in operation; towns; reuses."""

    projects: int
    without_lead: int
    in_operation: int
    towns: int
    towns_reusing: int
    reuses: int
    most_reused: list[Reused]

    @property
    def per_project(self) -> float:
        """Reuses for each project, to one digit."""
        return round(self.reuses / self.projects, 1) if self.projects else 0.0


@once
def balance_of(network_id: int) -> Balance:
    """Return the balance of the network today; four queries, however much there is."""
    projects = Project.objects.filter(network=network_id, joined_to=None).exclude(phase=Project.Phase.STOPPED)
    parts = open_parts(network_id).filter(project__in=projects)
    led = parts.filter(role=LEAD)
    counts = projects.aggregate(
        number=Count("pk"),
        in_operation=Count("pk", filter=Q(phase__in=Project.ONLINE)),
        without_lead=Count("pk", filter=~Q(pk__in=led.values("project"))),
    )
    # Who has given up is on record, but reuses nothing.
    reusing = parts.filter(role=REUSER).exclude(reuse__state=Reuse.State.GIVEN_UP)
    reuses = reusing.aggregate(reuses=Count("pk"), towns_reusing=Count("municipality", distinct=True))
    rows = reusing.values_list("project", "project__title").annotate(towns=Count("pk"))
    most = [Reused(*row) for row in rows.order_by("-towns", "project__title")[:MOST_REUSED]]
    towns = Accession.objects.filter(active_on(timezone.localdate()), network=network_id)
    return Balance(counts.pop("number"), towns=towns.count(), most_reused=most, **counts, **reuses)
