"""The steps in the life of a decision."""

from __future__ import annotations

from datetime import date

from django.db.models import Max

from collab.network.models import Membership
from meetings.models import Decision, DecisionStep

Kind = DecisionStep.Kind


def enter(
    *,
    decision: Decision,
    state: Decision.State,
    on: date,
    by: Membership | None,
    reason: str = "",
    other: Decision | None = None,
) -> DecisionStep:
    """Bring a locked decision into a state, with the step that says when, by whom and why. `by` is None by date."""
    decision.state, decision.state_on = state, on
    decision.superseded_by = other if state == Decision.State.SUPERSEDED else None
    decision.save(update_fields=["state", "state_on", "superseded_by"])
    return add_step(decision=decision, kind=Kind(state), on=on, by=by, reason=reason, other=other)


def add_step(
    *,
    decision: Decision,
    kind: DecisionStep.Kind,
    on: date,
    by: Membership | None,
    reason: str = "",
    text: str = "",
    other: Decision | None = None,
) -> DecisionStep:
    """Add the next entry to a locked decision's life and return it; who did it is named as they are called now."""
    last = decision.steps.aggregate(last=Max("number"))["last"] or 0
    return DecisionStep.objects.create(
        decision=decision,
        number=last + 1,
        kind=kind,
        on=on,
        reason=reason,
        text=text,
        other=other,
        by=by,
        by_name=str(by) if by else "",
    )
