"""Two who lead at the same moment: one step, the second is told."""

from __future__ import annotations

import pytest

from collab.live.models import Change
from collab.network.models import Membership
from meetings.domain.leading import add_on_the_spot, defer_item, take_pen, undo
from meetings.domain.room import next_item, open_meeting
from meetings.models import AgendaItem, Meeting, Step
from meetings.queries.steps import last_step
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.test_agenda import propose
from tests.test_races import assert_versions_gapless, at_once, errors, values
from workgroups.models import GroupMembership

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def second_chair(cast: Cast) -> Membership:
    GroupMembership.objects.create(group=cast.group, membership=cast.durbach, role="chair")
    return cast.durbach


@pytest.fixture
def running(cast: Cast) -> Meeting:
    meeting = make_meeting(cast)
    for title in "ABC":
        propose(cast.coordinator, meeting, title=title)
    return open_meeting(meeting=meeting, by=cast.coordinator)


def test_next_and_next(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    seen = running.active_item_id
    outcomes = at_once(
        lambda: next_item(meeting=running, expected=seen, by=cast.coordinator),
        lambda: next_item(meeting=running, expected=seen, by=second_chair),
    )
    assert errors(outcomes) == ["Refused"]
    running.refresh_from_db()
    assert running.active_item.title == "B"
    assert Step.objects.filter(verb="item_started").count() == 1
    assert_versions_gapless(running.network_id)


def test_undo_and_next(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    """Either the step is taken back and "next" finds another item active, or the undo is told of the newer step."""
    running = next_item(meeting=running, expected=running.active_item_id, by=cast.coordinator)
    step, seen = last_step(running).pk, running.active_item_id
    outcomes = at_once(
        lambda: undo(meeting=running, step=step, by=cast.coordinator),
        lambda: next_item(meeting=running, expected=seen, by=second_chair),
    )
    assert errors(outcomes) == ["Refused"]
    running.refresh_from_db()
    assert running.active_item.title in ("A", "C")
    ticking = AgendaItem.objects.filter(meeting=running, running_since__isnull=False)
    assert [item.pk for item in ticking] == [running.active_item_id]
    assert_versions_gapless(running.network_id)


def test_undo_and_undo(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    running = next_item(meeting=running, expected=running.active_item_id, by=cast.coordinator)
    step = last_step(running).pk
    outcomes = at_once(
        lambda: undo(meeting=running, step=step, by=cast.coordinator),
        lambda: undo(meeting=running, step=step, by=second_chair),
    )
    assert errors(outcomes) == []
    assert Change.objects.filter(verb="step_undone").count() == 1
    running.refresh_from_db()
    assert running.active_item.title == "A"


def test_defer_and_next(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    first, seen = running.active_item, running.active_item_id
    outcomes = at_once(
        lambda: defer_item(item=first, expected=seen, by=cast.coordinator),
        lambda: next_item(meeting=running, expected=seen, by=second_chair),
    )
    assert errors(outcomes) == ["Refused"]
    running.refresh_from_db()
    assert running.active_item.title == "B"


def test_two_take_the_pen(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    outcomes = at_once(
        lambda: take_pen(meeting=running, expected=None, by=cast.coordinator),
        lambda: take_pen(meeting=running, expected=None, by=second_chair),
    )
    assert errors(outcomes) == ["Refused"]
    running.refresh_from_db()
    assert running.minute_taker == values(outcomes)[0].minute_taker
    told = next(str(outcome.error) for outcome in outcomes if outcome.error)
    assert running.minute_taker.person.name in told
    assert Change.objects.filter(verb="pen_taken").count() == 1


def test_two_add_and_start(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    seen = running.active_item_id

    def add(title: str, by: Membership) -> AgendaItem:
        more = {"minutes": 5, "kind": "report", "start": True, "expected": seen, "by": by}
        return add_on_the_spot(meeting=running, title=title, **more)

    outcomes = at_once(lambda: add("X", cast.coordinator), lambda: add("Y", second_chair))
    assert errors(outcomes) == ["Refused"]
    assert AgendaItem.objects.filter(title__in="XY").count() == 1
