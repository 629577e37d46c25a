"""The page on which a chair prepares a meeting: what is late, due and waiting, live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.models import Change
from collab.live.regions import audience_of, render
from meetings.domain.adoption import say_adoption
from meetings.domain.agenda import propose_item
from meetings.domain.carrying_out import link_action, link_project
from meetings.domain.terms import set_terms
from meetings.models import Adoption, Decision, Meeting
from tests.conftest import Cast, involve, make_meeting, make_project
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import decide, open_item
from workgroups.domain.action_item import change_state

from .test_carrying_out import task
from .test_life import as_text, now

Browser = Callable[..., Client]


@pytest.fixture
def decision(cast: Cast) -> Decision:
    item = open_item(cast, make_meeting(cast, date=timezone.localdate() - timedelta(days=30)))
    found = now(decide(cast, item))
    Meeting.objects.filter(pk=item.meeting_id).update(state=Meeting.State.CLOSED)
    return found


def shown(meeting: Meeting) -> str:
    return as_text(render(f"preparation-{meeting.pk}", "chair", "en"))


def test_nothing_is_late(cast: Cast, meeting: Meeting, decision: Decision) -> None:
    assert "Nothing is late, due or waiting" in shown(meeting)


def test_what_is_late_due_and_waiting(cast: Cast, meeting: Meeting, decision: Decision, client_for: Browser) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    action, project = task(cast, due_on=yesterday), make_project(cast.kehl, "E-Akte im Kreis")
    involve(project, cast.achern)
    link_action(decision=decision, action=action, by=cast.coordinator)
    link_project(decision=decision, project=project, due_on=yesterday, by=cast.coordinator)
    values = {"on": timezone.localdate(), "word": "", "paper": "", "paper_link": "", "version": 0, "by": cast.kehl}
    say_adoption(decision=decision, municipality=cast.town("kehl"), state="planned", **values)
    Adoption.objects.update(on=yesterday)
    expires = timezone.localdate() + timedelta(days=20)
    set_terms(
        decision=decision, expires_on=expires, review_on=expires, reason="Befristet.", version=0, by=cast.coordinator
    )
    propose_item(meeting=meeting, title="Neue Idee", minutes=5, by=cast.kehl)
    answer = client_for(cast.coordinator).get(url("meeting_preparation", meeting.pk))
    text = as_text(answer.text)
    for part in ("Decisions not carried out in time 2", "Not adopted in time 1", "Decisions about to expire 1"):
        assert part in text
    for what in ("Introduce it in Kehl", "E-Akte im Kreis", "Decisions to review 1", "Neue Idee", decision.reference):
        assert what in text
    change_state(action=action, state="done", note="", version=action.version, by=cast.kehl)
    assert f"preparation-{meeting.pk}" in Change.objects.order_by("-version")[0].regions
    assert "Introduce it in Kehl" not in shown(meeting)


def test_chair_and_minute_taker_prepare_and_nobody_else(
    cast: Cast, meeting: Meeting, decision: Decision, client_for: Browser
) -> None:
    path, region = url("meeting_preparation", meeting.pk), f"preparation-{meeting.pk}"
    Meeting.objects.filter(pk=meeting.pk).update(minute_taker=cast.achern)
    expected = {"coordinator": 200, "achern": 200, "kehl": 403, "mayor": 403, "guest": 404, "other": 404}
    meeting.guests.create(membership=cast.guest)
    seen = {who: client_for(getattr(cast, who)).get(path).status_code for who in expected}
    assert seen == expected
    allowed = {who for who in expected if audience_of(region, getattr(cast, who))}
    assert allowed == {"coordinator", "achern"}
    assert path in client_for(cast.coordinator).get(url("meeting", meeting.pk)).text
    assert path not in client_for(cast.kehl).get(url("meeting", meeting.pk)).text


def test_other_groups_and_networks_stay_outside(cast: Cast, meeting: Meeting, decision: Decision) -> None:
    task(cast, "Of no group", due_on=timezone.localdate() - timedelta(days=1))
    assert "Of no group" not in shown(meeting)


def test_the_same_queries_for_one_and_for_many(cast: Cast, meeting: Meeting, decision: Decision) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)

    def add(number: int) -> None:
        link_action(decision=decision, action=task(cast, f"T{number}", due_on=yesterday), by=cast.coordinator)
        project = make_project(cast.kehl, f"P{number}")
        link_project(decision=decision, project=project, due_on=yesterday, by=cast.coordinator)
        propose_item(meeting=meeting, title=f"I{number}", minutes=5, by=cast.kehl)

    add(0)
    with CaptureQueriesContext(connection) as few:
        shown(meeting)
    for number in range(1, 25):
        add(number)
    with CaptureQueriesContext(connection) as many:
        text = shown(meeting)
    assert len(many) == len(few)
    assert "Decisions not carried out in time 50" in text and "and 10 more" in text
