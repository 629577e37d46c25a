"""Texts as words: how they are kept in the index, how they are looked for, where they stand in a text.

German is inflected and compounded: a word is found by its stem ("Akten" finds "Akte") and by its beginning ("Termin"
finds "Terminvergabe"). Umlauts count as their base letters.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from collab.network.models import FOLDED

# "E-Akte" is one word, "Online-Terminvergabe" are two.
TOKEN = re.compile(r"(?<![^\W_])[^\W\d_]-[^\W_]+|[^\W_]+")
LONGEST_WORD = 60
MOST_WORDS = 8
SHORTEST_BEGINNING = 3
# A stem of this length says enough to find what begins with it: "Rechenzentren" finds "Rechenzentrum".
TELLING_STEM = 6
# They stand in every text and say nothing about it (folded: "fur" is "für").
_FILLERS = """
    aber alle als am an auch auf aus bei beim bis da das dass dem den der des die dies diese dieser doch du durch ein
    eine einem einen einer eines er es fur gibt hat habe haben hatte hier ich ihr ihre im in ist ja kann konnen man mit
    muss nach nicht noch nur ob oder sich sie sind so uber um und uns unser unsere vom von vor war was wer wie wir wird
    wo zu zum zur a and are do for from has have how is of on or our that the this to was we what who with
    you
"""
FILLERS = frozenset(_FILLERS.split())


@dataclass(frozen=True)
class Word:
    """A word as it is looked for: folded, and its stem."""

    text: str
    stem: str

    @property
    def beginning(self) -> str:
        """With what words begin that it finds as well; empty where it is too short for that."""
        if len(self.stem) >= TELLING_STEM:
            return self.stem
        return self.text if len(self.text) >= SHORTEST_BEGINNING else ""

    def fits(self, other: Word) -> bool:
        """Return whether this, as it was asked for, finds the other one."""
        begins = bool(self.beginning) and other.text.startswith(self.beginning)
        return begins or self.text == other.text or self.stem == other.stem


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, marked where it is what somebody looked for."""

    text: str
    is_hit: bool = False


# A stemmer serves one thread.
_of_thread = threading.local()


@lru_cache(maxsize=20_000)
def word_of(token: str) -> Word:
    """Return a token as a word; the same few thousand make up most texts."""
    if not hasattr(_of_thread, "stemmer"):
        _of_thread.stemmer = snowballstemmer.stemmer("german")
    text = fold(token)
    stem = fold(_of_thread.stemmer.stemWord(token.lower().replace("-", ""))) if text else ""
    return Word(text, stem or text)


def words_of(text: str) -> Iterator[Word]:
    """Return the words of a text, fillers left out."""
    for token in TOKEN.findall(unicodedata.normalize("NFC", text)):
        word = word_of(token)
        if len(word.text) > 1 and word.text not in FILLERS:
            yield word


def fold(token: str) -> str:
    """Return a token in lower case with base letters and digits only; empty where nothing of it is left."""
    # Lower case once more: what a sign is made of may be a capital.
    plain = unicodedata.normalize("NFKD", token.lower().translate(FOLDED)).lower()
    return "".join(letter for letter in plain if letter.isalnum())[:LONGEST_WORD]


def indexed(*texts: str) -> str:
    """Return the words of the texts as the index keeps them: each once, with its stem, and the halves of "E-Akte"."""
    kept: dict[str, None] = {}
    for text in texts:
        for reading in (text.replace("-", " "), text) if "-" in text else (text,):
            for word in words_of(reading):
                kept[word.text] = kept[word.stem] = None
    return " ".join(kept)


def of_network(network_id: int, words: str) -> str:
    """Return indexed words as words of that network.

    Each carries the network's number, so that a search reads what its own network said and nothing else, however
    many networks there are and however common a word is in them.
    """
    mark = f"n{network_id}n"
    return mark + words.replace(" ", f" {mark}") if words else ""


def asked(text: str) -> list[Word]:
    """Return what somebody asks for: at most eight different words, the longest where there are more."""
    words = list(dict.fromkeys(words_of(text)))
    return words if len(words) <= MOST_WORDS else sorted(words, key=lambda word: -len(word.text))[:MOST_WORDS]


def hits(text: str, wanted: Iterable[Word]) -> list[tuple[int, int, Word]]:
    """Return where the words stand in a text: begin, end, and which of them it is."""
    wanted, found = list(wanted), []
    for match in TOKEN.finditer(text):
        for begin, end in _readings(match):
            word = word_of(text[begin:end])
            fitting = next((asked for asked in wanted if word.text and asked.fits(word)), None)
            if fitting:
                found.append((begin, end, fitting))
                break
    return found


def _readings(match: re.Match[str]) -> list[tuple[int, int]]:
    """Return "E-Akte" as a whole and without its first letter; any other token as it is."""
    whole = match.span()
    return [whole, (whole[0] + 2, whole[1])] if "-" in match[0] else [whole]


def marked(text: str, wanted: Iterable[Word]) -> list[Piece]:
    """Return the whole text in pieces, what was looked for marked."""
    return _pieces(text, hits(text, wanted), 0, len(text))


def snippet(text: str, wanted: Iterable[Word], length: int = 220) -> list[Piece]:
    """Return about `length` characters around the first hit, in pieces; the beginning where there is none."""
    text = " ".join(text.split())
    found = hits(text, wanted)
    first = found[0][0] if found else 0
    begin = 0 if first < length // 3 else text.rfind(" ", 0, first - length // 4) + 1
    end = len(text) if len(text) <= begin + length else text.rfind(" ", begin, begin + length)
    end = end if end > first else min(len(text), max(begin + length, found[0][1] if found else 0))
    pieces = _pieces(text, found, begin, end)
    before = [Piece("… ")] if begin else []
    return [*before, *pieces, *([Piece(" …")] if end < len(text) else [])]


def _pieces(text: str, found: list[tuple[int, int, Word]], begin: int, end: int) -> list[Piece]:
    pieces, here = [], begin
    for hit_begin, hit_end, _word in found:
        if hit_begin < here or hit_end > end:
            continue
        pieces += [Piece(text[here:hit_begin]), Piece(text[hit_begin:hit_end], is_hit=True)]
        here = hit_end
    return [piece for piece in (*pieces, Piece(text[here:end])) if piece.text]
