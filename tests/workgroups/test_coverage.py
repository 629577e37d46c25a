"""How far the OZG services are: what counts as online where, gaps, filters, and what a town says itself."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.once import reading_once
from collab.live.regions import audience_of, region_id, render
from collab.network.models import Accession, Membership
from tests.conftest import Cast, involve, make_project
from workgroups import ozg
from workgroups.domain.service import say_state, take_back_state
from workgroups.models import Project, ProjectService, Reuse, ServiceStatus
from workgroups.queries.coverage import TOWN_TABS, CoverageFilter, coverage_of, covered
from workgroups.queries.services import Cover, cover_of, levels_of, levels_of_town

PAGE = "/n/ortenau/services/"
HTMX = {"HX-Request": "true"}
SERVICE = ozg.catalogue()[10000]  # Elterngeld; Geburt; Familie & Kind
OTHER = ozg.catalogue()[10003]  # Geburtsanzeige; Geburt


def running(by: Membership, *ids: int, maturity: int | None = 3, phase: str = "operation") -> Project:
    """A project that the person's town leads and has in operation."""
    project = make_project(by, "Online parental allowance", phase=phase, maturity=maturity)
    for ozg_id in ids:
        ProjectService.objects.create(project=project, ozg_id=ozg_id)
    involve(project, by)
    return project


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"{PAGE}?{query}").content.decode()
    return re.findall(r'id="service-\d+-link"[^>]*>([^<]*)</a>', page)


def online(cast: Cast, ozg_id: int = SERVICE.ozg_id) -> list[str]:
    levels = levels_of(cast.network.pk, (ozg_id,)).get(ozg_id, [])
    return [level.town for level in levels if level.is_online]


# -- what counts ------------------------------------------------------------------------------------------------------


def test_where_nobody_says_anything_all_services_are_gaps(cast: Cast) -> None:
    coverage = coverage_of(cast.network.pk, CoverageFilter.parse(""))
    assert coverage.counts == {"all": 557, "online": 0, "underway": 0, "gaps": 557}
    assert sum(share.services for share in coverage.shares) == 557


def test_a_project_in_operation_counts_for_its_lead(cast: Cast) -> None:
    running(cast.kehl, SERVICE.ozg_id)
    assert online(cast) == ["Kehl"]
    assert cover_of(cast.network.pk) == {SERVICE.ozg_id: Cover(online=1, best=3, has_project=True)}


@pytest.mark.parametrize(("phase", "maturity"), [("planning", 3), ("pilot", 4), ("operation", None), ("operation", 2)])
def test_what_does_not_run_at_level_three_is_not_online(cast: Cast, phase: str, maturity: int | None) -> None:
    running(cast.kehl, SERVICE.ozg_id, phase=phase, maturity=maturity)
    assert online(cast) == []
    assert cover_of(cast.network.pk)[SERVICE.ozg_id].state == "underway"


def test_a_town_that_reuses_it_counts_once_it_has_it_running(cast: Cast) -> None:
    part = involve(running(cast.kehl, SERVICE.ozg_id), cast.achern, "reuser")
    assert online(cast) == ["Kehl"]
    reuse = Reuse.objects.create(involvement=part)
    assert online(cast) == ["Kehl"]
    Reuse.objects.filter(pk=reuse.pk).update(state="running")
    assert online(cast) == ["Achern", "Kehl"]
    part.until = timezone.localdate()
    part.save()
    assert online(cast) == ["Kehl"]


def test_two_projects_of_a_town_for_one_service_count_once_at_the_higher_level(cast: Cast) -> None:
    running(cast.kehl, SERVICE.ozg_id, maturity=3)
    running(cast.kehl, SERVICE.ozg_id, maturity=4)
    assert cover_of(cast.network.pk)[SERVICE.ozg_id].online == 1
    assert [level.maturity for level in levels_of(cast.network.pk, (SERVICE.ozg_id,))[SERVICE.ozg_id]] == [4]
    assert levels_of_town(cast.network.pk, cast.kehl.municipality_id or "") == {SERVICE.ozg_id: 4}


def test_what_the_town_says_itself_wins_over_its_projects(cast: Cast) -> None:
    running(cast.kehl, SERVICE.ozg_id, maturity=4)
    say_state(service=SERVICE, maturity=1, by=cast.kehl)
    assert online(cast) == []
    assert cover_of(cast.network.pk)[SERVICE.ozg_id].best == 1
    take_back_state(service=SERVICE, version=1, by=cast.kehl)
    assert online(cast) == ["Kehl"]


def test_a_town_that_left_the_network_counts_no_more(cast: Cast) -> None:
    running(cast.kehl, SERVICE.ozg_id)
    say_state(service=OTHER, maturity=3, by=cast.achern)
    Accession.objects.filter(network=cast.network).update(left_on=timezone.localdate())
    assert online(cast) == online(cast, OTHER.ozg_id) == []
    assert cover_of(cast.network.pk)[SERVICE.ozg_id].online == 0


def test_stopped_and_joined_projects_and_other_networks_count_nothing(cast: Cast) -> None:
    kept = running(cast.kehl, SERVICE.ozg_id)
    stopped = running(cast.achern, OTHER.ozg_id, phase="stopped")
    joined = running(cast.durbach, OTHER.ozg_id)
    Project.objects.filter(pk=joined.pk).update(joined_to=kept)
    running(cast.other_officer, 10001)
    assert stopped.phase == "stopped"
    assert set(cover_of(cast.network.pk)) == {SERVICE.ozg_id}


# -- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_names_towns_levels_and_the_lead(cast: Cast, client_for) -> None:
    running(cast.kehl, SERVICE.ozg_id)
    ProjectService.objects.create(project=make_project(cast.achern, "Idea of a portal"), ozg_id=SERVICE.ozg_id)
    page = client_for(cast.mayor).get(f"{PAGE}?show=online").content.decode()
    assert "1 of 4" in page
    assert "3 – Online application" in page
    assert "Lead: Kehl" in page
    assert "Lead: nobody yet" in page


@pytest.mark.parametrize(
    ("query", "first", "number"),
    [
        ("field=Familie+%26+Kind", None, 37),
        ("situation=Geburt", "Elterngeld", 11),
        ("field=Umwelt&situation=Geburt", None, 0),
        ("q=elterngeld", "Elterngeld", 1),
        ("q=nothing+of+the+kind", None, 0),
        ("field=<script>&situation=1&show=%00&page=x", None, 50),
    ],
)
def test_filters(cast: Cast, client_for, query: str, first: str | None, number: int) -> None:
    found = names(client_for(cast.kehl), query)
    assert len(found) == number
    assert first is None or found[0] == first


def test_pages_of_fifty_and_a_page_beyond_the_last(cast: Cast, client_for) -> None:
    client = client_for(cast.kehl)
    assert len(names(client, "page=1")) == 50
    assert names(client, "page=999") == names(client, "page=12")
    assert len(names(client, "page=12")) == 7


def test_the_overview_goes_from_policy_field_to_life_situation(cast: Cast) -> None:
    fields = coverage_of(cast.network.pk, CoverageFilter.parse("")).shares
    assert len(fields) == 14
    narrowed = CoverageFilter.parse(next(share.query for share in fields if share.name == "Familie & Kind"))
    shares = coverage_of(cast.network.pk, narrowed).shares
    assert sum(share.services for share in shares) == 37
    assert "Geburt" in {share.name for share in shares}
    assert coverage_of(cast.network.pk, CoverageFilter.parse("situation=Geburt")).shares == []


def test_each_list_has_one_spelling(cast: Cast) -> None:
    own = region_id("coverage", cast.network.pk)
    assert audience_of(f"{own}~show=gaps", cast.kehl) == "member"
    for other in ("show=all", "page=1", "field=Nothing", "situation=Geburt&field=Familie+%26+Kind", "town=08317057"):
        assert audience_of(f"{own}~{other}", cast.kehl) is None


def test_everybody_of_the_network_gets_one_and_the_same_list(cast: Cast) -> None:
    own = region_id("coverage", cast.network.pk)
    people = (cast.coordinator, cast.kehl, cast.mayor, cast.guide)
    assert {audience_of(own, member) for member in people} == {"member"}
    assert audience_of(own, cast.guest) is audience_of(own, cast.other) is None


def test_guests_are_not_told_that_there_is_such_a_page(cast: Cast, client_for) -> None:
    assert client_for(cast.guest).get(PAGE).status_code == 404
    assert client_for(cast.guest).get(f"{PAGE}10000/").status_code == 404


# -- a town's own gaps ------------------------------------------------------------------------------------------------


def test_a_town_sees_what_others_solved_and_what_nobody_has(cast: Cast, client_for) -> None:
    running(cast.kehl, SERVICE.ozg_id)
    say_state(service=OTHER, maturity=3, by=cast.achern)
    client, town = client_for(cast.achern), "town=08317001"
    page = client.get(f"{PAGE}?{town}").content.decode()
    assert names(client, town) == ["Elterngeld"]
    assert "<strong><bdi>Kehl</bdi></strong>" in page
    assert names(client, f"{town}&show=ours") == ["Geburtsanzeige"]
    counts = re.findall(r'<span class="count">(\d+)</span>', page)
    assert counts == ["1", "555", "1"]


def test_where_nothing_is_known_no_town_is_told_that_it_is_level(cast: Cast, client_for) -> None:
    path = "/n/ortenau/services/"
    own, all_of_them = (client_for(cast.kehl).get(path + query).content.decode() for query in ("?town=08317057", ""))
    assert "level with the others" not in own
    assert "Nothing is known to be online yet" in own
    assert "Each municipality says on a service’s page how far it is" in all_of_them
    running(cast.kehl, SERVICE.ozg_id)
    own, all_of_them = (client_for(cast.kehl).get(path + query).content.decode() for query in ("?town=08317057", ""))
    assert "level with the others" in own
    assert "Each municipality says" not in all_of_them


def test_what_most_others_have_comes_first(cast: Cast, client_for) -> None:
    say_state(service=SERVICE, maturity=3, by=cast.kehl)
    for member in (cast.kehl, cast.durbach):
        say_state(service=OTHER, maturity=3, by=member)
    assert names(client_for(cast.achern), "town=08317001") == ["Geburtsanzeige", "Elterngeld"]


def test_another_towns_gaps_are_for_the_coordinator_alone(cast: Cast, client_for) -> None:
    query = f"{PAGE}?town=08317057"
    assert "Services of Kehl" in client_for(cast.coordinator).get(query).content.decode()
    assert "Services of Kehl" in client_for(cast.mayor).get(query).content.decode()
    assert "Services of Kehl" not in client_for(cast.achern).get(query).content.decode()


def test_only_officers_and_guides_are_offered_to_say_something(cast: Cast, client_for) -> None:
    say_state(service=SERVICE, maturity=3, by=cast.achern)
    link = "/services/10000/state/"
    assert link in client_for(cast.kehl).get(f"{PAGE}?town=08317057").content.decode()
    assert link not in client_for(cast.mayor).get(f"{PAGE}?town=08317057").content.decode()


def test_the_export_has_all_rows_of_the_filter(cast: Cast) -> None:
    say_state(service=SERVICE, maturity=3, by=cast.achern)
    rows = covered(cast.network.pk, CoverageFilter.parse(""))
    assert len(rows) == 557
    solved = covered(cast.network.pk, CoverageFilter.parse("", TOWN_TABS), "08317057")
    assert [(row.service.name, [level.town for level in row.online]) for row in solved] == [("Elterngeld", ["Achern"])]


# -- what a town says -------------------------------------------------------------------------------------------------


def test_saying_it_tells_every_open_list(cast: Cast) -> None:
    status = say_state(service=SERVICE, maturity=3, by=cast.kehl, address="https://kehl.example/elterngeld")
    change = Change.objects.latest("version")
    assert (change.verb, change.params["town"], change.params["service"]) == ("service_online", "Kehl", "Elterngeld")
    pk = cast.network.pk
    towns = Accession.objects.filter(network=cast.network).values_list("pk", flat=True)
    assert {f"coverage-{pk}", f"service-{pk}", *(f"coverage-town-{town}" for town in towns)} <= set(change.regions)
    assert status.version == 1


def test_the_same_twice_is_said_once(cast: Cast) -> None:
    first = say_state(service=SERVICE, maturity=3, by=cast.kehl)
    again = say_state(service=SERVICE, maturity=3, by=cast.kehl)
    assert (first.pk, again.version) == (again.pk, 1)
    assert Change.objects.count() == 1


def test_a_colleague_who_was_faster_is_named(cast: Cast) -> None:
    say_state(service=SERVICE, maturity=3, by=cast.kehl)
    with pytest.raises(Stale) as conflict:
        say_state(service=SERVICE, maturity=2, by=cast.kehl, version=0)
    assert "Kehl" in conflict.value.who
    say_state(service=SERVICE, maturity=2, by=cast.kehl, version=1)
    with pytest.raises(Stale):
        take_back_state(service=SERVICE, version=1, by=cast.kehl)


def test_what_was_withdrawn_meanwhile_is_not_written_over_unseen(cast: Cast) -> None:
    say_state(service=SERVICE, maturity=3, by=cast.kehl)
    take_back_state(service=SERVICE, version=1, by=cast.kehl)
    take_back_state(service=SERVICE, version=1, by=cast.kehl)
    assert not ServiceStatus.objects.exists()
    with pytest.raises(Stale):
        say_state(service=SERVICE, maturity=2, by=cast.kehl, version=1)


def test_nobody_else_speaks_for_a_town(cast: Cast) -> None:
    for member in (cast.coordinator, cast.mayor, cast.guest):
        with pytest.raises(PermissionDenied):
            say_state(service=SERVICE, maturity=3, by=member)
    assert say_state(service=SERVICE, maturity=3, by=cast.guide).municipality.short_name == "Lahr"


def test_a_project_of_another_network_is_refused(cast: Cast) -> None:
    theirs = running(cast.other_officer, SERVICE.ozg_id)
    with pytest.raises(Refused):
        say_state(service=SERVICE, maturity=3, by=cast.kehl, project=theirs)


def test_the_form_is_saved_and_comes_back_with_what_was_said(cast: Cast, client_for) -> None:
    client, path = client_for(cast.kehl), f"{PAGE}10000/state/"
    project = running(cast.achern, SERVICE.ozg_id)
    sent = {"maturity": 4, "address": "kehl.example/elterngeld", "project": project.pk, "note": "With the LGL"}
    assert client.post(path, {**sent, "version": 0}, headers=HTMX).status_code == 204
    status = ServiceStatus.objects.get()
    assert (status.maturity, status.address, status.note) == (4, "https://kehl.example/elterngeld", "With the LGL")
    page = client.get(path).content.decode()
    assert 'value="4" selected' in page
    assert "With the LGL" in client.get(f"{PAGE}10000/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"maturity": ""},
        {"maturity": "5"},
        {"maturity": "three"},
        {"address": "javascript:alert(1)"},
        {"address": "https://" + "x" * 600},
        {"note": "x" * 301},
        {"project": 999_999},
        {"version": "x"},
        {"version": ""},
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_saved(cast: Cast, client_for, wrong: dict[str, str]) -> None:
    sent = {"maturity": 3, "version": 0, **wrong}
    answer = client_for(cast.kehl).post(f"{PAGE}10000/state/", sent, headers=HTMX)
    assert answer.status_code == 422
    assert not ServiceStatus.objects.exists()


def test_two_of_one_town_both_read_what_the_other_said(cast: Cast, client_for) -> None:
    say_state(service=SERVICE, maturity=3, note="In the citizens’ office", by=cast.kehl)
    answer = client_for(cast.kehl).post(
        f"{PAGE}10000/state/", {"maturity": 1, "note": "Mine", "version": 0}, headers=HTMX
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "In the citizens’ office" in page
    assert "Mine" in page
    assert 'name="version" value="1"' in page


def test_withdrawing_by_the_form(cast: Cast, client_for) -> None:
    say_state(service=SERVICE, maturity=3, by=cast.kehl)
    client, path = client_for(cast.kehl), f"{PAGE}10000/withdraw/"
    assert client.post(path, {"version": 9}, headers=HTMX).status_code == 409
    assert client.post(path, {"version": 1}, headers=HTMX).status_code == 204
    assert not ServiceStatus.objects.exists()


def test_a_service_that_is_not_in_the_catalogue(cast: Cast, client_for) -> None:
    client = client_for(cast.kehl)
    for path in (f"{PAGE}1/", f"{PAGE}1/state/", f"{PAGE}1/withdraw/"):
        assert client.get(path).status_code == 404


def test_the_service_page_shows_all_towns(cast: Cast, client_for) -> None:
    running(cast.kehl, SERVICE.ozg_id)
    say_state(service=SERVICE, maturity=2, by=cast.achern, note="<b>bold</b>")
    page = client_for(cast.durbach).get(f"{PAGE}10000/").content.decode()
    assert "Online in 1 municipality" in page
    assert "by a project in operation" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "Of 2 municipalities nothing is known" in page


# -- a fixed number of queries ----------------------------------------------------------------------------------------


def queries(identifier: str, audience: str) -> int:
    with CaptureQueriesContext(connection) as seen, reading_once():
        render(identifier, audience, "en")
    return len(seen)


def test_as_many_queries_for_one_service_as_for_hundreds(cast: Cast) -> None:
    accession = Accession.objects.get(network=cast.network, municipality="08317001")
    shown = [
        (f"coverage-{cast.network.pk}", "member"),
        (f"coverage-town-{accession.pk}", "worker"),
        (f"service-{cast.network.pk}~10000", "worker"),
    ]
    running(cast.kehl, SERVICE.ozg_id)
    before = [queries(*one) for one in shown]
    for number, ozg_id in enumerate(list(ozg.catalogue())[:200]):
        member = (cast.kehl, cast.durbach, cast.guide)[number % 3]
        values = {"network": cast.network, "municipality": member.municipality, "said_by": member}
        ServiceStatus.objects.create(ozg_id=ozg_id, maturity=number % 5, **values)
        if number % 4 == 0:
            running((cast.achern, cast.durbach)[number % 2], ozg_id)
    assert [queries(*one) for one in shown] == before
    assert max(before) <= 10
