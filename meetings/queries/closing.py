"""Reads for the end of a meeting: what is unfinished, what its summary says, which action items its review asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from collab.live.models import Change
from meetings.models import ActionCheck, AgendaItem, Attendance, Decision, Kind, Meeting, RecordedAction
from workgroups.models import ActionItem, Group
from workgroups.queries import active_accessions

from .agenda import agenda_of, meeting_after

State = AgendaItem.State
UNFINISHED = (State.PLANNED, State.PROPOSED, State.DEFERRED)
# What a summary tells of items that were not treated to the end.
LEFT = (*UNFINISHED, State.CARRIED, State.FORWARDED, State.HANDED_ON, State.DROPPED)


@dataclass(frozen=True)
class Leftover:
    """What is not settled when a meeting closes: decided but not called up, standing and never begun, the rest."""

    decided: list[AgendaItem]
    not_begun: list[AgendaItem]
    unfinished: list[AgendaItem]


def leftover_of(meeting: Meeting) -> Leftover:
    """Return what the meeting has not finished, in the order of the agenda, proposals last; one query.

    The active item counts as unfinished: whoever closes the meeting says whether it was treated.
    """
    settled = Decision.objects.filter(item=OuterRef("pk"), voided_at=None)
    items = list(
        AgendaItem.objects.filter(meeting=meeting, state__in=UNFINISHED)
        .select_related("municipality", "proposed_by__person", "proposed_by__municipality", "parent")
        .annotate(is_decided=Exists(settled))
    )
    items.sort(key=_on_the_agenda)
    decided: list[AgendaItem] = []
    not_begun: list[AgendaItem] = []
    rest: list[AgendaItem] = []
    with_children = {item.parent_id for item in items}
    for item in items:
        is_planned = item.state == State.PLANNED and item.pk != meeting.active_item_id
        if is_planned and item.is_decided:
            decided.append(item)
        elif is_planned and item.template_item_id and not item.started_at and item.pk not in with_children:
            not_begun.append(item)
        else:
            rest.append(item)
    return Leftover(decided, not_begun, rest)


def _on_the_agenda(item: AgendaItem) -> tuple[bool, int, int, int, int]:
    is_proposal = item.state == State.PROPOSED
    if item.parent is None:
        return is_proposal, item.position, item.pk, 0, 0
    return is_proposal, item.parent.position, item.parent.pk, item.position, item.pk


@dataclass(frozen=True)
class Open:
    """An unfinished item as the closing form shows it."""

    item: AgendaItem
    number: str
    is_active: bool


def open_at_closing(meeting: Meeting) -> list[Open]:
    """Return the items whose fate is asked for when the meeting closes."""
    numbers = {row.item.pk: row.number for row in agenda_of(meeting).flat}
    return [
        Open(item, numbers.get(item.pk, ""), item.pk == meeting.active_item_id)
        for item in leftover_of(meeting).unfinished
    ]


def groups_to_hand_to(meeting: Meeting) -> QuerySet[Group]:
    return Group.objects.filter(network=meeting.network_id)


@dataclass(frozen=True)
class Reopening:
    """When, by whom and why a closed meeting was reopened, and when it had been closed."""

    at: datetime
    who: str
    reason: str
    closed_at: datetime | None


@dataclass(frozen=True)
class Summary:
    """A closed meeting in one minute."""

    began: datetime | None
    ended: datetime | None
    decisions: list[Decision]
    actions: list[ActionItem]
    left: list[AgendaItem]
    checks: list[ActionCheck]
    present: int
    towns: int
    reopenings: list[Reopening]
    # When it was closed again after having been reopened.
    closed_again: datetime | None
    following: Meeting | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing was settled and nothing was left."""
        return not (self.decisions or self.actions or self.left)


def summary_of(meeting: Meeting) -> Summary:
    """Return what a closed meeting came to; a fixed number of queries."""
    reopenings = reopenings_of(meeting)
    left = left_by(meeting)
    waits = any(item.state in UNFINISHED for item in left)
    return Summary(
        began=meeting.opened_at,
        ended=reopenings[0].closed_at if reopenings else meeting.closed_at,
        decisions=list(meeting.decisions.select_related("item").order_by("year", "number")),
        actions=_actions_born_in(meeting),
        left=left,
        checks=checks_of(meeting=meeting),
        present=Attendance.objects.filter(meeting=meeting, presences__isnull=False).distinct().count(),
        towns=active_accessions(meeting.network, meeting.held_on).values("municipality").distinct().count(),
        reopenings=reopenings,
        closed_again=meeting.closed_at if reopenings else None,
        following=meeting_after(meeting) if waits else None,
    )


def _actions_born_in(meeting: Meeting) -> list[ActionItem]:
    rows = RecordedAction.objects.filter(item__meeting=meeting).order_by("pk")
    rows = rows.select_related("action_item__municipality", "action_item__person__person")
    return [row.action_item for row in rows]


def left_by(meeting: Meeting) -> list[AgendaItem]:
    """Return the items that a closed meeting did not treat to the end, with where they went."""
    items = AgendaItem.objects.filter(meeting=meeting, state__in=LEFT)
    # A standing item that was never begun comes again by itself.
    items = items.exclude(state=State.DROPPED, template_item__isnull=False, started_at=None)
    found = items.select_related("parent", "carried_to__meeting", "handed_to__group", "handed_to__item__meeting")
    return sorted(found, key=_on_the_agenda)


def reopenings_of(meeting: Meeting) -> list[Reopening]:
    """Return how often a closed meeting was reopened, the first time first."""
    changes = Change.objects.filter(object_type="meeting", object_id=meeting.pk, verb="meeting_reopened")
    return [
        Reopening(
            at=change.at,
            who=change.actor_name,
            reason=change.params.get("reason", ""),
            closed_at=parse_datetime(change.params.get("closed_at", "")),
        )
        for change in changes.order_by("version")
    ]


def checks_of(**of: Any) -> list[ActionCheck]:
    """Return what was said of action items in reviews (of a meeting, an item), in the order it was said."""
    of = {f"item__{name}" if name == "meeting" else name: value for name, value in of.items()}
    checks = ActionCheck.objects.filter(**of).order_by("pk")
    return list(checks.select_related("action_item__municipality", "action_item__person__person", "by__person"))


@dataclass(frozen=True)
class ReviewRow:
    """An action item in a review, and what was said of it there, if anything."""

    action: ActionItem
    check: ActionCheck | None
    is_overdue: bool


@dataclass(frozen=True)
class Review:
    rows: list[ReviewRow] = field(default_factory=list)

    @property
    def checked(self) -> int:
        return sum(1 for row in self.rows if row.check)

    @property
    def order(self) -> str:
        return ",".join(str(row.action.pk) for row in self.rows)


def review_of(item: AgendaItem) -> Review:
    """Return the group's action items that come up in this review, the oldest due first; two queries.

    They are those still open, not born in this very meeting, and those that this review has settled.
    """
    checks = {check.action_item_id: check for check in item.action_checks.select_related("by__person")}
    today = timezone.localdate()
    actions = reviewable(item.meeting).filter(Q(state__in=ActionItem.OPEN_STATES) | Q(pk__in=list(checks)))
    actions = actions.select_related("municipality", "person__person", "recorded__item__meeting")
    rows = actions.order_by(F("due_on").asc(nulls_last=True), "pk")
    return Review([ReviewRow(one, checks.get(one.pk), one.is_overdue(today)) for one in rows])


def reviewable(meeting: Meeting) -> QuerySet[ActionItem]:
    """Return the action items of the meeting's group, those born in this meeting apart."""
    of_group = Q(group=meeting.group_id) | Q(recorded__item__meeting__group=meeting.group_id)
    actions = ActionItem.objects.filter(of_group, network=meeting.network_id)
    return actions.exclude(pk__in=RecordedAction.objects.filter(item__meeting=meeting).values("action_item"))


def is_review(item: AgendaItem | None) -> bool:
    return item is not None and item.kind == Kind.ACTIONS


def count_presences(meetings: Sequence[Meeting]) -> dict[int, int]:
    """Return by meeting how many towns sat at the table; one query."""
    rows = Attendance.objects.filter(meeting__in=[m.pk for m in meetings], presences__isnull=False)
    return dict(rows.values("meeting").annotate(n=Count("pk", distinct=True)).values_list("meeting", "n"))
