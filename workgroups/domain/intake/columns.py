"""Which columns each kind of table may have, and what these are called elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy, override, pgettext_lazy

from .cells import fold


@dataclass(frozen=True)
class Column:
    """A field that a column of the table may hold, and what such columns are called elsewhere."""

    name: str
    label: Any
    headings: tuple[str, ...] = ()

    def names(self) -> set[str]:
        """Return what its heading may be, folded: its labels in both languages, and the other words."""
        words = {self.name.replace("_", " "), *self.headings}
        for language in ("de", "en"):
            with override(language):
                words.add(str(self.label))
        return {_bare(word) for word in words}


# Behind that no heading says more, and looking for brackets in a hundred thousand of them takes minutes.
LONGEST_HEADING = 200

MUNICIPALITIES = (
    Column("municipality", gettext_lazy("Municipality"), ("Stadt", "Gemeinde", "Ort", "Name", "Kommune", "Town")),
    Column("ags", gettext_lazy("Official key"), ("AGS", "Gemeindeschlüssel", "Amtlicher Gemeindeschlüssel", "Key")),
    Column(
        "joined_on",
        gettext_lazy("Joined on"),
        (
            "Beitritt",
            "Beitrittsdatum",
            "Beigetreten",
            "Datum",
            "Mitglied seit",
            "Seit",
            "Since",
            "Date of accession",
        ),
    ),
    Column("standing", gettext_lazy("Joined as"), ("Status", "Art", "Standing", "Rolle")),
    Column("note", gettext_lazy("Note"), ("Bemerkung", "Anmerkung", "Notiz", "Hinweis", "Kommentar")),
)

PEOPLE = (
    Column("email", gettext_lazy("E-mail"), ("Mail", "E-Mail-Adresse", "Mailadresse", "Email", "E-mail address")),
    Column("name", gettext_lazy("Name"), ("Person", "Vor- und Nachname", "Ansprechpartner", "Full name")),
    Column("first_name", gettext_lazy("First name"), ("Vorname",)),
    Column("last_name", gettext_lazy("Last name"), ("Nachname", "Familienname", "Surname")),
    Column("role", gettext_lazy("Role"), ("Rolle", "Funktion", "Position")),
    Column("municipality", gettext_lazy("Municipality"), ("Stadt", "Gemeinde", "Ort", "Kommune", "AGS", "Town")),
    Column("organisation", gettext_lazy("Organisation"), ("Firma", "Einrichtung", "Organization", "Company")),
)

PROJECTS = (
    Column("title", gettext_lazy("Title"), ("Projekt", "Project", "Projekttitel", "Name", "Vorhaben", "Titel")),
    Column("summary", gettext_lazy("Summary"), ("Kurzbeschreibung", "Zusammenfassung", "Beschreibung", "Description")),
    Column("goal", gettext_lazy("Goal"), ("Ziel", "Ziele", "Goals")),
    Column("block", gettext_lazy("Topic block"), ("Themenblock", "Thema", "Block", "Kategorie", "Topic")),
    Column("phase", gettext_lazy("Phase"), ("Status", "Stand", "State")),
    Column("since", gettext_lazy("In this phase since"), ("Seit", "Phase seit", "Beginn", "Start", "Since")),
    Column(
        "lead",
        pgettext_lazy("involvement", "Lead"),
        ("Federführung", "Federführend", "Leitung", "Kommune", "Stadt", "Lead town"),
    ),
    Column("services", gettext_lazy("Online services (OZG)"), ("OZG", "OZG-Leistung", "OZG-Leistungen", "Leistung")),
    Column("maturity", gettext_lazy("Maturity"), ("Reifegrad",)),
    Column("product", gettext_lazy("Product"), ("Produkt", "Software", "Verfahren")),
    Column("vendor", gettext_lazy("Vendor"), ("Anbieter", "Hersteller", "Firma", "Dienstleister")),
    Column("licence", gettext_lazy("Licence"), ("Lizenz", "License")),
    Column("repository", gettext_lazy("Repository"), ("Quellcode", "Repo", "Code")),
    Column("cost_once", gettext_lazy("Cost once (EUR)"), ("Kosten einmalig", "Einmalige Kosten", "Einmalkosten")),
    Column(
        "cost_yearly",
        gettext_lazy("Cost per year (EUR)"),
        ("Kosten jährlich", "Jährliche Kosten", "Laufende Kosten"),
    ),
    Column("cost_note", gettext_lazy("Note on the cost"), ("Bemerkung zu den Kosten",)),
    Column("legal", gettext_lazy("Legal notes"), ("Rechtliches", "Recht")),
    Column("data_protection", gettext_lazy("Data protection"), ("Datenschutz",)),
    Column("lessons", gettext_lazy("Lessons learned"), ("Erfahrungen", "Erkenntnisse")),
    Column("reuse_conditions", gettext_lazy("Conditions for reuse"), ("Nachnutzung", "Bedingungen der Nachnutzung")),
    Column("contact_text", gettext_lazy("Contact"), ("Kontakt", "Ansprechpartner", "Ansprechperson")),
    Column("review_on", gettext_lazy("Next review"), ("Wiedervorlage", "Nächste Durchsicht")),
)

ACTIONS = (
    Column(
        "title",
        gettext_lazy("What is to be done"),
        ("Aufgabe", "Titel", "Was", "Was ist zu tun", "To-do", "Todo", "Task", "Title"),
    ),
    Column("municipality", gettext_lazy("Municipality"), ("Kommune", "Stadt", "Zuständig", "Verantwortlich", "Town")),
    Column("person", gettext_lazy("Person"), ("Wer", "Bearbeiter", "E-Mail", "Who", "Ansprechperson")),
    Column("due_on", gettext_lazy("Due"), ("Fällig", "Fällig am", "Bis wann", "Frist", "Termin", "Due on", "Bis")),
    Column("follow_up_on", gettext_lazy("Follow-up"), ("Wiedervorlage",)),
    Column("state", pgettext_lazy("action item", "State"), ("Status", "Stand", "Erledigt")),
    Column("project", gettext_lazy("Project"), ("Projekt", "Vorhaben")),
    Column("group", gettext_lazy("Group"), ("Gremium", "Gruppe", "Arbeitsgruppe")),
    Column("note", gettext_lazy("Note"), ("Bemerkung", "Notiz", "Anmerkung", "Hinweis", "Kommentar")),
    Column("state_note", gettext_lazy("Completion note"), ("Erledigungsvermerk", "Ergebnis", "Result")),
)


def guessed_columns(columns: Sequence[Column], header: Sequence[str]) -> dict[str, int]:
    """Return for each field the column whose heading names it; the exact word before one that only contains it."""
    headings = [_bare(heading) for heading in header]
    found: dict[str, int] = {}
    for is_match in (_is_one_of, _begins_like):
        for column in columns:
            if column.name in found:
                continue
            names, taken = column.names(), set(found.values())
            fits = (i for i, heading in enumerate(headings) if heading and i not in taken and is_match(heading, names))
            if (index := next(fits, None)) is not None:
                found[column.name] = index
    return found


def _is_one_of(heading: str, names: set[str]) -> bool:
    return heading in names


def _begins_like(heading: str, names: set[str]) -> bool:
    """Return whether it is a plural of a name ("Bemerkungen"), or says more behind it ("Frist bis")."""
    long = (name for name in names if len(name) > 4 and heading.startswith(name))
    return any(heading[len(name) : len(name) + 1] == " " or len(heading) <= len(name) + 2 for name in long)


def _bare(heading: str) -> str:
    """Return a heading without case, umlauts, marks and what stands in brackets; of a long one its beginning."""
    return " ".join(re.sub(r"[^a-z0-9@]+", " ", re.sub(r"\(.*?\)", " ", fold(heading[:LONGEST_HEADING]))).split())
