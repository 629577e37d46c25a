"""Speaking: who asks for the floor, who has it, and in which order the others wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import last_actor, record
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Meeting, Speech

from .agenda import locked_item, locked_meeting
from .regions import of_room

State, Kind = Speech.State, Speech.Kind


@transaction.atomic
def ask_to_speak(*, item: AgendaItem, kind: str, about: str, by: Membership, request_id: UUID | None = None) -> Speech:
    """Put somebody on the list of speakers of the active item; returns the request.

    Who waits already waits once. A short reply comes before the waiting speeches, behind other replies. Raises Refused
    where the list is closed or the meeting is at another item.
    """
    meeting, item = locked_item(item)
    need(rules.may_speak(rules.standing(by, meeting)))
    if request_id and (twin := Speech.objects.filter(item=item, request_id=request_id, membership=by).first()):
        return twin
    if twin := Speech.objects.filter(item=item, membership=by, kind=kind, state=State.WAITING).first():
        return twin
    need_new_form(Speech, request_id)
    _need_active(meeting, item)
    if item.speakers_closed:
        raise Refused(_("The list of speakers is closed. Ask the chair to open it again."))
    speech = Speech(meeting=meeting, item=item, membership=by, municipality=by.municipality)
    speech.kind, speech.about, speech.request_id = kind, about, request_id
    waiting = _waiting(item)
    waiting.insert(_place(speech, waiting, _spoken(item) if meeting.new_towns_first else None), speech)
    speech.save()
    _number(waiting)
    _record(meeting, "speech_asked" if kind == Kind.SPEECH else "reply_asked", by, speech)
    return speech


def _place(speech: Speech, waiting: Sequence[Speech], spoken: set[str] | None) -> int:
    """Return where in the list a new request goes; `spoken` where towns that have not spoken yet come first."""
    speeches = [k for k, other in enumerate(waiting) if other.kind == Kind.SPEECH]
    if speech.kind == Kind.REPLY:
        return speeches[0] if speeches else len(waiting)
    if spoken is None or _town(speech) in spoken:
        return len(waiting)
    return next((k for k in speeches if _town(waiting[k]) in spoken), len(waiting))


def _town(speech: Speech) -> str:
    """Return what counts as one town on the list; a guest and the office count as one each."""
    return speech.municipality_id or f"member {speech.membership_id}"


def _spoken(item: AgendaItem) -> set[str]:
    """Return the towns that have spoken on the item or speak now; a short reply does not count."""
    begun = Speech.objects.filter(item=item, kind=Kind.SPEECH, state__in=(State.DONE, State.SPEAKING))
    return {_town(speech) for speech in begun}


def _waiting(item: AgendaItem) -> list[Speech]:
    return list(Speech.objects.filter(item=item, state=State.WAITING).order_by("position", "pk"))


def _number(waiting: Sequence[Speech]) -> None:
    for position, speech in enumerate(waiting, start=1):
        speech.position = position
    Speech.objects.bulk_update(waiting, ["position"])


@transaction.atomic
def withdraw_speech(*, speech: Speech, by: Membership) -> Speech:
    """Take a waiting request back: one's own, or for somebody, as the chair. Twice is once."""
    meeting, speech = _locked(speech)
    _need_own_or_lead(meeting, speech, by)
    if speech.state == State.WITHDRAWN:
        return speech
    if speech.state != State.WAITING:
        raise Refused(_("%(who)s has or had the floor already.") % {"who": speech.membership})
    speech.state = State.WITHDRAWN
    speech.save(update_fields=["state"])
    _record(meeting, "speech_withdrawn", by, speech)
    return speech


@transaction.atomic
def give_floor(*, speech: Speech, expected: int | None, by: Membership) -> Speech:
    """Give somebody on the list the floor; the speech that runs ends with it.

    `expected` is the speech that the chair saw running. Raises Refused where somebody else gave the floor meanwhile.
    """
    meeting, speech = _locked(speech)
    _need_lead(meeting, by)
    if speech.state == State.SPEAKING:
        return speech  # two gave it to the same person
    _need_active(meeting, speech.item)
    running = _running(meeting)
    if (running.pk if running else None) != expected:
        who = running.membership if running else "–"
        raise Refused(_("Somebody else was quicker: the floor is now with %(who)s.") % {"who": who})
    if speech.state != State.WAITING:
        raise Refused(_("%(who)s is no longer on the list of speakers.") % {"who": speech.membership})
    now = timezone.now()
    end_running_speech(meeting, now)
    speech.state, speech.began_at = State.SPEAKING, now
    speech.save(update_fields=["state", "began_at"])
    _record(meeting, "floor_given", by, speech)
    return speech


@transaction.atomic
def end_speech(*, speech: Speech, by: Membership) -> Speech:
    """End the speech that runs: the speaker or the chair. Twice is once."""
    meeting, speech = _locked(speech)
    _need_own_or_lead(meeting, speech, by)
    if speech.state == State.DONE:
        return speech
    if speech.state != State.SPEAKING:
        raise Refused(_("%(who)s does not have the floor.") % {"who": speech.membership})
    end_running_speech(meeting, timezone.now())
    _record(meeting, "speech_ended", by, speech)
    return Speech.objects.get(pk=speech.pk)


def end_running_speech(meeting: Meeting, at: datetime) -> None:
    """End whoever has the floor, as a meeting that goes on or closes does.

    The caller holds the meeting's lock and records the change.
    """
    running = Speech.objects.filter(meeting=meeting, state=State.SPEAKING)
    running.update(state=State.DONE, ended_at=at)


@transaction.atomic
def move_speech(*, speech: Speech, direction: str, by: Membership) -> Speech:
    """Move a waiting request one place "up" or "down"; at an end it stays."""
    meeting, speech = _locked(speech)
    _need_lead(meeting, by)
    waiting = _waiting(speech.item)
    here = next((k for k, other in enumerate(waiting) if other.pk == speech.pk), None)
    if here is None:
        raise Refused(_("%(who)s is no longer on the list of speakers.") % {"who": speech.membership})
    there = here + {"up": -1, "down": 1}.get(direction, 0)
    if there == here or not 0 <= there < len(waiting):
        return speech
    waiting[here], waiting[there] = waiting[there], waiting[here]
    _number(waiting)
    _record(meeting, "speech_moved", by, speech)
    return speech


@transaction.atomic
def close_list(*, item: AgendaItem, closed: bool, by: Membership) -> AgendaItem:
    """Close the list of speakers of an item (who waits still speaks), or open it again."""
    meeting, item = locked_item(item)
    _need_lead(meeting, by)
    _need_active(meeting, item)
    if item.speakers_closed == closed:
        return item
    item.speakers_closed = closed
    item.save(update_fields=["speakers_closed", "changed_at"])
    verb = "speakers_closed" if closed else "speakers_opened"
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=item,
        regions=of_room(meeting, "speakers"),
        params={"title": item.title},
    )
    return item


@transaction.atomic
def set_speaking_rules(
    *, meeting: Meeting, new_towns_first: bool, minutes: int, version: int, by: Membership
) -> Meeting:
    """Say how long a speech may last (0: no limit) and whether towns that have not spoken yet come first.

    Asked to put them first, it orders the waiting list once. Raises Stale where somebody else changed the meeting
    since `version`.
    """
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state not in (Meeting.State.PLANNED, Meeting.State.OPEN):
        raise Refused(_("This meeting is over."))
    if (meeting.new_towns_first, meeting.speaking_minutes) == (new_towns_first, minutes):
        return meeting
    if meeting.version != version:
        raise Stale(meeting, last_actor(meeting))
    reorder = new_towns_first and not meeting.new_towns_first
    meeting.new_towns_first, meeting.speaking_minutes = new_towns_first, minutes
    meeting.version += 1
    meeting.save(update_fields=["new_towns_first", "speaking_minutes", "version"])
    if reorder and meeting.active_item:
        _new_towns_first(meeting.active_item)
    record(
        meeting.network,
        verb="speaking_rules_set",
        actor=by,
        obj=meeting,
        regions=of_room(meeting, "speakers"),
        params={"meeting": meeting.title, "date": meeting.date.isoformat()},
    )
    return meeting


def _new_towns_first(item: AgendaItem) -> None:
    """Order the waiting list: replies, towns that have not spoken, the others; each in the order they had."""
    spoken = _spoken(item)
    _number(sorted(_waiting(item), key=lambda one: (one.kind == Kind.SPEECH, _town(one) in spoken)))


def _locked(speech: Speech) -> tuple[Meeting, Speech]:
    """Return the meeting, locked, and the request to speak as it is now."""
    meeting = locked_meeting(speech.meeting_id)
    fresh = Speech.objects.select_related("item", "membership__person", "membership__municipality").get(pk=speech.pk)
    fresh.meeting = fresh.item.meeting = meeting
    return meeting, fresh


def _running(meeting: Meeting) -> Speech | None:
    running = Speech.objects.filter(meeting=meeting, state=State.SPEAKING)
    return running.select_related("membership__person", "membership__municipality").first()


def _need_lead(meeting: Meeting, by: Membership) -> None:
    need(rules.may_lead(rules.standing(by, meeting)))


def _need_own_or_lead(meeting: Meeting, speech: Speech, by: Membership) -> None:
    role = rules.standing(by, meeting)
    need(rules.may_lead(role) or (rules.may_speak(role) and speech.membership_id == by.pk))


def _need_active(meeting: Meeting, item: AgendaItem) -> None:
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("The meeting is not in session."))
    if meeting.active_item_id != item.pk:
        raise Refused(_("The meeting has moved on to another item."))


def _record(meeting: Meeting, verb: str, by: Membership, speech: Speech) -> None:
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=speech,
        regions=of_room(meeting, "speakers"),
        params={"title": speech.item.title, "who": str(speech.membership)},
    )
