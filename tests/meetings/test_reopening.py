"""A closed meeting is reopened by its chair, with a reason that stays on record."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from meetings.domain.agenda import decline_item, edit_item, place_item
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.decision import record_decision
from meetings.domain.files import attach_file
from meetings.domain.ideas import restore_idea, take_idea
from meetings.domain.presence import arrive
from meetings.domain.room import activate_item, open_meeting
from meetings.domain.round import write_report
from meetings.domain.schedule import add_meeting, cancel_meeting, invite_guest
from meetings.domain.wording import draft_wording
from meetings.models import AgendaItem, Idea, MeetingGuest, Presence, Report, Wording
from meetings.queries.agenda import agenda_of
from meetings.queries.ideas import parking_lot_of
from tests.conftest import make_meeting
from tests.meetings.series_forms import jour_fixe
from tests.meetings.test_agenda import propose, url
from tests.meetings.test_closing import HTMX, item, states, summary
from tests.permissions.world import fields_of


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
def closed(cast, running, following):
    arrive(meeting=running, municipality=cast.town("kehl"), by=cast.kehl)
    close_meeting(meeting=running, by=cast.coordinator)
    running.refresh_from_db()
    return running


def test_the_chair_reopens_with_a_reason_and_it_is_on_record(cast, closed, client_for):
    chair = client_for(cast.coordinator)
    answer = chair.post(url("meeting_reopen", closed.pk), {"reason": "Beschluss vergessen"}, headers=HTMX)
    assert answer.status_code == 204
    closed.refresh_from_db()
    assert (closed.state, closed.closed_at, closed.active_item) == ("open", None, None)
    assert states(closed)["B"] == "planned"
    assert Presence.objects.filter(ended_at=None).count() == 1
    assert "Beschluss vergessen" in summary(closed)
    record_decision(item=item("A"), wording="Doch.", mode="unanimous", by=cast.coordinator)
    close_meeting(meeting=closed, by=cast.coordinator)
    page = client_for(cast.mayor).get(url("meeting", closed.pk)).text
    assert "Beschluss vergessen" in page
    assert "closed again" in page
    assert AgendaItem.objects.filter(title="B").count() == 2


@pytest.mark.parametrize(
    ("reason", "message"),
    [("", "This field is required"), ("  ", "This field is required"), ("x" * 501, "at most 500")],
)
def test_a_reason_is_needed(cast, closed, client_for, reason, message):
    answer = client_for(cast.coordinator).post(url("meeting_reopen", closed.pk), {"reason": reason}, headers=HTMX)
    assert answer.status_code == 422
    assert message in answer.text
    closed.refresh_from_db()
    assert closed.state == "closed"


def test_reopened_twice_is_once(cast, closed):
    for _twice in range(2):
        reopen_meeting(meeting=closed, reason="Nachtrag", by=cast.coordinator)
    assert Change.objects.filter(verb="meeting_reopened").count() == 1


def test_not_while_another_meeting_of_the_group_is_in_session(cast, closed, following, client_for):
    open_meeting(meeting=following, by=cast.coordinator)
    answer = client_for(cast.coordinator).post(url("meeting_reopen", closed.pk), {"reason": "x"}, headers=HTMX)
    assert answer.status_code == 422
    assert "is in session" in answer.text


def test_a_planned_meeting_cannot_be_reopened(cast, meeting):
    with pytest.raises(Refused):
        reopen_meeting(meeting=meeting, reason="x", by=cast.coordinator)


@pytest.mark.parametrize(("who", "status"), [("kehl", 403), ("mayor", 403), ("guest", 404), ("other", 404)])
def test_only_the_chair_reopens(cast, closed, client_for, who, status):
    answer = client_for(getattr(cast, who)).post(url("meeting_reopen", closed.pk), {"reason": "x"})
    assert answer.status_code == status


def again(cast, meeting, **more):
    return reopen_meeting(meeting=meeting, reason="Nachtrag", by=cast.coordinator, **more)


def titles(meeting):
    return [row.item.title for row in agenda_of(meeting).flat]


def test_what_nobody_touched_comes_back_and_can_be_treated(cast, closed, following, client_for):
    copy = item("C").carried_to
    assert "comes back" in client_for(cast.coordinator).get(url("meeting_reopen", closed.pk)).text
    again(cast, closed)
    assert states(closed) == {"A": "done", **dict.fromkeys("BCDE", "planned")}
    assert titles(following) == []
    copy.refresh_from_db()
    assert (copy.state, copy.version) == ("withdrawn", 2)
    reopened = Change.objects.get(verb="meeting_reopened")
    assert {f"meeting-agenda-{following.pk}", f"item-{copy.pk}"} <= set(reopened.regions)
    page = client_for(cast.mayor).get(url("item", item("C").pk)).text
    assert "Carried over to" not in page
    assert url("item", copy.pk) not in page
    activate_item(item=item("C"), expected=None, by=cast.coordinator)
    close_meeting(meeting=closed, by=cast.coordinator)
    assert titles(following) == ["B", "D", "E"]
    assert item("D").carried_to.meeting == following
    assert AgendaItem.objects.filter(meeting=following).count() == 4  # the same copies as before
    copy.refresh_from_db()
    assert copy.state == "withdrawn"


def test_carried_a_second_time_it_carries_what_was_changed_meanwhile(cast, closed, following):
    copy = item("B").carried_to
    again(cast, closed)
    AgendaItem.objects.filter(pk=item("B").pk).update(text="Neuer Stand")
    close_meeting(meeting=closed, by=cast.coordinator)
    copy.refresh_from_db()
    assert (copy.state, copy.text, copy.answer, copy.version) == ("planned", "Neuer Stand", "", 3)
    again(cast, closed)  # and back once more
    assert states(closed)["B"] == "planned"


def test_carried_to_another_meeting_the_second_time(cast, closed, following):
    again(cast, closed)
    sooner = make_meeting(cast, date=closed.date + timedelta(days=7))
    close_meeting(meeting=closed, by=cast.coordinator)
    assert titles(sooner) == ["B", "C", "D", "E"]
    assert titles(following) == []
    assert item("B").carried_to.meeting == sooner


def test_waiting_for_a_meeting_after_it_came_back(cast, closed, following):
    again(cast, closed)
    cancel_meeting(meeting=following, reason="Krank", version=following.version, by=cast.coordinator)
    close_meeting(meeting=closed, by=cast.coordinator)
    values = {"title": "Später", "date": closed.date + timedelta(days=60), "start_time": closed.start_time}
    later = add_meeting(group=cast.group, minutes=60, by=cast.coordinator, **values)
    assert titles(later) == ["B", "C", "D", "E"]


@pytest.mark.parametrize("what", ["edited", "file", "guest", "report", "sub-item", "declined", "opened"])
def test_what_somebody_worked_on_stays_where_it_went(cast, closed, following, what):
    copy, by = item("B").carried_to, cast.coordinator
    if what == "edited":
        edit_item(item=copy, version=1, title="B neu", by=by)
    elif what == "file":
        attach_file(item=copy, upload=SimpleUploadedFile("a.txt", b"Text"), by=by)
    elif what == "guest":
        invite_guest(meeting=following, guest=cast.guest, item=copy, by=by)
    elif what == "report":
        AgendaItem.objects.filter(pk__in=[copy.pk, item("B").pk]).update(kind="round")
        texts = {"news": "Neu", "needs": "", "offers": "", "version": 0}
        write_report(item=copy, municipality=cast.town("kehl"), by=cast.kehl, **texts)
    elif what == "sub-item":
        place_item(item=propose(by, following, title="Unterpunkt"), parent=copy, before=None, by=by)
    elif what == "declined":
        decline_item(item=copy, answer="Nein.", by=by)
    else:
        open_meeting(meeting=following, by=by)
        close_meeting(meeting=following, by=by)
    state = AgendaItem.objects.get(pk=copy.pk).state
    again(cast, closed)
    copy.refresh_from_db()
    assert (states(closed)["B"], copy.state) == ("carried", state)
    assert what == "opened" or states(closed)["C"] == "planned"


def test_a_proposal_is_a_proposal_again(cast, running, following):
    proposal = propose(cast.kehl, running, title="Vorschlag")
    close_meeting(meeting=running, by=cast.coordinator)
    again(cast, running)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.carried_to.state) == ("proposed", "withdrawn")


def test_sub_items_come_back_below_their_item(cast, running, following):
    place_item(item=item("C"), parent=item("B"), before=None, by=cast.coordinator)
    for _twice in range(2):
        close_meeting(meeting=running, by=cast.coordinator)
        assert [row.number for row in agenda_of(following).flat] == ["1", "1.1", "2", "3"]
        again(cast, running)
        assert titles(running) == ["A", "B", "C", "D", "E"]


def test_an_idea_that_nobody_took_comes_back_and_goes_there_again(cast, running, following, client_for):
    b, c = item("B"), item("C")
    close_meeting(meeting=running, by=cast.coordinator, choices={b.pk: cast.group, c.pk: cast.group})
    taken = take_idea(idea=c.handed_to, meeting=following, by=cast.coordinator)
    again(cast, running)
    assert (states(running)["B"], states(running)["C"], taken.state) == ("planned", "handed_on", "planned")
    idea = Idea.objects.get(handed_from=b)
    assert idea.state == "dropped"
    assert not parking_lot_of(cast.group).dropped
    with pytest.raises(Refused, match="went back"):
        restore_idea(idea=idea, by=cast.coordinator)
    # Asked again, the form names the group that had it.
    chair = client_for(cast.coordinator)
    chair.post(url("meeting_close", running.pk), fields_of(chair.get(url("meeting_close", running.pk)).text))
    idea.refresh_from_db()
    assert (states(running)["B"], idea.state, Idea.objects.count()) == ("handed_on", "parked", 2)


def test_the_wording_under_discussion_comes_back(cast, running, following):
    draft_wording(item=item("B"), text="Wir tun B.", by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    copy = item("B").carried_to
    again(cast, running)
    assert Wording.objects.get(item=item("B")).state == "draft"
    assert Wording.objects.get(item=copy).state == "dropped"
    close_meeting(meeting=running, by=cast.coordinator)
    assert Wording.objects.filter(item=copy, state="draft").count() == 1


def test_standing_items_that_never_began_are_there_again(cast):
    series = jour_fixe(cast, today=timezone.localdate())
    meeting, following = series.meetings.order_by("date")[:2]
    texts = {"news": "Neu", "needs": "", "offers": "", "version": 0}
    write_report(item=meeting.items.get(title="Round"), municipality=cast.town("kehl"), by=cast.kehl, **texts)
    open_meeting(meeting=meeting, by=cast.coordinator)
    activate_item(item=meeting.items.get(title="Any other business"), expected=item("Opening").pk, by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    assert Report.objects.filter(item__meeting=following).count() == 1
    again(cast, meeting)
    assert states(meeting)["Round"] == "planned"
    assert not Report.objects.filter(item__meeting=following).exists()
    assert meeting.items.get(title="Round").reports.count() == 1


def test_who_is_not_signed_in_is_asked_to(closed, client):
    assert client.post(url("meeting_reopen", closed.pk), {"reason": "x"}).status_code == 302


def test_a_guest_of_the_meeting_reads_the_summary(cast, closed, client_for):
    MeetingGuest.objects.create(meeting=closed, membership=cast.guest)
    assert "Not finished" in unquote(client_for(cast.guest).get(url("meeting", closed.pk)).text)


def test_what_was_dropped_by_mistake_is_brought_back(cast, running, following, client_for):
    close_meeting(meeting=running, by=cast.coordinator, choices={item("B").pk: "drop"})
    again(cast, running)
    assert states(running)["B"] == "dropped"
    chair = client_for(cast.coordinator)
    assert f'id="agenda-{item("B").pk}-resume"' in chair.get(url("meeting", running.pk)).text
    assert chair.post(url("item_resume", item("B").pk), headers=HTMX).status_code == 204
    assert states(running)["B"] == "planned"


def test_what_went_back_is_not_accepted_where_it_was(cast, closed, client_for):
    copy = item("B").carried_to
    again(cast, closed)
    answer = client_for(cast.coordinator).post(url("item_accept", copy.pk), headers=HTMX)
    assert answer.status_code == 409
    assert "in session again" in unquote(answer["X-Message"])
    copy.refresh_from_db()
    assert copy.state == "withdrawn"


def test_a_copy_that_is_there_by_hand_gets_files_and_wording_too(cast, running, following):
    attach_file(item=item("B"), upload=SimpleUploadedFile("a.txt", b"Text"), by=cast.coordinator)
    close_meeting(meeting=running, by=cast.coordinator)
    copy = item("B").carried_to
    again(cast, running)
    draft_wording(item=item("B"), text="So sei es.", by=cast.coordinator)
    AgendaItem.objects.filter(pk=copy.pk).update(state="planned")
    close_meeting(meeting=running, by=cast.coordinator)
    assert [file.name for file in copy.attachments.filter(removed_at=None)] == ["a.txt"]
    assert copy.wordings.get(state="draft").text == "So sei es."
    assert item("B").state == "carried"
