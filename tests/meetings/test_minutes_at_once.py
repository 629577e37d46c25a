"""Two at the same moment over minutes: what is finalised is what somebody looked at, and the chain has no fork."""

from __future__ import annotations

import pytest

from collab.live.answers import Refused
from collab.network.models import Membership
from meetings.domain.approval import approve
from meetings.domain.finalise import finalise
from meetings.domain.minutes import edit_text
from meetings.domain.room import activate_item, open_meeting, save_notes
from meetings.domain.verify import verify
from meetings.models import AgendaItem, Meeting, MinutesApproval, MinutesText, MinutesVersion
from meetings.queries.minutes import minutes_of
from meetings.queries.minutes_content import content_of, content_of_version, seal_of
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.test_minutes import finalised, held, item_in, item_of
from tests.test_races import assert_versions_gapless, at_once, errors
from workgroups.models import GroupMembership

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def second(cast: Cast) -> Membership:
    GroupMembership.objects.create(group=cast.group, membership=cast.durbach, role="minutes")
    return cast.durbach


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    return held(cast)


def test_finalised_while_a_note_is_saved(cast: Cast, second: Membership, meeting: Meeting) -> None:
    """The note is either not in what was frozen (and waits for the next version), or nothing was frozen."""
    item, minutes = item_of(meeting), minutes_of(meeting)
    seen = seal_of(content_of(minutes))
    saved, frozen = at_once(
        lambda: save_notes(item=item, notes="Neu", version=item.notes_version, by=second),
        lambda: finalise(minutes=minutes, by=cast.coordinator, version=1, seen=seen),
    )
    assert saved.error is None
    if frozen.error:
        assert isinstance(frozen.error, Refused) and not MinutesVersion.objects.exists()
    else:
        assert item_in(content_of_version(MinutesVersion.objects.get()))["notes"] != "Neu"
    assert item_in(content_of(minutes_of(Meeting.objects.get(pk=meeting.pk))))["notes"] == "Neu"
    assert verify() == []
    assert_versions_gapless(cast.network.pk)


def test_two_finalise_at_once(cast: Cast, second: Membership, meeting: Meeting) -> None:
    minutes = minutes_of(meeting)
    outcomes = at_once(
        *(lambda by=by: finalise(minutes=minutes, by=by, version=1) for by in (cast.coordinator, second))
    )
    assert errors(outcomes) == ["Refused"]
    assert MinutesVersion.objects.count() == 1


def test_two_minutes_of_one_chain_are_finalised_at_once(cast: Cast, second: Membership, meeting: Meeting) -> None:
    other = held(cast, title="Zweite")
    outcomes = at_once(
        lambda: finalise(minutes=minutes_of(meeting), by=cast.coordinator, version=1),
        lambda: finalise(minutes=minutes_of(other), by=second, version=1),
    )
    assert errors(outcomes) == []
    first, last = MinutesVersion.objects.order_by("position")
    assert (first.position, last.position, last.previous) == (1, 2, first.sha256)
    assert verify() == []


def test_two_edit_one_text_at_once(cast: Cast, second: Membership, meeting: Meeting) -> None:
    item, minutes = item_of(meeting), minutes_of(meeting)
    outcomes = at_once(
        *(
            lambda by=by, text=text: edit_text(
                minutes=minutes, item=item, result=text, notes="", version=item.notes_version, by=by
            )
            for by, text in ((cast.coordinator, "Eins"), (second, "Zwei"))
        )
    )
    assert errors(outcomes) == ["Stale"]
    assert MinutesText.objects.get().version == 1


def test_two_approve_at_once(cast: Cast, second: Membership, meeting: Meeting) -> None:
    version = finalised(cast, meeting)
    today = make_meeting(cast, date=meeting.date)
    item = AgendaItem.objects.create(meeting=today, title="Genehmigung", kind="approval", state="planned")
    open_meeting(meeting=today, by=cast.coordinator)
    today.refresh_from_db()
    if today.active_item_id != item.pk:
        activate_item(item=item, expected=today.active_item_id, by=cast.coordinator)
    outcomes = at_once(*(lambda by=by: approve(version=version, item=item, by=by) for by in (cast.coordinator, second)))
    assert errors(outcomes) == []
    assert MinutesApproval.objects.count() == 1
