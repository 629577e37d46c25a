"""Inviting somebody by e-mail, and accepting an invitation."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, need_new_form
from collab.live.log import record

from ..models import Invitation, Membership, Municipality, Network, Person
from ..queries import active_towns, find_person, hash_of_token, open_invitations, open_memberships
from .acting import lock_network
from .membership import admit, check_place, regions_of_people


def invite(
    *,
    email: str,
    name: str,
    role: str,
    municipality: Municipality | None,
    organisation: str,
    by: Membership,
    request_id: UUID | None = None,
) -> tuple[Invitation, str | None]:
    """Invite a person; return the invitation and the token of its link.

    The token is None where the same form was sent before (`request_id`). Raises Refused where the person is a member
    or invited already, and where the town is not a member. An expired invitation of the same person is replaced.
    """
    email = email.strip().lower()
    with transaction.atomic():
        network = lock_network(by=by)
        if request_id and (existing := Invitation.objects.filter(request_id=request_id, invited_by=by).first()):
            return existing, None
        need_new_form(Invitation, request_id)
        check_place(network, role, municipality)
        _make_room(network, email)
        token = secrets.token_urlsafe(32)
        invitation = Invitation.objects.create(
            network=network,
            email=email,
            name=name,
            role=role,
            municipality=municipality,
            organisation=organisation,
            token_hash=hash_of_token(token),
            invited_by=by,
            expires_at=_expiry(),
            request_id=request_id,
        )
        _record(invitation, "invited", by)
    return invitation, token


def renew(*, invitation: Invitation, shown: bool, by: Membership) -> tuple[Invitation, str]:
    """Give an invitation a new link and a new expiry; the old link no longer works. Raises Refused if it is closed.

    `shown` tells that the acting person gets to see the link, instead of the invited one by mail.
    """
    with transaction.atomic():
        lock_network(by=by)
        invitation = _open(invitation)
        check_place(invitation.network, invitation.role, invitation.municipality)
        token = secrets.token_urlsafe(32)
        invitation.token_hash, invitation.expires_at = hash_of_token(token), _expiry()
        invitation.link_shown = shown
        invitation.save(update_fields=["token_hash", "expires_at", "link_shown"])
        _record(invitation, "invitation_renewed", by)
    return invitation, token


def revoke(*, invitation: Invitation, by: Membership) -> Invitation:
    """Take an invitation back; raises Refused where it was accepted or revoked already."""
    with transaction.atomic():
        lock_network(by=by)
        invitation = _open(invitation)
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
        _record(invitation, "invitation_revoked", by)
    return invitation


def accept(*, invitation: Invitation, person: Person | None, password: str = "") -> Membership:
    """Join the network as invited; return the membership.

    Without `person` an account is made: with a password, or to be used with codes by e-mail. Raises Refused with a
    sentence for the person where the invitation cannot be used (any more), an account exists to sign in with, or the
    link was shown to somebody else, so that it proves nothing.
    """
    with transaction.atomic():
        network = Network.objects.select_for_update(no_key=True).get(pk=invitation.network_id)
        invitation = _usable(invitation)
        if person is None and invitation.link_shown:
            raise Refused(_("There is a newer link for this invitation."))
        person = person or _new_person(invitation, password)
        if person.email.lower() != invitation.email.lower():
            raise Refused(_("This invitation is for somebody else."))
        membership = open_memberships(network.pk).filter(person=person).first()
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
        if membership is None:
            membership = admit(
                network,
                person=person,
                role=invitation.role,
                municipality=invitation.municipality,
                organisation=invitation.organisation,
            )
    return membership


def open_account(*, invitation: Invitation) -> None:
    """See to it that the invited person has an account to sign in to by code; it is no member yet.

    For links that were shown to a coordinator: the code in the mail proves whose mailbox it is. Raises Refused where
    the invitation cannot be used (any more).
    """
    with transaction.atomic():
        Network.objects.select_for_update(no_key=True).get(pk=invitation.network_id)
        invitation = _usable(invitation)
        if find_person(invitation.email) is None:
            _new_person(invitation, "")


def _usable(invitation: Invitation) -> Invitation:
    """Return the invitation, locked; raises Refused where it cannot be used (any more)."""
    invitations = Invitation.objects.select_for_update(of=("self",), no_key=True).select_related("municipality")
    current = invitations.get(pk=invitation.pk)
    if why := why_closed(current):
        raise Refused(why)
    if current.token_hash != invitation.token_hash:
        raise Refused(_("There is a newer link for this invitation."))
    return current


def why_closed(invitation: Invitation) -> str:
    """Return the sentence why an invitation can no longer be used; empty where it can."""
    if invitation.accepted_at is not None:
        return _("This invitation has been used already.")
    if invitation.revoked_at is not None:
        return _("This invitation was taken back.")
    if invitation.is_expired():
        return _("This invitation has expired.")
    town = invitation.municipality
    if town and not active_towns(invitation.network_id).filter(pk=town.pk).exists():
        return _("%(town)s is no longer a member of this network.") % {"town": town}
    return ""


def _new_person(invitation: Invitation, password: str) -> Person:
    if find_person(invitation.email):
        raise Refused(_("There is an account with this e-mail address already. Please sign in with it."))
    try:
        with transaction.atomic():
            return Person.objects.create_user(invitation.email, invitation.name, password or None)
    except IntegrityError:  # invited to two networks, and both accepted at the same moment
        raise Refused(_("There is an account with this e-mail address already. Please sign in with it.")) from None


def _make_room(network: Network, email: str) -> None:
    if member := open_memberships(network.pk).filter(person__email__iexact=email).first():
        raise Refused(_("%(name)s is a member of this network already.") % {"name": member.person.name})
    existing = open_invitations(network.pk).filter(email__iexact=email).first()
    if existing is None:
        return
    if not existing.is_expired():
        raise Refused(_("%(email)s is invited already. You can send that invitation again.") % {"email": email})
    existing.revoked_at = timezone.now()
    existing.save(update_fields=["revoked_at"])


def _open(invitation: Invitation) -> Invitation:
    invitations = Invitation.objects.select_for_update(of=("self",), no_key=True).select_related(
        "network", "municipality"
    )
    current = invitations.get(pk=invitation.pk)
    if current.accepted_at is not None:
        raise Refused(_("%(name)s has accepted this invitation already.") % {"name": current.name})
    if current.revoked_at is not None:
        raise Refused(_("This invitation was taken back already."))
    return current


def _expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)


def _record(invitation: Invitation, verb: str, by: Membership) -> None:
    record(
        invitation.network,
        verb=verb,
        actor=by,
        obj=invitation,
        regions=regions_of_people(invitation.network),
        params={"name": invitation.name},
    )
