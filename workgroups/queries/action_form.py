"""Reads: what can be chosen in the forms of action items."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from collab.network.models import Membership, Municipality
from workgroups.models import ActionItem, Group, Project

from .group import active_towns, groups_of, open_members, people_for, towns_for


def projects_to_choose(network_id: int, now: int | None = None) -> QuerySet[Project]:
    """Return the projects that go on, and the one that is chosen now, by title."""
    projects = Project.objects.filter(network=network_id)
    return projects.filter(Q(joined_to=None) | Q(pk=now or 0)).order_by("title", "pk")


def groups_to_choose(membership: Membership, now: int | None = None) -> QuerySet[Group]:
    """Return the active groups this member belongs to, and the one that is chosen now, by name."""
    own = groups_of(membership).filter(state=Group.State.ACTIVE).values("pk")
    return Group.objects.filter(Q(pk__in=own) | Q(pk=now or 0), network=membership.network_id).order_by("name")


def towns_to_name(membership: Membership, action: ActionItem) -> QuerySet[Municipality]:
    """Return whom this member may name as responsible: the town that is, their own; all where a slip of the meeting
    in session is corrected.
    """
    if membership.is_coordinator and was_just_recorded(action):
        return active_towns(membership.network)
    now = Q(pk=action.municipality_id or "")
    return Municipality.objects.filter(now | Q(pk__in=towns_for(membership).values("pk")))


def people_to_name(membership: Membership, action: ActionItem) -> QuerySet[Membership]:
    """Return the people who fit `towns_to_name`, and who is responsible now."""
    people = open_members(membership.network)
    if membership.is_coordinator and was_just_recorded(action):
        return people
    wanted = Q(pk__in=people_for(membership).values("pk")) | Q(pk=action.person_id or 0)
    if membership.is_coordinator and action.municipality_id:
        wanted |= Q(pk__in=people.filter(municipality=action.municipality_id).values("pk"))
    named = Membership.objects.filter(wanted, network=membership.network_id).select_related("person", "municipality")
    return named.order_by("municipality__sort_key", "person__name")


def was_just_recorded(action: ActionItem) -> bool:
    """Return whether the meeting in which it was recorded is still in session: there a slip is corrected."""
    return ActionItem.objects.filter(pk=action.pk, recorded__item__meeting__state="open").exists()


def birthplace_is_fixed(action: ActionItem) -> bool:
    """Return whether it was agreed in a meeting, and so stays with the meeting's group."""
    return ActionItem.objects.filter(pk=action.pk, recorded__isnull=False).exists()
