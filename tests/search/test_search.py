"""Finding things again: who finds what, what any question answers, how much it costs."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collab.search import index
from collab.search.index import Found, Part
from collab.search.models import Entry
from collab.search.queries import find
from tests.conftest import Cast, make_project
from workgroups.domain.project import add_project
from workgroups.models import Group, GroupMembership

PAGE = "/n/ortenau/search/"


def put(cast: Cast, pk: int, title: str, text: str = "", *, kind: str = "project", **more: object) -> None:
    index.put(Found(cast.network.pk, kind, pk, title, [Part("Goal", text)], **more))


def titles(cast: Cast, question: str, **more: object) -> list[str]:
    found = find(cast.kehl, question, **more)
    return ["".join(piece.text for piece in hit.title) for shelf in found.shelves for hit in shelf.hits]


@pytest.mark.parametrize(
    "question",
    [
        "E-Akte",
        "e-akten",
        "eakte",
        "Akten",
        "einführungen",
        "EINFÜHRUNG",
        "Einfuehrung akte",
        "Rathäuser",
        "Rathaus der",
    ],
)
def test_words_are_found_in_all_their_forms(cast: Cast, question: str) -> None:
    put(cast, 1, "E-Akte", "Einführung in den Rathäusern")
    put(cast, 2, "Parken", "Aktuelle Lage")
    assert titles(cast, question) == ["E-Akte"]


def test_a_word_is_found_by_its_beginning_and_all_words_must_occur(cast: Cast) -> None:
    put(cast, 1, "Online-Terminvergabe", "Kehl vergibt Termine")
    put(cast, 2, "Terminkalender", "Lahr")
    assert sorted(titles(cast, "termin")) == ["Online-Terminvergabe", "Terminkalender"]
    assert titles(cast, "termin kehl") == ["Online-Terminvergabe"]
    assert titles(cast, "termin durbach") == []


def test_a_hit_in_the_title_comes_first(cast: Cast) -> None:
    put(cast, 1, "Parken", "Ladesäule")
    put(cast, 2, "Ladesäulen", "Parken")
    assert titles(cast, "Ladesäule") == ["Ladesäulen", "Parken"]
    assert titles(cast, "Parken") == ["Parken", "Ladesäulen"]


def test_changed_and_removed(cast: Cast) -> None:
    put(cast, 1, "Parken", "Ladesäule")
    put(cast, 1, "Parken", "Bewohner")
    assert titles(cast, "Ladesäule") == []
    assert titles(cast, "Bewohner") == ["Parken"]
    index.remove("project", [1])
    assert titles(cast, "Bewohner") == []


def test_the_place_of_the_hit_and_the_marks(cast: Cast, client_for) -> None:
    parts = [Part("Goal", "Weniger Papier"), Part("Lessons learned", "Früh <b>scannen</b>", who="Achern", at="lessons")]
    index.put(Found(cast.network.pk, "project", 7, "E-Akte", parts, about="Achern"))
    page = client_for(cast.mayor).get(PAGE, {"q": "scannen"}).content.decode()
    assert 'href="/n/ortenau/projects/7/#lessons"' in page
    assert "Lessons learned: Achern" in page
    assert "&lt;b&gt;<mark>scannen</mark>&lt;/b&gt;" in page
    german = client_for(cast.mayor, "de").get(PAGE, {"q": "E-Akten"}).content.decode()
    assert "<mark>E-Akte</mark>" in german


# -- who finds what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "status"), [("kehl", 200), ("mayor", 200), ("guest", 404), ("other", 404)])
def test_who_searches(cast: Cast, client_for, who: str, status: int) -> None:
    assert client_for(getattr(cast, who)).get(PAGE).status_code == status


def test_nothing_of_another_network_is_found(cast: Cast) -> None:
    index.put(Found(cast.other_network.pk, "project", 1, "Parkraum", []))
    assert titles(cast, "Parkraum") == []
    assert find(cast.other, "Parkraum").total == 1


def test_what_is_internal_is_found_by_the_group_and_the_coordinator(cast: Cast) -> None:
    group = Group.objects.create(network=cast.network, kind="working_group", name="Vergabe", is_internal=True)
    GroupMembership.objects.create(group=group, membership=cast.guide)
    put(cast, 1, "Angebote", kind="project", circle=f"group:{group.pk}")
    seen = {name: find(getattr(cast, name), "Angebote").total for name in ("guide", "coordinator", "kehl", "mayor")}
    assert seen == {"guide": 1, "coordinator": 1, "kehl": 0, "mayor": 0}
    # Opened to all, without touching the index.
    Group.objects.filter(pk=group.pk).update(is_internal=False)
    assert find(cast.kehl, "Angebote").total == 1


def test_the_box_stands_on_every_page_but_not_for_guests(cast: Cast, client_for) -> None:
    for path in ("/n/ortenau/", "/n/ortenau/members/", "/n/ortenau/action-items/"):
        assert f'action="{PAGE}"' in client_for(cast.kehl).get(path).content.decode()
    assert PAGE not in client_for(cast.guest).get("/n/ortenau/").content.decode()


# -- any question ------------------------------------------------------------------------------------------------------

STRANGE = [
    "",
    "   ",
    "\0",
    "a\0b",
    '"',
    '"E-Akte',
    "E-Akte\"*' OR 1=1 --",
    "title_words: akte",
    "akte AND",
    "NOT akte",
    "NEAR(akte kommt, 5)",
    "^akte",
    "akte*",
    "akte:*",
    "akte & | ! ( ) <-> kommt",
    "('akte')",
    "\\",
    "%s %(x)s {0} {wanted}",
    "{{7*7}}",
    "x" * 10_000,
    "akte " * 2_000,
    " ".join(f"wort{number}" for number in range(2_000)),
    "und der die das",
    "🚲🏳️\u200d🌈",
    "אבג مرحبا 你好 ไทย",
    "\u202e\u2066\ufeff\uffff\U0010ffff",
    "𞤀𞤁𞤂 𐲀𐲁 ﷽ ½ ² ㎏ ｆｕｌｌ",
    "٣٤ Ⅷ 1e400 0x1f 1.5 2026-014",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("question", STRANGE)
def test_no_question_is_an_error(cast: Cast, client_for, question: str) -> None:
    put(cast, 1, question[:300] or "-", question)
    for more in ({}, {"kind": "project"}, {"kind": "project", "page": "2"}):
        answer = client_for(cast.kehl).get(PAGE, {"q": question, **more})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "q=%ff%fe",
        "q=%00",
        "q=akte&kind=nonsense",
        "q=akte&kind=%00",
        "q=akte&kind=project&page=x",
        "q=a&q=b",
        "kind=project",
        "q=akte&kind=project&page=99999999",
        "q=akte&kind=project&page=-1",
        "q=akte&kind=project&page=%D9%A3",
    ],
)
def test_no_address_is_an_error(cast: Cast, client_for, query: str) -> None:
    put(cast, 1, "E-Akte", "akte")
    assert client_for(cast.kehl).get(f"{PAGE}?{query}").status_code == 200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=60))
@example("𞤀", "𞤀")
def test_any_text_can_be_kept_and_asked_for(cast: Cast, text: str, question: str) -> None:
    text = text.replace("\0", "").encode("utf-8", "ignore").decode()
    put(cast, 1, text, text)
    find(cast.kehl, question)
    find(cast.kehl, text)


def test_very_long_texts(cast: Cast) -> None:
    parts = [Part("Answer", " ".join(f"wort{row}x{number}" for number in range(2_000))) for row in range(60)]
    index.put(Found(cast.network.pk, "question", 1, "Lang", parts))
    index.put(Found(cast.network.pk, "question", 2, "Endlos", [Part("Answer", "x" * 500_000)]))
    assert titles(cast, "wort0x17") == ["Lang"]
    assert titles(cast, "xxx") == ["Endlos"]


# -- many hits ---------------------------------------------------------------------------------------------------------


def test_ten_of_each_kind_and_the_rest_in_pages(cast: Cast, client_for) -> None:
    for number in range(25):
        put(cast, number, f"Projekt {number:02}", "Glasfaser")
        put(cast, number, f"Aufgabe {number:02}", "Glasfaser", kind="action")
    found = find(cast.kehl, "Glasfaser")
    assert [(shelf.kind.name, shelf.count, len(shelf.hits)) for shelf in found.shelves] == [
        ("project", 25, 10),
        ("action", 25, 10),
    ]
    pages = [titles(cast, "Glasfaser", kind="project", page=page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert len({title for page in pages for title in page}) == 25
    assert titles(cast, "Glasfaser", kind="project", page=4) == pages[2]
    page = client_for(cast.kehl).get(PAGE, {"q": "Glasfaser", "kind": "project", "page": "2"}).content.decode()
    assert "Page 2 of 3" in page


def test_the_same_queries_for_any_number_of_hits(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            find(cast.kehl, "Glasfaser")
        return len(caught)

    put(cast, 1, "Eins", "Glasfaser")
    one = queries()
    for number in range(200):
        put(cast, number, f"{number}", "Glasfaser", kind=("project", "action", "group")[number % 3])
    assert queries() == one <= 5


# -- the index ---------------------------------------------------------------------------------------------------------


def test_reindex_if_empty_leaves_what_is_there(cast: Cast) -> None:
    told = StringIO()
    add_project(network=cast.network, title="Familienwegweiser", by=cast.kehl)
    call_command("reindex", "--if-empty", stdout=told)
    assert cast.network.slug not in told.getvalue()
    Entry.objects.all().delete()
    call_command("reindex", "--if-empty", stdout=told)
    assert cast.network.slug in told.getvalue()
    assert Entry.objects.filter(title="Familienwegweiser").exists()


def test_reindex_makes_it_anew(cast: Cast) -> None:
    project = make_project(cast.kehl, "Wohnmobilstellplätze", summary="Belegung")
    put(cast, 4711, "Was es nicht mehr gibt")
    assert titles(cast, "Stellplatz") == []
    for _time in range(2):
        call_command("reindex", stdout=StringIO())
        assert titles(cast, "Wohnmobilstellplatz") == ["Wohnmobilstellplätze"]
        assert titles(cast, "Belegungen") == ["Wohnmobilstellplätze"]
        assert titles(cast, "mehr gibt") == []
    assert Entry.objects.filter(kind="project", object_id=project.pk).count() == 1
    assert titles(cast, "Fachgruppe") == ["Fachgruppe"]


def test_words_of_a_link_that_came_in_over_the_interface(cast: Cast) -> None:
    make_project(
        cast.kehl, "Karte", links=[{"url": "https://geo.example/karte", "label": "Geoportal"}, {"url": "https://x"}]
    )
    call_command("reindex", stdout=StringIO())
    assert titles(cast, "Geoportal") == ["Karte"]
