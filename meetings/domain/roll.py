"""The roll of a vote: which municipalities have a voice in it, and which parts of which pages show the vote."""

from __future__ import annotations

from collections.abc import Iterable

from collab.live.regions import region_id
from meetings.models import Meeting, Vote, VoteTown
from meetings.queries.vote import open_vote_in, towns_with_a_voice

from .regions import of_room


def locked_vote(pk: int) -> Vote:
    """Return the vote as it is now, locked until the end of the transaction (its meeting or group first, to end it)."""
    votes = Vote.objects.select_for_update(of=("self",), no_key=True)
    return votes.select_related("network", "group", "meeting", "item").get(pk=pk)


def put_on_roll(vote: Vote, towns: Iterable[str]) -> int:
    """Give these municipalities a voice in the vote; returns how many had none. The caller holds the meeting's lock."""
    there = set(VoteTown.objects.filter(vote=vote).values_list("municipality", flat=True))
    new = [VoteTown(vote=vote, municipality_id=ags) for ags in sorted(set(towns) - there)]
    return len(VoteTown.objects.bulk_create(new, ignore_conflicts=True))


def join_roll(meeting: Meeting) -> list[str]:
    """Let towns that came or gave a proxy while a vote is open vote, too; returns the regions that show the vote.

    The caller holds the meeting's lock. Who leaves stays on the roll: the vote was put to them.
    """
    vote = open_vote_in(meeting) if meeting.state == Meeting.State.OPEN else None
    if vote is None:
        return []
    put_on_roll(vote, towns_with_a_voice(meeting))
    return of_vote(vote)


def of_vote(vote: Vote) -> list[str]:
    """Return the regions that show the vote as a whole: that it is open or ended, and who casts a voice."""
    regions = [region_id("vote", vote.pk), of_progress(vote)]
    if vote.meeting:
        regions += of_room(vote.meeting, "vote")
    return regions


def of_progress(vote: Vote) -> str:
    """Return the region that says who has voted: the only one that a voice touches, so that nobody is disturbed."""
    return region_id("vote-progress", vote.pk)
