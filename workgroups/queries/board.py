"""Reads: the board, towns x projects. The same number of queries for one project and for hundreds.

What decides which projects are listed (title, block, phase, parts) is read once for the whole network, in rows as short
as they can be, and filtered and ordered in memory; what is shown of the projects of one page is read for these alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils import timezone

from collab.live.models import Change
from collab.live.once import once
from collab.network.models import Municipality, german_sort_key
from collab.network.queries import active_towns
from workgroups.models import Involvement, Project

from .involvement import in_order, open_parts
from .project import blocks_of
from .similar import begun_twice
from .texts import ListFilter, block_code, municipality_key, one_of

Role, Phase = Involvement.Role, Project.Phase
PAGE_SIZE = 60
VIEWS = ("matrix", "table")
GROUPINGS = ("block", "phase")
# Which projects: those that nobody leads, those begun more than once, and of a town what it does or could reuse.
WHO = ("nobody", "twice", "does", "could")
# Block of the projects of which nobody said yet to what they belong.
NO_BLOCK = "none"
# So long a change is marked as new.
RECENT = timedelta(days=21)
NEWEST = 4
NEWS_VERBS = (
    "part_lead",
    "part_contributor",
    "part_reuser",
    "part_interested",
    "lead_left",
    "part_left",
    "lead_handed_over",
    "project_joined",
    "project_added",
    *(f"project_phase_{phase}" for phase in Phase.values),
)


@dataclass(frozen=True)
class BoardFilter(ListFilter):
    view: str = "matrix"
    by: str = "block"
    block: str = ""
    phase: str = ""
    town: str = ""
    who: str = ""

    @classmethod
    def parse(cls, query: str | QueryDict) -> BoardFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = cls.values_of(query)
        town, who = municipality_key(values.get("town", "")), one_of(values.get("who", ""), WHO)
        if who in ("does", "could") and not town:
            who = ""
        wanted = cls(
            view=one_of(values.get("view", ""), VIEWS) or "matrix",
            by=one_of(values.get("by", ""), GROUPINGS) or "block",
            block=block_code(values.get("block", "")),
            phase=one_of(values.get("phase", ""), Phase.values),
            town=town,
            who="does" if town and not who else who,
            **cls.paged(values),
        )
        return wanted.cut()

    @property
    def region(self) -> str:
        """The name of the list's region: one of its own where who takes part decides what is listed."""
        return "board-of" if self.town or self.who == "nobody" else "board"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.block or self.phase or self.town or self.who or self.q)

    def asked(self) -> dict[str, Any]:
        asked = super().asked()
        if self.town and self.who == "does":  # what a town does is what its board shows
            del asked["who"]
        return asked


# -- what the whole board shares ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outline:
    """A project as the list needs it to filter and to order."""

    pk: int
    title: str
    text: str
    block: str
    phase: str
    founder: str | None


@once
def outlines_of(network_id: int) -> list[Outline]:
    """Return the projects that go on, by title; one query."""
    projects = Project.objects.filter(network=network_id, joined_to=None).order_by()
    names = ("pk", "title", "summary", "block", "phase", "created_by__municipality")
    rows = [
        Outline(pk, title, german_sort_key(f"{title} {summary}"), block, phase, founder)
        for pk, title, summary, block, phase, founder in projects.values_list(*names)
    ]
    return sorted(rows, key=lambda row: (german_sort_key(row.title), row.pk))


@once
def roles_in(network_id: int) -> dict[int, dict[str, str]]:
    """Return who takes part in what today: project -> town -> role; one query."""
    found: dict[int, dict[str, str]] = {}
    parts = open_parts(network_id).select_related(None).order_by()
    for project, town, role in parts.values_list("project", "municipality", "role"):
        found.setdefault(project, {})[town] = role
    return found


@once
def towns_of(network_id: int) -> list[Municipality]:
    """Return the columns of the board: the towns that are members today, by name; one query."""
    return list(active_towns(network_id).order_by("sort_key", "pk"))


# -- rows --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A project on the board with the parts that towns have in it."""

    project: Project
    parts: list[Involvement]

    @property
    def pk(self) -> int:
        return self.project.pk

    @property
    def lead(self) -> Involvement | None:
        return next((part for part in self.parts if part.role == Role.LEAD), None)

    @property
    def busy(self) -> str:
        """The towns that lead, contribute or reuse, as `data-not-for-town` wants them."""
        return " ".join(part.municipality_id for part in self.parts if part.role != Role.INTERESTED)

    @property
    def taking_part(self) -> str:
        """All towns with a part, as `data-for-town` wants them."""
        return " ".join(part.municipality_id for part in self.parts)

    @property
    def by_role(self) -> dict[str, list[Involvement]]:
        return {role: [part for part in self.parts if part.role == role] for role in Role.values}

    @property
    def is_recent(self) -> bool:
        return is_recent(self.project.changed_at)

    def cells(self, towns: list[Municipality]) -> list[tuple[Municipality, Involvement | None]]:
        """Return for each column the town's part, None where it has none."""
        by_town = {part.municipality_id: part for part in self.parts}
        return [(town, by_town.get(town.pk)) for town in towns]


def is_recent(at: datetime) -> bool:
    """Return whether it happened in the last weeks."""
    return at > timezone.now() - RECENT


@once
def row_of(pk: int) -> Row:
    """Return one row of the board; two queries. Raises Project.DoesNotExist."""
    project = Project.objects.select_related("network").get(pk=pk)
    return Row(project, in_order(open_parts(project.network_id).filter(project=pk)))


def rows_of(network_id: int, projects: list[int]) -> dict[int, Row]:
    """Return the rows of these projects by key; two queries."""
    parts: dict[int, list[Involvement]] = {pk: [] for pk in projects}
    for part in open_parts(network_id).filter(project__in=projects):
        parts[part.project_id].append(part)
    found = Project.objects.filter(pk__in=projects).select_related("network")
    return {project.pk: Row(project, in_order(parts[project.pk])) for project in found}


# -- the list ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """The rows of one topic block or phase; `code` is empty where nobody said yet."""

    code: str
    label: Any
    rows: list[Row]


@dataclass(frozen=True)
class Board:
    """One page of the board, and how many projects there are under the same filter."""

    page: Page[Outline]
    sections: list[Section]
    towns: list[Municipality]
    # Of the chosen town: how many it takes part in and could reuse.
    counts: dict[str, int]


def board_of(network_id: int, wanted: BoardFilter) -> Board:
    """Return one page of the board; a fixed number of queries."""
    outlines = [row for row in outlines_of(network_id) if _fits(row, wanted)]
    counts = {who: len(_chosen(network_id, outlines, replace(wanted, who=who))) for who in _counted(wanted)}
    page = Paginator(listed_of(network_id, wanted), PAGE_SIZE).get_page(wanted.page)
    rows = rows_of(network_id, [row.pk for row in page])
    labels = _labels(network_id, wanted.by)
    sections = [
        Section(code, labels.get(code, code), [rows[row.pk] for row in group])
        for code, group in groupby(page, key=lambda row: getattr(row, wanted.by))
    ]
    return Board(page, sections, towns_of(network_id), counts)


def listed_of(network_id: int, wanted: BoardFilter) -> list[Outline]:
    """Return all projects that the filter names, in the order of the board; exports have them all."""
    outlines = [row for row in outlines_of(network_id) if _fits(row, wanted)]
    order = _order(network_id, wanted.by)
    # Stable: by title within.
    return sorted(_chosen(network_id, outlines, wanted), key=lambda row: order.get(getattr(row, wanted.by), len(order)))


def _counted(wanted: BoardFilter) -> tuple[str, ...]:
    return ("does", "could") if wanted.town else ()


def _fits(row: Outline, wanted: BoardFilter) -> bool:
    if wanted.phase and row.phase != wanted.phase:
        return False
    if wanted.block and row.block != ("" if wanted.block == NO_BLOCK else wanted.block):
        return False
    return all(word in row.text for word in german_sort_key(wanted.q).split())


def _chosen(network_id: int, outlines: list[Outline], wanted: BoardFilter) -> list[Outline]:
    """Return those that fit the question who does what."""
    if not wanted.who:
        return list(outlines)
    if wanted.who == "twice":
        twice = begun_twice(network_id)
        return [row for row in outlines if row.pk in twice]
    roles = roles_in(network_id)
    if wanted.who == "nobody":
        return [row for row in outlines if Role.LEAD not in roles.get(row.pk, {}).values()]
    if wanted.who == "does":
        return [row for row in outlines if wanted.town in roles.get(row.pk, {})]
    return [row for row in outlines if _could_reuse(row, roles.get(row.pk, {}), wanted.town)]


def _could_reuse(row: Outline, roles: dict[str, str], town: str) -> bool:
    """Whether there is something to take over in which the town does not take part (interest is no part yet)."""
    return row.phase in Project.PROVEN and roles.get(town, Role.INTERESTED) == Role.INTERESTED


def _order(network_id: int, by: str) -> dict[str, int]:
    codes = list(blocks_of(network_id)) if by == "block" else Phase.values
    return {code: number for number, code in enumerate(codes)}


def _labels(network_id: int, by: str) -> dict[str, Any]:
    return blocks_of(network_id) if by == "block" else dict(Phase.choices)


# -- the strip ---------------------------------------------------------------------------------------------------------


@once
def newest_of(network_id: int) -> list[Change]:
    """Return the newest changes that the board shows, newest first; one query."""
    changes = Change.objects.filter(network=network_id, verb__in=NEWS_VERBS).order_by("-version")
    return list(changes[:NEWEST])


def unled(network_id: int) -> int:
    """Return how many projects nobody leads; they are read once for the page."""
    return len(_chosen(network_id, outlines_of(network_id), BoardFilter(who="nobody")))
