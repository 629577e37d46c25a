"""Two at the same moment over one wording: nobody's text is lost unseen, and it is recorded once."""

from __future__ import annotations

import pytest

from collab.live.answers import Refused, Stale
from collab.network.models import Membership
from meetings.domain.correction import correct_decision, void_decision
from meetings.domain.decision import record_decision
from meetings.domain.wording import amend_wording, draft_wording, drop_wording
from meetings.models import AgendaItem, Decision, DecisionRevision, Meeting, Wording, WordingVersion
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.test_decisions import decide, open_item
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
def item(cast: Cast) -> AgendaItem:
    item = open_item(cast, make_meeting(cast))
    Meeting.objects.filter(pk=item.meeting_id).update(active_item=item)
    return AgendaItem.objects.get(pk=item.pk)


def test_two_draft_at_once(cast: Cast, second: Membership, item: AgendaItem) -> None:
    outcomes = at_once(
        lambda: draft_wording(item=item, text="Eins", by=cast.coordinator),
        lambda: draft_wording(item=item, text="Zwei", by=second),
    )
    assert errors(outcomes) == ["Stale"]
    assert Wording.objects.count() == 1
    told = next(o.error for o in outcomes if isinstance(o.error, Stale))
    assert told.current.text == Wording.objects.get().text


def test_two_amend_at_once(cast: Cast, second: Membership, item: AgendaItem) -> None:
    wording = draft_wording(item=item, text="Eins", by=cast.coordinator)
    outcomes = at_once(
        lambda: amend_wording(wording=wording, text="Zwei", version=1, by=cast.coordinator),
        lambda: amend_wording(wording=wording, text="Drei", version=1, by=second),
    )
    assert errors(outcomes) == ["Stale"]
    wording.refresh_from_db()
    assert wording.version == 2
    assert WordingVersion.objects.count() == 2
    assert_versions_gapless(cast.network.pk)


def test_amended_while_it_is_recorded(cast: Cast, second: Membership, item: AgendaItem) -> None:
    """Whoever comes second is told: what is recorded is never a text that nobody has seen."""
    wording = draft_wording(item=item, text="Eins", by=cast.coordinator)
    amended, recorded = at_once(
        lambda: amend_wording(wording=wording, text="Zwei", version=1, by=second),
        lambda: record_decision(
            item=item, wording="Eins", mode="unanimous", wording_id=wording.pk, version=1, by=cast.coordinator
        ),
    )
    wording.refresh_from_db()
    if recorded.error:
        assert isinstance(recorded.error, Stale) and recorded.error.current.wording == "Zwei"
        assert (wording.state, wording.text, Decision.objects.count()) == ("draft", "Zwei", 0)
    else:
        assert isinstance(amended.error, Refused)
        assert (wording.state, wording.text, Decision.objects.get().wording) == ("recorded", "Eins", "Eins")


def test_two_record_at_once(cast: Cast, second: Membership, item: AgendaItem) -> None:
    wording = draft_wording(item=item, text="Eins", by=cast.coordinator)
    outcomes = at_once(
        *(
            lambda by=by: record_decision(
                item=item, wording="Eins", mode="unanimous", wording_id=wording.pk, version=1, by=by
            )
            for by in (cast.coordinator, second)
        )
    )
    assert errors(outcomes) == ["Refused"]
    assert [d.number for d in Decision.objects.all()] == [1]


def test_dropped_while_it_is_recorded(cast: Cast, second: Membership, item: AgendaItem) -> None:
    wording = draft_wording(item=item, text="Eins", by=cast.coordinator)
    outcomes = at_once(
        lambda: drop_wording(wording=wording, version=1, by=second),
        lambda: record_decision(
            item=item, wording="Eins", mode="unanimous", wording_id=wording.pk, version=1, by=cast.coordinator
        ),
    )
    assert errors(outcomes) == ["Refused"]
    wording.refresh_from_db()
    assert (wording.state == "recorded") == Decision.objects.exists()


def test_two_correct_at_once(cast: Cast, second: Membership, item: AgendaItem) -> None:
    decision = decide(cast, item)
    same = {"mode": "unanimous", "yes": None, "no": None, "abstain": None, "reason": "Slip", "version": 1}
    outcomes = at_once(
        lambda: correct_decision(decision=decision, wording="Zwei", by=cast.coordinator, **same),
        lambda: correct_decision(decision=decision, wording="Drei", by=second, **same),
    )
    assert errors(outcomes) == ["Stale"]
    assert DecisionRevision.objects.count() == 1
    decision.refresh_from_db()
    assert decision.version == 2


def test_corrected_while_it_is_voided(cast: Cast, second: Membership, item: AgendaItem) -> None:
    decision = decide(cast, item)
    result = {"mode": "unanimous", "yes": None, "no": None, "abstain": None}
    outcomes = at_once(
        lambda: correct_decision(
            decision=decision, wording="Zwei", reason="Slip", version=1, by=cast.coordinator, **result
        ),
        lambda: void_decision(decision=decision, reason="Mistake", version=1, by=second),
    )
    assert len(errors(outcomes)) == 1
    decision.refresh_from_db()
    assert decision.is_void != bool(DecisionRevision.objects.count())
