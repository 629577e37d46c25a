"""Reads: who is who in a network. `get_..._for` fetches and authorises in one step."""

from __future__ import annotations

import hashlib
from datetime import date

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, When
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from .models import (
    TOWN_ROLES,
    Accession,
    DemoMail,
    Invitation,
    Membership,
    Municipality,
    Person,
    german_sort_key,
)
from .rules import may_manage


def admitted() -> QuerySet[Membership]:
    """Return the open memberships whose municipality, where they have one, is a member of the network today.

    A planned exit ends access on its day, whether or not it was carried out yet.
    """
    town = Accession.objects.filter(
        active_on(timezone.localdate()), network=OuterRef("network"), municipality=OuterRef("municipality")
    )
    return Membership.objects.filter(Q(municipality=None) | Exists(town), ended_on=None)


def memberships_of(person: Person) -> QuerySet[Membership]:
    """Return the memberships that let the person in today, with network, person and municipality."""
    memberships = admitted().filter(person=person, person__is_active=True)
    return memberships.select_related("network", "person", "municipality").order_by("network__name")


def find_membership(person: Person, slug: str) -> Membership | None:
    """Return the membership that lets the person into the network of that slug, None where there is none."""
    return memberships_of(person).filter(network__slug=slug).first()


def active_on(day: date | OuterRef, prefix: str = "") -> Q:
    """Return the condition that an accession is active on a day; `prefix` is the path to the accession."""
    left = Q(**{f"{prefix}left_on": None}) | Q(**{f"{prefix}left_on__gt": day})
    return Q(**{f"{prefix}joined_on__lte": day}) & left


def active_towns(network_id: int, today: date | None = None) -> QuerySet[Municipality]:
    """Return the municipalities that are members of the network today, by name."""
    day = today or timezone.localdate()
    active = Accession.objects.filter(active_on(day), network=network_id)
    return Municipality.objects.filter(pk__in=active.values("municipality"))


def accessions_with_people(network_id: int, today: date) -> QuerySet[Accession]:
    """Return the accessions that are not over, by name of the town; its people are in `municipality.people`."""
    rank = Case(*(When(role=role, then=number) for number, role in enumerate(TOWN_ROLES)), default=9)
    # By the reverse name: who deputises for the own town in votes is known above.
    deputises = Q(deputy_of__ended_at=None, deputy_of__municipality=F("municipality"))
    people = open_memberships(network_id).filter(role__in=TOWN_ROLES).order_by(rank, "person__name", "pk")
    people = people.annotate(deputises=Count("deputy_of", filter=deputises))
    accessions = Accession.objects.filter(Q(left_on=None) | Q(left_on__gt=today), network=network_id)
    return accessions.select_related("municipality").prefetch_related(
        Prefetch("municipality__memberships", queryset=people, to_attr="people")
    )


def open_memberships(network_id: int) -> QuerySet[Membership]:
    """Return the memberships that have not ended, by name, with person and municipality."""
    memberships = Membership.objects.filter(network=network_id, ended_on=None)
    return memberships.select_related("person", "municipality").order_by("person__name", "pk")


def people_without_town(network_id: int) -> QuerySet[Membership]:
    """Return coordinators and guests, coordinators first."""
    return open_memberships(network_id).exclude(role__in=TOWN_ROLES).order_by("role", "person__name", "pk")


def former_towns(network_id: int, today: date) -> QuerySet[Accession]:
    return Accession.objects.filter(network=network_id, left_on__lte=today).select_related("municipality")


def former_members(network_id: int) -> QuerySet[Membership]:
    """Return ended memberships of people who did not come back, the latest first."""
    back = open_memberships(network_id).values("person")
    ended = Membership.objects.filter(network=network_id, ended_on__isnull=False).exclude(person__in=back)
    return ended.select_related("person", "municipality").order_by("-ended_on", "person__name", "pk")


def coordinators(network_id: int) -> QuerySet[Membership]:
    return open_memberships(network_id).filter(role="coordinator")


def open_invitations(network_id: int) -> QuerySet[Invitation]:
    """Return the invitations that were neither accepted nor revoked, expired ones included, the newest first."""
    invitations = Invitation.objects.filter(network=network_id, accepted_at=None, revoked_at=None)
    return invitations.select_related("municipality", "invited_by__person", "invited_by__municipality")


def get_membership_for(by: Membership, pk: int) -> Membership:
    """Return a membership that `by` may manage, ended ones included; 404 outside the network."""
    people = Membership.objects.select_related("network", "person", "municipality")
    return get_object_or_404(people, pk=pk, network=by.network_id)


def current_membership(membership: Membership) -> Membership:
    """Return the person's open membership in the same network, where there is none the one given.

    A change of role or town ends one membership and begins another.
    """
    current = open_memberships(membership.network_id).filter(person=membership.person_id)
    return current.select_related("network").first() or membership


def get_accession_for(by: Membership, pk: int) -> Accession:
    """Return an accession of the member's network; 404 outside it."""
    return get_object_or_404(Accession.objects.select_related("network", "municipality"), pk=pk, network=by.network_id)


def get_invitation_for(by: Membership, pk: int) -> Invitation:
    """Return an invitation of the network for its coordinators; 404 for everybody else."""
    if not may_manage(by):
        raise Http404
    invitations = Invitation.objects.select_related("network", "municipality", "invited_by__person")
    return get_object_or_404(invitations, pk=pk, network=by.network_id)


def hash_of_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation that this link's token belongs to, whatever became of it."""
    return invitation_of(hash_of_token(token))


def invitation_of(token_hash: str) -> Invitation | None:
    """Return the invitation with that hash of its link's token, whatever became of it."""
    invitations = Invitation.objects.select_related("network", "municipality", "invited_by__person")
    return invitations.filter(token_hash=token_hash).first()


def find_person(email: str) -> Person | None:
    """Return whoever has that e-mail address, case disregarded."""
    return Person.objects.filter(email__iexact=email.strip()).first()


def search_municipalities(text: str, limit: int = 20) -> list[Municipality]:
    """Return German municipalities whose name contains `text` or whose official key begins with it.

    The best come first: the name itself, names that begin so, larger before smaller ones.
    """
    wanted = german_sort_key(" ".join(text.split()))
    if len(wanted) < 2:
        return []
    if wanted.isdigit():
        return list(Municipality.objects.filter(ags__startswith=wanted)[:limit])
    rank = Case(When(sort_key=wanted, then=0), When(sort_key__startswith=wanted, then=1), default=2)
    found = Municipality.objects.filter(sort_key__contains=wanted)
    return list(found.order_by(rank, "-population", "sort_key")[:limit])


def municipalities_named(text: str) -> list[Municipality]:
    """Return the municipalities that `text` names exactly: by official key, everyday or full official name."""
    text = " ".join(text.split())
    named = Q(ags=text) | Q(sort_key=german_sort_key(text)) | Q(name__iexact=text)
    return list(Municipality.objects.filter(named).order_by("-population", "ags")[:20])


def due_exits(network_id: int, today: date) -> QuerySet[Accession]:
    """Return past accessions whose town still has open memberships without a running accession."""
    running = Accession.objects.filter(network=network_id).exclude(left_on__lte=today)
    over = Accession.objects.filter(network=network_id, left_on__lte=today)
    return over.exclude(municipality__in=running.values("municipality")).filter(
        municipality__memberships__network=network_id,
        municipality__memberships__ended_on=None,
    )


def demo_mails(network_id: int) -> QuerySet[DemoMail]:
    """Return the network's invitations and what its people were sent, the newest first.

    Of invited people only those count who are in no network: an invitation must not open the mail of another one.
    """
    anywhere = Membership.objects.filter(ended_on=None)
    invited = open_invitations(network_id).exclude(email__in=anywhere.values("person__email"))
    own = Q(recipient__in=anywhere.filter(network=network_id).values("person__email"))
    own |= Q(recipient__in=invited.values("email"))
    return DemoMail.objects.filter(Q(network=network_id) | Q(network=None) & own)
