"""Who comes and who is here: answers to the invitation, deputies, towns that arrive and leave, the quorum.

Presence is recorded by people, for towns; who merely has the page open is not present. Nobody is set present by the
opening of the meeting: towns say it themselves, or whoever leads or takes the minutes does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import Attendance, Meeting, Presence
from meetings.queries.presence import TOGETHER, people_of_town, presence_of

from .agenda import locked_meeting
from .at_table import (
    at_the_door,
    checked,
    checked_end,
    lasting,
    name_of,
    need_open_door,
    need_own,
    need_to_keep_the_list,
    tell,
    tell_quorum,
    town_row,
)
from .seats import SLIP, AnswerNow, PresenceNow, able_to_sit, raise_versions, resumed, seat

Answer = Attendance.Answer
ANSWERED = {Answer.ACCEPTED: "town_accepted", Answer.TENTATIVE: "town_tentative", Answer.APOLOGISED: "town_apologised"}
# The versions of an entry that nobody has written to yet.
UNTOUCHED = {"version": 0, "answer_version": 0}


@transaction.atomic
def answer_invitation(
    *,
    meeting: Meeting,
    municipality: Municipality,
    answer: str,
    note: str,
    deputy: Membership | None,
    deputy_name: str,
    version: int,
    by: Membership,
) -> Attendance:
    """Say whether a town comes, with a word to the chair and a deputy: somebody of the town, or a name.

    A deputy with an account belongs to this meeting from then on, and no longer once another one is named. Raises
    Stale where somebody else answered for the town since `version` (0: there was no answer).
    """
    meeting = at_the_door(meeting, municipality, by)
    if meeting.state not in (Meeting.State.PLANNED, Meeting.State.OPEN):
        raise Refused(_("This meeting is over or was cancelled; nothing can be answered any more."))
    row = town_row(presence_of(meeting), municipality)
    if deputy and not people_of_town(meeting, municipality).filter(pk=deputy.pk).exists():
        raise Refused(_("A deputy is somebody of the same municipality. Enter a name for anybody else."))
    values = {"answer": answer, "note": note, "deputy": deputy, "deputy_name": "" if deputy else deputy_name}
    attendance = row.attendance or Attendance(meeting=meeting, municipality=municipality, **UNTOUCHED)
    if attendance.pk and all(getattr(attendance, name) == value for name, value in values.items()):
        return attendance  # sent twice, or nothing changed
    if attendance.answer_version != version:
        raise Stale(AnswerNow(attendance), str(attendance.answered_by or ""))
    is_new_answer, before = attendance.answer != answer, attendance.deputy
    for name, value in values.items():
        setattr(attendance, name, value)
    attendance.answered_by, attendance.answered_at = by, timezone.now()
    attendance.version += 1
    attendance.answer_version += 1
    attendance.save()
    changed = {one.person_id for one in (before, deputy) if one and before != deputy}
    verb = ANSWERED[Answer(answer)] if is_new_answer else "town_answer_changed"
    tell(meeting, verb, by, attendance, municipality, access=changed)
    return attendance


@transaction.atomic
def say(*, meeting: Meeting, municipality: Municipality, answer: str, by: Membership) -> Attendance:
    """Answer with one click: word and deputy stay as they are, so there is nothing to overwrite unseen."""
    meeting = at_the_door(meeting, municipality, by)
    kept = Attendance.objects.filter(meeting=meeting, municipality=municipality).select_related("deputy").first()
    kept = kept or Attendance(**UNTOUCHED)
    return answer_invitation(
        meeting=meeting,
        municipality=municipality,
        answer=answer,
        note=kept.note,
        deputy=kept.deputy if kept.deputy and kept.deputy.ended_on is None else None,
        deputy_name=kept.deputy_name,
        version=kept.answer_version,
        by=by,
    )


@transaction.atomic
def arrive(
    *,
    meeting: Meeting,
    municipality: Municipality,
    represented_by: Membership | None = None,
    name: str = "",
    at: datetime | None = None,
    by: Membership,
) -> Presence:
    """Set a town present; from two devices at once it is present once. Returns the stretch that lasts.

    Possible while the meeting is in session, and in the lobby from an hour before its planned begin on; what lies
    before the opening is not counted. Where nobody is named, the town's own person who says it, its deputy, or who
    answered for it represents it. Whoever leads or takes the minutes may name the moment (`at`).
    """
    meeting = at_the_door(meeting, municipality, by)
    need_open_door(meeting)
    table = presence_of(meeting)
    row = town_row(table, municipality)
    if at is not None:
        need(rules.may_write(rules.standing(by, meeting)))
        at = checked(at, row, meeting)
    if here := lasting(row):
        return here
    attendance = row.attendance or Attendance.objects.create(meeting=meeting, municipality=municipality, **UNTOUCHED)
    need_own(meeting, municipality, represented_by)
    who: Any = {"representative": represented_by, "name": name, "able": able_to_sit([attendance]), "by": by}
    presence = resumed(attendance=attendance, at=at, **who)
    presence = presence or Presence(attendance=attendance, began_at=at or timezone.now())
    seat(presence=presence, **who)
    raise_versions([attendance.pk])
    tell(meeting, "town_arrived", by, attendance, municipality)
    tell_quorum(meeting, table.quorum, by)
    return presence


@transaction.atomic
def leave(*, meeting: Meeting, municipality: Municipality, by: Membership) -> None:
    """Note that a town has left; leaving twice is leaving once. Within a minute it takes a slip back."""
    meeting = at_the_door(meeting, municipality, by)
    need_open_door(meeting)
    table = presence_of(meeting)
    row = town_row(table, municipality)
    if (presence := lasting(row)) is None:
        return
    now = timezone.now()
    presence.ended_at = presence.began_at if now - presence.began_at < SLIP else now
    presence.save(update_fields=["ended_at"])
    raise_versions([presence.attendance_id])
    tell(meeting, "town_gone", by, presence.attendance, municipality)
    tell_quorum(meeting, table.quorum, by)


@transaction.atomic
def set_presence(
    *,
    meeting: Meeting,
    municipality: Municipality,
    representative: Membership | None,
    name: str,
    since: datetime | None,
    until: datetime | None,
    version: int,
    by: Membership,
) -> Presence:
    """Say who represents a town and from when until when; a town that is not here arrives with it.

    The times are for whoever leads or takes the minutes; None leaves them as they are. Raises Stale where somebody
    else changed the town's entry since `version`.
    """
    meeting = at_the_door(meeting, municipality, by)
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Who is present is recorded while the meeting is in session."))
    need((since is None and until is None) or rules.may_write(rules.standing(by, meeting)))
    table = presence_of(meeting)
    row = town_row(table, municipality)
    need_own(meeting, municipality, representative)
    attendance = row.attendance or Attendance.objects.create(meeting=meeting, municipality=municipality, **UNTOUCHED)
    presence = lasting(row) or Presence(attendance=attendance, began_at=timezone.now())
    wanted = Presence(attendance=attendance, began_at=presence.began_at)
    wanted.representative_id = representative.pk if representative else None
    wanted.represented_by = name_of(representative, name)
    if since and since.replace(second=0, microsecond=0) != presence.began_at.replace(second=0, microsecond=0):
        wanted.began_at = checked(since, row, meeting, beside=presence)
    wanted.ended_at = checked_end(until, wanted.began_at) if until else None
    fields = ("began_at", "ended_at", "representative_id", "represented_by")
    if presence.pk and all(getattr(presence, field) == getattr(wanted, field) for field in fields):
        return presence
    if attendance.version != version:
        raise Stale(PresenceNow(row), last_actor(attendance))
    verb = "presence_changed" if presence.pk else "town_arrived"
    for field in fields:
        setattr(presence, field, getattr(wanted, field))
    presence.recorded_by = by
    presence.save()
    attendance.version += 1
    attendance.save(update_fields=["version"])
    tell(meeting, "town_gone" if presence.ended_at else verb, by, attendance, municipality)
    tell_quorum(meeting, table.quorum, by)
    return presence


@transaction.atomic
def all_are_here(*, meeting: Meeting, by: Membership) -> int:
    """Set every town present that accepted and was not at the table yet; returns how many. Twice does nothing more."""
    meeting = locked_meeting(meeting.pk)
    need_to_keep_the_list(meeting, by)
    table, now = presence_of(meeting), timezone.now()
    coming = [row.attendance for row in table.to_come if row.attendance]
    able = able_to_sit(coming)
    for attendance in coming:
        # A step that was taken back leaves a stretch without length; a new one begins beside it.
        presence = Presence(attendance=attendance, began_at=now)
        seat(presence=presence, representative=None, name="", able=able, by=by)
    if coming:
        raise_versions(attendance.pk for attendance in coming)
        tell(meeting, "towns_arrived", by, meeting, count=len(coming))
        tell_quorum(meeting, table.quorum, by)
    return len(coming)


@transaction.atomic
def nobody_came(*, meeting: Meeting, at: datetime, by: Membership) -> int:
    """Take back what `all_are_here` did at that moment; returns for how many towns. Raises Refused when it is late."""
    meeting = locked_meeting(meeting.pk)
    need_to_keep_the_list(meeting, by)
    if at > timezone.now():
        raise Refused(_("There is nothing to take back."))
    if timezone.now() - at > TOGETHER:
        raise Refused(_("That is more than ten minutes ago. Set the municipalities one by one."))
    table = presence_of(meeting)
    together = Presence.objects.filter(attendance__meeting=meeting, ended_at=None, began_at=at)
    raise_versions(together.values_list("attendance", flat=True))
    if count := together.update(ended_at=at):
        tell(meeting, "towns_taken_back", by, meeting, count=count)
        tell_quorum(meeting, table.quorum, by)
    return count


def end_presences(meeting: Meeting, at: datetime) -> int:
    """End what lasts, as the meeting does; returns how many. The caller holds the locks and records the change."""
    still_here = Presence.objects.filter(attendance__meeting=meeting, ended_at=None)
    raise_versions(still_here.values_list("attendance", flat=True))
    return still_here.update(ended_at=Greatest("began_at", Value(at)))


def resume_presences(meeting: Meeting, at: datetime, ended_at: datetime, actor: Membership) -> int:
    """Let those who were there until the close (`ended_at`) be present again from `at` on; returns how many.

    For a meeting that is reopened. The caller holds the locks and records the change.
    """
    stayed = Presence.objects.filter(attendance__meeting=meeting, ended_at=ended_at)
    stayed = stayed.exclude(attendance__presences__ended_at=None)
    again = [
        Presence(
            attendance_id=presence.attendance_id,
            began_at=at,
            representative_id=presence.representative_id,
            represented_by=presence.represented_by,
            recorded_by=actor,
        )
        for presence in {presence.attendance_id: presence for presence in stayed}.values()
    ]
    raise_versions(presence.attendance_id for presence in again)
    return len(Presence.objects.bulk_create(again))
