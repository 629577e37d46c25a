"""What the chair of a group enters into the life of a decision: fulfilled, revoked, back in force, corrected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership
from collab.search import index
from meetings.models import Decision, DecisionStep, Meeting
from meetings.queries.entries import decision_entry
from meetings.queries.life import last_step
from meetings.queries.minutes import is_in_minutes
from meetings.rules.decision import may_run

from .coming_up import settle_reviews
from .decision_regions import of_preparation, regions_of
from .life import Kind, add_step, enter, is_entered, locked_lives, need_day, need_reason, need_state

State = Decision.State
VERBS = {
    State.FULFILLED: "decision_fulfilled",
    State.REVOKED: "decision_revoked",
    State.IN_FORCE: "decision_reinstated",
}


def fulfil(*, decision: Decision, reason: str, on: date, expected: str, by: Membership) -> Decision:
    """Mark it as fulfilled: what it asks for has been done. Raises as `_enter`."""
    return _enter(decision, State.FULFILLED, reason=reason, on=on, expected=expected, by=by)


def revoke(*, decision: Decision, reason: str, on: date, expected: str, by: Membership) -> Decision:
    """Mark it as revoked. Raises as `_enter`."""
    return _enter(decision, State.REVOKED, reason=reason, on=on, expected=expected, by=by)


def reinstate(*, decision: Decision, reason: str, on: date, expected: str, by: Membership) -> Decision:
    """Put it back in force, whatever ended that; a last day that is over is taken away. Raises as `_enter`."""
    return _enter(decision, State.IN_FORCE, reason=reason, on=on, expected=expected, by=by)


@transaction.atomic
def _enter(
    decision: Decision, state: Decision.State, *, reason: str, on: date, expected: str, by: Membership
) -> Decision:
    """Bring it into a state; twice the same is once.

    Raises Refused without a reason, for a day that cannot be, and where it is no longer in the state `expected`.
    """
    decision = locked_lives([decision.pk])[decision.pk]
    need(may_run(by, decision))
    if is_entered(decision, state, by, reason):
        return decision
    need_state(decision, state, expected)
    need_reason(reason)
    need_day(decision, on)
    if state == State.IN_FORCE and decision.expires_on and decision.expires_on < timezone.localdate():
        decision.expires_on = None
        decision.save(update_fields=["expires_on"])
    was = decision.superseded_by
    enter(decision=decision, state=state, on=on, by=by, reason=reason)
    regions = [*settle_reviews(decision, actor=by), *(regions_of(was) if was else [])]
    return tell_of_life(decision, VERBS[state], by, regions, reason=reason)


@transaction.atomic
def add_correction(*, decision: Decision, text: str, reason: str, seen: int, by: Membership) -> DecisionStep:
    """Add what the wording should read to a decision whose meeting is closed; the wording itself stays. Twice is once.

    `seen` is the number of the last such entry that the person saw, 0 for none. Raises Stale where somebody else
    added one since, Refused while the meeting is in session (unless finalised minutes hold it already) and where the
    text says the same.
    """
    decision = locked_lives([decision.pk])[decision.pk]
    need(may_run(by, decision))
    last = last_step(decision, Kind.CORRECTED)
    if last and (last.text, last.reason, last.by_id) == (text, reason, by.pk):
        return last
    if decision.is_void:
        raise Refused(_("This decision was recorded by mistake and does not count. There is nothing to correct."))
    if decision.meeting and decision.meeting.state == Meeting.State.OPEN and not is_in_minutes(decision):
        raise Refused(_("The meeting is still in session: correct the decision itself."))
    if last and last.number != seen:
        raise Stale(CorrectionNow(last), last.by_name)
    need_reason(reason)
    if text == (last.text if last else decision.wording):
        raise Refused(_("This is what it says already. Change what was wrong."))
    today = timezone.localdate()
    step = add_step(decision=decision, kind=Kind.CORRECTED, on=today, by=by, reason=reason, text=text)
    tell_of_life(decision, "decision_correction_added", by, reason=reason)
    return step


class CorrectionNow:
    """The latest correction, as the form that adds another one shows it."""

    def __init__(self, step: DecisionStep) -> None:
        self.text, self.reason, self.version = step.text, step.reason, step.number


def tell_of_life(
    decision: Decision, verb: str, actor: Membership | None, regions: Iterable[str] = (), **params: Any
) -> Decision:
    """Put a step into the search and the network's log, as the last thing its domain function does."""
    index.put(decision_entry(decision))
    record(
        decision.network,
        verb=verb,
        actor=actor,
        obj=decision,
        regions=[*regions_of(decision), *of_preparation(decision.group_id), *regions],
        params={
            "reference": decision.reference,
            "subject": decision.subject,
            "item_id": decision.item_id,
            **params,
        },
    )
    return decision
