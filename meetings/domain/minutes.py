"""Writing minutes: the texts of a draft. What was voted, worded and who was there comes from the meeting."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Meeting, Minutes, MinutesText
from meetings.rules.minutes import may_edit_minutes

from .agenda import locked_meeting

# Above any number of versions of notes: a text of its own has left the notes of the meeting behind.
OWN_TEXT = 1_000_000


class TextNow:
    """What the minutes say of an item at present, as a form shows it and as a conflict in it does."""

    def __init__(self, item: AgendaItem, text: MinutesText | None) -> None:
        self.result = text.result if text else ""
        self.notes = text.notes if text else item.notes
        self.version = OWN_TEXT + text.version if text else item.notes_version


def locked_minutes(meeting: Meeting) -> Minutes:
    """Return the minutes of a meeting that the caller has locked, locked too; they are made where there are none."""
    Minutes.objects.get_or_create(meeting=meeting)
    minutes = Minutes.objects.select_for_update(no_key=True).get(meeting=meeting)
    minutes.meeting = meeting
    return minutes


def need_closed(meeting: Meeting) -> None:
    """Raise Refused as long as the meeting has no minutes, or is in session again."""
    if meeting.state == Meeting.State.OPEN:
        raise Refused(_("The meeting is in session. Its minutes are edited and finalised once it is closed."))
    if meeting.state != Meeting.State.CLOSED:
        raise Refused(_("There are no minutes of this meeting yet."))


def text_now(minutes: Minutes, item: AgendaItem) -> TextNow:
    """Return what the minutes say of an item at present."""
    text = MinutesText.objects.filter(minutes=minutes.pk, item=item).first() if minutes.pk else None
    return TextNow(item, text)


@transaction.atomic
def edit_text(
    *, minutes: Minutes, item: AgendaItem, result: str, notes: str, version: int, by: Membership
) -> MinutesText | None:
    """Say what the minutes write of an item: its result and its notes. The notes of the meeting stay as they were.

    Raises Stale where somebody else wrote there (also notes of the meeting, as long as these stand in the minutes)
    since `version`, Refused where the meeting is not closed. The same text twice changes nothing.
    """
    meeting, minutes = _editable(minutes, by)
    item = AgendaItem.objects.get(pk=item.pk, meeting=meeting)
    if item.state not in AgendaItem.ON_AGENDA:
        raise Refused(_("This item was not on the agenda of the meeting."))
    text = MinutesText.objects.filter(minutes=minutes, item=item).first()
    now = TextNow(item, text)
    if (now.result, now.notes) == (result, notes):
        return text
    if now.version != version:
        raise Stale(now, last_actor(minutes) if text else last_actor(item, "notes_saved"))
    text = text or MinutesText(minutes=minutes, item=item, version=0)
    text.result, text.notes = result, notes
    text.version += 1
    text.save()
    _record(minutes, by, item=item.title, item_id=item.pk, notes_version=item.notes_version)
    return text


@transaction.atomic
def edit_foot(*, minutes: Minutes, remarks: str, distribution: str, version: int, by: Membership) -> Minutes:
    """Write the remarks and the distribution list; raises Stale where somebody else did since `version`."""
    _meeting, minutes = _editable(minutes, by)
    if (minutes.remarks, minutes.distribution) == (remarks, distribution):
        return minutes
    if minutes.version != version:
        raise Stale(minutes, last_actor(minutes))
    minutes.remarks, minutes.distribution = remarks, distribution
    minutes.version += 1
    minutes.save(update_fields=["remarks", "distribution", "version"])
    _record(minutes, by)
    return minutes


def _editable(minutes: Minutes, by: Membership) -> tuple[Meeting, Minutes]:
    meeting = locked_meeting(minutes.meeting_id)
    need(may_edit_minutes(rules.standing(by, meeting)))
    need_closed(meeting)
    return meeting, locked_minutes(meeting)


def names_of(meeting: Meeting) -> dict[str, Any]:
    """Return what sentences about the minutes of a meeting need."""
    return {"meeting": meeting.title, "date": meeting.held_on.isoformat(), "meeting_id": meeting.pk}


def _record(minutes: Minutes, by: Membership, **more: Any) -> None:
    record(
        minutes.meeting.network,
        verb="minutes_edited",
        actor=by,
        obj=minutes,
        regions=[region_id("minutes", minutes.meeting_id)],
        params={**names_of(minutes.meeting), **more},
    )
