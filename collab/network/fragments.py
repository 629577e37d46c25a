"""The live regions of this app, and the sentences of its verbs."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from collab.live import verbs
from collab.live.log import feed
from collab.live.regions import Region, register

from .models import Membership, Network
from .queries import (
    accessions_with_people,
    former_members,
    former_towns,
    open_invitations,
    people_without_town,
)
from .rules import may_manage, may_see_members

FEED_LENGTH = 20


def _audience_of_members(membership: Membership, pk: int) -> str | None:
    if membership.network_id != pk or not may_see_members(membership):
        return None
    return "coordinator" if may_manage(membership) else "member"


def _audience_of_invitations(membership: Membership, pk: int) -> str | None:
    return "coordinator" if membership.network_id == pk and may_manage(membership) else None


def _audience_of_feed(membership: Membership, pk: int) -> str | None:
    return "member" if membership.network_id == pk and may_see_members(membership) else None


def _members(pk: int, audience: str, variant: str) -> dict[str, Any]:
    today = timezone.localdate()
    accessions = list(accessions_with_people(pk, today))
    return {
        "network": Network.objects.get(pk=pk),
        "today": today,
        "accessions": accessions,
        "without_town": list(people_without_town(pk)),
        "town_count": sum(accession.is_active(today) for accession in accessions),
        "former_towns": list(former_towns(pk, today)),
        "former_members": list(former_members(pk)),
        "manages": audience == "coordinator",
    }


def _invitations(pk: int, audience: str, variant: str) -> dict[str, Any]:
    return {
        "network": Network.objects.get(pk=pk),
        "now": timezone.now(),
        "invitations": list(open_invitations(pk)),
    }


def _feed(pk: int, audience: str, variant: str) -> dict[str, Any]:
    network = Network.objects.get(pk=pk)
    known = verbs.known()
    changes = [change for change in feed(pk, FEED_LENGTH) if change.verb in known]
    return {
        "network": network,
        "entries": [(change, verbs.address(change, network.slug)) for change in changes],
    }


register(Region("members", "network/fragments/members.html", _audience_of_members, _members))
register(Region("invitations", "network/fragments/invitations.html", _audience_of_invitations, _invitations))
register(Region("feed", "network/fragments/feed.html", _audience_of_feed, _feed))

verbs.register(
    {
        "joined": _("%(name)s joined the network"),
        "invited": _("%(actor)s invited %(name)s"),
        "invitation_renewed": _("%(actor)s sent %(name)s a new invitation"),
        "invitation_revoked": _("%(actor)s took back the invitation of %(name)s"),
        "became_coordinator": _("%(actor)s changed a role: %(name)s is now coordinator"),
        "became_officer": _("%(actor)s changed a role: %(name)s is now digitalisation officer of %(town)s"),
        "became_guide": _("%(actor)s changed a role: %(name)s is now digital guide of %(town)s"),
        "became_mayor": _("%(actor)s changed a role: %(name)s is now mayor of %(town)s"),
        "became_guest": _("%(actor)s changed a role: %(name)s is now guest (%(town)s)"),
        "membership_ended": _("%(actor)s ended the membership of %(name)s"),
        "membership_ended_because": _("%(actor)s ended the membership of %(name)s: %(reason)s"),
        "town_joined": _("%(actor)s entered the accession of %(town)s"),
        "town_left": _("%(actor)s entered the exit of %(town)s"),
        "town_leaves": _("%(actor)s entered the coming exit of %(town)s"),
        "town_stays": _("%(actor)s took back the coming exit of %(town)s"),
        "town_corrected": _("%(actor)s corrected the accession of %(town)s"),
        "exit_came": _("%(town)s has left the network"),
        "operator": _("The operator changed an entry: %(name)s"),
    },
    {
        "membership": "/n/{slug}/members/#membership-{pk}",
        "accession": "/n/{slug}/members/#accession-{pk}",
        "invitation": "/n/{slug}/members/",
    },
)
