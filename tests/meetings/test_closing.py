"""The end of a meeting: what becomes of what is unfinished, the summary, reopening."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.formats import date_format

from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.correction import correct_decision, void_decision
from meetings.domain.decision import record_decision
from meetings.domain.leading import defer_item
from meetings.domain.presence import answer_invitation, arrive
from meetings.domain.recording import record_action
from meetings.domain.room import next_item, open_meeting
from meetings.domain.round import write_report
from meetings.domain.schedule import add_meeting
from meetings.domain.wording import draft_wording
from meetings.models import AgendaItem, Decision, Idea, Meeting, Presence, TemplateItem, Wording
from meetings.queries.agenda import agenda_of
from meetings.queries.presence import count_presences, presence_of
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


def _two_of_a_series(cast):
    """Return a running meeting of a series whose round is deferred with a prepared report, and the next one."""
    series = jour_fixe(cast, today=timezone.localdate())
    meeting, following = series.meetings.order_by("date")[:2]
    prepared = meeting.items.get(title="Round")
    texts = {"news": "Neu", "needs": "", "offers": "", "version": 0}
    write_report(item=prepared, municipality=cast.town("kehl"), by=cast.kehl, **texts)
    open_meeting(meeting=meeting, by=cast.coordinator)
    return meeting, following, prepared


def test_a_deferred_standing_item_comes_again_once(cast, client_for):
    meeting, following, prepared = _two_of_a_series(cast)
    defer_item(item=prepared, expected=None, by=cast.coordinator)
    assert f'name="item-{prepared.pk}"' not in client_for(cast.coordinator).get(url("meeting_close", meeting.pk)).text
    close_meeting(meeting=meeting, by=cast.coordinator)
    assert [row.item.title for row in agenda_of(following).flat] == ["Opening", "Round", "Any other business"]
    again = following.items.get(title="Round")
    assert again.reports.get().news == "Neu"
    closing = Change.objects.get(verb="meeting_closed")
    assert {f"meeting-round-{following.pk}", f"item-{again.pk}"} <= set(closing.regions)


def test_a_deferred_standing_item_with_words_of_its_own_is_not_lost(cast):
    meeting, following, prepared = _two_of_a_series(cast)
    AgendaItem.objects.filter(pk=prepared.pk).update(text="Heute: Kasse")
    defer_item(item=prepared, expected=None, by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    assert following.items.get(text="Heute: Kasse").carried_from_id == prepared.pk


def test_a_handed_proposal_stays_off_the_closed_agenda(cast, running, guides, client_for):
    proposal = propose(cast.kehl, running, title="Vorschlag")
    before = [(row.number, row.item.title) for row in agenda_of(running).flat]
    close_meeting(meeting=running, by=cast.coordinator, choices={proposal.pk: guides})
    assert [(row.number, row.item.title) for row in agenda_of(running).flat] == before
    assert Idea.objects.get().handed_from == proposal
    assert "handed to “Digitallotsen”" in summary(running)
    mayor = client_for(cast.mayor)
    assert "Handed to a group" in mayor.get(url("item", proposal.pk)).text
    page = mayor.get(url("meeting", running.pk)).text
    assert "Handed to a group" in page
    assert "Proposed for the next meeting" not in page


def test_a_wording_under_discussion_goes_on_with_its_item(cast, running, following, guides):
    a, b, c, d = (item(title) for title in "ABCD")
    for one in (a, b, c, d):
        draft_wording(item=one, text=f"Wir tun {one.title}.", by=cast.coordinator)
    choices = {a.pk: "done", b.pk: "next", c.pk: "drop", d.pk: guides}
    close_meeting(meeting=running, by=cast.coordinator, choices=choices)
    carried = Wording.objects.get(item=b.carried_to)
    assert (carried.state, carried.text, carried.created_by) == ("draft", "Wir tun B.", cast.coordinator)
    assert [version.text for version in carried.versions.all()] == ["Wir tun B."]
    left = dict(Wording.objects.filter(item__meeting=running).values_list("item__title", "state"))
    # What was handed over waits with its item in the parking lot.
    assert left == {"A": "dropped", "B": "dropped", "C": "dropped", "D": "draft"}
    open_meeting(meeting=following, by=cast.coordinator)
    assert "Wir tun B." in render(f"meeting-wording-{following.pk}", "member", "en")


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


def test_one_figure_of_who_was_there(cast, running, following, client_for):
    """A seat that was ticked and unticked again was not there: summary, attendance list and series say the same."""
    for town in ("kehl", "achern"):
        arrive(meeting=running, municipality=cast.town(town), by=cast.coordinator)
    Presence.objects.filter(attendance__municipality=cast.town("achern")).update(ended_at=F("began_at"))
    close_meeting(meeting=running, by=cast.coordinator)
    running.refresh_from_db()
    assert presence_of(running).present == 1
    assert count_presences([running, following]) == {running.pk: 1, following.pk: 0}
    assert "1 of 4 municipalities present" in summary(running)
    assert "1 of 4 were present" in render(f"meeting-people-{running.pk}", "member", "en")


def test_who_was_there_stays_on_record_when_the_town_is_no_longer_expected(cast, running):
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    close_meeting(meeting=running, by=cast.coordinator)
    cast.town("kehl").accessions.update(left_on=running.date - timedelta(days=400))
    running.refresh_from_db()
    table = presence_of(running)
    assert (table.present, table.expected) == (1, 4)
    assert count_presences([running]) == {running.pk: 1}


def test_counting_who_was_there_takes_the_same_number_of_queries_for_few_and_many(cast, running, following):
    def count(meetings):
        with CaptureQueriesContext(connection) as queries:
            count_presences(meetings)
        return len(queries)

    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.coordinator)
    few = count([running])
    for town in ("achern", "lahr", "durbach"):
        arrive(meeting=running, municipality=cast.town(town), by=cast.coordinator)
    assert count([running, following]) == few == 2


def test_held_from_the_first_opening_to_the_last_closing(cast, running, following, client_for):
    close_meeting(meeting=running, by=cast.coordinator)
    reopen_meeting(meeting=running, reason="Nachtrag", by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    nine, noon = (timezone.localtime().replace(hour=hour, minute=7) for hour in (9, 12))
    Meeting.objects.filter(pk=running.pk).update(opened_at=nine, closed_at=noon)
    for region in ("summary", "agenda", "head"):
        assert "Held from 09:07 to 12:07" in render(f"meeting-{region}-{running.pk}", "member", "en"), region
    assert "Reopened on" in summary(running)
    Meeting.objects.filter(pk=running.pk).update(closed_at=noon + timedelta(days=1))
    day = date_format(noon + timedelta(days=1), "SHORT_DATE_FORMAT")
    assert f"Held from 09:07 to {day}, 12:07" in summary(running)


def test_what_was_recorded_by_mistake_is_called_so_and_does_not_count(cast, running):
    for wording in ("Ja.", "Falsch."):
        wrong = record_decision(item=item("A"), wording=wording, mode="unanimous", by=cast.coordinator)
    void_decision(decision=wrong, reason="Verhört", version=1, by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    page = summary(running)
    assert 'Decisions <span class="count">1</span>' in page
    assert "Recorded by mistake" in page and "Void" not in page
    Decision.objects.filter(voided_at=None).update(voided_at=timezone.now())
    assert 'Decisions <span class="count">' not in summary(running)


def test_a_corrected_decision_says_so_with_its_time(cast, running):
    decision = record_decision(item=item("A"), wording="Ja.", mode="unanimous", by=cast.coordinator)
    correct_decision(
        decision=decision,
        wording="Ja, 2027.",
        mode="unanimous",
        yes=None,
        no=None,
        abstain=None,
        reason="Das Jahr fehlte",
        version=1,
        by=cast.coordinator,
    )
    at = timezone.localtime(decision.revisions.get().at)
    close_meeting(meeting=running, by=cast.coordinator)
    assert f"corrected {at:%H:%M}, one earlier version" in summary(running)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_proposal_that_is_dropped_is_listed_as_not_finished(cast, running, language):
    proposal = propose(cast.kehl, running, title="Vorschlag")
    declined = propose(cast.kehl, running, title="Abgelehnt")
    AgendaItem.objects.filter(pk=declined.pk).update(state="declined", answer="Passt nicht.")
    with translation.override(language):
        close_meeting(meeting=running, by=cast.coordinator, choices={proposal.pk: "drop"})
    page = summary(running)
    assert f'summary-{running.pk}-left-{proposal.pk}"' in page
    assert "Vorschlag" in page and "dropped" in page
    assert "Abgelehnt" not in page


def test_printed_minutes_say_who_was_there_and_what_the_towns_told(cast, running, client_for):
    arrive(meeting=running, municipality=cast.town("kehl"), name=HOSTILE[:60], by=cast.coordinator)
    answer_invitation(
        meeting=running,
        municipality=cast.town("achern"),
        answer="apologised",
        note="",
        deputy=None,
        deputy_name="",
        version=0,
        by=cast.achern,
    )
    tour = item("A")
    AgendaItem.objects.filter(pk=tour.pk).update(kind="round")
    texts = {"news": HOSTILE, "needs": "Rat", "offers": "Tat"}
    write_report(item=tour, municipality=cast.town("kehl"), version=0, by=cast.kehl, **texts)
    close_meeting(meeting=running, by=cast.coordinator)
    page = summary(running)
    assert "Present (1):" in page and "Apologised (1):</strong> Achern" in page
    assert "Missing (2):</strong> Durbach, Lahr" in page
    assert "Apologised" not in summary(running, "guest") and "Present (1):" in summary(running, "guest")
    agenda = render(f"meeting-agenda-{running.pk}", "member", "en")
    assert "<em>We need:</em>" in agenda and "Tat" in agenda
    assert "<script>alert" not in agenda + page


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
