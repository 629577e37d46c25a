"""The meeting itself: open, move through the agenda, write notes, close."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Meeting, NotesVersion
from meetings.queries.agenda import agenda_of
from workgroups.domain.group import locked_group

from .agenda import index_items, locked_item, locked_meeting
from .steps import begin, go_on, need_expected, need_running, record_step, snapshot, take_step

State = AgendaItem.State


@transaction.atomic
def open_meeting(*, meeting: Meeting, by: Membership) -> Meeting:
    """Open a planned meeting and begin with its first item. Opening it twice does nothing more.

    A group has one meeting in session at a time, so the group is locked: two opened together are not both opened.
    """
    locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state == Meeting.State.OPEN:
        return meeting
    if meeting.state != Meeting.State.PLANNED:
        raise Refused(_("Only a planned meeting can be opened."))
    running = Meeting.objects.filter(group=meeting.group_id, state=Meeting.State.OPEN).first()
    if running:
        raise Refused(_("“%(title)s” of the same group is in session. Close it first.") % {"title": str(running)})
    first = [row.item for row in agenda_of(meeting).following[:1]]
    before = snapshot(meeting, *first, opening=True)
    now = timezone.now()
    meeting.state, meeting.opened_at = Meeting.State.OPEN, now
    meeting.chair = meeting.chair or by
    meeting.active_item = first[0] if first else None
    for item in first:
        begin(item, now)
    meeting.version += 1
    meeting.save()
    take_step(meeting=meeting, verb="meeting_opened", before=before, by=by)
    record_step(meeting=meeting, verb="meeting_opened", by=by, items=first, whole=True)
    return meeting


@transaction.atomic
def next_item(*, meeting: Meeting, expected: int | None, by: Membership) -> Meeting:
    """Finish the active item and go to the next one; `expected` is the active item the chair saw.

    Behind the last one it does nothing more.
    Raises Refused where somebody else moved on meanwhile: two chairs who press "next" together move once.
    """
    meeting = locked_meeting(meeting.pk)
    need_running(meeting=meeting, by=by)
    need_expected(meeting=meeting, expected=expected, by=by)
    following = next((row.item for row in agenda_of(meeting).following), None)
    if following is None and meeting.active_item_id is None:
        return meeting
    return go_on(meeting=meeting, to=following, verb="item_started" if following else "agenda_finished", by=by)


@transaction.atomic
def activate_item(*, item: AgendaItem, expected: int | None, by: Membership) -> Meeting:
    """Jump to an item of the agenda, also back to one that was finished or deferred."""
    meeting, item = locked_item(item)
    need_running(meeting=meeting, by=by)
    need_expected(meeting=meeting, expected=expected, by=by)
    if item.state not in (State.PLANNED, State.DONE, State.DEFERRED):
        raise Refused(_("This item is not on the agenda of this meeting."))
    return meeting if item.pk == meeting.active_item_id else go_on(meeting=meeting, to=item, verb="item_started", by=by)


@transaction.atomic
def save_notes(*, item: AgendaItem, notes: str, version: int, by: Membership) -> AgendaItem:
    """Save the notes of an item; raises Stale where somebody else wrote notes there since `version`."""
    meeting, item = locked_item(item)
    need(rules.may_write(rules.standing(by, meeting)))
    # What somebody was typing when the chair closed the meeting must still find its place.
    if meeting.state not in (Meeting.State.OPEN, Meeting.State.CLOSED):
        raise Refused(_("Notes are written from the opening of the meeting on."))
    if item.state not in AgendaItem.ON_AGENDA:
        raise Refused(_("This item is not on the agenda of this meeting."))
    if item.notes_version != version and item.notes != notes:
        raise Stale(NotesNow(item), last_actor(item, "notes_saved"))
    if item.notes == notes:
        return item
    item.notes = notes
    item.notes_version += 1
    item.save(update_fields=["notes", "notes_version"])
    NotesVersion.objects.create(item=item, number=item.notes_version, notes=notes, by=by)
    index_items([item])
    record_step(meeting=meeting, verb="notes_saved", by=by, items=[item], about=item, moves=False)
    return item


class NotesNow:
    """The notes with their own version, as a conflict in the notes form shows them."""

    def __init__(self, item: AgendaItem) -> None:
        self.notes, self.version = item.notes, item.notes_version


@transaction.atomic
def set_people(
    *, meeting: Meeting, chair: Membership | None, minute_taker: Membership | None, version: int, by: Membership
) -> Meeting:
    """Say who chairs the meeting and who takes its minutes; their screens get their new controls at once.

    Raises Stale where somebody else changed the meeting since `version`.
    """
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state in (Meeting.State.CLOSED, Meeting.State.CANCELLED):
        raise Refused(_("This meeting is over."))
    earlier = (meeting.chair, meeting.minute_taker)
    if earlier == (chair, minute_taker):
        return meeting
    if meeting.version != version:
        raise Stale(meeting, last_actor(meeting))
    meeting.chair, meeting.minute_taker = chair, minute_taker
    meeting.version += 1
    meeting.save(update_fields=["chair", "minute_taker", "version"])
    changed = {one for one in (*earlier, chair, minute_taker) if one}
    record_step(
        meeting=meeting, verb="meeting_people_set", by=by, whole=True, access={one.person_id for one in changed}
    )
    return meeting
