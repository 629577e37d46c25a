"""The next meeting approves the minutes of the last one, or a municipality objects and a new version answers it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import render
from collab.live.verbs import sentence
from meetings.domain.approval import approve, object_to
from meetings.domain.closing import close_meeting
from meetings.domain.room import activate_item, open_meeting
from meetings.models import AgendaItem, Meeting, MinutesApproval, MinutesVersion
from meetings.queries.minutes import open_objections, to_approve
from tests.conftest import Cast, make_meeting
from tests.meetings.test_minutes import HTMX, finalised, held, url, write
from tests.permissions.world import fields_of
from workgroups.models import GroupMembership


@pytest.fixture
def version(cast: Cast) -> MinutesVersion:
    """The finalised minutes of a meeting four weeks ago."""
    return finalised(cast, held(cast, date=timezone.localdate() - timedelta(days=28), title="Oktober"))


@pytest.fixture
def item(cast: Cast, version: MinutesVersion) -> AgendaItem:
    """The item for the approval, active in today's meeting."""
    meeting = make_meeting(cast, date=timezone.localdate())
    item = AgendaItem.objects.create(meeting=meeting, title="Genehmigung", kind="approval", state="planned")
    open_meeting(meeting=meeting, by=cast.coordinator)
    meeting.refresh_from_db()
    if meeting.active_item_id != item.pk:
        activate_item(item=item, expected=meeting.active_item_id, by=cast.coordinator)
    return AgendaItem.objects.select_related("meeting").get(pk=item.pk)


def room(item: AgendaItem, audience: str = "chair") -> str:
    return render(f"meeting-approval-{item.meeting_id}", audience, "en")


def test_the_room_shows_what_is_to_be_approved(item: AgendaItem, version: MinutesVersion) -> None:
    of = version.minutes.meeting_id
    for audience in ("chair", "member", "reader"):
        assert "Oktober" in room(item, audience) and url("minutes_version", of, 1) in room(item, audience)
    assert "Approve</span>" in room(item) and "Approve</span>" not in room(item, "member")
    assert "Object</span>" in room(item, "member") and "Object</span>" not in room(item, "reader")
    assert "Oktober" not in room(item, "guest")


def test_nothing_waits_under_any_other_item(cast: Cast, item: AgendaItem) -> None:
    AgendaItem.objects.filter(pk=item.pk).update(kind="discussion")
    assert "Oktober" not in room(item)


def test_approving_is_one_click_and_stays_shown(cast: Cast, item: AgendaItem, version, client_for) -> None:
    where = url("minutes_approve", item.pk, version.pk)
    for _time in range(2):
        assert client_for(cast.coordinator).post(where, headers=HTMX).status_code == 204
    said = MinutesApproval.objects.get()
    assert (said.kind, said.item_id, said.on) == ("approved", item.pk, timezone.localdate())
    assert "Approved" in room(item) and "Approve</span>" not in room(item)
    assert to_approve(item.meeting) == []
    change = Change.objects.latest("pk")
    assert sentence(change).startswith("The minutes of “Oktober”") and "were approved" in sentence(change)
    assert f"meeting-approval-{item.meeting_id}" in change.regions
    assert "Approved on" in client_for(cast.mayor).get(url("minutes", version.minutes.meeting_id)).text
    assert "Oktober" in client_for(cast.mayor).get(url("minutes_list") + "?state=approved").text


def test_an_approval_by_mistake_is_taken_back_while_the_meeting_is_in_session(
    cast: Cast, item: AgendaItem, version, client_for
) -> None:
    approve(version=version, item=item, by=cast.coordinator)
    where = url("minutes_unapprove", item.pk, version.pk)
    assert "Take the approval back" in room(item) and "Take the approval back" not in room(item, "member")
    assert client_for(cast.kehl).post(where, headers=HTMX).status_code == 403
    for _time in range(2):
        assert client_for(cast.coordinator).post(where, headers=HTMX).status_code == 204
    assert not MinutesApproval.objects.exists()
    assert "Approve</span>" in room(item) and to_approve(item.meeting) == [version]
    assert "was taken back" in sentence(Change.objects.latest("pk"))
    assert "Approved on" not in client_for(cast.mayor).get(url("minutes", version.minutes.meeting_id)).text
    approve(version=version, item=item, by=cast.coordinator)
    close_meeting(meeting=Meeting.objects.get(pk=item.meeting_id), by=cast.coordinator)
    assert client_for(cast.coordinator).post(where, headers=HTMX).status_code in (409, 422)
    assert MinutesApproval.objects.get().kind == "approved"


def test_a_town_objects_and_a_new_version_answers_it(cast: Cast, item: AgendaItem, version, client_for) -> None:
    browser, where = client_for(cast.kehl), url("minutes_object", item.pk, version.pk)
    values = {**fields_of(browser.get(where).text), "text": "Wir waren dafür."}
    for _time in range(2):
        assert browser.post(where, values, headers=HTMX).status_code == 204
    said = MinutesApproval.objects.get()
    assert (said.kind, said.municipality.short_name, said.text) == ("objection", "Kehl", "Wir waren dafür.")
    assert "Wir waren dafür." in room(item, "member")
    meeting = Meeting.objects.get(pk=version.minutes.meeting_id)
    page = client_for(cast.coordinator).get(url("minutes", meeting.pk)).text
    assert "Objection of Kehl" in page
    write(cast, meeting, result="Kehl war dafür.")
    form = client_for(cast.coordinator).get(url("minutes_finalise", meeting.pk)).text
    assert "Kehl: Wir waren dafür." in form and f'value="{said.pk}"' in form
    second = finalised(cast, meeting, reason="Haltung von Kehl")
    said.refresh_from_db()
    assert said.answered_in == second and open_objections(second.minutes) == []
    assert [one.pk for one in to_approve(item.meeting)] == [second.pk]
    assert "replaced by version 2" in room(item) and room(item).count("Approve</span>") == 1
    assert "Taken up in version 2" in client_for(cast.mayor).get(url("minutes", meeting.pk)).text


def test_an_objection_that_was_not_ticked_stays_open(cast: Cast, item: AgendaItem, version) -> None:
    said = object_to(version=version, item=item, text="Nein", by=cast.kehl)
    meeting = Meeting.objects.get(pk=version.minutes.meeting_id)
    write(cast, meeting, result="Anderes")
    finalised(cast, meeting, reason="Anderes", answers=[])
    said.refresh_from_db()
    assert said.answered_in is None


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_an_objection_needs_its_words(cast: Cast, item: AgendaItem, version, client_for, text: str) -> None:
    where = url("minutes_object", item.pk, version.pk)
    assert client_for(cast.kehl).post(where, {"text": text}, headers=HTMX).status_code == 422
    assert not MinutesApproval.objects.exists()


def test_who_may_not(cast: Cast, item: AgendaItem, version, client_for) -> None:
    approving, objecting = (url(name, item.pk, version.pk) for name in ("minutes_approve", "minutes_object"))
    for one in (cast.kehl, cast.mayor):
        assert client_for(one).post(approving, headers=HTMX).status_code == 403
    # The coordinator speaks for no municipality, a mayor reads along.
    for one in (cast.coordinator, cast.mayor):
        assert client_for(one).post(objecting, {"text": "x"}, headers=HTMX).status_code == 403
    for one in (cast.other, cast.guest):
        assert client_for(one).post(approving, headers=HTMX).status_code == 404
        assert client_for(one).post(objecting, {"text": "x"}, headers=HTMX).status_code == 404
    with pytest.raises(PermissionDenied):
        approve(version=version, item=item, by=cast.kehl)
    with pytest.raises(PermissionDenied):
        object_to(version=version, item=item, text="x", by=cast.coordinator)


def test_the_minute_taker_approves_too(cast: Cast, item: AgendaItem, version) -> None:
    GroupMembership.objects.create(group=cast.group, membership=cast.durbach, role="minutes")
    assert approve(version=version, item=item, by=cast.durbach).kind == "approved"


def test_what_was_replaced_or_approved_cannot_be_approved_or_objected_to(cast: Cast, item: AgendaItem, version) -> None:
    meeting = Meeting.objects.get(pk=version.minutes.meeting_id)
    write(cast, meeting, result="Neu")
    second = finalised(cast, meeting, reason="Neu")
    with pytest.raises(Refused, match="newer version"):
        approve(version=version, item=item, by=cast.coordinator)
    approve(version=second, item=item, by=cast.coordinator)
    with pytest.raises(Refused, match="approved just now"):
        object_to(version=second, item=item, text="Doch nicht", by=cast.kehl)


def test_only_in_session_and_only_under_such_an_item(cast: Cast, item: AgendaItem, version) -> None:
    other = AgendaItem.objects.create(meeting=item.meeting, title="Anderes", state="planned")
    with pytest.raises(Refused, match="not for the approval"):
        approve(version=version, item=other, by=cast.coordinator)
    close_meeting(meeting=item.meeting, by=cast.coordinator)
    with pytest.raises(Refused, match="in session"):
        approve(version=version, item=item, by=cast.coordinator)


def test_minutes_of_the_meeting_itself_and_of_other_chains_do_not_come_up(
    cast: Cast, item: AgendaItem, version
) -> None:
    MinutesVersion.objects.filter(pk=version.pk).update(chain="series:77")
    assert to_approve(item.meeting) == []
    with pytest.raises(Refused, match="do not come up"):
        approve(version=version, item=item, by=cast.coordinator)


def test_the_form_of_an_objection_counts_once(cast: Cast, item: AgendaItem, version) -> None:
    request = uuid4()
    said = [object_to(version=version, item=item, text="x", by=cast.kehl, request_id=request) for _time in range(2)]
    assert said[0] == said[1]
    with pytest.raises(Refused, match="sent already"):
        object_to(version=version, item=item, text="x", by=cast.achern, request_id=request)
