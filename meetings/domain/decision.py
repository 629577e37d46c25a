"""Recording a decision: the only way to get one, and the only place that gives numbers."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from collab.search import index
from meetings import rules
from meetings.models import AgendaItem, Decision, DecisionNumber, Meeting, Wording
from meetings.queries.entries import decision_entry
from meetings.queries.presence import presence_of
from meetings.queries.wording import last_author
from workgroups.queries.group import active_accessions

from .agenda import locked_item
from .regions import of_agenda, of_log
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
) -> Decision:
    """Record what was decided on an item and return it with its number (the same one when the form was sent
    twice).

    `wording_id` and `version` name the draft that was discussed, as the person saw it: it is recorded with this
    decision, with a last version of its own where the wording was changed in the form.

    The numbers of a network and year have no gaps: the counter is raised in this transaction, under its
    row's lock.
    How many towns are present and how many a quorum takes is kept with it: without a quorum it is recorded all the
    same, and says so.
    Raises Refused where the meeting is not in session, the item is not on its agenda, the counts cannot be (more votes
    than towns present, too), or the draft is no longer under discussion; Stale where it was amended since.
    """
    meeting, item = locked_item(item)
    need(rules.may_record(by, meeting))
    if request_id and (twin := Decision.objects.filter(request_id=request_id, recorded_by=by).first()):
        return twin
    need_new_form(Decision, request_id)
    _need_session(meeting, item)
    draft = _discussed(item, wording_id, version)
    present, needed = _present_and_needed(meeting)
    votes = checked_votes(meeting, mode, (yes, no, abstain))
    if present and (cast := sum(vote or 0 for vote in votes)) > present:
        raise Refused(_too_many(cast, present))
    decision = Decision(network=meeting.network, meeting=meeting, item=item, recorded_by=by, request_id=request_id)
    decision.subject, decision.wording, decision.mode = item.title, wording, mode
    decision.yes, decision.no, decision.abstain = votes
    decision.present, decision.needed = present, needed
    decision.decided_on = meeting.held_on
    decision.year, decision.number = meeting.held_on.year, _next_number(meeting)
    decision.save()
    if draft:
        _record_draft(draft, decision, by)
    _record(decision, by)
    return decision


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


def _record_draft(draft: Wording, decision: Decision, by: Membership) -> None:
    if draft.text != decision.wording:
        reword(wording=draft, text=decision.wording, by=by)
    draft.state, draft.decision = Wording.State.RECORDED, decision
    draft.save(update_fields=["state", "decision"])


def _need_session(meeting: Meeting, item: AgendaItem) -> None:
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Decisions are recorded while the meeting is in session. Open the meeting first."))
    if item.state not in (AgendaItem.State.PLANNED, AgendaItem.State.DONE):
        raise Refused(_("This item is not on the agenda of this meeting."))


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


def _next_number(meeting: Meeting) -> int:
    """Return the next number of the year in which the meeting is held; its row stays locked until the end."""
    year = meeting.held_on.year
    counters = DecisionNumber.objects.filter(network=meeting.network_id, year=year)
    if not counters.exists():
        # Two at once: the second finds the row of the first when it takes the lock.
        DecisionNumber.objects.bulk_create(
            [DecisionNumber(network_id=meeting.network_id, year=year)], ignore_conflicts=True
        )
    counter = counters.select_for_update(no_key=True).get()
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def regions_of(decision: Decision) -> list[str]:
    """Return the regions that show the decision."""
    return [
        *of_agenda(decision.meeting, decision.item),
        *of_log(decision.item),
        region_id("decision-log", decision.network_id),
        region_id("group-decisions", decision.meeting.group_id),
    ]


def _record(decision: Decision, by: Membership) -> None:
    index.put(decision_entry(decision))
    record(
        decision.network,
        verb="decision_recorded",
        actor=by,
        obj=decision,
        regions=regions_of(decision),
        params={"reference": decision.reference, "subject": decision.subject, "item_id": decision.item_id},
    )
