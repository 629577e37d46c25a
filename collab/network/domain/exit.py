"""What the exit of a town brings about. Stands apart from `accession`, because the door of every page needs it too."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from collab.live.log import record
from collab.live.regions import of_town, region_id

from ..models import Accession, Network
from ..queries import due_exits, open_memberships


def end_town_memberships(accession: Accession, ended_on: date) -> list[int]:
    """End the memberships of the town's people; return the ids of these people. The network must be locked."""
    ended = []
    for membership in open_memberships(accession.network_id).filter(municipality=accession.municipality_id):
        membership.ended_on = max(ended_on, membership.started_on)
        membership.save(update_fields=["ended_on"])
        ended.append(membership.person_id)
    return ended


def carry_out_due_exits(network_id: int, today: date) -> bool:
    """End the memberships of towns whose planned day of exit has come; return whether there were any."""
    if not due_exits(network_id, today).exists():
        return False
    with transaction.atomic():
        network = Network.objects.select_for_update(no_key=True).get(pk=network_id)
        for accession in due_exits(network_id, today).select_related("municipality").distinct():
            assert accession.left_on is not None  # noqa: S101 - only those are due
            people = end_town_memberships(accession, accession.left_on)
            record(
                network,
                verb="exit_came",
                actor=None,
                obj=accession,
                regions=[
                    region_id("members", network.pk),
                    region_id("invitations", network.pk),
                    *of_town(network.pk, accession.municipality_id),
                ],
                params={"town": accession.municipality.short_name},
                access=people,
            )
    return True
