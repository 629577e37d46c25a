"""Closing at the same moment as something else, over real transactions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from collab.live.answers import Refused
from collab.live.models import Change
from meetings.domain.agenda import edit_item
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.decision import record_decision
from meetings.domain.ideas import drop_idea, park_idea, take_idea
from meetings.domain.review import check_action
from meetings.domain.room import next_item, open_meeting
from meetings.models import ActionCheck, AgendaItem, Decision, Idea, Meeting
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.test_agenda import propose
from tests.test_races import at_once
from workgroups.domain.action_item import add_action_item
from workgroups.models import Group, GroupMembership

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = make_cast()
    GroupMembership.objects.create(group=cast.group, membership=cast.achern, role="chair")
    return cast


@pytest.fixture
def running(cast: Cast) -> Meeting:
    meeting = make_meeting(cast)
    for title in "ABC":
        propose(cast.coordinator, meeting, title=title)
    return open_meeting(meeting=meeting, by=cast.coordinator)


def refused(outcomes: list) -> int:
    return sum(1 for outcome in outcomes if isinstance(outcome.error, Refused))


def test_a_decision_is_in_or_clearly_refused(cast: Cast, running: Meeting) -> None:
    following = make_meeting(cast, date=running.date + timedelta(days=28))
    b = AgendaItem.objects.get(title="B")
    outcomes = at_once(
        lambda: close_meeting(meeting=running, by=cast.coordinator),
        lambda: record_decision(item=b, wording="Ja.", mode="unanimous", by=cast.achern),
    )
    assert outcomes[0].error is None
    b.refresh_from_db()
    if outcomes[1].error:
        assert (Decision.objects.count(), b.state) == (0, "carried")
    else:
        assert (Decision.objects.count(), b.state) == (1, "done")
    carried = set(AgendaItem.objects.filter(meeting=following).values_list("title", flat=True))
    assert carried == ({"B", "C"} if outcomes[1].error else {"C"})


def test_two_close_with_different_choices(cast: Cast, running: Meeting) -> None:
    guides = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="Digitallotsen")
    make_meeting(cast, date=running.date + timedelta(days=28))
    b = AgendaItem.objects.get(title="B")
    outcomes = at_once(
        lambda: close_meeting(meeting=running, by=cast.coordinator, choices={b.pk: guides}),
        lambda: close_meeting(meeting=running, by=cast.achern, choices={b.pk: "next"}),
    )
    assert not refused(outcomes)
    b.refresh_from_db()
    assert (b.state, Idea.objects.count(), hasattr(b, "carried_to")) in {
        ("handed_on", 1, False),
        ("carried", 0, True),
    }
    assert Change.objects.filter(verb="meeting_closed").count() == 1


def test_close_and_next(cast: Cast, running: Meeting) -> None:
    following = make_meeting(cast, date=running.date + timedelta(days=28))
    expected = running.active_item_id
    outcomes = at_once(
        lambda: close_meeting(meeting=running, by=cast.coordinator),
        lambda: next_item(meeting=running, expected=expected, by=cast.achern),
    )
    assert outcomes[0].error is None
    running.refresh_from_db()
    assert (running.state, running.active_item) == ("closed", None)
    carried = list(AgendaItem.objects.filter(meeting=following).order_by("title").values_list("title", flat=True))
    # Where "next" was first, B was the active item and counts as treated.
    assert carried == (["B", "C"] if refused(outcomes) else ["C"])


def test_two_reopen_together(cast: Cast, running: Meeting) -> None:
    close_meeting(meeting=running, by=cast.coordinator)
    outcomes = at_once(
        *(
            lambda who=who: reopen_meeting(meeting=running, reason="x", by=who)
            for who in (cast.coordinator, cast.achern)
        )
    )
    assert not refused(outcomes)
    assert Change.objects.filter(verb="meeting_reopened").count() == 1


def test_reopened_while_what_went_on_is_worked_on(cast: Cast, running: Meeting) -> None:
    following = make_meeting(cast, date=running.date + timedelta(days=28))
    b, c = (AgendaItem.objects.get(meeting=running, title=title) for title in "BC")
    close_meeting(meeting=running, by=cast.coordinator, choices={c.pk: cast.group})
    copy, idea = b.carried_to, c.handed_to
    outcomes = at_once(
        lambda: reopen_meeting(meeting=running, reason="x", by=cast.coordinator),
        lambda: edit_item(item=copy, version=1, title="B neu", by=cast.achern),
        lambda: take_idea(idea=idea, meeting=following, by=cast.achern),
    )
    assert outcomes[0].error is None
    for one in (b, c, copy, idea):
        one.refresh_from_db()
    # Each is in one place: where it was, or where somebody took hold of it first.
    assert (b.state, copy.state) == (("carried", "planned") if outcomes[1].error is None else ("planned", "withdrawn"))
    assert (c.state, idea.state) == (("handed_on", "taken") if outcomes[2].error is None else ("planned", "dropped"))


def test_a_meeting_is_reopened_while_another_is_opened(cast: Cast, running: Meeting) -> None:
    other = make_meeting(cast, date=running.date + timedelta(days=28))
    close_meeting(meeting=running, by=cast.coordinator)
    outcomes = at_once(
        lambda: reopen_meeting(meeting=running, reason="x", by=cast.coordinator),
        lambda: open_meeting(meeting=other, by=cast.achern),
    )
    assert refused(outcomes) == 1
    assert Meeting.objects.filter(state="open").count() == 1


def test_an_idea_is_taken_once(cast: Cast) -> None:
    meetings = [make_meeting(cast), make_meeting(cast, date=date(2099, 1, 1))]
    idea = park_idea(group=cast.group, title="Idee", text="", by=cast.kehl)
    outcomes = at_once(
        lambda: take_idea(idea=idea, meeting=meetings[0], by=cast.coordinator),
        lambda: take_idea(idea=idea, meeting=meetings[1], by=cast.achern),
        lambda: drop_idea(idea=idea, by=cast.achern),
    )
    idea.refresh_from_db()
    assert refused(outcomes) == 2
    assert AgendaItem.objects.filter(title="Idee").count() == (1 if idea.state == "taken" else 0)


def test_an_action_item_is_checked_off_by_two(cast: Cast) -> None:
    meeting = make_meeting(cast)
    item = propose(cast.coordinator, meeting, title="Aufgaben", kind="actions")
    open_meeting(meeting=meeting, by=cast.coordinator)
    action = add_action_item(
        network=cast.network,
        title="Angebot",
        municipality=cast.town("kehl"),
        person=None,
        due_on=None,
        group=cast.group,
        by=cast.coordinator,
        in_meeting=True,
    )
    outcomes = at_once(
        lambda: check_action(item=item, action=action, outcome="stays", expected="", by=cast.coordinator),
        lambda: check_action(item=item, action=action, outcome="done", expected="", by=cast.achern),
    )
    assert refused(outcomes) == 1
    action.refresh_from_db()
    said = ActionCheck.objects.get().outcome
    assert (said, action.state) in {("stays", "open"), ("done", "done")}
