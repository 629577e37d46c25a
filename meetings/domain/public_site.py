"""What the public pages of a network show at all, and which meetings' dates stand there."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import Meeting, PublicSite
from meetings.rules.publication import may_publish
from workgroups.domain.group import locked_group

from .agenda import locked_meeting


@transaction.atomic
def edit_public_site(*, version: int, by: Membership, **values: bool | str) -> PublicSite:
    """Open or close the public pages and say what they show; raises Stale where somebody else did since `version`."""
    need(may_publish(by))
    PublicSite.objects.get_or_create(network=by.network)
    site = PublicSite.objects.select_for_update(no_key=True).get(network=by.network)
    if all(getattr(site, name) == value for name, value in values.items()):
        return site  # sent twice, or nothing changed
    if site.version != version:
        raise Stale(site, last_actor(site))
    was_open = site.is_open
    for name, value in values.items():
        setattr(site, name, value)
    site.version += 1
    site.save()
    opened, closed = site.is_open and not was_open, was_open and not site.is_open
    verb = "public_site_opened" if opened else "public_site_closed" if closed else "public_site_edited"
    region = region_id("public-site", by.network_id)
    record(by.network, verb=verb, actor=by, obj=site, regions=[region])
    return site


@transaction.atomic
def set_public_date(*, meeting: Meeting, is_public: bool, by: Membership) -> Meeting:
    """Let the date of a meeting stand on the public pages, or no more; twice does nothing more.

    Raises Refused for the meetings of internal groups.
    """
    locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.is_public == is_public:
        return meeting
    if is_public and meeting.group.is_internal:
        raise Refused(_("The meetings of an internal group are its own. Its dates cannot be public."))
    meeting.is_public = is_public
    meeting.version += 1
    meeting.save(update_fields=["is_public", "version"])
    record(
        meeting.network,
        verb="date_published" if is_public else "date_withdrawn",
        actor=by,
        obj=meeting,
        regions=[region_id("meeting-head", meeting.pk), region_id("public-site", meeting.network_id)],
        params={"meeting": meeting.title, "date": meeting.date.isoformat()},
    )
    return meeting
