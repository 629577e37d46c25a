"""Presence set by several at the same moment, over real transactions."""

from __future__ import annotations

import pytest
from django.urls import reverse

from collab.live.models import Change
from meetings.domain.presence import all_are_here, answer_invitation, arrive, leave
from meetings.domain.quorum import set_quorum
from meetings.domain.room import open_meeting
from meetings.models import Attendance, Meeting, Presence
from meetings.queries.presence import presence_of
from tests.conftest import TOWNS, Cast, make_cast, make_meeting
from tests.test_races import assert_versions_gapless, at_once, errors, posting, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
FOUR = list(TOWNS)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def session(cast: Cast) -> Meeting:
    return open_meeting(meeting=make_meeting(cast), by=cast.coordinator)


def coming(cast: Cast, session: Meeting, town: str):
    return lambda: arrive(meeting=session, municipality=cast.town(town), by=cast.coordinator)


def test_a_town_says_it_is_here_from_two_devices(cast: Cast, session: Meeting):
    path = reverse("town_here", args=["ortenau", session.pk, TOWNS["kehl"]])
    devices = [signed_in(cast.kehl), signed_in(cast.kehl), signed_in(cast.coordinator)]
    told = at_once(*(posting(device, path, {"here": "1"}) for device in devices))
    assert [outcome.value for outcome in told] == [204, 204, 204]
    assert Presence.objects.get().ended_at is None
    assert Change.objects.filter(verb="town_arrived").count() == 1
    assert_versions_gapless(cast.network.pk)


def test_four_towns_arrive_together_and_the_quorum_is_said_once(cast: Cast, session: Meeting):
    assert errors(at_once(*(coming(cast, session, town) for town in FOUR))) == []
    table = presence_of(session)
    assert table.present == 4
    assert table.quorum.reached
    assert Change.objects.filter(verb="quorum_reached").count() == 1
    assert_versions_gapless(cast.network.pk)


def test_one_says_here_and_one_says_gone(cast: Cast, session: Meeting):
    town = cast.town("kehl")
    arrive(meeting=session, municipality=town, by=cast.kehl)
    gone = lambda: leave(meeting=session, municipality=town, by=cast.coordinator)  # noqa: E731
    assert errors(at_once(gone, gone, coming(cast, session, "kehl"))) == []
    assert Attendance.objects.count() == 1
    assert Presence.objects.filter(ended_at=None).count() <= 1
    assert_versions_gapless(cast.network.pk)


def test_all_are_set_present_while_one_comes_by_itself(cast: Cast, session: Meeting):
    for town in FOUR:
        say_yes(cast, session, town, 0)()
    everybody = lambda: all_are_here(meeting=session, by=cast.coordinator)  # noqa: E731
    assert errors(at_once(everybody, everybody, coming(cast, session, "kehl"))) == []
    assert Presence.objects.filter(ended_at=None).count() == 4
    assert presence_of(session).present == 4


def say_yes(cast: Cast, session: Meeting, town: str, version: int, note: str = ""):
    return lambda: answer_invitation(
        meeting=session,
        municipality=cast.town(town),
        answer="accepted",
        note=note,
        deputy=None,
        deputy_name="",
        version=version,
        by=cast.coordinator,
    )


def test_two_of_a_town_answer_at_once(cast: Cast, session: Meeting):
    told = at_once(*(say_yes(cast, session, "kehl", 0, note) for note in ("one", "two")))
    assert errors(told) == ["Stale"]
    assert Attendance.objects.get().version == 1


def test_two_choose_the_rule_while_towns_come(cast: Cast, session: Meeting):
    rules = [
        lambda rule=rule: set_quorum(meeting=session, quorum=rule, quorum_number=None, version=1, by=cast.coordinator)
        for rule in ("two_thirds", "none")
    ]
    told = at_once(*rules, coming(cast, session, "kehl"), coming(cast, session, "achern"))
    assert errors(told) == ["Stale"]
    assert Change.objects.filter(verb="quorum_set").count() == 1
    assert_versions_gapless(cast.network.pk)
