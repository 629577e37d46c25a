"""What guests are told aloud of a change that touched a region they see: never anything of other items.

What is not named here is not told to them: a new kind of change is silent for guests until somebody thought of it.
"""

from __future__ import annotations

from collab.live.models import Change
from meetings.rules import GUEST, ITEM_GUEST

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
# ... and by what was recorded on it: such a change names the regions of its own item only.
RECORDED_ON_ITEM = frozenset(("decision_recorded", "decision_corrected", "decision_voided", "action_added"))


def tells_at_item(change: Change, pk: int, audience: str) -> bool:
    if audience != GUEST:
        return True
    is_of_this = change.object_type == "agendaitem" and change.object_id == pk
    return change.verb in OF_MEETING | RECORDED_ON_ITEM or (is_of_this and change.verb in OF_ITEM)


def tells_in_head(change: Change, pk: int, audience: str) -> bool:
    return audience != ITEM_GUEST or change.verb in OF_MEETING


def tells_guest(change: Change, pk: int, audience: str) -> bool:
    """At home: of the meetings, and of one's own invitations."""
    return change.verb in OF_MEETING or change.verb.startswith(("guest_invited", "guest_uninvited"))
