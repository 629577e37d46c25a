"""What is written down under an item while the meeting is in session: action items."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import AgendaItem, Meeting, RecordedAction
from workgroups.domain.action_item import add_action_item
from workgroups.models import ActionItem

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
        by=by,
        request_id=request_id,
        regions=[*of_agenda(meeting, item), *of_log(item)],
        in_meeting=True,
        item_id=item.pk,
    )
    RecordedAction.objects.get_or_create(action_item=action, defaults={"item": item})
    return action
