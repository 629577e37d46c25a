"""What an installation of an earlier version holds, after it was brought up to date."""

from __future__ import annotations

from datetime import date, time
from importlib import import_module

from django.apps import apps
from django.core import mail
from django.utils import timezone

from meetings.domain.template import default_lines
from meetings.domain.vote_mail import send_due
from meetings.models import AgendaItem, Meeting, Series, TemplateItem, Vote, VoteTown
from tests.conftest import Cast, make_meeting
from tests.meetings.test_circular import over, put

turn = import_module("meetings.migrations.0008_items_that_approve_minutes").turn
mark = import_module("meetings.migrations.0009_no_mail_about_the_past").mark
TITLE = "Genehmigung des letzten Protokolls"


def test_minutes_can_be_approved_under_the_standing_item_of_an_older_series(cast: Cast) -> None:
    series = Series.objects.create(group=cast.group, title="Jour fixe", created_by=cast.coordinator)
    old = TemplateItem.objects.create(series=series, position=1, title=TITLE, kind="decision", minutes=5)
    own = TemplateItem.objects.create(series=series, position=2, title="Haushalt", kind="decision", minutes=5)
    planned, held = make_meeting(cast, series=series), make_meeting(cast, series=series, date=date(2026, 1, 15))
    Meeting.objects.filter(pk=held.pk).update(state="closed", start_time=time(9))
    for meeting in (planned, held):
        for line in (old, own):
            AgendaItem.objects.create(meeting=meeting, title=line.title, kind="decision", template_item=line)
    for _twice in range(2):
        turn(apps, None)
    kinds = dict(TemplateItem.objects.values_list("title", "kind"))
    assert kinds == {TITLE: "approval", "Haushalt": "decision"}
    assert dict(planned.items.values_list("title", "kind")) == kinds
    assert set(held.items.values_list("kind", flat=True)) == {"decision"}, "what was held stays as it was"


def test_the_suggested_agenda_still_has_that_name() -> None:
    assert [line.kind for line in default_lines() if line.title == "Approval of the last minutes"] == ["approval"]


def test_nobody_is_mailed_about_a_vote_that_ended_before_the_upgrade(cast: Cast) -> None:
    past, running = over(put(cast)), put(cast, subject="Läuft noch")
    Vote.objects.filter(pk=past.pk).update(state="closed", closed_at=timezone.now())
    mark(apps, None)
    send_due(timezone.now())
    assert not VoteTown.objects.filter(vote=past, result_told_at=None).exists()
    assert not [one for one in mail.outbox if past.subject in one.body]
    assert not VoteTown.objects.filter(vote=running).exclude(result_told_at=None).exists()
