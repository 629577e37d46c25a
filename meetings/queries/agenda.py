"""Reads: a meeting and its agenda, with numbers and the forecast of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from collab.network.models import Membership
from meetings.models import AgendaItem, Attachment, Meeting, MeetingGuest, Wording
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

    @property
    def is_reachable(self) -> bool:
        """Whether the meeting can go to it: it is to be treated, was finished or deferred."""
        state = AgendaItem.State
        return self.item.state in (state.PLANNED, state.DONE, state.DEFERRED)

    @property
    def since(self) -> datetime | None:
        """Since when it is active now; None where it is not."""
        return (self.item.running_since or self.item.started_at) if self.is_active else None

    @property
    def planned_seconds(self) -> int:
        return self.item.minutes * 60

    @property
    def rest(self) -> timedelta:
        """What is left of its planned time after the times it was active before."""
        return timedelta(seconds=max(0, self.planned_seconds - self.item.seconds_used))

    @property
    def used_minutes(self) -> int:
        """The whole minutes of the times it was active before, one at least where it was active at all."""
        used = self.item.seconds_used
        return max(1, round(used / 60)) if used else 0


@dataclass
class Agenda:
    """The rows of a meeting in order, what is proposed beside them, and the forecast of the end.

    `overdrawn` is how many minutes the forecast lies behind the planned end.
    """

    rows: list[Row]
    proposals: list[AgendaItem]
    set_aside: list[AgendaItem]
    ends: datetime
    planned_end: datetime
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

    @property
    def following(self) -> list[Row]:
        """What is still to be treated, in the order in which "next" comes to it."""
        return following_of(self.flat)

    @property
    def rest_seconds(self) -> int:
        """How long what follows the active item will take, in seconds."""
        return sum(round(row.rest.total_seconds()) for row in self.following)


def following_of(flat: Sequence[Row]) -> list[Row]:
    """Return the open rows below the place the meeting is at, then those above it that were passed over."""
    last = max((row.item.finished_at for row in flat if row.item.finished_at), default=None)
    active = [k for k, row in enumerate(flat) if row.is_active]
    left = [k for k, row in enumerate(flat) if last and row.item.finished_at == last]
    here = (active or left or [-1])[-1]
    return [row for row in (*flat[here + 1 :], *flat[: here + 1]) if not row.is_finished and not row.is_active]


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
        "project",
        "proposed_by__person",
        "proposed_by__municipality",
        "carried_from__meeting",
        "carried_to__meeting",
        "handed_to",
        "parent",
    )


def agenda_of(meeting: Meeting) -> Agenda:
    """Return the meeting's agenda; two queries, however long it is."""
    files = Count("attachments", filter=Q(attachments__removed_at=None), distinct=True)
    drafts = Wording.objects.filter(item=OuterRef("pk"), state=Wording.State.DRAFT)
    items = list(
        items_with_people()
        .filter(meeting=meeting)
        .annotate(
            files=files,
            decided=Count("decisions", filter=Q(decisions__voided_at=None), distinct=True),
            tasks=Count("recorded_actions", distinct=True),
            draft_text=Subquery(drafts.values("text")[:1]),
        )
        .order_by("position", "pk")
    )
    on_agenda = [item for item in items if item.state in AgendaItem.ON_AGENDA]
    rows = _numbered(on_agenda, meeting)
    ends = _forecast(rows, meeting)
    planned_end = _planned_end(meeting)
    return Agenda(
        rows=rows,
        proposals=[item for item in items if item.state == AgendaItem.State.PROPOSED],
        set_aside=[item for item in items if item.state in SET_ASIDE],
        ends=ends,
        planned_end=planned_end,
        overdrawn=max(0, round((ends - planned_end).total_seconds() / 60)),
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


def _planned_end(meeting: Meeting) -> datetime:
    """Return the planned end; of a meeting that was opened on another day, its planned length after the opening."""
    if meeting.opened_at and meeting.held_on != meeting.date:
        return meeting.opened_at + timedelta(minutes=meeting.minutes)
    return meeting.ends_at


def _forecast(rows: list[Row], meeting: Meeting) -> datetime:
    """Set begin and end of each row and return the forecast of the end.

    Sub-items follow their item: every item counts with its own minutes. What is over counts with the time it took, what
    is running lasts at least until now, and of what was active before only the rest of its time counts.
    """
    flat = [row for top in rows for row in (top, *top.children)]
    cursor = _run_so_far(flat, meeting, timezone.now())
    for row in following_of(flat) if meeting.state != Meeting.State.CLOSED else ():
        row.starts, cursor = cursor, cursor + row.rest
        row.ends = cursor
    for top in rows:
        top.ends = max([top.ends, *(child.ends for child in top.children)])
    return cursor


def _run_so_far(flat: list[Row], meeting: Meeting, now: datetime) -> datetime:
    """Set begin and end of what is over or active; return from when on the rest can begin."""
    begin = meeting.starts_at if meeting.state == Meeting.State.PLANNED else meeting.opened_at or meeting.starts_at
    last, active = begin, None
    for row in flat:
        item = row.item
        row.starts = row.ends = item.started_at or last
        if row.since:
            active = row
            row.ends = max(row.since + row.rest, now)
        elif item.finished_at or item.seconds_used:
            row.ends = item.finished_at or row.starts + timedelta(seconds=item.seconds_used)
        last = row.ends
    if active:
        return active.ends
    return max(begin, now) if meeting.state == Meeting.State.OPEN else last


def log_of(meeting: Meeting) -> QuerySet[AgendaItem]:
    """Return the meeting's items on which something was settled, with what it was, in the order of the agenda."""
    return (
        AgendaItem.objects.filter(meeting=meeting)
        .filter(Q(decisions__isnull=False) | Q(recorded_actions__isnull=False) | Q(recorded_involvements__isnull=False))
        .distinct()
        .prefetch_related(
            "decisions__revisions__by__person",
            "decisions__revisions__by__municipality",
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
    """Return the meetings a guest was invited to, or to items of (`their_items`), the next first, from today on."""
    meetings = Meeting.objects.filter(guests__membership=membership, date__gte=timezone.localdate()).distinct()
    items = MeetingGuest.objects.filter(membership=membership, item__isnull=False).select_related("item")
    items = items.order_by("item__position", "item")
    return (
        meetings.select_related(*MEETING_WITH)
        .prefetch_related(Prefetch("guests", items, to_attr="their_items"))
        .order_by("date", "start_time", "pk")
    )


def items_of_guest(membership: Membership, meeting: Meeting) -> list[AgendaItem]:
    """Return the items of the meeting that a guest was invited to, in the order of the agenda."""
    return list(AgendaItem.objects.filter(meeting=meeting, guests__membership=membership).order_by("position", "pk"))


def visible_attachments() -> Prefetch:
    return Prefetch(
        "attachments",
        Attachment.objects.filter(removed_at=None).select_related("uploaded_by__person", "uploaded_by__municipality"),
    )
