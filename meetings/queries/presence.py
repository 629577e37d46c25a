"""Who is coming to a meeting, who sits at the table, and whether that is enough to decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils import timezone

from collab.live.once import once
from collab.network.models import Membership, Municipality, Role
from meetings.models import AgendaItem, Attachment, Attendance, Meeting, Presence
from workgroups.queries.group import expected_towns, open_members
from workgroups.rules import towns_needed

# So long before the planned begin a town can say that it is here already.
EARLY = timedelta(hours=1)
# So long the step "all who accepted are here" can be taken back as a whole.
TOGETHER = timedelta(minutes=10)
KEY = re.compile("[0-9]{8}")


@dataclass(frozen=True)
class Stretch:
    """A time at the table, counted from the opening of the meeting on; `until` is None as long as it lasts."""

    since: datetime
    until: datetime | None
    represented_by: str
    presence: Presence


@dataclass
class Row:
    """One town: what it said, and when it was at the table."""

    municipality: Municipality
    is_expected: bool
    attendance: Attendance | None = None
    stretches: list[Stretch] = field(default_factory=list)
    answer: str = ""
    note: str = ""
    deputy: str = ""
    version: int = 0
    answer_version: int = 0

    @property
    def answer_label(self) -> Any:
        """The answer as people read it, in the language of whoever asks; empty where there is none."""
        return Attendance.Answer(self.answer).label if self.answer else ""

    @property
    def now(self) -> Stretch | None:
        """The stretch that lasts."""
        return next((stretch for stretch in self.stretches if stretch.until is None), None)

    @property
    def is_present(self) -> bool:
        return self.now is not None

    @property
    def since(self) -> datetime | None:
        return self.now.since if self.now else None

    @property
    def until(self) -> datetime | None:
        """When it left for good; None while it is here, or where it never was."""
        return self.stretches[-1].until if self.stretches and not self.is_present else None

    @property
    def represented_by(self) -> str:
        """Who sits or sat there for the town last; empty where nobody said."""
        return (self.now or self.stretches[-1]).represented_by if self.stretches else ""

    @property
    def unusual(self) -> str:
        """Who sits there, where that is not what one expects: empty for the town's officer, or one named like it."""
        who = self.now.presence.representative if self.now else None
        is_usual = who and (who.role == Role.OFFICER or self.represented_by.endswith(f" {self.municipality}"))
        return "" if is_usual else self.represented_by


@dataclass(frozen=True)
class Quorum:
    """How many towns must be present; `was_reached` says whether they once were, so that it can be lost."""

    needed: int
    reached: bool
    was_reached: bool


@dataclass
class Table:
    """The towns of a meeting by name, and how many of the expected ones are present (were, once it is closed)."""

    rows: list[Row]
    present: int
    expected: int
    quorum: Quorum | None
    # The newest moment at which somebody set several towns present with one step, and how many of them still are.
    together_at: datetime | None = None
    together: int = 0

    def row_of(self, ags: str) -> Row | None:
        return next((row for row in self.rows if row.municipality.pk == ags), None)

    def answered(self, answer: str) -> list[Row]:
        """Return the rows with that answer; with an empty one those that are expected and said nothing."""
        return [row for row in self.rows if row.answer == answer and (answer or row.is_expected)]

    @property
    def is_recorded(self) -> bool:
        """Whether anybody said who is here; where nobody did, nothing follows from nobody being present."""
        return any(row.stretches for row in self.rows)

    @property
    def to_come(self) -> list[Row]:
        """The towns that accepted and were not at the table yet."""
        return [row for row in self.answered(Attendance.Answer.ACCEPTED) if not row.stretches]


@once
def presence_of(meeting: Meeting) -> Table:
    """Return who is coming, who is here and whether the quorum is reached; three queries, however many towns.

    A town that is no longer expected stays listed if it said something or was here, but does not count. Once the
    meeting is over all that were here count, so that the record stays as it is, and nothing is said of the quorum: the
    group may have changed its rule since.
    """
    expected = {town.pk: Row(town, True) for town in expected_towns(meeting.group, meeting.held_on)}
    rows = dict(expected)
    for attendance in _attendances(meeting):
        row = rows.setdefault(attendance.municipality_id, Row(attendance.municipality, False))
        _fill(row, attendance, meeting)
    shown = [row for row in rows.values() if row.is_expected or row.answer or row.stretches]
    shown.sort(key=lambda row: (row.municipality.sort_key, row.municipality.pk))
    is_over = meeting.state in (Meeting.State.CLOSED, Meeting.State.CANCELLED)
    counted = [row for row in rows.values() if row.is_expected or (is_over and row.stretches)]
    here = [row for row in counted if (row.stretches if is_over else row.is_present)]
    table = Table(shown, len(here), len(counted), None if is_over else _quorum(meeting, expected.values()))
    table.together_at, table.together = _together(shown)
    return table


def count_presences(meetings: Sequence[Meeting]) -> dict[int, int]:
    """Return by meeting how many towns were at the table, as `presence_of` counts them once it is over; two queries."""
    by_pk = {meeting.pk: meeting for meeting in meetings}
    found = dict.fromkeys(by_pk, 0)
    for attendance in Attendance.objects.filter(meeting__in=list(by_pk)).prefetch_related("presences"):
        found[attendance.meeting_id] += bool(_stretches(attendance, by_pk[attendance.meeting_id]))
    return found


def towns_at_table(meeting: Meeting) -> list[Municipality]:
    """Return the towns that are present now, by name."""
    return [row.municipality for row in presence_of(meeting).rows if row.is_present]


def _attendances(meeting: Meeting) -> QuerySet[Attendance]:
    presences = Prefetch(
        "presences", Presence.objects.select_related("representative__person").order_by("began_at", "pk")
    )
    people = ("municipality", "deputy__person", "answered_by__person")
    return Attendance.objects.filter(meeting=meeting).select_related(*people).prefetch_related(presences)


def _fill(row: Row, attendance: Attendance, meeting: Meeting) -> None:
    row.attendance, row.version = attendance, attendance.version
    row.answer_version = attendance.answer_version
    row.answer, row.note = attendance.answer, attendance.note
    row.deputy = attendance.deputy.person.name if attendance.deputy else attendance.deputy_name
    row.stretches += _stretches(attendance, meeting)


def _stretches(attendance: Attendance, meeting: Meeting) -> list[Stretch]:
    found = []
    for presence in attendance.presences.all():
        since, until = presence.began_at, presence.ended_at
        if meeting.opened_at:
            since = max(since, meeting.opened_at)
        # Who left before the opening was not there; a step that was taken back has no length.
        if until is None or until > since:
            found.append(Stretch(since, until, presence.represented_by, presence))
    return found


def _quorum(meeting: Meeting, rows: Iterable[Row]) -> Quorum | None:
    rows = list(rows)
    needed = towns_needed(meeting.group.quorum, meeting.group.quorum_number, len(rows))
    if needed is None:
        return None
    reached = sum(row.is_present for row in rows) >= needed
    stretches = [stretch for row in rows for stretch in row.stretches]
    return Quorum(needed, reached, reached or most_at_once(stretches) >= needed)


def most_at_once(stretches: Iterable[Stretch]) -> int:
    """Return how many of these lasted at the same time at most; who comes as another leaves is not counted with it."""
    steps = [(stretch.since, 1) for stretch in stretches]
    steps += [(stretch.until, -1) for stretch in stretches if stretch.until]
    most = here = 0
    for _moment, step in sorted(steps):
        here += step
        most = max(most, here)
    return most


def _together(rows: list[Row]) -> tuple[datetime | None, int]:
    """Return the newest moment that several of the present share, and how many.

    What was set together began at the same microsecond; a time somebody typed is a full minute. It is each town's
    first stretch: those who stayed when a closed meeting was reopened share a moment too, and nobody set them present.
    """
    begins = [row.now.presence.began_at for row in rows if row.now and len(row.stretches) == 1]
    shared = [at for at in begins if at.microsecond and begins.count(at) > 1]
    newest = max(shared, default=None)
    if newest is None or timezone.now() - newest > TOGETHER:
        return None, 0
    return newest, begins.count(newest)


def can_come_early(meeting: Meeting) -> bool:
    """Return whether a town may say that it is here although the chair has not opened the meeting yet."""
    return meeting.state == Meeting.State.PLANNED and meeting.starts_at - EARLY <= timezone.now() <= meeting.ends_at


def get_town_at(meeting: Meeting, ags: str) -> Municipality:
    """Return a municipality that is or was a member of the meeting's network; raises Http404 for any other."""
    towns = Municipality.objects.filter(pk=ags, accessions__network=meeting.network_id)
    # A key is eight digits; PostgreSQL does not even look for one with a NUL in it.
    town = towns.distinct().first() if KEY.fullmatch(ags) else None
    if town is None:
        raise Http404
    return town


def people_of_town(meeting: Meeting, municipality: Municipality) -> QuerySet[Membership]:
    """Return who may sit at the table for a town: its people in the network, guests not."""
    return open_members(meeting.network).filter(municipality=municipality).exclude(role=Role.GUEST)


def files_of(meeting: Meeting) -> list[Attachment]:
    """Return the files of what is or shall be on the agenda, in its order, with their items."""
    states = (*AgendaItem.ON_AGENDA, AgendaItem.State.PROPOSED)
    files = Attachment.objects.filter(item__meeting=meeting, item__state__in=states, removed_at=None)
    return list(files.select_related("item").order_by("item__position", "item_id", "uploaded_at", "pk"))
