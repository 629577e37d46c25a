"""Reads: all minutes of a network, as its list shows them. The same number of queries however many there are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from collab.network.models import Membership
from meetings.models import Meeting, MinutesApproval, MinutesVersion, Visibility
from workgroups.models import Group
from workgroups.queries.group import groups_of
from workgroups.queries.texts import ListFilter, containing, one_of, whole_number

PAGE_SIZE = 25
DRAFT, FINALISED, APPROVED = "draft", "finalised", "approved"
STATES = (DRAFT, FINALISED, APPROVED)


@dataclass(frozen=True)
class MinutesFilter(ListFilter):
    year: int | None = None
    group: int | None = None
    state: str = ""

    @classmethod
    def parse(cls, query: str | QueryDict) -> MinutesFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = cls.values_of(query)
        year = whole_number(values.get("year", ""))
        wanted = cls(
            year=year if year and 1900 < year < 2200 else None,
            group=whole_number(values.get("group", "")),
            state=one_of(values.get("state", ""), STATES),
            **cls.paged(values),
        )
        return wanted.cut()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked())


def groups_read(membership: Membership) -> list[int]:
    """Return the keys of the groups whose drafts this member reads, of those that have met; one query."""
    met = Meeting.objects.filter(group=OuterRef("pk"), closed_at__isnull=False)
    return sorted(groups_of(membership).filter(Exists(met)).order_by().values_list("pk", flat=True))


def minutes_rows(network_id: int, groups: Collection[int]) -> QuerySet[Meeting]:
    """Return the meetings whose minutes are listed for who belongs to these groups, the latest first.

    Drafts are listed for their group alone, what is finalised for all, unless it is only for the group. `final` is
    the number of the newest version (None for a draft), `approved_on` when that was approved, `objections` how many no
    version has taken up yet.
    """
    versions = MinutesVersion.objects.filter(minutes__meeting=OuterRef("pk")).order_by("-number")
    said = MinutesApproval.objects.filter(version__minutes__meeting=OuterRef("pk")).order_by()
    approved = said.filter(version__number=OuterRef("final"), kind=MinutesApproval.Kind.APPROVED)
    objected = said.filter(kind=MinutesApproval.Kind.OBJECTION, answered_in=None).values("version__minutes")
    meetings = Meeting.objects.filter(network=network_id).annotate(
        final=Subquery(versions.values("number")[:1]),
        finalised_at=Subquery(versions.values("finalised_at")[:1]),
        approved_on=Subquery(approved.values("on")[:1]),
        objections=Subquery(objected.annotate(n=Count("pk")).values("n")),
    )
    of_all = Q(final__isnull=False, group__is_internal=False) & ~Q(protocol__visibility=Visibility.GROUP)
    own = Q(group__in=list(groups)) & (Q(state=Meeting.State.CLOSED) | Q(final__isnull=False))
    return meetings.filter(of_all | own).select_related("group").order_by("-date", "-start_time", "-pk")


def narrowed(meetings: QuerySet[Any], wanted: MinutesFilter) -> QuerySet[Meeting]:
    """Return those of a year, group, state and text."""
    if wanted.year:
        meetings = meetings.filter(date__year=wanted.year)
    if wanted.group:
        meetings = meetings.filter(group=wanted.group)
    if wanted.state == DRAFT:
        meetings = meetings.filter(final=None)
    if wanted.state == FINALISED:
        meetings = meetings.filter(final__isnull=False, approved_on=None)
    if wanted.state == APPROVED:
        meetings = meetings.filter(approved_on__isnull=False)
    return meetings.filter(containing(wanted.q, "title", "group__name")) if wanted.q else meetings


def minutes_page(network_id: int, groups: Collection[int], wanted: MinutesFilter) -> Page[Meeting]:
    """Return one page of the list; two queries."""
    return Paginator(narrowed(minutes_rows(network_id, groups), wanted), PAGE_SIZE).get_page(wanted.page)


def year_choices(network_id: int, groups: Collection[int]) -> list[tuple[int, str]]:
    years = minutes_rows(network_id, groups).order_by("-date__year").values_list("date__year", flat=True).distinct()
    return [(year, str(year)) for year in dict.fromkeys(years)]


def group_choices(network_id: int, groups: Collection[int]) -> list[tuple[int, str]]:
    with_minutes = minutes_rows(network_id, groups).order_by().values("group")
    return list(Group.objects.filter(pk__in=with_minutes).order_by("name").values_list("pk", "name"))
