"""The objection to the procedure of a vote by circulation: it is void at once, and its proposal comes to the table."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.network.access import need
from collab.network.models import Membership
from meetings.models import AgendaItem, Kind, Meeting, Voice, Vote, Wording, WordingVersion
from meetings.queries.circular import waiting_for_meeting
from meetings.queries.vote import is_on_roll, voice_now
from meetings.rules.circular import objects_as
from meetings.rules.vote import is_weaker
from workgroups.domain.group import locked_group
from workgroups.models import Group

from .agenda import MOST_ITEMS, index_items, locked_meeting, put_before_closing_item
from .circular import ended, need_circulating, told
from .regions import of_agenda
from .roll import locked_vote

log = logging.getLogger(__name__)
State = Vote.State


@transaction.atomic
def object_to_procedure(*, vote: Vote, reason: str, by: Membership) -> Vote:
    """Object in the name of the own town: the vote is void. Its proposal goes onto the agenda of the group's next
    planned meeting, its wording under discussion there; where none is planned yet, once there is one (a job of the
    clock). Returns the vote.

    The same town's objection once more changes nothing. Raises Refused without a reason, once the vote is over, where
    the town has no voice in it, and to a deputy whose town has voted itself.
    """
    group = locked_group(vote.group_id)
    meeting = _next_meeting(group)
    vote = locked_vote(vote.pk)
    capacity = objects_as(by, vote)
    need(capacity is not None)
    before = voice_now(vote, by.municipality_id or "")
    if vote.state == State.VOID and before and before.answer == Voice.Answer.OBJECT:
        return vote
    need_circulating(vote)
    if by.municipality is None or not is_on_roll(vote, by.municipality.pk):
        raise Refused(_("%(town)s has no voice in this vote.") % {"town": by.acts_for})
    if not (reason := reason.strip()):
        raise Refused(_("Say what speaks against the procedure: all read it."))
    if before and is_weaker(str(capacity), than=before.capacity):
        raise Refused(_("%(town)s has voted itself meanwhile. Its own voice counts.") % {"town": by.acts_for})
    _say(vote, before, str(capacity), reason, by)
    ended(vote, State.VOID, reason, by)
    regions = _bring_up(vote, meeting)
    told(vote, _verb(vote), by, *regions, town=by.acts_for, reason=reason, **_where(vote))
    return vote


def bring_up_waiting(*, vote: Vote) -> bool:
    """Put the proposal of a void vote that waits for a meeting onto the agenda of the next one, where there is one by
    now; returns whether there was.
    """
    with transaction.atomic():
        group = locked_group(vote.group_id)
        meeting = _next_meeting(group)
        vote = locked_vote(vote.pk)
        if meeting is None or not waiting_for_meeting().filter(pk=vote.pk).exists():
            return False
        regions = _bring_up(vote, meeting)
        told(vote, "circular_brought_up", None, *regions, **_where(vote))
    return True


def bring_up_all_waiting(now: datetime) -> None:
    """Bring up what waits for a meeting; one that cannot be brought up keeps no other from it."""
    for vote in waiting_for_meeting():
        try:
            bring_up_waiting(vote=vote)
        except Exception:  # whatever it is, the next beat tries again
            log.exception("The proposal of vote %s could not be brought up", vote.pk)


def _next_meeting(group: Group) -> Meeting | None:
    """Return the group's next planned meeting with room on its agenda, locked; None where there is none."""
    planned = Meeting.objects.filter(group=group, state=Meeting.State.PLANNED, date__gte=timezone.localdate())
    for pk in planned.order_by("date", "start_time", "pk").values_list("pk", flat=True):
        meeting = locked_meeting(pk)
        is_full = AgendaItem.objects.filter(meeting=pk).count() >= MOST_ITEMS
        if meeting.state == Meeting.State.PLANNED and not is_full:
            return meeting
    return None


def _say(vote: Vote, before: Voice | None, capacity: str, reason: str, by: Membership) -> None:
    """The objection is the town's voice; what it said before is kept behind it."""
    now: datetime = timezone.now()
    if before:
        before.replaced_at = now
        before.save(update_fields=["replaced_at"])
    voice = Voice(vote=vote, municipality=by.municipality, answer=Voice.Answer.OBJECT, reason=reason, by=by)
    voice.capacity, voice.by_name, voice.town_name = capacity, by.person.name[:120], by.acts_for[:120]
    voice.save()


def _bring_up(vote: Vote, meeting: Meeting | None) -> list[str]:
    """Let the group talk about the proposal, where there is a meeting; returns the regions that show where."""
    if meeting is None:
        return []
    vote.next_item = _on_agenda(vote, meeting)
    vote.save(update_fields=["next_item"])
    return of_agenda(meeting, vote.next_item)


def _on_agenda(vote: Vote, meeting: Meeting) -> AgendaItem:
    item = AgendaItem(meeting=meeting, title=vote.subject, text=vote.background, proposed_by=vote.opened_by)
    item.kind, item.state, item.visibility = Kind.DECISION, AgendaItem.State.PLANNED, vote.visibility
    item.save()
    put_before_closing_item(meeting, item)
    draft = Wording.objects.create(item=item, text=vote.text, created_by=vote.opened_by)
    WordingVersion.objects.create(wording=draft, number=draft.version, text=draft.text, by=draft.created_by)
    index_items([item])
    return item


def _verb(vote: Vote) -> str:
    return "circular_objected" if vote.next_item else "circular_objected_waiting"


def _where(vote: Vote) -> dict[str, str]:
    meeting = vote.next_item.meeting if vote.next_item else None
    return {"meeting": meeting.title, "date": meeting.date.isoformat()} if meeting else {}
