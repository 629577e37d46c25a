"""Reads: groups, and the towns and people of a network as these see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from collab.network.models import Accession, Membership, Municipality, Network
from workgroups.models import Group, GroupMembership, Involvement, Project, SharedFile
from workgroups.rules import BORN_MEMBERS, may_read_groups, may_see_inside

from .involvement import parts_today

ROLES = GroupMembership.Role.values
KINDS = Group.Kind.values


def groups_of(membership: Membership) -> QuerySet[Group]:
    """Return the groups this member belongs to; the coordinator acts in all of the network."""
    groups = Group.objects.filter(network=membership.network_id)
    if membership.is_coordinator:
        return groups
    kinds = [kind for kind, role in BORN_MEMBERS.items() if role == membership.role]
    return groups.filter(Q(kind__in=kinds) | Q(group_memberships__membership=membership)).distinct()


def active_accessions(network: Network, on: date | None = None) -> QuerySet[Accession]:
    """Return the accessions that count on a day (today where none is named), ordered by the towns' names."""
    day = on or timezone.localdate()
    accessions = Accession.objects.filter(network=network, joined_on__lte=day).filter(
        Q(left_on=None) | Q(left_on__gt=day)
    )
    return accessions.select_related("municipality")


def active_towns(network: Network) -> QuerySet[Municipality]:
    return Municipality.objects.filter(accessions__in=active_accessions(network)).distinct()


def expected_towns(group: Group, day: date) -> QuerySet[Municipality]:
    """Return the towns that a meeting of the group counts on: all of the network on that day, of a working group those
    of its members; by name.
    """
    still_there = Q(left_on=None) | Q(left_on__gt=day)
    accessions = Accession.objects.filter(still_there, network=group.network_id, joined_on__lte=day)
    towns = Municipality.objects.filter(pk__in=accessions.values("municipality"))
    if group.kind == Group.Kind.WORKING_GROUP:
        rows = GroupMembership.objects.filter(group=group.pk, membership__ended_on=None)
        towns = towns.filter(pk__in=rows.values("membership__municipality"))
    return towns.order_by("sort_key", "pk")


def open_members(network: Network) -> QuerySet[Membership]:
    """Return everybody who can be made responsible for something: all who belong to the network today."""
    members = Membership.objects.filter(network=network, ended_on=None, person__is_active=True)
    return members.select_related("person", "municipality").order_by("municipality__sort_key", "person__name")


def towns_for(membership: Membership) -> QuerySet[Municipality]:
    """Return the towns in whose name this member may write down what is to be done: their own, if any."""
    return active_towns(membership.network).filter(pk=membership.municipality_id or "")


def people_for(membership: Membership) -> QuerySet[Membership]:
    """Return the people whom this member may name as responsible; the coordinator those who act for no town."""
    people = open_members(membership.network)
    if membership.is_coordinator:
        return people.filter(municipality=None)
    if membership.municipality_id is None:
        return people.filter(pk=membership.pk)
    return people.filter(municipality=membership.municipality_id)


def get_group_for(membership: Membership, pk: int) -> Group:
    """Return a group of the member's network; raises Http404 where there is none, and to guests."""
    groups = Group.objects.filter(pk=pk, network=membership.network_id).select_related("network", "lead_town")
    group = groups.first()
    if group is None or not may_read_groups(membership):
        raise Http404
    return group


def get_group_inside_for(membership: Membership, pk: int) -> Group:
    """Return a group whose meetings, files and parking lot this member may see; raises Http404 for any other."""
    group = get_group_for(membership, pk)
    if not may_see_inside(membership, group):
        raise Http404
    return group


def internal_groups_seen(membership: Membership) -> list[int]:
    """Return the keys of the internal groups whose inside this member may see, in order; at most two queries."""
    internal = Group.objects.filter(network=membership.network_id, is_internal=True).order_by("pk")
    if not may_read_groups(membership) or not internal.exists():
        return []
    return sorted(groups_of(membership).filter(is_internal=True).order_by().values_list("pk", flat=True))


def outside_of(seen: Collection[int], path: str) -> Q:
    """Return the condition that something belongs to no internal group but to these; `path` leads to its group."""
    return Q(**{f"{path}__is_internal": False}) | Q(**{f"{path}__in": seen})


def active_groups(network_id: int) -> QuerySet[Group]:
    """Return the groups that can take something new, by name."""
    return Group.objects.filter(network=network_id, state=Group.State.ACTIVE).order_by("name")


@dataclass(frozen=True)
class Member:
    """Somebody who belongs to a group: as what, since when, and whether by office alone."""

    membership: Membership
    role: str
    since: date | None
    by_office: bool

    @property
    def role_label(self) -> str:
        return str(GroupMembership.Role(self.role).label)


def members_of(group: Group) -> list[Member]:
    """Return who belongs to the group, chairs first, then by town; two queries."""
    rows = GroupMembership.objects.filter(group=group, membership__ended_on=None, membership__person__is_active=True)
    people = rows.select_related("membership__person", "membership__municipality")
    found = [Member(row.membership, row.role, row.since, False) for row in people]
    named = {member.membership.pk for member in found}
    born = [one for one in born_members(group) if one.pk not in named]
    found += [Member(one, GroupMembership.Role.MEMBER.value, None, True) for one in born]
    return sorted(found, key=_place)


def born_members(group: Group) -> QuerySet[Membership]:
    """Return who belongs to a body of the network by office."""
    role = BORN_MEMBERS.get(Group.Kind(group.kind))
    people = Membership.objects.filter(network=group.network_id, ended_on=None, person__is_active=True, role=role or "")
    return people.select_related("person", "municipality")


def _place(member: Member) -> tuple[int, str, str]:
    town = member.membership.municipality
    return ROLES.index(member.role), town.sort_key if town else "", member.membership.person.name


@dataclass(frozen=True)
class GroupRow:
    """A group in the list: who belongs to it, the towns they come from, when it meets next (as far as all may know)."""

    group: Group
    members: list[int]
    towns: int
    next_date: date | None


def group_rows(network_id: int) -> list[GroupRow]:
    """Return the network's groups, bodies first, closed ones last; four queries, however many groups there are."""
    groups = Group.objects.filter(network=network_id).select_related("lead_town").order_by("name")
    open_people = Membership.objects.filter(network=network_id, ended_on=None, person__is_active=True)
    people = {pk: (role, town) for pk, role, town in open_people.values_list("pk", "role", "municipality")}
    named: dict[int, set[int]] = {}
    pairs = GroupMembership.objects.filter(group__network=network_id).values_list("group", "membership")
    for key, member in pairs:
        named.setdefault(key, set()).add(member)
    soonest = _next_dates(network_id)
    rows = []
    for group in groups:
        born = BORN_MEMBERS.get(Group.Kind(group.kind))
        rows_of = named.get(group.pk, set())
        inside = {pk for pk, (role, _town) in people.items() if pk in rows_of or (born and role == born)}
        towns = {people[pk][1] for pk in inside} - {None}
        rows.append(GroupRow(group, sorted(inside), len(towns), soonest.get(group.pk)))
    return sorted(rows, key=lambda row: (row.group.state, KINDS.index(row.group.kind)))


def _next_dates(network_id: int) -> dict[int, date]:
    """Return when groups meet next; of internal ones only their own people know. By the reverse name of meetings."""
    ahead = Q(meetings__state__in=("planned", "open"), meetings__date__gte=timezone.localdate())
    groups = Group.objects.filter(network=network_id, is_internal=False).order_by()
    rows = groups.annotate(next=Min("meetings__date", filter=ahead)).values_list("pk", "next")
    return {pk: day for pk, day in rows if day}


def group_projects(group: Group) -> list[Project]:
    """Return the group's projects that were not joined to others, by title; who leads one is in its `leads`."""
    leading = parts_today().filter(role=Involvement.Role.LEAD)
    projects = Project.objects.filter(group=group, joined_to=None).order_by("title", "pk")
    return list(projects.prefetch_related(Prefetch("involvements", leading, to_attr="leads")))


def get_group_member_for(group: Group, pk: int) -> Membership:
    """Return somebody who belongs to the group, by the key of their membership; raises Http404 for anybody else."""
    found = next((one.membership for one in members_of(group) if one.membership.pk == pk), None)
    if found is None:
        raise Http404
    return found


# -- files ------------------------------------------------------------------------------------------------------------


def files_of(group: Group) -> list[SharedFile]:
    """Return the group's files that were not removed, the newest first."""
    files = SharedFile.objects.filter(group=group, removed_at=None)
    people = ("uploaded_by__person", "uploaded_by__municipality")
    return list(files.select_related(*people).order_by("-uploaded_at", "-pk"))


def get_group_file_for(membership: Membership, pk: int) -> SharedFile:
    """Return a file of a group that was not removed; raises Http404 where this member may not see its inside."""
    shared = SharedFile.objects.filter(pk=pk, removed_at=None, group__network=membership.network_id)
    found = shared.select_related("group__network", "uploaded_by").first()
    if found is None or found.group is None or not may_see_inside(membership, found.group):
        raise Http404
    return found
