"""Which parts of which pages a vote and what follows from it touch, and who hears of it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from collab.live.models import Change
from collab.live.regions import render, tells
from meetings.domain.circular import open_circular
from meetings.domain.closing import close_meeting
from meetings.domain.finalise import finalise
from meetings.domain.life_steps import fulfil
from meetings.domain.room import activate_item, save_notes
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote
from meetings.models import AgendaItem, Decision, Meeting, Vote
from meetings.queries.minutes import minutes_of
from tests.conftest import Cast, make_meeting
from tests.meetings.test_decisions import decide, open_item
from workgroups.models import Group


@pytest.fixture
def item(cast: Cast, meeting: Meeting) -> AgendaItem:
    item = open_item(cast, meeting)
    Meeting.objects.filter(pk=meeting.pk).update(active_item=item)
    return AgendaItem.objects.get(pk=item.pk)


def say(vote: Vote, cast: Cast, answer: str, reason: str = "") -> None:
    assert cast.kehl.municipality
    cast_voice(vote=vote, municipality=cast.kehl.municipality, answer=answer, reason=reason, by=cast.kehl)


def newest() -> Change:
    return Change.objects.order_by("version").last()  # type: ignore[return-value]


def test_a_voice_in_the_room_touches_its_progress_alone(cast: Cast, item: AgendaItem) -> None:
    vote = open_vote(item=item, kind="open", text="Kehl.", by=cast.coordinator)
    say(vote, cast, "yes")
    assert newest().regions == [f"feed-{cast.network.pk}", f"vote-progress-{vote.pk}"]


def test_a_voice_by_circulation_touches_the_list_and_the_own_home(cast: Cast) -> None:
    vote = open_circular(group=cast.group, subject="E-Akte", text="Kehl.", by=cast.coordinator)
    assert f"circulars-{cast.network.pk}" in newest().regions
    say(vote, cast, "yes")
    regions = newest().regions
    assert f"circulars-{cast.network.pk}" in regions and f"vote-progress-{vote.pk}" in regions
    assert [name for name in regions if name.startswith("votes-to-")] == [f"votes-to-{of_kehl(cast)}"]


def test_a_result_leaves_the_room_with_its_item(cast: Cast, item: AgendaItem) -> None:
    vote = open_vote(item=item, kind="open", text="Kehl.", by=cast.coordinator)
    say(vote, cast, "yes")
    vote.refresh_from_db()
    close_vote(vote=vote, expected=vote.version, by=cast.coordinator)
    region, meeting = f"meeting-vote-{item.meeting_id}", Meeting.objects.get(pk=item.meeting_id)
    other = AgendaItem.objects.create(meeting=meeting, title="Danach", state="planned", position=99)
    save_notes(item=item, notes="Ein Wort", version=1, by=cast.coordinator)
    assert region not in newest().regions, "a note moves nothing"
    activate_item(item=other, expected=item.pk, by=cast.coordinator)
    assert region in newest().regions
    assert "Kehl." not in render(region, "chair", "en")
    activate_item(item=item, expected=other.pk, by=cast.coordinator)
    assert "Kehl." in render(region, "chair", "en")
    close_meeting(meeting=Meeting.objects.get(pk=item.meeting_id), by=cast.coordinator)
    assert region in Change.objects.get(verb="meeting_closed").regions
    assert "Kehl." not in render(region, "chair", "en")


def of_kehl(cast: Cast) -> int:
    return cast.network.accessions.get(municipality=cast.town("kehl")).pk


def test_a_mayor_sees_that_there_was_no_consent(cast: Cast, item: AgendaItem) -> None:
    vote = open_vote(item=item, kind="consent", text="Kehl.", by=cast.coordinator)
    say(vote, cast, "object", "Too dear")
    close_vote(vote=vote, expected=1, by=cast.coordinator)
    assert newest().verb == "vote_objected"
    assert f"overview-town-{cast.network.pk}" in newest().regions


@pytest.mark.parametrize("name", ["life", "voices", "adoptions", "work"])
def test_what_is_for_the_group_only_is_heard_by_who_sees_it(cast: Cast, item: AgendaItem, name: str) -> None:
    decision = decide(cast, item)
    today = timezone.localdate()
    Decision.objects.filter(pk=decision.pk).update(visibility="group", state_on=today)
    fulfil(decision=decision, reason="Done", on=today, expected="in_force", by=cast.coordinator)
    assert tells(f"decision-{name}-{decision.pk}", "member", newest())


def test_of_an_internal_groups_meeting_outsiders_hear_nothing(cast: Cast) -> None:
    group = Group.objects.create(network=cast.network, kind="working_group", name="Inside", is_internal=True)
    item = open_item(cast, make_meeting(cast, group=group))
    decision = decide(cast, item)
    save_notes(item=item, notes="Nobody else reads this.", version=item.notes_version, by=cast.coordinator)
    assert newest().object_type == "agendaitem"
    for name, audience in (("decision", "outside"), ("decision-life", "outside"), ("decision-work", "reader")):
        assert not tells(f"{name}-{decision.pk}", audience, newest())


def test_the_chair_who_prepares_sees_that_minutes_wait_for_approval(cast: Cast, item: AgendaItem) -> None:
    Meeting.objects.filter(pk=item.meeting_id).update(state="closed")
    following = make_meeting(cast, title="Next")
    meeting = Meeting.objects.get(pk=item.meeting_id)
    minutes = minutes_of(meeting)
    finalise(minutes=minutes, version=minutes.version, by=cast.coordinator)
    assert f"preparation-{following.pk}" in newest().regions
