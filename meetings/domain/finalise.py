"""Finalising minutes: a version that never changes, chained by its hash to the one before it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, need_new_form
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from collab.search import index
from meetings import rules
from meetings.models import Meeting, Minutes, MinutesApproval, MinutesVersion
from meetings.queries.minutes import chain_of, newest_version, open_objections
from meetings.queries.minutes_content import (
    Content,
    canonical,
    content_of,
    content_of_version,
    instant,
    person_of,
    seal_of,
    sha256_of,
)
from meetings.queries.minutes_diff import is_same
from meetings.queries.minutes_entries import minutes_entry
from meetings.rules.minutes import may_edit_minutes
from workgroups.domain.group import locked_group

from .agenda import locked_meeting
from .decision_regions import of_preparation
from .minutes import locked_minutes, names_of, need_closed
from .regions import of_room


@transaction.atomic
def finalise(
    *,
    minutes: Minutes,
    by: Membership,
    version: int,
    reason: str = "",
    seen: str = "",
    answers: Collection[int] | None = None,
    request_id: UUID | None = None,
    at: datetime | None = None,
) -> MinutesVersion:
    """Freeze the minutes as they are now and return the version (the same one when the form was sent twice).

    `version` and `seen` (a `seal_of`) name the draft that was looked at: Refused where it is another one by now, notes
    of the meeting included. A later version needs a reason, which says what changed; `answers` names the objections
    that it takes up (None: all that are open). `at` is when it was, where that is not now (the past of a demo).
    """
    locked_group(minutes.meeting.group_id)  # its lock keeps the places in the chain, also in that of a series
    meeting = locked_meeting(minutes.meeting_id)
    need(may_edit_minutes(rules.standing(by, meeting)))
    minutes = locked_minutes(meeting)
    if request_id and (
        twin := MinutesVersion.objects.filter(request_id=request_id, minutes=minutes, finalised_by=by).first()
    ):
        return twin
    need_new_form(MinutesVersion, request_id)
    need_closed(meeting)
    content = content_of(minutes)
    if minutes.version != version or (seen and seal_of(content) != seen):
        raise Refused(_("The draft was changed since you looked at it. Read it again, then finalise it."))
    last = newest_version(minutes)
    _need_something_new(last, content, reason)
    made = _freeze(minutes, content, reason.strip() if last else "", by, request_id, at)
    _answer(minutes, made, answers)
    _tell(meeting, made, by)
    return made


def _need_something_new(last: MinutesVersion | None, content: Content, reason: str) -> None:
    if last is None:
        return
    if is_same(content_of_version(last), content):
        raise Refused(_("Nothing was changed since version %(number)s.") % {"number": last.number})
    if not reason.strip():
        raise Refused(_("Say what this version changes: it is printed in the minutes."))


def _freeze(
    minutes: Minutes,
    content: Content,
    reason: str,
    by: Membership,
    request_id: UUID | None,
    at: datetime | None,
) -> MinutesVersion:
    # A dump keeps milliseconds, and must say the same.
    now = at or timezone.now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    content = {**content, "reason": reason, "finalised": {"by": person_of(by), "at": instant(now)}}
    text = canonical(content)
    return MinutesVersion.objects.create(
        network=minutes.meeting.network,
        minutes=minutes,
        number=content["number"],
        chain=chain_of(minutes.meeting),
        position=content["position"],
        content=text,
        sha256=sha256_of(text),
        previous=content["previous"],
        reason=reason,
        finalised_by=by,
        finalised_at=now,
        request_id=request_id,
    )


def _answer(minutes: Minutes, made: MinutesVersion, answers: Collection[int] | None) -> None:
    taken_up = [said.pk for said in open_objections(minutes) if answers is None or said.pk in answers]
    MinutesApproval.objects.filter(pk__in=taken_up).update(answered_in=made)


def _tell(meeting: Meeting, made: MinutesVersion, by: Membership) -> None:
    index.put(minutes_entry(made))
    record(
        meeting.network,
        verb="minutes_finalised" if made.number == 1 else "minutes_corrected",
        actor=by,
        obj=made.minutes,
        regions=of_minutes(meeting),
        params={**names_of(meeting), "number": made.number, "sha256": made.sha256, "reason": made.reason},
    )


def of_minutes(meeting: Meeting) -> list[str]:
    """Return the regions that show the state of a meeting's minutes, and the rooms in which they may be approved."""
    running = Meeting.objects.filter(group=meeting.group_id, state=Meeting.State.OPEN)
    return [
        region_id("minutes", meeting.pk),
        # What is finalised can be made public.
        region_id("minutes-publication", meeting.pk),
        region_id("minutes-list", meeting.network_id),
        *of_room(meeting, "summary"),
        *(region_id("meeting-approval", pk) for pk in running.values_list("pk", flat=True)),
        # Where the chair sees which minutes wait for approval.
        *of_preparation(meeting.group_id),
    ]
