"""Bringing in tables: first it is shown what would happen, then all of it does, or nothing; twice changes nothing."""

from __future__ import annotations

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.network.models import Accession, Invitation, Membership, Municipality
from tests.conftest import Cast, involve, make_project, make_town
from tests.permissions.world import everything
from workgroups.domain.intake import carry_out, drop_intake, match_columns, upload_table
from workgroups.domain.intake.steps import planned
from workgroups.models import ActionItem, Intake, Involvement, Offer, PhaseChange, Project
from workgroups.tables import Table, to_xlsx

HTMX = {"hx-request": "true"}


def upload(cast: Cast, kind: str, text: str | bytes, name: str = "list.csv", **more: Any) -> Intake:
    content = text.encode() if isinstance(text, str) else text
    return upload_table(network=cast.network, kind=kind, name=name, content=content, by=cast.coordinator, **more)


def outcomes(cast: Cast, intake: Intake) -> list[str]:
    return [line.outcome.value for line in planned(intake=intake, by=cast.coordinator).lines]


def bring_in(cast: Cast, kind: str, text: str | bytes, name: str = "list.csv") -> Intake:
    """Upload a table and carry it out as it is previewed."""
    intake = upload(cast, kind, text, name)
    plan = planned(intake=intake, by=cast.coordinator)
    assert plan.is_possible, [line.problems for line in plan.lines if line.problems] or plan.missing or plan.counts
    return carry_out(intake=intake, seal=plan.seal, by=cast.coordinator)[0]


def problems(cast: Cast, kind: str, text: str) -> dict[int, list[str]]:
    plan = planned(intake=upload(cast, kind, text), by=cast.coordinator)
    assert not plan.missing
    return {line.number: line.problems for line in plan.lines if line.problems}


# -- municipalities ----------------------------------------------------------------------------------------------------

TOWNS = """Stadt;AGS;Beigetreten am;Beigetreten als;Bemerkung
Stadt Rastatt;;01.03.2024;Später beigetreten;per Beschluss
Bühl;8216007;2024-05-01;;
Kehl;08317057;;;Zieht um
Achern;;;;
"""


@pytest.fixture
def buehl(db: None) -> Municipality:
    return make_town("Bühl", "08216007")


def test_municipalities_join_and_are_corrected(cast: Cast, buehl: Municipality) -> None:
    intake = upload(cast, "municipalities", TOWNS)
    assert intake.columns == {"municipality": 0, "ags": 1, "joined_on": 2, "standing": 3, "note": 4}
    plan = planned(intake=intake, by=cast.coordinator)
    assert [line.outcome.value for line in plan.lines] == ["new", "new", "changed", "same"]
    assert [line.number for line in plan.lines] == [2, 3, 4, 5]
    carry_out(intake=intake, seal=plan.seal, by=cast.coordinator)
    rastatt = Accession.objects.get(network=cast.network, municipality="08216043")
    assert (rastatt.joined_on, rastatt.standing, rastatt.note) == (date(2024, 3, 1), "member", "per Beschluss")
    assert Accession.objects.get(network=cast.network, municipality=buehl).joined_on == date(2024, 5, 1)
    kehl = Accession.objects.get(network=cast.network, municipality="08317057")
    assert (kehl.note, kehl.joined_on) == ("Zieht um", date(2021, 9, 30))
    assert Change.objects.filter(verb="town_joined").count() == 2


def test_the_same_file_twice_changes_nothing(cast: Cast, buehl: Municipality) -> None:
    bring_in(cast, "municipalities", TOWNS)
    again = upload(cast, "municipalities", TOWNS)
    assert outcomes(cast, again) == ["same"] * 4
    plan = planned(intake=again, by=cast.coordinator)
    before = everything()
    with pytest.raises(Refused, match="already"):
        carry_out(intake=again, seal=plan.seal, by=cast.coordinator)
    assert everything() == before


def test_a_town_that_has_left_does_not_come_back_by_an_old_file(cast: Cast) -> None:
    Accession.objects.filter(municipality="08317065").update(left_on=date(2025, 1, 1))
    old = upload(cast, "municipalities", "Kommune;Beitritt\nLahr;30.09.2021\n")
    assert outcomes(cast, old) == ["same"]
    bring_in(cast, "municipalities", "Kommune;Beitritt\nLahr;01.02.2025\n")
    assert Accession.objects.filter(municipality="08317065").count() == 2


def test_towns_by_their_everyday_names(cast: Cast) -> None:
    """ "Lahr" is Lahr/Schwarzwald where that town is in the network, though others are called so, too."""
    Municipality.objects.filter(pk="08317065").update(short_name="Lahr/Schwarzwald", name="Lahr/Schwarzwald, Stadt")
    make_town("Lahr", "07232075")
    make_town("Lahr", "07140078")
    make_town("Freiburg im Breisgau", "08311000")
    intake = upload(cast, "municipalities", "Kommune\nStadt Lahr\nFreiburg\nGroße Kreisstadt Achern\nKehl (08317057)\n")
    lines = planned(intake=intake, by=cast.coordinator).lines
    assert [line.outcome.value for line in lines] == ["same", "new", "same", "same"]
    assert [line.values["town"].pk for line in lines] == ["08317065", "08311000", "08317001", "08317057"]
    project = planned(intake=upload(cast, "projects", "Titel;Federführung\nA;Lahr\n"), by=cast.coordinator).lines[0]
    assert project.values["lead"].pk == "08317065"


def test_a_key_that_is_not_the_named_towns_is_a_slip(cast: Cast, buehl: Municipality) -> None:
    said = problems(
        cast, "municipalities", "Kommune;AGS\nBühl;08317057\nBühl;8216007\nStadt Kehl;08317057\nBuehl?;08216007\n"
    )
    assert list(said) == [2], "a misspelt name beside a key does no harm"
    assert "key of Kehl" in said[2][0] and "Bühl" in said[2][0]


def test_wrong_and_duplicate_rows_are_named(cast: Cast) -> None:
    make_town("Neuried", "08317153")
    make_town("Neuried", "09184145")
    text = "Kommune;AGS;Beitritt\nRastatt;;\nRastatt;;\nRastatt;;2024-01-01\nNeuried;;\nAtlantis;;\n;;x\n"
    text += "Bühl;99999999;\nDurbach;;gestern\n"
    intake = upload(cast, "municipalities", text)
    plan = planned(intake=intake, by=cast.coordinator)
    assert [line.outcome.value for line in plan.lines] == ["new", "duplicate", *["wrong"] * 6]
    said = ["; ".join(line.problems) for line in plan.lines[2:]]
    for words, sentence in zip(["row 2", "08317153", "Atlantis", "missing", "99999999", "gestern"], said, strict=True):
        assert words in sentence
    before = everything()
    with pytest.raises(Refused, match="wrong"):
        carry_out(intake=intake, seal=plan.seal, by=cast.coordinator)
    assert everything() == before


# -- people ------------------------------------------------------------------------------------------------------------

PEOPLE = """E-Mail;Vorname;Nachname;Funktion;Kommune;Organisation
guide@kehl.example;Digitallotsin;Kehl;Digitallotse;Kehl;
OFFICER@achern.example;Anders;Geschrieben;Digitalisierungsbeauftragte;Achern;
guide@lahr.example;Digital;Guide;Digitalisierungsbeauftragter;Lahr;
partner@kit.example;Partner;KIT;Gast;;KIT
"""


def test_people_are_invited_once(cast: Cast, client_for: Any) -> None:
    intake = upload(cast, "people", PEOPLE)
    assert outcomes(cast, intake) == ["new", "same", "changed", "new"]
    client = client_for(cast.coordinator)
    page = client.get(reverse("intake", args=["ortenau", intake.pk])).content.decode()
    assert "2 invitations go out by e-mail" in page
    seal = planned(intake=intake, by=cast.coordinator).seal
    path = reverse("intake_carry_out", args=["ortenau", intake.pk])
    assert client.post(path, {"seal": seal}, headers=HTMX).status_code == 204
    assert sorted(message.to[0] for message in mail.outbox) == ["guide@kehl.example", "partner@kit.example"]
    assert all("/invitation/" in str(message.body) for message in mail.outbox)
    assert Membership.objects.get(person__email="guide@lahr.example", ended_on=None).role == "officer"
    assert Invitation.objects.get(email="guide@kehl.example").municipality_id == "08317057"
    # Pressed twice, and the same file once more: no second mail.
    assert client.post(path, {"seal": seal}, headers=HTMX).status_code == 204
    assert outcomes(cast, upload(cast, "people", PEOPLE)) == ["same"] * 4
    assert len(mail.outbox) == 2


def test_what_is_wrong_with_people(cast: Cast) -> None:
    rows = "E-Mail;Name;Rolle;Kommune;Organisation\n"
    rows += "a@b;Somebody;Officer;Kehl;\n;Somebody;Officer;Kehl;\nx@kehl.example;;Officer;Kehl;\n"
    rows += "x@kehl.example;Somebody;King;Kehl;\nx@kehl.example;Somebody;Officer;;\n"
    rows += "x@kehl.example;Somebody;Guide;Rastatt;\n"
    rows += "x@kit.example;Somebody;Guest;;\nx@kehl.example;=1+1;Officer;Kehl;\n"
    rows += f"{cast.coordinator.person.email};Somebody;Officer;Kehl;\n"
    assert list(problems(cast, "people", rows)) == [2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_an_open_invitation_is_not_turned_into_another(cast: Cast) -> None:
    bring_in(cast, "people", "E-Mail;Name;Rolle;Kommune\nnew@kehl.example;New;Officer;Kehl\n")
    other = "E-Mail;Name;Rolle;Kommune\nnew@kehl.example;New;Guide;Kehl\n"
    assert "Take that invitation back" in str(problems(cast, "people", other))


def test_a_mail_server_that_is_down_loses_no_invitation(cast: Cast, client_for: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        9,
    )
    text = "E-Mail;Name;Rolle;Kommune\n" + "".join(f"n{n}@kehl.example;New;Officer;Kehl\n" for n in range(6))
    intake = upload(cast, "people", text)
    answer = client_for(cast.coordinator).post(
        reverse("intake_carry_out", args=["ortenau", intake.pk]),
        {"seal": planned(intake=intake, by=cast.coordinator).seal},
        headers=HTMX,
    )
    assert "6 mails could not be sent" in answer.headers["HX-Trigger"]
    assert Invitation.objects.filter(email__startswith="n").count() == 6


# -- projects ----------------------------------------------------------------------------------------------------------

PROJECTS = """Projekt;Kurzbeschreibung;Themenblock;Phase;Seit;Federführung;OZG;Kosten einmalig (EUR);Lizenz;Reifegrad
E-Akte;Akten digital;Digitale Verwaltung;Pilot;01.02.2025;Achern;;12.500,50 €;EUPL-1.2;3
Online-Terminvergabe;;;idea;;;10000;;;
"""


def test_projects_are_entered_and_their_lead_is_asked(cast: Cast) -> None:
    bring_in(cast, "projects", PROJECTS)
    project = Project.objects.get(title="E-Akte")
    assert (project.block, project.phase, project.cost_once) == ("administration", "pilot", Decimal("12500.50"))
    assert (project.licence, project.maturity, project.created_by) == ("EUPL-1.2", 3, cast.coordinator)
    assert PhaseChange.objects.get(project=project).since == date(2025, 2, 1)
    assert list(Project.objects.get(title="Online-Terminvergabe").services.values_list("ozg_id", flat=True)) == [10000]
    # Each town takes things on by itself.
    assert not Involvement.objects.exists()
    offer = Offer.objects.get()
    assert (offer.municipality_id, offer.role, offer.kind, offer.state) == ("08317001", "lead", "part", "open")
    change = Change.objects.get(verb="intake_projects")
    assert f"board-{cast.network.pk}" in change.regions


def test_projects_twice_are_once_even_after_the_town_declined(cast: Cast) -> None:
    bring_in(cast, "projects", PROJECTS)
    assert outcomes(cast, upload(cast, "projects", PROJECTS)) == ["same", "same"]
    Offer.objects.update(state="declined")
    assert outcomes(cast, upload(cast, "projects", PROJECTS)) == ["same", "same"]


def test_known_projects_get_what_is_new_and_keep_what_is_not_named(cast: Cast) -> None:
    project = make_project(cast.kehl, "E-Akte", summary="Old", goal="Stays")
    PhaseChange.objects.create(project=project, phase="idea", since=date(2024, 1, 1), by=cast.kehl)
    bring_in(cast, "projects", PROJECTS)
    project.refresh_from_db()
    assert (project.summary, project.goal, project.phase) == ("Akten digital", "Stays", "pilot")
    assert list(project.phase_changes.values_list("phase", flat=True)) == ["idea", "pilot"]
    assert Change.objects.filter(verb="project_basics", object_id=project.pk).get().params["before"]["summary"] == "Old"
    assert outcomes(cast, upload(cast, "projects", PROJECTS)) == ["same", "same"]


def test_who_leads_is_not_asked_about_by_a_file(cast: Cast) -> None:
    involve(make_project(cast.kehl, "E-Akte"), cast.kehl)
    intake = upload(cast, "projects", "Titel;Federführung\ne-akte;Achern\n")
    (line,) = planned(intake=intake, by=cast.coordinator).lines
    assert line.outcome == "same"
    assert "Kehl leads it" in line.notes[0]


def test_what_is_wrong_with_projects(cast: Cast) -> None:
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    rows = "Titel;Phase;Seit;Federführung;OZG;Kosten einmalig;Lizenz;Reifegrad;Repository;Themenblock\n"
    rows += ";idea;;;;;;;;\nA;running;;;;;;;;\nB;;" + tomorrow + ";;;;;;;\nC;;;Rastatt;;;;;;\nD;;;;Unknown;;;;;\n"
    rows += (
        "E;;;;;viel;;;;\nF;;;;;;a b c;;;\nG;;;;;;;9;;\nH;;;;;;;;ftp://x;\nI;;;;;;;;;Sport\n" + "J" * 201 + ";;;;;;;;;\n"
    )
    assert list(problems(cast, "projects", rows)) == list(range(2, 13))


# -- action items ------------------------------------------------------------------------------------------------------

ACTIONS = """Aufgabe;Zuständig;Fällig;Status;Bemerkung;Erledigungsvermerk
Rechenzentrum anschreiben;Kehl;31.12.2030;offen;Wegen der Schnittstelle;
Rechenzentrum anschreiben;Kehl;31.01.2031;offen;;
Vertrag prüfen;Achern;;erledigt;;Geprüft
Raum buchen;Coordinator;;in Arbeit;;
"""


def test_action_items_of_other_towns_are_asked_for(cast: Cast) -> None:
    text = ACTIONS.replace("Raum buchen;Coordinator", f"Raum buchen;{cast.coordinator.person.email}")
    text = text.replace("Zuständig", "Kommune").replace("Status", "Status;Person", 1)
    lines = [line.split(";") for line in text.splitlines()]
    rows = [[*line[:4], "", *line[4:]] if index else line for index, line in enumerate(lines)]
    rows[4][4], rows[4][1] = rows[4][1], ""
    text = "\n".join(";".join(row) for row in rows)
    bring_in(cast, "actions", text)
    assert f"action-board-{cast.network.pk}" in Change.objects.get(verb="intake_actions").regions
    first, second = ActionItem.objects.filter(title__startswith="Rechen").order_by("due_on")
    assert (first.municipality, first.person, first.note) == (None, cast.coordinator, "Wegen der Schnittstelle")
    assert set(Offer.objects.values_list("action", "municipality", "kind", "state")) == {
        (first.pk, "08317057", "action", "open"),
        (second.pk, "08317057", "action", "open"),
    }
    done = ActionItem.objects.get(title="Vertrag prüfen")
    assert (done.municipality_id, done.state, done.state_note) == ("08317001", "done", "Geprüft")
    assert done.finished_at is not None
    assert ActionItem.objects.get(title="Raum buchen").person == cast.coordinator
    assert outcomes(cast, upload(cast, "actions", text)) == ["same"] * 4


def test_known_action_items_get_new_dates_and_never_come_back_to_life(cast: Cast) -> None:
    values = {"network": cast.network, "municipality": cast.town("kehl"), "created_by": cast.kehl}
    open_one = ActionItem.objects.create(title="Vertrag prüfen", due_on=date(2030, 1, 1), **values)
    done = ActionItem.objects.create(title="Raum buchen", state="done", **values)
    text = (
        "Aufgabe;Zuständig;Frist;Status\nVertrag prüfen;Kehl;01.02.2030;in Arbeit\nRaum buchen;Kehl;01.03.2030;offen\n"
    )
    intake = upload(cast, "actions", text)
    plan = planned(intake=intake, by=cast.coordinator)
    assert [line.outcome.value for line in plan.lines] == ["changed", "same"]
    assert "finished" in plan.lines[1].notes[0]
    carry_out(intake=intake, seal=plan.seal, by=cast.coordinator)
    open_one.refresh_from_db()
    done.refresh_from_db()
    assert (open_one.due_on, open_one.state, done.state) == (date(2030, 2, 1), "in_progress", "done")
    assert "list.csv" in open_one.due_reason
    assert outcomes(cast, upload(cast, "actions", text)) == ["same", "same"]


def test_what_is_wrong_with_action_items(cast: Cast) -> None:
    rows = "Aufgabe;Kommune;Person;Frist;Status;Projekt;Gremium\n"
    rows += ";Kehl;;;;;\nA;;;;;;\nB;Rastatt;;;;;\nC;Kehl;officer@achern.example;;;;\nD;;nobody@x.example;;;;\n"
    rows += "E;Kehl;;31.02.2026;;;\nF;Kehl;;;vielleicht;;\nG;Kehl;;;;Unbekannt;\nH;Kehl;;;;;Unbekannt\n=1+1;Kehl;;;;;\n"
    assert list(problems(cast, "actions", rows)) == list(range(2, 12))


# -- the steps ---------------------------------------------------------------------------------------------------------


def test_a_needed_column_that_is_missing_can_be_chosen(cast: Cast) -> None:
    intake = upload(cast, "projects", "Etwas;Phase\nE-Akte;idea\n")
    plan = planned(intake=intake, by=cast.coordinator)
    assert (plan.missing, plan.lines) == (["Title"], [])
    with pytest.raises(Refused, match="Title"):
        carry_out(intake=intake, seal=plan.seal, by=cast.coordinator)
    match_columns(intake=intake, columns={"title": 0, "phase": 1}, version=1, by=cast.coordinator)
    intake.refresh_from_db()
    assert outcomes(cast, intake) == ["new"]
    match_columns(intake=intake, columns={"title": 0, "phase": 1}, version=1, by=cast.coordinator)
    with pytest.raises(Stale):
        match_columns(intake=intake, columns={"title": 1}, version=1, by=cast.coordinator)
    with pytest.raises(Refused, match="once"):
        match_columns(intake=intake, columns={"title": 0, "phase": 0}, version=2, by=cast.coordinator)


def test_what_would_happen_is_asked_again_when_it_is_carried_out(cast: Cast) -> None:
    intake = upload(cast, "projects", PROJECTS)
    plan = planned(intake=intake, by=cast.coordinator)
    make_project(cast.kehl, "E-Akte")
    before = everything()
    with pytest.raises(Refused, match="has changed since"):
        carry_out(intake=intake, seal=plan.seal, by=cast.coordinator)
    assert everything() == before


def test_all_or_nothing(cast: Cast) -> None:
    """The last row cannot be written: nothing of the first ones stays."""
    old = {"network": cast.network, "municipality": cast.town("lahr")}
    Accession.objects.filter(**old).update(joined_on=date(2025, 1, 1))
    Accession.objects.create(joined_on=date(2020, 1, 1), left_on=date(2023, 1, 1), **old)
    intake = upload(cast, "municipalities", "Kommune;Beitritt\nRastatt;\nLahr;01.06.2022\n")
    plan = planned(intake=intake, by=cast.coordinator)
    assert [line.outcome.value for line in plan.lines] == ["new", "changed"]
    before = everything()
    with pytest.raises(Refused, match="Lahr"):
        carry_out(intake=intake, seal=plan.seal, by=cast.coordinator)
    assert everything() == before


def test_sent_twice_is_one_upload_and_what_is_done_or_dropped_keeps_no_cells(cast: Cast) -> None:
    key = uuid4()
    first, second = (upload(cast, "people", PEOPLE, request_id=key) for _time in range(2))
    assert first.pk == second.pk
    dropped = drop_intake(intake=first, by=cast.coordinator)
    assert (dropped.state, dropped.rows) == ("dropped", [])
    drop_intake(intake=first, by=cast.coordinator)
    with pytest.raises(Refused, match="discarded"):
        carry_out(intake=first, seal="", by=cast.coordinator)
    done = bring_in(cast, "people", PEOPLE)
    assert (done.state, done.rows, done.outcome["new"]) == ("done", [], 2)
    with pytest.raises(Refused, match="already"):
        drop_intake(intake=done, by=cast.coordinator)


@pytest.mark.parametrize("kind", ["actions", "projects"])
def test_ten_thousand_rows(cast: Cast, client_for: Any, kind: str) -> None:
    if kind == "actions":
        header = ["Aufgabe", "Kommune", "Frist", "Bemerkung"]
        rows = [[f"Row {n}", ("Kehl", "Achern")[n % 2], date(2030, 1, 1), "more"] for n in range(10_000)]
    else:
        header = ["Titel", "Federführung", "Kosten einmalig", "Ziel"]
        rows = [[f"Row {n}", ("Kehl", "Achern", "")[n % 3], 12.5, "more"] for n in range(10_000)]
    intake = upload(cast, kind, to_xlsx(Table("x", header, rows)), "many.xlsx")
    client, path = client_for(cast.coordinator), reverse("intake", args=["ortenau", intake.pk])
    begun = time.monotonic()
    assert "10000" in client.get(path).content.decode()
    shown = time.monotonic() - begun
    seal = planned(intake=intake, by=cast.coordinator).seal
    begun = time.monotonic()
    assert client.post(f"{path}carry-out/", {"seal": seal}, headers=HTMX).status_code == 204
    took = time.monotonic() - begun
    assert shown < 8
    assert took < 25
    assert {"actions": ActionItem, "projects": Project}[kind].objects.count() == 10_000


@pytest.mark.parametrize("kind", ["municipalities", "people", "projects", "actions"])
def test_the_preview_takes_the_same_number_of_queries_for_any_number_of_rows(
    cast: Cast, client_for: Any, kind: str
) -> None:
    example = {
        "municipalities": ("Kommune;AGS", "Kehl;08317057"),
        "people": ("E-Mail;Name;Rolle;Kommune", "p{}@kehl.example;P;Officer;Kehl"),
        "projects": ("Titel;Federführung;OZG", "P{};Kehl;10000"),
        "actions": ("Aufgabe;Kommune;Frist", "A{};Kehl;01.01.2030"),
    }[kind]
    client, counted = client_for(cast.coordinator), []
    for size in (1, 60):
        text = "\n".join([example[0], *(example[1].format(n) for n in range(size))])
        intake = upload(cast, kind, text, f"{size}.csv")
        client.get(reverse("intake", args=["ortenau", intake.pk]))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse("intake", args=["ortenau", intake.pk])).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]


# -- the pages ---------------------------------------------------------------------------------------------------------


def sent(client: Client, content: bytes, name: str = "list.csv", kind: str = "projects", **more: Any) -> Any:
    body = {"kind": kind, "file": SimpleUploadedFile(name, content), **more}
    return client.post(reverse("intake_add", args=["ortenau"]), body, headers=HTMX)


def test_from_the_upload_to_the_network_in_the_browser(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.coordinator)
    assert "Bring in tables" in client.get(reverse("intake_list", args=["ortenau"])).content.decode()
    answer = sent(client, "Projekt;Ziel;Etwas\nE-Akte;Papierlos;x\n".encode("cp1252"))
    assert answer.status_code == 204
    intake = Intake.objects.get()
    path = reverse("intake", args=["ortenau", intake.pk])
    assert path in answer.headers["HX-Trigger"]
    page = client.get(path).content.decode()
    assert "2 of 22 fields found" in page
    assert "Bring in 1 row" in page
    body = {"title": "0", "goal": "", "summary": "1", "version": "1"}
    assert client.post(f"{path}columns/", body, headers=HTMX).status_code == 204
    seal = client.get(path).context["plan"].seal
    assert client.post(f"{path}carry-out/", {"seal": seal}).status_code == 302
    assert Project.objects.get().summary == "Papierlos"
    assert "Brought in on" in client.get(path).content.decode()
    assert "1 new" in client.get(reverse("intake_list", args=["ortenau"])).content.decode()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "empty"),
        (b"PK\3\4 not at all", "a.xlsx", "damaged"),
        (b"MZ", "a.exe", "Excel"),
        (b"Title\n", "a.csv", "nothing below"),
        (b"\x81;\x8d\n1;2", "a.csv", "no text"),
    ],
)
def test_a_file_that_cannot_be_read_comes_back_with_the_reason(
    cast: Cast, client_for: Any, content: bytes, name: str, words: str
) -> None:
    answer = sent(client_for(cast.coordinator), content, name)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Intake.objects.exists()


def test_an_upload_without_file_or_kind(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.coordinator)
    path = reverse("intake_add", args=["ortenau"])
    for body in ({}, {"kind": "projects"}, {"kind": "kings", "file": SimpleUploadedFile("a.csv", b"a\nb")}):
        assert client.post(path, body, headers=HTMX).status_code == 422


def test_hostile_columns_and_pages(cast: Cast, client_for: Any) -> None:
    intake = upload(cast, "projects", "Titel;<script>alert(1)</script>\n<img src=x onerror=1>;b\n", "<script>.csv")
    client, path = client_for(cast.coordinator), reverse("intake", args=["ortenau", intake.pk])
    for body in ({}, {"version": "x"}, {"version": "1", "title": "99"}, {"version": "1", "title": "-1"}):
        assert client.post(f"{path}columns/", body, headers=HTMX).status_code == 409
    for query in ("show=nothing", "page=99999999999999999999", "page=-1", "show=%00"):
        assert client.get(f"{path}?{query}").status_code == 200
    page = client.get(path).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert client.post(f"{path}carry-out/", {"seal": "x" * 5000}, headers=HTMX).status_code == 409


def test_only_the_coordinator_brings_in_tables(cast: Cast, client_for: Any) -> None:
    intake = upload(cast, "projects", PROJECTS)
    paths = [reverse("intake_list", args=["ortenau"]), reverse("intake", args=["ortenau", intake.pk])]
    paths += [reverse("intake_add", args=["ortenau"]), reverse("intake_example", args=["ortenau", "people", "csv"])]
    for path in paths:
        assert client_for(cast.coordinator).get(path).status_code == 200
        for member, status in ((cast.kehl, 403), (cast.mayor, 403), (cast.guest, 404), (cast.other, 404)):
            assert client_for(member).get(path).status_code == status
    foreign = upload_table(
        network=cast.other_network, kind="projects", name="a.csv", content=b"Titel\nX", by=cast.other
    )
    for step in ("", "columns/", "carry-out/", "drop/"):
        path = reverse("intake", args=["ortenau", foreign.pk]) + step
        answer = client_for(cast.coordinator).post(path) if step else client_for(cast.coordinator).get(path)
        assert answer.status_code == 404
