"""The home of a network: my next meetings, what is to be done, what changed since my last visit; a mayor's overview."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from collab.network.access import MemberRequest, member_page
from collab.network.domain.visit import note_visit
from collab.network.models import Accession, Membership, Role
from collab.network.queries import active_on
from meetings.models import Meeting
from workgroups.models import Group
from workgroups.queries.group import active_groups, groups_of

from .overview import overview_page


@require_GET
@member_page
def home(request: MemberRequest, slug: str) -> HttpResponse:
    membership = request.membership
    if membership.role == Role.MAYOR:
        return overview_page(request, is_home=True)
    context = {
        "section": "home",
        "network": membership.network,
        "last_visit": note_visit(membership),
        "groups": [] if membership.is_guest else _by_next_meeting(membership),
        "town": _accession_of(membership, request.today),
        "is_new": membership.is_coordinator and not Meeting.objects.filter(network=membership.network).exists(),
    }
    return render(request, "meetings/home.html", context)


def _by_next_meeting(membership: Membership) -> list[Group]:
    """Return the member's groups (a guide or mayor without one sees the officers' exchange), the next to meet first."""
    active = active_groups(membership.network_id)
    mine = groups_of(membership).values("pk")
    groups = list(active.filter(pk__in=mine)) or list(active.filter(kind=Group.Kind.OFFICERS))
    upcoming = Meeting.objects.filter(group__in=groups, state__in=(Meeting.State.PLANNED, Meeting.State.OPEN)).order_by(
        "-date", "-start_time"
    )
    soonest = {group: (date, start) for group, date, start in upcoming.values_list("group", "date", "start_time")}
    with_meeting = [group for group in groups if group.pk in soonest]
    rest = [group for group in groups if group.pk not in soonest]
    return sorted(with_meeting, key=lambda group: soonest[group.pk]) + rest


def _accession_of(membership: Membership, today: date) -> Accession | None:
    accessions = Accession.objects.filter(network=membership.network, municipality=membership.municipality)
    return accessions.filter(active_on(today)).first() if membership.municipality_id else None
