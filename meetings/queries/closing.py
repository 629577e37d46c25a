"""Reads for the end of a meeting: what is unfinished, what its summary says, which action items its review asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_noop, override

from collab.live.models import Change
from meetings.models import (
    ActionCheck,
    AgendaItem,
    Attachment,
    Attendance,
    Decision,
    Kind,
    Meeting,
    RecordedAction,
    RecordedInvolvement,
)
from workgroups.models import ActionItem, Group
from workgroups.queries.group import active_groups

from .about import taken_on
from .agenda import agenda_of, meeting_after
from .decisions import REVISED_BY
from .presence import Row, Table, presence_of

State = AgendaItem.State
UNFINISHED = (State.PLANNED, State.PROPOSED, State.DEFERRED)
# What a group has, or had: on the agenda before, or proposed only.
HANDED = (State.HANDED_ON, State.FORWARDED)
# What a summary tells of items that were not treated to the end.
LEFT = (*UNFINISHED, State.CARRIED, State.FORWARDED, State.HANDED_ON, State.DROPPED)
# The answer to a proposal that is dropped when the meeting closes, in the language of whoever closes it.
NOT_TAKEN_UP = gettext_noop("Not taken up when the meeting closed.")


@dataclass(frozen=True)
class Leftover:
    """What is not settled when a meeting closes: decided but not called up, standing and never begun, the rest."""

    decided: list[AgendaItem]
    not_begun: list[AgendaItem]
    unfinished: list[AgendaItem]


def leftover_of(meeting: Meeting) -> Leftover:
    """Return what the meeting has not finished, in the order of the agenda, proposals last; one query.

    The active item counts as unfinished: whoever closes the meeting says whether it was treated. A standing item that
    was put off before it began comes again by itself like any other, unless somebody wrote something of its own there.
    """
    settled = Decision.objects.filter(item=OuterRef("pk"), voided_at=None)
    files = Attachment.objects.filter(item=OuterRef("pk"), removed_at=None)
    items = list(
        AgendaItem.objects.filter(meeting=meeting, state__in=UNFINISHED)
        .select_related(
            "municipality",
            "proposed_by__person",
            "proposed_by__municipality",
            "parent",
            "template_item__series",
            "handed_to__group",
        )
        .annotate(is_decided=Exists(settled), has_files=Exists(files))
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
        elif item.pk not in with_children and ((is_planned and _is_standing(item)) or _comes_again(item, meeting)):
            not_begun.append(item)
        else:
            rest.append(item)
    return Leftover(decided, not_begun, rest)


def _is_standing(item: AgendaItem) -> bool:
    return item.template_item_id is not None and item.started_at is None


def _comes_again(item: AgendaItem, meeting: Meeting) -> bool:
    """Whether a deferred item has not begun and is on the next agendas anyway, just as it is here."""
    line = item.template_item
    if item.state != State.DEFERRED or line is None or line.removed or item.started_at:
        return False
    if line.series.ended_on and line.series.ended_on <= meeting.date:
        return False
    own = item.text or item.links or item.notes or item.presenter or item.municipality_id or item.title != line.title
    return not (own or item.has_files)  # type: ignore[attr-defined]  # annotated


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
    return active_groups(meeting.network_id)


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

    decisions: list[Decision]
    actions: list[ActionItem]
    left: list[AgendaItem]
    checks: list[ActionCheck]
    table: Table
    reopenings: list[Reopening]
    # When it was closed again after having been reopened.
    closed_again: datetime | None
    following: Meeting | None = None
    taken_on: list[RecordedInvolvement] = field(default_factory=list)

    @property
    def decided(self) -> int:
        """How many decisions count: what was recorded by mistake is listed, and was not decided."""
        return sum(not decision.is_void for decision in self.decisions)

    @property
    def were_here(self) -> list[Row]:
        return [row for row in self.table.rows if row.stretches]

    @property
    def apologised(self) -> list[Row]:
        return [row for row in self._away if row.answer == Attendance.Answer.APOLOGISED]

    @property
    def missing(self) -> list[Row]:
        return [row for row in self._away if row.answer != Attendance.Answer.APOLOGISED]

    @property
    def _away(self) -> list[Row]:
        return [row for row in self.table.rows if not row.stretches]


def summary_of(meeting: Meeting) -> Summary:
    """Return what a closed meeting came to; a fixed number of queries."""
    reopenings = reopenings_of(meeting)
    left = left_by(meeting)
    waits = any(item.state in UNFINISHED for item in left)
    return Summary(
        decisions=list(meeting.decisions.order_by("year", "number").prefetch_related(*REVISED_BY)),
        actions=_actions_born_in(meeting),
        left=left,
        checks=checks_of(meeting=meeting),
        table=presence_of(meeting),
        reopenings=reopenings,
        closed_again=meeting.closed_at if reopenings else None,
        following=meeting_after(meeting) if waits else None,
        taken_on=taken_on(item__meeting=meeting),
    )


def _actions_born_in(meeting: Meeting) -> list[ActionItem]:
    rows = RecordedAction.objects.filter(item__meeting=meeting).order_by("pk")
    rows = rows.select_related("action_item__municipality", "action_item__person__person")
    return [row.action_item for row in rows]


def left_by(meeting: Meeting) -> list[AgendaItem]:
    """Return the items that a closed meeting did not treat to the end, with where they went."""
    items = AgendaItem.objects.filter(_is_left(), meeting=meeting)
    # A standing item that was never begun comes again by itself.
    items = items.exclude(state=State.DROPPED, template_item__isnull=False, started_at=None)
    found = items.select_related("parent", "carried_to__meeting", "handed_to__group", "handed_to__item__meeting")
    return sorted(found, key=_on_the_agenda)


def _is_left() -> Q:
    """What was not treated to the end; also a proposal that was dropped at the closing, whoever closed the meeting."""
    return Q(state__in=LEFT) | Q(state=State.DECLINED, answer__in=_said(NOT_TAKEN_UP))


def _said(text: str) -> set[str]:
    said = {text}
    for code, _name in settings.LANGUAGES:
        with override(code):
            said.add(gettext(text))
    return said


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
