"""Several at the same moment over one vote: each voice counts once, in the vote or not at all."""

from __future__ import annotations

import pytest

from collab.live.answers import Refused
from collab.network.models import Membership
from meetings.domain.closing import close_meeting
from meetings.domain.proxy import give_proxy
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote, withdraw_vote
from meetings.domain.wording import amend_wording, draft_wording
from meetings.models import AgendaItem, Attendance, Decision, Meeting, Proxy, Voice, Vote, VoteTown
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.test_decisions import open_item
from tests.test_races import assert_versions_gapless, at_once, errors

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def item(cast: Cast) -> AgendaItem:
    item = open_item(cast, make_meeting(cast))
    Meeting.objects.filter(pk=item.meeting_id).update(active_item=item)
    return AgendaItem.objects.get(pk=item.pk)


@pytest.fixture
def vote(cast: Cast, item: AgendaItem) -> Vote:
    return open_vote(item=item, kind="open", text="Kehl führt die E-Akte ein.", by=cast.coordinator)


def say(vote: Vote, by: Membership, answer: str = "yes") -> Voice:
    assert by.municipality is not None
    return cast_voice(vote=vote, municipality=by.municipality, answer=answer, by=by)


def counting(vote: Vote) -> int:
    return Voice.objects.filter(vote=vote, replaced_at=None).count()


def test_a_voice_while_the_vote_is_closed(cast: Cast, vote: Vote) -> None:
    """Either it is counted, or its town is told that the vote is over."""
    say(vote, cast.achern)
    voice, closed = at_once(
        lambda: say(vote, cast.kehl), lambda: close_vote(vote=vote, expected=1, by=cast.coordinator)
    )
    assert closed.error is None
    decision = Decision.objects.get()
    if voice.error:
        assert isinstance(voice.error, Refused)
    assert decision.yes == counting(vote) == (1 if voice.error else 2)
    assert_versions_gapless(cast.network.pk)


def test_member_and_deputy_at_once(cast: Cast, vote: Vote) -> None:
    Attendance.objects.create(meeting=vote.meeting, municipality=cast.town("kehl"), deputy=cast.mayor)
    member, deputy = at_once(lambda: say(vote, cast.kehl, "yes"), lambda: say(vote, cast.mayor, "no"))
    assert member.error is None
    assert deputy.error is None or isinstance(deputy.error, Refused)
    counted = Voice.objects.get(vote=vote, replaced_at=None)
    assert (counted.answer, counted.capacity) == ("yes", "own")


def test_one_town_from_two_devices(cast: Cast, vote: Vote) -> None:
    assert errors(at_once(*(lambda: say(vote, cast.kehl),) * 4)) == []
    assert Voice.objects.count() == 1


def test_all_towns_at_once(cast: Cast, vote: Vote) -> None:
    Attendance.objects.create(meeting=vote.meeting, municipality=cast.town("lahr"), deputy=cast.guide)
    towns = (cast.kehl, cast.achern, cast.durbach, cast.guide)
    assert errors(at_once(*(lambda who=who: say(vote, who) for who in towns))) == []
    close_vote(vote=vote, expected=1, by=cast.coordinator)
    assert Decision.objects.get().yes == 4
    assert_versions_gapless(cast.network.pk)


def test_two_open_at_once(cast: Cast, item: AgendaItem) -> None:
    outcomes = at_once(
        *(lambda: open_vote(item=item, kind="consent", text="Gleich.", by=cast.coordinator),) * 2,
    )
    assert errors(outcomes) == ["Refused"]
    assert Vote.objects.count() == 1


def test_two_close_at_once(cast: Cast, vote: Vote) -> None:
    say(vote, cast.kehl)
    outcomes = at_once(*(lambda: close_vote(vote=vote, expected=1, by=cast.coordinator),) * 3)
    assert errors(outcomes) == []
    assert [decision.number for decision in Decision.objects.all()] == [1]


def test_closed_while_it_is_withdrawn(cast: Cast, vote: Vote) -> None:
    outcomes = at_once(
        lambda: close_vote(vote=vote, expected=1, by=cast.coordinator),
        lambda: withdraw_vote(vote=vote, reason="Slip", by=cast.coordinator),
    )
    assert errors(outcomes) == ["Refused"]
    vote.refresh_from_db()
    assert (vote.state == "closed") == Decision.objects.exists()


def test_opened_while_the_wording_is_amended(cast: Cast, item: AgendaItem) -> None:
    """Nobody votes on a text that has changed under their hands."""
    draft = draft_wording(item=item, text="Eins", by=cast.coordinator)
    at_once(
        lambda: open_vote(item=item, kind="open", text="Eins", wording_id=draft.pk, version=1, by=cast.coordinator),
        lambda: amend_wording(wording=draft, text="Zwei", version=1, by=cast.coordinator),
    )
    draft.refresh_from_db()
    vote = Vote.objects.filter(item=item).first()
    assert vote is None or draft.text == vote.text == "Eins"


def test_opened_while_the_meeting_is_closed(cast: Cast, item: AgendaItem) -> None:
    outcomes = at_once(
        lambda: open_vote(item=item, kind="open", text="Eins", by=cast.coordinator),
        lambda: close_meeting(meeting=item.meeting, by=cast.coordinator),
    )
    assert errors(outcomes) == ["Refused"]
    meeting = Meeting.objects.get(pk=item.meeting_id)
    assert (meeting.state == "closed") != Vote.objects.exists()


def test_two_towns_give_their_voice_to_the_same_person(cast: Cast, item: AgendaItem) -> None:
    outcomes = at_once(
        *(
            lambda by=by: give_proxy(
                meeting=item.meeting, municipality=by.municipality, holder=cast.achern, version=0, by=by
            )
            for by in (cast.kehl, cast.durbach)
        )
    )
    assert errors(outcomes) == ["Refused"]
    assert Proxy.objects.filter(ended_at=None).count() == 1


def test_a_proxy_given_while_a_vote_is_opened(cast: Cast, item: AgendaItem) -> None:
    """Whichever comes first, the town is on the roll once."""
    outcomes = at_once(
        lambda: give_proxy(
            meeting=item.meeting, municipality=cast.kehl.municipality, holder=cast.achern, version=0, by=cast.kehl
        ),
        lambda: open_vote(item=item, kind="open", text="Eins", by=cast.coordinator),
    )
    assert errors(outcomes) == []
    assert VoteTown.objects.filter(municipality=cast.town("kehl")).count() == 1
