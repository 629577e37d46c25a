"""The mail that says what became of a vote by circulation: to those who were asked, in their language, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import override_settings
from django.utils import timezone

from collab.clock import run_due
from meetings.domain.circular import withdraw_circular
from meetings.domain.deputy import set_deputy
from meetings.domain.objection import object_to_procedure
from meetings.domain.vote_mail import send_due
from meetings.models import Decision, Vote, VoteTown
from tests.conftest import Cast, make_meeting
from tests.meetings.test_circular import over, put, say
from tests.meetings.test_circular_mail import OFFICERS, sent_to
from workgroups.models import Group, GroupMembership


def asked(cast: Cast, **more: object) -> Vote:
    """A vote of which the towns were mailed that it runs."""
    vote = put(cast, **more)
    run_due()
    mail.outbox.clear()
    return vote


def messages() -> dict[str, EmailMessage]:
    return {message.to[0]: message for message in mail.outbox}


def in_english(cast: Cast) -> None:
    cast.kehl.person.language = "en"
    cast.kehl.person.save()


def test_who_was_asked_hears_once_what_was_decided(cast, client_for):
    in_english(cast)
    set_deputy(membership=cast.mayor, version=0, by=cast.kehl)
    vote = asked(cast)
    say(vote, cast.kehl, reason="Well proven")
    say(vote, cast.achern)
    say(vote, cast.durbach, "abstain")
    over(vote)
    run_due()
    run_due()
    decision = Decision.objects.get(vote=vote)
    found = messages()
    assert sorted(message.to[0] for message in mail.outbox) == ["mayor@kehl.example", *OFFICERS]
    text, subject = found["officer@kehl.example"].body, found["officer@kehl.example"].subject
    assert subject == f"Carried: E-file ({decision.reference})"
    assert "the proposal is carried" in text and "We use the same e-file." in text
    assert "2 yes, 0 no, 1 abstention" in text and "3 of 4 municipalities voted" in text
    assert "Quorum: 3 municipalities\n" in text and "Majority: " in text
    assert f"Decision {decision.reference}:\nhttp" in text and f"/n/ortenau/votes/{vote.pk}/" in text
    # How each town voted stands on the page.
    assert "Well proven" not in text and "Achern" not in text
    assert found["officer@achern.example"].subject == f"Angenommen: E-file ({decision.reference})"
    assert "Mehrheit" in found["mayor@kehl.example"].body and "\n\n\n\n" not in text
    # The addresses lead whoever got the mail to the decision and the vote.
    for line in [line for line in text.splitlines() if line.startswith("http")]:
        answer = client_for(cast.kehl).get("/" + line.split("/", 3)[3], follow=True)
        assert answer.status_code == 200 and "We use the same e-file." in answer.text


def test_a_rejected_proposal_without_quorum_says_so(cast):
    in_english(cast)
    vote = over(asked(cast))
    run_due()
    text = messages()["officer@kehl.example"].body
    assert "the proposal is rejected" in text
    assert "Quorum: 3 municipalities – recorded without quorum (0 of 3)" in text
    assert Vote.objects.get(pk=vote.pk).outcome == "rejected"


@pytest.mark.parametrize("planned", [True, False])
def test_a_void_vote_says_why_and_where_the_proposal_goes(cast, planned):
    in_english(cast)
    if planned:
        make_meeting(cast, title="Jour fixe in May")
    vote = asked(cast)
    say(vote, cast.kehl)
    object_to_procedure(vote=vote, reason="This needs talk", by=cast.achern)
    run_due()
    found = messages()
    assert sorted(found) == OFFICERS
    message = found["officer@kehl.example"]
    assert message.subject == "Vote void: E-file"
    assert "Achern objected to the procedure" in message.body and "This needs talk" in message.body
    assert ("on the agenda: Jour fixe in May, " in message.body) == planned
    assert ("as soon as a meeting of the group is planned" in message.body) == (not planned)
    assert found["officer@durbach.example"].subject == "Abstimmung nichtig: E-file"
    mail.outbox.clear()
    # That its proposal finds a meeting later is another matter.
    make_meeting(cast, title="Another")
    run_due()
    assert sent_to() == []


def test_a_withdrawn_vote_says_why_to_those_who_were_asked(cast):
    in_english(cast)
    vote, unasked = asked(cast), put(cast, subject="Never mailed")
    VoteTown.objects.filter(vote=unasked).update(told_at=None)
    for one in (vote, unasked):
        withdraw_circular(vote=one, reason="A better text comes", by=cast.coordinator)
    run_due()
    assert sorted(messages()) == OFFICERS
    assert {message.subject.split(": ")[1] for message in mail.outbox} == {"E-file"}
    text = messages()["officer@kehl.example"].body
    assert "withdrew the vote by circulation" in text and "A better text comes" in text


def test_in_the_plenum_the_mayors_hear_it_and_a_deputy_outside_is_led_to_the_vote(cast):
    plenum = Group.objects.create(network=cast.network, kind="plenum", name="Plenum")
    over(asked(cast, group=plenum))
    run_due()
    assert sent_to() == ["mayor@kehl.example"]
    circle = Group.objects.create(network=cast.network, kind="working_group", name="Circle", is_internal=True)
    GroupMembership.objects.create(group=circle, membership=cast.kehl)
    set_deputy(membership=cast.mayor, version=0, by=cast.kehl)
    vote = over(asked(cast, group=circle, visibility="group"))
    run_due()
    found = messages()
    reference = Decision.objects.get(vote=vote).reference
    assert sorted(found) == ["mayor@kehl.example", "officer@kehl.example"]
    assert f"/b/{reference}" in found["officer@kehl.example"].body
    # The decision is for the group only: the deputy reads the page of the vote, as before.
    assert f"/b/{reference}" not in found["mayor@kehl.example"].body
    assert f"/votes/{vote.pk}/" in found["mayor@kehl.example"].body


def test_the_past_is_no_news(cast):
    vote = over(asked(cast))
    run_due()
    VoteTown.objects.filter(vote=vote).update(result_told_at=None)
    mail.outbox.clear()
    send_due(timezone.now() + timedelta(days=8))
    assert sent_to() == []
    send_due(timezone.now() + timedelta(days=1))
    assert sent_to() == OFFICERS


def test_nobody_hears_how_a_running_vote_stands_and_who_left_hears_nothing(cast):
    vote = asked(cast)
    say(vote, cast.kehl)
    run_due()
    assert sent_to() == []
    cast.achern.ended_on = timezone.localdate()
    cast.achern.save()
    cast.durbach.person.is_active = False
    cast.durbach.person.save()
    over(vote)
    run_due()
    assert sent_to() == ["officer@kehl.example"]


def test_a_mail_server_that_is_down_delays_it_and_loses_none(cast):
    over(asked(cast))
    with override_settings(EMAIL_BACKEND="tests.meetings.test_circular_mail.Broken"):
        run_due()
    assert sent_to() == []
    run_due()
    assert sent_to() == OFFICERS
