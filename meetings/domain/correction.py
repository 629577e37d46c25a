"""Correcting what was recorded, with a trace: a slip while the meeting is in session, an entry made by mistake."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor, record
from collab.network.access import need
from collab.network.models import Membership
from collab.search import index
from meetings import rules
from meetings.models import Decision, DecisionRevision, Meeting
from meetings.queries.entries import decision_entry
from meetings.queries.minutes import is_in_minutes
from meetings.queries.vote import was_voted_on

from .agenda import locked_item
from .decision import Counts, checked_votes, is_carried
from .decision_regions import regions_of
from .life import enter, locked_lives
from .supersede import release

KEPT = ("wording", "mode", "yes", "no", "abstain")


@transaction.atomic
def correct_decision(
    *,
    decision: Decision,
    wording: str,
    mode: str,
    yes: int | None,
    no: int | None,
    abstain: int | None,
    reason: str,
    version: int,
    by: Membership,
) -> Decision:
    """Correct the wording or the result; what stood there before is kept and shown, with the reason.

    Raises Stale where somebody else corrected it since `version`, Refused once the meeting is closed.
    """
    decision, meeting = _correctable(decision, by)
    if decision.is_void:
        raise Refused(_("This decision was marked as recorded by mistake and stays as it is. Record the right one."))
    votes = _counted(decision, meeting, mode, (yes, no, abstain))
    if decision.present and (cast := sum(vote or 0 for vote in votes)) > decision.present:
        raise Refused(_too_many(cast, decision.present))
    wanted = dict(zip(KEPT, (wording, mode, *votes), strict=True))
    if all(getattr(decision, name) == value for name, value in wanted.items()):
        return decision
    _need(decision, version, reason)
    kept = {name: getattr(decision, name) for name in KEPT}
    DecisionRevision.objects.create(decision=decision, number=decision.version, reason=reason, by=by, **kept)
    return _changed(decision, wanted, "decision_corrected", by, reason)


def _counted(decision: Decision, meeting: Meeting, mode: str, votes: Counts) -> Counts:
    """Return the counts to store. What municipalities voted was counted from their voices, and nobody edits that."""
    if not was_voted_on(decision):
        return checked_votes(meeting, mode, votes)
    if (mode, *votes) != (decision.mode, decision.yes, decision.no, decision.abstain):
        raise Refused(_("The result was counted from the voices of the municipalities and is not edited."))
    return votes


@transaction.atomic
def void_decision(*, decision: Decision, reason: str, version: int, by: Membership) -> Decision:
    """Mark a decision as recorded by mistake: its number stays taken, the entry stays readable. Twice is once."""
    decision, _meeting = _correctable(decision, by)
    if decision.is_void:
        return decision
    _need(decision, version, reason)
    wanted = {"voided_at": timezone.now(), "voided_by": by, "void_reason": reason}
    enter(decision=decision, state=Decision.State.VOID, on=timezone.localdate(), by=by, reason=reason)
    return _changed(decision, wanted, "decision_voided", by, reason)


def _too_many(votes: int, present: int) -> str:
    return ngettext(
        "These are %(votes)s votes, but %(present)s municipality was present when the decision was recorded. "
        "Check the counts. If somebody was missing from the list, mark the decision as recorded by mistake, set who is "
        "here and record it again.",
        "These are %(votes)s votes, but %(present)s municipalities were present when the decision was recorded. "
        "Check the counts. If somebody was missing from the list, mark the decision as recorded by mistake, set who is "
        "here and record it again.",
        present,
    ) % {"votes": votes, "present": present}


def _correctable(decision: Decision, by: Membership) -> tuple[Decision, Meeting]:
    """Return the decision as it is now and its meeting, locked; raises Refused where that is not in session."""
    if decision.item is None or decision.meeting_id is None:
        raise Refused(_("What was decided by circulation is not changed any more. Add a correction instead."))
    # What it replaced comes back into force where it does not count any more.
    replaced = decision.supersedes.values_list("pk", flat=True)
    fresh = locked_lives([decision.pk, *replaced], decision.meeting_id)[decision.pk]
    meeting, item = locked_item(decision.item)
    need(rules.may_record(by, meeting))
    fresh.meeting, fresh.item = meeting, item
    if meeting.state != Meeting.State.OPEN:
        raise Refused(
            _(
                "The decisions of a closed meeting are not changed any more. "
                "Reopen the meeting with a reason, or record a new decision that replaces this one."
            )
        )
    if is_in_minutes(fresh):
        raise Refused(
            _(
                "Decision %(reference)s stands in finalised minutes and is not changed any more. "
                "Add a correction on its page, or revoke it there."
            )
            % {"reference": fresh.reference}
        )
    return fresh, meeting


def _need(decision: Decision, version: int, reason: str) -> None:
    if decision.version != version:
        raise Stale(decision, last_actor(decision))
    if not reason.strip():
        raise Refused(_("Say why: the reason stays beside the decision."))


def _changed(decision: Decision, values: dict[str, Any], verb: str, by: Membership, reason: str) -> Decision:
    for name, value in values.items():
        setattr(decision, name, value)
    decision.version += 1
    decision.save(update_fields=[*values, "version"])
    if not decision.is_void and (carried := is_carried(decision)) != decision.carried:
        decision.carried = carried
        decision.save(update_fields=["carried"])
        state = Decision.State.IN_FORCE if carried else Decision.State.REJECTED
        enter(decision=decision, state=state, on=decision.decided_on, by=by, reason=reason)
    if decision.is_void or not decision.carried:
        release(decision=decision, by=by)
    index.put(decision_entry(decision))
    record(
        decision.network,
        verb=verb,
        actor=by,
        obj=decision,
        regions=regions_of(decision),
        params={
            "reference": decision.reference,
            "subject": decision.subject,
            "reason": reason,
            "item_id": decision.item_id,
        },
    )
    return decision
