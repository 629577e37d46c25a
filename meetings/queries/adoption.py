"""Reads: what the municipalities make of a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from collab.live.once import once
from collab.network.models import Accession, Membership, Municipality
from collab.network.queries import active_on, active_towns
from meetings.models import Adoption, Decision, Visibility
from workgroups.queries.group import expected_towns
from workgroups.queries.texts import whole_number

PAGE_SIZE = 100
# How long a decision waits for a town's word; of the older ones nobody asks.
WAITS = timedelta(days=365)


@dataclass(frozen=True)
class TownLine:
    """A municipality and what it said; `adoption` is None where it has said nothing yet."""

    municipality: Municipality
    adoption: Adoption | None
    is_member: bool
    is_overdue: bool


@dataclass(frozen=True)
class Adoptions:
    """The lines of all municipalities concerned, those that said something first, by name; counts of the members."""

    page: Page[TownLine]
    towns: int
    adopted: int
    planned: int
    declined: int
    overdue: int

    @property
    def silent(self) -> int:
        return self.towns - self.adopted - self.planned - self.declined

    @property
    def said(self) -> list[TownLine]:
        """The lines of this page that say something."""
        return [line for line in self.page if line.adoption]

    @property
    def unsaid(self) -> list[TownLine]:
        return [line for line in self.page if line.adoption is None]

    @property
    def ticks(self) -> list[str]:
        """The bar: one tick for each town, or for as many towns as make a hundred ticks."""
        state, scale = Adoption.State, max(1, self.towns / PAGE_SIZE)
        counts = {state.ADOPTED: self.adopted, state.PLANNED: self.planned, state.DECLINED: self.declined}
        ticks = [name.value for name, count in counts.items() for _tick in range(round(count / scale))]
        return [*ticks, *["silent"] * (round(self.towns / scale) - len(ticks))]


def towns_concerned(decision: Decision) -> QuerySet[Municipality]:
    """Return the municipalities of whom the table tells: the network's; of what is for the group only, the group's."""
    if decision.visibility == Visibility.GROUP:
        return expected_towns(decision.group, timezone.localdate())
    return active_towns(decision.network_id)


@once
def adoptions_of(decision: Decision, page: int) -> Adoptions:
    """Return a page of the table and its sums; two queries, however many towns there are."""
    said = {line.municipality_id: line for line in _said(decision)}
    here = {town.pk: town for town in towns_concerned(decision)}
    left = {pk: line.municipality for pk, line in said.items() if pk not in here}
    today = timezone.localdate()
    towns = sorted({**here, **left}.values(), key=lambda town: (town.pk not in said, town.sort_key, town.pk))
    lines = [_line(town, said.get(town.pk), town.pk in here, today) for town in towns]
    of_members = [line for line in lines if line.is_member and line.adoption]
    states = [line.adoption.state for line in of_members if line.adoption]
    return Adoptions(
        page=Paginator(lines, PAGE_SIZE).get_page(page),
        towns=len(here),
        adopted=states.count(Adoption.State.ADOPTED),
        planned=states.count(Adoption.State.PLANNED),
        declined=states.count(Adoption.State.DECLINED),
        overdue=sum(line.is_overdue for line in of_members),
    )


def _said(decision: Decision) -> QuerySet[Adoption]:
    people = ("municipality", "said_by__person", "said_by__municipality")
    return Adoption.objects.filter(decision=decision).select_related(*people)


def _line(town: Municipality, adoption: Adoption | None, is_member: bool, today: date) -> TownLine:
    return TownLine(town, adoption, is_member, adoption is not None and is_overdue(adoption, today))


def is_overdue(adoption: Adoption, today: date) -> bool:
    """Whether the day by which a town wanted to adopt it is over."""
    return adoption.state == Adoption.State.PLANNED and adoption.on is not None and adoption.on < today


def overdue_adoptions() -> Q:
    """Return the condition for adoptions that a town promised for a day that is over."""
    return Q(state=Adoption.State.PLANNED, on__lt=timezone.localdate())


def adoption_of(decision: Decision, ags: str) -> Adoption | None:
    """Return the line of a municipality, None where it has said nothing yet."""
    return _said(decision).filter(municipality=ags).first()


def get_town_for(membership: Membership, ags: str) -> Municipality:
    """Return a municipality that is a member of this member's network today; raises Http404 for any other."""
    if membership.is_guest:
        raise Http404
    return get_object_or_404(active_towns(membership.network_id), pk=ags)


def page_of(variant: str) -> int:
    """Return which page of the table a variant ("page=2") asks for."""
    name, _, number = variant.partition("=")
    return (whole_number(number) or 1) if name == "page" else 1


def canonical_page(variant: str) -> str:
    """Return the one way to write a variant of the table: empty for its first page."""
    page = page_of(variant)
    return f"page={page}" if page > 1 else ""


def without_word_of(ags: str) -> Q:
    """Return the condition that a decision is in force, fell while the town was a member, and has no word of it."""
    said = Adoption.objects.filter(municipality=ags).values("decision")
    that_day = OuterRef("decided_on")
    there = Accession.objects.filter(active_on(that_day), municipality=ags, network=OuterRef("network"))
    return Q(Exists(there), ~Q(pk__in=said), state=Decision.State.IN_FORCE)


def waiting_for_word_of(ags: str, today: date) -> Q:
    """Return the condition that the town is asked for its word on a decision: `without_word_of`, and not too old."""
    return without_word_of(ags) & Q(decided_on__gte=today - WAITS)
