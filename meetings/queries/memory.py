"""Reads across meetings: an item's earlier and later appearances, and the search within a series."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meetings.models import AgendaItem, Decision, Idea, Meeting, Report, Series, Visibility
from workgroups.models import Group

from .closing import HANDED
from .presence import count_presences

MEETINGS_PER_PAGE = 12
# An item that was put off for more than four years of monthly meetings has a story longer than a page.
LONGEST_LINE = 50
# Those of the last and the next time, and what lies in between and is on no agenda.
MOST_NEIGHBOURS = 20
# The search looks at so many items, the newest meetings first, and stops at so many hits.
MOST_ITEMS, MOST_HITS = 3000, 50
AROUND = 60

# Of these a copy that was withdrawn was withdrawn in its own meeting.
WENT_ON = (AgendaItem.State.CARRIED, AgendaItem.State.FORWARDED)

IDEA_WITH = ("group", "proposed_by__person", "proposed_by__municipality")

EARLIER = """
    SELECT COALESCE(i.carried_from_id, d.handed_from_id), line.step + 1
    FROM line JOIN meetings_agendaitem i ON i.id = line.id LEFT JOIN meetings_idea d ON d.item_id = i.id
    WHERE line.step < %s AND COALESCE(i.carried_from_id, d.handed_from_id) IS NOT NULL
"""
# A copy that was withdrawn comes after what became of the item in a group: it may have been taken back before.
LATER = """
    SELECT COALESCE(CASE WHEN c.state <> 'withdrawn' THEN c.id END, d.item_id, c.id), line.step + 1
    FROM line LEFT JOIN meetings_agendaitem c ON c.carried_from_id = line.id
    LEFT JOIN meetings_idea d ON d.handed_from_id = line.id
    WHERE line.step < %s AND COALESCE(c.id, d.item_id) IS NOT NULL
"""


def family_of(items: Iterable[int]) -> list[int]:
    """Return the items that these were carried over from or handed over from, however far back; one query."""
    return _line(EARLIER, items)


def relatives_of(item: AgendaItem) -> list[int]:
    """Return the items whose pages show what becomes of this one: see `Thread`; at most five queries."""
    return [*family_of([item.pk]), *_line(LATER, [item.pk]), *_neighbours_of(item)]


def _neighbours_of(item: AgendaItem) -> list[int]:
    """Return the same standing item from the last to the next time it is on an agenda, both included."""
    if not item.template_item_id:
        return []
    last, following = (around.values_list("meeting__date", flat=True).first() for around in _standing_around(item))
    near = AgendaItem.objects.filter(template_item=item.template_item_id).exclude(meeting=item.meeting_id)
    near = near.filter(meeting__date__gte=last) if last else near
    near = near.filter(meeting__date__lte=following) if following else near
    return list(near.order_by("pk").values_list("pk", flat=True)[:MOST_NEIGHBOURS])


def _line(step: str, items: Iterable[int]) -> list[int]:
    """Return the keys of the items on the way back (or on), the nearest first."""
    start = [int(pk) for pk in items]
    if not start:
        return []
    rows = ", ".join(["(CAST(%s AS bigint), 0)"] * len(start))
    line = f"WITH RECURSIVE line(id, step) AS (VALUES {rows} UNION ALL {step})"
    with connection.cursor() as cursor:
        # Nothing but our own text: the keys are parameters.
        cursor.execute(f"{line} SELECT id FROM line WHERE step > 0 ORDER BY step", [*start, LONGEST_LINE])  # noqa: S608
        return [pk for (pk,) in cursor.fetchall()]


@dataclass(frozen=True)
class Thread:
    """Where else an item appears: carried over, handed to a group, or as the same standing item."""

    earlier: list[AgendaItem] = field(default_factory=list)
    later: list[AgendaItem] = field(default_factory=list)
    last_time: AgendaItem | None = None
    next_time: AgendaItem | None = None
    # The idea it was made from, and the one that waits in a group's parking lot.
    was_idea: Idea | None = None
    waits_as: Idea | None = None
    # The internal groups of others in which it appears, too: that it does is all who reads here may know.
    inside: list[Group] = field(default_factory=list)

    @property
    def is_long(self) -> bool:
        around = self.last_time or self.next_time or self.was_idea or self.waits_as
        return bool(self.earlier or self.later or around or self.inside)


def thread_of(item: AgendaItem) -> Thread:
    """Return the item's earlier and later appearances, each in the order of time; a fixed number of queries."""
    before, after = _line(EARLIER, [item.pk]), _line(LATER, [item.pk])
    all_found = list(_with_decisions(AgendaItem.objects.filter(pk__in=[*before, *after]), item))
    found = {one.pk: one for one in all_found if is_seen_from(one, item)}
    about = Q(item=item.pk) | Q(handed_from__in=[item.pk, *after], handed_from__state__in=HANDED, item=None)
    ideas = list(Idea.objects.filter(about).select_related(*IDEA_WITH))
    around = _standing_around(item) if item.template_item_id else ()
    last_time, next_time = (_with_decisions(same, item).first() for same in around) if around else (None, None)
    last_time, next_time = (one if one and is_seen_from(one, item) else None for one in (last_time, next_time))
    return Thread(
        earlier=[found[pk] for pk in reversed(before) if pk in found],
        later=[found[pk] for pk in after if pk in found],
        last_time=last_time,
        next_time=next_time,
        was_idea=next((idea for idea in ideas if idea.item_id == item.pk), None),
        waits_as=next((idea for idea in ideas if idea.item_id is None), None),
        inside=sorted({group for one in all_found if (group := _kept_by(one, item))}, key=lambda group: group.name),
    )


def is_seen_from(other: AgendaItem, item: AgendaItem) -> bool:
    """Return whether who reads the item may read of the other: an internal group's items are its own, and what is for
    a group only is named where only the group reads.
    """
    group = other.meeting.group
    is_same = group.pk == item.meeting.group_id
    if other.visibility == Visibility.GROUP:
        return is_same and item.visibility == Visibility.GROUP
    return not group.is_internal or is_same


def _kept_by(other: AgendaItem, item: AgendaItem) -> Group | None:
    """Return the internal group of others that keeps the other item to itself, None where there is none."""
    group = other.meeting.group
    return group if group.is_internal and group.pk != item.meeting.group_id else None


def _with_decisions(items: QuerySet[AgendaItem], item: AgendaItem) -> QuerySet[AgendaItem]:
    shown = Decision.objects.order_by("year", "number")
    if item.visibility != Visibility.GROUP:
        shown = shown.exclude(visibility=Visibility.GROUP)
    decisions = Prefetch("decisions", shown)
    # A copy that was taken back when its meeting was reopened leads nowhere.
    is_copy = Q(state=AgendaItem.State.WITHDRAWN, carried_from__isnull=False)
    items = items.exclude(is_copy & ~Q(carried_from__state__in=WENT_ON))
    return items.select_related("meeting__group", "carried_to", "handed_to").prefetch_related(decisions)


def stands(item: AgendaItem) -> bool:
    """Return whether the item is on every agenda of its series."""
    return item.template_item is not None and not item.template_item.removed


def _standing_around(item: AgendaItem) -> tuple[QuerySet[AgendaItem], QuerySet[AgendaItem]]:
    """Return the same standing item in the meetings before and after, the nearest first."""
    here = item.meeting
    same = AgendaItem.objects.filter(template_item=item.template_item_id, state__in=AgendaItem.ON_AGENDA)
    same = same.exclude(meeting=here).exclude(meeting__state=Meeting.State.CANCELLED)
    earlier = same.filter(meeting__date__lt=here.date).order_by("-meeting__date", "-meeting__start_time", "-pk")
    later = same.filter(meeting__date__gt=here.date).order_by("meeting__date", "meeting__start_time", "pk")
    return earlier, later


@dataclass(frozen=True)
class PastMeeting:
    """A meeting of a series that is over: what it decided, how much it agreed on, how many towns were there."""

    meeting: Meeting
    decisions: list[Decision]
    actions: int
    present: int


def past_meetings(series: Series, today: date, page: int, *, inside: bool = True) -> Page[PastMeeting]:
    """Return one page of the meetings of a series that are over, the newest first; four queries.

    Who is not `inside` does not see the decisions that are for the group only.
    """
    over = Q(date__lt=today) | Q(state=Meeting.State.CLOSED)
    meetings = Meeting.objects.filter(over, series=series).exclude(state=Meeting.State.OPEN)
    decisions = Prefetch("decisions", _readable(inside, Decision.objects.order_by("year", "number")))
    meetings = meetings.prefetch_related(decisions).annotate(actions=Count("items__recorded_actions"))
    found: Page[Any] = Paginator(meetings.order_by("-date", "-start_time", "-pk"), MEETINGS_PER_PAGE).get_page(page)
    present = count_presences(list(found.object_list))
    found.object_list = [PastMeeting(m, list(m.decisions.all()), m.actions, present.get(m.pk, 0)) for m in found]
    return found


def _readable(inside: bool, things: QuerySet[Any]) -> QuerySet[Any]:
    return things if inside else things.exclude(visibility=Visibility.GROUP)


@dataclass(frozen=True)
class Hit:
    """An item in which all words were found, the place of the first, and the text around it in parts."""

    item: AgendaItem
    place: str | Promise
    # (text, whether it is what was searched for)
    parts: list[tuple[str, bool]]
    decision: Decision | None = None


@dataclass(frozen=True)
class Found:
    hits: list[Hit]
    # Whether there may be more: the search stopped at the most hits, or did not reach the oldest items.
    is_cut: bool


def search_series(series: Series, q: str, *, inside: bool = True) -> Found:
    """Return the items of a series in which every word of `q` stands, the newest meetings first.

    Titles, texts, notes, decisions and the towns' reports are read and compared here, because SQLite knows no capital
    umlauts. Reports count once their item has begun: before that each is its own town's. Who is not `inside` finds
    nothing that is for the group only.
    """
    words = [re.compile(re.escape(word), re.IGNORECASE) for word in _folded(q).split()]
    if not words:
        return Found([], False)
    hits: list[Hit] = []
    seen = 0
    for item in _to_search(series, inside):
        seen += 1
        if hit := _hit(item, words):
            hits.append(hit)
        if len(hits) == MOST_HITS:
            break
    return Found(hits, len(hits) == MOST_HITS or seen == MOST_ITEMS)


def _to_search(series: Series, inside: bool) -> Iterator[AgendaItem]:
    reports = Report.objects.filter(item__started_at__isnull=False).select_related("municipality")
    items = _readable(inside, AgendaItem.objects.filter(meeting__series=series)).select_related("meeting")
    decisions = Prefetch("decisions", _readable(inside, Decision.objects.order_by("-year", "-number")))
    items = items.prefetch_related(decisions, Prefetch("reports", reports.order_by("pk")))
    newest = items.order_by("-meeting__date", "-meeting__start_time", "position", "pk")
    return newest[:MOST_ITEMS].iterator(chunk_size=300)


Place = tuple[str | Promise, str, Decision | None]


def _hit(item: AgendaItem, words: list[re.Pattern[str]]) -> Hit | None:
    places = [(label, _folded(text), decision) for label, text, decision in _places(item) if text]
    everything = "\n".join(text for _label, text, _decision in places)
    if not all(word.search(everything) for word in words):
        return None
    # The place that says most of what was asked for.
    label, text, decision = max(places, key=lambda place: sum(1 for word in words if word.search(place[1])))
    return Hit(item, label, _parts(text, words), decision)


def _places(item: AgendaItem) -> Iterator[Place]:
    yield _("Title"), item.title, None
    for decision in item.decisions.all():
        yield _("Decision"), f"{decision.reference} {decision.subject}: {decision.wording}", decision
    yield _("Notes"), item.notes, None
    yield _("Text"), item.text, None
    for report in item.reports.all():
        yield _("Report"), f"{report.municipality}: {report.news} {report.needs} {report.offers}", None


def _folded(text: str) -> str:
    """Return the text with each letter as one character, however it was typed."""
    return unicodedata.normalize("NFC", text)


def _parts(text: str, words: list[re.Pattern[str]]) -> list[tuple[str, bool]]:
    """Return the text around the first word found, cut into what was searched for and the rest."""
    anywhere = re.compile("|".join(word.pattern for word in words), re.IGNORECASE)
    first = anywhere.search(text)
    begin = max(0, (first.start() if first else 0) - AROUND)
    end = min(len(text), (first.end() if first else 0) + 2 * AROUND)
    around, parts, at = text[begin:end], [], 0
    for match in anywhere.finditer(around):
        parts += [(around[at : match.start()], False), (match.group(), True)]
        at = match.end()
    parts.append((around[at:], False))
    return [("…", False)] * (begin > 0) + [part for part in parts if part[0]] + [("…", False)] * (end < len(text))
