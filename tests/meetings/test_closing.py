"""The end of a meeting: what becomes of what is unfinished, the summary, reopening."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.correction import void_decision
from meetings.domain.decision import record_decision
from meetings.domain.leading import defer_item
from meetings.domain.presence import arrive
from meetings.domain.recording import record_action
from meetings.domain.room import next_item, open_meeting
from meetings.domain.schedule import add_meeting
from meetings.models import AgendaItem, Idea, Presence, TemplateItem
from meetings.queries.agenda import agenda_of
from tests.conftest import make_meeting
from tests.meetings.series_forms import jour_fixe
from tests.meetings.test_agenda import HOSTILE, propose, url
from tests.permissions.world import fields_of
from workgroups.models import Group

HTMX = {"hx-request": "true"}


@pytest.fixture
def running(cast, meeting):
    """A meeting in session with items A to E, the first one active."""
    for title in "ABCDE":
        propose(cast.coordinator, meeting, title=title)
    return open_meeting(meeting=meeting, by=cast.coordinator)


@pytest.fixture
def following(cast, running):
    return make_meeting(cast, date=running.date + timedelta(days=28))


@pytest.fixture
def guides(cast):
    return Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="Digitallotsen")


def item(title):
    return AgendaItem.objects.filter(title=title).order_by("pk").first()


def states(meeting):
    return {i.title: i.state for i in AgendaItem.objects.filter(meeting=meeting)}


def form(client, meeting, **more):
    """Return what the closing form sends, with some choices changed."""
    values = fields_of(client.get(url("meeting_close", meeting.pk)).text)
    return {**values, **more}


def close(client, meeting, **more):
    return client.post(url("meeting_close", meeting.pk), form(client, meeting, **more), headers=HTMX)


def test_each_item_goes_where_it_was_sent(cast, running, following, guides, client_for):
    chair = client_for(cast.coordinator)
    b, c = item("B"), item("C")
    answer = close(chair, running, **{f"item-{b.pk}": "group", f"group-{b.pk}": guides.pk, f"item-{c.pk}": "drop"})
    assert answer.status_code == 204
    assert "2 items go to the meeting" in answer["HX-Trigger"]
    assert states(running) == {"A": "done", "B": "handed_on", "C": "dropped", "D": "carried", "E": "carried"}
    assert [row.item.title for row in agenda_of(following).flat] == ["D", "E"]
    idea = Idea.objects.get()
    assert (idea.group, idea.title, idea.handed_from) == (guides, "B", b)
    page = client_for(cast.mayor).get(url("meeting", running.pk)).text
    assert "handed to “Digitallotsen”" in page
    assert url("item", item("D").carried_to.pk) in page
    assert f"ideas-{guides.pk}" in Change.objects.get(verb="meeting_closed").regions


def test_all_to_the_next_meeting_is_one_button(cast, running, following, guides, client_for):
    b = item("B")
    answer = close(client_for(cast.coordinator), running, **{f"item-{b.pk}": "drop", "all": "next"})
    assert answer.status_code == 204
    assert states(running) == {"A": "done", **dict.fromkeys("BCDE", "carried")}


def test_the_active_item_was_treated_or_not(cast, running, following, client_for):
    chair, a = client_for(cast.coordinator), item("A")
    assert "Was treated" in chair.get(url("meeting_close", running.pk)).text
    close(chair, running, **{f"item-{a.pk}": "next"})
    assert states(running)["A"] == "carried"


def test_an_item_added_after_the_form_was_opened_is_not_lost_and_the_chair_is_told(
    cast, running, following, client_for
):
    chair = client_for(cast.coordinator)
    opened = form(chair, running)
    propose(cast.coordinator, running, title="Neu")
    next_item(meeting=running, expected=item("A").pk, by=cast.coordinator)  # A is finished meanwhile
    answer = chair.post(url("meeting_close", running.pk), opened, headers=HTMX)
    assert "Neu" in answer["HX-Trigger"]
    assert "was added after the form was opened" in answer["HX-Trigger"]
    assert states(running)["A"] == "done"
    assert [row.item.title for row in agenda_of(following).flat] == ["B", "C", "D", "E", "Neu"]


@pytest.mark.parametrize(
    ("choice", "group", "message"),
    [("group", "", "Choose the group"), ("group", "0", "Select a valid choice"), ("nowhere", "", "Select a valid")],
)
def test_what_cannot_be_chosen_is_refused_and_nothing_is_closed(
    cast, running, following, client_for, choice, group, message
):
    b = item("B")
    answer = close(client_for(cast.coordinator), running, **{f"item-{b.pk}": choice, f"group-{b.pk}": group})
    assert answer.status_code == 422
    assert message in answer.text
    running.refresh_from_db()
    assert running.state == "open"


def test_a_group_of_another_network_cannot_be_chosen(cast, running, client_for):
    foreign = Group.objects.get(network=cast.other_network)
    b = item("B")
    answer = close(client_for(cast.coordinator), running, **{f"item-{b.pk}": "group", f"group-{b.pk}": foreign.pk})
    assert answer.status_code == 422
    with pytest.raises(PermissionDenied):
        close_meeting(meeting=running, by=cast.coordinator, choices={b.pk: foreign})
    assert not Idea.objects.exists()


def test_deferred_items_and_proposals_are_asked_for(cast, running, following, client_for):
    defer_item(item=item("B"), expected=item("A").pk, by=cast.coordinator)
    proposal = propose(cast.kehl, running, title="Vorschlag")
    page = client_for(cast.coordinator).get(url("meeting_close", running.pk)).text
    assert f'name="item-{proposal.pk}"' in page
    assert f'name="item-{item("B").pk}"' in page
    close(client_for(cast.coordinator), running, **{f"item-{proposal.pk}": "drop"})
    assert states(running)["B"] == "carried"
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answer) == ("declined", "Not taken up when the meeting closed.")


def test_deferred_items_wait_for_a_next_meeting(cast, running):
    defer_item(item=item("B"), expected=item("A").pk, by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    later = add_meeting(
        group=cast.group,
        title="Später",
        date=running.date + timedelta(days=60),
        start_time=running.start_time,
        minutes=60,
        by=cast.coordinator,
    )
    assert [row.item.title for row in agenda_of(later).flat] == ["B", "C", "D", "E"]


def test_standing_items_not_begun_are_dropped_and_decided_ones_are_done(cast, client_for):
    series = jour_fixe(cast, today=timezone.localdate())
    meeting = series.meetings.order_by("date").first()
    decided = propose(cast.coordinator, meeting, title="Beschluss")
    open_meeting(meeting=meeting, by=cast.coordinator)
    record_decision(item=decided, wording="Ja.", mode="unanimous", by=cast.coordinator)
    page = client_for(cast.coordinator).get(url("meeting_close", meeting.pk)).text
    assert f'name="item-{decided.pk}"' not in page
    close_meeting(meeting=meeting, by=cast.coordinator)
    assert states(meeting) == {
        "Opening": "done",
        "Round": "dropped",
        "Beschluss": "done",
        "Any other business": "dropped",
    }
    assert TemplateItem.objects.filter(removed=False).count() == 3


def test_a_decision_that_is_void_does_not_finish_an_item(cast, running, following):
    decision = record_decision(item=item("B"), wording="Ja.", mode="unanimous", by=cast.coordinator)
    void_decision(decision=decision, reason="Versehen", version=decision.version, by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    assert states(running)["B"] == "carried"


def test_closing_ends_presence_and_clock(cast, running):
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    close_meeting(meeting=running, by=cast.coordinator)
    running.refresh_from_db()
    assert Presence.objects.get().ended_at == running.closed_at
    assert not AgendaItem.objects.filter(running_since__isnull=False).exists()


# -- the summary ------------------------------------------------------------------------------------------------------


def summary(meeting, audience="member"):
    return render(f"meeting-summary-{meeting.pk}", audience, "en")


def test_the_summary_tells_all_in_one_place(cast, running, following):
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    decision = record_decision(item=item("A"), wording=HOSTILE, mode="unanimous", by=cast.coordinator)
    wrong = record_decision(item=item("A"), wording="Falsch", mode="unanimous", by=cast.coordinator)
    void_decision(decision=wrong, reason="Verhört", version=wrong.version, by=cast.coordinator)
    action = record_action(
        item=item("A"),
        title="Angebot einholen",
        municipality=cast.town("achern"),
        person=None,
        due_on=running.date,
        note="",
        by=cast.coordinator,
    )
    assert "<section" in summary(running)
    assert "Decisions" not in summary(running)
    close_meeting(meeting=running, by=cast.coordinator)
    page = summary(running)
    assert url("decision", decision.reference) in page
    assert "<script>alert" not in page
    assert "<s>Falsch</s>" in page
    assert "Verhört" in page
    assert url("action_item", action.pk) in page
    assert "1 of 4 municipalities present" in page
    assert page.count("to the meeting on") == 4
    assert "Reopen" not in page
    assert url("meeting_reopen", running.pk) in summary(running, "chair")


def test_a_guests_summary_names_no_other_meeting(cast, running, following, guides):
    close_meeting(meeting=running, by=cast.coordinator, choices={item("B").pk: guides})
    page = summary(running, "guest")
    assert "Digitallotsen" not in page
    assert url("item", item("C").carried_to.pk) not in page
    assert "to the next meeting" in page


def test_the_summary_takes_the_same_number_of_queries_for_few_and_many_entries(cast, running, following):
    def entries(number):
        for k in range(number):
            record_decision(item=item("A"), wording=f"{k}", mode="unanimous", by=cast.coordinator)
            record_action(
                item=item("A"),
                title=f"{k}",
                municipality=cast.town("achern"),
                person=None,
                due_on=None,
                note="",
                by=cast.coordinator,
            )

    def count():
        with CaptureQueriesContext(connection) as queries:
            summary(running)
        return len(queries)

    entries(1)
    close_meeting(meeting=running, by=cast.coordinator)
    few = count()
    reopen_meeting(meeting=running, reason="Nachtrag", by=cast.coordinator)
    entries(5)
    close_meeting(meeting=running, by=cast.coordinator)
    assert count() == few
