"""Recording a decision: the only way to get one, and the only place that gives numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership
from collab.search import index
from meetings import rules
from meetings.models import AgendaItem, Decision, DecisionNumber, Meeting, Vote, Wording
from meetings.models.visibility import passed_on
from meetings.queries.entries import decision_entry
from meetings.queries.presence import presence_of
from meetings.queries.vote import open_vote_in
from meetings.queries.wording import last_author
from workgroups.queries.group import active_accessions, expected_towns
from workgroups.rules import finds_majority

from .agenda import locked_item
from .decision_regions import regions_of
from .life import Kind, add_step
from .supersede import locked_with_meeting, need_replaceable, replace_with_new
from .wording import WordingNow, need_draft, reword

Counts = tuple[int | None, int | None, int | None]


@transaction.atomic
def record_decision(
    *,
    item: AgendaItem,
    wording: str,
    mode: str,
    yes: int | None = None,
    no: int | None = None,
    abstain: int | None = None,
    by: Membership,
    request_id: UUID | None = None,
    wording_id: int | None = None,
    version: int | None = None,
    replaces: Decision | None = None,
) -> Decision:
    """Record what was decided on an item and return it with its number (the same one when the form was sent
    twice).

    `wording_id` and `version` name the draft that was discussed, as the person saw it: it is recorded with this
    decision, with a last version of its own where the wording was changed in the form. `replaces` is an earlier
    decision in force that it supersedes, once it is carried.

    The numbers of a network and year have no gaps: the counter is raised in this transaction, under its
    row's lock.
    How many towns are present and how many a quorum takes is kept with it: without a quorum it is recorded all the
    same, and says so.
    Raises Refused where the meeting is not in session, the item is not on its agenda, the counts cannot be (more votes
    than towns present, too), or the draft is no longer under discussion; Stale where it was amended since.
    """
    old = locked_with_meeting(replaces, item) if replaces else None
    meeting, item = locked_item(item)
    need(rules.may_record(by, meeting))
    if request_id and (twin := Decision.objects.filter(request_id=request_id, recorded_by=by).first()):
        return twin
    need_new_form(Decision, request_id)
    _need_session(meeting, item)
    if old:
        need_replaceable(old, meeting, by)
    draft = _discussed(item, wording_id, version)
    present, needed = _present_and_needed(meeting)
    votes = checked_votes(meeting, mode, (yes, no, abstain))
    if present and (cast := sum(vote or 0 for vote in votes)) > present:
        raise Refused(_too_many(cast, present))
    decision = Decision(network=meeting.network, group=meeting.group, meeting=meeting, item=item, request_id=request_id)
    decision.subject, decision.wording, decision.mode = item.title, wording, mode
    decision.yes, decision.no, decision.abstain = votes
    decision.present, decision.needed, decision.majority = present, needed, meeting.group.majority
    decision.towns = expected_towns(meeting.group, meeting.held_on).count()
    decision.topic, decision.visibility = _topic_of(item), passed_on(item.visibility)
    number_decision(decision=decision, on=meeting.held_on, by=by, proposed=draft)
    if draft:
        record_draft(draft=draft, decision=decision, by=by)
    tell_of_decision(decision=decision, by=by)
    if old:
        replace_with_new(old=old, new=decision, by=by)
    return decision


def number_decision(*, decision: Decision, on: date, by: Membership, proposed: Wording | Vote | None = None) -> None:
    """Give a decision whose result is filled in its number, its outcome by the majority rule, and its first steps.

    Whoever calls holds the lock of the group or the meeting. `proposed` is what was proposed, and by whom.
    """
    decision.recorded_by, decision.decided_on = by, on
    decision.carried = is_carried(decision)
    decision.state = Decision.State.IN_FORCE if decision.carried else Decision.State.REJECTED
    decision.state_on = on
    decision.year, decision.number = on.year, _next_number(decision.network_id, on.year)
    decision.save()
    if proposed:
        author, at = (
            (proposed.opened_by, proposed.opened_at)
            if isinstance(proposed, Vote)
            else (proposed.created_by, proposed.created_at)
        )
        add_step(decision=decision, kind=Kind.PROPOSED, on=timezone.localdate(at), by=author)
    add_step(decision=decision, kind=Kind(decision.state), on=on, by=by)


def is_carried(decision: Decision) -> bool:
    """Return whether its result carries it under its majority rule."""
    if decision.mode != Decision.Mode.COUNTED:
        return True
    if decision.meeting_id is None and decision.lacks_quorum:
        return False  # by circulation too few voices decide nothing
    return finds_majority(decision.majority, yes=decision.yes or 0, no=decision.no or 0, towns=decision.towns)


def _topic_of(item: AgendaItem) -> str:
    return item.project.block if item.project else ""


def _discussed(item: AgendaItem, wording_id: int | None, version: int | None) -> Wording | None:
    if not wording_id:
        return None
    draft = Wording.objects.filter(pk=wording_id, item=item).first()
    if draft is None:
        raise Refused(_("This wording does not belong to this item."))
    need_draft(draft)
    if draft.version != version:
        raise Stale(WordingNow(draft, "wording"), last_author(draft))
    return draft


def record_draft(*, draft: Wording, decision: Decision, by: Membership) -> None:
    """Let a locked draft be recorded with its decision, with a last version where that has another text."""
    if draft.text != decision.wording:
        reword(wording=draft, text=decision.wording, by=by)
    draft.state, draft.decision = Wording.State.RECORDED, decision
    draft.save(update_fields=["state", "decision"])


def _need_session(meeting: Meeting, item: AgendaItem) -> None:
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Decisions are recorded while the meeting is in session. Open the meeting first."))
    if item.state not in (AgendaItem.State.PLANNED, AgendaItem.State.DONE):
        raise Refused(_("This item is not on the agenda of this meeting."))
    if (vote := open_vote_in(meeting)) and vote.item_id == item.pk:
        # What the municipalities are just saying would be decided before they have said it.
        raise Refused(
            _("“%(subject)s” is being voted on. Close the vote or withdraw it first.") % {"subject": vote.subject}
        )


def _present_and_needed(meeting: Meeting) -> tuple[int | None, int | None]:
    """Return how many towns are present, None where nobody's presence was recorded, and how many a quorum takes."""
    table = presence_of(meeting)
    return table.present if table.is_recorded else None, table.quorum.needed if table.quorum else None


def checked_votes(meeting: Meeting, mode: str, votes: Counts) -> Counts:
    """Return the counts to store; raises Refused for counts that cannot be."""
    if mode == Decision.Mode.UNANIMOUS:
        return None, None, None
    if mode != Decision.Mode.COUNTED:
        raise Refused(_("Choose how it was decided."))
    counts = [vote for vote in votes if vote is not None]
    if len(counts) < 3 or min(counts) < 0:
        raise Refused(_("Enter the number of votes, 0 where there were none."))
    if not sum(counts):
        raise Refused(_("A count of votes needs at least one vote."))
    towns = active_accessions(meeting.network, meeting.held_on).values("municipality").distinct().count()
    if sum(counts) > towns:
        numbers = {"votes": sum(counts), "towns": towns}
        raise Refused(
            _("These are %(votes)s votes, but the network has %(towns)s municipalities. Check the counts.") % numbers
        )
    return votes


def _too_many(votes: int, present: int) -> str:
    return ngettext(
        "These are %(votes)s votes, but %(present)s municipality is present. Set who is here, or check the counts.",
        "These are %(votes)s votes, but %(present)s municipalities are present. Set who is here, or check the counts.",
        present,
    ) % {"votes": votes, "present": present}


def _next_number(network_id: int, year: int) -> int:
    """Return the next number of that year; its row stays locked until the end of the transaction."""
    counters = DecisionNumber.objects.filter(network=network_id, year=year)
    if not counters.exists():
        # Two at once: the second finds the row of the first when it takes the lock.
        DecisionNumber.objects.bulk_create([DecisionNumber(network_id=network_id, year=year)], ignore_conflicts=True)
    counter = counters.select_for_update(no_key=True).get()
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def tell_of_decision(*, decision: Decision, by: Membership, regions: Sequence[str] = ()) -> None:
    """Put a new decision into the search and the network's log, as the last thing its domain function does."""
    index.put(decision_entry(decision))
    record(
        decision.network,
        verb="decision_recorded",
        actor=by,
        obj=decision,
        regions=[*regions_of(decision), *regions],
        params={"reference": decision.reference, "subject": decision.subject, "item_id": decision.item_id},
    )
