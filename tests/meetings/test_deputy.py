"""Deputies: a town names one of its own people, who votes by circulation until the town does so itself."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import render
from collab.live.verbs import sentence
from collab.network.domain.membership import change_role, end, place
from collab.network.models import Membership
from meetings.domain.deputy import set_deputy
from meetings.domain.objection import object_to_procedure
from meetings.models import Deputy, Voice
from meetings.queries.circular import deputy_of, people_to_tell
from meetings.queries.vote import voters_of
from meetings.rules.vote import capacity_in
from tests.conftest import Cast, make_member
from tests.meetings.test_circular import HTMX, put, say, url
from workgroups.models import Group, GroupMembership


@pytest.fixture
def colleague(cast: Cast) -> Membership:
    return make_member(cast.network, "guide", cast.town("kehl"), "guide@kehl.example")


def name(cast: Cast, membership: Membership | None, version: int = 0) -> Deputy | None:
    return set_deputy(membership=membership, version=version, by=cast.kehl)


def test_an_officer_names_a_deputy_once_and_takes_it_back(cast, colleague, client_for):
    client = client_for(cast.kehl)
    assert client.get(url("deputy")).status_code == 200
    for _twice in range(2):
        sent = {"membership": colleague.pk, "version": 0}
        assert client.post(url("deputy"), sent, headers=HTMX).status_code == 204
    deputy = Deputy.objects.get()
    assert (deputy.municipality, deputy.membership, deputy.named_by) == (cast.town("kehl"), colleague, cast.kehl)
    assert Change.objects.filter(verb="deputy_named").count() == 1
    assert "Kehl named a deputy" in sentence(Change.objects.get(verb="deputy_named"))
    members = client_for(cast.achern).get(url("members")).text
    assert members.count("deputy in votes by circulation") == 1
    vote = put(cast)
    assert str(colleague.person.name) in render(f"circular-steps-{vote.pk}", "member", "en")
    assert client.post(url("deputy"), {"membership": "", "version": deputy.pk}, headers=HTMX).status_code == 204
    assert deputy_of(cast.network.pk, "08317057") is None
    assert "deputy in votes by circulation" not in client_for(cast.achern).get(url("members")).text


@pytest.mark.parametrize("whom", ["achern", "other_officer", "guest", "coordinator"])
def test_only_the_own_people_can_be_named(cast, client_for, whom):
    sent = {"membership": getattr(cast, whom).pk, "version": 0}
    assert client_for(cast.kehl).post(url("deputy"), sent, headers=HTMX).status_code == 422
    with pytest.raises(Refused):
        name(cast, getattr(cast, whom))
    assert not Deputy.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("mayor", 403), ("guide", 403), ("coordinator", 403), ("guest", 404), ("other_officer", 404)],
)
def test_who_names_nobody(cast, client_for, who, status):
    client = client_for(getattr(cast, who))
    assert client.get(url("deputy")).status_code == status
    assert client.post(url("deputy"), {"membership": "", "version": 0}).status_code == status
    assert not Deputy.objects.exists()


def test_what_a_colleague_named_meanwhile_is_not_overwritten_unseen(cast, colleague, client_for):
    name(cast, colleague)
    answer = client_for(cast.kehl).post(url("deputy"), {"membership": cast.mayor.pk, "version": 0}, headers=HTMX)
    assert answer.status_code == 409
    with pytest.raises(Stale):
        name(cast, None)
    assert Deputy.objects.get(ended_at=None).membership == colleague
    for wrong in ({"membership": "x", "version": 0}, {"membership": ""}, {"membership": "", "version": "x"}):
        assert client_for(cast.kehl).post(url("deputy"), wrong, headers=HTMX).status_code == 422


def test_a_deputys_voice_yields_to_the_members_own_whichever_comes_first(cast, colleague):
    name(cast, colleague)
    vote = put(cast)
    assert say(vote, colleague, "no").capacity == "deputy"
    assert say(vote, cast.kehl, "yes").capacity == "own"
    assert Voice.objects.get(replaced_at=None).answer == "yes"
    with pytest.raises(Refused, match="Kehl has voted itself meanwhile"):
        say(vote, colleague, "no")
    with pytest.raises(Refused, match="Kehl has voted itself meanwhile"):
        object_to_procedure(vote=vote, reason="No", by=colleague)
    assert Voice.objects.count() == 2


def test_the_member_reads_who_has_voted_for_the_town_so_far(cast, colleague, client_for):
    name(cast, colleague)
    vote = put(cast)
    form, said = url("voice", vote.pk, "own"), f"{colleague.person.name} has voted as deputy"
    assert said not in client_for(cast.kehl).get(form).text
    say(vote, colleague, "no")
    assert said in client_for(cast.kehl).get(form).text
    assert said not in client_for(colleague).get(form).text, "one's own voice needs no word"


def test_the_way_to_naming_a_deputy_is_on_the_vote(cast):
    vote = put(cast)
    page = render(f"circular-steps-{vote.pk}", "member", "en")
    link = next(line for line in page.splitlines() if "Name a deputy" in line)
    allowed = link.split('data-for-membership="')[1].split('"')[0].split()
    assert str(cast.kehl.pk) in allowed
    assert not {str(one.pk) for one in (cast.mayor, cast.coordinator, cast.guide)} & set(allowed)


def test_a_deputy_objects_to_the_procedure_where_the_town_has_not_voted(cast, colleague):
    name(cast, colleague)
    vote = put(cast)
    object_to_procedure(vote=vote, reason="We must talk", by=colleague)
    vote.refresh_from_db()
    assert vote.state == "void"
    voice = Voice.objects.get()
    assert (voice.answer, voice.capacity, voice.town_name) == ("object", "deputy", "Kehl")


def test_whoever_is_deputy_no_more_casts_no_voice(cast, colleague):
    deputy = name(cast, colleague)
    vote = put(cast)
    name(cast, cast.mayor, version=deputy.pk)
    with pytest.raises(PermissionDenied):
        say(vote, colleague)
    assert say(vote, cast.mayor).capacity == "deputy"


def test_a_deputy_who_leaves_is_none_and_another_can_be_named(cast, colleague):
    name(cast, colleague)
    end(membership=colleague, by=cast.coordinator)
    assert deputy_of(cast.network.pk, "08317057") is None
    name(cast, cast.mayor)
    assert Deputy.objects.get(ended_at=None).membership == cast.mayor


def test_a_deputy_with_another_role_in_the_same_town_stays_it(cast, colleague):
    name(cast, colleague)
    now = change_role(
        membership=colleague,
        role="mayor",
        municipality=cast.town("kehl"),
        organisation="",
        shown=place(colleague),
        by=cast.coordinator,
    )
    assert Deputy.objects.get(ended_at=None).membership == now


def test_a_deputy_sees_what_is_put_to_the_group_alone(cast, client_for):
    group = Group.objects.create(network=cast.network, kind="plenum", name="Plenum")
    vote = put(cast, group=group, visibility="group", subject="Secret plan")
    client = client_for(cast.kehl)
    assert client.get(url("vote", vote.pk)).status_code == 404
    name(cast, cast.kehl)
    assert client.get(url("vote", vote.pk)).status_code == 200
    assert "Secret plan" in client.get(url("vote_list")).text
    assert "Secret plan" in client.get(url("home")).text
    assert say(vote, cast.kehl).capacity == "deputy"
    assert client_for(cast.achern).get(url("vote", vote.pk)).status_code == 404


def test_the_lists_of_voters_agree_with_the_rule(cast, colleague):
    """What is asked for all at once (who gets a mail, who sees the buttons) is what is asked of each."""
    circle = Group.objects.create(network=cast.network, kind="working_group", name="Circle")
    for one in (cast.kehl, cast.guide):
        GroupMembership.objects.create(group=circle, membership=one)
    name(cast, colleague)
    gone = make_member(cast.network, "officer", cast.town("lahr"), "x@lahr.example", ended_on=timezone.localdate())
    everybody = [*Membership.objects.filter(network=cast.network), gone]
    for group in (cast.group, circle, Group.objects.create(network=cast.network, kind="plenum", name="Plenum")):
        vote = put(cast, group=group)
        roll = set(vote.roll.values_list("municipality", flat=True))
        may = {
            one.pk for one in everybody if one.municipality_id in roll and capacity_in(one, one.municipality_id, vote)
        }
        told = {one.pk for people in people_to_tell(vote, roll).values() for one in people}
        assert may == told == set(voters_of(vote).own)
