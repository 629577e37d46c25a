"""Votes by municipality with their voices: some in the room, some by circulation, and one that is open now."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from meetings.models import Voice, Vote, VoteTown
from workgroups.models import Group

from .people import Circle, Town
from .tables import Table

BERLIN = ZoneInfo("Europe/Berlin")
ENDS, DAYS = time(18), 14
Kind, State, Outcome = Vote.Kind, Vote.State, Vote.Outcome
REASON = "Im Haushalt nicht vorgesehen."
# When a town was mailed that it is asked, that it has not voted, and the result.
Told: TypeAlias = tuple[datetime | None, datetime | None, datetime | None]
NOT_TOLD: Told = (None, None, None)


class Votes:
    """Rows of votes."""

    def __init__(self) -> None:
        what = ("network", "group", "meeting", "item", "kind", "state", "outcome", "subject", "text", "topic")
        rules = ("needed", "majority", "deadline_on", "deadline_time", "ends_at")
        course = ("opened_by", "opened_at", "closed_by", "closed_at", "decision")
        self.votes = Table(Vote, *what, *rules, *course)
        self.roll = Table(VoteTown, "vote", "municipality", "told_at", "reminded_at", "result_told_at")
        said = ("vote", "municipality", "answer", "reason", "capacity", "by", "by_name", "town_name", "at")
        self.voices = Table(Voice, *said)
        self.tables = [self.votes, self.roll, self.voices]

    def close(
        self,
        circle: Circle,
        *,
        group: int,
        of: tuple[int | None, int | None],
        words: tuple[str, str, str],
        at: datetime,
        counts: tuple[int, int, int],
        carried: bool,
        decision: int,
    ) -> None:
        """Make a vote that ended at this moment with this result; `of` are meeting and item, empty by circulation."""
        circular = of[0] is None
        kind = Kind.CIRCULAR if circular else Kind.OPEN
        opened = at - timedelta(days=DAYS) if circular else at - timedelta(minutes=3)
        outcome = Outcome.CARRIED if carried else Outcome.REJECTED
        what = (circle.network.pk, group, *of, kind.value, State.CLOSED.value, outcome.value, *words)
        deadline = (at.astimezone(BERLIN).date(), ENDS, at) if circular else (None, None, None)
        course = (circle.office, opened, None if circular else circle.office, at, decision)
        vote = self.votes.add(*what, *_rules(circle), *deadline, *course)
        self._say(vote, circle.towns, counts, opened, told=(opened, opened, at) if circular else NOT_TOLD)

    def open(self, circle: Circle, group: int, words: tuple[str, str, str], today: date) -> None:
        """Make a circular vote that runs for some more days, with the voices of every other town."""
        ends_on = today + timedelta(days=9)
        opened, ends_at = (datetime.combine(day, ENDS, BERLIN) for day in (ends_on - timedelta(days=DAYS), ends_on))
        what = (circle.network.pk, group, None, None, Kind.CIRCULAR.value, State.OPEN.value, "", *words)
        course = (circle.office, opened, None, None, None)
        vote = self.votes.add(*what, *_rules(circle), ends_on, ENDS, ends_at, *course)
        half = len(circle.towns) // 2
        self._say(vote, circle.towns, (half, 0, 0), opened, told=(opened, opened, None))

    def _say(self, vote: int, towns: list[Town], counts: tuple[int, int, int], opened: datetime, *, told: Told) -> None:
        answers = [answer for answer, many in zip(("yes", "no", "abstain"), counts, strict=True) for _ in range(many)]
        for number, town in enumerate(towns):
            self.roll.add(vote, town.pk, *told)
            if number < len(answers):
                reason = REASON if answers[number] == "no" else ""
                said = (answers[number], reason, Voice.Capacity.OWN.value, town.officer, town.title)
                self.voices.add(vote, town.pk, *said, town.town.short_name, opened + timedelta(seconds=number))


def _rules(circle: Circle) -> tuple[int, str]:
    """Return the quorum and the majority that every group here has."""
    return len(circle.towns) // 2 + 1, Group.Majority.SIMPLE.value
