"""What an installation of an earlier version holds, after it was brought up to date."""

from __future__ import annotations

from datetime import date, time
from importlib import import_module

from django.apps import apps

from meetings.domain.template import default_lines
from meetings.models import AgendaItem, Meeting, Series, TemplateItem
from tests.conftest import Cast, make_meeting

turn = import_module("meetings.migrations.0008_items_that_approve_minutes").turn
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
