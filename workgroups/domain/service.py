"""What a town says of an OZG service: how far it is there, where, and with what. Only its own people say it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor, record
from collab.network.access import need
from collab.network.models import Accession, Membership
from collab.network.queries import active_on
from workgroups import ozg, rules
from workgroups.models import Project, ServiceStatus
from workgroups.queries.services import state_of_town

from .regions import of_coverage


@transaction.atomic
def say_state(
    *,
    service: ozg.Service,
    maturity: int,
    by: Membership,
    address: str = "",
    project: Project | None = None,
    note: str = "",
    version: int = 0,
) -> ServiceStatus:
    """Say how far the service is in the person's own town and return that statement.

    `version` is 0 where the town had said nothing; raises Stale where somebody else of it said something meanwhile.
    """
    status = _locked_state(service, by)
    if project is not None and project.network_id != by.network_id:
        raise Refused(_("This project does not belong to this network. Choose another one."))
    wanted: dict[str, Any] = {"maturity": maturity, "address": address, "project": project, "note": note}
    if status.pk and all(getattr(status, name) == value for name, value in wanted.items()):
        return status
    _need_current(status, version)
    before = status.maturity if status.pk else None
    for name, value in wanted.items():
        setattr(status, name, value)
    status.version, status.said_by = version + 1, by
    status.save()
    is_news = maturity >= ozg.ONLINE_FROM and (before is None or before < ozg.ONLINE_FROM)
    return _recorded(status, "service_online" if is_news else "service_said", service, by)


@transaction.atomic
def take_back_state(*, service: ozg.Service, version: int, by: Membership) -> None:
    """Withdraw what the town said: what follows from its projects counts again. Twice does nothing more."""
    status = _locked_state(service, by)
    if not status.pk:
        return
    _need_current(status, version)
    ServiceStatus.objects.filter(pk=status.pk).delete()
    _recorded(status, "service_unsaid", service, by)


def _locked_state(service: ozg.Service, by: Membership) -> ServiceStatus:
    """Return the town's statement, a new one where there is none; its accession is locked."""
    need(rules.may_work_for(by, [by.municipality_id]))
    towns = Accession.objects.select_for_update(no_key=True)
    if not towns.filter(active_on(timezone.localdate()), network=by.network, municipality=by.municipality).exists():
        raise Refused(_("Your municipality is not a member of this network today."))
    found = state_of_town(by.network_id, by.municipality_id, service.ozg_id)
    return found or ServiceStatus(
        network_id=by.network_id, municipality=by.municipality, ozg_id=service.ozg_id, version=0
    )


def _need_current(status: ServiceStatus, version: int) -> None:
    if status.version != version:
        raise Stale(status, last_actor(status) if status.pk else "")


def _recorded(status: ServiceStatus, verb: str, service: ozg.Service, by: Membership) -> ServiceStatus:
    town = by.municipality.short_name if by.municipality else ""
    record(
        by.network,
        verb=verb,
        actor=by,
        obj=status,
        regions=of_coverage(by.network_id),
        params={"town": town, "service": service.name, "ozg_id": service.ozg_id, "level": status.maturity},
    )
    return status
