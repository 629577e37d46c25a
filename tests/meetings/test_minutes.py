"""The minutes of a meeting: made of it, edited by whoever takes them, read by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import audience_of, render, tells
from collab.network.models import Membership
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.decision import record_decision
from meetings.domain.finalise import finalise
from meetings.domain.minutes import edit_foot, edit_text
from meetings.domain.presence import answer_invitation, arrive
from meetings.domain.recording import record_action
from meetings.domain.room import open_meeting, save_notes
from meetings.models import AgendaItem, Attachment, Meeting, MeetingGuest, Minutes, MinutesText, MinutesVersion
from meetings.queries.minutes import minutes_of
from meetings.queries.minutes_content import content_of
from tests.conftest import Cast, make_meeting
from tests.permissions.world import fields_of
from workgroups.models import Group, GroupMembership

HTMX = {"hx-request": "true"}
HOSTILE = "<script>alert(1)</script>"
NOTES = "Kehl berichtet von der Einführung."


def url(name: str, *args: object) -> str:
    return reverse(name, args=["ortenau", *args])


def begun(cast: Cast, **more: object) -> Meeting:
    """A meeting in session with two items; Kehl is here, Achern is excused."""
    group = more.pop("group", cast.group)
    meeting = make_meeting(cast, **{"date": timezone.localdate(), **more})
    Meeting.objects.filter(pk=meeting.pk).update(group=group)
    meeting = Meeting.objects.get(pk=meeting.pk)
    for position, title in enumerate(("Begrüßung", "E-Akte"), start=1):
        AgendaItem.objects.create(meeting=meeting, title=title, state=AgendaItem.State.PLANNED, position=position)
    open_meeting(meeting=meeting, by=cast.coordinator)
    arrive(meeting=meeting, municipality=cast.town("kehl"), represented_by=cast.kehl, by=cast.coordinator)
    return Meeting.objects.get(pk=meeting.pk)


def held(cast: Cast, **more: object) -> Meeting:
    """The same, closed, with notes and a decision on "E-Akte"."""
    meeting = begun(cast, **more)
    item = item_of(meeting)
    save_notes(item=item, notes=NOTES, version=1, by=cast.coordinator)
    record_decision(item=item, wording="Wir führen die E-Akte ein.", mode="unanimous", by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    return Meeting.objects.get(pk=meeting.pk)


def item_of(meeting: Meeting, title: str = "E-Akte") -> AgendaItem:
    return AgendaItem.objects.get(meeting=meeting, title=title)


def finalised(cast: Cast, meeting: Meeting, **more: Any) -> MinutesVersion:
    minutes = minutes_of(Meeting.objects.get(pk=meeting.pk))
    return finalise(minutes=minutes, by=cast.coordinator, version=minutes.version, **more)


def write(cast: Cast, meeting: Meeting, **texts: str) -> None:
    """Edit the minutes' text of "E-Akte"."""
    item = item_of(meeting)
    minutes = minutes_of(meeting)
    text = MinutesText.objects.filter(item=item).first()
    version = 1_000_000 + text.version if text else item.notes_version
    values = {"result": "", "notes": NOTES, **texts}
    edit_text(minutes=minutes, item=item, version=version, by=cast.coordinator, **values)


def item_in(content: dict[str, Any], title: str = "E-Akte") -> dict[str, Any]:
    return next(item for item in content["items"] if item["title"] == title)


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    return held(cast)


@pytest.fixture
def writer(cast: Cast) -> Membership:
    """Durbach's officer takes the minutes of the group."""
    GroupMembership.objects.create(group=cast.group, membership=cast.durbach, role="minutes")
    return cast.durbach


# The draft


def test_the_draft_is_made_of_the_meeting(cast: Cast, meeting: Meeting, client_for) -> None:
    page = client_for(cast.coordinator).get(url("minutes", meeting.pk)).text
    for text in ("Draft", NOTES, "Wir führen die E-Akte ein.", "unanimous"):
        assert text in page
    content = content_of(minutes_of(meeting))
    assert (content["number"], content["position"], content["previous"]) == (1, 1, "")
    assert [row["town"] for row in content["attendance"] if row["status"] == "present"] == ["Kehl"]
    assert [item["number"] for item in content["items"]] == ["1", "2"]
    assert item_in(content)["decisions"][0]["wording"] == "Wir führen die E-Akte ein."
    assert content["finalised"] is None


def test_who_was_excused_and_who_came_as_deputy_is_named(cast: Cast) -> None:
    meeting = make_meeting(cast, date=timezone.localdate())
    for town, answer, name in (("achern", "apologised", ""), ("kehl", "accepted", "Eva Eck")):
        answer_invitation(
            meeting=meeting,
            municipality=cast.town(town),
            answer=answer,
            note="",
            deputy=None,
            deputy_name=name,
            version=0,
            by=getattr(cast, town),
        )
    open_meeting(meeting=meeting, by=cast.coordinator)
    arrive(meeting=meeting, municipality=cast.town("kehl"), name="Eva Eck", by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    rows = {row["town"]: row for row in content_of(minutes_of(Meeting.objects.get(pk=meeting.pk)))["attendance"]}
    assert rows["Achern"]["status"] == "apologised"
    assert (rows["Kehl"]["status"], rows["Kehl"]["by"], rows["Kehl"]["deputy"]) == ("present", "Eva Eck", True)


def test_what_is_to_be_done_and_the_files_stand_at_their_item_and_the_annexes_at_the_end(cast: Cast) -> None:
    meeting = begun(cast)
    item = item_of(meeting)
    record_action(
        item=item,
        title="Angebot einholen",
        municipality=cast.town("kehl"),
        person=cast.kehl,
        due_on=timezone.localdate() + timedelta(days=30),
        note="",
        by=cast.coordinator,
    )
    file = {"name": "Angebot.pdf", "content_type": "application/pdf", "size": 12_345, "sha256": "ab" * 32}
    Attachment.objects.create(item=item, file="x", uploaded_by=cast.kehl, **file)
    close_meeting(meeting=meeting, by=cast.coordinator)
    content = content_of(minutes_of(Meeting.objects.get(pk=meeting.pk)))
    found = item_in(content)
    assert [(action["title"], action["town"]) for action in found["actions"]] == [("Angebot einholen", "Kehl")]
    assert content["annexes"] == [
        {"number": 1, "item": "2", "name": "Angebot.pdf", "size": 12_345, "sha256": "ab" * 32},
    ]


def test_there_are_no_minutes_before_the_meeting_is_closed(cast: Cast, client_for) -> None:
    meeting = begun(cast)
    assert client_for(cast.coordinator).get(url("minutes", meeting.pk)).status_code == 404


def test_late_notes_of_the_meeting_stand_in_the_draft(cast: Cast, meeting: Meeting, client_for) -> None:
    item = item_of(meeting)
    save_notes(item=item, notes="Später notiert.", version=item.notes_version, by=cast.coordinator)
    assert "Später notiert." in client_for(cast.coordinator).get(url("minutes", meeting.pk)).text
    assert f"minutes-{meeting.pk}" in Change.objects.latest("pk").regions


def test_what_people_write_is_inert(cast: Cast, meeting: Meeting, client_for) -> None:
    write(cast, meeting, result=HOSTILE, notes=HOSTILE)
    minutes = minutes_of(meeting)
    edit_foot(minutes=minutes, remarks=HOSTILE, distribution=HOSTILE, version=minutes.version, by=cast.coordinator)
    page = client_for(cast.coordinator).get(url("minutes", meeting.pk)).text
    assert HOSTILE not in page and page.count("&lt;script&gt;alert(1)") == 4


# Editing


def test_the_minute_taker_edits_the_texts_and_the_meeting_keeps_its_notes(
    cast: Cast, meeting: Meeting, writer: Membership, client_for
) -> None:
    browser, item = client_for(writer), item_of(meeting)
    address = url("minutes_text", meeting.pk, item.pk)
    values = fields_of(browser.get(address).text)
    assert values["notes"].strip() == NOTES
    answer = browser.post(address, {**values, "result": "Angenommen.", "notes": "Kehl berichtet."}, headers=HTMX)
    assert answer.status_code == 204
    found = item_in(content_of(minutes_of(meeting)))
    assert (found["result"], found["notes"]) == ("Angenommen.", "Kehl berichtet.")
    item.refresh_from_db()
    assert item.notes == NOTES
    change = Change.objects.latest("pk")
    assert change.verb == "minutes_edited" and f"minutes-{meeting.pk}" in change.regions


def test_remarks_and_distribution_stand_at_the_end(cast: Cast, meeting: Meeting, client_for) -> None:
    browser = client_for(cast.coordinator)
    address = url("minutes_foot", meeting.pk)
    values = {**fields_of(browser.get(address).text), "remarks": "Beamer defekt.", "distribution": "Alle Städte"}
    assert browser.post(address, values, headers=HTMX).status_code == 204
    page = browser.get(url("minutes", meeting.pk)).text
    assert "Beamer defekt." in page and "Alle Städte" in page


@pytest.mark.parametrize("field,length", [("result", 5001), ("notes", 20_001)])
def test_a_text_that_is_too_long_is_refused(cast: Cast, meeting: Meeting, client_for, field: str, length: int) -> None:
    browser, address = client_for(cast.coordinator), url("minutes_text", meeting.pk, item_of(meeting).pk)
    values = {**fields_of(browser.get(address).text), field: "x" * length}
    assert browser.post(address, values, headers=HTMX).status_code == 422
    assert not MinutesText.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "-1"])
def test_a_form_without_its_version_is_refused(cast: Cast, meeting: Meeting, client_for, version: str) -> None:
    for address in (url("minutes_text", meeting.pk, item_of(meeting).pk), url("minutes_foot", meeting.pk)):
        values = {"version": version, "notes": "x", "remarks": "x"}
        assert client_for(cast.coordinator).post(address, values, headers=HTMX).status_code == 422


def test_two_who_edit_the_same_text_keep_both(cast: Cast, meeting: Meeting, writer: Membership, client_for) -> None:
    browser, address = client_for(writer), url("minutes_text", meeting.pk, item_of(meeting).pk)
    mine = {**fields_of(browser.get(address).text), "result": "Meines"}
    write(cast, meeting, result="Ihres")
    answer = browser.post(address, mine, headers=HTMX)
    assert answer.status_code == 409
    assert "Ihres" in answer.text and "Meines" in answer.text
    again = {**fields_of(answer.text)}
    assert browser.post(address, again, headers=HTMX).status_code == 204
    assert item_in(content_of(minutes_of(meeting)))["result"] == "Meines"


def test_notes_saved_meanwhile_are_not_overwritten_unseen(cast: Cast, meeting: Meeting) -> None:
    item = item_of(meeting)
    save_notes(item=item, notes="Neu", version=item.notes_version, by=cast.coordinator)
    values = {"result": "", "notes": "Alt", "version": item.notes_version, "by": cast.coordinator}
    with pytest.raises(Stale) as told:
        edit_text(minutes=minutes_of(meeting), item=item, **values)
    assert told.value.current.notes == "Neu"


def test_the_same_text_twice_is_saved_once(cast: Cast, meeting: Meeting) -> None:
    item, minutes = item_of(meeting), minutes_of(meeting)
    values = {"result": "Ja", "notes": "Ja", "version": item.notes_version, "by": cast.coordinator}
    for _time in range(2):
        edit_text(minutes=minutes, item=item, **values)
    assert MinutesText.objects.get().version == 1
    assert Change.objects.filter(verb="minutes_edited").count() == 1


def test_members_read_the_draft_and_do_not_edit_it(cast: Cast, meeting: Meeting, client_for) -> None:
    browser, item = client_for(cast.achern), item_of(meeting)
    page = browser.get(url("minutes", meeting.pk)).text
    assert "Draft" in page and url("minutes_text", meeting.pk, item.pk) not in page
    for address in (
        url("minutes_text", meeting.pk, item.pk),
        url("minutes_foot", meeting.pk),
        url("minutes_finalise", meeting.pk),
    ):
        assert browser.get(address).status_code == 403
        assert browser.post(address, {"version": 1}, headers=HTMX).status_code == 403
    with pytest.raises(PermissionDenied):
        edit_text(minutes=minutes_of(meeting), item=item, result="x", notes="x", version=2, by=cast.achern)
    assert not Minutes.objects.filter(texts__isnull=False).exists()


def test_an_item_of_another_meeting_is_not_edited_here(cast: Cast, meeting: Meeting, client_for) -> None:
    other = item_of(held(cast, title="Anderes"))
    assert client_for(cast.coordinator).get(url("minutes_text", meeting.pk, other.pk)).status_code == 404


def test_while_the_meeting_is_in_session_again_nothing_is_edited(cast: Cast, meeting: Meeting) -> None:
    minutes = minutes_of(meeting)
    reopen_meeting(meeting=meeting, reason="Nachtrag", by=cast.coordinator)
    with pytest.raises(Refused):
        edit_foot(minutes=minutes, remarks="x", distribution="", version=1, by=cast.coordinator)


# Who reads


def test_the_draft_is_for_the_group_and_what_is_finalised_for_the_network(
    cast: Cast, meeting: Meeting, client_for
) -> None:
    address = url("minutes", meeting.pk)
    assert client_for(cast.mayor).get(address).status_code == 404
    assert audience_of(f"minutes-{meeting.pk}", cast.mayor) is None
    finalised(cast, meeting)
    page = client_for(cast.mayor).get(address).text
    assert "Wir führen die E-Akte ein." in page and "Finalise" not in page.replace("Finalised", "")
    assert client_for(cast.other).get(address).status_code == 404
    assert client_for(cast.guest).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_guests_of_the_whole_meeting_read_what_is_finalised_guests_of_an_item_do_not(
    cast: Cast, meeting: Meeting, client_for
) -> None:
    invitation = MeetingGuest.objects.create(meeting=meeting, membership=cast.guest)
    guest, address = client_for(cast.guest), url("minutes", meeting.pk)
    assert guest.get(address).status_code == 404
    finalised(cast, meeting)
    assert guest.get(address).status_code == 200
    MeetingGuest.objects.filter(pk=invitation.pk).update(item=item_of(meeting))
    assert guest.get(address).status_code == 404


def test_mayors_do_not_see_what_was_changed_after_the_last_version(cast: Cast, meeting: Meeting, client_for) -> None:
    finalised(cast, meeting)
    write(cast, meeting, result="Noch nicht fertig")
    assert "Noch nicht fertig" in client_for(cast.achern).get(url("minutes", meeting.pk)).text
    assert "Noch nicht fertig" not in client_for(cast.mayor).get(url("minutes", meeting.pk)).text
    change = Change.objects.filter(verb="minutes_edited").latest("pk")
    assert tells(f"minutes-{meeting.pk}", "member", change) and not tells(f"minutes-{meeting.pk}", "reader", change)


@pytest.mark.parametrize("own", ["visibility", "internal"])
def test_minutes_of_the_group_alone(cast: Cast, client_for, own: str) -> None:
    group = Group.objects.create(
        network=cast.network, kind="working_group", name="Kreis", is_internal=own == "internal"
    )
    GroupMembership.objects.create(group=group, membership=cast.kehl, role="member")
    meeting = held(cast, group=group)
    finalised(cast, meeting)
    if own == "visibility":
        Minutes.objects.filter(meeting=meeting).update(visibility="group")
    address = url("minutes", meeting.pk)
    for one, status in ((cast.kehl, 200), (cast.coordinator, 200), (cast.achern, 404), (cast.mayor, 404)):
        browser = client_for(one)
        assert browser.get(address).status_code == status
        assert (audience_of(f"minutes-{meeting.pk}", one) is not None) == (status == 200)
        assert ("Jour fixe" in browser.get(url("minutes_list")).text) == (status == 200)


def test_of_an_item_for_the_group_only_others_read_the_number(cast: Cast, meeting: Meeting, client_for) -> None:
    AgendaItem.objects.filter(pk=item_of(meeting).pk).update(visibility="group")
    finalised(cast, meeting)
    for address in (url("minutes", meeting.pk), url("minutes_version", meeting.pk, 1)):
        page = client_for(cast.mayor).get(address).text
        assert "E-Akte" not in page and NOTES not in page and "Item for the group only" in page
        assert NOTES in client_for(cast.achern).get(address).text


# The list


def test_the_list_shows_drafts_to_the_group_and_what_is_finalised_to_all(
    cast: Cast, meeting: Meeting, client_for
) -> None:
    held(cast, title="Sondersitzung")
    finalised(cast, meeting)
    member, mayor = client_for(cast.achern), client_for(cast.mayor)
    assert "Sondersitzung" in member.get(url("minutes_list")).text
    page = mayor.get(url("minutes_list")).text
    assert "Sondersitzung" not in page and "Jour fixe" in page and "Finalised, not approved yet" in page
    assert "Sondersitzung" in member.get(url("minutes_list") + "?state=draft").text
    assert "Sondersitzung" not in member.get(url("minutes_list") + "?state=finalised").text
    assert "Nothing fits this filter" in member.get(url("minutes_list") + "?year=1999").text
    assert client_for(cast.guest).get(url("minutes_list")).status_code == 404


def test_the_list_takes_the_same_number_of_queries_however_long_it_is(cast: Cast, meeting: Meeting) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            render(f"minutes-list-{cast.network.pk}", f"member:{cast.group.pk}", "en")
        return len(caught)

    one = queries()
    for day in range(20):
        make_meeting(cast, state="closed", closed_at=timezone.now(), title=f"{day}")
    assert queries() == one


def test_the_document_takes_the_same_number_of_queries_however_long_it_is(cast: Cast) -> None:
    def queries(meeting: Meeting) -> int:
        with CaptureQueriesContext(connection) as caught:
            render(f"minutes-{meeting.pk}", "chair", "en")
        return len(caught)

    one = held(cast)
    many = begun(cast, title="Viel")
    for number in range(20):
        item = AgendaItem.objects.create(meeting=many, title=f"Punkt {number}", state="planned", position=number + 5)
        record_decision(item=item, wording=f"{number}", mode="unanimous", by=cast.coordinator)
    close_meeting(meeting=many, by=cast.coordinator)
    assert queries(many) == queries(one)


def test_the_page_is_german_for_germans(cast: Cast, meeting: Meeting) -> None:
    with translation.override("de"):
        text = render(f"minutes-{meeting.pk}", "chair", "de")
    assert "Entwurf" in text and "Draft" not in text


def test_whoever_edits_hears_of_notes_that_came_after_the_text(cast: Cast, meeting: Meeting, client_for) -> None:
    write(cast, meeting, notes="Kurz.")
    hint = "The notes of the meeting were changed"
    address = url("minutes", meeting.pk)
    assert hint not in client_for(cast.coordinator).get(address).text
    item = item_of(meeting)
    save_notes(item=item, notes="Noch etwas.", version=item.notes_version, by=cast.coordinator)
    assert hint in client_for(cast.coordinator).get(address).text
    assert hint not in client_for(cast.achern).get(address).text
