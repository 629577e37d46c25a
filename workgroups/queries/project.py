"""Reads: projects with their profiles, the towns that may write these, and the topic blocks of a network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import Http404

from collab.live.models import Change
from collab.live.once import once
from collab.network.models import Membership
from workgroups import ozg, rules
from workgroups.models import (
    Block,
    ExperienceReport,
    Involvement,
    Offer,
    PhaseChange,
    Project,
    Reuse,
    SharedFile,
    TopicBlock,
)

from .involvement import open_parts_of, parts_today
from .texts import containing

PROJECT_WITH = ("network", "group", "contact__person", "contact__municipality", "joined_to", "created_by__municipality")
# The profile is saved in these parts, as one learns; each is a form of its own.
PARTS: dict[str, tuple[str, ...]] = {
    "basics": ("title", "summary", "goal", "block", "group"),
    "services": ("ozg_ids", "maturity"),
    "product": ("product", "vendor", "licence", "repository"),
    "cost": ("cost_once", "cost_yearly", "cost_note"),
    "legal": ("legal", "data_protection"),
    "reuse": ("lessons", "reuse_conditions"),
    "contact": ("contact", "contact_text", "review_on"),
    "links": ("links",),
}
WRITERS_OF_IT = (Involvement.Role.LEAD, Involvement.Role.CONTRIBUTOR)
LONGEST_HISTORY = 200
# Whose changes its history tells as well, and by what they belong to it.
PARTS_OF_HISTORY: tuple[tuple[type[Model], str], ...] = (
    (Involvement, "project"),
    (Offer, "project"),
    (ExperienceReport, "project"),
    (Reuse, "involvement__project"),
)


def get_project_for(membership: Membership, pk: int) -> Project:
    """Return the project with network, group and contact; raises Http404 where this member may not see it."""
    project = visible_projects(membership).select_related(*PROJECT_WITH).filter(pk=pk).first()
    if project is None:
        raise Http404
    return project


def projects_of(network_id: int) -> QuerySet[Project]:
    """Return the projects that go on (those joined to another one left out), by title."""
    return Project.objects.filter(network=network_id, joined_to=None).order_by("title", "pk")


def visible_projects(membership: Membership) -> QuerySet[Project]:
    """Return all projects that this member may see, those joined to another one among them; guests see none."""
    projects = Project.objects.filter(network=membership.network_id)
    return projects if rules.may_read_projects(membership) else projects.none()


@dataclass(frozen=True)
class ProjectQuery:
    """What to narrow a list of projects to; what is empty does not narrow."""

    block: str = ""
    phase: str = ""
    town: str = ""
    role: str = ""
    service: int | None = None
    q: str = ""


def narrowed(projects: QuerySet[Project], wanted: ProjectQuery) -> QuerySet[Project]:
    """Return those of a block, phase, town that takes part (in that role), OZG service and text."""
    if wanted.block:
        projects = projects.filter(block=wanted.block)
    if wanted.phase:
        projects = projects.filter(phase=wanted.phase)
    if wanted.town:
        parts = parts_today().filter(project=OuterRef("pk"), municipality=wanted.town)
        projects = projects.filter(Exists(parts.filter(role=wanted.role) if wanted.role else parts))
    if wanted.service:
        projects = projects.filter(services__ozg_id=wanted.service)
    return projects.filter(containing(wanted.q, "title", "summary", "goal")) if wanted.q else projects


@once
def blocks_of(network_id: int) -> dict[str, Any]:
    """Return the labels of the topic blocks by code: those everybody has (translated when shown), then the network's
    own.
    """
    own = TopicBlock.objects.filter(network=network_id).values_list("code", "name")
    return {**{block.value: block.label for block in Block}, **dict(own)}


@once
def phase_changes(project_id: int) -> list[PhaseChange]:
    """Return when the project entered which phase, the latest first."""
    return list(PhaseChange.objects.filter(project=project_id).order_by("-since", "-pk"))


def phase_since(project: Project) -> date | None:
    """Return the day the project entered the phase it is in, None where nobody said."""
    latest = next(iter(phase_changes(project.pk)), None)
    return latest.since if latest else None


def editor_towns(project: Project) -> list[str]:
    """Return the towns whose officers and guides write the profile: its lead and contributors; where nobody leads,
    also the town that entered it.
    """
    parts = [part for part in open_parts_of(project.pk) if part.role in WRITERS_OF_IT]
    is_led = any(part.role == Involvement.Role.LEAD for part in parts)
    founder = project.created_by.municipality_id
    return sorted({*(part.municipality_id for part in parts), *([founder] if founder and not is_led else [])})


@once
def services_of(project_id: int) -> list[int]:
    """Return the OZG services that the project serves, in the catalogue's order (services no longer in it left out)."""
    rows = Project.objects.filter(pk=project_id, services__isnull=False).values_list("services__ozg_id", flat=True)
    chosen = set(rows)
    return [ozg_id for ozg_id in ozg.catalogue() if ozg_id in chosen]


@once
def files_of_project(project_id: int) -> list[SharedFile]:
    """Return the files that were not removed, with who brought them."""
    files = SharedFile.objects.filter(project=project_id, removed_at=None)
    return list(files.select_related("uploaded_by__person", "uploaded_by__municipality"))


def get_project_file_for(membership: Membership, pk: int) -> SharedFile:
    """Return a file of a project that was not removed; raises Http404 where this member may not see it."""
    files = SharedFile.objects.filter(removed_at=None, project__network=membership.network_id)
    with_project = files.select_related(*(f"project__{name}" for name in PROJECT_WITH), "uploaded_by")
    file = with_project.filter(pk=pk).first()
    if file is None or not rules.may_read_projects(membership):
        raise Http404
    return file


@once
def project_with_people(pk: int) -> Project:
    """Return the project for what its regions share; raises Project.DoesNotExist."""
    return Project.objects.select_related(*PROJECT_WITH).get(pk=pk)


@once
def history_of_project(pk: int) -> list[Change]:
    """Return what happened to the project, who took part and what was handed on, the newest first; one query.

    A union, each part of which finds its few changes by the index of objects; one condition for all reads the log.
    """
    log = Change.objects.order_by()  # SQLite unites only what is in no order
    parts = [log.filter(object_type="project", object_id=pk)]
    for model, path in PARTS_OF_HISTORY:
        rows = model._default_manager.filter(**{path: pk}).order_by().values("pk")
        parts.append(log.filter(object_type=model._meta.model_name, object_id__in=rows))
    # SQLite takes no order inside of a union, and changes have one.
    first, *rest = (part.order_by().values("pk") for part in parts)
    keys = first.union(*rest, all=True)
    return list(Change.objects.filter(pk__in=keys).order_by("-version")[:LONGEST_HISTORY])


@dataclass(frozen=True)
class Described:
    """Which parts of a profile say something, and which are open."""

    filled: list[str]
    empty: list[str]


def described(project: Project) -> Described:
    """Return the parts of the profile that say something beyond the title, and the others, each in the form's order."""
    filled = [part for part in PARTS if any(_says(project, name) for name in PARTS[part])]
    return Described(filled, [part for part in PARTS if part not in filled])


def _says(project: Project, name: str) -> bool:
    if name in ("title", "summary", "block", "group"):  # they stand in the head
        return False
    if name == "ozg_ids":
        return bool(services_of(project.pk))
    if name == "links":
        return bool(project.links or files_of_project(project.pk))
    return getattr(project, name) not in (None, "")
