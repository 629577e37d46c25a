"""Reads: the wording under discussion, what changed from version to version, and how a decision was corrected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from django.db.models import Exists, OuterRef, QuerySet

from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, DecisionRevision, NotesVersion, Vote, Wording, WordingVersion

# ("same" | "added" | "removed", text)
Mark = tuple[str, str]
MOST_NOTES = 20
WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


@dataclass(frozen=True)
class Version:
    """One version as it is shown: its text, what it changed, who wrote it and when."""

    number: int
    text: str
    marked: tuple[Mark, ...]
    by: Membership
    at: datetime


@dataclass(frozen=True)
class Draft:
    """The wording under discussion on an item; `marked` is what the last amendment changed."""

    wording: Wording
    text: str
    marked: tuple[Mark, ...]
    version: int
    by: Membership
    at: datetime
    earlier: list[Version]
    # While it is voted on nobody amends it.
    is_voted_on: bool = False

    @property
    def is_amended(self) -> bool:
        return self.version > 1


@dataclass(frozen=True)
class Correction:
    """One correction of a recorded decision: who, when and why, the result before and after, what changed."""

    number: int
    by: Membership
    at: datetime
    reason: str
    marked: tuple[Mark, ...]
    was: str
    became: str

    @property
    def has_new_wording(self) -> bool:
        return any(kind != "same" for kind, _text in self.marked)

    @property
    def has_new_result(self) -> bool:
        return self.was != self.became


def open_wording(item: AgendaItem) -> Draft | None:
    """Return the wording under discussion on the item, None where there is none; two queries."""
    voting = Vote.objects.filter(wording=OuterRef("pk"), state=Vote.State.OPEN)
    drafts = Wording.objects.filter(item=item, state=Wording.State.DRAFT)
    wording = drafts.annotate(is_voted_on=Exists(voting)).first()
    if wording is None:
        return None
    versions = _shown(list(_versions(wording)))
    last = versions[-1]
    is_voted_on: bool = wording.is_voted_on
    return Draft(wording, last.text, last.marked, last.number, last.by, last.at, versions[-2::-1], is_voted_on)


def last_dropped(item: AgendaItem) -> str:
    """Return the text of the wording that was dropped last, so that it can be taken up again; empty without one."""
    dropped = Wording.objects.filter(item=item, state=Wording.State.DROPPED).order_by("-pk")
    return dropped.values_list("text", flat=True).first() or ""


def earlier_notes(item: AgendaItem) -> list[NotesVersion]:
    """Return the earlier versions of the item's notes, the latest first, at most the last twenty."""
    versions = item.notes_versions.exclude(number=item.notes_version).defer("notes")
    return list(versions.select_related("by__person", "by__municipality").order_by("-number")[:MOST_NOTES])


def last_author(wording: Wording) -> str:
    """Return who wrote the wording's newest version."""
    last = _versions(wording).last()
    return str(last.by) if last else ""


def corrections_of(decision: Decision) -> list[Correction]:
    """Return how a decision was corrected, the latest first; no query where its revisions were prefetched."""
    revisions = list(decision.revisions.all())
    states: list[DecisionRevision | Decision] = [*revisions, decision]
    found = [_correction(before, after) for before, after in zip(revisions, states[1:], strict=True)]
    return found[::-1]


def _versions(wording: Wording) -> QuerySet[WordingVersion]:
    return WordingVersion.objects.filter(wording=wording).select_related("by__person", "by__municipality")


def _shown(versions: list[WordingVersion]) -> list[Version]:
    first = versions[0]
    shown = [Version(first.number, first.text, (("same", first.text),), first.by, first.at)]
    for before, after in pairwise(versions):
        shown.append(Version(after.number, after.text, marks(before.text, after.text), after.by, after.at))
    return shown


def _correction(before: DecisionRevision, after: DecisionRevision | Decision) -> Correction:
    return Correction(
        number=before.number,
        by=before.by,
        at=before.at,
        reason=before.reason,
        marked=marks(before.wording, after.wording),
        was=_in_words(before),
        became=_in_words(after),
    )


def _in_words(at: DecisionRevision | Decision) -> str:
    return Decision(mode=at.mode, yes=at.yes, no=at.no, abstain=at.abstain).in_words


@lru_cache(maxsize=256)
def marks(before: str, after: str) -> tuple[Mark, ...]:
    """Return what became of a text, word by word; white space alone is no change.

    Cached: every audience and every render of a region asks the same again.
    """
    old, new = WORDS.findall(before), WORDS.findall(after)
    matcher = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new])
    found: list[Mark] = []
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(map(_spaced, old[old_from:old_to], new[new_from:new_to]))))
            continue
        if old_from != old_to:
            found.append(("removed", "".join(old[old_from:old_to])))
        if new_from != new_to:
            added = "".join(new[new_from:new_to])
            words = added.rstrip() or added
            # The space behind the last word is not part of what is marked.
            found += [("added", words), *([("same", added[len(words) :])] if words != added else [])]
    return tuple(found)


def _spaced(old: str, new: str) -> str:
    # The last word of a text has no space behind it, and may have something else behind it in the other text.
    return new if new != new.rstrip() or old == old.rstrip() else old
