"""Finalising minutes: a version that never changes, chained to the one before it, and what comes after."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import render
from collab.live.verbs import address, sentence
from meetings.domain.closing import close_meeting, reopen_meeting
from meetings.domain.correction import correct_decision, void_decision
from meetings.domain.decision import record_decision
from meetings.domain.finalise import finalise
from meetings.domain.life_steps import add_correction
from meetings.domain.room import save_notes
from meetings.models import Decision, Meeting, MinutesVersion
from meetings.queries.minutes import minutes_of
from meetings.queries.minutes_content import canonical, content_of, content_of_version, seal_of
from meetings.queries.minutes_diff import differences
from tests.conftest import Cast
from tests.meetings.test_minutes import HTMX, NOTES, finalised, held, item_in, item_of, url, write
from tests.permissions.world import fields_of


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    return held(cast)


def again(meeting: Meeting) -> Meeting:
    return Meeting.objects.get(pk=meeting.pk)


def test_a_version_is_the_canonical_text_of_the_minutes_and_its_hash(cast: Cast, meeting: Meeting) -> None:
    version = finalised(cast, meeting)
    assert version.sha256 == hashlib.sha256(version.content.encode()).hexdigest()
    content = json.loads(version.content)
    assert json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")) == version.content
    assert (content["number"], content["position"], content["previous"], content["reason"]) == (1, 1, "", "")
    assert content["chain"] == version.chain == f"group:{cast.group.pk}"
    assert content["finalised"]["by"] == {"name": "Coordinator", "role": "coordinator", "acts_for": ""}
    assert item_in(content)["notes"] == NOTES


def test_the_next_minutes_hold_the_hash_of_these(cast: Cast, meeting: Meeting) -> None:
    first = finalised(cast, meeting)
    second = finalised(cast, held(cast, title="Nächste"))
    assert (second.position, second.previous, second.number) == (2, first.sha256, 1)


def test_everybody_hears_of_it_and_the_log_names_the_hash(cast: Cast, meeting: Meeting) -> None:
    version = finalised(cast, meeting)
    change = Change.objects.latest("pk")
    assert change.verb == "minutes_finalised" and change.params["sha256"] == version.sha256
    assert "finalised the minutes of “Jour fixe”" in sentence(change)
    assert address(change, "ortenau") == url("minutes", meeting.pk)
    for region in (f"minutes-{meeting.pk}", f"minutes-list-{cast.network.pk}", f"meeting-summary-{meeting.pk}"):
        assert region in change.regions


def test_by_the_form(cast: Cast, meeting: Meeting, client_for) -> None:
    browser, where = client_for(cast.coordinator), url("minutes_finalise", meeting.pk)
    values = fields_of(browser.get(where).text)
    assert browser.post(where, values, headers=HTMX).status_code == 204
    assert browser.post(where, values, headers=HTMX).status_code == 204
    assert MinutesVersion.objects.count() == 1
    page = browser.get(url("minutes", meeting.pk)).text
    assert "Version 1" in page and MinutesVersion.objects.get().sha256 in page


def test_sent_twice_it_is_finalised_once(cast: Cast, meeting: Meeting) -> None:
    request = uuid4()
    assert finalised(cast, meeting, request_id=request) == finalised(cast, meeting, request_id=request)
    assert MinutesVersion.objects.count() == 1


def test_the_form_of_somebody_else_is_refused(cast: Cast, meeting: Meeting) -> None:
    request = uuid4()
    finalised(cast, meeting, request_id=request)
    with pytest.raises(Refused, match="sent already"):
        finalised(cast, held(cast, title="Andere"), request_id=request)


def test_only_chair_and_minute_taker_finalise(cast: Cast, meeting: Meeting) -> None:
    minutes = minutes_of(meeting)
    for one in (cast.achern, cast.mayor, cast.guest, cast.other):
        with pytest.raises(PermissionDenied):
            finalise(minutes=minutes, by=one, version=1)


def test_what_was_not_looked_at_is_not_finalised(cast: Cast, meeting: Meeting, client_for) -> None:
    browser, where = client_for(cast.coordinator), url("minutes_finalise", meeting.pk)
    values = fields_of(browser.get(where).text)
    item = item_of(meeting)
    save_notes(item=item, notes="Neu", version=item.notes_version, by=cast.coordinator)
    answer = browser.post(where, values, headers=HTMX)
    assert answer.status_code == 422 and "was changed since you looked at it" in answer.text
    assert not MinutesVersion.objects.exists()


def test_a_second_version_says_what_it_changes(cast: Cast, meeting: Meeting, client_for) -> None:
    first = finalised(cast, meeting)
    with pytest.raises(Refused, match="Nothing was changed"):
        finalised(cast, meeting, reason="Nur so")
    write(cast, meeting, result="Angenommen")
    browser, where = client_for(cast.coordinator), url("minutes_finalise", meeting.pk)
    values = fields_of(browser.get(where).text)
    assert browser.post(where, values, headers=HTMX).status_code == 422
    assert browser.post(where, {**values, "reason": "x" * 1001}, headers=HTMX).status_code == 422
    with pytest.raises(Refused, match="Say what"):
        finalised(cast, meeting)
    answer = browser.post(where, {**values, "reason": "Ergebnis ergänzt"}, headers=HTMX)
    assert answer.status_code == 204
    second = MinutesVersion.objects.get(number=2)
    assert (second.previous, second.position, second.reason) == (first.sha256, 2, "Ergebnis ergänzt")
    first.refresh_from_db()
    assert item_in(json.loads(first.content))["result"] == ""
    page = browser.get(url("minutes_version", meeting.pk, 2)).text
    assert "Ergebnis ergänzt" in page and '<ins class="mark">' in page
    assert "There is a newer version" in browser.get(url("minutes_version", meeting.pk, 1)).text
    assert browser.get(url("minutes_version", meeting.pk, 3)).status_code == 404


def test_the_differences_name_item_and_text(cast: Cast, meeting: Meeting) -> None:
    first = finalised(cast, meeting)
    write(cast, meeting, notes="Kehl berichtet von der Abschaffung.")
    second = finalised(cast, meeting, reason="Schreibfehler")
    (one,) = differences(content_of_version(first), content_of_version(second))
    assert (one.number, one.title, one.what) == ("2", "E-Akte", "notes")
    assert ("removed", "Einführung") in one.marked and ("added", "Abschaffung") in one.marked


def test_what_happens_later_does_not_change_what_was_finalised(cast: Cast, meeting: Meeting) -> None:
    """A new name, a new office, a moved action item: the minutes stay as they were, and need no new version."""
    version = finalised(cast, meeting)
    cast.kehl.person.name = "Neuer Name"
    cast.kehl.person.save()
    cast.group.name = "Neuer Kreis"
    cast.group.save()
    text = render(f"minutes-{meeting.pk}", "chair", "en")
    assert "Neuer Name" not in text and "Neuer Kreis" not in text and "Draft" not in text
    version.refresh_from_db()
    assert "Neuer" not in version.content


def test_a_reopened_meeting_needs_a_new_version(cast: Cast, meeting: Meeting, client_for) -> None:
    finalised(cast, meeting)
    reopen_meeting(meeting=meeting, reason="Nachtrag", by=cast.coordinator)
    browser = client_for(cast.coordinator)
    page = browser.get(url("minutes", meeting.pk)).text
    assert "was reopened after this version" in page and "Finalise</span>" not in page
    with pytest.raises(Refused, match="in session"):
        finalised(cast, meeting, reason="Nachtrag")
    record_decision(item=item_of(meeting), wording="Nachtrag.", mode="unanimous", by=cast.coordinator)
    close_meeting(meeting=again(meeting), by=cast.coordinator)
    assert "Draft of version 2" in browser.get(url("minutes", meeting.pk)).text
    assert "Nachtrag." not in client_for(cast.mayor).get(url("minutes", meeting.pk)).text
    second = finalised(cast, meeting, reason="Nachtrag beschlossen")
    wordings = [one["wording"] for one in item_in(content_of_version(second))["decisions"]]
    assert wordings == ["Wir führen die E-Akte ein.", "Nachtrag."]


def test_the_seal_of_a_draft_does_not_depend_on_its_place(cast: Cast, meeting: Meeting) -> None:
    seen = seal_of(content_of(minutes_of(meeting)))
    finalised(cast, held(cast, title="Dazwischen"))
    assert finalised(cast, meeting, seen=seen).position == 2


def test_the_canonical_text_is_one(cast: Cast, meeting: Meeting) -> None:
    content = content_of(minutes_of(meeting))
    assert canonical(dict(reversed(content.items()))) == canonical(content)
    assert "Einführung" in canonical(content)


def test_finalised_minutes_are_found_with_the_place_of_the_hit(cast: Cast, meeting: Meeting, client_for) -> None:
    write(cast, meeting, result="Sondertatbestand")
    page = client_for(cast.mayor).get(url("search") + "?q=Sondertatbestand&kind=minutes").text
    assert "#minutes-item" not in page
    finalised(cast, meeting)
    page = client_for(cast.mayor).get(url("search") + "?q=Sondertatbestand&kind=minutes").text
    assert f"{url('minutes', meeting.pk)}#minutes-item-{item_of(meeting).pk}" in page


def test_later_meetings_do_not_move_the_date(cast: Cast) -> None:
    meeting = held(cast, date=timezone.localdate() - timedelta(days=3))
    assert finalised(cast, meeting).minutes.meeting_id == meeting.pk


def test_a_decision_in_finalised_minutes_is_not_edited_by_reopening(cast: Cast, meeting: Meeting) -> None:
    """What was handed out stays: a correction is an entry of its own, also while the meeting is open once more."""
    version = finalised(cast, meeting)
    reopen_meeting(meeting=again(meeting), reason="One thing is missing", by=cast.coordinator)
    old = Decision.objects.get()
    values = {"mode": "unanimous", "yes": None, "no": None, "abstain": None, "reason": "Slip", "by": cast.coordinator}
    with pytest.raises(Refused, match=old.reference):
        correct_decision(decision=old, wording="Something else.", version=old.version, **values)
    with pytest.raises(Refused, match=old.reference):
        void_decision(decision=old, reason="Slip", version=old.version, by=cast.coordinator)
    add_correction(decision=old, text="Kehl führt sie ein.", reason="Slip", seen=0, by=cast.coordinator)
    assert "correction" in render(f"decision-life-{old.pk}", "chair", "en")
    old.refresh_from_db()
    assert old.wording == "Wir führen die E-Akte ein." and not old.is_void
    item = item_of(meeting)
    new = record_decision(item=item, wording="New.", mode="unanimous", by=cast.coordinator)
    correct_decision(decision=new, wording="Newer.", version=new.version, **values)
    version.refresh_from_db()
    assert "Newer." not in version.content
