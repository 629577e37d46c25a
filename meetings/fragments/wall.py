from __future__ import annotations

import re

from django.utils.text import Truncator

from collab.live import regions
from collab.live.models import Change
from collab.live.once import once
from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, Kind, Meeting, RecordedAction
from meetings.queries.closing import left_by
from meetings.queries.presence import Quorum, presence_of
from meetings.queries.talk import round_of, speakers_of
from meetings.queries.visibility import decisions_for, hidden_items, is_veiled, readable
from meetings.rules import GUEST, MEMBER, READER, sees_inside

from .agenda import Context, active, audience_in_meeting
from .circles import in_meeting
from .guests import tells_in_room
from .vote import on_wall

# Everybody at the table sees the same wall, so it is rendered once per language; and once more for who reads along.
WALL, WALL_OUTSIDE = "wall", "wall_outside"
LATEST = 3
# So much of a decision's wording can be read at a glance.
GLANCE = 280
# So many of those who wait to speak.
WAITING = 5
SENTENCE = re.compile(r"(?<!\d)[.!?](?=\s+[A-ZÄÖÜ„“\"(])")


def audience(membership: Membership, pk: int) -> str | None:
    role = audience_in_meeting(membership, pk)
    return (WALL if sees_inside(role) else WALL_OUTSIDE) if role else None


def wall(pk: int, audience: str, variant: str) -> Context:
    # What is on it is for everybody in front of it; the controls are in the room.
    standing = MEMBER if audience == WALL else READER
    context = {**active(pk, standing, variant), "may_propose": False, "may_speak": False}
    meeting, row = context["meeting"], context["row"]
    table = presence_of(meeting)
    settled = _settled_for(meeting, standing)
    talk = _talk(row.item) if row and not is_veiled(row.item, standing) else {}
    vote = on_wall(meeting, standing, context.get("draft"), settled["latest"])
    in_the_way = vote["vote"] or context.get("draft") or (talk.get("round") and talk["round"].called)
    return {
        **context,
        "table": table,
        "accepted": len(table.answered("accepted")),
        **_missing(table.quorum),
        "following": context["following"][:1],
        "most_waiting": WAITING,
        **settled,
        **talk,
        **vote,
        # What was just decided stays large, where its wording stood, until something else is talked about.
        "latest": None if in_the_way else settled["latest"],
        # What stands large is not listed once more.
        "large": vote["vote"].decision if vote["vote"] else None if in_the_way else settled["latest"],
    }


def _missing(quorum: Quorum | None) -> Context:
    """Whether the quorum was lost, which is an alarm, or has never been reached so far, which is a remark."""
    is_missing = bool(quorum and not quorum.reached)
    was_reached = bool(quorum and quorum.was_reached)
    return {"quorum_lost": is_missing and was_reached, "quorum_awaited": is_missing and not was_reached}


@once
def _talk(item: AgendaItem) -> Context:
    round_ = round_of(item) if item.kind == Kind.ROUND else None
    report = round_.called.report if round_ and round_.called else None
    return {
        "speakers": speakers_of(item),
        "round": round_,
        "needs": in_one_line(report.needs) if report else "",
        "offers": in_one_line(report.offers) if report else "",
    }


def in_one_line(text: str) -> str:
    """Return the lines of a text behind each other, told apart by a dot."""
    return " · ".join(line.strip() for line in text.splitlines() if line.strip())


@once
def _settled_for(meeting: Meeting, standing: str) -> Context:
    hidden = hidden_items(meeting, standing)
    found = Decision.objects.filter(meeting=meeting, voided_at=None).order_by("recorded_at", "pk")
    decisions = decisions_for((one for one in found if one.item_id not in hidden), standing)
    is_closed = meeting.state == Meeting.State.CLOSED
    # In session the latest come first; in the end all, in their order.
    shown = decisions if is_closed else decisions[: -LATEST - 1 : -1]
    return {
        "settled": [(decision, at_a_glance(decision.wording)) for decision in shown],
        "settled_count": len(decisions),
        "latest": decisions[-1] if decisions and decisions[-1].item_id == meeting.active_item_id else None,
        "task_count": RecordedAction.objects.filter(item__meeting=meeting).count() if is_closed else 0,
        "left_count": len(readable(left_by(meeting), standing)) if is_closed else 0,
    }


def at_a_glance(wording: str) -> str:
    """Return the first sentence or two of a wording, with "…" where there is more."""
    text = " ".join(wording.split())
    if len(text) <= GLANCE:
        return text
    ends = [match.end() for match in SENTENCE.finditer(text) if match.end() <= GLANCE]
    return f"{text[: ends[-1]]} …" if ends else Truncator(text).chars(GLANCE)


def tells(change: Change, pk: int, audience: str) -> bool:
    """The wall is the same for all, so it says aloud what guests may hear."""
    return tells_in_room(change, pk, GUEST)


regions.register(
    regions.Region(
        "meeting-wall", "meetings/fragments/meeting_wall.html", audience, wall, tells=tells, hears=in_meeting
    )
)
