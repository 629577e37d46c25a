"""The mails of votes by circulation: to whom, when, in which language, and each once."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from collab.clock import run_due
from collab.network.models import DemoMail
from meetings.domain.deputy import set_deputy
from meetings.domain.vote_mail import send_due
from meetings.models import Vote, VoteTown
from meetings.queries.circular import reminds_at
from tests.meetings.test_circular import put, say
from workgroups.models import Group, GroupMembership

OFFICERS = ["officer@achern.example", "officer@durbach.example", "officer@kehl.example"]


@pytest.fixture
def vote(cast) -> Vote:
    return put(cast)


def sent_to() -> list[str]:
    """The addresses that have got a mail since the last question, by name."""
    found = sorted(address for message in mail.outbox for address in message.to)
    mail.outbox.clear()
    return found


def begin(vote: Vote, ago: timedelta) -> None:
    """Let the vote have been put so long ago, its towns told at once."""
    Vote.objects.filter(pk=vote.pk).update(opened_at=timezone.now() - ago)
    VoteTown.objects.filter(vote=vote).update(told_at=timezone.now() - ago)
    vote.refresh_from_db()


def test_all_who_cast_a_voice_and_their_deputies_are_told_once(cast, vote):
    set_deputy(membership=cast.mayor, version=0, by=cast.kehl)
    run_due()
    run_due()
    messages = {message.to[0]: message for message in mail.outbox}
    assert sorted(messages) == ["mayor@kehl.example", *OFFICERS]
    text = messages["officer@kehl.example"].body
    assert "We use the same e-file." in text
    assert f"/n/ortenau/votes/{vote.pk}/" in text
    assert "http" in text
    assert "vertreten" in messages["mayor@kehl.example"].body
    assert "vertreten" not in text
    assert not VoteTown.objects.filter(told_at=None).exists()


def test_each_in_their_own_language(cast):
    cast.kehl.person.language = "en"
    cast.kehl.person.save()
    put(cast, subject="A\r\nBcc: evil@x.example")
    run_due()
    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert subjects["officer@kehl.example"].startswith("Vote by circulation until")
    assert subjects["officer@achern.example"].startswith("Umlaufbeschluss bis")
    assert not any("\n" in subject for subject in subjects.values())


def test_in_the_plenum_the_mayors_are_told_and_in_a_working_group_its_members(cast):
    plenum = Group.objects.create(network=cast.network, kind="plenum", name="Plenum")
    put(cast, group=plenum)
    run_due()
    assert sent_to() == ["mayor@kehl.example"]
    circle = Group.objects.create(network=cast.network, kind="working_group", name="Circle")
    GroupMembership.objects.create(group=circle, membership=cast.guide)
    put(cast, group=circle)
    run_due()
    assert sent_to() == ["guide@lahr.example"]


def test_who_has_not_voted_is_reminded_once_two_days_before_the_end(cast, vote):
    begin(vote, timedelta(days=1))
    say(vote, cast.kehl)
    send_due(vote.ends_at - timedelta(days=2, minutes=1))
    assert sent_to() == []
    for hours in (47, 46):
        send_due(vote.ends_at - timedelta(hours=hours))
    assert sent_to() == ["officer@achern.example", "officer@durbach.example"]
    # Who votes after the reminder, or did before, hears no more; nor does anybody once it is over.
    send_due(vote.ends_at)
    assert sent_to() == []


def test_of_a_short_vote_the_reminder_comes_halfway(cast):
    now = timezone.localtime()
    vote = put(cast, deadline_on=(now + timedelta(days=1)).date(), deadline_time=now.time().replace(microsecond=0))
    begin(vote, timedelta(0))
    half = vote.opened_at + (vote.ends_at - vote.opened_at) / 2
    assert reminds_at(vote) == half
    send_due(half - timedelta(minutes=1))
    assert sent_to() == []
    send_due(half + timedelta(minutes=1))
    assert sent_to() == OFFICERS


def test_who_is_told_late_is_not_reminded_in_the_same_breath(cast, vote):
    send_due(vote.ends_at - timedelta(hours=1))
    assert sent_to() == OFFICERS
    send_due(vote.ends_at - timedelta(minutes=59))
    assert sent_to() == []


def test_nobody_is_mailed_about_what_is_over_or_withdrawn(cast, vote):
    Vote.objects.filter(pk=vote.pk).update(state="withdrawn")
    run_due()
    send_due(vote.ends_at)
    assert sent_to() == []


class Broken(EmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("gone")


def test_a_mail_server_that_is_down_delays_a_mail_and_loses_none(cast, vote):
    with override_settings(EMAIL_BACKEND="tests.meetings.test_circular_mail.Broken"):
        run_due()
    assert sent_to() == []
    run_due()
    assert sent_to() == OFFICERS


def test_demo_mode_keeps_them_in_the_mailbox(cast, vote):
    with override_settings(EMAIL_BACKEND="collab.network.mail.DemoBackend"):
        call_command("run_due")
    assert sorted(DemoMail.objects.values_list("recipient", flat=True)) == OFFICERS
    assert set(DemoMail.objects.values_list("network", flat=True)) == {cast.network.pk}
