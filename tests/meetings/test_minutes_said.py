"""The minutes of a meeting say what it said of earlier minutes, and how the towns answered in a vote by consent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.approval import approve, object_to
from meetings.domain.closing import close_meeting
from meetings.domain.presence import arrive
from meetings.domain.room import activate_item, open_meeting
from meetings.domain.verify import verify
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote
from meetings.models import AgendaItem, Decision, Meeting, Minutes, MinutesVersion, Visibility
from meetings.queries.minutes_content import content_of_version
from meetings.queries.minutes_diff import differences
from meetings.queries.public_content import of_minutes
from tests.conftest import Cast, make_meeting

from .handed_out import Read
from .test_minutes import finalised, held, item_in, url


@pytest.fixture
def version(cast: Cast) -> MinutesVersion:
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


def closed(cast: Cast, item: AgendaItem) -> Meeting:
    close_meeting(meeting=Meeting.objects.get(pk=item.meeting_id), by=cast.coordinator)
    return Meeting.objects.get(pk=item.meeting_id)


def test_the_minutes_say_what_was_approved_and_objected_to(cast: Cast, item, version, client_for) -> None:
    object_to(version=version, item=item, text="Kehl war dafür.", by=cast.kehl)
    approve(version=version, item=item, by=cast.coordinator)
    meeting = closed(cast, item)
    page = client_for(cast.coordinator).get(url("minutes", meeting.pk)).text
    assert "The minutes of “Oktober”" in page and "are approved." in page
    assert "Kehl objects to the minutes of “Oktober”" in page and "Kehl war dafür." in page
    made = finalised(cast, meeting)
    said = item_in(content_of_version(made), "Genehmigung")["approvals"]
    assert [(one["kind"], one["number"], one["town"]) for one in said] == [
        ("objection", 1, "Kehl"),
        ("approved", 1, ""),
    ]
    assert "are approved." in client_for(cast.mayor).get(url("minutes", meeting.pk)).text
    read = Read(client_for(cast.mayor).get(url("minutes_pdf", meeting.pk)).content)
    assert "The minutes of “Oktober”" in read.text and "Kehl war dafür." in read.text
    assert verify() == []


def test_where_nothing_was_said_the_content_is_as_it_always_was(cast: Cast, version: MinutesVersion) -> None:
    assert all("approvals" not in item for item in content_of_version(version)["items"])


def test_a_later_version_says_what_came_to_it_in_words(cast: Cast, item: AgendaItem, version: MinutesVersion) -> None:
    meeting = closed(cast, item)
    first = content_of_version(finalised(cast, meeting))
    second = {**first, "items": [{**one} for one in first["items"]]}
    row = {"kind": "approved", "title": "Oktober", "date": "2026-10-15", "number": 1, "visibility": "network"}
    second["items"][0]["approvals"] = [{**row, "town": "", "text": ""}]
    [changed] = differences(first, second)
    assert (changed.what, changed.marked) == ("approvals", (("added", "Oktober · 2026-10-15 · 1"),))


def test_what_was_said_of_minutes_for_the_group_stays_with_it(cast: Cast, item, version, client_for) -> None:
    object_to(version=version, item=item, text="Geheim.", by=cast.kehl)
    Minutes.objects.filter(pk=version.minutes_id).update(visibility=Visibility.GROUP)
    made = finalised(cast, closed(cast, item))
    where = url("minutes", item.meeting_id)
    assert "Geheim." in client_for(cast.kehl).get(where).text
    page = client_for(cast.mayor).get(where).text
    assert "Geheim." not in page and "Oktober" not in page
    assert "Geheim." not in str(of_minutes(made, with_names=True))


def test_what_was_said_of_minutes_that_become_the_groups_own_later_is_no_longer_read(
    cast: Cast, item, version, client_for
) -> None:
    object_to(version=version, item=item, text="Der Preis fehlt.", by=cast.kehl)
    later = closed(cast, item)
    made = finalised(cast, later)
    assert "Der Preis fehlt." in client_for(cast.mayor).get(url("minutes", later.pk)).text
    Minutes.objects.filter(pk=version.minutes_id).update(visibility=Visibility.GROUP)
    assert "Der Preis fehlt." in client_for(cast.kehl).get(url("minutes", later.pk)).text
    reader = client_for(cast.mayor)
    for page in (url("minutes", later.pk), url("minutes_version", later.pk, 1), url("api_minutes", later.pk)):
        said = reader.get(page)
        assert said.status_code == 200 and "Der Preis fehlt." not in said.text, page
    assert "Der Preis fehlt." not in Read(reader.get(url("minutes_pdf", later.pk)).content).text
    assert item_in(of_minutes(made, with_names=True), "Genehmigung")["approvals"] == []


def test_everybody_reads_what_was_approved_and_no_objection(cast: Cast, item, version) -> None:
    object_to(version=version, item=item, text="Kehl war dafür.", by=cast.kehl)
    approve(version=version, item=item, by=cast.coordinator)
    public = of_minutes(finalised(cast, closed(cast, item)), with_names=False)
    [said] = item_in(public, "Genehmigung")["approvals"]
    assert (said["kind"], said["title"]) == ("approved", "Oktober")


def test_the_file_of_all_minutes_has_the_day_on_which_the_meeting_was(cast: Cast, client_for: Any, tmp_path) -> None:
    meeting = held(cast)
    planned = timezone.localdate() + timedelta(days=9)
    Meeting.objects.filter(pk=meeting.pk).update(date=planned)
    finalised(cast, Meeting.objects.get(pk=meeting.pk))
    file = tmp_path / "minutes.xlsx"
    file.write_bytes(client_for(cast.mayor).get(url("minutes_export", "xlsx")).content)
    row = openpyxl.load_workbook(file).active[2]
    assert row[0].value.date() == timezone.localdate()


def test_by_consent_nobody_says_yes(cast: Cast, item: AgendaItem, client_for: Any) -> None:
    for who in (cast.kehl, cast.achern, cast.durbach):
        arrive(meeting=item.meeting, municipality=who.municipality, represented_by=who, by=cast.coordinator)
    vote = open_vote(item=item, kind="consent", text="Wir schulen.", by=cast.coordinator)
    cast_voice(vote=vote, municipality=cast.town("kehl"), answer="yes", reason="", by=cast.kehl)
    vote.refresh_from_db()
    close_vote(vote=vote, expected=vote.version, by=cast.coordinator)
    meeting = closed(cast, item)
    decision = Decision.objects.get(meeting=meeting)
    finalised(cast, meeting)
    browser = client_for(cast.mayor)
    assert "<strong>Kehl</strong>: No objection" in browser.get(url("minutes", meeting.pk)).text
    for name, key in (("minutes_pdf", meeting.pk), ("decision_pdf", decision.reference), ("year_pdf", decision.year)):
        read = Read(browser.get(url(name, key)).content).text
        assert "No objection" in read and "Kehl Yes" not in read, name
    voices = browser.get(url("voice_export", vote.pk, "csv")).content.decode()
    assert "No objection" in voices


def test_paper_says_which_version_it_is_and_whether_it_is_approved(cast: Cast, item, version, client_for) -> None:
    where = url("minutes", version.minutes.meeting_id)
    page = client_for(cast.mayor).get(where).text
    assert "Version 1, finalised on" in page and "Not approved yet." in page
    approve(version=version, item=item, by=cast.coordinator)
    page = client_for(cast.mayor).get(where).text
    assert "Approved on" in page and "Not approved yet." not in page


def test_finalising_tells_the_part_of_the_page_that_publishes(cast: Cast, version: MinutesVersion) -> None:
    change = Change.objects.get(verb="minutes_finalised")
    assert f"minutes-publication-{version.minutes.meeting_id}" in change.regions


def test_the_foot_says_where_annexes_come_from(cast: Cast, version: MinutesVersion, client_for) -> None:
    form = client_for(cast.coordinator).get(url("minutes_foot", version.minutes.meeting_id)).text
    assert "The annexes come from the meeting" in form


def test_who_edits_hears_that_a_new_version_begins(cast: Cast, version: MinutesVersion, client_for) -> None:
    where, said = url("minutes", version.minutes.meeting_id), "becomes the draft of a new version"
    assert said in client_for(cast.coordinator).get(where).text
    assert said not in client_for(cast.mayor).get(where).text


def test_the_table_of_voices_is_the_only_landmark_of_its_name(cast: Cast, item: AgendaItem) -> None:
    for who in (cast.kehl, cast.achern, cast.durbach):
        arrive(meeting=item.meeting, municipality=who.municipality, represented_by=who, by=cast.coordinator)
    vote = open_vote(item=item, kind="open", text="Wir schulen.", by=cast.coordinator)
    cast_voice(vote=vote, municipality=cast.town("kehl"), answer="yes", reason="", by=cast.kehl)
    vote.refresh_from_db()
    close_vote(vote=vote, expected=vote.version, by=cast.coordinator)
    page = render(f"decision-voices-{Decision.objects.get(meeting=item.meeting).pk}", "member", "en")
    assert "Voices of the municipalities" in page
    assert page.count("aria-labelledby") == 1


def test_the_minutes_say_when_what_was_carried_over_comes_up_again(cast: Cast, item: AgendaItem, client_for) -> None:
    meeting = Meeting.objects.get(pk=item.meeting_id)
    AgendaItem.objects.create(meeting=meeting, title="Übrig", state="planned", position=9)
    later = make_meeting(cast, date=timezone.localdate() + timedelta(days=28))
    close_meeting(meeting=meeting, by=cast.coordinator)
    with override("en"):
        day = date_format(later.date, "SHORT_DATE_FORMAT")
    made = finalised(cast, Meeting.objects.get(pk=meeting.pk))
    assert item_in(content_of_version(made), "Übrig")["carried_on"] == later.date.isoformat()
    assert f"Carried over to {day}" in client_for(cast.mayor).get(url("minutes", meeting.pk)).text
    assert f"Carried over to {day}" in Read(client_for(cast.mayor).get(url("minutes_pdf", meeting.pk)).content).text
