"""Joining a network, changing the role in it, leaving it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import region_id

from ..models import TOWN_ROLES, Membership, Municipality, Network, Person, Role
from ..queries import active_towns, coordinators, current_membership
from .acting import lock_network
from .succession import succeed


def admit(
    network: Network,
    *,
    person: Person,
    role: str,
    municipality: Municipality | None = None,
    organisation: str = "",
    started_on: date | None = None,
) -> Membership:
    """Open a membership and record it. The network must be locked and the role be checked with `check_place`."""
    membership = Membership.objects.create(
        network=network,
        person=person,
        role=role,
        municipality=municipality,
        organisation=organisation,
        started_on=started_on or timezone.localdate(),
    )
    record(
        network,
        verb="joined",
        actor=membership,
        obj=membership,
        regions=regions_of_people(network),
        params={"name": person.name},
    )
    return membership


def change_role(
    *,
    membership: Membership,
    role: str,
    municipality: Municipality | None,
    organisation: str,
    shown: str,
    by: Membership,
) -> Membership:
    """Give a member another role, town or organisation; return the membership they have now.

    Another role or town ends the old membership today and begins a new one: what was done before keeps the name of
    the old town, and rights over its items stay with it. With another role for the same town the person keeps their
    places and tasks (`succession`). `shown` is the `place` of the membership that the acting
    person saw. Raises Refused where it has changed since, where the role does not fit the town, and for the last
    coordinator.
    """
    with transaction.atomic():
        network = lock_network(by=by)
        membership = _open(current_membership(membership), network)
        if shown != place(membership):
            raise Refused(
                _("Somebody else changed this meanwhile: %(name)s is now %(role)s (%(town)s). Check and save again.")
                % {
                    "name": membership.person.name,
                    "role": membership.get_role_display(),
                    "town": membership.acts_for or "–",
                }
            )
        check_place(network, role, municipality)
        if membership.is_coordinator and role != Role.COORDINATOR:
            _keep_a_coordinator(membership)
        now = Membership(role=role, municipality=municipality, organisation=organisation)
        if place(now) == shown:
            return membership
        before, membership = membership, _follow(membership, now)
        kept = succeed(before, membership) if before.pk != membership.pk else []
        record(
            network,
            verb=f"became_{role}",
            actor=by,
            obj=membership,
            regions=[*regions_of_people(network), *kept],
            params={"name": membership.person.name, "town": membership.acts_for},
            access=[membership.person_id],
        )
    return membership


def _follow(membership: Membership, now: Membership) -> Membership:
    """Put the person in the role, town and organisation of `now`; return their membership."""
    if (now.role, now.municipality_id) == (membership.role, membership.municipality_id):
        membership.organisation = now.organisation
        membership.save(update_fields=["organisation"])
        return membership
    membership.ended_on = max(timezone.localdate(), membership.started_on)
    membership.save(update_fields=["ended_on"])
    now.network, now.person = membership.network, membership.person
    now.started_on = timezone.localdate()
    now.last_seen_at, now.visit_before_at = membership.last_seen_at, membership.visit_before_at
    now.save()
    return now


def end(*, membership: Membership, reason: str = "", by: Membership) -> Membership:
    """End a membership today; return it. Raises Refused where it has ended already and for the last coordinator."""
    with transaction.atomic():
        network = lock_network(by=by)
        membership = _open(membership, network)
        if membership.is_coordinator:
            _keep_a_coordinator(membership)
        membership.ended_on = max(timezone.localdate(), membership.started_on)
        membership.save(update_fields=["ended_on"])
        record(
            network,
            verb="membership_ended_because" if reason else "membership_ended",
            actor=by,
            obj=membership,
            regions=regions_of_people(network),
            params={"name": str(membership), "reason": reason},
            access=[membership.person_id],
        )
    return membership


def place(membership: Membership) -> str:
    """Return role, town and organisation as one text, to notice that they have changed."""
    return f"{membership.role}/{membership.municipality_id or ''}/{membership.organisation}"


def check_place(network: Network, role: str, municipality: Municipality | None) -> None:
    """Raise Refused where a role needs a town that is a member of the network today, and there is none."""
    if role not in TOWN_ROLES:
        return
    if municipality is None:
        raise Refused(_("This role belongs to a municipality: please choose one."))
    if not active_towns(network.pk).filter(pk=municipality.pk).exists():
        raise Refused(
            _("%(town)s is not a member of the network at present. Enter its accession first.") % {"town": municipality}
        )


def regions_of_people(network: Network) -> list[str]:
    """Return the regions that show who is in the network."""
    return [region_id("members", network.pk), region_id("invitations", network.pk)]


def _open(membership: Membership, network: Network) -> Membership:
    people = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("person", "municipality")
    current = people.get(pk=membership.pk, network=network)
    if current.ended_on is not None:
        raise Refused(_("The membership of %(name)s has ended already.") % {"name": current.person.name})
    return current


def _keep_a_coordinator(leaving: Membership) -> None:
    if not coordinators(leaving.network_id).exclude(pk=leaving.pk).filter(person__is_active=True).exists():
        raise Refused(
            _("%(name)s is the only coordinator of this network. Make somebody else coordinator first.")
            % {"name": leaving.person.name}
        )
