"""Reads: what was uploaded to be brought in."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from collab.network.access import need
from collab.network.models import Membership
from workgroups import rules
from workgroups.models import Intake


def need_to_import(membership: Membership) -> None:
    """Let the coordinator through; others are refused, and guests are not told that there is something."""
    if membership.is_guest:
        raise Http404
    need(rules.may_import(membership))


def get_intake_for(membership: Membership, pk: int) -> Intake:
    """Return an upload of the member's network; 404 outside of it, refused for all but its coordinators."""
    need_to_import(membership)
    return get_object_or_404(
        Intake.objects.select_related("network", "uploaded_by__person"), pk=pk, network=membership.network_id
    )


def intakes_of(network_id: int) -> QuerySet[Intake]:
    """Return the uploads of the network without their cells, the newest first."""
    intakes = Intake.objects.filter(network=network_id).exclude(state=Intake.State.DROPPED).defer("rows")
    return intakes.select_related("uploaded_by__person", "uploaded_by__municipality")


def done_before(intake: Intake) -> Intake | None:
    """Return the upload with which this very file was brought in before, None where it was not."""
    same = Intake.objects.filter(network=intake.network_id, sha256=intake.sha256, state=Intake.State.DONE)
    return same.exclude(pk=intake.pk).defer("rows").order_by("-done_at").first()
