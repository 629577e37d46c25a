"""Who may read a decision, an agenda item, minutes: said on their pages, changed by chair and coordinator. And what the
coordinator sees of the public pages.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from collab.live.once import once
from collab.network.models import Membership, Network
from meetings.models import AgendaItem, Decision, Meeting, MinutesVersion, Publication
from meetings.queries.decisions import visible_decisions
from meetings.queries.minutes import minutes_of, newest_version
from meetings.queries.public import public_site_of
from meetings.queries.public_content import Content, of_decision, of_item, seal_of
from meetings.queries.publications import dates_to_publish, public_things, published_of
from meetings.rules import CHAIR, standing, standing_at
from meetings.rules.minutes import may_read_minutes
from meetings.rules.publication import may_publish, may_set_visibility

from .circles import at_decision, at_item
from .circles import in_meeting as hears_in_meeting

COORDINATOR, MEMBER = "coordinator", "member"
FOLDER = "meetings/fragments/"


def _role(membership: Membership, may_set: bool) -> str | None:
    if membership.is_guest:
        return None
    if may_publish(membership):
        return COORDINATOR
    return CHAIR if may_set else MEMBER


def audience_of_decision(membership: Membership, pk: int) -> str | None:
    decision = visible_decisions(membership).filter(pk=pk).first()
    return _role(membership, may_set_visibility(membership, decision.group)) if decision else None


def audience_of_item(membership: Membership, pk: int) -> str | None:
    item = AgendaItem.objects.filter(pk=pk).select_related("meeting__group").first()
    role = standing_at(membership, item) if item else None
    return _role(membership, role == CHAIR) if role else None


def audience_of_minutes(membership: Membership, pk: int) -> str | None:
    meeting = Meeting.objects.filter(pk=pk).select_related("group").first()
    role = standing(membership, meeting) if meeting else None
    if meeting is None or role is None:
        return None
    minutes = minutes_of(meeting)
    is_read = may_read_minutes(role, minutes, is_finalised=newest_version(minutes) is not None)
    return _role(membership, role == CHAIR) if is_read else None


def audience_of_site(membership: Membership, pk: int) -> str | None:
    return COORDINATOR if membership.network_id == pk and may_publish(membership) else None


# -- who may read it --------------------------------------------------------------------------------------------------


@once
def _published(**subject: Any) -> Publication | None:
    return published_of(**subject)


def _context(
    thing: Any, publication: Publication | None, audience: str, paths: dict[str, str], now: Content | None
) -> regions.Context:
    return {
        "thing": thing,
        "publication": publication,
        # What everybody reads is not what it says by now.
        "says_else": bool(publication and now and seal_of(now) != publication.sha256),
        "may_set": audience in (COORDINATOR, CHAIR),
        "may_publish": audience == COORDINATOR,
        "paths": paths,
    }


def decision(pk: int, audience: str, variant: str) -> regions.Context:
    found = Decision.objects.select_related("network", "group", "meeting").get(pk=pk)
    at = [found.network.slug, found.reference]
    names = {"visibility": "decision_visibility", "publish": "publish_decision", "public": "public_decision"}
    paths = {name: reverse(url, args=at) for name, url in names.items()}
    context = _context(found, _published(decision=pk), audience, paths, of_decision(found))
    return {**context, "network": found.network, "cannot_publish": found.is_void}


def item(pk: int, audience: str, variant: str) -> regions.Context:
    people = ("municipality", "project__group", "meeting__group", "meeting__network")
    found = AgendaItem.objects.select_related(*people).get(pk=pk)
    slug = found.meeting.network.slug
    paths = {
        "visibility": reverse("item_visibility", args=[slug, pk]),
        "publish": reverse("publish_item", args=[slug, pk]),
        "public": reverse("public_dates", args=[slug]),
    }
    context = _context(found, _published(item=pk), audience, paths, of_item(found))
    cannot = found.state not in AgendaItem.ON_AGENDA
    return {**context, "network": found.meeting.network, "cannot_publish": cannot}


def minutes(pk: int, audience: str, variant: str) -> regions.Context:
    meeting = Meeting.objects.select_related("network", "group").get(pk=pk)
    found = minutes_of(meeting)
    newest: MinutesVersion | None = newest_version(found)
    publication = _published(minutes__minutes__meeting=pk)
    at = [meeting.network.slug, pk]
    names = {"visibility": "minutes_visibility", "publish": "publish_minutes", "public": "public_minutes"}
    paths = {name: reverse(url, args=at) for name, url in names.items()}
    context = _context(found, publication, audience, paths, None)
    is_older = bool(publication and newest and publication.minutes_id != newest.pk)
    return {**context, "network": meeting.network, "says_else": is_older, "cannot_publish": newest is None}


# -- the public pages -------------------------------------------------------------------------------------------------


def site(pk: int, audience: str, variant: str) -> regions.Context:
    network = Network.objects.get(pk=pk)
    return {
        "network": network,
        "site": public_site_of(network),
        "things": public_things(pk),
        "dates": dates_to_publish(pk, timezone.localdate()),
    }


for region in (
    regions.Region(
        "decision-publication",
        f"{FOLDER}decision_publication.html",
        audience_of_decision,
        decision,
        tells=lambda change, pk, audience: False,
        hears=at_decision,
    ),
    regions.Region(
        "item-publication",
        f"{FOLDER}item_publication.html",
        audience_of_item,
        item,
        tells=lambda change, pk, audience: False,
        hears=at_item,
    ),
    regions.Region(
        "minutes-publication",
        f"{FOLDER}minutes_publication.html",
        audience_of_minutes,
        minutes,
        tells=lambda change, pk, audience: False,
        hears=hears_in_meeting,
    ),
    regions.Region("public-site", f"{FOLDER}public_site.html", audience_of_site, site),
):
    regions.register(region)

verbs.register(
    {
        "item_for_group": _("%(actor)s made “%(title)s” an item for the group only"),
        "item_for_network": _("%(actor)s opened the item “%(title)s” to the network"),
        "decision_for_group": _("%(actor)s made decision %(reference)s (%(subject)s) one for the group only"),
        "decision_for_network": _("%(actor)s opened decision %(reference)s (%(subject)s) to the network"),
        "minutes_for_group": _("%(actor)s made the minutes of “%(meeting)s” on %(date)s those of the group only"),
        "minutes_for_network": _("%(actor)s opened the minutes of “%(meeting)s” on %(date)s to the network"),
        "decision_published": _("%(actor)s made decision %(reference)s public"),
        "decision_withdrawn": _("%(actor)s took decision %(reference)s off the public pages: %(reason)s"),
        "item_published": _("%(actor)s made the item “%(title)s” public"),
        "item_withdrawn_from_public": _("%(actor)s took the item “%(title)s” off the public pages: %(reason)s"),
        "minutes_published": _("%(actor)s made the minutes of “%(meeting)s” on %(date)s public"),
        "minutes_withdrawn": _(
            "%(actor)s took the minutes of “%(meeting)s” on %(date)s off the public pages: %(reason)s"
        ),
        "public_site_opened": _("%(actor)s opened the public pages of the network"),
        "public_site_closed": _("%(actor)s closed the public pages of the network"),
        "public_site_edited": _("%(actor)s changed what the public pages show"),
        "date_published": _("%(actor)s made the date of “%(meeting)s” on %(date)s public"),
        "date_withdrawn": _("%(actor)s took the date of “%(meeting)s” on %(date)s off the public pages"),
    },
    quiet=("item_for_group", "item_for_network", "decision_for_group", "minutes_for_group", "public_site_edited"),
)
