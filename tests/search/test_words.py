"""How texts become words: stems, beginnings, umlauts, hyphens, and where the hits stand in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.search.words import asked, fold, hits, indexed, marked, snippet

pytestmark = pytest.mark.sqlite_only  # nothing here asks a database


def shown(pieces) -> str:
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Akte", "Die E-Akte kommt", "Die E-[Akte] kommt"),
        ("Akten", "Die Akte kommt", "Die [Akte] kommt"),
        ("E-Akte", "Eine E-Akte, keine Akte", "Eine [E-Akte], keine Akte"),
        ("eAkte", "Eine E-Akte", "Eine [E-Akte]"),
        ("Akte", "Das ist aktuell", "Das ist aktuell"),
        ("Termin", "Online-Terminvergabe", "Online-[Terminvergabe]"),
        ("Online-Terminvergabe", "Terminvergabe online", "[Terminvergabe] [online]"),
        ("Rechenzentren", "Das Rechenzentrum", "Das [Rechenzentrum]"),
        ("Häuser", "Ein Haus", "Ein [Haus]"),
        ("strasse", "Die Straßen", "Die [Straßen]"),
        ("STRAẞE", "Die Straße", "Die [Straße]"),
        ("IT", "Die IT und das Item", "Die [IT] und das Item"),
        ("2026-014", "Beschluss 2026-014", "Beschluss [2026]-[014]"),
        ("café", "Ein Cafe", "Ein [Cafe]"),
        ("e\u0301tat", "Der État", "Der [État]"),
    ],
)
def test_what_is_marked(question: str, text: str, expected: str) -> None:
    assert shown(marked(text, asked(question))) == expected


@pytest.mark.parametrize("text", ["", " ", "und der die", "a", "§ & | ! ( ) : * ' \" \\ -", "\0", "🚲", "_ __"])
def test_nothing_to_look_for(text: str) -> None:
    assert asked(text) == []


def test_long_questions_are_cut_to_their_longest_words() -> None:
    assert len(asked(" ".join(f"wort{number}" for number in range(2_000)))) == 8
    assert len(asked("x" * 10_000)[0].text) == 60


def test_a_snippet_shows_the_surroundings_of_the_hit() -> None:
    text = "Anfang " + "davor " * 100 + "die Ladesäule steht " + "danach " * 100 + "Ende"
    found = shown(snippet(text, asked("Ladesäulen")))
    assert "[Ladesäule]" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert len(found) < 260


def test_a_snippet_of_one_endless_word() -> None:
    found = snippet("x" * 30_000, asked("xxx"))
    assert found
    assert snippet("", asked("xxx")) == []


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_and_any_question(text: str, question: str) -> None:
    words = asked(question)
    assert "".join(piece.text for piece in marked(text, words)) == text
    snippet(text, words)
    for word in words:
        assert word.text.isalnum()
        assert word.stem.isalnum()
    for word in indexed(text).split():
        assert fold(word) == word
    for begin, end, _word in hits(text, words):
        assert text[begin:end]


@given(st.text(min_size=1, max_size=40))
def test_what_is_in_a_text_is_found_in_it(text: str) -> None:
    kept = set(indexed(text).split())
    for word in asked(text):
        assert word.text in kept
        assert word.stem in kept
