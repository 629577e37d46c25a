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
from meetings.rules import GUEST

from .agenda import Context, active, audience_in_meeting
from .circles import in_meeting
from .guests import tells_in_room

# Everybody who sees the room sees the same wall, so it is rendered once per language.
WALL = "wall"
LATEST = 3
# So much of a decision's wording can be read at a glance.
GLANCE = 280
# So many of those who wait to speak.
WAITING = 5
SENTENCE = re.compile(r"(?<!\d)[.!?](?=\s+[A-ZÄÖÜ„“\"(])")


def audience(membership: Membership, pk: int) -> str | None:
    return WALL if audience_in_meeting(membership, pk) else None


def wall(pk: int, audience: str, variant: str) -> Context:
    context = active(pk, audience, variant)
    meeting, row = context["meeting"], context["row"]
    table = presence_of(meeting)
    settled, talk = _settled(meeting), _talk(row.item) if row else {}
    in_the_way = context.get("draft") or (talk.get("round") and talk["round"].called)
    return {
        **context,
        "table": table,
        "accepted": len(table.answered("accepted")),
        **_missing(table.quorum),
        "following": context["following"][:1],
        "most_waiting": WAITING,
        **settled,
        **talk,
        # What was just decided stays large, where its wording stood, until something else is talked about.
        "latest": None if in_the_way else settled["latest"],
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
def _settled(meeting: Meeting) -> Context:
    decisions = list(Decision.objects.filter(meeting=meeting, voided_at=None).order_by("recorded_at", "pk"))
    is_closed = meeting.state == Meeting.State.CLOSED
    # In session the latest come first; in the end all, in their order.
    shown = decisions if is_closed else decisions[: -LATEST - 1 : -1]
    return {
        "settled": [(decision, at_a_glance(decision.wording)) for decision in shown],
        "settled_count": len(decisions),
        "latest": decisions[-1] if decisions and decisions[-1].item_id == meeting.active_item_id else None,
        "task_count": RecordedAction.objects.filter(item__meeting=meeting).count() if is_closed else 0,
        "left_count": len(left_by(meeting)) if is_closed else 0,
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
