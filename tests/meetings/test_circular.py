"""Votes by circulation: put to the towns, answered until a stated time, ended by the clock, numbered as any other."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from collab.clock import run_due
from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import render
from collab.live.verbs import sentence
from collab.network.models import Accession, Membership, Municipality
from meetings.domain.circular import end_circular, open_circular, withdraw_circular
from meetings.domain.deputy import set_deputy
from meetings.domain.objection import object_to_procedure
from meetings.domain.voice import cast_voice
from meetings.models import AgendaItem, Decision, Voice, Vote, VoteTown, Wording
from tests.conftest import Cast, make_meeting, make_member, make_town
from workgroups.models import Group, GroupMembership

HTMX = {"hx-request": "true"}
HOSTILE = '<script>alert("x")</script>'


def url(name: str, *args: object) -> str:
    return reverse(name, args=["ortenau", *args])


def put(cast: Cast, **more: object) -> Vote:
    """A proposal that the coordinator puts to the officers' towns."""
    values = {"group": cast.group, "subject": "E-file", "text": "We use the same e-file.", "by": cast.coordinator}
    return open_circular(**{**values, **more})


def say(vote: Vote, by: Membership, answer: str = "yes", reason: str = "") -> Voice:
    return cast_voice(vote=vote, municipality=by.municipality, answer=answer, reason=reason, by=by)


def over(vote: Vote) -> Vote:
    """The vote, its time being over."""
    Vote.objects.filter(pk=vote.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    vote.refresh_from_db()
    return vote


@pytest.fixture
def vote(cast: Cast) -> Vote:
    return put(cast)


def form(cast: Cast, **more: object) -> dict[str, object]:
    values = {
        "group": cast.group.pk,
        "subject": "E-file",
        "text": "We use the same e-file.",
        "background": "",
        "deadline_on": (timezone.localdate() + timedelta(days=14)).isoformat(),
        "deadline_time": "18:00",
        "topic": "",
        "visibility": "network",
        "request_id": str(uuid4()),
    }
    return {**values, **more}


# -- putting it --------------------------------------------------------------------------------------------------------


def test_the_coordinator_puts_a_proposal_to_all_towns_once(cast, client_for):
    data = form(cast, subject=HOSTILE)
    for _twice in range(2):
        answer = client_for(cast.coordinator).post(url("circular_add", cast.group.pk), data, headers=HTMX)
        assert answer.status_code == 204
    vote = Vote.objects.get()
    assert url("vote", vote.pk) in answer.headers["HX-Trigger"]
    assert sorted(vote.roll.values_list("municipality__short_name", flat=True)) == [
        "Achern",
        "Durbach",
        "Kehl",
        "Lahr",
    ]
    # More than half of the four.
    assert (vote.needed, vote.majority, vote.state) == (3, "simple", "open")
    page = client_for(cast.kehl).get(url("vote", vote.pk)).text
    assert "We use the same e-file." in page
    assert "18:00" in page or "6 p.m." in page
    assert HOSTILE not in page
    assert HOSTILE not in client_for(cast.kehl).get(url("vote_list")).text


def test_it_ends_at_local_time_also_when_the_clocks_change(cast, monkeypatch):
    today = timezone.localdate()
    winter = next(day for day in (today + timedelta(days=n) for n in range(1, 170)) if day.month in (1, 11, 12))
    vote = put(cast, deadline_on=winter, deadline_time=time(18))
    assert vote.ends_at == datetime(winter.year, winter.month, winter.day, 17, tzinfo=UTC)
    assert put(cast).deadline_on == today + timedelta(days=14)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"subject": ""}, "required"),
        ({"subject": "x" * 201}, "at most 200"),
        ({"text": ""}, "required"),
        ({"text": "x" * 5001}, "at most 5000"),
        ({"background": "x" * 10_001}, "at most 10000"),
        ({"deadline_on": "tomorrow"}, "valid date"),
        ({"deadline_on": "2020-01-01"}, "This time is over"),
        ({"deadline_on": "9999-12-31"}, "within the next 180 days"),
        ({"deadline_time": "25:00"}, "valid time"),
        ({"visibility": "public"}, "valid choice"),
        ({"topic": "nonsense"}, "valid choice"),
        ({"group": "0"}, "valid choice"),
        ({"request_id": "x"}, "UUID"),
    ],
)
def test_what_cannot_be_put(cast, client_for, values, message):
    answer = client_for(cast.coordinator).post(url("circular_add", cast.group.pk), form(cast, **values), headers=HTMX)
    assert answer.status_code == 422
    assert message in answer.text
    assert not Vote.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("kehl", 403), ("mayor", 403), ("guest", 404), ("other", 404)])
def test_who_does_not_chair_the_group_puts_nothing(cast, client_for, who, status):
    client = client_for(getattr(cast, who))
    assert client.get(url("circular_add", cast.group.pk)).status_code == status
    assert client.post(url("circular_add", cast.group.pk), form(cast)).status_code == status
    assert not Vote.objects.exists()


def test_nobody_is_asked_to_sign_in(cast, vote, client):
    for name, args in (("vote_list", []), ("vote", [vote.pk]), ("vote_object", [vote.pk]), ("deputy", [])):
        assert client.get(url(name, *args)).status_code == 302


def test_a_chair_puts_it_to_the_towns_of_a_working_group(cast):
    group = Group.objects.create(network=cast.network, kind="working_group", name="E-payment", quorum="none")
    GroupMembership.objects.create(group=group, membership=cast.kehl, role="chair")
    GroupMembership.objects.create(group=group, membership=cast.guide)
    vote = put(cast, group=group, by=cast.kehl)
    assert sorted(vote.roll.values_list("municipality__short_name", flat=True)) == ["Kehl", "Lahr"]
    assert vote.needed is None
    with pytest.raises(PermissionDenied):
        say(vote, cast.achern)
    assert say(vote, cast.guide).capacity == "own"
    # What its chair asks it cannot ask of another group.
    with pytest.raises(PermissionDenied):
        put(cast, by=cast.kehl)


def test_a_group_without_towns_or_closed_is_asked_nothing(cast):
    group = Group.objects.create(network=cast.network, kind="working_group", name="Empty")
    with pytest.raises(Refused, match="no members yet"):
        put(cast, group=group)
    Group.objects.filter(pk=cast.group.pk).update(state="closed")
    with pytest.raises(Refused, match="closed"):
        put(cast)


# -- its end -----------------------------------------------------------------------------------------------------------


def test_the_clock_ends_it_counts_it_and_numbers_its_decision(cast, vote):
    say(vote, cast.kehl, "yes", "At last")
    say(vote, cast.achern, "no")
    say(vote, cast.durbach, "yes")
    run_due()
    assert Vote.objects.get().is_open
    over(vote)
    run_due()
    run_due()
    decision = Decision.objects.get()
    assert (decision.number, decision.yes, decision.no, decision.abstain) == (1, 2, 1, 0)
    assert (decision.present, decision.needed, decision.towns) == (3, 3, 4)
    assert (decision.carried, decision.state, decision.meeting) == (True, "in_force", None)
    assert decision.decided_on == vote.deadline_on
    assert [step.kind for step in decision.steps.all()] == ["proposed", "in_force"]
    vote.refresh_from_db()
    assert (vote.state, vote.outcome, vote.decision) == ("closed", "carried", decision)
    assert decision.reference in render(f"circular-{vote.pk}", "member", "en")
    assert "At last" in render(f"vote-{vote.pk}", "member", "en")
    assert "2 yes, 1 no" in render(f"circulars-{cast.network.pk}", "member", "en")


def test_with_too_few_voices_it_is_rejected_and_says_so(cast, vote):
    say(vote, cast.kehl)
    assert end_circular(vote=over(vote))
    decision = Decision.objects.get()
    assert (decision.carried, decision.state) == (False, "rejected")
    assert "without quorum (1 of 3)" in render(f"vote-{vote.pk}", "member", "en")


def test_after_its_time_no_voice_counts_even_before_the_clock_comes_by(cast, vote):
    over(vote)
    for act in (
        lambda: say(vote, cast.kehl),
        lambda: object_to_procedure(vote=vote, reason="Late", by=cast.kehl),
        lambda: withdraw_circular(vote=vote, reason="Late", by=cast.coordinator),
    ):
        with pytest.raises(Refused):
            act()
    assert not Voice.objects.exists()
    assert "The result is being recorded" in render(f"circular-{vote.pk}", "member", "en")


def test_one_that_cannot_be_ended_keeps_no_other_from_it(cast, vote, monkeypatch):
    other = put(cast, subject="Parking")
    over(vote)
    over(other)
    # What no process of ours would write: without a group's lock nothing goes.
    Vote.objects.filter(pk=vote.pk).update(majority="x" * 9, subject="")
    run_due()
    other.refresh_from_db()
    assert other.state == "closed"


def test_while_it_is_open_nothing_shows_how_anybody_voted(cast, vote, client_for):
    say(vote, cast.kehl, "no", "Too expensive for us")
    texts = [
        client_for(cast.achern).get(url("vote", vote.pk)).text,
        client_for(cast.coordinator).get(url("vote", vote.pk)).text,
        client_for(cast.achern).get(url("vote_list")).text,
    ]
    texts += [str(change.params) + sentence(change) for change in Change.objects.all()]
    for text in texts:
        assert "Too expensive" not in text
    assert "1 of 4 municipalities have voted" in texts[2]


# -- withdrawing -------------------------------------------------------------------------------------------------------


def test_withdrawn_it_has_no_result(cast, vote, client_for):
    say(vote, cast.kehl, "no", "Too expensive for us")
    chair = client_for(cast.coordinator)
    assert chair.post(url("circular_withdraw", vote.pk), {"reason": ""}, headers=HTMX).status_code == 422
    assert chair.post(url("circular_withdraw", vote.pk), {"reason": "x" * 1001}, headers=HTMX).status_code == 422
    for _twice in range(2):
        assert chair.post(url("circular_withdraw", vote.pk), {"reason": "Typo"}, headers=HTMX).status_code == 204
    vote.refresh_from_db()
    assert (vote.state, vote.reason) == ("withdrawn", "Typo")
    assert Change.objects.filter(verb="circular_withdrawn").count() == 1
    over(vote)
    run_due()
    assert not Decision.objects.exists()
    for name in ("circular", "vote"):
        assert "Too expensive" not in render(f"{name}-{vote.pk}", "member", "en")
    with pytest.raises(Refused, match="withdrawn"):
        say(vote, cast.achern)


@pytest.mark.parametrize(("who", "status"), [("kehl", 403), ("mayor", 403), ("guest", 404), ("other", 404)])
def test_who_may_not_withdraw(cast, vote, client_for, who, status):
    answer = client_for(getattr(cast, who)).post(url("circular_withdraw", vote.pk), {"reason": "x"})
    assert answer.status_code == status


# -- the objection to the procedure ------------------------------------------------------------------------------------


def test_an_objection_voids_it_and_brings_the_proposal_to_the_next_meeting(cast, meeting, vote, client_for):
    make_meeting(cast, title="Later", date=meeting.date + timedelta(days=30))
    say(vote, cast.achern, "no", "Too expensive for us")
    client = client_for(cast.kehl)
    assert client.post(url("vote_object", vote.pk), {"reason": ""}, headers=HTMX).status_code == 422
    assert client.post(url("vote_object", vote.pk), {"reason": "x" * 1001}, headers=HTMX).status_code == 422
    for _twice in range(2):
        answer = client.post(url("vote_object", vote.pk), {"reason": f"We must talk {HOSTILE}"}, headers=HTMX)
        assert answer.status_code == 204
    vote.refresh_from_db()
    item = AgendaItem.objects.get()
    assert (vote.state, vote.next_item, item.meeting, item.state) == ("void", item, meeting, "planned")
    assert (item.title, item.kind) == ("E-file", "decision")
    draft = Wording.objects.get()
    assert (draft.item, draft.text, draft.state, draft.versions.count()) == (item, vote.text, "draft", 1)
    page = client_for(cast.achern).get(url("vote", vote.pk)).text
    assert "Kehl objected to the procedure" in page
    assert HOSTILE not in page
    assert "Jour fixe" in page
    # What the others had said is shown to nobody.
    assert "Too expensive" not in page
    page = client_for(cast.achern).get(url("item", item.pk)).text
    assert "Kehl objected to the procedure" in page and "We must talk" in page and HOSTILE not in page
    assert f'href="{url("vote", vote.pk)}"' in page
    # Where the item was opened the vote may still be the group's own.
    Vote.objects.filter(pk=vote.pk).update(visibility="group")
    page = client_for(cast.mayor).get(url("item", item.pk)).text
    assert "E-file" in page and "We must talk" not in page and url("vote", vote.pk) not in page
    change = Change.objects.get(verb="circular_objected")
    assert "Kehl objected to the procedure: “E-file” is on the agenda" in sentence(change)
    over(vote)
    run_due()
    assert not Decision.objects.exists()
    with pytest.raises(Refused, match="void"):
        object_to_procedure(vote=vote, reason="Me too", by=cast.achern)


@pytest.mark.parametrize("visibility", ["network", "group"])
def test_without_a_meeting_the_proposal_waits_until_one_is_planned(cast, visibility):
    """It comes onto the next agenda by itself, with its wording: nobody has to think of it."""
    make_meeting(cast, date=timezone.localdate() - timedelta(days=1))
    vote = put(cast, visibility=visibility)
    object_to_procedure(vote=vote, reason="We must talk", by=cast.kehl)
    run_due()
    assert not AgendaItem.objects.exists()
    assert "as soon as a meeting of the group is planned" in render(f"circular-{vote.pk}", "member", "en")
    make_meeting(cast)
    run_due()
    run_due()
    item = AgendaItem.objects.get()
    assert (item.visibility, item.title) == (visibility, "E-file")
    assert Wording.objects.get(item=item).text == vote.text
    assert Vote.objects.get().next_item == item


@pytest.mark.parametrize(
    ("who", "status"), [("coordinator", 403), ("mayor", 403), ("guide", 403), ("guest", 404), ("other", 404)]
)
def test_who_may_not_object(cast, vote, client_for, who, status):
    answer = client_for(getattr(cast, who)).post(url("vote_object", vote.pk), {"reason": "x"})
    assert answer.status_code == status
    assert Vote.objects.get().is_open


# -- who sees what -----------------------------------------------------------------------------------------------------


def test_guests_and_strangers_see_no_vote(cast, vote, client_for):
    for who in (cast.guest, cast.other):
        for name, args in (("vote_list", []), ("vote", [vote.pk]), ("vote_object", [vote.pk]), ("deputy", [])):
            assert client_for(who).get(url(name, *args)).status_code == 404


@pytest.mark.parametrize("how", ["visibility", "internal"])
def test_what_is_the_groups_alone_is_seen_by_nobody_else(cast, client_for, how):
    group = Group.objects.create(
        network=cast.network, kind="working_group", name="Confidential circle", is_internal=how == "internal"
    )
    for member, role in ((cast.kehl, "chair"), (cast.guide, "member")):
        GroupMembership.objects.create(group=group, membership=member, role=role)
    vote = put(cast, group=group, visibility="network" if how == "internal" else "group", subject="Secret plan")
    for who, sees in ((cast.kehl, True), (cast.guide, True), (cast.coordinator, True), (cast.achern, False)):
        client = client_for(who)
        assert client.get(url("vote", vote.pk)).status_code == (200 if sees else 404)
        assert ("Secret plan" in client.get(url("vote_list")).text) == sees
        assert ("Confidential circle" in client.get(url("vote_list")).text) == sees
        assert ("Secret plan" in client.get(url("home")).text) == (who.municipality_id is not None and sees)


def test_home_says_what_the_own_town_has_still_to_answer(cast, vote, client_for):
    client = client_for(cast.kehl)
    assert "Kehl has still to vote" in client.get(url("home")).text
    say(vote, cast.kehl)
    assert "Kehl has still to vote" not in client.get(url("home")).text
    assert "Achern has still to vote" in client_for(cast.achern).get(url("home")).text
    touched = Change.objects.get(verb="voice_cast").regions
    kehl = Accession.objects.get(network=cast.network, municipality=cast.kehl.municipality)
    assert f"votes-to-{kehl.pk}" in touched
    assert f"circulars-{cast.network.pk}" in touched


# -- the list ----------------------------------------------------------------------------------------------------------


def test_open_votes_come_first_then_what_has_ended_by_year(cast, vote, client_for):
    old = put(cast, subject="Parking")
    end_circular(vote=over(old))
    text = client_for(cast.kehl).get(url("vote_list")).text
    assert text.index("Open votes") < text.index("E-file") < text.index("Ended in") < text.index("Parking")
    narrowed = client_for(cast.kehl).get(url("vote_list"), {"q": "parking"}).text
    assert "E-file" not in narrowed
    nothing = client_for(cast.kehl).get(url("vote_list"), {"year": "1999", "q": "zzz"}).text
    assert "Nothing fits this filter" in nothing


def test_the_list_takes_the_same_number_of_queries_however_long_it_is(cast, django_assert_num_queries, vote):
    def count() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            render(f"circulars-{cast.network.pk}", "member", "en")
            kehl = Accession.objects.get(network=cast.network, municipality=cast.kehl.municipality)
            render(f"votes-to-{kehl.pk}", "member", "en")
        return len(queries)

    end_circular(vote=over(put(cast)))
    few = count()
    for n in range(25):
        put(cast, subject=f"Open {n}")
        end_circular(vote=over(put(cast, subject=f"Ended {n}")))
    assert count() == few


def test_the_page_takes_the_same_number_of_queries_however_many_towns_vote(cast, vote):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            render(f"circular-{vote.pk}", "member", "en")
        return len(queries)

    set_deputy(membership=cast.mayor, version=0, by=cast.kehl)
    few = count()
    for n in range(30):
        town = make_town(f"Town {n}", f"0831{n:04d}")
        Accession.objects.create(network=cast.network, municipality=town, joined_on=cast.kehl.started_on)
        make_member(cast.network, "officer", town, f"officer{n}@town.example")
        VoteTown.objects.create(vote=vote, municipality=Municipality.objects.get(pk=town.pk))
    assert count() == few
    assert unquote(url("vote", vote.pk))
