"""A review date brings a decision back onto an agenda: once, at the first meeting from that day on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.models import Change
from meetings.domain.agenda import decline_item
from meetings.domain.carry import carry_items
from meetings.domain.coming_up import plan_reviews
from meetings.domain.life_steps import revoke
from meetings.domain.schedule import cancel_meeting
from meetings.domain.terms import set_terms
from meetings.domain.visibility import set_decision_visibility
from meetings.models import AgendaItem, Decision, Meeting
from tests.conftest import Cast, make_meeting
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import decide, open_item

from .test_life import as_text, now, page

Browser = Callable[..., Client]
Again = AgendaItem.objects.filter(reviews__isnull=False)


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def decision(cast: Cast) -> Decision:
    item = open_item(cast, make_meeting(cast, date=in_days(-30)))
    found = now(decide(cast, item))
    Meeting.objects.filter(pk=item.meeting_id).update(state=Meeting.State.CLOSED)
    return found


@pytest.fixture
def meetings(cast: Cast) -> list[Meeting]:
    return [make_meeting(cast, title=f"Jour fixe {days}", date=in_days(days)) for days in (10, 40, 70)]


def set_review(cast: Cast, decision: Decision, on: date | None, version: int = 0, **more: Any) -> None:
    values = {"expires_on": None, "review_on": on, "reason": "Stand prüfen.", "by": cast.coordinator}
    set_terms(**{"decision": decision, "version": version, **values, **more})


def on_agendas() -> list[int]:
    """Return the days of the meetings in which something comes up again."""
    waiting = Again.all().filter(state="planned").order_by("meeting__date")
    return [(day - timezone.localdate()).days for day in waiting.values_list("meeting__date", flat=True)]


def test_it_comes_onto_the_first_meeting_from_that_day_on(
    cast: Cast, decision: Decision, meetings: list[Meeting], client_for: Browser
) -> None:
    set_review(cast, decision, in_days(11))
    assert on_agendas() == [40]
    item = Again.get()
    assert item.title == f"Wiedervorlage zu Beschluss {decision.reference}: E-Akte" or decision.reference in item.title
    assert f"item-{item.pk}" in page(client_for(cast.mayor), decision) or url("item", item.pk) in page(
        client_for(cast.mayor), decision
    )
    assert decision.reference in client_for(cast.kehl).get(url("meeting", meetings[1].pk)).text
    told = Change.objects.get(verb="review_planned")
    assert f"meeting-agenda-{meetings[1].pk}" in told.regions


def test_never_twice(cast: Cast, decision: Decision, meetings: list[Meeting]) -> None:
    set_review(cast, decision, in_days(11))
    plan_reviews(timezone.now())
    plan_reviews(timezone.now())
    assert on_agendas() == [40]


def test_another_date_takes_it_along(cast: Cast, decision: Decision, meetings: list[Meeting]) -> None:
    set_review(cast, decision, in_days(5))
    assert on_agendas() == [10]
    set_review(cast, decision, in_days(50), version=decision.steps.count())
    assert on_agendas() == [70]
    set_review(cast, decision, None, version=decision.steps.count())
    assert on_agendas() == []
    set_review(cast, decision, in_days(5), version=decision.steps.count())
    assert on_agendas() == [10]


def test_the_clock_puts_it_on_as_soon_as_there_is_a_meeting(cast: Cast, decision: Decision) -> None:
    set_review(cast, decision, in_days(11))
    plan_reviews(timezone.now())
    assert on_agendas() == []
    make_meeting(cast, date=in_days(10))
    plan_reviews(timezone.now())
    assert on_agendas() == [], "too early for it"
    make_meeting(cast, date=in_days(20))
    plan_reviews(timezone.now())
    assert on_agendas() == [20]
    assert Change.objects.get(verb="review_planned").actor is None


def test_what_the_chair_declined_does_not_come_back(cast: Cast, decision: Decision, meetings: list[Meeting]) -> None:
    set_review(cast, decision, in_days(5))
    decline_item(item=Again.get(), answer="Nicht jetzt.", by=cast.coordinator)
    plan_reviews(timezone.now())
    assert on_agendas() == []


def test_what_was_reviewed_is_not_reviewed_again(
    cast: Cast, decision: Decision, meetings: list[Meeting], client_for: Browser
) -> None:
    set_review(cast, decision, in_days(5))
    Again.update(state="done")
    Meeting.objects.filter(pk=meetings[0].pk).update(state=Meeting.State.CLOSED)
    plan_reviews(timezone.now())
    assert Again.count() == 1
    assert "Reviewed" in as_text(page(client_for(cast.mayor), decision))


def test_carried_over_it_is_still_the_review(cast: Cast, decision: Decision, meetings: list[Meeting]) -> None:
    set_review(cast, decision, in_days(5))
    carry_items([Again.get()], meetings[1])
    plan_reviews(timezone.now())
    assert on_agendas() == [40]
    assert Again.get(state="planned").reviews == decision


def test_a_cancelled_meeting_passes_it_on(cast: Cast, decision: Decision, meetings: list[Meeting]) -> None:
    set_review(cast, decision, in_days(5))
    cancel_meeting(meeting=meetings[0], reason="Krank.", by=cast.coordinator, version=meetings[0].version)
    plan_reviews(timezone.now())
    living = Again.filter(state="planned").exclude(meeting__state="cancelled")
    assert [item.meeting for item in living] == [meetings[1]]


def test_what_is_not_in_force_any_more_does_not_come_up(
    cast: Cast, decision: Decision, meetings: list[Meeting]
) -> None:
    set_review(cast, decision, in_days(5))
    revoke(decision=decision, reason="Weg.", on=in_days(0), expected="in_force", by=cast.coordinator)
    assert on_agendas() == []
    plan_reviews(timezone.now())
    assert on_agendas() == []


def test_what_was_voided_is_taken_off_by_the_clock(cast: Cast, decision: Decision, meetings: list[Meeting]) -> None:
    set_review(cast, decision, in_days(5))
    Decision.objects.filter(pk=decision.pk).update(state="void")
    plan_reviews(timezone.now())
    assert on_agendas() == []


def test_what_is_for_the_group_comes_up_for_the_group(cast: Cast, decision: Decision, meetings: list[Meeting]) -> None:
    Decision.objects.filter(pk=decision.pk).update(visibility="group")
    set_review(cast, now(decision), in_days(5))
    assert Again.get().visibility == "group"


def test_its_item_leads_to_the_decision(
    cast: Cast, decision: Decision, meetings: list[Meeting], client_for: Browser
) -> None:
    set_review(cast, decision, in_days(11))
    item, link = Again.get(), f'href="{url("decision", decision.reference)}"'
    item_page = url("item", item.pk)
    with CaptureQueriesContext(connection) as queries:
        assert f'id="item-{item.pk}-reviewed" {link}' in client_for(cast.mayor).get(item_page).text
    AgendaItem.objects.filter(pk=item.pk).update(reviews=None)
    with CaptureQueriesContext(connection) as without:
        assert link not in client_for(cast.mayor).get(item_page).text
    assert len(queries) == len(without)


def test_its_item_names_no_decision_that_is_for_the_group_only(
    cast: Cast, decision: Decision, meetings: list[Meeting], client_for: Browser
) -> None:
    set_review(cast, decision, in_days(11))
    item = Again.get()
    set_decision_visibility(decision=now(decision), visibility="group", seen="network", by=cast.coordinator)
    assert f"item-{item.pk}" in Change.objects.get(verb="decision_for_group").regions
    mark = f"item-{item.pk}-reviewed"
    assert mark not in client_for(cast.mayor).get(url("item", item.pk)).text
    assert mark in client_for(cast.kehl).get(url("item", item.pk)).text
