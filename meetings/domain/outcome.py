"""The end of a vote: what the voices come to, and the decision that follows from it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from collab.live.log import record
from collab.live.regions import region_id
from collab.network.models import Membership
from meetings.models import Decision, Presence, Vote, Wording
from meetings.queries.vote import Count, count_of, towns_with_a_voice, voted_towns
from workgroups.queries.group import expected_towns

from .decision import number_decision, record_draft, tell_of_decision
from .regions import of_agenda
from .roll import of_vote

Kind, Outcome = Vote.Kind, Vote.Outcome


@transaction.atomic
def settle(*, vote: Vote, by: Membership) -> Vote:
    """Close an open vote, count it and write the decision; all see the result at the same moment. Returns the vote.

    The caller holds the locks of the meeting (or, by circulation, of the group) and of the vote (`locked_vote`), and
    has asked who may. A serious objection against consent decides nothing: the wording stays under discussion.
    """
    count = count_of(vote)
    vote.state, vote.closed_by, vote.closed_at = Vote.State.CLOSED, by, timezone.now()
    vote.version += 1
    if vote.kind == Kind.CONSENT and count.object:
        return _objected(vote, by)
    decision = _decision_of(vote, count)
    number_decision(decision=decision, on=_day_of(vote), by=by, proposed=vote)
    vote.decision = decision
    vote.outcome = Outcome.CARRIED if decision.carried else Outcome.REJECTED
    vote.save()
    if vote.wording_id:
        record_draft(draft=Wording.objects.get(pk=vote.wording_id), decision=decision, by=by)
    tell_of_decision(decision=decision, by=by, regions=_regions(vote))
    return vote


def _objected(vote: Vote, by: Membership) -> Vote:
    vote.outcome = Outcome.OBJECTED
    vote.save()
    record(vote.network, verb="vote_objected", actor=by, obj=vote, regions=_regions(vote), params=params_of(vote))
    return vote


def _decision_of(vote: Vote, count: Count) -> Decision:
    """Return the decision, not saved yet, with what the voices came to."""
    values: dict[str, Any] = {"mode": Decision.Mode.CONSENT}
    if vote.kind != Kind.CONSENT:
        counted = {"yes": count.yes, "no": count.no, "abstain": count.abstain}
        values = {"mode": Decision.Mode.COUNTED, **counted}
    return Decision(
        network=vote.network,
        group=vote.group,
        meeting=vote.meeting,
        item=vote.item,
        subject=vote.subject,
        wording=vote.text,
        present=_present(vote, count),
        needed=vote.needed,
        towns=_all_towns(vote, count),
        majority=vote.majority,
        topic=vote.topic,
        visibility=vote.visibility,
        **values,
    )


def _present(vote: Vote, count: Count) -> int:
    """How many make up the quorum: in the room who sits at the table or gave a proxy, silent or not, and who voted
    and left; where nobody's presence was recorded, and by circulation, who voted.
    """
    if vote.meeting is None or not Presence.objects.filter(attendance__meeting=vote.meeting_id).exists():
        return count.voted
    voted = voted_towns(vote).values_list("pk", flat=True)
    return len(towns_with_a_voice(vote.meeting).union(voted))


def _all_towns(vote: Vote, count: Count) -> int:
    """Of how many an absolute majority takes more than half: of all in the group, in the room also of who is absent."""
    if vote.meeting is None:
        return count.towns
    return max(count.towns, expected_towns(vote.group, vote.meeting.held_on).count())


def _day_of(vote: Vote) -> date:
    if vote.meeting:
        return vote.meeting.held_on
    return vote.deadline_on or timezone.localdate()


def _regions(vote: Vote) -> list[str]:
    regions = of_vote(vote)
    if vote.meeting and vote.item:
        regions += [*of_agenda(vote.meeting, vote.item), region_id("item", vote.item.pk)]
    return regions


def params_of(vote: Vote) -> dict[str, Any]:
    """Return what sentences about the vote need."""
    return {"subject": vote.subject, "item_id": vote.item_id}
