"""What guests are told aloud of a change that touched a region they see: never anything of other items.

What is not named here is not told to them: a new kind of change is silent for guests until somebody thought of it.
"""

from __future__ import annotations

from collab.live.models import Change
from meetings.models import AgendaItem
from meetings.rules import GUEST, ITEM_GUEST

from .circles import is_kept_from_guests

# Of the meeting as a whole: when, where, whether it is in session.
OF_MEETING = frozenset(
    (
        "meeting_opened",
        "meeting_closed",
        "meeting_reopened",
        "meeting_edited",
        "meeting_moved",
        "meeting_cancelled",
        "meeting_reinstated",
    )
)
# Of one item, by the item itself ...
OF_ITEM = frozenset(
    (
        "item_started",
        "item_returned_to",
        "item_finished",
        "item_deferred",
        "item_resumed",
        "item_edited",
        "item_accepted",
        "item_declined",
        "item_withdrawn",
        "file_added",
        "file_removed",
        "notes_saved",
        "wording_drafted",
        "wording_amended",
        "wording_dropped",
    )
)
# ... and by what was recorded on it: these changes say on which item (and name the pages of its other appearances).
RECORDED_ON_ITEM = frozenset(("decision_recorded", "decision_corrected", "decision_voided", "action_added"))
# What guests of the whole meeting see happen in the room. Not what towns answered or prepared nor who set whom present,
# and not what is done with the series or with other meetings.
IN_ROOM = frozenset(
    (
        "agenda_finished",
        "item_added",
        "item_moved",
        "item_proposed",
        "item_split",
        "opening_undone",
        "step_undone",
        "action_reviewed",
        "chair_handed",
        "chair_taken",
        "meeting_people_set",
        "pen_handed",
        "pen_taken",
        "quorum_lost",
        "quorum_reached",
        "report_passed",
        "report_to_come",
        "round_through",
        "town_called",
        "floor_given",
        "reply_asked",
        "speakers_closed",
        "speakers_opened",
        "speaking_rules_set",
        "speech_asked",
        "speech_ended",
        "speech_moved",
        "speech_withdrawn",
    )
)


def tells_at_item(change: Change, pk: int, audience: str) -> bool:
    """Who is a guest at one item hears of this item and of its own meeting, not of where else it appears."""
    if audience != GUEST:
        return True
    if change.verb in OF_MEETING:
        return AgendaItem.objects.filter(pk=pk, meeting=_meeting_of(change)).exists()
    if change.verb in RECORDED_ON_ITEM:
        return change.params.get("item_id") == pk
    return change.verb in OF_ITEM and change.object_type == "agendaitem" and change.object_id == pk


def tells_in_room(change: Change, pk: int, audience: str) -> bool:
    """In the regions of a meeting nobody hears that another one (whose items came here) was closed or cancelled."""
    if _meeting_of(change) not in (None, pk):
        return False
    if audience != GUEST:
        return True
    return change.verb in OF_MEETING | OF_ITEM | RECORDED_ON_ITEM | IN_ROOM and not is_kept_from_guests(change)


def tells_in_head(change: Change, pk: int, audience: str) -> bool:
    if audience == ITEM_GUEST:
        return change.verb in OF_MEETING and _meeting_of(change) == pk
    return tells_in_room(change, pk, audience)


def _meeting_of(change: Change) -> int | None:
    """Return the meeting that was changed as a whole; None where something else was."""
    return change.object_id if change.object_type == "meeting" else None


def tells_at_decision(change: Change, pk: int, audience: str) -> bool:
    """To guests only what becomes of this decision: the action items beside it are not shown to them."""
    return audience != GUEST or (change.object_type == "decision" and change.object_id == pk)


def tells_guest(change: Change, pk: int, audience: str) -> bool:
    """At home: of the meetings, and of one's own invitations."""
    return change.verb in OF_MEETING or change.verb.startswith(("guest_invited", "guest_uninvited"))
