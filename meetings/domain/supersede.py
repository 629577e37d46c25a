"""One decision takes the place of another. No circle can arise: only a decision in force supersedes, and one that is
superseded is not in force.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.network.access import need
from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, Meeting
from meetings.rules.decision import may_run

from .coming_up import settle_reviews
from .decision_regions import regions_of
from .life import enter, is_entered, locked_lives, meanwhile, need_day, need_reason, need_state
from .life_steps import tell_of_life

State = Decision.State


@transaction.atomic
def supersede(*, decision: Decision, other: Decision, reason: str, on: date, expected: str, by: Membership) -> Decision:
    """Let another decision of the network that is in force take this one's place; twice the same is once.

    Raises Refused where somebody was first with either of them: it says who, and with which decision.
    """
    lives = locked_lives([decision.pk, other.pk])
    decision, other = lives[decision.pk], lives[other.pk]
    need(may_run(by, decision) and other.network_id == decision.network_id)
    if decision.superseded_by_id == other.pk and is_entered(decision, State.SUPERSEDED, by, reason):
        return decision
    if decision.pk == other.pk:
        raise Refused(_("A decision cannot supersede itself. Name the decision that takes its place."))
    need_state(decision, State.SUPERSEDED, expected)
    if other.state != State.IN_FORCE:
        raise Refused(_("Only a decision in force can supersede another one. %(why)s") % {"why": meanwhile(other)})
    need_reason(reason)
    need_day(decision, on)
    return _superseded(decision, other, on, by, reason)


def locked_with_meeting(decision: Decision, item: AgendaItem) -> Decision:
    """Return the decision that the one about to be recorded on the item will replace: locked with the meeting, the
    groups first.
    """
    return locked_lives([decision.pk], item.meeting_id)[decision.pk]


def need_replaceable(old: Decision, meeting: Meeting, actor: Membership) -> None:
    """Raise Refused where it is not in force any more; whoever writes in a meeting replaces what its group decided."""
    need(old.network_id == meeting.network_id and (old.group_id == meeting.group_id or may_run(actor, old)))
    if old.state != State.IN_FORCE:
        raise Refused(meanwhile(old))


def replace_with_new(*, old: Decision, new: Decision, by: Membership) -> None:
    """Let a decision that was recorded just now supersede a locked one; what was rejected replaces nothing."""
    if new.carried:
        reason = _("Decided so with decision %(reference)s.") % {"reference": new.reference}
        _superseded(old, new, new.decided_on, by, reason)


def release(*, decision: Decision, by: Membership) -> None:
    """Put back in force what a decision had replaced that does not count after all."""
    keys = list(decision.supersedes.values_list("pk", flat=True))
    for old in locked_lives(keys).values() if keys else ():
        reason = _("Decision %(reference)s, which had replaced it, does not count.") % {"reference": decision.reference}
        enter(decision=old, state=State.IN_FORCE, on=timezone.localdate(), by=by, reason=reason)
        tell_of_life(old, "decision_reinstated", by, reason=reason)


def _superseded(decision: Decision, other: Decision, on: date, by: Membership, reason: str) -> Decision:
    enter(decision=decision, state=State.SUPERSEDED, on=on, by=by, reason=reason, other=other)
    regions = [*settle_reviews(decision, actor=by), *regions_of(other)]
    return tell_of_life(decision, "decision_superseded", by, regions, reason=reason, other=other.reference)
