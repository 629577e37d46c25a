from __future__ import annotations

import re

from django.utils.text import Truncator

from collab.live import regions
from collab.live.once import once
from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, Kind, Meeting, RecordedAction
from meetings.queries.presence import presence_of
from meetings.queries.talk import round_of, speakers_of
from meetings.queries.wording import open_wording

from .agenda import Context, active, audience_in_meeting

# Everybody who sees the room sees the same wall, so it is rendered once per language.
WALL = "wall"
LATEST = 3
State = AgendaItem.State
LEFT_OPEN = (State.PLANNED, State.DEFERRED, State.CARRIED, State.HANDED_ON)
# So much of a decision's wording can be read at a glance.
GLANCE = 180
SENTENCE = re.compile(r"[.!?](?=\s+[A-ZÄÖÜ„“\"(])")


def audience(membership: Membership, pk: int) -> str | None:
    return WALL if audience_in_meeting(membership, pk) else None


def wall(pk: int, audience: str, variant: str) -> Context:
    context = active(pk, audience, variant)
    meeting, row = context["meeting"], context["row"]
    table = presence_of(meeting)
    return {
        **context,
        "table": table,
        "accepted": len(table.answered("accepted")),
        "quorum_lost": bool(table.quorum and table.quorum.was_reached and not table.quorum.reached),
        "following": context["following"][:1],
        **_settled(meeting),
        **(_talk(row.item) if row else {}),
    }


@once
def _talk(item: AgendaItem) -> Context:
    return {
        "speakers": speakers_of(item),
        "round": round_of(item) if item.kind == Kind.ROUND else None,
        "draft": open_wording(item),
    }


@once
def _settled(meeting: Meeting) -> Context:
    decisions = list(Decision.objects.filter(meeting=meeting, voided_at=None).order_by("recorded_at", "pk"))
    # In session the latest come first; in the end all, in their order.
    shown = decisions if meeting.state == Meeting.State.CLOSED else decisions[: -LATEST - 1 : -1]
    return {
        "settled": [(decision, at_a_glance(decision.wording)) for decision in shown],
        "settled_count": len(decisions),
        "task_count": RecordedAction.objects.filter(item__meeting=meeting).count(),
        "put_off_count": AgendaItem.objects.filter(meeting=meeting, state__in=LEFT_OPEN).count(),
    }


def at_a_glance(wording: str) -> str:
    """Return the first sentence or two of a wording, with "…" where there is more."""
    text = " ".join(wording.split())
    if len(text) <= GLANCE:
        return text
    ends = [match.end() for match in SENTENCE.finditer(text) if match.end() <= GLANCE]
    return f"{text[: ends[-1]]} …" if ends else Truncator(text).chars(GLANCE)


regions.register(regions.Region("meeting-wall", "meetings/fragments/meeting_wall.html", audience, wall))
