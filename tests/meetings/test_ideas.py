"""The parking lot of a group: ideas for later meetings."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.ideas import MOST_IDEAS, drop_idea, park_idea, restore_idea, take_idea
from meetings.domain.room import open_meeting
from meetings.domain.round import write_report
from meetings.domain.wording import draft_wording
from meetings.models import AgendaItem, Idea
from tests.conftest import make_meeting
from tests.meetings.test_agenda import HOSTILE, propose, url
from workgroups.models import Group

HTMX = {"hx-request": "true"}


@pytest.fixture
def idea(cast):
    return park_idea(group=cast.group, title="PDF prüfen", text="Wie?", by=cast.kehl)


def lot(cast, audience="chair", group=None):
    return render(f"ideas-{(group or cast.group).pk}", audience, "en")


def test_a_member_parks_an_idea_once(cast, client_for):
    data = {"title": HOSTILE, "text": "Warum", "request_id": str(uuid4())}
    for _twice in range(2):
        answer = client_for(cast.kehl).post(url("idea_add", cast.group.pk), data, headers=HTMX)
        assert answer.status_code == 204
    one = Idea.objects.get()
    assert (one.title, one.proposed_by, one.state) == (HOSTILE, cast.kehl, "parked")
    assert "<script>alert" not in lot(cast)
    assert "officer Kehl" in lot(cast)
    second = client_for(cast.achern).post(url("idea_add", cast.group.pk), data, headers=HTMX)
    assert second.status_code == 422


@pytest.mark.parametrize(
    ("values", "message"),
    [({"title": ""}, "required"), ({"title": "x" * 201}, "at most 200"), ({"text": "x" * 2001}, "at most 2000")],
)
def test_what_cannot_be_parked(cast, client_for, values, message):
    data = {"title": "Idee", "text": "", **values}
    answer = client_for(cast.kehl).post(url("idea_add", cast.group.pk), data, headers=HTMX)
    assert answer.status_code == 422
    assert message in answer.text
    assert not Idea.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("mayor", 403), ("guide", 403), ("guest", 404), ("other", 404)])
def test_who_does_not_belong_to_the_group_parks_nothing(cast, client_for, who, status):
    client = client_for(getattr(cast, who))
    assert client.post(url("idea_add", cast.group.pk), {"title": "x"}).status_code == status
    assert not Idea.objects.exists()


def test_nobody_is_asked_to_sign_in(cast, client):
    assert client.post(url("idea_add", cast.group.pk), {"title": "x"}).status_code == 302


def test_the_parking_lot_has_an_end(cast, idea, client_for):
    Idea.objects.bulk_create(Idea(group=cast.group, title=str(k), proposed_by=cast.kehl) for k in range(MOST_IDEAS - 1))
    answer = client_for(cast.kehl).post(url("idea_add", cast.group.pk), {"title": "x"}, headers=HTMX)
    assert "The parking lot is full" in answer.text


def test_the_chair_puts_it_on_an_agenda(cast, idea, meeting, client_for):
    chair = client_for(cast.coordinator)
    assert "Jour fixe" in chair.get(url("idea_take", idea.pk)).text
    answer = chair.post(url("idea_take", idea.pk), {"meeting": meeting.pk}, headers=HTMX)
    assert answer.status_code == 204
    idea.refresh_from_db()
    item = AgendaItem.objects.get()
    assert (item.title, item.text, item.state, item.proposed_by) == ("PDF prüfen", "Wie?", "planned", cast.kehl)
    assert (idea.state, idea.item) == ("taken", item)
    assert "PDF prüfen" not in lot(cast)
    assert "In the parking lot of “Fachgruppe” since" in chair.get(url("item", item.pk)).text
    again = chair.post(url("idea_take", idea.pk), {"meeting": meeting.pk}, headers=HTMX)
    assert again.status_code == 204
    assert AgendaItem.objects.count() == 1


def test_taken_meanwhile(cast, idea, meeting, client_for):
    take_idea(idea=idea, meeting=meeting, by=cast.coordinator)
    other = make_meeting(cast, date=meeting.date + timedelta(days=28))
    answer = client_for(cast.coordinator).post(url("idea_take", idea.pk), {"meeting": other.pk}, headers=HTMX)
    assert answer.status_code == 422
    assert "has just put this idea on the agenda" in answer.text
    dropped = client_for(cast.coordinator).post(url("idea_drop", idea.pk), headers=HTMX)
    assert dropped.status_code == 409
    assert "has just put" in unquote(dropped["X-Message"])


def test_only_a_meeting_of_the_group_to_come(cast, idea, client_for):
    guides = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="Digitallotsen")
    chair = client_for(cast.coordinator)
    assert "No meeting of the group is planned" in chair.get(url("idea_take", idea.pk)).text
    elsewhere = make_meeting(cast)
    type(elsewhere).objects.filter(pk=elsewhere.pk).update(group=guides)
    answer = chair.post(url("idea_take", idea.pk), {"meeting": elsewhere.pk}, headers=HTMX)
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.text


def test_dropped_and_taken_up_again(cast, idea, client_for):
    chair = client_for(cast.coordinator)
    for _twice in range(2):
        assert chair.post(url("idea_drop", idea.pk), headers=HTMX).status_code == 204
    assert Change.objects.filter(verb="idea_dropped").count() == 1
    assert "1 idea dropped" in lot(cast)
    assert "PDF prüfen" not in lot(cast, "reader")
    assert chair.post(url("idea_restore", idea.pk), headers=HTMX).status_code == 204
    idea.refresh_from_db()
    assert idea.state == "parked"


@pytest.mark.parametrize("name", ["idea_drop", "idea_restore", "idea_take"])
@pytest.mark.parametrize(("who", "status"), [("kehl", 403), ("mayor", 403), ("guest", 404), ("other", 404)])
def test_only_the_chair_of_the_group_decides(cast, idea, meeting, client_for, name, who, status):
    client = client_for(getattr(cast, who))
    assert client.post(url(name, idea.pk), {"meeting": meeting.pk}).status_code == status


def test_readers_see_it_without_controls(cast, idea, client_for):
    page = lot(cast, "reader")
    assert "PDF prüfen" in page
    assert "data-dialog" not in page
    assert "<button" not in page


def test_a_dropped_idea_cannot_be_put_on_an_agenda(cast, idea, meeting, client_for):
    drop_idea(idea=idea, by=cast.coordinator)
    answer = client_for(cast.coordinator).post(url("idea_take", idea.pk), {"meeting": meeting.pk}, headers=HTMX)
    assert "was dropped meanwhile" in answer.text


def test_what_a_meeting_handed_over_comes_with_all_it_had(cast, meeting, client_for):
    guides = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="Digitallotsen")
    first = propose(cast.coordinator, meeting, title="Erstes")
    long = propose(
        cast.coordinator, meeting, title="E-Akte", text="a" * 5000, minutes=35, municipality=cast.town("kehl")
    )
    open_meeting(meeting=meeting, by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator, choices={first.pk: "done", long.pk: guides})
    one = Idea.objects.get()
    assert "from “Jour fixe” on" in lot(cast, group=guides)
    assert len(one.text) == 2000
    later = make_meeting(cast)
    type(later).objects.filter(pk=later.pk).update(group=guides)
    later.refresh_from_db()
    item = take_idea(idea=one, meeting=later, by=cast.coordinator)
    assert (item.text, item.minutes, item.municipality) == ("a" * 5000, 35, cast.town("kehl"))
    page = client_for(cast.mayor).get(url("item", long.pk)).text
    assert url("item", item.pk) in page
    assert url("item", long.pk) in client_for(cast.mayor).get(url("item", item.pk)).text


def test_a_handed_round_comes_with_its_prepared_reports_and_a_wording(cast, meeting):
    first = propose(cast.coordinator, meeting, title="Erstes")
    handed = propose(cast.coordinator, meeting, title="Blitzlicht", kind="round")
    texts = {"news": "Neu", "needs": "", "offers": "", "version": 0}
    write_report(item=handed, municipality=cast.town("kehl"), by=cast.kehl, **texts)
    open_meeting(meeting=meeting, by=cast.coordinator)
    draft_wording(item=handed, text="Wir tun es.", by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator, choices={first.pk: "done", handed.pk: cast.group})
    item = take_idea(idea=Idea.objects.get(), meeting=make_meeting(cast), by=cast.coordinator)
    assert item.reports.get().news == "Neu"
    assert item.wordings.get().state == "draft"
    assert handed.wordings.get().state == "dropped"


def test_the_lobby_and_the_series_page_show_it(cast, idea, meeting, client_for):
    assert "PDF prüfen" in client_for(cast.mayor).get(url("meeting", meeting.pk)).text


def test_a_dropped_idea_stays_dropped_where_its_proposal_went_to_the_next_meeting(cast, meeting):
    proposal = propose(cast.kehl, meeting, title="E-Akte")
    later = make_meeting(cast, date=meeting.date + timedelta(days=30))
    open_meeting(meeting=meeting, by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator, choices={proposal.pk: cast.group})
    reopen_meeting(meeting=meeting, reason="Zu früh", by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    assert AgendaItem.objects.get(pk=proposal.pk).carried_to.meeting == later
    assert "E-Akte" not in lot(cast)
    with pytest.raises(Refused, match="went back"):
        restore_idea(idea=Idea.objects.get(), by=cast.coordinator)
