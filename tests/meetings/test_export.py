"""Decisions, adoptions, tracking, votes and minutes as files: as filtered, for those who may read them."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.models import Adoption, Decision, Visibility, Voice, Vote, VoteTown
from tests.conftest import Cast

from .handed_out import REASON, closed, decide, finalised, with_everything

LISTS = ("decision_export", "adoptions_export", "tracking_export", "vote_export", "minutes_export")


def exported(client: Client, name: str, *keys: Any, query: str = "") -> list[dict[str, str]]:
    """Return the rows of an export as CSV by their headings."""
    answer = client.get(reverse(name, args=["ortenau", *keys, "csv"]) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    assert answer.headers["Cache-Control"] == "private, no-store"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def decision(cast: Cast) -> Decision:
    return with_everything(cast, decide(cast))


@pytest.mark.parametrize(
    ("name", "page"),
    [("decision_export", "decision_log"), ("vote_export", "vote_list"), ("minutes_export", "minutes_list")],
)
def test_each_list_leads_to_its_files_as_filtered(
    cast: Cast, client_for: Any, decision: Decision, name: str, page: str
) -> None:
    client = client_for(cast.mayor)
    html = client.get(reverse(page, args=["ortenau"]) + "?year=2024").content.decode()
    for ending in ("xlsx", "csv"):
        path = reverse(name, args=["ortenau", ending])
        assert f'href="{path}?year=2024"' in html
        assert "attachment" in client.get(path).headers["Content-Disposition"]
    assert client.get(reverse(name, args=["ortenau", "pdf"])).status_code == 404
    assert client_for(cast.guest).get(path).status_code == 404


def test_a_decision_with_its_life(cast: Cast, client_for: Any, decision: Decision) -> None:
    later = decide(cast, "Later")
    Decision.objects.filter(pk=decision.pk).update(state="superseded", superseded_by=later, state_on=date(2026, 11, 2))
    old, new = exported(client_for(cast.mayor), "decision_export", query="?q=")[::-1]
    assert (old["Number"], old["State"], old["Since"]) == (decision.reference, "Superseded", "2026-11-02")
    assert (old["Superseded by"], old["Majority"], old["Vote"]) == (later.reference, "More yes than no", "Open vote")
    assert (old["Adopted"], old["Will adopt"], old["Does not adopt"]) == ("1", "0", "1")
    assert (old["Municipalities with a voice"], old["Present"], old["Needed for a quorum"]) == ("4", "3", "3")
    assert (new["Majority"], new["Vote"], new["Adopted"]) == ("", "", "0")
    assert [
        row["Number"] for row in exported(client_for(cast.mayor), "decision_export", query="?state=superseded")
    ] == [decision.reference]
    assert exported(client_for(cast.mayor), "decision_export", query="?year=1999") == []


def test_adoptions_of_all_decisions_and_of_one(cast: Cast, client_for: Any, decision: Decision) -> None:
    client = client_for(cast.mayor)
    every = exported(client, "adoptions_export")
    assert [(row["Number"], row["Municipality"], row["State"]) for row in every] == [
        (decision.reference, "Achern", "Does not adopt"),
        (decision.reference, "Kehl", "Adopted"),
    ]
    assert (every[0]["Word"], every[1]["Council's paper"]) == ("Eigene Lösung", "GR 2026/118")
    assert exported(client, "adoptions_export", query="?state=in_force") == []
    one = {row["Municipality"]: row["State"] for row in exported(client, "adoption_export", decision.reference)}
    assert one == {
        "Achern": "Does not adopt",
        "Durbach": "Has not said yet",
        "Kehl": "Adopted",
        "Lahr": "Has not said yet",
    }


def test_tracking_names_what_is_late_and_why(cast: Cast, client_for: Any, decision: Decision) -> None:
    action, project = exported(client_for(cast.mayor), "tracking_export")
    assert (action["Carried out by"], action["In charge"], action["Overdue"]) == ("Vertrag prüfen", "Durbach", "yes")
    assert (project["Carried out by"], project["In charge"], project["Overdue"]) == ("Aktenplan", "Kehl", "")
    assert project["Reason of the delay"] == "Vergabe"


def test_voices_of_a_vote_that_is_over(cast: Cast, client_for: Any, decision: Decision) -> None:
    rows = {row["Municipality"]: row for row in exported(client_for(cast.mayor), "voice_export", decision.vote.pk)}
    assert {town: row["Voice"] for town, row in rows.items()} == {
        "Achern": "No",
        "Durbach": "Abstention",
        "Kehl": "Yes",
        "Lahr": "Has not voted",
    }
    assert (rows["Achern"]["Reason"], rows["Achern"]["In what capacity"]) == (REASON, "as proxy")
    assert (
        client_for(cast.guest).get(reverse("voice_export", args=["ortenau", decision.vote.pk, "csv"])).status_code
        == 404
    )


def test_nothing_of_a_vote_that_is_open(cast: Cast, client_for: Any) -> None:
    """Neither its voices nor, in the list, anything but who has a voice and how many have voted."""
    now = timezone.now()
    vote = Vote.objects.create(
        network=cast.network, group=cast.group, kind="circular", subject="Haushalt", text="Ja?", ends_at=now,
        deadline_on=now.date(), opened_by=cast.coordinator,
    )  # fmt: skip
    VoteTown.objects.create(vote=vote, municipality=cast.town("kehl"))
    Voice.objects.create(
        vote=vote,
        municipality=cast.town("kehl"),
        answer="no",
        capacity="own",
        by=cast.kehl,
        by_name="K",
        town_name="Kehl",
    )
    client = client_for(cast.mayor)
    assert client.get(reverse("voice_export", args=["ortenau", vote.pk, "csv"])).status_code == 404
    (row,) = exported(client, "vote_export")
    assert (row["Subject"], row["Have voted"], row["Yes"], row["No"]) == ("Haushalt", "1", "", "")
    Vote.objects.filter(pk=vote.pk).update(visibility="group")
    assert exported(client, "vote_export") == []
    assert len(exported(client_for(cast.kehl), "vote_export")) == 1


def test_minutes_as_the_list_shows_them(cast: Cast, client_for: Any, decision: Decision) -> None:
    meeting = closed(cast, decision)
    assert exported(client_for(cast.mayor), "minutes_export") == []
    (draft,) = exported(client_for(cast.kehl), "minutes_export")
    assert (draft["Meeting"], draft["State"], draft["Version"]) == ("Jour fixe", "Draft", "")
    finalised(cast, meeting)
    (row,) = exported(client_for(cast.mayor), "minutes_export")
    assert (row["State"], row["Version"]) == ("Finalised", "1")
    assert exported(client_for(cast.mayor), "minutes_export", query="?state=approved") == []


def test_what_is_for_the_group_only_stays_inside(cast: Cast, client_for: Any, decision: Decision) -> None:
    Decision.objects.filter(pk=decision.pk).update(visibility=Visibility.GROUP)
    later = decide(cast, "Later")
    Decision.objects.filter(pk=later.pk).update(state="superseded", superseded_by=decision)
    inside, outside = client_for(cast.kehl), client_for(cast.mayor)
    for name, rows in (("decision_export", 2), ("adoptions_export", 2), ("tracking_export", 2)):
        assert len(exported(inside, name)) == rows
        assert decision.reference not in str(exported(outside, name)), name
    assert outside.get(reverse("adoption_export", args=["ortenau", decision.reference, "csv"])).status_code == 404
    assert exported(inside, "decision_export", query="?q=Later")[0]["Superseded by"] == decision.reference


def test_an_internal_groups_meeting_is_named_to_its_people_only(
    cast: Cast, client_for: Any, decision: Decision
) -> None:
    cast.group.is_internal = True
    cast.group.save()
    assert exported(client_for(cast.kehl), "decision_export")[0]["Meeting"] == "Jour fixe"
    assert exported(client_for(cast.mayor), "decision_export")[0]["Meeting"] == ""


def test_no_cell_is_a_formula(cast: Cast, client_for: Any, decision: Decision) -> None:
    bad = "=HYPERLINK(1)"
    Adoption.objects.update(word=bad, paper=bad)
    Decision.objects.filter(pk=decision.pk).update(subject=bad, wording="+49 781 1", state="void", void_reason=bad)
    Voice.objects.update(reason=bad, by_name=bad)
    decision.carried_out_by.update(delay=bad, note=bad)
    client = client_for(cast.kehl)
    for path in (
        *(reverse(name, args=["ortenau", "xlsx"]) for name in LISTS),
        reverse("voice_export", args=["ortenau", decision.vote.pk, "xlsx"]),
        reverse("adoption_export", args=["ortenau", decision.reference, "xlsx"]),
    ):
        sheet = openpyxl.load_workbook(io.BytesIO(client.get(path).content)).active
        for row in sheet.iter_rows():
            assert not [cell.value for cell in row if cell.data_type == "f"]
            assert not [cell.value for cell in row if str(cell.value).startswith(("=", "+"))]


@pytest.mark.parametrize("name", LISTS)
def test_queries_do_not_grow(cast: Cast, client_for: Any, name: str) -> None:
    client, counts = client_for(cast.kehl), []
    for number in (1, 12):
        while Decision.objects.count() < number:
            decision = with_everything(cast, decide(cast, f"Thema {Decision.objects.count()}"))
        with CaptureQueriesContext(connection) as queries:
            exported(client, name)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as queries:
        exported(client, "voice_export", decision.vote.pk)
        exported(client, "adoption_export", decision.reference)
    assert len(queries) < 40
