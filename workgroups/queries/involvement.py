"""Reads: which town takes part in what, and what towns are asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from collab.live.once import once
from collab.network.models import Accession, Membership, Municipality
from collab.network.queries import active_on, active_towns
from workgroups import rules
from workgroups.models import Involvement, Offer, Project

Role = Involvement.Role
OFFER_WITH = (
    "network",
    "municipality",
    "made_by__person",
    "made_by__municipality",
    "project__network",
    "into",
    "action__network",
    "action__group",
)


def open_parts(network_id: int) -> QuerySet[Involvement]:
    """Return the parts that last, of towns that are members today: who left the network holds no lead."""
    parts = Involvement.objects.filter(project__network=network_id, until=None)
    towns = active_towns(network_id).order_by().values("pk")
    return parts.filter(municipality__in=towns).select_related("municipality")


def parts_today() -> QuerySet[Involvement]:
    """Return the parts that last, of towns that are members today of the project's network, whichever this is."""
    here = Accession.objects.filter(active_on(timezone.localdate()), network=OuterRef("project__network"))
    members = Exists(here.filter(municipality=OuterRef("municipality")))
    return Involvement.objects.filter(members, until=None).select_related("municipality")


@once
def open_parts_of(project_id: int) -> list[Involvement]:
    """Return the parts in a project that last, by role (the lead first) and name of the town; one query."""
    return in_order(parts_today().filter(project=project_id))


def in_order(parts: Iterable[Involvement]) -> list[Involvement]:
    return sorted(parts, key=lambda part: (Role.values.index(part.role), part.municipality.sort_key))


def parts_of(project: Project) -> dict[str, list[Involvement]]:
    """Return the parts in a project that last, by role in the order of the roles; each role is there."""
    parts: dict[str, list[Involvement]] = {role: [] for role in Role.values}
    for part in open_parts_of(project.pk):
        parts[part.role].append(part)
    return parts


def lead_of(project_id: int) -> Involvement | None:
    """Return the part of the town that leads the project today, None where nobody does."""
    return next((part for part in open_parts_of(project_id) if part.role == Role.LEAD), None)


def part_of_town(project_id: int, ags: str | None) -> Involvement | None:
    """Return the part that a town has in the project today, None where it has none."""
    return next((part for part in open_parts_of(project_id) if part.municipality_id == ags), None)


def has_led(project_id: int, ags: str | None) -> bool:
    """Return whether the town leads the project or did so once."""
    return Involvement.objects.filter(project=project_id, municipality=ags, role=Role.LEAD).exists()


@once
def history_of_parts(project_id: int) -> list[Involvement]:
    """Return the parts in a project that are over, the latest first."""
    parts = Involvement.objects.filter(project=project_id, until__isnull=False)
    return list(parts.select_related("municipality").order_by("-until", "-ended_at", "-pk"))


def deciding_town(project: Project) -> str | None:
    """Return the key of the town that decides what becomes of the project as a whole: the one that leads it; where
    nobody does, the one that entered it (None for the coordinator's office).
    """
    lead = lead_of(project.pk)
    return lead.municipality_id if lead else project.created_by.municipality_id


def open_offers_to(network_id: int, ags: str) -> QuerySet[Offer]:
    """Return what a town is asked and has not answered yet, the newest first."""
    offers = Offer.objects.filter(network=network_id, municipality=ags, state=Offer.State.OPEN)
    return offers.select_related(*OFFER_WITH)


@once
def open_offers_about(project_id: int) -> list[Offer]:
    """Return the open questions to towns about a project, also those to join it to another; the newest first."""
    about = Q(project=project_id) | Q(into=project_id)
    return list(Offer.objects.filter(about, state=Offer.State.OPEN).select_related(*OFFER_WITH))


def get_offer_for(membership: Membership, pk: int) -> Offer:
    """Return an offer of the network; raises Http404 where this member may not see it."""
    if not rules.may_read_projects(membership):
        raise Http404
    return get_object_or_404(Offer.objects.select_related(*OFFER_WITH), pk=pk, network=membership.network_id)


def town_choices(network_id: int, without: Collection[str | None] = ()) -> QuerySet[Municipality]:
    """Return the towns that can be asked today, by name, without those named."""
    return active_towns(network_id).exclude(pk__in=[ags for ags in without if ags]).order_by("sort_key", "pk")
