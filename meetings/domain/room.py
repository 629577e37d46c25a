"""The meeting itself: open, move through the agenda, write notes, close."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor, record
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import AgendaItem, Meeting, RecordedAction
from meetings.queries.agenda import agenda_of, meeting_after
from workgroups.domain.action_item import add_action_item
from workgroups.models import ActionItem

from .agenda import locked_group, locked_item, locked_meeting
from .carry import carry_items
from .regions import of_agenda, of_log, of_meeting
from .series import extend, locked_series

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
    meeting.state, meeting.opened_at = Meeting.State.OPEN, timezone.now()
    meeting.chair = meeting.chair or by
    first = next((row.item for row in agenda_of(meeting).flat if not row.is_finished), None)
    _begin(meeting, first)
    meeting.version += 1
    meeting.save()
    _record(meeting, "meeting_opened", by, *([first] if first else []), whole=True)
    return meeting


@transaction.atomic
def next_item(*, meeting: Meeting, expected: int | None, by: Membership) -> Meeting:
    """Finish the active item and go to the next one; `expected` is the active item the chair saw.

    Raises Refused where somebody else moved on meanwhile: two chairs who press "next" together move once.
    """
    meeting = locked_meeting(meeting.pk)
    _need_running(meeting, expected, by)
    rows = agenda_of(meeting).flat
    here = next((k for k, row in enumerate(rows) if row.is_active), -1)
    following = next((row.item for row in rows[here + 1 :] if not row.is_finished), None)
    return _go(meeting, following, by)


@transaction.atomic
def activate_item(*, item: AgendaItem, expected: int | None, by: Membership) -> Meeting:
    """Jump to an item of the agenda, also back to one that was finished."""
    meeting, item = locked_item(item)
    _need_running(meeting, expected, by)
    if item.state not in (State.PLANNED, State.DONE):
        raise Refused(_("This item is not on the agenda of this meeting."))
    return meeting if item.pk == meeting.active_item_id else _go(meeting, item, by)


def _need_running(meeting: Meeting, expected: int | None, by: Membership) -> None:
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("The meeting is not in session. Open it first."))
    if meeting.active_item_id != expected:
        now_at = meeting.active_item.title if meeting.active_item else "–"
        raise Refused(_("Somebody else has just moved on: the meeting is now at “%(title)s”.") % {"title": now_at})


def _go(meeting: Meeting, item: AgendaItem | None, by: Membership) -> Meeting:
    left = meeting.active_item
    if left is not None:
        left.state, left.finished_at = State.DONE, timezone.now()
        left.save(update_fields=["state", "finished_at"])
    _begin(meeting, item)
    meeting.save(update_fields=["active_item"])
    touched = [one for one in (left, item) if one]
    _record(meeting, "item_started" if item else "agenda_finished", by, *touched, about=item)
    return meeting


def _begin(meeting: Meeting, item: AgendaItem | None) -> None:
    meeting.active_item = item
    if item is not None:
        item.state, item.started_at, item.finished_at = State.PLANNED, item.started_at or timezone.now(), None
        item.save(update_fields=["state", "started_at", "finished_at"])


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
    _record(meeting, "notes_saved", by, item, about=item)
    return item


class NotesNow:
    """The notes with their own version, as a conflict in the notes form shows them."""

    def __init__(self, item: AgendaItem) -> None:
        self.notes, self.version = item.notes, item.notes_version


@transaction.atomic
def record_action(
    *,
    item: AgendaItem,
    title: str,
    municipality: Municipality | None,
    person: Membership | None,
    due_on: date | None,
    note: str,
    by: Membership,
    request_id: UUID | None = None,
) -> ActionItem:
    """Write down an action item agreed on under an agenda item; any town may be named, it sits at the table."""
    meeting, item = locked_item(item)
    need(rules.may_write(rules.standing(by, meeting)))
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Action items are recorded while the meeting is in session."))
    action = add_action_item(
        network=meeting.network,
        title=title,
        municipality=municipality,
        person=person,
        due_on=due_on,
        note=note,
        group=meeting.group,
        by=by,
        request_id=request_id,
        regions=[*of_agenda(meeting, item), *of_log(item)],
        in_meeting=True,
    )
    RecordedAction.objects.get_or_create(action_item=action, defaults={"item": item})
    return action


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
    _record(meeting, "meeting_people_set", by, whole=True, access={one.person_id for one in changed})
    return meeting


@transaction.atomic
def close_meeting(*, meeting: Meeting, by: Membership, finish_active: bool = True) -> Meeting:
    """Close the meeting; what was not treated goes to the next meeting, marked so; standing items do not.

    Without a next meeting the items wait and are carried to the first one that is planned. `finish_active` says
    whether the item that was active counts as treated. Closing twice does nothing more.
    """
    if meeting.series_id:
        locked_series(meeting.series_id)  # outermost first: closing adds dates to the series
    locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state == Meeting.State.CLOSED:
        return meeting
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Only a meeting in session can be closed."))
    if meeting.active_item and finish_active:
        active = meeting.active_item
        active.state, active.finished_at = State.DONE, timezone.now()
        active.save(update_fields=["state", "finished_at"])
    meeting.active_item = None
    meeting.state, meeting.closed_at = Meeting.State.CLOSED, timezone.now()
    meeting.version += 1
    meeting.save()
    if meeting.series:
        extend(series=meeting.series, today=timezone.localdate(), by=by)
    following = _carry_unfinished(meeting)
    _record(meeting, "meeting_closed", by, whole=True, also=following)
    return meeting


def _carry_unfinished(meeting: Meeting) -> Meeting | None:
    # What was decided was treated, also where nobody called it up.
    decided = AgendaItem.objects.filter(meeting=meeting, state=State.PLANNED, decisions__isnull=False)
    AgendaItem.objects.filter(pk__in=list(decided.values_list("pk", flat=True))).update(state=State.DONE)
    AgendaItem.objects.filter(
        meeting=meeting, state=State.PLANNED, template_item__isnull=False, started_at=None
    ).exclude(children__state=State.PLANNED).update(state=State.DROPPED)
    open_states = (State.PLANNED, State.PROPOSED)
    unfinished = list(AgendaItem.objects.filter(meeting=meeting, state__in=open_states).order_by("position", "pk"))
    following = meeting_after(meeting) if unfinished else None
    if following:
        carry_items(unfinished, locked_meeting(following.pk))
    return following


def _record(
    meeting: Meeting,
    verb: str,
    by: Membership,
    *items: AgendaItem,
    whole: bool = False,
    about: AgendaItem | None = None,
    also: Meeting | None = None,
    access: Iterable[int] = (),
) -> None:
    regions = of_meeting(meeting, *items) if whole else [*of_agenda(meeting, *items)]
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=about or meeting,
        regions=[*regions, *(of_agenda(also) if also else [])],
        access=access,
        params={
            "meeting": meeting.title,
            "date": meeting.date.isoformat(),
            **({"title": about.title} if about else {}),
        },
    )
