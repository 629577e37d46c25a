"""Reads: a meeting and its agenda, with numbers and the forecast of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from collab.network.models import Membership
from meetings.models import AgendaItem, Attachment, Meeting
from meetings.rules import standing, standing_at
from workgroups.models import Group

SET_ASIDE = (AgendaItem.State.DECLINED, AgendaItem.State.WITHDRAWN, AgendaItem.State.FORWARDED)
MEETING_WITH = ("network", "group", "series", "host", "chair__person", "minute_taker__person", "active_item")


@dataclass
class Row:
    """One item on the agenda: its number ("3.1"), and when it begins and ends as far as one can tell now."""

    item: AgendaItem
    number: str
    starts: datetime
    ends: datetime
    is_active: bool
    children: list[Row] = field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        return self.item.state != AgendaItem.State.PLANNED


@dataclass
class Agenda:
    """The rows of a meeting in order, what is proposed beside them, and the forecast of the end."""

    rows: list[Row]
    proposals: list[AgendaItem]
    set_aside: list[AgendaItem]
    ends: datetime
    overdrawn: int

    @property
    def flat(self) -> list[Row]:
        return [row for top in self.rows for row in (top, *top.children)]

    @property
    def order(self) -> str:
        return ",".join(str(row.item.pk) for row in self.flat)

    @property
    def active(self) -> Row | None:
        return next((row for row in self.flat if row.is_active), None)


def get_meeting_for(membership: Membership, pk: int) -> tuple[Meeting, str]:
    """Return the meeting and this member's standing in it; raises Http404 where they may not see it."""
    meeting = Meeting.objects.filter(network=membership.network_id, pk=pk).select_related(*MEETING_WITH).first()
    role = standing(membership, meeting) if meeting else None
    if meeting is None or role is None:
        raise Http404
    return meeting, role


def get_item_for(membership: Membership, pk: int) -> tuple[AgendaItem, str]:
    """Return the agenda item and this member's standing in its meeting; raises Http404 where they may not see it."""
    item = items_with_people().filter(pk=pk, meeting__network=membership.network_id).first()
    role = standing_at(membership, item) if item else None
    if item is None or role is None:
        raise Http404
    return item, role


def get_attachment_for(membership: Membership, pk: int) -> tuple[Attachment, str]:
    """Return a file that was not removed, and the standing; raises Http404 where they may not see its item."""
    attachment = Attachment.objects.filter(pk=pk, removed_at=None).select_related("uploaded_by").first()
    if attachment is None:
        raise Http404
    attachment.item, role = get_item_for(membership, attachment.item_id)
    return attachment, role


def items_with_people() -> QuerySet[AgendaItem]:
    return AgendaItem.objects.select_related(
        "meeting__group",
        "meeting__network",
        "meeting__active_item",
        "municipality",
        "proposed_by__person",
        "proposed_by__municipality",
        "carried_from__meeting",
        "carried_to__meeting",
        "parent",
    )


def agenda_of(meeting: Meeting) -> Agenda:
    """Return the meeting's agenda; two queries, however long it is."""
    files = Count("attachments", filter=Q(attachments__removed_at=None), distinct=True)
    items = list(
        items_with_people()
        .filter(meeting=meeting)
        .annotate(
            files=files,
            decided=Count("decisions", distinct=True),
            tasks=Count("recorded_actions", distinct=True),
        )
        .order_by("position", "pk")
    )
    on_agenda = [item for item in items if item.state in AgendaItem.ON_AGENDA]
    rows = _numbered(on_agenda, meeting)
    ends = _forecast(rows, meeting)
    late = max(0, round((ends - meeting.ends_at).total_seconds() / 60))
    return Agenda(
        rows=rows,
        proposals=[item for item in items if item.state == AgendaItem.State.PROPOSED],
        set_aside=[item for item in items if item.state in SET_ASIDE],
        ends=ends,
        overdrawn=late,
    )


def _numbered(items: Sequence[AgendaItem], meeting: Meeting) -> list[Row]:
    start = meeting.starts_at
    by_parent: dict[int | None, list[AgendaItem]] = {}
    on_agenda = {item.pk for item in items}
    for item in items:
        parent = item.parent_id if item.parent_id in on_agenda else None
        by_parent.setdefault(parent, []).append(item)
    rows = []
    for number, item in enumerate(by_parent.get(None, []), start=1):
        row = Row(item, str(number), start, start, item.pk == meeting.active_item_id)
        row.children = [
            Row(child, f"{number}.{k}", start, start, child.pk == meeting.active_item_id)
            for k, child in enumerate(by_parent.get(item.pk, []), start=1)
        ]
        rows.append(row)
    return rows


def _forecast(rows: list[Row], meeting: Meeting) -> datetime:
    """Set begin and end of each row and return the end of the last.

    Sub-items follow their item: every item counts with its own minutes. What is over counts with the time it took; what
    is running lasts at least until now.
    """
    now = timezone.now()
    cursor = meeting.opened_at or meeting.starts_at
    if meeting.state == Meeting.State.PLANNED:
        cursor = meeting.starts_at
    for row in rows:
        row.starts, cursor = _span(row, cursor, now)
        for child in row.children:
            child.starts, child.ends = _span(child, cursor, now)
            cursor = child.ends
        row.ends = cursor
    return cursor


def _span(row: Row, cursor: datetime, now: datetime) -> tuple[datetime, datetime]:
    item = row.item
    starts = item.started_at or cursor
    if item.finished_at:
        return starts, item.finished_at
    if item.state in (AgendaItem.State.CARRIED, AgendaItem.State.DROPPED, AgendaItem.State.DONE):
        return cursor, cursor
    ends = starts + timedelta(minutes=item.minutes)
    return starts, max(ends, now) if row.is_active else ends


def log_of(meeting: Meeting) -> QuerySet[AgendaItem]:
    """Return the meeting's items that have decisions or action items, with these, in the order of the agenda."""
    return (
        AgendaItem.objects.filter(meeting=meeting)
        .filter(Q(decisions__isnull=False) | Q(recorded_actions__isnull=False))
        .distinct()
        .prefetch_related(
            "decisions",
            "recorded_actions__action_item__municipality",
            "recorded_actions__action_item__person__person",
        )
        .order_by("position", "pk")
    )


def next_meeting_of(group: Group) -> Meeting | None:
    """Return the group's running meeting, else its next planned one from today on."""
    meetings = Meeting.objects.filter(group=group).select_related(*MEETING_WITH)
    running = meetings.filter(state=Meeting.State.OPEN).order_by("date", "start_time").first()
    planned = meetings.filter(state=Meeting.State.PLANNED, date__gte=timezone.localdate())
    return running or planned.order_by("date", "start_time").first()


def meeting_after(meeting: Meeting) -> Meeting | None:
    """Return the next planned meeting of the same series, else of the same group, after this one."""
    later = Meeting.objects.filter(group=meeting.group_id, state=Meeting.State.PLANNED).exclude(pk=meeting.pk)
    later = later.filter(date__gte=timezone.localdate()).filter(
        Q(date__gt=meeting.date) | Q(date=meeting.date, start_time__gt=meeting.start_time)
    )
    later = later.order_by("date", "start_time", "pk")
    in_series = later.filter(series=meeting.series_id).first() if meeting.series_id else None
    return in_series or later.first()


def guest_meetings_of(membership: Membership) -> QuerySet[Meeting]:
    """Return the meetings a guest was invited to, the next first, from today on."""
    meetings = Meeting.objects.filter(guests__membership=membership, date__gte=timezone.localdate())
    return meetings.select_related(*MEETING_WITH).order_by("date", "start_time")


def visible_attachments() -> Prefetch:
    return Prefetch(
        "attachments",
        Attachment.objects.filter(removed_at=None).select_related("uploaded_by__person", "uploaded_by__municipality"),
    )
