"""What is found of votes by circulation: as long as no decision has come of them, by whoever may see their page."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collab.network.models import Membership
from collab.search.models import Entry
from collab.search.queries import Hit, find
from meetings.domain.circular import end_circular, open_circular, withdraw_circular
from meetings.domain.deputy import set_deputy
from meetings.domain.objection import object_to_procedure
from meetings.models import Decision, Vote
from meetings.queries.vote import audience_at_vote
from tests.conftest import Cast, make_meeting
from tests.meetings.test_circular import over, say
from workgroups.models import Group, GroupMembership

TEXTS = {"subject": "Wertstoffhof", "text": "Alle nutzen Kassenautomaten.", "background": "Angebot der Sparkasse."}


def put(cast: Cast, **more: object) -> Vote:
    return open_circular(**{"group": cast.group, "by": cast.coordinator, **TEXTS, **more})


def hits(who: Membership, question: str) -> list[tuple[str, Hit]]:
    return [(shelf.kind.name, hit) for shelf in find(who, question).shelves for hit in shelf.hits]


def kinds(who: Membership, question: str = "Wertstoffhof") -> list[str]:
    return [kind for kind, _hit in hits(who, question)]


def rebuilt(cast: Cast) -> bool:
    """Whether the index made anew is the one that is there (the group of the cast was put by nobody)."""
    shown = ("kind", "object_id", "title", "about", "on", "parts", "circle", "title_words", "text_words")
    entries = Entry.objects.filter(network=cast.network).exclude(kind="group").order_by("kind", "object_id")
    before = list(entries.values_list(*shown))
    call_command("reindex", verbosity=0)
    return before == list(entries.all().values_list(*shown))


@pytest.mark.parametrize(
    ("question", "place", "at"),
    [
        ("Kassenautomat", "Proposed wording", "#vote-{pk}"),
        ("Sparkasse", "Background", "#background-h"),
        ("Wertstoffhof", "Proposed wording", "#vote-{pk}"),
    ],
)
def test_a_running_vote_is_found_and_the_hit_leads_to_its_place(cast, client_for, question, place, at):
    vote = put(cast)
    [(kind, hit)] = hits(cast.mayor, question)
    where = at.format(pk=vote.pk)
    assert (kind, hit.place, hit.address) == ("vote", place, f"/n/ortenau/votes/{vote.pk}/{where}")
    assert f'id="{where[1:]}"' in client_for(cast.mayor).get(hit.address).text
    page = client_for(cast.mayor).get("/n/ortenau/search/", {"q": question}).text
    assert hit.address in page and "Votes by circulation" in page
    assert rebuilt(cast)


def test_what_somebody_voted_is_not_found(cast):
    vote = put(cast)
    say(vote, cast.kehl, "no", reason="Tresorraum fehlt")
    assert kinds(cast.kehl, "Tresorraum") == []
    assert rebuilt(cast)


def test_once_decided_the_decision_is_the_hit(cast):
    vote = put(cast)
    say(vote, cast.kehl)
    end_circular(vote=over(vote))
    [(kind, hit)] = hits(cast.mayor, "Sparkasse")
    assert (kind, hit.about) == ("decision", Decision.objects.get(vote=vote).reference)
    assert rebuilt(cast)
    assert kinds(cast.mayor) == ["decision"]


def test_withdrawn_it_is_found_with_the_reason(cast):
    vote = put(cast)
    withdraw_circular(vote=vote, reason="Sammelangebot folgt", by=cast.coordinator)
    [(kind, hit)] = hits(cast.mayor, "Sammelangebot")
    assert (kind, hit.place, hit.address) == ("vote", "Reason", f"/n/ortenau/votes/{vote.pk}/#circular-{vote.pk}")
    assert kinds(cast.mayor) == ["vote"]
    assert rebuilt(cast)


def test_void_it_is_found_beside_the_item_that_came_of_it(cast):
    make_meeting(cast)
    vote = put(cast)
    object_to_procedure(vote=vote, reason="Aussprache fehlt", by=cast.kehl)
    assert sorted(kinds(cast.mayor)) == ["item", "vote"]
    assert kinds(cast.mayor, "Aussprache") == ["vote"]
    assert rebuilt(cast)


@pytest.mark.parametrize(("visibility", "is_internal"), [("network", False), ("group", False), ("network", True)])
def test_found_by_exactly_those_who_may_see_its_page(cast, client_for, visibility, is_internal):
    circle = Group.objects.create(network=cast.network, kind="working_group", name="Circle", is_internal=is_internal)
    GroupMembership.objects.create(group=circle, membership=cast.kehl)
    # The mayor of Kehl deputises for it; Achern has no voice, so its guide does not by being a deputy there.
    set_deputy(membership=cast.mayor, version=0, by=cast.kehl)
    vote = put(cast, group=circle, visibility=visibility)
    everybody = (cast.coordinator, cast.kehl, cast.mayor, cast.achern, cast.durbach, cast.guide, cast.other)
    seen = set()
    for who in everybody:
        answer = client_for(who).get(f"/n/{who.network.slug}/votes/{vote.pk}/")
        may_see = audience_at_vote(who, vote.pk) is not None
        assert (answer.status_code == 200) == may_see
        assert kinds(who) == (["vote"] if may_see else []), who
        seen |= {who} if may_see else set()
    assert cast.mayor in seen and cast.other not in seen
    assert (cast.achern in seen) == (visibility == "network" and not is_internal)
    assert client_for(cast.guest).get("/n/ortenau/search/", {"q": "Wertstoffhof"}).status_code == 404
    # Who loses the place in the group finds it no more, without the index being touched.
    GroupMembership.objects.filter(group=circle, membership=cast.kehl).delete()
    if visibility == "group" or is_internal:
        assert kinds(cast.kehl) == []


def test_a_group_that_becomes_internal_takes_its_votes_along(cast):
    circle = Group.objects.create(network=cast.network, kind="working_group", name="Circle")
    GroupMembership.objects.create(group=circle, membership=cast.kehl)
    put(cast, group=circle)
    assert kinds(cast.achern) == ["vote"]
    Group.objects.filter(pk=circle.pk).update(is_internal=True)
    assert kinds(cast.achern) == []
    assert kinds(cast.kehl) == ["vote"]


def test_the_number_of_queries_does_not_grow(cast):
    put(cast, visibility="group")
    with CaptureQueriesContext(connection) as one:
        find(cast.mayor, "Wertstoffhof")
    for number in range(20):
        put(cast, visibility="group", subject=f"Wertstoffhof {number}")
    with CaptureQueriesContext(connection) as many:
        find(cast.mayor, "Wertstoffhof")
    assert len(one) == len(many)
