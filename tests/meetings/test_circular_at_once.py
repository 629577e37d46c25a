"""Votes by circulation at the same moment: several clocks, a last voice, an objection, two proposals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from meetings.domain.circular import end_circular, withdraw_circular
from meetings.domain.deputy import set_deputy
from meetings.domain.objection import object_to_procedure
from meetings.domain.voice import cast_voice
from meetings.domain.vote_mail import send_due
from meetings.models import AgendaItem, Decision, Deputy, Voice, Vote
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.test_circular import over, put, say
from tests.test_races import assert_versions_gapless, at_once, errors

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def vote(cast: Cast) -> Vote:
    return put(cast)


def test_several_clocks_end_it_once(cast, vote):
    other = over(put(cast, subject="Parking"))
    over(vote)
    outcomes = at_once(*(lambda one=one: end_circular(vote=one) for one in (vote, other, vote, other)))
    assert errors(outcomes) == []
    assert sorted(o.value for o in outcomes) == [False, False, True, True]
    assert sorted(d.number for d in Decision.objects.all()) == [1, 2]
    assert_versions_gapless(cast.network.pk)


def test_several_clocks_send_each_mail_once(cast, vote):
    at_once(*(lambda: send_due(timezone.now()) for _clock in range(4)))
    assert len(mail.outbox) == 3
    assert len({message.to[0] for message in mail.outbox}) == 3
    mail.outbox.clear()
    end_circular(vote=over(vote))
    at_once(*(lambda: send_due(timezone.now()) for _clock in range(4)))
    assert len(mail.outbox) == len({message.to[0] for message in mail.outbox}) == 3


def test_a_last_voice_is_counted_or_told_that_it_is_too_late(cast, vote):
    ends = timezone.now() + timedelta(seconds=30)
    Vote.objects.filter(pk=vote.pk).update(ends_at=ends)
    cast_it, ended = at_once(
        lambda: say(vote, cast.kehl),
        lambda: end_circular(vote=vote, now=ends + timedelta(seconds=1)),
    )
    assert ended.error is None and ended.value is True
    assert Decision.objects.get().yes == Voice.objects.count() == (0 if cast_it.error else 1)


def test_an_objection_and_the_withdrawal(cast, vote):
    make_meeting(cast)
    outcomes = at_once(
        lambda: object_to_procedure(vote=vote, reason="We must talk", by=cast.kehl),
        lambda: withdraw_circular(vote=vote, reason="Typo", by=cast.coordinator),
        lambda: object_to_procedure(vote=vote, reason="Me too", by=cast.achern),
    )
    assert errors(outcomes) == ["Refused", "Refused"]
    vote.refresh_from_db()
    assert AgendaItem.objects.count() == (1 if vote.state == "void" else 0)
    assert vote.state in ("void", "withdrawn")
    assert_versions_gapless(cast.network.pk)


def test_the_member_and_the_deputy_at_once(cast, vote):
    """Whichever comes first, the town's own voice counts."""
    set_deputy(membership=cast.mayor, version=0, by=cast.kehl)
    for _again in range(3):
        Voice.objects.all().delete()
        own, deputy = at_once(
            lambda: cast_voice(vote=vote, municipality=cast.town("kehl"), answer="yes", by=cast.kehl),
            lambda: cast_voice(vote=vote, municipality=cast.town("kehl"), answer="no", by=cast.mayor),
        )
        assert own.error is None
        assert deputy.error is None or errors([deputy]) == ["Refused"]
        assert Voice.objects.get(replaced_at=None).answer == "yes"


def test_two_name_a_deputy_at_once(cast):
    outcomes = at_once(
        lambda: set_deputy(membership=cast.mayor, version=0, by=cast.kehl),
        lambda: set_deputy(membership=cast.kehl, version=0, by=cast.kehl),
    )
    assert errors(outcomes) == ["Stale"]
    assert Deputy.objects.filter(ended_at=None).count() == 1
