"""Votes: the one in the room, one vote on its page, and who has voted in it; never what, as long as it is open."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from collab.live.models import Change
from collab.live.once import once
from collab.network.models import Membership, Municipality
from meetings.models import Decision, Meeting, Visibility, Vote
from meetings.queries import vote as queries
from meetings.queries.wording import Draft
from meetings.rules import GUEST, READER, may_hold_vote, standing

from .agenda import audience_in_meeting, in_meeting
from .circles import in_meeting as hears_in_meeting
from .guests import tells_in_room

# So many names of those who have not voted yet can be read at a glance; of so many towns each sees whether it has.
MOST_NAMES = 60
MOST_MARKED = 200
FOLDER = "meetings/fragments/"
ALL = "all"


def audience_in_room(membership: Membership, pk: int) -> str | None:
    """Guests do not vote, and what an item only for the group is decided on is not for those who read along."""
    role = audience_in_meeting(membership, pk)
    return None if role == GUEST else role


def in_room(pk: int, audience: str, variant: str) -> dict[str, Any]:
    """The open vote of a meeting in session, or the result of the last one on the active item."""
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    vote = queries.vote_to_show(meeting) if meeting.state == Meeting.State.OPEN else None
    if vote and audience == READER and vote.visibility == Visibility.GROUP:
        vote = None
    return {**context, **(shown(vote, audience) if vote else {"vote": None})}


def one_vote(pk: int, audience: str, variant: str) -> dict[str, Any]:
    vote = Vote.objects.select_related(*queries.VOTE_WITH).get(pk=pk)
    return {"network": vote.network, "meeting": vote.meeting, **shown(vote, audience)}


def shown(vote: Vote, audience: str) -> dict[str, Any]:
    """Return what the templates of a vote need: who casts it while it is open, and afterwards what came of it."""
    parts = _open(vote) if vote.is_open else _ended(vote)
    may_hold = may_hold_vote(audience) and not vote.is_circular
    return {"vote": vote, "may_hold_vote": may_hold, "progress": f"vote-progress-{vote.pk}", **parts}


@once
def _open(vote: Vote) -> dict[str, Any]:
    return {"voters": queries.voters_of(vote), **_progress(vote.pk)}


@once
def _ended(vote: Vote) -> dict[str, Any]:
    return {
        "count": queries.count_of(vote),
        "voices": queries.voices_of(vote),
        "silent": list(queries.silent_towns(vote)) if vote.state == Vote.State.CLOSED else [],
        "decision": vote.decision,
    }


def on_wall(meeting: Meeting, audience: str, draft: Draft | None, latest: Decision | None) -> dict[str, Any]:
    """Return what the presentation view shows of a vote: the open one; its result until something else is discussed."""
    vote = in_room(meeting.pk, audience, "")
    shown = vote["vote"]
    if shown is None or shown.is_open:
        return vote
    is_latest = latest is not None and draft is None and shown.decision_id == latest.pk
    is_objected = shown.outcome == Vote.Outcome.OBJECTED and draft is not None and draft.at < shown.closed_at
    return vote if is_latest or is_objected else {"vote": None}


# -- who has voted -----------------------------------------------------------------------------------------------------


@once
def _progress(pk: int) -> dict[str, Any]:
    vote = Vote.objects.select_related("network", "group", "meeting").get(pk=pk)
    if not vote.is_open:
        return {"vote": vote, "network": vote.network}
    count = queries.count_of(vote)
    silent: list[Municipality] = list(queries.silent_towns(vote)[: MOST_NAMES + 1])
    return {
        "vote": vote,
        "network": vote.network,
        # Nothing else of the count may be known as long as the vote is open.
        "voted": count.voted,
        "towns": count.towns,
        "silent": silent[:MOST_NAMES],
        "has_more": count.missing > MOST_NAMES,
        "more": count.missing - MOST_NAMES,
        "marked": [town.pk for town in queries.voted_towns(vote)] if count.towns <= MOST_MARKED else [],
    }


def audience_of_progress(membership: Membership, pk: int) -> str | None:
    """One audience for all who see the vote; on the wall of the room also its guests."""
    if queries.audience_at_vote(membership, pk):
        return ALL
    vote = Vote.objects.filter(pk=pk, network=membership.network_id).select_related("meeting__group").first()
    at_wall = vote is not None and vote.meeting is not None and membership.is_guest
    at_wall = at_wall and vote.visibility != Visibility.GROUP  # type: ignore[union-attr]
    return ALL if at_wall and standing(membership, vote.meeting) == GUEST else None  # type: ignore[union-attr,arg-type]


def progress(pk: int, audience: str, variant: str) -> dict[str, Any]:
    return _progress(pk)


def tells_of_vote(change: Change, pk: int, audience: str) -> bool:
    return change.object_type != "vote" or change.object_id == pk


@once
def hears_of_vote(circle: int, pk: int, audience: str) -> bool:
    return Vote.objects.filter(pk=pk, group=circle).exists()


for region in (
    regions.Region(
        "meeting-vote",
        f"{FOLDER}meeting_vote.html",
        audience_in_room,
        in_room,
        tells=tells_in_room,
        hears=hears_in_meeting,
    ),
    regions.Region(
        "vote",
        f"{FOLDER}vote_one.html",
        queries.audience_at_vote,
        one_vote,
        tells=tells_of_vote,
        hears=hears_of_vote,
    ),
    regions.Region(
        "vote-progress",
        f"{FOLDER}vote_progress.html",
        audience_of_progress,
        progress,
        # Whoever looks on sees the number grow; said aloud, a thousand voices would be a nuisance.
        tells=lambda change, pk, audience: False,
        hears=hears_of_vote,
    ),
):
    regions.register(region)

verbs.register(
    {
        "vote_opened": _("%(actor)s put “%(subject)s” to the vote"),
        "vote_withdrawn": _("%(actor)s withdrew the vote on “%(subject)s”: %(reason)s"),
        "vote_objected": _("“%(subject)s” found no consent: there are objections"),
        "voice_cast": _("%(town)s voted on “%(subject)s” (cast by %(actor)s)"),
        "proxy_given": _("%(town)s gave its voice in “%(meeting)s” on %(date)s to %(holder)s"),
        "proxy_ended": _("%(town)s took back its voice in “%(meeting)s” on %(date)s from %(holder)s"),
    },
    {"vote": "/n/{slug}/votes/{pk}/"},
    quiet=("vote_opened", "vote_withdrawn", "vote_objected", "voice_cast", "proxy_given", "proxy_ended"),
    spoken={
        "vote_opened": (_("A vote is open"), ""),
        "vote_withdrawn": (_("The vote was withdrawn"), ""),
        "vote_objected": (_("No consent: there are objections"), ""),
        "proxy_given": (_("%(town)s gave its voice to %(holder)s"), _("{n} proxies changed")),
        "proxy_ended": (_("%(town)s took its voice back"), _("{n} proxies changed")),
    },
)
