"""What was decided, in gapless numbers, with its life, what each town makes of it and what carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeAlias
from zoneinfo import ZoneInfo

from meetings.models import Adoption, CarriedOut, Decision, DecisionNumber, DecisionStep
from workgroups.models import Block, Group
from workgroups.rules import finds_majority

from . import words
from .log import Log
from .people import Circle
from .tables import Table
from .votes import ENDS, Votes

BERLIN = ZoneInfo("Europe/Berlin")
BLOCKS = [*(block.value for block in Block), ""]
State: TypeAlias = Decision.State
Kind: TypeAlias = DecisionStep.Kind
# Of so many decisions, the newest, every town has said what it makes of them; of the older ones a few towns.
FRESH, FEW = 24, 3
# What became of decisions older than a year, and how often.
LATER = (State.IN_FORCE,) * 10 + (State.FULFILLED,) * 6 + (State.SUPERSEDED,) * 2 + (State.REVOKED, State.EXPIRED)


@dataclass
class Decided:
    """A decision before it has its number."""

    meeting: int | None
    group: int
    item: int | None
    subject: str
    wording: str
    day: date
    at: datetime
    counts: tuple[int, int, int] | None
    topic: str
    pk: int = 0
    state: State = State.IN_FORCE
    # Whether the towns' voices are known, not only how many there were.
    by_voice: bool = False

    def carried(self, towns: int) -> bool:
        if self.counts is None:
            return True
        yes, no, _abstain = self.counts
        return finds_majority(Group.Majority.SIMPLE, yes=yes, no=no, towns=towns)


class Decisions:
    """Rows of decisions; they are numbered when all of a network are known."""

    def __init__(self, log: Log) -> None:
        self.log = log
        what = ("network", "year", "number", "group", "meeting", "item", "subject", "wording", "mode")
        result = ("yes", "no", "abstain", "present", "needed", "towns", "majority", "carried", "topic")
        life = ("state", "state_on", "superseded_by", "expires_on", "review_on", "decided_on")
        self.decisions = Table(Decision, *what, *result, *life, "recorded_by", "recorded_at")
        self.numbers = Table(DecisionNumber, "network", "year", "last")
        self.steps = Table(DecisionStep, "decision", "number", "kind", "on", "reason", "other", "by", "by_name", "at")
        said = ("decision", "municipality", "state", "on", "word", "paper", "said_by", "said_at")
        self.adoptions = Table(Adoption, *said)
        self.carried = Table(CarriedOut, "decision", "action_item", "linked_by", "linked_at")
        self.votes = Votes()
        self.tables = [self.decisions, self.numbers, self.steps, self.adoptions, self.carried, *self.votes.tables]
        self._decided: list[Decided] = []
        self._actions: dict[int, list[int]] = {}

    def decide(
        self,
        circle: Circle,
        meeting: int,
        group: int,
        item: int,
        subject: str,
        about: tuple[str, str],
        day: date,
        at: datetime,
        lots: Random,
        *,
        by_voice: bool = False,
    ) -> None:
        """Keep what an item of a meeting decided; `by_voice` where it is known how each town voted."""
        counts = _counts(circle, lots) if by_voice or lots.random() < 0.6 else None
        block, wording = lots.choice(BLOCKS), _wording(lots, about)
        kept = Decided(meeting, group, item, subject, wording, day, at, counts, block, by_voice=by_voice)
        self._decided.append(kept)

    def circulate(self, circle: Circle, since: date, today: date, lots: Random) -> None:
        """Decide twice a year by circulation, and let one more vote be open."""
        for day in (since + timedelta(days=days) for days in range(90, (today - since).days - 7, 182)):
            about, at = words.topic(lots), datetime.combine(day, ENDS, BERLIN)
            what = (f"{about[0]} im {about[1]}", _wording(lots, about))
            counts, block = _counts(circle, lots), lots.choice(BLOCKS)
            kept = Decided(None, circle.groups[1], None, *what, day, at, counts, block, by_voice=True)
            self._decided.append(kept)
        about = words.topic(lots)
        asked = (f"{about[0]} im {about[1]}", _wording(lots, about), lots.choice(BLOCKS))
        self.votes.open(circle, circle.groups[1], asked, today)

    def carry_out(self, item: int, action: int, by: int, at: datetime) -> None:
        """Keep that an action item was agreed on; every other one carries out what its item decided."""
        if action % 2:
            self._actions.setdefault(item, []).append(action)

    def number(self, circle: Circle, today: date, lots: Random) -> None:
        """Make the rows: numbers by year without gaps, states, steps, adoptions, and what carries them out."""
        self._decided.sort(key=lambda decided: decided.at)
        last: dict[int, int] = {}
        first = self.decisions.upcoming
        for place, decided in enumerate(self._decided):
            decided.pk = first + place
            decided.state = self._state(decided, place, today, lots, len(circle.towns))
        for place, decided in enumerate(self._decided):
            year = decided.day.year
            last[year] = last.get(year, 0) + 1
            successor = self._decided[place + 8].pk if decided.state == State.SUPERSEDED else None
            self._row(circle, decided, last[year], successor, today)
            self._live(circle, decided, successor, today)
            self._adopt(circle, decided, len(self._decided) - place <= FRESH, lots, today)
            if decided.by_voice and decided.counts:
                self._vote(circle, decided)
            for action in self._actions.get(decided.item or 0, []):
                self.carried.add(decided.pk, action, circle.office, decided.at)
            told = {"reference": f"{year}-{last[year]:03d}", "subject": decided.subject, "item_id": decided.item}
            by = (circle.office, circle.office_name)
            self.log.tell(decided.at, by, "decision_recorded", "decision", decided.pk, told)
        for year, number in last.items():
            self.numbers.add(circle.network.pk, year, number)
        self._decided, self._actions = [], {}

    def _vote(self, circle: Circle, decided: Decided) -> None:
        assert decided.counts  # noqa: S101 - voices are counted
        self.votes.close(
            circle,
            group=decided.group,
            of=(decided.meeting, decided.item),
            words=(decided.subject, decided.wording, decided.topic),
            at=decided.at,
            counts=decided.counts,
            carried=decided.carried(len(circle.towns)),
            decision=decided.pk,
        )

    def _state(self, decided: Decided, place: int, today: date, lots: Random, towns: int) -> State:
        if not decided.carried(towns):
            return State.REJECTED
        if (today - decided.day).days < 365 or place + 8 >= len(self._decided):
            return State.IN_FORCE
        return lots.choice(LATER)

    def _row(self, circle: Circle, decided: Decided, number: int, successor: int | None, today: date) -> None:
        towns = len(circle.towns)
        mode = Decision.Mode.COUNTED if decided.counts else Decision.Mode.UNANIMOUS
        what = (circle.network.pk, decided.day.year, number, decided.group, decided.meeting, decided.item)
        result = (*(decided.counts or (None, None, None)), towns * 9 // 10, towns // 2 + 1, towns)
        rule = (Group.Majority.SIMPLE.value, decided.carried(towns), decided.topic)
        until = self._left(decided, today) if decided.state == State.EXPIRED else None
        again = today + timedelta(days=30 + decided.pk % 300) if decided.pk % 40 == 0 else None
        review = again if decided.state == State.IN_FORCE else None
        life = (decided.state.value, self._left(decided, today), successor, until, review, decided.day)
        words_ = (decided.subject, decided.wording, mode.value)
        self.decisions.add(*what, *words_, *result, *rule, *life, circle.office, decided.at)

    @staticmethod
    def _left(decided: Decided, today: date) -> date:
        """Return the day since which it is in its state."""
        if decided.state in (State.IN_FORCE, State.REJECTED):
            return decided.day
        return min(decided.day + timedelta(days=330), today)

    def _live(self, circle: Circle, decided: Decided, successor: int | None, today: date) -> None:
        by = (circle.office, circle.office_name)
        self.steps.add(decided.pk, 1, Kind.PROPOSED.value, decided.day, "", None, *by, decided.at)
        if decided.state == State.REJECTED:
            self.steps.add(decided.pk, 2, Kind.REJECTED.value, decided.day, "", None, *by, decided.at)
            return
        self.steps.add(decided.pk, 2, Kind.IN_FORCE.value, decided.day, "", None, *by, decided.at)
        if decided.state != State.IN_FORCE:
            day = self._left(decided, today)
            reason = "Umgesetzt." if decided.state == State.FULFILLED else "Neu geregelt."
            at = datetime.combine(day, time(12), BERLIN)
            self.steps.add(decided.pk, 3, decided.state.value, day, reason, successor, *by, at)

    def _adopt(self, circle: Circle, decided: Decided, fresh: bool, lots: Random, today: date) -> None:
        if decided.state == State.REJECTED:
            return
        towns = circle.towns if fresh else lots.sample(circle.towns, min(FEW, len(circle.towns)))
        for town in towns:
            state, word, paper = Adoption.State.ADOPTED, "", ""
            on: date | None = decided.day + timedelta(days=40)
            lot = lots.random()
            if lot < 0.1:
                state, on, word = Adoption.State.DECLINED, None, lots.choice(words.WHY_DECLINED)
            elif lot < 0.15 or (on and on > today):
                state, on = Adoption.State.PLANNED, decided.day + timedelta(days=200)
            else:
                paper = f"{decided.day.year}/{lots.randrange(1, 400):03d}"
            said_at = decided.at + timedelta(days=lots.randrange(1, 3))
            self.adoptions.add(decided.pk, town.pk, state.value, on, word, paper, town.officer, said_at)


def _wording(lots: Random, about: tuple[str, str]) -> str:
    return f"{words.said(words.DECIDED, lots, about)} {lots.choice(words.REASONS)}".strip()


def _counts(circle: Circle, lots: Random) -> tuple[int, int, int]:
    """Return yes, no and abstentions of nine of ten towns; now and then there are more against it."""
    voices = len(circle.towns) * 9 // 10
    no = lots.randrange(voices // 3 + 1) if lots.random() < 0.95 else voices * 2 // 3
    abstain = lots.randrange((voices - no) // 5 + 1)
    return voices - no - abstain, no, abstain
