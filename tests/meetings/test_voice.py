"""The voice of a municipality: one, cast by its officer, a deputy or a proxy, changed until the vote ends."""

from __future__ import annotations

from datetime import date, time, timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from collab.network.models import Membership
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote
from meetings.models import AgendaItem, Attendance, Deputy, Meeting, Presence, Proxy, Voice, Vote, VoteTown
from meetings.queries.vote import voices_of, voters_of
from meetings.rules import capacity_in
from tests.conftest import Cast, make_member
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import open_item
from workgroups.models import Group, GroupMembership

HTMX = {"hx-request": "true"}


@pytest.fixture
def vote(cast: Cast, meeting: Meeting) -> Vote:
    item = open_item(cast, meeting)
    Meeting.objects.filter(pk=meeting.pk).update(active_item=item)
    item = AgendaItem.objects.get(pk=item.pk)
    return open_vote(item=item, kind="open", text="Kehl führt die E-Akte ein.", by=cast.coordinator)


def say(cast: Cast, vote: Vote, by: Membership, answer: str = "yes", town: str = "kehl", reason: str = "") -> Voice:
    return cast_voice(vote=vote, municipality=cast.town(town), answer=answer, reason=reason, by=by)


def counting(vote: Vote) -> list[tuple[str, str, str]]:
    return list(Voice.objects.filter(vote=vote, replaced_at=None).values_list("municipality", "answer", "capacity"))


def name_deputy(cast: Cast, vote: Vote) -> Membership:
    """Kehl's mayor, named as deputy for this meeting."""
    values = {"meeting": vote.meeting, "municipality": cast.town("kehl"), "deputy": cast.mayor}
    Attendance.objects.create(**values)
    return cast.mayor


# In what capacity


def test_each_capacity(cast: Cast, vote: Vote) -> None:
    kehl, achern = cast.town("kehl").pk, cast.town("achern").pk
    assert capacity_in(cast.kehl, kehl, vote) == "own"
    assert capacity_in(cast.kehl, achern, vote) is None
    assert [capacity_in(who, kehl, vote) for who in (cast.mayor, cast.coordinator, cast.guest, cast.other)] == [
        None
    ] * 4
    assert capacity_in(cast.guide, cast.town("lahr").pk, vote) is None
    name_deputy(cast, vote)
    assert capacity_in(cast.mayor, kehl, vote) == "deputy"
    Proxy.objects.create(meeting=vote.meeting, municipality_id=achern, holder=cast.kehl, given_by=cast.achern)
    assert capacity_in(cast.kehl, achern, vote) == "proxy"
    Proxy.objects.update(ended_at=timezone.now())
    assert capacity_in(cast.kehl, achern, vote) is None
    Membership.objects.filter(pk=cast.kehl.pk).update(ended_on=date(2026, 1, 1))
    assert capacity_in(Membership.objects.get(pk=cast.kehl.pk), kehl, vote) is None


def test_who_sits_there_for_the_town_is_its_deputy(cast: Cast, vote: Vote) -> None:
    lahr = Attendance.objects.create(meeting=vote.meeting, municipality=cast.town("lahr"))
    seat = {"began_at": timezone.now(), "representative": cast.guide, "recorded_by": cast.coordinator}
    presence = Presence.objects.create(attendance=lahr, **seat)
    assert capacity_in(cast.guide, cast.town("lahr").pk, vote) == "deputy"
    presence.ended_at = timezone.now()
    presence.save()
    assert capacity_in(cast.guide, cast.town("lahr").pk, vote) is None


def test_in_the_plenum_the_mayor_votes(cast: Cast, vote: Vote) -> None:
    Group.objects.filter(pk=cast.group.pk).update(kind="plenum")
    vote = Vote.objects.get(pk=vote.pk)
    assert capacity_in(cast.mayor, cast.town("kehl").pk, vote) == "own"
    assert capacity_in(cast.kehl, cast.town("kehl").pk, vote) is None


def test_in_a_working_group_whoever_belongs_to_it(cast: Cast, vote: Vote) -> None:
    Group.objects.filter(pk=cast.group.pk).update(kind="working_group")
    vote = Vote.objects.get(pk=vote.pk)
    assert capacity_in(cast.guide, cast.town("lahr").pk, vote) is None
    GroupMembership.objects.create(group=cast.group, membership=cast.guide)
    assert capacity_in(cast.guide, cast.town("lahr").pk, vote) == "own"
    assert capacity_in(cast.kehl, cast.town("kehl").pk, vote) is None


def test_the_buttons_are_for_those_who_may(cast: Cast, vote: Vote) -> None:
    """What the page offers and what the rule allows are the same, for everybody."""
    name_deputy(cast, vote)
    Proxy.objects.create(
        meeting=vote.meeting, municipality=cast.town("achern"), holder=cast.durbach, given_by=cast.achern
    )
    voters = voters_of(vote)
    for who in Membership.objects.filter(network=cast.network):
        own = bool(who.municipality_id and capacity_in(who, who.municipality_id, vote))
        assert (who.pk in voters.own) == own, who
    assert [(proxy.holder, proxy.municipality) for proxy in voters.proxies] == [(cast.durbach, cast.town("achern"))]


# Which voice counts


def test_one_voice_that_can_be_changed(cast: Cast, vote: Vote) -> None:
    first = say(cast, vote, cast.kehl, "yes")
    assert say(cast, vote, cast.kehl, "yes") == first, "the same once more is nothing new"
    assert Change.objects.filter(verb="voice_cast").count() == 1
    second = say(cast, vote, cast.kehl, "no", reason="Thought better of it")
    assert counting(vote) == [(cast.town("kehl").pk, "no", "own")]
    first.refresh_from_db()
    assert first.replaced_at and second.replaced_at is None
    assert (second.by_name, second.town_name) == (cast.kehl.person.name, "Kehl")


@pytest.mark.parametrize("deputy_first", [True, False])
def test_a_deputys_voice_yields_to_the_members_own(cast: Cast, vote: Vote, deputy_first: bool) -> None:
    deputy = name_deputy(cast, vote)
    if deputy_first:
        say(cast, vote, deputy, "no")
        say(cast, vote, cast.kehl, "yes")
    else:
        say(cast, vote, cast.kehl, "yes")
        with pytest.raises(Refused, match="Kehl has voted itself"):
            say(cast, vote, deputy, "no")
    assert counting(vote) == [(cast.town("kehl").pk, "yes", "own")]


@pytest.mark.parametrize("proxy_first", [True, False])
def test_a_proxys_voice_yields_to_both(cast: Cast, vote: Vote, proxy_first: bool) -> None:
    deputy = name_deputy(cast, vote)
    Proxy.objects.create(meeting=vote.meeting, municipality=cast.town("kehl"), holder=cast.achern, given_by=cast.kehl)
    if proxy_first:
        say(cast, vote, cast.achern, "abstain")
    say(cast, vote, deputy, "no")
    if not proxy_first:
        with pytest.raises(Refused, match="deputy of Kehl has voted"):
            say(cast, vote, cast.achern, "abstain")
    assert counting(vote) == [(cast.town("kehl").pk, "no", "deputy")]


def test_a_proxy_votes_for_both_towns(cast: Cast, vote: Vote) -> None:
    Proxy.objects.create(meeting=vote.meeting, municipality=cast.town("kehl"), holder=cast.achern, given_by=cast.kehl)
    say(cast, vote, cast.achern, "yes", town="achern")
    say(cast, vote, cast.achern, "no", town="kehl")
    vote = close_vote(vote=vote, expected=1, by=cast.coordinator)
    said = [(one.town_name, one.answer, one.get_capacity_display()) for one in voices_of(vote)]
    assert said == [("Achern", "yes", "for the own municipality"), ("Kehl", "no", "as proxy")]


# What is refused


def test_after_the_end(cast: Cast, vote: Vote) -> None:
    say(cast, vote, cast.achern, "no", "achern")
    close_vote(vote=vote, expected=1, by=cast.coordinator)
    with pytest.raises(Refused, match="over"):
        say(cast, vote, cast.kehl)
    assert counting(vote) == [(cast.town("achern").pk, "no", "own")]


def test_by_circulation_the_clock_decides(cast: Cast) -> None:
    deadline = {"deadline_on": date(2026, 1, 1), "deadline_time": time(18), "ends_at": timezone.now()}
    vote = Vote.objects.create(
        network=cast.network,
        group=cast.group,
        kind="circular",
        subject="E-Akte",
        text="Wir führen sie ein.",
        opened_by=cast.coordinator,
        **deadline,
    )
    for name in ("kehl", "achern"):
        VoteTown.objects.create(vote=vote, municipality=cast.town(name))
    with pytest.raises(Refused, match="over"):
        say(cast, vote, cast.kehl)
    Vote.objects.update(ends_at=timezone.now() + timedelta(hours=1))
    say(cast, vote, cast.kehl)
    with pytest.raises(PermissionDenied):
        say(cast, vote, cast.mayor)
    Deputy.objects.create(
        network=cast.network, municipality=cast.town("kehl"), membership=cast.mayor, named_by=cast.kehl
    )
    with pytest.raises(Refused, match="voted itself"):
        say(cast, vote, cast.mayor)
    with pytest.raises(Refused, match="Choose one"):
        say(cast, vote, cast.achern, "object", town="achern", reason="To the procedure")
    assert voters_of(vote).own == sorted((cast.kehl.pk, cast.mayor.pk, cast.achern.pk))


@pytest.mark.parametrize("answer", ["object", "maybe", ""])
def test_answers_that_cannot_be(cast: Cast, vote: Vote, answer: str) -> None:
    with pytest.raises(Refused, match="Choose one"):
        say(cast, vote, cast.kehl, answer)


def test_an_objection_needs_its_reason(cast: Cast, vote: Vote) -> None:
    Vote.objects.update(kind="consent")
    with pytest.raises(Refused, match="what the objection is"):
        say(cast, vote, cast.kehl, "object", reason="  ")
    with pytest.raises(Refused, match="Choose one"):
        say(cast, vote, cast.kehl, "no")


@pytest.mark.parametrize("name", ["achern", "mayor", "guide", "coordinator", "guest", "other", "other_officer"])
def test_nobody_else_casts_a_towns_voice(cast: Cast, vote: Vote, name: str) -> None:
    with pytest.raises(PermissionDenied):
        say(cast, vote, getattr(cast, name))
    assert counting(vote) == []


# The form


def test_one_click_and_the_form(cast: Cast, vote: Vote, client_for) -> None:
    kehl, path = client_for(cast.kehl), url("voice", vote.pk, "own")
    done = kehl.post(path, {"answer": "yes", "quick": "1"}, headers=HTMX)
    assert done.status_code == 204 and "Kehl: Yes" in done["HX-Trigger"]
    form = kehl.get(path).text
    assert 'value="yes" required' in form and "checked" in form, "one's own town sees what it said"
    data = {"answer": "no", "reason": "Too dear", "request_id": str(uuid4())}
    for _twice in range(2):
        assert kehl.post(path, data, headers=HTMX).status_code == 204
    assert Voice.objects.count() == 2
    assert "Too dear" in kehl.get(path).text
    assert "Too dear" not in client_for(cast.achern).get(path).text


def test_a_proxy_does_not_see_what_the_town_said_itself(cast: Cast, vote: Vote, client_for) -> None:
    Proxy.objects.create(meeting=vote.meeting, municipality=cast.town("kehl"), holder=cast.achern, given_by=cast.kehl)
    path = url("voice", vote.pk, cast.town("kehl").pk)
    say(cast, vote, cast.achern, "no", reason="The proxy's own words")
    assert "The proxy&#x27;s own words" in client_for(cast.achern).get(path).text
    say(cast, vote, cast.kehl, "yes", reason="For Kehl alone")
    seen = client_for(cast.achern).get(path)
    assert seen.status_code == 200 and "For Kehl alone" not in seen.text and "checked" not in seen.text


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({}, "required"),
        ({"answer": "maybe"}, "valid choice"),
        ({"answer": "object"}, "valid choice"),
        ({"answer": "yes", "reason": "x" * 1001}, "1000"),
        ({"answer": "yes", "reason": "x\0"}, "Null"),
        ({"answer": "yes", "request_id": "7"}, "UUID"),
    ],
)
def test_input_that_cannot_be(cast: Cast, vote: Vote, client_for, data: dict[str, str], what: str) -> None:
    kehl, path = client_for(cast.kehl), url("voice", vote.pk, "own")
    answer = kehl.post(path, data, headers=HTMX)
    assert answer.status_code == 422 and what in answer.text
    quick = kehl.post(path, {**data, "quick": "1"}, headers=HTMX)
    assert quick.status_code == 422 and what in unquote(quick["X-Message"])
    assert not Voice.objects.exists()


def test_the_form_of_a_vote_by_consent_asks_for_the_reason(cast: Cast, vote: Vote, client_for) -> None:
    Vote.objects.update(kind="consent")
    kehl, path = client_for(cast.kehl), url("voice", vote.pk, "own")
    assert kehl.post(path, {"answer": "object"}, headers=HTMX).status_code == 422
    assert kehl.post(path, {"answer": "object", "reason": "No budget"}, headers=HTMX).status_code == 204


def test_whose_voice_it_is_not(cast: Cast, vote: Vote, client_for, client) -> None:
    kehl = cast.town("kehl").pk
    data = {"answer": "yes", "quick": "1"}
    for who, ags, status in (
        (cast.achern, kehl, 403),
        (cast.mayor, "own", 403),
        (cast.guide, "own", 403),
        (cast.coordinator, kehl, 403),
        (cast.coordinator, "own", 404),
        (cast.kehl, "08216043", 404),
        (cast.kehl, "x", 404),
        (cast.guest, kehl, 404),
        (cast.other, kehl, 404),
        (cast.other_officer, "own", 404),
    ):
        answer = client_for(who).post(url("voice", vote.pk, ags), data, headers=HTMX)
        assert answer.status_code == status, (who, ags)
    assert client.post(url("voice", vote.pk, "own"), data, headers=HTMX).status_code == 401
    assert not Voice.objects.exists()


def test_a_second_officer_is_told_what_the_first_has_said_meanwhile(cast: Cast, vote: Vote, client_for) -> None:
    second = make_member(cast.network, "officer", cast.town("kehl"), "second@kehl.example")
    path, browser = url("voice", vote.pk, cast.town("kehl").pk), client_for(second)
    opened = browser.get(path, headers=HTMX).text
    assert 'name="version"' in opened
    say(cast, vote, cast.kehl, "no", reason="Too dear")
    quick = browser.post(path, {"answer": "yes", "quick": "1"}, headers=HTMX)
    assert quick.status_code == 409 and cast.kehl.person.name in unquote(quick.headers["X-Message"])
    data = {"answer": "yes", "reason": "", "version": "", "request_id": str(uuid4())}
    conflict = browser.post(path, data, headers=HTMX)
    assert conflict.status_code == 409 and "Too dear" in conflict.text
    assert [answer for _town, answer, _how in counting(vote)] == ["no"]
    data["version"] = str(Voice.objects.get(replaced_at=None).pk)
    assert browser.post(path, data, headers=HTMX).status_code == 204
    assert [answer for _town, answer, _how in counting(vote)] == ["yes"]
    # The own voice is changed with one click, as before.
    assert browser.post(path, {"answer": "abstain", "quick": "1"}, headers=HTMX).status_code == 204


def test_a_voice_of_a_second_officer_replaces_the_first(cast: Cast, vote: Vote) -> None:
    second = make_member(cast.network, "officer", cast.town("kehl"), "second@kehl.example")
    say(cast, vote, cast.kehl, "yes")
    say(cast, vote, second, "no")
    assert counting(vote) == [(cast.town("kehl").pk, "no", "own")]
