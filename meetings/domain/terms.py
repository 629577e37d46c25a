"""How long a decision is in force, and when it comes up again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab import clock
from collab.live.answers import Refused, Stale
from collab.network.access import need
from collab.network.models import Membership
from meetings.models import Decision
from meetings.queries.life import last_step, terms_as_text
from meetings.rules.decision import may_run

from .coming_up import settle_reviews
from .life import Kind, add_step, enter, locked_lives, need_reason
from .life_steps import tell_of_life

AT_ONCE = 100


class TermsNow:
    """A decision's dates as the form shows them; their `version` is the number of the step that set them."""

    def __init__(self, decision: Decision) -> None:
        step = last_step(decision, Kind.TERMS)
        self.expires_on, self.review_on = decision.expires_on, decision.review_on
        self.version, self.who = (step.number, step.by_name) if step else (0, "")


@transaction.atomic
def set_terms(
    *,
    decision: Decision,
    expires_on: date | None,
    review_on: date | None,
    reason: str,
    version: int,
    by: Membership,
) -> Decision:
    """Set the last day in force and the day of review, None for none; the review goes onto an agenda at once.

    Raises Stale where somebody else set other dates since `version` (see `TermsNow`), Refused for days that are over,
    a review after the last day, and a decision that is not in force.
    """
    decision = locked_lives([decision.pk])[decision.pk]
    need(may_run(by, decision))
    if (decision.expires_on, decision.review_on) == (expires_on, review_on):
        return decision
    if (now := TermsNow(decision)).version != version:
        raise Stale(now, now.who)
    if decision.state != Decision.State.IN_FORCE:
        raise Refused(_("Only a decision in force has a last day and a review. Put it back in force first."))
    need_reason(reason)
    _need_days_to_come(decision, expires_on, review_on)
    decision.expires_on, decision.review_on = expires_on, review_on
    decision.save(update_fields=["expires_on", "review_on"])
    text = terms_as_text(expires_on, review_on)
    add_step(decision=decision, kind=Kind.TERMS, on=timezone.localdate(), by=by, reason=reason, text=text)
    regions = settle_reviews(decision, actor=by)
    return tell_of_life(decision, "decision_terms_set", by, regions, reason=reason)


def _need_days_to_come(decision: Decision, expires_on: date | None, review_on: date | None) -> None:
    today = timezone.localdate()
    if expires_on and expires_on < today and expires_on != decision.expires_on:
        raise Refused(_("The last day in force is over already. Enter today or a later day, or revoke the decision."))
    if review_on and review_on < today and review_on != decision.review_on:
        raise Refused(_("The day of the review is over already. Enter today or a later day."))
    if expires_on and review_on and review_on > expires_on:
        raise Refused(_("The review would come after the last day in force. Choose an earlier day for it."))


def expire_due(now: datetime) -> None:
    """Mark as expired what was in force until yesterday or before, by the local date: a job of the clock."""
    today = timezone.localdate(now)
    due = Decision.objects.filter(state=Decision.State.IN_FORCE, expires_on__lt=today)
    clock.each(_expire, list(due.order_by("expires_on", "pk").values_list("pk", flat=True)[:AT_ONCE]), today)


@transaction.atomic
def _expire(pk: int, today: date) -> None:
    decision = locked_lives([pk])[pk]
    # Another process may have been first, or its dates were changed meanwhile.
    if decision.state != Decision.State.IN_FORCE or decision.expires_on is None or decision.expires_on >= today:
        return
    enter(decision=decision, state=Decision.State.EXPIRED, on=decision.expires_on + timedelta(days=1), by=None)
    tell_of_life(decision, "decision_expired", None, settle_reviews(decision, actor=None))
