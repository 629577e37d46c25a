"""Whatever changes a text or where it stands, the index holds afterwards what a new one would."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.utils import timezone

from collab.search import index, kinds
from collab.search.models import Entry
from meetings.domain.agenda import propose_item
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.leading import add_on_the_spot, undo
from meetings.domain.room import open_meeting, save_notes
from meetings.domain.schedule import cancel_meeting
from meetings.domain.series import change_series_from, create_series, edit_series, end_series
from meetings.domain.template import Line
from meetings.models import AgendaItem, Meeting, Series
from meetings.queries.steps import last_step
from meetings.recurrence import Frequency, Rule
from tests.conftest import Cast, make_meeting
from workgroups.domain.action_item import add_action_item
from workgroups.domain.group import create_group, edit_group
from workgroups.domain.project import add_project, save_part
from workgroups.domain.question import ask_question

# What is kept of a thing does not depend on the database.
pytestmark = pytest.mark.sqlite_only
COLUMNS = ("kind", "object_id", *index.SHOWN)


@pytest.fixture
def own(cast: Cast) -> Cast:
    """The cast, whose own group stands in the index, too."""
    index.put(*(found for kind in kinds.all_kinds() for found in kind.everything(cast.network.pk)))
    return cast


def wrong(cast: Cast) -> list[str]:
    """Return what the index holds otherwise than one that is made anew."""
    network = cast.network.pk
    fresh = [index.entry_of(found) for kind in kinds.all_kinds() for found in kind.everything(network)]
    rows = {(entry.kind, entry.object_id): entry for entry in Entry.objects.filter(network=network)}
    anew = {(entry.kind, entry.object_id): entry for entry in fresh}
    odd = [key for key in rows.keys() | anew.keys() if _said(rows.get(key)) != _said(anew.get(key))]
    return sorted(f"{kind} {pk}" for kind, pk in odd)


def _said(entry: Entry | None) -> list[object]:
    return [getattr(entry, name) for name in COLUMNS] if entry else []


def test_a_project_of_another_name(own: Cast) -> None:
    project = add_project(network=own.network, title="Parken", by=own.kehl)
    names = {"municipality": own.town("kehl"), "person": None, "due_on": None}
    add_action_item(network=own.network, title="Brief", project=project, by=own.kehl, **names)
    ask_question(network=own.network, title="Wer?", text="", block="", project=project, by=own.achern)
    values = {"title": "Stellplätze", "summary": "", "goal": "", "block": "", "group": None}
    save_part(project=project, part="basics", values=values, version=1, by=own.kehl)
    assert wrong(own) == []


def test_a_group_of_another_name(own: Cast) -> None:
    values = {"purpose": "", "is_internal": False, "by": own.kehl}
    network, kind = own.network, "working_group"
    group = create_group(network=network, kind=kind, name="Parken", lead_town=None, **values)
    names = {"municipality": own.town("kehl"), "person": None, "due_on": None}
    add_action_item(network=network, title="Brief", group=group, by=own.kehl, **names)
    edit_group(group=group, name="Stellplätze", version=1, **values)
    assert wrong(own) == []


def test_notes_in_session_and_after(own: Cast, meeting: Meeting) -> None:
    item = propose_item(meeting=meeting, by=own.coordinator, title="Hafen")
    open_meeting(meeting=meeting, by=own.coordinator)
    save_notes(item=item, notes="Der Bagger kommt", version=item.notes_version, by=own.coordinator)
    assert wrong(own) == []
    close_meeting(meeting=meeting, by=own.coordinator)
    item = AgendaItem.objects.get(pk=item.pk)
    save_notes(item=item, notes="Der Kran kommt", version=item.notes_version, by=own.coordinator)
    assert wrong(own) == []


def test_an_item_added_on_the_spot_and_taken_back(own: Cast, meeting: Meeting) -> None:
    open_meeting(meeting=meeting, by=own.coordinator)
    add_on_the_spot(meeting=meeting, title="Brücke", minutes=5, kind="info", by=own.coordinator)
    assert wrong(own) == []
    step = last_step(meeting)
    assert step is not None
    undo(meeting=meeting, step=step.pk, by=own.coordinator)
    assert wrong(own) == []


@pytest.fixture
def prepared(own: Cast, meeting: Meeting) -> Meeting:
    """A meeting with an item and a proposal, and one that follows it."""
    make_meeting(own, date=meeting.date + timedelta(days=7), title="Next")
    propose_item(meeting=meeting, by=own.coordinator, title="Hafen")
    propose_item(meeting=meeting, by=own.kehl, title="Brücke")
    meeting.refresh_from_db()
    return meeting


def test_what_a_cancelled_meeting_hands_on(own: Cast, prepared: Meeting) -> None:
    cancel_meeting(meeting=prepared, reason="", version=prepared.version, by=own.coordinator, carry=True)
    assert wrong(own) == []


def test_what_comes_back_to_a_reopened_meeting(own: Cast, prepared: Meeting) -> None:
    open_meeting(meeting=prepared, by=own.coordinator)
    close_meeting(meeting=prepared, by=own.coordinator)
    assert wrong(own) == []
    reopen_meeting(meeting=prepared, reason="Too early", by=own.coordinator)
    assert wrong(own) == []


def weekly(day: int) -> Rule:
    begins = timezone.localdate() + timedelta(days=day)
    return Rule(frequency=Frequency.WEEKLY, starts_on=begins, weekday=begins.weekday())


@pytest.fixture
def series(own: Cast) -> Series:
    """A weekly series with something on the agenda of its third meeting."""
    lines = [Line(title="Opening", kind="info", minutes=5)]
    times = {"start_time": time(9, 30), "minutes": 60}
    made = create_series(
        group=own.group, title="Jour fixe", rule=weekly(3), template=lines, by=own.coordinator, **times
    )
    third = made.meetings.order_by("date")[2]
    propose_item(meeting=third, by=own.coordinator, title="Hafen")
    propose_item(meeting=third, by=own.kehl, title="Brücke")
    return made


def test_a_series_of_another_name(own: Cast, series: Series) -> None:
    lines = [Line(title=line.title, kind=line.kind, minutes=5, pk=line.pk) for line in series.template_items.all()]
    values = {"title": "Rathausrunde", "place": "", "video_link": "", "hosts": [], "template": lines}
    edit_series(series=series, version=series.version, by=own.coordinator, **values)
    assert wrong(own) == []


def test_a_series_on_another_day(own: Cast, series: Series) -> None:
    rule, times = weekly(4), {"start_time": time(9, 30), "minutes": 60}
    change_series_from(
        series=series, from_date=rule.starts_on, rule=rule, version=series.version, by=own.coordinator, **times
    )
    assert wrong(own) == []


def test_a_series_that_ends(own: Cast, series: Series) -> None:
    day = timezone.localdate() + timedelta(days=4)
    end_series(series=series, last_date=day, version=series.version, by=own.coordinator)
    assert wrong(own) == []
