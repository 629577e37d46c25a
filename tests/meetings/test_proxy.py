"""Proxies: a town's officer gives its voice for one meeting to a person at the table of another town."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.presence import arrive, leave
from meetings.domain.proxy import give_proxy, take_proxy_back
from meetings.domain.voice import cast_voice
from meetings.domain.vote import open_vote
from meetings.models import AgendaItem, Meeting, Proxy, Voice, VoteTown
from tests.conftest import Cast
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import open_item

HTMX = {"hx-request": "true"}


def give(cast: Cast, meeting: Meeting, version: int = 0, **more: object) -> Proxy:
    values = {"municipality": cast.town("kehl"), "holder": cast.achern, "by": cast.kehl, "version": version}
    return give_proxy(**{"meeting": meeting, **values, **more})


def test_given_seen_by_all_and_taken_back(cast: Cast, meeting: Meeting) -> None:
    proxy = give(cast, meeting)
    assert give(cast, meeting) == proxy, "twice is once"
    for audience in ("chair", "member", "reader"):
        text = render(f"meeting-people-{meeting.pk}", audience, "en")
        assert "Proxies" in text and "Kehl: Digitalisation officer Achern (Achern) votes" in text
    take_proxy_back(meeting=meeting, municipality=cast.town("kehl"), version=proxy.pk, by=cast.kehl)
    take_proxy_back(meeting=meeting, municipality=cast.town("kehl"), version=proxy.pk, by=cast.kehl)
    assert "Proxies" not in render(f"meeting-people-{meeting.pk}", "chair", "en")
    assert [c.verb for c in Change.objects.order_by("version")] == ["proxy_given", "proxy_ended"]


def test_another_holder_ends_the_proxy_before(cast: Cast, meeting: Meeting) -> None:
    first = give(cast, meeting)
    second = give(cast, meeting, holder=cast.durbach, version=first.pk)
    first.refresh_from_db()
    assert first.ended_at and second.ended_at is None
    with pytest.raises(Refused, match="given your voice to"):
        give(cast, meeting, version=first.pk)
    with pytest.raises(Refused, match="given your voice to"):
        take_proxy_back(meeting=meeting, municipality=cast.town("kehl"), version=first.pk, by=cast.kehl)


def test_one_proxy_per_person(cast: Cast, meeting: Meeting) -> None:
    give(cast, meeting)
    with pytest.raises(Refused, match="one proxy at most"):
        give(cast, meeting, municipality=cast.town("durbach"), by=cast.durbach)


@pytest.mark.parametrize("name", ["kehl", "mayor", "guide", "coordinator", "guest", "other_officer"])
def test_only_to_somebody_at_the_table_of_another_town(cast: Cast, meeting: Meeting, name: str) -> None:
    with pytest.raises(Refused, match="sits at the table for another"):
        give(cast, meeting, holder=getattr(cast, name))


@pytest.mark.parametrize("name", ["mayor", "achern", "coordinator", "guest", "other"])
def test_only_the_towns_officer_gives_it(cast: Cast, meeting: Meeting, name: str) -> None:
    with pytest.raises(PermissionDenied):
        give(cast, meeting, by=getattr(cast, name))
    proxy = give(cast, meeting)
    with pytest.raises(PermissionDenied):
        take_proxy_back(meeting=meeting, municipality=cast.town("kehl"), version=proxy.pk, by=getattr(cast, name))


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_not_when_it_is_over(cast: Cast, meeting: Meeting, state: str) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state=state)
    with pytest.raises(Refused, match="over"):
        give(cast, meeting)


def test_a_town_that_gives_its_voice_during_a_vote_joins_the_roll(cast: Cast, meeting: Meeting) -> None:
    item = open_item(cast, meeting)
    Meeting.objects.filter(pk=meeting.pk).update(active_item=item)
    meeting.refresh_from_db()
    arrive(meeting=meeting, municipality=cast.town("achern"), by=cast.achern)
    vote = open_vote(item=AgendaItem.objects.get(pk=item.pk), kind="open", text="x", by=cast.coordinator)
    assert VoteTown.objects.count() == 1
    give(cast, meeting)
    assert {one.municipality_id for one in VoteTown.objects.all()} == {cast.town("achern").pk, cast.town("kehl").pk}
    text = render(f"meeting-vote-{meeting.pk}", "member", "en")
    assert "As proxy: Kehl votes" in text and url("voice", vote.pk, cast.town("kehl").pk) in text


def test_who_has_left_the_table_votes_for_nobody_else(cast: Cast, meeting: Meeting) -> None:
    item = open_item(cast, meeting)
    Meeting.objects.filter(pk=meeting.pk).update(active_item=item)
    meeting.refresh_from_db()
    achern = cast.town("achern")
    for town in (achern, cast.town("durbach")):
        arrive(meeting=meeting, municipality=town, by=cast.coordinator)
    give(cast, meeting)
    vote = open_vote(item=AgendaItem.objects.get(pk=item.pk), kind="open", text="x", by=cast.coordinator)
    leave(meeting=meeting, municipality=achern, by=cast.achern)
    with pytest.raises(Refused, match="Achern does not sit at the table"):
        cast_voice(vote=vote, municipality=cast.town("kehl"), answer="yes", by=cast.achern)
    assert not Voice.objects.exists()
    arrive(meeting=meeting, municipality=achern, by=cast.achern)
    assert cast_voice(vote=vote, municipality=cast.town("kehl"), answer="yes", by=cast.achern).capacity == "proxy"


def test_the_form(cast: Cast, meeting: Meeting, client_for) -> None:
    kehl, path = client_for(cast.kehl), url("proxy", meeting.pk, "own")
    page = kehl.get(path).text
    assert "Achern – Digitalisation officer Achern" in page and "Guest" not in page and "Kehl – " not in page
    for _twice in range(2):
        assert kehl.post(path, {"holder": cast.achern.pk, "version": 0}, headers=HTMX).status_code == 204
    proxy = Proxy.objects.get()
    assert kehl.post(path, {"holder": "", "version": 0}, headers=HTMX).status_code == 422, "it was given meanwhile"
    assert kehl.post(path, {"holder": "", "version": proxy.pk}, headers=HTMX).status_code == 204
    proxy.refresh_from_db()
    assert proxy.ended_at


@pytest.mark.parametrize("data", [{"holder": "x", "version": 0}, {"holder": "999999", "version": 0}, {"version": "x"}])
def test_input_that_cannot_be(cast: Cast, meeting: Meeting, client_for, data: dict[str, object]) -> None:
    assert client_for(cast.kehl).post(url("proxy", meeting.pk, "own"), data, headers=HTMX).status_code == 422
    assert not Proxy.objects.exists()


def test_whose_it_is_not(cast: Cast, meeting: Meeting, client_for, client) -> None:
    kehl = cast.town("kehl").pk
    for who, ags, status in (
        (cast.achern, kehl, 403),
        (cast.mayor, "own", 403),
        (cast.coordinator, "own", 404),
        (cast.coordinator, kehl, 403),
        (cast.guest, kehl, 404),
        (cast.other, kehl, 404),
    ):
        answer = client_for(who).post(url("proxy", meeting.pk, ags), {"holder": "", "version": 0}, headers=HTMX)
        assert answer.status_code == status, (who, ags)
    assert client.post(url("proxy", meeting.pk, "own"), {}, headers=HTMX).status_code == 401
