"""The review of open action items in a meeting: checked off one by one."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import ActionCheck, AgendaItem, Meeting
from meetings.queries.closing import is_review, reviewable
from workgroups.domain.action_item import change_due, change_state, locked_action
from workgroups.models import ActionItem

from .agenda import locked_item
from .regions import of_room

Outcome = ActionCheck.Outcome
STATES = {Outcome.DONE: ActionItem.State.DONE, Outcome.DROPPED: ActionItem.State.DROPPED}


@transaction.atomic
def check_action(
    *,
    item: AgendaItem,
    action: ActionItem,
    outcome: str,
    by: Membership,
    note: str = "",
    due_on: date | None = None,
    expected: str | None = None,
) -> ActionCheck:
    """Say in a review what became of an action item: done, stays open (with `due_on`: until a new day), dropped.

    The action item itself changes with it; the note says why, and is needed to drop it or to move its date. `expected`
    is the outcome the person saw ("" for none yet): Refused where somebody else said something else meanwhile. The
    same said twice does nothing more.
    """
    meeting, item = locked_item(item)
    action = locked_action(action)
    need(rules.may_check(by, action, outcome, rules.standing(by, meeting)))
    _need_review(meeting, item, action)
    outcome = Outcome(outcome)
    check = ActionCheck.objects.filter(item=item, action_item=action).select_related("by__person").first()
    due_on = due_on if outcome == Outcome.STAYS and due_on != action.due_on else None
    if check and check.outcome == outcome and not due_on and (not note or note == check.note):
        return check
    _need_expected(check, expected)
    _change(action, outcome, note, due_on, by)
    check, _made = ActionCheck.objects.update_or_create(
        item=item, action_item=action, defaults={"outcome": outcome, "note": note, "by": by}
    )
    record(
        meeting.network,
        verb="action_reviewed",
        actor=by,
        obj=item,
        regions=[
            *of_room(meeting, "review", "summary"),
            region_id("item", item.pk),
            region_id("action-item", action.pk),
        ],
        params={"title": action.title, "outcome": outcome.value, "note": note},
    )
    return check


def _need_review(meeting: Meeting, item: AgendaItem, action: ActionItem) -> None:
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Action items are checked off while the meeting is in session."))
    if not is_review(item) or item.state not in AgendaItem.ON_AGENDA:
        raise Refused(_("This item of the agenda is no review of action items."))
    if not reviewable(meeting).filter(pk=action.pk).exists():
        raise Refused(_("This action item does not come up in this review."))


def _need_expected(check: ActionCheck | None, expected: str | None) -> None:
    if expected is not None and expected != (check.outcome if check else ""):
        said = check.get_outcome_display() if check else "–"
        who = str(check.by) if check else ""
        raise Refused(
            _("Somebody else has just said something about it (%(who)s: %(said)s).") % {"who": who, "said": said}
        )


def _change(action: ActionItem, outcome: Outcome, note: str, due_on: date | None, by: Membership) -> None:
    """Let the action item be what was said of it; nothing where it is so already."""
    # What stays open may have been said to be done by mistake.
    stays = action.state if action.is_open else ActionItem.State.OPEN.value
    state = STATES[outcome].value if outcome in STATES else stays
    if state != action.state:
        action = change_state(action=action, state=state, note=note, version=action.version, by=by, in_meeting=True)
    if due_on:
        change_due(action=action, due_on=due_on, reason=note, version=action.version, by=by, in_meeting=True)
