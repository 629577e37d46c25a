"""What a later meeting says of finalised minutes: approval, or an objection of a municipality."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, need_new_form
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Kind, Meeting, MinutesApproval, MinutesVersion
from meetings.queries.minutes import newest_version, to_approve

from .agenda import locked_item
from .finalise import of_minutes
from .minutes import names_of

Said = MinutesApproval.Kind


@transaction.atomic
def approve(*, version: MinutesVersion, item: AgendaItem, by: Membership) -> MinutesApproval:
    """Approve finalised minutes under an item of the running meeting; twice is once.

    Raises Refused where the meeting is not in session, the item is not for that, or the version is not the newest one.
    """
    meeting, item = locked_item(item)
    need(rules.may_record(by, meeting))
    version = _locked(version)
    if there := version.approvals.filter(kind=Said.APPROVED).first():
        return there
    _need_up(meeting, item, version)
    said = _say(version, item, Said.APPROVED, by)
    _record(meeting, version, "minutes_approved", by)
    return said


@transaction.atomic
def take_back(*, version: MinutesVersion, item: AgendaItem, by: Membership) -> None:
    """Take back an approval that was recorded by mistake under this item; where there is none nothing happens.

    Raises Refused once the meeting is no longer in session: then it is what the meeting said.
    """
    meeting, item = locked_item(item)
    need(rules.may_record(by, meeting))
    version = _locked(version)
    said = version.approvals.filter(kind=Said.APPROVED, item=item)
    if not said.exists():
        return
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Minutes are approved while the meeting is in session."))
    said.delete()
    _record(meeting, version, "minutes_approval_taken_back", by)


@transaction.atomic
def object_to(
    *, version: MinutesVersion, item: AgendaItem, text: str, by: Membership, request_id: UUID | None = None
) -> MinutesApproval:
    """Record what the person's municipality objects to in finalised minutes; returns it (once, also when sent twice).

    A new version of the minutes answers it. Raises Refused as `approve` does, and once the version is approved.
    """
    meeting, item = locked_item(item)
    standing = rules.standing(by, meeting)
    need(by.municipality_id is not None and rules.may_act_for_town(by, by.municipality_id, standing))
    version = _locked(version)
    if request_id and (twin := version.approvals.filter(request_id=request_id, by=by).first()):
        return twin
    need_new_form(MinutesApproval, request_id)
    _need_up(meeting, item, version)
    if version.approvals.filter(kind=Said.APPROVED).exists():
        raise Refused(_("These minutes were approved just now. Ask the chair for a new version."))
    said = _say(version, item, Said.OBJECTION, by, text=text.strip(), request_id=request_id)
    _record(meeting, version, "minutes_objected", by)
    return said


def _locked(version: MinutesVersion) -> MinutesVersion:
    found = MinutesVersion.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("minutes__meeting__network", "minutes__meeting__group").get(pk=version.pk)


def _need_up(meeting: Meeting, item: AgendaItem, version: MinutesVersion) -> None:
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Minutes are approved while the meeting is in session."))
    if item.kind != Kind.APPROVAL or item.state not in AgendaItem.ON_AGENDA:
        raise Refused(_("This item of the agenda is not for the approval of minutes."))
    newest = newest_version(version.minutes)
    if newest and newest.pk != version.pk:
        raise Refused(_("There is a newer version of these minutes by now. Read that one."))
    if version.approvals.filter(kind=Said.APPROVED).exists():
        return
    if version.pk not in [one.pk for one in to_approve(meeting)]:
        raise Refused(_("These minutes do not come up in this meeting."))


def _say(
    version: MinutesVersion,
    item: AgendaItem,
    kind: str,
    by: Membership,
    *,
    text: str = "",
    request_id: UUID | None = None,
) -> MinutesApproval:
    return MinutesApproval.objects.create(
        version=version,
        item=item,
        kind=kind,
        municipality=by.municipality if kind == Said.OBJECTION else None,
        text=text,
        by=by,
        by_name=str(by),
        on=item.meeting.held_on,
        request_id=request_id,
    )


def _record(meeting: Meeting, version: MinutesVersion, verb: str, by: Membership) -> None:
    of = version.minutes.meeting
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=version.minutes,
        regions=[*of_minutes(of), region_id("meeting-approval", meeting.pk)],
        params={**names_of(of), "number": version.number, "town": by.acts_for},
    )
