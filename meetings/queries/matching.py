"""Where one town's offer meets another town's need: a plain comparison of words, without anything to install."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

# Hyphenated terms (E-Akte, Kita-Info-App) count as one word, and so does each of their longer parts.
WORD = re.compile(r"[^\W_]+(?:[-\u2010\u2011][^\W_]+)*")
# A new line, a semicolon, or a full stop behind a whole word ("z. B." goes on).
BREAK = re.compile(r"[\n;]+|(?<=\w{3}[.!?])\s+")
BULLET = re.compile(r"^[\s\-*•–—]+|[\s.;,!]+$")
LEAST = 4
STEM = 6
# So many letters at the beginning of two long compounds are a word of their own (Ausschreibungs-text, -unterlagen).
LONG_STEM = 9
# What an ending may add: Schulung, Schulungen.
ENDING = 2

# What is said in every need and every offer, and so tells nothing. A word with "…" stands for all that begin so.
STOP = """
    aber alle allem allen aller alles also andere anderen anderer anderes auch bald beim bereits besonders bisher
    bitte dabei dafür dagegen daher damit danach daran darauf darin darüber dass davon dazu deren derzeit dessen
    deshalb diese diesem diesen dieser dieses doch dort durch eben ebenso eher eigen… eine einem einen einer eines
    einfach einige… etwa etwas euch euer eure… falls fast fehl… fertig… frage fragen für ganz gegebenenfalls gegen
    gern gerne gibt gute… guten hätte… haben hatte hier hilfe hilfreich hinweis… ideal… ihnen ihre… immer irgend…
    jede… jeder jedoch jemand… jetzt jeweils kann kein… können könnte… kosten… kurz kurze kurzen kurzer läuft lange
    langem mehr mehrere… meine… mindestens möchte… möglich… möchten muss müssen nach nächst… neben nicht nichts noch
    nochmals nutz… oder ohne rund sehr seit selbst sich sind sobald sofort sogar sollen sollte… sonst soweit sowie
    statt teil… trotz über unser… unter viel… vielleicht vom von vor vorhanden… während wann warum weil weiter…
    welche… wenig… wenn werden wieder wird wirklich wollen worden wurde… zeigen zeit zeitnah zudem zuerst zum zur
    zurzeit zusammen… zwei zwischen angebot… anbiet… ansprechpartner… ansprechperson… arbeit arbeiten arbeitet aufbau…
    austausch… bedarf… beispiel… beispielhaft benötig… berat… bereit… bereitstell… bericht… besuch… biet… brauch…
    dank… digital… einblick… einführ… einsatz… einsetz… empfehl… erfahr… ergebnis… erkenntnis… erste ersten erster
    erstes erstmals experte… expertin… gemeinde gemeinden gemeinsam… geben gebraucht gesucht gewünscht gemacht
    hospitation infos information… interess… interkommunal… kenntnis… know-how kolleg… kommun… konkret… kontakt…
    leitfaden… leitfäden lösung… mach… mitarbeit… mitglied… mithilfe mitmachen mitnehmen muster… nachfrage… nachnutz…
    netzwerk… partner person personen plan planen planung praxis… projekt… rathaus… rathäus… rückmeld… stadt städte
    städten stand stelle stellen stellt gestellt such… stunde… tausch… teilen termine thema themen tipp… team treffen
    umsetz… unterlage… unterstütz… verfüg… vergleich… verwalt… vorhaben vorlage… vorstell… vorgehen… weitergeben
    weitergegeben wissen woche… wünsch… zusage… zusammenarbeit… zugang zustimm… übernahme übernehmen überlegen
    überleg… anleit… hilft helfen geholfen about after anybody anyone been could does experience from have help helps
    just know like looking more need needs offer offers other others some somebody someone support that their them
    there these they this want what when which with would your
"""

# What says something only beside another word: a training on one thing is no help with another.
GENERAL = """
    schulung fortbildung weiterbildung workshop seminar webinar kurs lehrgang material materialien
    handreichung handbuch konzept
    dokument formular präsentation veranstaltung vortrag software programm system portal service bürger
    beschäftigte mitarbeitende dienstleister anbieter firma fachverfahren verfahren internet online training
    course document software
"""


@dataclass(frozen=True)
class Sentences:
    """What a town needs or offers; `town` is anything that names it."""

    town: str
    needs: str = ""
    offers: str = ""


@dataclass(frozen=True)
class Match:
    """A town needs what another one offers; `word` is what both name."""

    needs_town: str
    need: str
    offers_town: str
    offer: str
    word: str


@dataclass(frozen=True)
class _Said:
    town: str
    text: str
    words: dict[str, str]


def matches_of(reports: Iterable[Sentences]) -> list[Match]:
    """Return each need with each offer of another town that names the same thing, in the order of the needs.

    Once per pair of texts, whatever they have in common.
    """
    reports = list(reports)
    needs = [said for report in reports for said in _said(report.town, report.needs)]
    offers = [said for report in reports for said in _said(report.town, report.offers)]
    found: dict[tuple[str, str, str, str], Match] = {}
    for need, offer in product(needs, offers):
        if need.town != offer.town and (word := _in_common(need.words, offer.words)):
            key = (need.town, need.text, offer.town, offer.text)
            found.setdefault(key, Match(*key, word))
    return list(found.values())


def sentences_of(text: str) -> list[str]:
    """Return the lines and sentences of a text, without bullets and full stops."""
    parts = (BULLET.sub("", part) for part in BREAK.split(text.replace("\r", "")))
    return [part for part in parts if part]


def _said(town: str, text: str) -> list[_Said]:
    said = (_Said(town, part, _words_of(part)) for part in sentences_of(text))
    return [one for one in said if one.words]


def _words_of(sentence: str) -> dict[str, str]:
    """Return the words that tell what it is about: as they are compared, and as they were written."""
    words: dict[str, str] = {}
    for written in WORD.findall(sentence):
        for folded in _forms(written):
            words.setdefault(folded, written)
    return words


def _forms(written: str) -> Iterator[str]:
    parts = re.split(r"[-\u2010\u2011]", written.casefold())
    if len(parts) > 1 and any(map(_tells, parts)):
        # "E-Akte" and "eAkte" are the same.
        yield "".join(parts)
    yield from (part for part in parts if _tells(part))


def _tells(word: str) -> bool:
    return len(word) >= LEAST and not word.isdigit() and word not in _STOP_WORDS and not word.startswith(_STOP_STEMS)


def _in_common(mine: dict[str, str], theirs: dict[str, str]) -> str:
    """Return the words both name, as the first wrote them; empty where there are none, or a single general one."""
    shared: dict[str, bool] = {}  # word -> whether it tells something by itself
    for word, written in mine.items():
        for same in filter(None, (_same(word, other) for other in theirs)):
            shared[written] = shared.get(written, False) or not _is_general(same)
    return ", ".join(shared) if len(shared) > 1 or any(shared.values()) else ""


def _same(word: str, other: str) -> str:
    """Return what both words say: the word, or its beginning; empty where they are not the same."""
    if word == other:
        return word
    stem = _shared_beginning(word, other)
    is_same = stem >= LONG_STEM or (stem >= STEM and min(len(word), len(other)) - stem <= ENDING)
    return word[:stem] if is_same else ""


def _is_general(word: str) -> bool:
    """Return whether this is a general word, also with an ending or with what tells nothing (Schulungsunterlagen)."""
    rests = (word.removeprefix(one).removeprefix("s") for one in _GENERAL if word.startswith(one))
    return any(len(rest) <= ENDING or (len(rest) >= LEAST and not _tells(rest)) for rest in rests)


def _shared_beginning(word: str, other: str) -> int:
    both = zip(word, other, strict=False)
    return next((k for k, (a, b) in enumerate(both) if a != b), min(len(word), len(other)))


_GENERAL = frozenset(word.casefold() for word in GENERAL.split())
_STOP_WORDS = frozenset(word.casefold() for word in STOP.split() if not word.endswith("…"))
_STOP_STEMS = tuple(word[:-1].casefold() for word in STOP.split() if word.endswith("…"))
