"""Needs and offers that meet: realistic texts of towns, and pairs that have nothing to do with each other."""

from __future__ import annotations

import pytest

from meetings.queries.matching import Sentences, matches_of, sentences_of


def words(need: str, offer: str) -> list[str]:
    return [match.word for match in matches_of([Sentences("Lahr", needs=need), Sentences("Kehl", offers=offer)])]


@pytest.mark.parametrize(
    ("need", "offer", "word"),
    [
        ("Muster für eine Dienstanweisung zur E-Akte", "Unsere E-Akte läuft, Hospitation möglich", "E-Akte"),
        ("Wir suchen Erfahrungen mit der eAkte.", "Vorlagen zur E-Akte", "eAkte"),
        ("Schulungsraum", "Unser Schulungsraum steht montags leer", "Schulungsraum"),
        ("Serviceportal", "Texte für das Serviceportal", "Serviceportal"),
        ("Wer hat Schulungen zum Datenschutz gehalten?", "Schulung Datenschutz am 12. Mai", "Schulungen, Datenschutz"),
        ("Online-Terminvergabe im Bürgerbüro", "Leitfaden Terminvergabe", "Online-Terminvergabe"),
        ("Kita-App, am liebsten fertig", "Kita-Info-App zur Nachnutzung", "Kita-App"),
        ("Ausschreibungstext für Scanner", "Ausschreibungsunterlagen aus dem letzten Jahr", "Ausschreibungstext"),
        ("Anbindung an das Ratsinformationssystem", "RATSINFORMATIONSSYSTEM: Schnittstelle beschrieben", None),
    ],
)
def test_what_meets(need, offer, word):
    found = words(need, offer)
    assert len(found) == 1
    assert word is None or found == [word]


@pytest.mark.parametrize(
    ("need", "offer"),
    [
        ("Unterstützung bei der Einführung der E-Akte", "Unterstützung bei der Einführung von E-Payment"),
        ("Wir brauchen eine Vorlage für Parkausweise", "Wir bieten eine Vorlage für die Dienstanweisung"),
        ("Austausch mit anderen Kommunen zur Digitalisierung", "Gerne Austausch mit anderen Kommunen"),
        ("Datenschutzerklärung", "Datenbank der Gewerbeflächen"),
        ("Ausschuss für Technik", "Ausschreibung für Tablets"),
        ("Hilfe im Rathaus", "Besuch im Rathaus"),
        ("Schulung für Digitallotsen", "Zwei Plätze in unserer Schulungsreihe im März"),
        ("Schulung für Digitallotsen", "Schulungsunterlagen E-Akte"),
        ("Schulungsunterlagen Kita-App", "Schulungsunterlagen E-Akte"),
        ("Online-Antrag Wohngeld", "Online-Schulung im März"),
        ("Nichts", "Nichts"),
        ("", "E-Akte"),
        ("?!", "…"),
    ],
)
def test_what_does_not_meet(need, offer):
    assert words(need, offer) == []


GENERAL = [
    "Schulung",
    "Schulungen",
    "Erfahrung",
    "Erfahrungen",
    "Unterstützung",
    "Beratung",
    "Austausch",
    "Hilfe",
    "Material",
    "Materialien",
    "Unterlagen",
    "Beispiele",
    "Vorlage",
    "Vorlagen",
    "Einführung",
    "Angebot",
    "Projekt",
    "Stadt",
    "Gemeinde",
    "Verwaltung",
    "Workshop",
    "Fortbildung",
    "Konzept",
]


@pytest.mark.parametrize("word", GENERAL)
def test_one_general_word_is_not_enough(word):
    assert words(f"{word} zu Parkausweisen", f"{word} für Spielplätze") == []
    assert len(words(f"{word} zu Parkausweisen", f"{word} für Parkausweise")) == 1


def test_two_general_words_are_something():
    assert words("Workshop oder Schulung", "Schulung, dann ein Workshop") == ["Workshop, Schulung"]


def test_a_town_does_not_meet_itself():
    assert matches_of([Sentences("Kehl", needs="E-Akte", offers="E-Akte")]) == []


def test_once_per_pair_of_texts_and_only_the_sentence_that_meets():
    found = matches_of(
        [
            Sentences("Lahr", needs="- Dienstanweisung E-Akte\r\n- Raum für den Workshop"),
            Sentences("Kehl", offers="Dienstanweisung zur E-Akte. Wohnmobilstellplatz, z. B. zur Belegung."),
            Sentences("Achern", needs="Wohnmobilstellplätze"),
        ]
    )
    assert [(m.needs_town, m.need, m.offers_town, m.offer) for m in found] == [
        ("Lahr", "Dienstanweisung E-Akte", "Kehl", "Dienstanweisung zur E-Akte"),
        ("Achern", "Wohnmobilstellplätze", "Kehl", "Wohnmobilstellplatz, z. B. zur Belegung"),
    ]


def test_sentences():
    assert sentences_of("• Eins.\n\n– Zwei; drei! Vier z. B. fünf") == ["Eins", "Zwei", "drei", "Vier z. B. fünf"]
    assert sentences_of("") == []
