"""The review of open action items in a meeting: checked off one by one."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.closing import close_meeting
from meetings.domain.recording import record_action
from meetings.domain.review import check_action
from meetings.domain.room import next_item, open_meeting
from meetings.domain.template import default_lines
from meetings.models import ActionCheck, AgendaItem, MeetingGuest
from tests.conftest import make_meeting
from tests.meetings.test_agenda import propose, url
from workgroups.domain.action_item import add_action_item, change_state
from workgroups.models import ActionItem, Group

HTMX = {"hx-request": "true"}


def add(cast, title, town="kehl", days=None, **more):
    due = timezone.localdate() + timedelta(days=days) if days is not None else None
    values = {"network": cast.network, "group": cast.group, "person": None, "by": cast.coordinator, "due_on": due}
    return add_action_item(title=title, municipality=cast.town(town), in_meeting=True, **{**values, **more})


@pytest.fixture
def item(cast, meeting):
    """A meeting in session whose active item is the review; three action items are open."""
    review = propose(cast.coordinator, meeting, title="Stand der Aufgaben", kind="actions")
    propose(cast.coordinator, meeting, title="Danach")
    add(cast, "ohne Termin")
    add(cast, "bald", "achern", 10)
    add(cast, "zu spät", "durbach", -3)
    open_meeting(meeting=meeting, by=cast.coordinator)
    return AgendaItem.objects.get(pk=review.pk)


def action(title):
    return ActionItem.objects.get(title=title)


def shown(item, audience="chair"):
    return render(f"meeting-review-{item.meeting_id}", audience, "en")


def post(client, item, what, **data):
    return client.post(url("item_review", item.pk, what.pk), {"quick": "1", **data}, headers=HTMX)


def test_open_action_items_come_up_the_oldest_due_first(cast, item):
    page = shown(item)
    assert page.index("zu spät") < page.index("bald") < page.index("ohne Termin")
    assert "0 of 3 reviewed" in page
    assert page.count("Overdue") == 1


def test_of_the_group_and_not_born_in_this_very_meeting(cast, item, meeting):
    guides = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="Digitallotsen")
    add(cast, "von woanders", group=guides)
    values = {"municipality": cast.town("kehl"), "person": None, "due_on": None, "note": "", "by": cast.coordinator}
    record_action(item=item, title="gerade eben", **values)
    assert "von woanders" not in shown(item)
    assert "gerade eben" not in shown(item)
    close_meeting(meeting=meeting, by=cast.coordinator)
    following = make_meeting(cast, date=meeting.date + timedelta(days=28))
    later = propose(cast.coordinator, following, title="Stand", kind="actions")
    open_meeting(meeting=following, by=cast.coordinator)
    page = shown(AgendaItem.objects.get(pk=later.pk))
    assert "gerade eben" in page
    assert url("item", item.pk) in page  # where it was born


def test_only_while_that_item_is_active(cast, item):
    next_item(meeting=item.meeting, expected=item.pk, by=cast.coordinator)
    assert "hidden" in shown(item)
    assert "bald" not in shown(item)


def test_the_chair_checks_them_off_one_by_one(cast, item, client_for):
    chair = client_for(cast.coordinator)
    assert post(chair, item, action("zu spät"), outcome="done", expected="").status_code == 204
    assert post(chair, item, action("bald"), outcome="stays", expected="").status_code == 204
    assert action("zu spät").state == "done"
    assert action("bald").state == "open"
    page = shown(item)
    assert "2 of 3 reviewed" in page
    assert "zu spät" in page
    reviewed = Change.objects.filter(verb="action_reviewed").first()
    assert f"meeting-review-{item.meeting_id}" in reviewed.regions
    assert "zu spät" in client_for(cast.mayor).get(url("item", item.pk)).text


def test_a_new_date_needs_a_reason(cast, item, client_for):
    chair, late = client_for(cast.coordinator), action("zu spät")
    day = timezone.localdate() + timedelta(days=20)
    data = {"outcome": "stays", "due_on": day.isoformat(), "note": ""}
    no = chair.post(url("item_review", item.pk, late.pk), data, headers=HTMX)
    assert no.status_code == 422
    assert "Say why the date changes" in no.text
    assert not ActionCheck.objects.exists()
    chair.post(url("item_review", item.pk, late.pk), {**data, "note": "Krankheit"}, headers=HTMX)
    late.refresh_from_db()
    assert (late.due_on, late.due_reason) == (day, "Krankheit")
    assert "Krankheit" in shown(item)


def test_a_new_date_is_not_over(cast, item, client_for):
    chair, late = client_for(cast.coordinator), action("zu spät")
    address, data = url("item_review", item.pk, late.pk), {"outcome": "stays", "note": "Krankheit"}
    no = chair.post(address, {**data, "due_on": "2001-01-01"}, headers=HTMX)
    assert no.status_code == 422
    assert "This day is over" in no.text
    assert not ActionCheck.objects.exists()
    # The date it had may stay, over as it is.
    assert chair.post(address, {**data, "due_on": late.due_on.isoformat()}, headers=HTMX).status_code == 204
    assert action("zu spät").due_on == late.due_on


def test_dropping_needs_a_word(cast, item, client_for):
    chair, late = client_for(cast.coordinator), action("zu spät")
    address = url("item_review", item.pk, late.pk)
    assert "Drop the action item" in chair.get(address, {"outcome": "dropped"}).text
    assert chair.post(address, {"outcome": "dropped", "note": ""}, headers=HTMX).status_code == 422
    assert chair.post(address, {"outcome": "dropped", "note": "x" * 501}, headers=HTMX).status_code == 422
    assert chair.post(address, {"outcome": "dropped", "note": "Überholt"}, headers=HTMX).status_code == 204
    assert (action("zu spät").state, action("zu spät").state_note) == ("dropped", "Überholt")


def test_a_slip_is_taken_back(cast, item):
    late = action("zu spät")
    check_action(item=item, action=late, outcome="done", by=cast.coordinator)
    check_action(item=item, action=late, outcome="stays", expected="done", by=cast.coordinator)
    assert action("zu spät").state == "open"
    assert ActionCheck.objects.get().outcome == "stays"


def test_said_twice_is_once_and_who_saw_something_else_is_told(cast, item, client_for):
    chair, late = client_for(cast.coordinator), action("zu spät")
    for _twice in range(2):
        assert post(chair, item, late, outcome="done", expected="").status_code == 204
    assert Change.objects.filter(verb="action_reviewed").count() == 1
    second = post(chair, item, late, outcome="stays", expected="")
    assert second.status_code == 409
    assert "Somebody else" in unquote(second["X-Message"])
    assert action("zu spät").state == "done"


def test_a_town_says_that_its_own_is_done_and_nothing_else(cast, item, client_for):
    achern = client_for(cast.achern)
    assert post(achern, item, action("bald"), outcome="done", expected="").status_code == 204
    assert action("bald").state == "done"
    assert post(achern, item, action("zu spät"), outcome="done", expected="").status_code == 403
    assert post(achern, item, action("bald"), outcome="dropped", expected="done", note="x").status_code == 403
    assert 'data-for-town="08317021"' in shown(item, "member")
    assert "item_review" not in shown(item, "reader")
    assert "<button" not in shown(item, "reader")


@pytest.mark.parametrize(("who", "status"), [("mayor", 403), ("guest", 404), ("other", 404)])
def test_who_reads_along_checks_nothing_off(cast, item, client_for, who, status):
    answer = post(client_for(getattr(cast, who)), item, action("bald"), outcome="done", expected="")
    assert answer.status_code == status
    assert action("bald").state == "open"


def test_a_guest_sees_no_links(cast, item, client_for):
    MeetingGuest.objects.create(meeting=item.meeting, membership=cast.guest)
    page = client_for(cast.guest).get(url("meeting", item.meeting_id)).text
    assert "0 of 3 reviewed" in page
    assert url("action_item", action("bald").pk) not in page


def test_the_minute_taker_may_also_where_they_chair_nothing(cast, item, client_for):
    type(item.meeting).objects.filter(pk=item.meeting_id).update(minute_taker=cast.kehl)
    check_action(item=item, action=action("bald"), outcome="dropped", note="Überholt", by=cast.kehl)
    assert action("bald").state == "dropped"
    with pytest.raises(PermissionDenied):
        change_state(action=action("zu spät"), state="done", note="", version=action("zu spät").version, by=cast.kehl)


def test_what_does_not_come_up_cannot_be_checked_off(cast, item, meeting):
    other = propose(cast.coordinator, meeting, title="Keine Durchsicht")
    with pytest.raises(Refused):
        check_action(item=other, action=action("bald"), outcome="done", by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    with pytest.raises(Refused):
        check_action(item=item, action=action("bald"), outcome="done", by=cast.coordinator)


def test_an_action_item_finished_elsewhere_leaves_the_open_review(cast, item):
    one = action("bald")
    change_state(action=one, state="done", note="", version=one.version, by=cast.achern)
    assert f"meeting-review-{item.meeting_id}" in Change.objects.get(verb="action_done").regions
    assert "bald" not in shown(item)


def test_the_review_takes_the_same_number_of_queries_for_few_and_many(cast, item):
    def count():
        with CaptureQueriesContext(connection) as queries:
            shown(item)
        return len(queries)

    few = count()
    for k in range(10):
        add(cast, f"weitere {k}")
    assert count() == few


def test_a_new_series_suggests_the_review():
    assert "actions" in [line.kind for line in default_lines()]
