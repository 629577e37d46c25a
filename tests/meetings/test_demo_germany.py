"""The country in small: networks made in bulk are what people would have made one by one."""

from __future__ import annotations

from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Max
from django.test import Client

from collab.live.log import version_of
from collab.live.models import Change
from collab.network.models import Accession, Membership, Municipality, Network, Person
from collab.search.index import entry_of
from collab.search.kinds import all_kinds
from collab.search.models import Entry
from collab.search.queries import find
from meetings.domain.demo_germany import fill
from meetings.domain.demo_germany.districts import districts
from meetings.models import AgendaItem, Decision, DecisionNumber, Meeting, Vote
from tests.conftest import Cast
from workgroups.domain.project import add_project
from workgroups.models import ActionItem, Involvement

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def country() -> list[Network]:
    return fill(networks=2, years=1, today=TODAY)


def member(network: Network, who: str) -> Membership:
    found = Membership.objects.select_related("network", "municipality", "person")
    return found.get(person__email=f"{who}@germany-{network.slug}.example")


def test_every_town_of_the_country_is_in_the_network_of_one_landkreis() -> None:
    call_command("load_municipalities", stdout=StringIO())
    found = districts()
    assert len(found) == 294
    assert sorted(town.pk for district in found for town in district.towns) == sorted(
        Municipality.objects.values_list("pk", flat=True)
    )
    assert len({district.slug for district in found}) == len(found)
    assert found[0].name == "Ortenaukreis"
    # A city without a Landkreis works with a neighbour in its own state, where there is one.
    homes = {town.short_name: district.state for district in found for town in district.towns}
    assert homes["Karlsruhe"] == "BW"
    assert {homes[city] for city in ("Berlin", "Hamburg")} <= {"BB", "NI", "SH"}


def test_a_year_of_the_ortenaukreis(country: list[Network]) -> None:
    network = country[0]
    assert network.name == "Ortenaukreis digital"
    assert Accession.objects.filter(network=network).count() == 51
    held = Meeting.objects.filter(network=network, state="closed")
    assert held.filter(series__isnull=False).count() == 12
    assert Meeting.objects.filter(network=network, state="planned", date__gte=TODAY).count() >= 12
    decided = Decision.objects.filter(network=network)
    assert 96 <= decided.count() <= 115
    assert ActionItem.objects.filter(network=network).count() >= 12 * 14
    assert Involvement.objects.filter(project__network=network).count() > 50
    in_the_room = decided.filter(meeting__isnull=False)
    assert not in_the_room.exclude(item__meeting=F("meeting")).exists()
    assert not in_the_room.exclude(group=F("meeting__group")).exists()
    circular = decided.filter(meeting=None)
    assert circular.count() == 2
    for vote in Vote.objects.filter(decision__in=decided):
        decision, voices = vote.decision, Counter(vote.voices.values_list("answer", flat=True))
        assert (voices["yes"], voices["no"], voices["abstain"]) == (decision.yes, decision.no, decision.abstain)


def test_numbers_and_versions_have_no_gaps(country: list[Network]) -> None:
    for network in country:
        by_year = Decision.objects.filter(network=network).values("year").order_by("year")
        for row in by_year.annotate(last=Max("number"), count=Count("pk")):
            assert row["last"] == row["count"]
            assert DecisionNumber.objects.get(network=network, year=row["year"]).last == row["last"]
        changes = Change.objects.filter(network=network)
        assert changes.count() == changes.aggregate(last=Max("version"))["last"] == version_of(network.pk)
        times = list(changes.order_by("version").values_list("at", flat=True))
        assert times == sorted(times)


def test_every_decision_is_where_its_last_step_left_it(country: list[Network]) -> None:
    decisions = Decision.objects.filter(network__in=country).prefetch_related("steps")
    for decision in decisions:
        steps = list(decision.steps.all())
        assert [step.number for step in steps] == list(range(1, len(steps) + 1))
        assert steps[-1].kind == decision.state
        assert steps[-1].on == decision.state_on
        assert decision.carried == (decision.state != "rejected")
        if decision.mode == "counted":
            assert decision.yes + decision.no + decision.abstain <= decision.towns
            assert decision.carried == (decision.yes > decision.no)
    assert not decisions.filter(state="superseded", superseded_by=None).exists()


def test_towns_say_something_of_decisions_and_work_carries_them_out(country: list[Network]) -> None:
    newest = Decision.objects.filter(network=country[0]).exclude(state="rejected").order_by("-year", "-number")[0]
    assert newest.adoptions.count() == 51
    assert not newest.adoptions.exclude(said_by__municipality=F("municipality")).exists()
    assert Decision.objects.filter(carried_out_by__action_item__recorded__item=F("item")).exists()


def test_the_index_is_what_the_search_would_keep(country: list[Network]) -> None:
    for network in country:
        kept = {(e.kind, e.object_id): e for e in Entry.objects.filter(network=network)}
        fresh = [entry_of(found) for kind in all_kinds() for found in kind.everything(network.pk)]
        assert len(fresh) == len(kept) > 200
        for entry in fresh:
            old = kept[entry.kind, entry.object_id]
            shown = ("title", "about", "on", "key", "parts", "circle", "title_words", "text_words")
            assert [getattr(old, name) for name in shown] == [getattr(entry, name) for name in shown]


def test_a_search_finds_what_the_own_network_said_alone(country: list[Network]) -> None:
    for network in country:
        found = find(member(network, "officer"), "akte")
        assert found.total > 0
        keys = {hit.pk for shelf in found.shelves for hit in shelf.hits}
        assert Entry.objects.filter(pk__in=keys, network=network).count() == len(keys)


@pytest.mark.parametrize("who", ["coordinator", "officer", "mayor"])
def test_people_sign_in_and_look_around(country: list[Network], client: Client, who: str) -> None:
    network = country[0]
    client.force_login(member(network, who).person)
    decision = Decision.objects.filter(network=network).latest("pk")
    meeting = Meeting.objects.filter(network=network, state="closed").latest("date")
    pages = (
        "",
        "meetings/",
        "decisions/",
        "action-items/",
        "projects/",
        "members/",
        "groups/",
        "questions/",
        "changes/",
    )
    for tail in (*pages, f"decisions/{decision.reference}/", f"meetings/{meeting.pk}/", "search/?q=akte"):
        assert client.get(f"/n/{network.slug}/{tail}").status_code == 200, tail
    assert client.get(f"/n/{country[1].slug}/").status_code == 404


def test_work_goes_on_where_the_past_ends(country: list[Network]) -> None:
    network = country[0]
    office = member(network, "coordinator")
    before = version_of(network.pk)
    project = add_project(network=network, title="Nach dem Anfang", block="", since=TODAY, by=office)
    assert project.pk
    assert version_of(network.pk) == before + 1
    call_command("extend_series", stdout=StringIO())
    items = AgendaItem.objects.filter(meeting__network=network, meeting__state="planned")
    assert items.filter(title__startswith="Blitzlicht").exists()


def test_a_database_with_a_network_stays_as_it_is(cast: Cast) -> None:
    people = Person.objects.count()
    out = StringIO()
    call_command("demo_germany", networks=1, years=1, stdout=out)
    assert "nothing was changed" in out.getvalue()
    assert not Network.objects.filter(slug="ortenaukreis").exists()
    assert Person.objects.count() == people


def test_the_command_tells_how_far_it_is() -> None:
    out = StringIO()
    call_command("demo_germany", networks=2, years=1, stdout=out)
    lines = out.getvalue().splitlines()
    assert "1/2" in lines[0]
    assert lines[-1].startswith("2 networks in ")
    with pytest.raises(CommandError):
        call_command("demo_germany", networks=0, stdout=out)
