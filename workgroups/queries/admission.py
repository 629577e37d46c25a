"""Reads: who is on the way into a group, asked or invited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from collab.network.models import Membership, Role
from workgroups.models import Admission, Group, GroupMembership
from workgroups.rules import CHAIR, may_read_groups
from workgroups.rules.group import may_run_group

from .group import members_of, open_members

# So long a person who asked in vain is told so at home.
REMEMBERED = timedelta(days=14)


def admission_with_people() -> QuerySet[Admission]:
    return Admission.objects.select_related(
        "group__network",
        "membership__person",
        "membership__municipality",
        "made_by__person",
        "made_by__municipality",
    )


def get_admission_for(membership: Membership, pk: int) -> Admission:
    """Return a request or invitation that is this member's to answer or to take back; raises Http404 otherwise."""
    admission = admission_with_people().filter(pk=pk, group__network=membership.network_id).first()
    if admission is None or not may_read_groups(membership):
        raise Http404
    if admission.membership_id != membership.pk and not may_run_group(membership, admission.group):
        raise Http404
    return admission


def open_admissions(group: Group) -> list[Admission]:
    """Return who waits to be let in and who is invited, the oldest first."""
    rows = admission_with_people().filter(group=group, state=Admission.State.OPEN, membership__ended_on=None)
    return list(rows)


def who_runs(group: Group) -> list[int]:
    """Return the keys of the memberships that answer requests: the group's chairs and the coordinators."""
    chairs = Q(group_memberships__group=group, group_memberships__role=CHAIR)
    people = Membership.objects.filter(network=group.network_id, ended_on=None)
    return list(people.filter(chairs | Q(role=Role.COORDINATOR)).order_by("pk").values_list("pk", flat=True).distinct())


def admission_state(membership: Membership, group: Group) -> str:
    """Return "asked" or "invited" for who is on the way into the group, an empty text for everybody else."""
    rows = Admission.objects.filter(group=group, membership=membership, state=Admission.State.OPEN)
    kind = rows.values_list("kind", flat=True).first()
    return {Admission.Kind.REQUEST.value: "asked", Admission.Kind.INVITATION.value: "invited"}.get(kind or "", "")


@dataclass(frozen=True)
class MyAdmissions:
    """What waits for a person's answer, what they asked for, and what was declined lately."""

    invitations: list[Admission]
    to_answer: list[Admission]
    asked: list[Admission]
    declined: list[Admission]


def my_admissions(membership: Membership) -> MyAdmissions:
    """Return what stands at home about joining groups; two queries."""
    state, kind = Admission.State, Admission.Kind
    chaired = GroupMembership.objects.filter(membership=membership, role=CHAIR).values("group")
    runs = Q() if membership.is_coordinator else Q(group__in=chaired)
    lately = timezone.now() - REMEMBERED
    waits = Q(state=state.OPEN, membership__ended_on=None)
    no = Q(membership=membership, kind=kind.REQUEST, state=state.DECLINED, answered_at__gte=lately)
    rows = admission_with_people().filter(group__network=membership.network_id)
    found = list(rows.filter((waits & (Q(membership=membership) | (Q(kind=kind.REQUEST) & runs))) | no))
    own = [one for one in found if one.membership_id == membership.pk]
    return MyAdmissions(
        invitations=[one for one in own if one.state == state.OPEN and one.kind == kind.INVITATION],
        to_answer=[one for one in found if one.membership_id != membership.pk],
        asked=[one for one in own if one.state == state.OPEN and one.kind == kind.REQUEST],
        declined=[one for one in own if one.state == state.DECLINED],
    )


def to_invite(group: Group) -> QuerySet[Membership]:
    """Return the network's people who do not belong to the group and are not on the way into it, by town."""
    inside = [member.membership.pk for member in members_of(group)]
    waiting = Admission.objects.filter(group=group, state=Admission.State.OPEN).values("membership")
    people = open_members(group.network).exclude(role__in=(Role.GUEST, Role.COORDINATOR))
    return people.exclude(pk__in=inside).exclude(pk__in=waiting)
