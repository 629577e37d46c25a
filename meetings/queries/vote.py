"""Reads: votes, who has a voice in them, who has not cast it yet, and, once they are closed, who said what."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count as Counted
from django.db.models import F, Q, QuerySet
from django.http import Http404

from collab.live.once import once
from collab.network.models import Membership, Municipality
from collab.network.queries import admitted
from meetings.models import (
    AgendaItem,
    Attendance,
    Decision,
    Deputy,
    Meeting,
    Presence,
    Proxy,
    Visibility,
    Voice,
    Vote,
    VoteTown,
)
from meetings.rules import GUEST, ITEM_GUEST, READER, standing
from meetings.rules.vote import SPEAKS, capacity_in
from workgroups.models import Group, GroupMembership
from workgroups.queries.group import expected_towns
from workgroups.rules import is_group_member, may_see_inside

VOTE_WITH = ("network", "group", "meeting__group", "item", "decision", "opened_by__person", "closed_by__person")


@dataclass(frozen=True)
class Count:
    """How many municipalities said what, how many voted, and how many have a voice."""

    yes: int
    no: int
    abstain: int
    object: int
    voted: int
    towns: int

    @property
    def missing(self) -> int:
        return self.towns - self.voted


def count_of(vote: Vote) -> Count:
    """Return the counts as they are now; two queries. While the vote is open only `voted` and `towns` may be shown."""
    rows = Voice.objects.filter(vote=vote, replaced_at=None).order_by().values_list("answer").annotate(Counted("pk"))
    by_answer = dict(rows)
    said = {answer.value: by_answer.get(answer.value, 0) for answer in Voice.Answer}
    return Count(**said, voted=sum(said.values()), towns=VoteTown.objects.filter(vote=vote).count())


@once
def audience_at_vote(membership: Membership, pk: int) -> str | None:
    """Return the member's standing in what the vote belongs to, None where they may not see it (guests: nothing).

    In the room the standing in the meeting; by circulation "member" for the group's people, "reader" for the others.
    """
    vote = Vote.objects.filter(pk=pk, network=membership.network_id).select_related("group", "meeting__group").first()
    if vote is None or membership.is_guest or membership.ended_on is not None:
        return None
    if vote.meeting:
        role = standing(membership, vote.meeting)
    else:
        inside = is_group_member(membership, vote.group) or _deputises(membership, vote)
        role = "member" if inside else READER if may_see_inside(membership, vote.group) else None
    hidden = role in (GUEST, ITEM_GUEST) or (role == READER and vote.visibility == Visibility.GROUP)
    return None if hidden else role


def _deputises(membership: Membership, vote: Vote) -> bool:
    """Whether this person votes for their town in a vote by circulation, of whatever group."""
    town = membership.municipality_id or ""
    return is_on_roll(vote, town) and capacity_in(membership, town, vote) is not None


def get_vote_for(membership: Membership, pk: int) -> tuple[Vote, str]:
    """Return the vote and this member's standing in it; raises Http404 where they may not see it."""
    role = audience_at_vote(membership, pk)
    vote = Vote.objects.select_related(*VOTE_WITH).filter(pk=pk).first() if role else None
    if vote is None or role is None:
        raise Http404
    return vote, role


def open_vote_in(meeting: Meeting | int) -> Vote | None:
    """Return the vote that is open in the meeting; there is one at most."""
    return Vote.objects.select_related(*VOTE_WITH).filter(meeting=meeting, state=Vote.State.OPEN).first()


@once
def vote_to_show(meeting: Meeting) -> Vote | None:
    """Return what the room looks at: the open vote, else the one that ended last on the active item."""
    votes = Vote.objects.filter(meeting=meeting).select_related(*VOTE_WITH)
    of_item = Q(item=meeting.active_item_id) if meeting.active_item_id else Q(pk=None)
    return votes.filter(Q(state=Vote.State.OPEN) | of_item).order_by(F("closed_at").desc(nulls_first=True)).first()


@once
def ended_votes_on(item: AgendaItem, sees_inside: bool) -> list[Vote]:
    """Return the votes on an item that have ended, the first one first, each with its `objections`; for who does not
    see inside without those for the group only.
    """
    votes = Vote.objects.filter(item=item).exclude(state=Vote.State.OPEN).select_related("decision").order_by("pk")
    if not sees_inside:
        votes = votes.exclude(visibility=Visibility.GROUP)
    objects = Q(voices__replaced_at=None, voices__answer=Voice.Answer.OBJECT)
    return list(votes.annotate(objections=Counted("voices", filter=objects)))


def was_voted_on(decision: Decision) -> bool:
    """Return whether the decision came of a vote, and not of a count that somebody wrote down."""
    return Vote.objects.filter(decision=decision).exists()


def voices_of(vote: Vote) -> list[Voice]:
    """Return what the municipalities said, by town; nothing as long as the vote is open or was ended without one."""
    if vote.state != Vote.State.CLOSED:
        return []
    voices = Voice.objects.filter(vote=vote, replaced_at=None)
    return list(voices.select_related("municipality").order_by("municipality__sort_key", "municipality"))


def silent_towns(vote: Vote) -> QuerySet[Municipality]:
    """Return the municipalities on the roll that have not voted (yet), by name."""
    roll = VoteTown.objects.filter(vote=vote).values("municipality")
    voted = Voice.objects.filter(vote=vote, replaced_at=None).values("municipality")
    return Municipality.objects.filter(pk__in=roll).exclude(pk__in=voted).order_by("sort_key", "pk")


def voted_towns(vote: Vote) -> QuerySet[Municipality]:
    """Return the municipalities that have voted, by name; not what."""
    voted = Voice.objects.filter(vote=vote, replaced_at=None).values("municipality")
    return Municipality.objects.filter(pk__in=voted).order_by("sort_key", "pk")


def is_on_roll(vote: Vote, ags: str) -> bool:
    return VoteTown.objects.filter(vote=vote, municipality=ags).exists()


def voice_now(vote: Vote, ags: str) -> Voice | None:
    """Return the voice of the municipality that counts now. While the vote is open it is its own people's to see."""
    return Voice.objects.filter(vote=vote, municipality=ags, replaced_at=None).first()


# -- who casts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Voters:
    """Who casts voices in a vote: `own` for their own town, as officer or deputy, and who holds which proxy."""

    own: list[int] = field(default_factory=list)
    proxies: list[Proxy] = field(default_factory=list)


def voters_of(vote: Vote) -> Voters:
    """Return who may cast the voices of the municipalities on the roll, as `rules.capacity_in` has it; four queries."""
    roll = VoteTown.objects.filter(vote=vote).values("municipality")
    people = admitted().filter(network=vote.network_id, municipality__in=roll, person__is_active=True)
    if role := SPEAKS.get(Group.Kind(vote.group.kind)):
        speak = people.filter(role=role)
    else:
        speak = people.filter(pk__in=GroupMembership.objects.filter(group=vote.group_id).values("membership"))
    own = {*speak.values_list("pk", flat=True), *people.filter(_stand_in(vote)).values_list("pk", flat=True)}
    return Voters(sorted(own), proxies_at(vote.meeting_id, on_roll_of=vote) if vote.meeting_id else [])


def _stand_in(vote: Vote) -> Q:
    """The condition that somebody is the deputy of their own town."""
    if vote.meeting_id is None:
        deputies = Deputy.objects.filter(network=vote.network_id, ended_at=None)
        return Q(pk__in=deputies.filter(membership__municipality=F("municipality")).values("membership"))
    named = Attendance.objects.filter(meeting=vote.meeting_id, deputy__municipality=F("municipality"))
    seated = Presence.objects.filter(attendance__meeting=vote.meeting_id, ended_at=None)
    seated = seated.filter(representative__municipality=F("attendance__municipality"))
    return Q(pk__in=named.values("deputy")) | Q(pk__in=seated.values("representative"))


def proxies_at(meeting: Meeting | int | None, on_roll_of: Vote | None = None) -> list[Proxy]:
    """Return the proxies that hold in a meeting, by town."""
    proxies = Proxy.objects.filter(meeting=meeting, ended_at=None, holder__ended_on=None)
    if on_roll_of:
        proxies = proxies.filter(municipality__in=VoteTown.objects.filter(vote=on_roll_of).values("municipality"))
    people = ("municipality", "holder__person", "holder__municipality")
    return list(proxies.select_related(*people).order_by("municipality__sort_key", "municipality"))


def proxy_of(meeting: Meeting, ags: str) -> Proxy | None:
    """Return the proxy that a municipality has given for the meeting, None where it has not."""
    return Proxy.objects.filter(meeting=meeting, municipality=ags, ended_at=None).first()


def speakers_at(meeting: Meeting) -> QuerySet[Membership]:
    """Return who casts a voice of their own in the meeting's group, as `rules.speaks_in` has it, by town."""
    people = admitted().filter(network=meeting.network_id, person__is_active=True, municipality__isnull=False)
    if role := SPEAKS.get(Group.Kind(meeting.group.kind)):
        people = people.filter(role=role)
    else:
        rows = GroupMembership.objects.filter(group=meeting.group_id)
        people = people.filter(pk__in=rows.values("membership"))
    return people.select_related("person", "municipality").order_by("municipality__sort_key", "person__name", "pk")


def proxy_holders(meeting: Meeting, ags: str) -> QuerySet[Membership]:
    """Return who may hold a proxy of this town: who sits, or is to sit, at the table for another one."""
    named = Attendance.objects.filter(meeting=meeting).values("deputy")
    seated = Presence.objects.filter(attendance__meeting=meeting, ended_at=None).values("representative")
    speakers = speakers_at(meeting).order_by().values("pk")
    people = admitted().filter(Q(pk__in=speakers) | Q(pk__in=named) | Q(pk__in=seated), network=meeting.network_id)
    people = people.filter(person__is_active=True, municipality__isnull=False).exclude(municipality=ags)
    return people.select_related("person", "municipality").order_by("municipality__sort_key", "person__name", "pk")


def sits_at_table(meeting_id: int, ags: str) -> bool:
    """Return whether the town is there now; also where nobody's presence was recorded. Two queries at most."""
    stretches = Presence.objects.filter(attendance__meeting=meeting_id)
    return stretches.filter(attendance__municipality=ags, ended_at=None).exists() or not stretches.exists()


def towns_with_a_voice(meeting: Meeting) -> set[str]:
    """Return the municipalities that vote in the room now: those expected that sit at the table or gave a proxy; all
    that are expected where nobody's presence was recorded. Four queries at most.
    """
    expected = set(expected_towns(meeting.group, meeting.held_on).values_list("pk", flat=True))
    stretches = Presence.objects.filter(attendance__meeting=meeting)
    if not stretches.exists():
        return expected
    here = stretches.filter(ended_at=None).values_list("attendance__municipality", flat=True)
    proxies = Proxy.objects.filter(meeting=meeting, ended_at=None).values_list("municipality", flat=True)
    return expected & {*here, *proxies}
