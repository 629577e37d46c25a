"""Reads: groups, and the towns and people of a network as these see them."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from collab.network.models import Accession, Membership, Municipality, Network
from workgroups.models import Group, GroupMembership
from workgroups.rules import BORN_MEMBERS


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
    """Return the towns in whose name this member may write down what is to be done."""
    towns = active_towns(membership.network)
    return towns if membership.is_coordinator else towns.filter(pk=membership.municipality_id)


def people_for(membership: Membership) -> QuerySet[Membership]:
    """Return the people whom this member may name as responsible."""
    people = open_members(membership.network)
    if membership.is_coordinator:
        return people
    if membership.municipality_id is None:
        return people.filter(pk=membership.pk)
    return people.filter(municipality=membership.municipality_id)
