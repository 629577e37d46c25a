"""Reads: votes by circulation, which of them a town has still to answer, and who deputises for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone

from collab.live.once import once
from collab.network.models import Accession, Membership, Municipality, Role
from collab.network.queries import admitted
from meetings.models import Deputy, Meeting, Visibility, Voice, Vote, VoteTown
from workgroups.models import Group, GroupMembership
from workgroups.queries.group import active_groups, groups_of
from workgroups.queries.texts import ListFilter, containing, whole_number

from .vote import SPEAKS, voters_of

State = Vote.State
PAGE_SIZE = 25
# So many are read at home; the list has them all.
AT_HOME = 6
# Whoever has not voted is reminded so long before the end, or halfway where that is later.
REMIND_BEFORE = timedelta(days=2)
LIST_WITH = ("group", "decision", "next_item__meeting", "opened_by__person", "opened_by__municipality")
# What of the votes is the group's alone.
GROUP_ONLY = Q(visibility=Visibility.GROUP) | Q(group__is_internal=True)


@dataclass(frozen=True)
class VoteFilter(ListFilter):
    """What a reader of the list of votes by circulation asked for."""

    year: int | None = None
    group: int | None = None

    @classmethod
    def parse(cls, query: str | QueryDict) -> VoteFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = cls.values_of(query)
        year = whole_number(values.get("year", ""))
        wanted = cls(
            year=year if year and 1900 < year < 2200 else None,
            group=whole_number(values.get("group", "")),
            **cls.paged(values),
        )
        return wanted.cut()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked())


# -- what a reader sees ------------------------------------------------------------------------------------------------


@once
def groups_voting_inside(membership: Membership) -> list[int]:
    """Return the keys of the groups that vote by circulation on something of their own which this member sees: of the
    groups they belong to, and of those in which they deputise for their town as long as it belongs to them. (A vote
    that is still to be answered afterwards has a page of its own, and the mails name it.)
    """
    inside = Vote.objects.filter(GROUP_ONLY, network=membership.network_id, kind=Vote.Kind.CIRCULAR)
    if not inside.exists():
        return []
    own = groups_of(membership).filter(pk__in=inside.values("group")).order_by().values_list("pk", flat=True)
    deputises = open_deputies(membership.network_id).filter(membership=membership).values("municipality")
    asked = VoteTown.objects.filter(vote__in=inside, municipality__in=deputises).values("vote__group")
    there = GroupMembership.objects.filter(membership__municipality__in=deputises, membership__ended_on=None)
    groups = Group.objects.filter(Q(kind__in=SPEAKS) | Q(pk__in=there.values("group")), pk__in=asked)
    return sorted({*own, *groups.order_by().values_list("pk", flat=True)})


def circulars(network_id: int, groups: Collection[int]) -> QuerySet[Vote]:
    """Return the network's votes by circulation that are open to who sees inside of these groups."""
    votes = Vote.objects.filter(network=network_id, kind=Vote.Kind.CIRCULAR)
    return votes.filter(~GROUP_ONLY | Q(group__in=list(groups)))


def counted(votes: QuerySet[Vote]) -> QuerySet[Vote]:
    """Add how many municipalities have a voice (`towns`) and how many have voted (`voted`); never what they said."""
    of_vote = {"vote": OuterRef("pk")}
    roll = VoteTown.objects.filter(**of_vote).order_by().values("vote").annotate(n=Count("pk"))
    voices = Voice.objects.filter(**of_vote, replaced_at=None).order_by().values("vote").annotate(n=Count("pk"))
    return votes.annotate(
        towns=Coalesce(Subquery(roll.values("n")), 0), voted=Coalesce(Subquery(voices.values("n")), 0)
    )


@dataclass(frozen=True)
class Circulars:
    """The list: what is open (on the first page), what has ended, the latest first."""

    open: list[Vote]
    ended: Page[Vote]

    @property
    def is_empty(self) -> bool:
        return not self.open and not self.ended.object_list


def list_of_circulars(network_id: int, groups: Collection[int], wanted: VoteFilter) -> Circulars:
    """Return what of the votes by circulation the filter leaves, as far as these groups see it; three queries."""
    votes = counted(narrowed(circulars(network_id, groups), wanted)).select_related(*LIST_WITH)
    running = votes.filter(state=State.OPEN).order_by("ends_at", "pk") if wanted.page == 1 else votes.none()
    return Circulars(list(running), Paginator(ended(votes), PAGE_SIZE).get_page(wanted.page))


def ended(votes: QuerySet[Vote]) -> QuerySet[Vote]:
    return votes.exclude(state=State.OPEN).order_by("-closed_at", "-pk")


def narrowed(votes: QuerySet[Vote], wanted: VoteFilter) -> QuerySet[Vote]:
    """Return those of a year (in which they ended or will end), a group and a text."""
    if wanted.year:
        votes = votes.filter(Q(closed_at__year=wanted.year) | Q(closed_at=None, deadline_on__year=wanted.year))
    if wanted.group:
        votes = votes.filter(group=wanted.group)
    return votes.filter(containing(wanted.q, "subject", "text")) if wanted.q else votes


def year_choices(network_id: int, groups: Collection[int]) -> list[int]:
    """Return the years in which votes ended or will end, the latest first; two queries."""
    votes = circulars(network_id, groups)
    ended_in = votes.filter(closed_at__isnull=False).datetimes("closed_at", "year")
    ends_in = votes.filter(closed_at=None).dates("deadline_on", "year")
    return sorted({day.year for day in (*ended_in, *ends_in)}, reverse=True)


def group_choices(network_id: int, groups: Collection[int]) -> list[tuple[int, str]]:
    voting = circulars(network_id, groups).order_by().values("group")
    return list(Group.objects.filter(pk__in=voting).order_by("name").values_list("pk", "name"))


def groups_to_ask(membership: Membership) -> QuerySet[Group]:
    """Return the groups in whose name this member may put something to the vote by circulation, by name."""
    groups = active_groups(membership.network_id)
    if membership.is_coordinator:
        return groups
    chaired = GroupMembership.objects.filter(membership=membership, role=GroupMembership.Role.CHAIR)
    return groups.filter(pk__in=chaired.values("group"))


# -- what a town has still to answer -----------------------------------------------------------------------------------


def unanswered_by(accession: Accession, groups: Collection[int]) -> QuerySet[Vote]:
    """Return the open votes by circulation in which the town has a voice and has not cast it; the next to end first."""
    town = accession.municipality_id
    votes = circulars(accession.network_id, groups).filter(state=State.OPEN, roll__municipality=town)
    voted = Voice.objects.filter(municipality=town, replaced_at=None).values("vote")
    return votes.exclude(pk__in=voted).select_related("group").order_by("ends_at", "pk")


def reminds_at(vote: Vote) -> datetime:
    """Return when the towns that have not voted are reminded: two days before the end, halfway of a short vote."""
    assert vote.ends_at is not None  # noqa: S101 - votes by circulation have an end
    return max(vote.ends_at - REMIND_BEFORE, vote.opened_at + (vote.ends_at - vote.opened_at) / 2)


def due_to_end(now: datetime) -> QuerySet[Vote]:
    """Return the votes by circulation whose time is over and that are still open."""
    return Vote.objects.filter(state=State.OPEN, kind=Vote.Kind.CIRCULAR, ends_at__lte=now).order_by("ends_at", "pk")


def waiting_for_meeting() -> QuerySet[Vote]:
    """Return the void votes whose proposal waits for a meeting of the group, where one is planned by now."""
    void = Vote.objects.filter(state=State.VOID, next_item=None)
    planned = Meeting.objects.filter(
        group=OuterRef("group"), state=Meeting.State.PLANNED, date__gte=timezone.localdate()
    )
    return void.filter(Exists(planned)).order_by("pk")


# -- deputies ----------------------------------------------------------------------------------------------------------


def open_deputies(network_id: int) -> QuerySet[Deputy]:
    """Return who deputises today: people who still act for the town that named them."""
    deputies = Deputy.objects.filter(network=network_id, ended_at=None, membership__ended_on=None)
    return deputies.filter(membership__municipality=F("municipality"), membership__person__is_active=True)


def deputy_of(network_id: int, ags: str) -> Deputy | None:
    """Return who deputises for the town, None where nobody does."""
    return (
        open_deputies(network_id)
        .filter(municipality=ags)
        .select_related("network", "membership__person", "named_by__person")
        .first()
    )


def people_of(membership: Membership) -> QuerySet[Membership]:
    """Return who of the member's own town can deputise for it (in the plenum also the officer who names them)."""
    people = admitted().filter(network=membership.network_id, municipality=membership.municipality_id)
    people = people.filter(person__is_active=True)
    return people.select_related("person", "municipality").order_by("person__name", "pk")


@dataclass(frozen=True)
class Deputised:
    """A town that has a voice, and who votes where its own people do not."""

    municipality: Municipality
    deputy: Membership


@once
def deputies_at(vote: Vote) -> list[Deputised]:
    """Return the deputies of the towns on the vote's roll, by town; one query."""
    rows = open_deputies(vote.network_id).filter(
        municipality__in=VoteTown.objects.filter(vote=vote).values("municipality")
    )
    rows = rows.select_related("municipality", "membership__person").order_by("municipality__sort_key", "municipality")
    return [Deputised(row.municipality, row.membership) for row in rows]


@once
def objectors_of(vote: Vote) -> list[int]:
    """Return who may object to the procedure: whoever casts the voice of their own town, or deputises for it."""
    return voters_of(vote).own


def namers_of(vote: Vote) -> list[int]:
    """Return who may name a deputy for a town that has a voice (see `rules.may_name_deputy`); one query."""
    towns = VoteTown.objects.filter(vote=vote).values("municipality")
    officers = admitted().filter(network=vote.network_id, municipality__in=towns, role=Role.OFFICER)
    return list(officers.order_by("pk").values_list("pk", flat=True))


def people_to_tell(vote: Vote, towns: Iterable[str]) -> dict[str, list[Membership]]:
    """Return whom a mail about the vote goes to, by town: who casts its voice (as `rules.capacity_in` has it), and its
    deputy; two queries.
    """
    keys = list(towns)
    people = admitted().filter(network=vote.network_id, municipality__in=keys, person__is_active=True)
    if role := SPEAKS.get(Group.Kind(vote.group.kind)):
        speak = Q(role=role)
    else:
        speak = Q(pk__in=GroupMembership.objects.filter(group=vote.group_id).values("membership"))
    deputies = open_deputies(vote.network_id).filter(municipality__in=keys).values("membership")
    found: dict[str, list[Membership]] = {key: [] for key in keys}
    told = people.filter(speak | Q(pk__in=deputies)).exclude(role="guest").select_related("person", "network")
    for membership in told.order_by("person__name", "pk"):
        found[membership.municipality_id or ""].append(membership)
    return found


def is_over(vote: Vote, now: datetime | None = None) -> bool:
    """Whether the time of a vote by circulation is over, whether or not the clock has come by."""
    return vote.ends_at is not None and vote.ends_at <= (now or timezone.now())
