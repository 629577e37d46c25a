"""A hundred decisions at the same moment, recorded, voted, by circulation: numbers without a gap, and no deadlock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from meetings.domain.carrying_out import add_work
from meetings.domain.circular import end_circular, open_circular
from meetings.domain.decision import record_decision
from meetings.domain.terms import set_terms
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote
from meetings.models import AgendaItem, Decision, Meeting, Vote
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.test_decisions import decide, open_item
from tests.test_races import assert_versions_gapless, at_once, errors
from workgroups.models import Group, GroupMembership

pytestmark = pytest.mark.django_db(transaction=True)
SIDE_BY_SIDE, EACH = 20, 5


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def session(cast: Cast, number: int) -> AgendaItem:
    """The active item of a meeting of a group of its own: nothing but the numbers is shared."""
    group = Group.objects.create(network=cast.network, kind="working_group", name=f"Group {number}", quorum="none")
    item = open_item(cast, make_meeting(cast, group=group, title=f"Meeting {number}"))
    Meeting.objects.filter(pk=item.meeting_id).update(active_item=item)
    GroupMembership.objects.create(group=group, membership=cast.kehl)
    return AgendaItem.objects.get(pk=item.pk)


def recorded(cast: Cast, item: AgendaItem) -> None:
    record_decision(item=item, wording="Kehl führt die E-Akte ein.", mode="unanimous", by=cast.coordinator)


def voted(cast: Cast, item: AgendaItem) -> None:
    vote = open_vote(item=item, kind="open", text="Kehl führt die E-Akte ein.", by=cast.coordinator)
    cast_voice(vote=vote, municipality=cast.town("kehl"), answer="yes", by=cast.kehl)
    close_vote(vote=vote, expected=vote.version, by=cast.coordinator)


def circulated(cast: Cast, item: AgendaItem) -> None:
    vote = open_circular(group=item.meeting.group, subject="E-Akte", text="Kehl.", by=cast.coordinator)
    Vote.objects.filter(pk=vote.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    end_circular(vote=vote)


def test_a_hundred_decisions_at_once(cast: Cast) -> None:
    ways: tuple[Callable[[Cast, AgendaItem], None], ...] = (recorded, voted, circulated)
    items = [session(cast, number) for number in range(SIDE_BY_SIDE)]

    def decide_some(place: int) -> None:
        for number in range(EACH):
            ways[(place + number) % len(ways)](cast, items[place])

    outcomes = at_once(*(lambda place=place: decide_some(place) for place in range(SIDE_BY_SIDE)))
    assert errors(outcomes) == []
    numbers = Decision.objects.filter(network=cast.network).values_list("year", "number")
    by_year: dict[int, list[int]] = {}
    for year, number in numbers:
        by_year.setdefault(year, []).append(number)
    assert sum(map(len, by_year.values())) == SIDE_BY_SIDE * EACH
    assert all(sorted(given) == list(range(1, len(given) + 1)) for given in by_year.values())
    assert_versions_gapless(cast.network.pk)


def test_the_number_is_locked_before_the_log(cast: Cast) -> None:
    """Who records a decision locks in this order; a clock that did it the other way round would wait for ever."""
    vote = open_circular(group=cast.group, subject="E-Akte", text="Kehl.", by=cast.coordinator)
    Vote.objects.filter(pk=vote.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    with CaptureQueriesContext(connection) as queries:
        end_circular(vote=vote)
    assert first(queries, 'UPDATE "meetings_decisionnumber"') < first(queries, 'UPDATE "live_topic"')


def test_the_group_is_locked_before_the_decision(cast: Cast) -> None:
    decision = decide(cast, open_item(cast))
    work = {"title": "Write to all", "municipality": None, "person": cast.coordinator, "due_on": None}
    with CaptureQueriesContext(connection) as queries:
        add_work(decision=decision, by=cast.coordinator, request_id=None, group=cast.group, **work)
    assert first(queries, 'FROM "workgroups_group"') < first(queries, 'FROM "meetings_decision"')


def test_work_is_added_while_dates_are_set(cast: Cast) -> None:
    decision = decide(cast, open_item(cast))
    work = {"title": "Write to all", "municipality": None, "person": cast.coordinator, "due_on": None}
    day = timezone.localdate() + timedelta(days=30)

    def add() -> None:
        for _number in range(5):
            add_work(decision=decision, by=cast.coordinator, request_id=None, group=cast.group, **work)

    def date() -> None:
        for number in range(5):
            now = Decision.objects.get(pk=decision.pk)
            last = now.steps.filter(kind="terms").last()
            dates = {"expires_on": day + timedelta(days=number), "review_on": None, "reason": "Trial"}
            set_terms(decision=now, version=last.number if last else 0, by=cast.coordinator, **dates)

    assert errors(at_once(add, date)) == []
    assert decision.carried_out_by.count() == 5
    assert_versions_gapless(cast.network.pk)


def first(queries: CaptureQueriesContext, part: str) -> int:
    return next(place for place, query in enumerate(queries.captured_queries) if part in query["sql"])
