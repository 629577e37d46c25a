"""The steps in the life of a decision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.network.models import Membership
from meetings.models import Decision, DecisionStep, Meeting
from meetings.queries.life import to_come_up
from workgroups.models import Group

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


# Whose order this is: a step ends with one state and may begin from these.
FROM = {
    Decision.State.FULFILLED: (Decision.State.IN_FORCE,),
    Decision.State.REVOKED: (Decision.State.IN_FORCE, Decision.State.FULFILLED),
    Decision.State.SUPERSEDED: (Decision.State.IN_FORCE, Decision.State.FULFILLED),
    Decision.State.IN_FORCE: (
        Decision.State.FULFILLED,
        Decision.State.REVOKED,
        Decision.State.EXPIRED,
        Decision.State.SUPERSEDED,
    ),
}
OF_STATE = [state.value for state in Decision.State]


def locked_lives(keys: Collection[int], *meetings: int) -> dict[int, Decision]:
    """Return these decisions as they are now, by key, locked with all that a step in their lives touches.

    Outermost first: their groups, the meetings to come in which they come up again (and `meetings`), then they
    themselves, the lower key first.
    """
    groups = Decision.objects.filter(pk__in=keys).order_by().values("group")
    _lock(Group.objects.filter(pk__in=groups))
    again = to_come_up(keys).order_by().values("meeting")
    _lock(Meeting.objects.filter(Q(pk__in=again) | Q(pk__in=meetings)))
    rows = Decision.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    return {
        one.pk: one for one in rows.select_related("network", "group", "meeting__network", "meeting__group", "item")
    }


def _lock(rows: QuerySet[Any]) -> None:
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def is_entered(decision: Decision, state: Decision.State, actor: Membership, reason: str) -> bool:
    """Return whether this person has brought it into this state already, for this reason: a form sent twice."""
    last = decision.steps.filter(kind__in=OF_STATE).last()
    return decision.state == state and last is not None and (last.by_id, last.reason) == (actor.pk, reason)


def need_state(decision: Decision, state: Decision.State, expected: str) -> None:
    """Raise Refused where the decision is no longer in the state the person saw, or cannot get from it to `state`."""
    if decision.state != expected:
        raise Refused(meanwhile(decision))
    if expected not in FROM[state]:
        raise Refused(
            _("A decision that is “%(state)s” cannot become “%(wanted)s”.")
            % {"state": decision.get_state_display(), "wanted": state.label}
        )


def meanwhile(decision: Decision) -> str:
    """Return the sentence that tells a second person what the first has done with the decision."""
    last = decision.steps.filter(kind__in=OF_STATE).select_related("other").last()
    values = {
        "reference": decision.reference,
        "state": decision.get_state_display(),
        "who": last.by_name if last else "",
        "other": last.other.reference if last and last.other else "",
    }
    if decision.state == Decision.State.SUPERSEDED:
        return _("%(who)s was first: decision %(other)s supersedes decision %(reference)s now.") % values
    if values["who"]:
        return _("%(who)s was first: decision %(reference)s is “%(state)s” now.") % values
    return _("Decision %(reference)s is “%(state)s” now.") % values


def need_day(decision: Decision, on: date) -> None:
    """Raise Refused for a day on which its state cannot change: before it got the one it has, or to come."""
    if on > timezone.localdate():
        raise Refused(_("This day is still to come. Enter today, or set “in force until” instead."))
    if on < (decision.state_on or decision.decided_on):
        raise Refused(
            _("On that day the decision was not “%(state)s” yet. Enter a later day.")
            % {"state": decision.get_state_display()}
        )


def need_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why: the reason stays beside the decision."))
