"""Making things public and taking them back: acts of the coordinator, of exactly what the preview showed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, Meeting, MinutesVersion, Publication, Visibility
from meetings.queries.minutes_content import canonical
from meetings.queries.public_content import Content, of_decision, of_item, of_minutes, seal_of
from meetings.rules.publication import may_publish
from workgroups.domain.group import locked_group

from .agenda import locked_item, locked_meeting
from .decision_regions import regions_of
from .minutes import locked_minutes
from .regions import of_agenda
from .visibility import locked_decision, regions_of_minutes

Thing = AgendaItem | Decision | MinutesVersion


class Changed(Exception):
    """What would be made public is no longer what the preview showed; the person has to look again."""


@transaction.atomic
def publish_decision(*, decision: Decision, seal: str, by: Membership) -> Publication:
    """Make a decision public as the preview showed it (`seal`); again with the same content, it is public once.

    What was public of it before is replaced. Raises Changed where it says something else by now, Refused where it is
    for the group only or was recorded by mistake.
    """
    need(may_publish(by) and by.network_id == decision.network_id)
    locked_group(decision.group_id)
    decision = locked_decision(decision.pk)
    _need_open(decision.visibility)
    if decision.is_void:
        raise Refused(_("This decision was recorded by mistake. It cannot be made public."))
    return _publish(decision, of_decision(decision), seal, by, decision=decision)


@transaction.atomic
def publish_item(*, item: AgendaItem, seal: str, by: Membership) -> Publication:
    """Make an agenda item public; see `publish_decision`. It stands with the public date of its meeting."""
    need(may_publish(by) and by.network_id == item.meeting.network_id)
    locked_group(item.meeting.group_id)
    meeting, item = locked_item(item)
    _need_open(item.visibility)
    if item.state not in AgendaItem.ON_AGENDA:
        raise Refused(_("This item is not on the agenda. Only what the meeting treats can be made public."))
    item = AgendaItem.objects.select_related("municipality", "project__group", "meeting__group").get(pk=item.pk)
    item.meeting = meeting
    return _publish(item, of_item(item), seal, by, item=item)


@transaction.atomic
def publish_minutes(*, version: MinutesVersion, with_names: bool, seal: str, by: Membership) -> Publication:
    """Make a version of finalised minutes public; see `publish_decision`. An earlier version is public no more."""
    meeting = version.minutes.meeting
    need(may_publish(by) and by.network_id == meeting.network_id)
    locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    minutes = locked_minutes(meeting)
    _need_open(minutes.visibility)
    version.minutes = minutes
    for earlier in _public_now(minutes__minutes=minutes).exclude(minutes=version):
        _end(earlier, _("Replaced by a later version."), by)
    return _publish(version, of_minutes(version, with_names=with_names), seal, by, minutes=version)


@transaction.atomic
def withdraw(*, publication: Publication, reason: str, by: Membership) -> Publication:
    """Take something off the public pages, with a reason; it is gone at once. Twice does nothing more."""
    need(may_publish(by) and by.network_id == publication.network_id)
    locked_group(_group_of(publication))
    publication = _locked(publication.pk)
    if publication.withdrawn_at:
        return publication
    if not reason.strip():
        raise Refused(_("Say why it is taken off the public pages: it stays on record."))
    _end(publication, reason.strip(), by)
    thing = _thing_of(publication)
    _note(thing, Visibility.NETWORK)
    _record(thing, "withdrawn", by, reason=reason.strip())
    return publication


def _publish(thing: Thing, content: Content, seal: str, by: Membership, **subject: Any) -> Publication:
    text, sha256 = canonical(content), seal_of(content)
    if sha256 != seal:
        raise Changed
    earlier = _public_now(**subject).first()
    if earlier and earlier.sha256 == sha256:
        return earlier
    if earlier:
        _end(earlier, _("Replaced by what it says now."), by)
    publication = Publication.objects.create(
        network=by.network, content=text, sha256=sha256, published_by=by, published_at=timezone.now(), **subject
    )
    _note(thing, Visibility.PUBLIC)
    _record(thing, "published", by)
    return publication


def _public_now(**subject: Any) -> Any:
    return Publication.objects.filter(withdrawn_at=None, **subject)


def _end(publication: Publication, reason: str, by: Membership) -> None:
    publication.withdrawn_at, publication.withdrawn_by, publication.reason = timezone.now(), by, reason
    publication.save(update_fields=["withdrawn_at", "withdrawn_by", "reason"])


def _need_open(visibility: str) -> None:
    if visibility == Visibility.GROUP:
        raise Refused(_("This is for the group only. Its chair has to open it to the network first."))


def _note(thing: Thing, visibility: Visibility) -> None:
    """Say at the thing itself whether it is public."""
    holder = thing.minutes if isinstance(thing, MinutesVersion) else thing
    holder.visibility = visibility
    holder.save(update_fields=["visibility"])


def _group_of(publication: Publication) -> int:
    thing = _thing_of(publication)
    if isinstance(thing, Decision):
        return thing.group_id
    return (thing.minutes.meeting if isinstance(thing, MinutesVersion) else thing.meeting).group_id


def _thing_of(publication: Publication) -> Thing:
    found: Thing = publication.decision or publication.item or publication.minutes  # type: ignore[assignment]
    return found  # the database holds that there is one


def _locked(pk: int) -> Publication:
    with_things = ("decision__network", "decision__group", "decision__meeting__group", "decision__item")
    of_meetings = ("item__meeting__network", "item__meeting__group", "minutes__minutes__meeting__network")
    rows = Publication.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related(*with_things, *of_meetings).get(pk=pk)


def _record(thing: Thing, what: str, by: Membership, **params: Any) -> None:
    site = region_id("public-site", by.network_id)
    if isinstance(thing, Decision):
        regions = [*regions_of(thing), region_id("decision-publication", thing.pk)]
        return _tell(thing, f"decision_{what}", by, regions=[*regions, site], reference=thing.reference, **params)
    if isinstance(thing, AgendaItem):
        regions = [*of_agenda(thing.meeting, thing), region_id("item-publication", thing.pk)]
        return _tell(
            thing,
            f"item_{what}" if what == "published" else "item_withdrawn_from_public",
            by,
            regions=[*regions, site],
            title=thing.title,
            **params,
        )
    meeting: Meeting = thing.minutes.meeting
    regions = [*regions_of_minutes(meeting), site]
    about = {"meeting": meeting.title, "date": meeting.held_on.isoformat(), "meeting_id": meeting.pk}
    return _tell(thing.minutes, f"minutes_{what}", by, regions=regions, **about, **params)


def _tell(obj: Any, verb: str, by: Membership, *, regions: list[str], **params: Any) -> None:
    record(by.network, verb=verb, actor=by, obj=obj, regions=regions, params=params)
