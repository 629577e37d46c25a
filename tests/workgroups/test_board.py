"""The board: who does what, filtered, permalinked, and rendered no more often than it must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.batch import render_batch
from collab.live.log import version_of
from collab.live.regions import audience_of, render
from collab.network.models import Accession, Membership
from tests.conftest import Cast, involve, make_member, make_project, make_town
from workgroups.domain.involvement import join, leave, take_on
from workgroups.models import Block, Involvement, Project, ProjectService, TopicBlock
from workgroups.queries.board import BoardFilter, board_of
from workgroups.queries.similar import similar_to, titles_alike

BOARD = "/n/ortenau/projects/"


def titles(client: Client, query: str = "") -> list[str]:
    """The titles on the board, in their order."""
    page = client.get(f"{BOARD}?{query}").content.decode()
    return re.findall(r'id="board-(?:row|line)-\d+-link"[^>]*><bdi>([^<]*)</bdi>', page)


@pytest.fixture
def filled(cast: Cast) -> Cast:
    file = make_project(cast.coordinator, "E-file", block=Block.ADMINISTRATION, phase="operation")
    payment = make_project(cast.kehl, "Payment", block=Block.INFRASTRUCTURE, phase="planning", summary="Kreditkarte")
    make_project(cast.achern, "Ämter finden", phase="pilot")
    involve(file, cast.achern, "lead")
    involve(file, cast.durbach, "reuser")
    involve(payment, cast.kehl, "lead")
    involve(payment, cast.achern, "interested")
    return cast


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Payment", "E-file", "Ämter finden"]),
        ("by=phase", ["Payment", "Ämter finden", "E-file"]),
        ("view=table", ["Payment", "E-file", "Ämter finden"]),
        ("block=administration", ["E-file"]),
        ("block=none", ["Ämter finden"]),
        ("phase=pilot", ["Ämter finden"]),
        ("who=nobody", ["Ämter finden"]),
        ("town=08317001", ["Payment", "E-file"]),
        ("town=08317057", ["Payment"]),
        ("town=08317057&who=could", ["E-file", "Ämter finden"]),
        ("town=08317021&who=could", ["Ämter finden"]),
        ("q=kreditkarte", ["Payment"]),
        ("q=amter", ["Ämter finden"]),
        ("q=nothing", []),
        ("who=twice", []),
        # What nobody understands is left out.
        (
            "view=chart&by=colour&phase=late&town=kehl&who=does&page=many&block=%00",
            ["Payment", "E-file", "Ämter finden"],
        ),
    ],
)
def test_filters(filled: Cast, client_for, query: str, expected: list[str]) -> None:
    assert titles(client_for(filled.mayor), query) == expected


@pytest.mark.parametrize("query", ["view=table&by=phase&q=a&page=2", "block=governance&town=08317057&who=could", ""])
def test_a_permalink_is_written_in_one_way(query: str) -> None:
    wanted = BoardFilter.parse(query)
    assert BoardFilter.parse(wanted.variant) == wanted
    assert wanted.variant == query


def test_only_its_own_spelling_of_a_list_is_a_region(filled: Cast) -> None:
    pk = filled.network.pk
    for region, audience in (
        (f"board-{pk}", "officer"),
        (f"board-{pk}~phase=pilot", "officer"),
        (f"board-{pk}~phase=pilot&view=matrix", None),
        (f"board-{pk}~who=nobody", None),
        (f"board-of-{pk}~who=nobody", "officer"),
        (f"board-of-{pk}~town=08317057&who=does", None),
        (f"board-of-{pk}~town=08317057", "officer"),
    ):
        assert audience_of(region, filled.kehl) == audience, region


def test_the_board_says_who_leads_and_where_nobody_does(filled: Cast, client_for) -> None:
    page = client_for(filled.kehl).get(BOARD).content.decode()
    row = page[page.index("Ämter finden") :]
    assert "Nobody yet" in row
    assert "<strong>Achern</strong> Lead" in page
    assert "1 project has nobody yet" in page
    assert "What Kehl does" in page


@pytest.mark.parametrize("who", ["kehl", "coordinator", "guide", "mayor"])
def test_only_officers_are_offered_to_take_on(filled: Cast, client_for, who: str) -> None:
    page = client_for(getattr(filled, who)).get(BOARD).content.decode()
    assert page.count(f'hx-post="{BOARD}') == (3 if who == "kehl" else 0)  # two to reuse, one to take on
    assert ("Propose" in page) == (who == "coordinator")


@pytest.mark.parametrize(("who", "more"), [("mayor", 1), ("kehl", 2), ("coordinator", 2)])
def test_the_title_of_a_section_is_as_wide_as_the_columns(filled: Cast, client_for, who: str, more: int) -> None:
    page = client_for(getattr(filled, who)).get("/n/ortenau/projects/").content.decode()
    widths = {int(width) for width in re.findall(r'colspan="(\d+)"', page)}
    assert widths == {page.count('class="board__town"') + more}


def test_guests_and_strangers_see_no_board(filled: Cast, client_for) -> None:
    for who in (filled.guest, filled.other):
        assert client_for(who).get(BOARD).status_code == 404
    assert Client().get(BOARD).status_code == 302


def test_a_network_has_its_own_blocks_and_towns(filled: Cast, client_for) -> None:
    TopicBlock.objects.create(network=filled.network, code="tourism", name="Tourism")
    make_project(filled.kehl, "Campers", block="tourism")
    make_project(filled.other, "Secret of the others")
    page = client_for(filled.kehl).get(BOARD).content.decode()
    assert "<h3>Tourism</h3>" in page
    assert "Secret of the others" not in page
    assert "Rastatt" not in page


def test_a_town_that_left_has_no_column_and_no_part(filled: Cast, client_for) -> None:
    Accession.objects.filter(municipality=filled.town("achern")).update(left_on=timezone.localdate())
    page = client_for(filled.kehl).get(BOARD).content.decode()
    assert "<strong>Achern</strong>" not in page
    assert "2 projects have nobody yet" in page


# -- begun more than once ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("E-Akte", "eAkte"),
        ("E-Akte", "Einführung der E-Akte im Bauamt"),
        ("Online-Terminvergabe", "Terminvergabe online"),
        ("Kita-Info-App", "Kita Info"),
        ("Geografisches Informationssystem", "Geographisches Informationssystem"),
    ],
)
def test_titles_that_say_the_same(one: str, two: str) -> None:
    assert titles_alike(one, two) == titles_alike(two, one) > 0


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("E-Akte", "E-Payment"),
        ("Familienwegweiser", "Berufsmesse"),
        ("Online", "Digital"),
        ("Kita-App", "Parkplatz-App"),
    ],
)
def test_titles_that_do_not(one: str, two: str) -> None:
    assert titles_alike(one, two) == 0


def test_the_board_suggests_to_join_what_was_begun_twice(filled: Cast, client_for) -> None:
    file = Project.objects.get(title="E-file")
    second = make_project(filled.kehl, "Document management")
    for project in (file, second):
        ProjectService.objects.create(project=project, ozg_id=10036)
    assert [entry.title for entry in similar_to(filled.network.pk, second.pk)] == ["E-file"]
    client = client_for(filled.kehl)
    assert titles(client, "who=twice") == ["E-file", "Document management"]
    page = client.get(BOARD).content.decode()
    assert f"{BOARD}{second.pk}/join/?into={file.pk}" in page
    join(project=second, into=file, by=filled.kehl)
    assert titles(client, "who=twice") == []
    assert titles(client) == ["Payment", "E-file", "Ämter finden"]


# -- how often ---------------------------------------------------------------------------------------------------------


def queries(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        work()
    return len(seen)


def a_busy_network(cast: Cast) -> None:
    """60 projects, 23 towns, 300 involvements."""
    officers = [cast.kehl, cast.achern, cast.durbach]
    for number in range(19):
        town = make_town(f"Town {number}", f"09999{number:03}")
        Accession.objects.create(network=cast.network, municipality=town, joined_on=timezone.localdate())
        officers.append(make_member(cast.network, "officer", town, f"officer@town{number}.example"))
    for number in range(59):
        project = make_project(cast.kehl, f"Project {number}", block=[*Block.values, ""][number % 5], phase="pilot")
        for turn in range(5):
            involve(project, officers[(number + turn) % len(officers)], "lead" if turn == 0 else "reuser")


@pytest.mark.parametrize("query", ["", "view=table", "by=phase", "who=nobody", "town=08317057", "who=twice"])
def test_as_many_queries_for_one_project_as_for_sixty(cast: Cast, client_for, query: str) -> None:
    involve(make_project(cast.kehl, "Payment", phase="pilot"), cast.kehl, "reuser")
    make_project(cast.kehl, "E-Payment", phase="pilot")
    client = client_for(cast.kehl)
    client.get(f"{BOARD}?{query}")
    few = queries(lambda: client.get(f"{BOARD}?{query}"))
    a_busy_network(cast)
    assert Involvement.objects.count() == 296
    many = queries(lambda: client.get(f"{BOARD}?{query}"))
    assert many == few
    assert few < 30


def test_as_many_queries_for_one_part_as_for_many(cast: Cast, client_for) -> None:
    project = make_project(cast.kehl, "Payment", phase="pilot")
    involve(project, cast.kehl)
    client = client_for(cast.kehl)
    path = f"{BOARD}{project.pk}/"
    client.get(path)
    regions = [f"project-towns-{project.pk}", f"board-row-{project.pk}", f"board-line-{project.pk}"]

    def counts() -> list[int]:
        return [queries(lambda region=region: render(region, "officer", "en")) for region in regions]

    few = counts()
    a_busy_network(cast)
    for officer in Membership.objects.filter(role="officer", network=cast.network).exclude(pk=cast.kehl.pk):
        involve(project, officer, "reuser")
    leave(project=project, by=cast.kehl)
    assert counts() == few


def test_a_claim_renders_once_per_audience_and_language(cast: Cast, filled: Cast) -> None:
    """Whoever looks at the plain board of sixty projects gets one row anew, and the strip."""
    a_busy_network(cast)
    project = Project.objects.get(title="Ämter finden")
    pk = cast.network.pk
    bases = [f"board-{pk}", f"board-news-{pk}", *(f"board-row-{p.pk}" for p in Project.objects.all())]
    viewers = {(audience, language) for audience in ("officer", "reader") for language in ("de", "en")}
    wanted = {base: {base: set(viewers)} for base in bases}
    since = version_of(pk)
    take_on(project=project, role="lead", by=cast.kehl)
    with CaptureQueriesContext(connection) as first:
        batch = render_batch(pk, since, wanted)
    assert batch.renders == 2 * len(viewers), sorted({base for base, _region, _viewer in batch.texts})
    assert {base for base, _region, _viewer in batch.texts} == {f"board-row-{project.pk}", f"board-news-{pk}"}
    with CaptureQueriesContext(connection) as second:
        render_batch(pk, since, {base: {base: {("officer", "de")}} for base in bases})
    assert len(first) <= len(second) + len(viewers), "what the renders have in common is read once"


def test_newest_changes_stand_in_the_strip(cast: Cast, filled: Cast) -> None:
    take_on(project=Project.objects.get(title="E-file"), role="reuser", by=cast.kehl)
    strip = render(f"board-news-{cast.network.pk}", "reader", "en")
    assert "Kehl reuses “E-file”" in strip
    assert "data-relative" in strip


def test_changes_of_the_last_weeks_are_marked(cast: Cast, filled: Cast) -> None:
    file, payment = Project.objects.get(title="E-file"), Project.objects.get(title="Payment")
    Project.objects.filter(pk=payment.pk).update(changed_at=timezone.now() - timedelta(days=60))
    assert "board__new" in render(f"board-row-{file.pk}", "reader", "en")
    assert "board__new" not in render(f"board-row-{payment.pk}", "reader", "en")


def test_pages_of_sixty(cast: Cast, client_for) -> None:
    for number in range(61):
        make_project(cast.kehl, f"Project {number:02}")
    client = client_for(cast.kehl)
    assert len(titles(client)) == 60
    assert titles(client, "page=2") == ["Project 60"]
    assert board_of(cast.network.pk, BoardFilter()).page.paginator.count == 61
