"""A vote in the room: put to the municipalities, closed by the chair, its result for all at the same moment."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import audience_of, render
from collab.network.models import Accession, Membership
from meetings.domain.closing import close_meeting
from meetings.domain.correction import correct_decision
from meetings.domain.decision import record_decision
from meetings.domain.presence import arrive, leave
from meetings.domain.room import next_item
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote, withdraw_vote
from meetings.domain.wording import amend_wording, draft_wording, drop_wording
from meetings.models import AgendaItem, Decision, Meeting, MeetingGuest, Vote, VoteTown, Wording, WordingVersion
from meetings.queries.vote import count_of, voices_of
from tests.conftest import Cast, make_member, make_town
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import open_item
from workgroups.models import Group

HTMX = {"hx-request": "true"}
TEXT = "Kehl führt die E-Akte ein."


@pytest.fixture
def item(cast: Cast, meeting: Meeting) -> AgendaItem:
    item = open_item(cast, meeting)
    Meeting.objects.filter(pk=meeting.pk).update(active_item=item)
    return AgendaItem.objects.get(pk=item.pk)


def put(cast: Cast, item: AgendaItem, kind: str = "open", **more: object) -> Vote:
    return open_vote(**{"item": item, "kind": kind, "text": TEXT, "by": cast.coordinator, **more})


def say(vote: Vote, by: Membership, answer: str, reason: str = "") -> None:
    assert by.municipality is not None
    cast_voice(vote=vote, municipality=by.municipality, answer=answer, reason=reason, by=by)


def close(cast: Cast, vote: Vote) -> Vote:
    return close_vote(vote=vote, expected=vote.version, by=cast.coordinator)


def shown(vote: Vote, name: str = "meeting-vote", audience: str = "member", language: str = "en") -> str:
    key = vote.pk if name in ("vote", "vote-progress") else vote.meeting_id
    return render(f"{name}-{key}", audience, language)


# From the wording to the decision


def test_a_vote_from_the_wording_to_the_decision(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item)
    say(vote, cast.kehl, "yes")
    say(vote, cast.achern, "no", "Too dear")
    say(vote, cast.durbach, "yes")
    close(cast, vote)
    vote.refresh_from_db()
    decision = Decision.objects.get()
    assert (vote.state, vote.outcome, vote.decision, vote.closed_by) == (
        "closed",
        "carried",
        decision,
        cast.coordinator,
    )
    assert (decision.mode, decision.yes, decision.no, decision.abstain) == ("counted", 2, 1, 0)
    assert (decision.present, decision.needed, decision.towns, decision.majority) == (3, 3, 4, "simple")
    assert (decision.wording, decision.subject, decision.state, decision.carried) == (
        TEXT,
        item.title,
        "in_force",
        True,
    )
    assert [step.kind for step in decision.steps.all()] == ["proposed", "in_force"]
    draft = Wording.objects.get()
    assert (draft.state, draft.decision) == ("recorded", decision)
    page = shown(vote)
    for word in ("Carried", decision.reference, "Kehl", "Achern", "Too dear", "Lahr", "More yes than no"):
        assert word in page


def test_more_no_than_yes_rejects(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item)
    say(vote, cast.kehl, "yes")
    say(vote, cast.achern, "no")
    close(cast, vote)
    decision = Decision.objects.get()
    assert (decision.carried, decision.state) == (False, "rejected"), "a tie rejects"
    vote.refresh_from_db()
    assert vote.outcome == "rejected" and "Rejected" in shown(vote)


@pytest.mark.parametrize(
    ("majority", "answers", "carried"),
    [
        ("simple", ("yes", "no", "yes"), True),
        ("two_thirds", ("yes", "no", "yes"), True),
        ("two_thirds", ("yes", "no", "abstain"), False),
        ("absolute", ("yes", "yes", "abstain"), False),
        ("absolute", ("yes", "yes", "yes"), True),
        ("unanimous", ("yes", "abstain", "yes"), True),
        ("unanimous", ("yes", "no", "yes"), False),
    ],
)
def test_the_groups_majority(
    cast: Cast, item: AgendaItem, majority: str, answers: tuple[str, ...], carried: bool
) -> None:
    Group.objects.filter(pk=cast.group.pk).update(majority=majority)
    vote = put(cast, item)
    # What the group decides about its rule during the vote counts from the next one on.
    Group.objects.filter(pk=cast.group.pk).update(majority="simple")
    for who, answer in zip((cast.kehl, cast.achern, cast.durbach), answers, strict=True):
        say(vote, who, answer)
    close(cast, vote)
    assert Decision.objects.get().carried == carried
    assert str(Group.Majority(majority).label) in shown(vote)


def test_consent(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item, "consent")
    assert "serious objections" in shown(vote)
    say(vote, cast.kehl, "yes")
    say(vote, cast.achern, "abstain")
    close(cast, vote)
    decision = Decision.objects.get()
    assert (decision.mode, decision.yes, decision.carried) == ("consent", None, True)


def test_a_standing_objection_decides_nothing(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item, "consent")
    say(vote, cast.kehl, "yes")
    say(vote, cast.achern, "object", "We have no budget for it.")
    close(cast, vote)
    vote.refresh_from_db()
    assert (vote.state, vote.outcome, vote.decision) == ("closed", "objected", None)
    assert not Decision.objects.exists()
    assert Wording.objects.get().state == "draft"
    page = shown(vote)
    assert "We have no budget for it." in page and "Achern" in page
    assert TEXT in render(f"meeting-wording-{item.meeting_id}", "chair", "en"), "it is discussed on"
    assert Change.objects.filter(verb="vote_objected").exists()


def test_an_objection_that_was_taken_back_stands_no_more(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item, "consent")
    say(vote, cast.achern, "object", "No budget")
    say(vote, cast.achern, "yes")
    close(cast, vote)
    assert Decision.objects.get().mode == "consent"
    assert count_of(vote).object == 0
    assert "No budget" not in shown(vote)


def test_in_the_room_who_is_silent_is_present(cast: Cast, item: AgendaItem) -> None:
    """The quorum is of those at the table, as everywhere in the room; of how many voted the page tells as well."""
    for who in (cast.kehl, cast.achern, cast.durbach):
        arrive(meeting=item.meeting, municipality=who.municipality, by=cast.coordinator)
    vote = put(cast, item)
    say(vote, cast.kehl, "yes")
    close(cast, vote)
    decision = Decision.objects.get()
    assert (decision.present, decision.needed, decision.towns) == (3, 3, 4)
    assert decision.carried and not decision.lacks_quorum
    page = render(f"decision-{decision.pk}", "member", "en")
    for text in ("3 of 4 municipalities present", "1 of 3 municipalities voted", "quorum reached (3 needed)"):
        assert text in page
    assert "without quorum" not in shown(vote)


def test_an_absolute_majority_is_of_all_also_of_who_is_absent(cast: Cast, item: AgendaItem) -> None:
    Group.objects.filter(pk=cast.group.pk).update(majority="absolute")
    for who in (cast.kehl, cast.achern, cast.durbach):
        arrive(meeting=item.meeting, municipality=who.municipality, by=cast.coordinator)
    vote = put(cast, item)
    for who in (cast.kehl, cast.achern):
        say(vote, who, "yes")
    close(cast, vote)
    decision = Decision.objects.get()
    assert (decision.yes, decision.towns, decision.carried) == (2, 4, False)


def test_without_a_quorum_it_is_recorded_with_a_remark(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item)
    say(vote, cast.kehl, "yes")
    close(cast, vote)
    decision = Decision.objects.get()
    assert decision.carried and decision.lacks_quorum
    assert "recorded without quorum (1 of 3)" in shown(vote)


# Who has a voice


def test_all_expected_towns_have_a_voice_where_nobody_said_who_is_here(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item)
    assert VoteTown.objects.filter(vote=vote).count() == 4


def test_who_is_here_has_a_voice_and_who_comes_later_joins(cast: Cast, item: AgendaItem) -> None:
    arrive(meeting=item.meeting, municipality=cast.town("kehl"), by=cast.kehl)
    vote = put(cast, item)
    assert [one.municipality_id for one in VoteTown.objects.all()] == [cast.town("kehl").pk]
    with pytest.raises(Refused, match="has no voice"):
        say(vote, cast.achern, "yes")
    arrive(meeting=item.meeting, municipality=cast.town("achern"), by=cast.achern)
    say(vote, cast.achern, "yes")
    leave(meeting=item.meeting, municipality=cast.town("kehl"), by=cast.kehl)
    assert count_of(vote).towns == 2, "the vote was put to Kehl"
    told = Change.objects.filter(verb="town_arrived").order_by("version").last()
    assert told and f"meeting-vote-{item.meeting_id}" in told.regions


def test_nobody_is_here(cast: Cast, item: AgendaItem) -> None:
    arrive(meeting=item.meeting, municipality=cast.town("kehl"), by=cast.kehl)
    leave(meeting=item.meeting, municipality=cast.town("kehl"), by=cast.kehl)
    with pytest.raises(Refused, match="Set who is here"):
        put(cast, item)
    assert not Vote.objects.exists() and not Wording.objects.exists()


# While it is open


def test_nothing_shows_how_anybody_voted_while_it_is_open(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = put(cast, item)
    before = {name: shown(vote, name, who) for name, who in (("meeting-vote", "chair"), ("vote", "member"))}
    say(vote, cast.kehl, "no", "A reason that nobody reads")
    for name, audience in (("meeting-vote", "chair"), ("vote", "member"), ("meeting-log", "chair"), ("item", "chair")):
        text = shown(vote, name, audience) if name != "item" else render(f"item-{item.pk}", audience, "en")
        assert "A reason that nobody reads" not in text
    assert "A reason" not in str([(c.params, c.regions) for c in Change.objects.all()])
    assert voices_of(vote) == []
    # A no looks like a yes.
    other = shown(vote), shown(vote, "vote"), shown(vote, "vote-progress", "all")
    say(vote, cast.kehl, "yes")
    assert (shown(vote), shown(vote, "vote"), shown(vote, "vote-progress", "all")) == other
    assert before["meeting-vote"] != shown(vote, audience="chair"), "that Kehl has voted is seen"
    for who in (cast.coordinator, cast.achern, cast.mayor):
        pages = [url("meeting", item.meeting_id), url("item", item.pk), url("vote_towns", vote.pk)]
        for page in pages:
            assert "A reason that nobody reads" not in client_for(who).get(page).text


def test_who_has_not_voted_yet(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item)
    assert all(name in shown(vote, "vote-progress", "all") for name in ("Kehl", "Achern", "Durbach", "Lahr"))
    say(vote, cast.kehl, "yes")
    text = shown(vote, "vote-progress", "all")
    assert "Kehl" not in text and "Achern" in text and ">1</strong> of 4 have voted" in text
    told = Change.objects.get(verb="voice_cast")
    assert f"vote-progress-{vote.pk}" in told.regions
    assert not [one for one in told.regions if one.startswith(("meeting-", "item-", "vote-1"))], "nobody is disturbed"


def test_the_wording_stays_as_it_is(cast: Cast, item: AgendaItem) -> None:
    draft = draft_wording(item=item, text=TEXT, by=cast.coordinator)
    vote = put(cast, item, wording_id=draft.pk, version=1)
    assert vote.wording == draft
    for change in (
        lambda: amend_wording(wording=draft, text="Anders", version=1, by=cast.coordinator),
        lambda: drop_wording(wording=draft, by=cast.coordinator),
        lambda: record_decision(
            item=item, wording=TEXT, mode="unanimous", wording_id=draft.pk, version=1, by=cast.coordinator
        ),
    ):
        with pytest.raises(Refused, match="being voted on"):
            change()
    withdraw_vote(vote=vote, reason="Too early", by=cast.coordinator)
    amend_wording(wording=draft, text="Anders", version=1, by=cast.coordinator)


def test_nobody_leaves_in_the_middle_of_a_vote(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item)
    with pytest.raises(Refused, match="Close the vote or withdraw it"):
        next_item(meeting=item.meeting, expected=item.pk, by=cast.coordinator)
    with pytest.raises(Refused, match="Close the vote or withdraw it"):
        close_meeting(meeting=item.meeting, by=cast.coordinator)
    with pytest.raises(Refused, match="is being voted on"):
        put(cast, item)
    say(vote, cast.kehl, "yes")
    close(cast, vote)
    close_meeting(meeting=item.meeting, by=cast.coordinator)


# Opening


def test_opening_takes_up_the_draft_and_a_last_change(cast: Cast, item: AgendaItem) -> None:
    draft = draft_wording(item=item, text="Erste Fassung", by=cast.coordinator)
    with pytest.raises(Stale):
        put(cast, item)
    put(cast, item, wording_id=draft.pk, version=1)
    assert [one.text for one in WordingVersion.objects.all()] == ["Erste Fassung", TEXT]


@pytest.mark.parametrize("name", ["kehl", "achern", "mayor", "guide", "guest", "other"])
def test_only_the_chair_holds_a_vote(cast: Cast, item: AgendaItem, name: str) -> None:
    who = getattr(cast, name)
    with pytest.raises(PermissionDenied):
        put(cast, item, by=who)
    vote = put(cast, item)
    with pytest.raises(PermissionDenied):
        close_vote(vote=vote, expected=1, by=who)
    with pytest.raises(PermissionDenied):
        withdraw_vote(vote=vote, reason="No", by=who)


@pytest.mark.parametrize("state", ["planned", "closed", "cancelled"])
def test_only_in_session(cast: Cast, item: AgendaItem, state: str) -> None:
    Meeting.objects.filter(pk=item.meeting_id).update(state=state)
    with pytest.raises(Refused, match="in session"):
        put(cast, item)


def test_only_on_the_active_item_and_not_by_circulation(cast: Cast, item: AgendaItem) -> None:
    other = open_item(cast, item.meeting, title="Parken")
    with pytest.raises(Refused, match="Call this item up"):
        put(cast, other)
    with pytest.raises(Refused, match="Choose how"):
        put(cast, item, "circular")


# The forms


def test_the_form_holds_the_draft_and_opens_the_vote(cast: Cast, item: AgendaItem, client_for) -> None:
    draft_wording(item=item, text=TEXT, by=cast.coordinator)
    chair, path = client_for(cast.coordinator), url("vote_open", item.pk)
    page = chair.get(path).text
    assert TEXT in page and "4 municipalities have a voice" in page and "quorum takes 3 of 4" in page
    draft = Wording.objects.get()
    data = {"text": TEXT, "kind": "open", "wording_id": draft.pk, "version": 1, "request_id": str(uuid4())}
    for _again in range(2):
        assert chair.post(path, data, headers=HTMX).status_code == 204
    assert Vote.objects.count() == 1
    second = chair.post(path, {**data, "request_id": str(uuid4())}, headers=HTMX)
    assert second.status_code == 422 and "is being voted on" in second.text


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"text": "", "kind": "open"}, "required"),
        ({"text": "x" * 5001, "kind": "open"}, "5000"),
        ({"text": "x"}, "required"),
        ({"text": "x", "kind": "circular"}, "valid choice"),
        ({"text": "x", "kind": "open", "version": "one"}, "whole number"),
        ({"text": "x", "kind": "open", "request_id": "7"}, "UUID"),
        ({"text": "x\0", "kind": "open"}, "Null"),
    ],
)
def test_input_that_cannot_be(cast: Cast, item: AgendaItem, client_for, data: dict[str, object], what: str) -> None:
    answer = client_for(cast.coordinator).post(url("vote_open", item.pk), data, headers=HTMX)
    assert answer.status_code == 422 and what in answer.text
    assert not Vote.objects.exists()


def test_a_draft_that_was_amended_meanwhile(cast: Cast, item: AgendaItem, client_for) -> None:
    draft = draft_wording(item=item, text="Erste Fassung", by=cast.coordinator)
    amend_wording(wording=draft, text="Zweite Fassung", version=1, by=cast.coordinator)
    chair, path = client_for(cast.coordinator), url("vote_open", item.pk)
    data = {"text": "Meine Fassung", "kind": "open", "wording_id": draft.pk, "version": 1}
    clash = chair.post(path, data, headers=HTMX)
    assert clash.status_code == 409 and "Zweite Fassung" in clash.text and "Meine Fassung" in clash.text
    assert chair.post(path, {**data, "version": 2}, headers=HTMX).status_code == 204


def test_a_draft_that_was_made_meanwhile(cast: Cast, item: AgendaItem, client_for) -> None:
    draft = draft_wording(item=item, text="Erste Fassung", by=cast.coordinator)
    chair, path = client_for(cast.coordinator), url("vote_open", item.pk)
    clash = chair.post(path, {"text": "Meine Fassung", "kind": "open"}, headers=HTMX)
    assert clash.status_code == 409 and f'name="wording_id" value="{draft.pk}"' in clash.text
    assert 'name="version" value="1"' in clash.text


def test_closing_names_who_is_missing_and_twice_is_once(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = put(cast, item)
    say(vote, cast.kehl, "yes")
    chair, path = client_for(cast.coordinator), url("vote_close", vote.pk)
    page = chair.get(path).text
    assert "1 of 4 have voted" in page and "Achern" in page
    for _again in range(2):
        assert chair.post(path, {"version": 1}, headers=HTMX).status_code == 204
    assert Decision.objects.count() == 1
    assert chair.post(path, {}, headers=HTMX).status_code == 422
    assert chair.post(path, {"version": "x"}, headers=HTMX).status_code == 422


def test_an_open_vote_without_a_voice_has_no_result(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = put(cast, item)
    early = client_for(cast.coordinator).post(url("vote_close", vote.pk), {"version": 1}, headers=HTMX)
    assert early.status_code == 422 and "No municipality has voted yet" in early.text
    vote.refresh_from_db()
    assert vote.is_open and not Decision.objects.exists()


def test_a_vote_that_was_withdrawn_is_not_closed(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = put(cast, item)
    say(vote, cast.kehl, "no", "Secret for ever")
    chair = client_for(cast.coordinator)
    assert chair.post(url("vote_withdraw", vote.pk), {"reason": " "}, headers=HTMX).status_code == 422
    assert chair.post(url("vote_withdraw", vote.pk), {"reason": "x" * 1001}, headers=HTMX).status_code == 422
    for _again in range(2):
        sent = chair.post(url("vote_withdraw", vote.pk), {"reason": "Wrong wording"}, headers=HTMX)
        assert sent.status_code == 204
    late = chair.post(url("vote_close", vote.pk), {"version": 1}, headers=HTMX)
    assert late.status_code == 422 and "Coordinator has withdrawn" in late.text
    page = shown(vote)
    assert "Wrong wording" in page and "Secret for ever" not in page
    assert Wording.objects.get().state == "draft" and not Decision.objects.exists()
    with pytest.raises(Refused, match="withdrawn"):
        say(vote, cast.achern, "yes")


@pytest.mark.parametrize("name", ["vote_close", "vote_withdraw", "vote_towns"])
def test_strangers_and_nobody(cast: Cast, item: AgendaItem, client_for, client, name: str) -> None:
    vote = put(cast, item)
    for who in (cast.other, cast.guest, cast.other_officer):
        assert client_for(who).get(url(name, vote.pk), headers=HTMX).status_code == 404
    assert client.get(url(name, vote.pk), headers=HTMX).status_code == 401
    allowed = 200 if name == "vote_towns" else 403
    assert client_for(cast.mayor).get(url(name, vote.pk)).status_code == allowed


# Regions


def test_a_fixed_number_of_queries(cast: Cast, item: AgendaItem, django_assert_max_num_queries) -> None:
    vote = put(cast, item)
    with django_assert_max_num_queries(40) as few:
        shown(vote, "vote-progress", "all")
        shown(vote)
    for number in range(50):
        town = make_town(f"Ort {number}", f"993170{number:02}")
        Accession.objects.create(network=cast.network, municipality=town, joined_on=date(2021, 9, 30))
        make_member(cast.network, "officer", town, f"officer{number}@ort.example")
        VoteTown.objects.create(vote=vote, municipality=town)
    with django_assert_max_num_queries(40) as many:
        shown(vote, "vote-progress", "all")
        shown(vote)
    assert len(few) == len(many)
    for who in Membership.objects.filter(network=cast.network, role="officer"):
        say(vote, who, "yes")
    close(cast, vote)
    with django_assert_max_num_queries(40):
        text = shown(vote)
    assert "53" in text and "Ort 49" in text


def test_guests_see_no_vote(cast: Cast, item: AgendaItem) -> None:
    MeetingGuest.objects.create(meeting=item.meeting, membership=cast.guest)
    vote = put(cast, item)
    assert audience_of(f"meeting-vote-{item.meeting_id}", cast.guest) is None
    assert audience_of(f"vote-{vote.pk}", cast.guest) is None
    assert audience_of(f"vote-{vote.pk}", cast.other) is None


def test_what_is_for_the_group_only(cast: Cast, item: AgendaItem) -> None:
    AgendaItem.objects.filter(pk=item.pk).update(visibility="group")
    vote = put(cast, AgendaItem.objects.get(pk=item.pk))
    assert TEXT in shown(vote, audience="member")
    assert TEXT not in shown(vote, audience="reader")
    assert audience_of(f"vote-{vote.pk}", cast.mayor) is None
    assert audience_of(f"vote-progress-{vote.pk}", cast.mayor) is None
    assert audience_of(f"vote-{vote.pk}", cast.kehl) == "member"
    MeetingGuest.objects.create(meeting=item.meeting, membership=cast.guest)
    assert audience_of(f"vote-progress-{vote.pk}", cast.guest) is None


def test_in_german(cast: Cast, item: AgendaItem) -> None:
    vote = put(cast, item, "consent")
    assert "Gibt es schwerwiegende Einwände?" in shown(vote, language="de")


def test_a_quick_voice_that_is_refused_says_why(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = put(cast, item)
    say(vote, cast.achern, "yes")
    close(cast, vote)
    path = url("voice", vote.pk, "own")
    answer = client_for(cast.kehl).post(path, {"answer": "yes", "quick": "1"}, headers=HTMX)
    assert answer.status_code == 409 and "over" in unquote(answer["X-Message"])


# Afterwards


def test_the_result_of_a_vote_is_not_edited(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = put(cast, item)
    say(vote, cast.kehl, "yes")
    close(cast, vote)
    decision = Decision.objects.get()
    chair, path = client_for(cast.coordinator), url("decision_correct", decision.reference)
    assert 'name="yes"' not in chair.get(path).text
    data = {"wording": "Kehl führt die E-Akte bald ein.", "mode": "counted", "yes": 9, "no": 0, "abstain": 0}
    assert chair.post(path, {**data, "reason": "Slip", "version": 1}, headers=HTMX).status_code == 204
    decision.refresh_from_db()
    assert (decision.yes, decision.wording) == (1, data["wording"])
    with pytest.raises(Refused, match="counted from the voices"):
        correct_decision(decision=decision, by=cast.coordinator, reason="Better so", version=2, **data)


def test_what_came_of_consent_can_be_corrected_in_its_wording(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = put(cast, item, "consent")
    close(cast, vote)
    path = url("decision_correct", Decision.objects.get().reference)
    data = {"wording": "Besser.", "reason": "Slip", "version": 1}
    assert client_for(cast.coordinator).post(path, data, headers=HTMX).status_code == 204
    assert Decision.objects.get().mode == "consent"
