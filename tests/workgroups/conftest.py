from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from meetings.models import AgendaItem, Meeting, RecordedAction
from tests.conftest import Cast
from workgroups.domain.action_item import add_action_item
from workgroups.models import ActionItem


@pytest.fixture
def action(cast: Cast) -> ActionItem:
    """Kehl introduces the e-file within ten days."""
    return make_action(cast, title="Introduce the e-file", due_on=timezone.localdate() + timedelta(days=10))


def make_action(cast: Cast, **more: Any) -> ActionItem:
    values = {
        "network": cast.network,
        "title": "Introduce the e-file",
        "municipality": cast.town("kehl"),
        "person": None,
        "due_on": None,
        "by": cast.coordinator,
    }
    # The coordinator names a town where it sits at the table.
    values["in_meeting"] = more.get("by", cast.coordinator) == cast.coordinator
    return add_action_item(**{**values, **more})


def days(number: int) -> date:
    """The day so many days from today, as Germany counts it."""
    return timezone.localdate() + timedelta(days=number)


def born_in(meeting: Meeting, action: ActionItem) -> AgendaItem:
    item = AgendaItem.objects.create(meeting=meeting, title="E-file", state=AgendaItem.State.PLANNED, position=1)
    RecordedAction.objects.create(item=item, action_item=action)
    return item
