"""A municipality joins the network, and leaves it: two dated entries."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import of_town

from ..models import Accession, Membership, Municipality
from .acting import lock_network
from .exit import end_town_memberships
from .membership import regions_of_people


def add(
    *,
    municipality: Municipality,
    joined_on: date,
    standing: str = Accession.Standing.MEMBER,
    note: str = "",
    by: Membership,
) -> Accession:
    """Enter that a municipality joined; return the accession. Raises Refused where it is a member at that time."""
    with transaction.atomic():
        network = lock_network(by=by)
        earlier = Accession.objects.filter(network=network, municipality=municipality)
        if there := earlier.filter(Q(left_on=None) | Q(left_on__gt=joined_on)).first():
            raise Refused(_overlap(there))
        accession = Accession.objects.create(
            network=network, municipality=municipality, standing=standing, joined_on=joined_on, note=note
        )
        record(
            network,
            verb="town_joined",
            actor=by,
            obj=accession,
            regions=[*regions_of_people(network), *of_town(network.pk, municipality.pk)],
            params={"town": municipality.short_name},
        )
    return accession


def end(*, accession: Accession, left_on: date | None, note: str = "", by: Membership) -> Accession:
    """Enter the day a municipality leaves; from that day on its people are no longer members.

    A day to come may be entered, changed until then, and taken back with None. Raises Refused for a day before the
    accession or after a later one, and where the municipality has left already.
    """
    with transaction.atomic():
        network = lock_network(by=by)
        accessions = Accession.objects.select_for_update(of=("self",), no_key=True).select_related("municipality")
        accession = accessions.get(pk=accession.pk)
        today = timezone.localdate()
        _check_end(accession, left_on, today)
        over = left_on is not None and left_on <= today
        accession.left_on, accession.note = left_on, note or accession.note
        accession.save(update_fields=["left_on", "note"])
        people = end_town_memberships(accession, left_on) if over and left_on else []
        record(
            network,
            verb="town_left" if over else "town_leaves" if left_on else "town_stays",
            actor=by,
            obj=accession,
            regions=[*regions_of_people(network), *of_town(network.pk, accession.municipality_id)],
            params={"town": accession.municipality.short_name},
            access=people,
        )
    return accession


def correct(
    *,
    accession: Accession,
    joined_on: date | None = None,
    standing: str | None = None,
    note: str | None = None,
    by: Membership,
) -> Accession:
    """Correct what was entered of an accession; None leaves a value as it is. Twice the same is once.

    Raises Refused where the new date lies behind the exit or in another accession of the same municipality.
    """
    with transaction.atomic():
        network = lock_network(by=by)
        accessions = Accession.objects.select_for_update(of=("self",), no_key=True).select_related("municipality")
        accession = accessions.get(pk=accession.pk, network=network)
        wanted = {"joined_on": joined_on, "standing": standing, "note": note}
        changed = {name: v for name, v in wanted.items() if v is not None and v != getattr(accession, name)}
        if not changed:
            return accession
        for name, value in changed.items():
            setattr(accession, name, value)
        _check_begin(accession)
        accession.save(update_fields=[*changed])
        record(
            network,
            verb="town_corrected",
            actor=by,
            obj=accession,
            regions=[*regions_of_people(network), *of_town(network.pk, accession.municipality_id)],
            params={"town": accession.municipality.short_name},
        )
    return accession


def _check_begin(accession: Accession) -> None:
    if accession.left_on and accession.left_on < accession.joined_on:
        raise Refused(
            _("%(town)s leaves on %(date)s: it cannot join after that.")
            % {"town": accession.municipality, "date": date_format(accession.left_on)}
        )
    others = Accession.objects.filter(network=accession.network_id, municipality=accession.municipality_id)
    earlier = others.exclude(pk=accession.pk).filter(joined_on__lte=accession.left_on or date.max)
    if there := earlier.filter(Q(left_on=None) | Q(left_on__gt=accession.joined_on)).first():
        raise Refused(_overlap(there))


def _check_end(accession: Accession, left_on: date | None, today: date) -> None:
    if accession.left_on is not None and accession.left_on <= today:
        raise Refused(_("%(town)s has left the network already.") % {"town": accession.municipality})
    if left_on and left_on < accession.joined_on:
        raise Refused(
            _("%(town)s joined on %(date)s: it cannot leave before that.")
            % {"town": accession.municipality, "date": date_format(accession.joined_on)}
        )
    others = Accession.objects.filter(network=accession.network_id, municipality=accession.municipality_id)
    later = others.filter(joined_on__gte=accession.joined_on).exclude(pk=accession.pk).first()
    if later and (left_on is None or left_on > later.joined_on):
        raise Refused(_overlap(later))


def _overlap(there: Accession) -> str:
    return _("%(town)s is in the network at that time already (joined on %(date)s).") % {
        "town": there.municipality,
        "date": date_format(there.joined_on),
    }
