"""What is written down under an item while the meeting is in session: action items, and what towns take on."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import AgendaItem, Meeting, RecordedAction, RecordedInvolvement
from workgroups.domain.action_item import add_action_item
from workgroups.domain.involvement import take_on
from workgroups.models import ActionItem, Involvement

from .agenda import locked_item
from .regions import of_agenda, of_log


@transaction.atomic
def record_action(
    *,
    item: AgendaItem,
    title: str,
    municipality: Municipality | None,
    person: Membership | None,
    due_on: date | None,
    note: str,
    by: Membership,
    request_id: UUID | None = None,
) -> ActionItem:
    """Write down an action item agreed on under an agenda item; any town may be named, it sits at the table."""
    meeting, item = locked_item(item)
    need(rules.may_write(rules.standing(by, meeting)))
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Action items are recorded while the meeting is in session."))
    action = add_action_item(
        network=meeting.network,
        title=title,
        municipality=municipality,
        person=person,
        due_on=due_on,
        note=note,
        group=meeting.group,
        # One that was joined to another goes on there.
        project=item.project.joined_to or item.project if item.project else None,
        by=by,
        request_id=request_id,
        regions=[*of_agenda(meeting, item), *of_log(item)],
        in_meeting=True,
        item_id=item.pk,
    )
    RecordedAction.objects.get_or_create(action_item=action, defaults={"item": item})
    return action


@transaction.atomic
def record_involvement(*, item: AgendaItem, role: str, by: Membership) -> Involvement:
    """Let the person's own town take part in the project that the item is about, for the minutes; returns its part.

    Pressed twice, it is recorded once. Raises Refused as `take_on` does, and outside of the session.
    """
    meeting, item = locked_item(item)
    need(rules.may_propose(rules.standing(by, meeting)))
    if item.project is None:
        raise Refused(_("This item is not about a project any more."))
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("The meeting is not in session. Take part from the project's own page."))
    regions = [*of_agenda(meeting, item), *of_log(item)]
    # The button of a page that has not heard yet that the town leads must not end that.
    part = take_on(project=item.project, role=role, by=by, regions=regions, gives_up_nothing=True)
    if meeting.opened_at and part.began_at >= meeting.opened_at:
        RecordedInvolvement.objects.get_or_create(involvement=part, defaults={"item": item})
    return part
