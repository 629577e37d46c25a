"""What bringing in a table would do, row by row. Nothing is written here."""

from __future__ import annotations

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network
from workgroups.models import Intake

from .cells import Cells, fold
from .columns import Column

# What stands behind the everyday name of a town: "Lahr/Schwarzwald", "Freiburg im Breisgau".
ADDITION = re.compile(r"(?:/| \(| am | an | im | in | bei | ob | unter ).*")
TOWN_PREFIX = re.compile(r"(?:grosse kreisstadt|stadt|gemeinde|markt|kreisstadt)\s+")


class Outcome(TextChoices):
    NEW = "new", pgettext_lazy("row", "New")
    CHANGED = "changed", pgettext_lazy("row", "Changed")
    SAME = "same", pgettext_lazy("row", "Unchanged")
    WRONG = "wrong", pgettext_lazy("row", "Wrong")
    DUPLICATE = "duplicate", pgettext_lazy("row", "Duplicate")


@dataclass
class Line:
    """A row: what it is about, what would become of it and why. `before` and `after` of what would change, by label."""

    number: int
    title: str
    values: dict[str, Any]
    outcome: Outcome = Outcome.NEW
    problems: list[str] = field(default_factory=list)
    changes: list[tuple[Any, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # What is there already.
    target: Any = None
    # The fields that would change, for whoever carries it out.
    fields: list[str] = field(default_factory=list)

    def change(self, name: str, label: Any, before: Any, after: Any) -> None:
        self.outcome = Outcome.CHANGED
        self.fields.append(name)
        self.changes.append((label, _in_words(before), _in_words(after)))

    def wrong(self, *why: str) -> None:
        self.outcome = Outcome.WRONG
        self.problems.extend(why)


@dataclass(frozen=True)
class Plan:
    lines: list[Line]
    # Needed fields that no column was chosen for: as long as there are any, there are no lines.
    missing: list[str]

    @cached_property
    def counts(self) -> dict[str, int]:
        found = Counter(line.outcome for line in self.lines)
        return {outcome.value: found[outcome] for outcome in Outcome}

    @property
    def touches(self) -> int:
        """How many rows would change anything."""
        return self.counts["new"] + self.counts["changed"]

    @property
    def is_possible(self) -> bool:
        return not self.missing and not self.counts["wrong"] and self.touches > 0

    @cached_property
    def seal(self) -> str:
        """What a person has looked at: another seal later means that something else would happen now."""
        told = [
            [line.number, line.outcome, line.fields, [change[1:] for change in line.changes], _key(line.target)]
            for line in self.lines
        ]
        return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


class Kind(ABC):
    """One kind of table: its columns, how a row is understood, and how it is carried out.

    Made anew for each plan: what is in the network is read once, with a fixed number of queries.
    """

    columns: tuple[Column, ...] = ()
    # Of each of these, one column is needed.
    needs: tuple[tuple[str, ...], ...] = ()
    # So many rows may change something at a time.
    most = 10_000

    def __init__(self, network: Network, by: Membership, name: str) -> None:
        self.network, self.by, self.name = network, by, name

    @abstractmethod
    def read(self, cells: Cells) -> dict[str, Any]:
        """Return what the row says, by field; problems are noted in `cells`."""

    @abstractmethod
    def title(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> str:
        """Return what the row is about, for people."""

    @abstractmethod
    def key(self, values: Mapping[str, Any]) -> Any:
        """Return what makes two rows about the same thing."""

    def prepare(self, lines: Sequence[Line]) -> None:  # noqa: B027 - most kinds have nothing to do
        """Look at all rows before each is judged."""

    @abstractmethod
    def judge(self, line: Line) -> None:
        """Say what would become of the row (it is new as long as nothing is said)."""

    @abstractmethod
    def carry_out(self, lines: Sequence[Line]) -> list[str]:
        """Write the new and changed rows; returns the regions that show them."""


def lock_all(rows: Iterable[models.Model | None]) -> None:
    """Lock the rows in the order of their keys, before anything is recorded.

    Each change takes the network's log, which others wait for while they hold one of these rows.
    """
    wanted = {row.pk: type(row) for row in rows if row is not None}
    for model in set(wanted.values()):
        found = model._default_manager.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        list(found.values_list("pk"))


def plan_of(kind: Kind, intake: Intake) -> Plan:
    """Return what bringing in the table would do now."""
    labels = {column.name: column.label for column in kind.columns}
    chosen = {name: index for name, index in intake.columns.items() if name in labels}
    missing = [_either(labels, names) for names in kind.needs if not any(name in chosen for name in names)]
    if missing:
        return Plan([], missing)
    lines = [_line(kind, labels, chosen, row) for row in intake.rows]
    kind.prepare([line for line in lines if line.outcome != Outcome.WRONG])
    seen: dict[Any, Line] = {}
    for line in lines:
        if line.outcome == Outcome.WRONG:
            continue
        first = seen.setdefault(kind.key(line.values), line)
        if first is line:
            kind.judge(line)
        elif first.values == line.values:
            line.outcome = Outcome.DUPLICATE
            line.notes.append(_("The same as row %(number)s.") % {"number": first.number})
        else:
            line.wrong(_("This says something else than row %(number)s.") % {"number": first.number})
    return Plan(lines, [])


def _line(kind: Kind, labels: Mapping[str, Any], chosen: Mapping[str, int], row: Sequence[Any]) -> Line:
    number, *cells = row
    texts = {name: cells[index] if index < len(cells) else "" for name, index in chosen.items()}
    read = Cells(texts, labels)
    values = kind.read(read)
    line = Line(number, kind.title(values, texts), values)
    if read.problems:
        line.wrong(*read.problems)
    return line


def _either(labels: Mapping[str, Any], names: Iterable[str]) -> str:
    return " / ".join(str(labels[name]) for name in names)


def _in_words(value: Any) -> str:
    return "–" if value is None or value == "" else str(value)


def _key(target: Any) -> Any:
    return getattr(target, "pk", None)


class Towns:
    """Municipalities by what a cell may call them: the key, the everyday and the official name.

    People write "Lahr" for Lahr/Schwarzwald and "Freiburg" for Freiburg im Breisgau. Where several are called so, the
    one of `near` is meant: the towns that are in the network already.
    """

    def __init__(self, towns: Iterable[Municipality], near: Collection[str] = ()) -> None:
        self._near = near
        self._by_name: dict[str, dict[str, Municipality]] = {}
        for town in towns:
            short = fold(town.short_name)
            for name in {town.pk, short, fold(town.name), ADDITION.sub("", short)}:
                self._by_name.setdefault(name, {})[town.pk] = town

    def named(self, text: str) -> list[Municipality]:
        """Return the towns that the text may mean, one where it is clear."""
        found = next((found for name in _ways_to_say(text) if (found := self._by_name.get(name))), {})
        exact = [town for town in found.values() if fold(town.short_name) == fold(text)]
        for towns in ([town for town in found.values() if town.pk in self._near], exact):
            if len(towns) == 1:
                return towns
        return list(found.values())

    def read(self, cells: Cells, name: str, unknown: str) -> Municipality | None:
        """Return the town of a cell; a name that is none, or of several towns, is a problem of the row."""
        text = cells.text(name)
        if text is None:
            return None
        found = self.named(text)
        if len(found) == 1:
            return found[0]
        if not found:
            cells.wrong(name, unknown % {"cell": text[:60]})
        else:
            several = "; ".join(f"{town} ({town.pk}), {town.district}" for town in found[:6])
            cells.wrong(name, _("Which one is meant? Write its key: %(several)s") % {"several": several})
        return None


def _ways_to_say(text: str) -> list[str]:
    folded = fold(text)
    digits = re.search(r"\b\d{7,8}\b", folded)
    # Excel takes the zero at the front of a key away.
    tries = [digits[0].zfill(8)] if digits else []
    tries += [folded, TOWN_PREFIX.sub("", folded, count=1)]
    return [*tries, re.sub(r"\s*\(.*\)", "", folded), folded.partition(",")[0]]
