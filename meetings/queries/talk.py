"""Reads: the round of reports and the list of speakers of an agenda item."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404

from collab.live.once import once
from collab.network.models import Membership, Municipality
from meetings.models import AgendaItem, Kind, Meeting, Report, Speech
from meetings.rules import ITEM_GUEST, standing
from workgroups.queries.group import expected_towns

from .agenda import Agenda
from .matching import Match, Sentences, matches_of
from .presence import presence_of

State = Report.State
# So many characters a card shows; what is longer is folded up.
CARD = 400


@dataclass(frozen=True)
class RoundRow:
    """A town in the round, with its report as far as there is one."""

    municipality: Municipality
    report: Report | None
    is_present: bool
    is_called: bool

    @property
    def state(self) -> str:
        """How far its report is: empty as long as the town has written nothing and was not called."""
        return self.report.state if self.report else ""

    @property
    def has_text(self) -> bool:
        return self.report is not None and self.report.has_text

    @property
    def is_long(self) -> bool:
        """Whether the report is too long for a card among others."""
        report = self.report
        return report is not None and len(report.news) + len(report.needs) + len(report.offers) > CARD

    @property
    def is_to_come(self) -> bool:
        return not self.is_called and self.state in ("", State.WRITTEN)


@dataclass(frozen=True)
class Round:
    """The towns of a round of reports in alphabetical order, whose turn it is, and where needs and offers meet."""

    rows: list[RoundRow]
    matches: list[Match] = field(default_factory=list)

    @property
    def called(self) -> RoundRow | None:
        return next((row for row in self.rows if row.is_called), None)

    @property
    def coming(self) -> list[RoundRow]:
        """The rows of the towns at the table that were neither called nor have passed."""
        return [row for row in self.rows if row.is_present and row.is_to_come]

    @property
    def to_come(self) -> list[Municipality]:
        return [row.municipality for row in self.coming]

    @property
    def absent(self) -> list[RoundRow]:
        return [row for row in self.rows if not row.is_present and row.is_to_come]

    @property
    def passed(self) -> list[RoundRow]:
        return [row for row in self.rows if row.state == State.PASSED and not row.is_called]

    @property
    def orally(self) -> list[RoundRow]:
        """Who has reported without writing anything."""
        return [row for row in self.rows if row.state == State.GIVEN and not row.has_text and not row.is_called]

    @property
    def written(self) -> list[RoundRow]:
        return [row for row in self.rows if row.has_text]

    @property
    def cards(self) -> list[RoundRow]:
        """The written reports but that of the town that has been called: the last one called first."""
        return sorted((row for row in self.written if not row.is_called), key=_heard_last_first)

    @property
    def may_pass(self) -> str:
        """The keys of the towns that have not reported yet, as `data-for-town` takes them."""
        return " ".join(row.municipality.pk for row in self.rows if row.is_to_come or row.is_called)

    @property
    def may_return(self) -> str:
        return " ".join(row.municipality.pk for row in self.passed)

    @property
    def versions(self) -> str:
        """For each town that has written the version of its text, such as "08317057:2 08317001:1"."""
        written = (row.report for row in self.rows if row.report is not None)
        return " ".join(f"{report.municipality_id}:{report.version}" for report in written)


def _heard_last_first(row: RoundRow) -> float:
    heard = row.report and row.state == State.GIVEN and row.report.called_at
    return -heard.timestamp() if heard else 0


def round_of(item: AgendaItem) -> Round:
    """Return the round; a fixed number of queries. Where nobody was marked present, all expected towns count."""
    reports = {report.municipality_id: report for report in item.reports.select_related("municipality")}
    table = presence_of(item.meeting).rows
    is_recorded = any(row.is_present for row in table)
    towns = {row.municipality.pk: (row.municipality, row.is_present or not is_recorded) for row in table}
    for report in reports.values():
        towns.setdefault(report.municipality_id, (report.municipality, not is_recorded))
    rows = [
        RoundRow(town, reports.get(town.pk), is_present, town.pk == item.called_id)
        for town, is_present in sorted(towns.values(), key=lambda pair: pair[0].sort_key)
    ]
    return Round(rows, _matches(rows))


def _matches(rows: list[RoundRow]) -> list[Match]:
    written = ((row.municipality.short_name, row.report) for row in rows if row.report)
    return matches_of(Sentences(town, report.needs, report.offers) for town, report in written)


def round_to_read(item: AgendaItem) -> Round | None:
    """Return the round for everybody who may see the item; None before it has started, or where it is none."""
    return round_of(item) if item.kind == Kind.ROUND and item.started_at else None


@once
def running_round(meeting: Meeting) -> Round | None:
    """Return the round that is the active item of a meeting in session; None where there is none."""
    item = meeting.active_item
    if meeting.state != Meeting.State.OPEN or item is None or item.kind != Kind.ROUND:
        return None
    item.meeting = meeting
    return round_of(item)


@dataclass(frozen=True)
class Ahead:
    """A round that takes reports: which towns have written one (not what), and which of the expected ones have not."""

    item: AgendaItem
    prepared: list[Municipality]
    others: list[Municipality]

    @property
    def may_change(self) -> str:
        """The keys of the towns that have written, as `data-for-town` takes them."""
        return " ".join(town.pk for town in self.prepared)

    @property
    def may_begin(self) -> str:
        return " ".join(town.pk for town in self.others)


def with_reports(agenda: Agenda) -> Agenda:
    """Return the agenda, the rounds of a meeting that is over with what the towns told (`told`), for the printed
    minutes; one query where there was a round.
    """
    rounds = [row.item for row in agenda.flat if row.item.kind == Kind.ROUND and row.item.started_at]
    rounds = [item for item in rounds if item.meeting.state == Meeting.State.CLOSED]
    if rounds:
        reports = Report.objects.exclude(state=State.WRITTEN, news="", needs="", offers="")
        reports = reports.select_related("municipality").order_by("municipality__sort_key", "municipality")
        prefetch_related_objects(rounds, Prefetch("reports", reports, to_attr="told"))
    return agenda


def rounds_ahead(meeting: Meeting) -> list[Ahead]:
    """Return the rounds of the meeting that have not started; three queries at most."""
    rounds = AgendaItem.objects.filter(
        meeting=meeting, kind=Kind.ROUND, state=AgendaItem.State.PLANNED, started_at=None
    ).prefetch_related("reports__municipality")
    towns = list(expected_towns(meeting.group, meeting.held_on)) if rounds else []
    return [_ahead(item, towns) for item in rounds]


def reports_at(item: AgendaItem) -> Ahead | None:
    """Return who has written for the item; None where no reports are taken (any more)."""
    is_over = item.meeting.state in (Meeting.State.CLOSED, Meeting.State.CANCELLED)
    if item.kind != Kind.ROUND or is_over or item.state not in AgendaItem.ON_AGENDA:
        return None
    return _ahead(item, list(expected_towns(item.meeting.group, item.meeting.held_on)))


def _ahead(item: AgendaItem, towns: list[Municipality]) -> Ahead:
    prepared = sorted((one.municipality for one in item.reports.all() if one.has_text), key=lambda town: town.sort_key)
    return Ahead(item, prepared, [town for town in towns if town not in prepared])


def rounds_of(meeting: Meeting) -> list[AgendaItem]:
    """Return the meeting's rounds, whatever became of them; one query."""
    return list(AgendaItem.objects.filter(meeting=meeting, kind=Kind.ROUND).order_by("position", "pk"))


def report_of(item: AgendaItem, municipality_id: str) -> Report:
    """Return the town's report in the round; a new one, not saved, where there is none."""
    found = Report.objects.filter(item=item, municipality=municipality_id).first()
    return found or Report(item=item, municipality_id=municipality_id)


@dataclass(frozen=True)
class Speakers:
    """Who speaks under an item, who waits in which order, and who has spoken."""

    current: Speech | None
    waiting: list[Speech]
    done: list[Speech]
    closed: bool
    new_towns_first: bool
    minutes: int

    @property
    def planned_seconds(self) -> int:
        return self.minutes * 60


def speakers_of(item: AgendaItem) -> Speakers:
    """Return the list of speakers of an item; one query."""
    speeches = list(
        item.speeches.exclude(state=Speech.State.WITHDRAWN)
        .select_related("membership__person", "membership__municipality", "municipality")
        .order_by("position", "pk")
    )
    done = [one for one in speeches if one.state == Speech.State.DONE]
    return Speakers(
        current=next((one for one in speeches if one.state == Speech.State.SPEAKING), None),
        waiting=[one for one in speeches if one.state == Speech.State.WAITING],
        done=sorted(done, key=lambda one: (one.began_at or one.asked_at, one.pk)),
        closed=item.speakers_closed,
        new_towns_first=item.meeting.new_towns_first,
        minutes=item.meeting.speaking_minutes,
    )


def get_speech_for(membership: Membership, pk: int) -> tuple[Speech, str]:
    """Return the request to speak and this member's standing; raises Http404 where they may not see the room."""
    speech = (
        Speech.objects.filter(pk=pk, meeting__network=membership.network_id)
        .select_related("meeting__group", "meeting__network", "item", "membership")
        .first()
    )
    role = standing(membership, speech.meeting) if speech else None
    if speech is None or role is None or role == ITEM_GUEST:
        raise Http404
    return speech, role
