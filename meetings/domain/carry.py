"""Carrying items over: a copy in a later meeting, marked so; the item itself stays where it was."""

from __future__ import annotations

from collections.abc import Iterable

from meetings.models import AgendaItem, Attachment, Meeting, Report
from workgroups.models import Group

State = AgendaItem.State
COPIED = ("title", "kind", "municipality_id", "presenter", "minutes", "text", "links", "proposed_by_id")
OPEN = (State.PLANNED, State.PROPOSED, State.DEFERRED)


def carry_items(items: Iterable[AgendaItem], to: Meeting) -> list[AgendaItem]:
    """Copy items to the end of the agenda of `to`, before a standing last item; returns the copies.

    Keeps their order and levels, their texts, links and files. What was carried over already is left out. A proposal
    stays a proposal. The caller holds the locks of both meetings and records the change.
    """
    items = _not_yet_carried(items)
    copies = {item.pk: _copy(item, to) for item in items}
    tops = [item for item in items if item.parent_id not in copies]
    below = [item for item in items if item.parent_id in copies]
    AgendaItem.objects.bulk_create(copies[item.pk] for item in tops)
    for item in below:
        copies[item.pk].parent = copies[item.parent_id or 0]
    AgendaItem.objects.bulk_create(copies[item.pk] for item in below)
    _place([copies[item.pk] for item in tops], to)
    copy_files(copies)
    copy_prepared_reports(copies)
    for item in items:
        # A proposal nobody answered was never on this agenda: it only goes on.
        item.state = State.FORWARDED if item.state == State.PROPOSED else State.CARRIED
        item.version += 1
    AgendaItem.objects.bulk_update(items, ["state", "version"])
    return [copies[item.pk] for item in items]


def carry_waiting(group: Group, to: Meeting) -> list[AgendaItem]:
    """Carry what closed meetings of the group left unfinished when there was no next meeting; returns the copies."""
    waiting = AgendaItem.objects.filter(
        meeting__group=group, meeting__state=Meeting.State.CLOSED, state__in=OPEN, carried_to=None
    )
    return carry_items(waiting.order_by("meeting__date", "position", "pk"), to)


def _not_yet_carried(items: Iterable[AgendaItem]) -> list[AgendaItem]:
    items = [item for item in items if item.state != State.CARRIED]
    taken = set(AgendaItem.objects.filter(carried_from__in=items).values_list("carried_from", flat=True))
    return [item for item in items if item.pk not in taken]


def _copy(item: AgendaItem, to: Meeting) -> AgendaItem:
    state = State.PROPOSED if item.state == State.PROPOSED else State.PLANNED
    values = {name: getattr(item, name) for name in COPIED}
    return AgendaItem(meeting=to, state=state, carried_from=item, position=item.position, **values)


def _place(copies: list[AgendaItem], to: Meeting) -> None:
    """Number the top level of the agenda anew: the copies at its end, but before a closing standing item."""
    fresh = {copy.pk for copy in copies}
    on_agenda = AgendaItem.objects.filter(meeting=to, parent=None, state__in=AgendaItem.ON_AGENDA)
    agenda = list(on_agenda.exclude(pk__in=fresh).order_by("position", "pk"))
    closing = bool(agenda) and agenda[-1].template_item_id is not None and agenda[-1].started_at is None
    end = len(agenda) - 1 if closing else len(agenda)
    agenda[end:end] = copies
    for position, item in enumerate(agenda, start=1):
        item.position = position
    AgendaItem.objects.bulk_update(agenda, ["position"])


def copy_files(copies: dict[int, AgendaItem]) -> None:
    """Let the copies name the same stored files; these are never deleted."""
    files = list(Attachment.objects.filter(item__in=list(copies), removed_at=None))
    for file in files:
        file.item, file.pk = copies[file.item_id], None
        file._state.adding = True
    Attachment.objects.bulk_create(files)


def copy_prepared_reports(copies: dict[int, AgendaItem]) -> None:
    """Let what towns had prepared for a round that did not begin stand prepared in the later one.

    What a town has written there already stays.
    """
    later = {copy.pk for copy in copies.values()}
    there = set(Report.objects.filter(item__in=later).values_list("item", "municipality"))
    waiting = Report.objects.filter(item__in=list(copies), item__started_at=None, state=Report.State.WRITTEN)
    reports = [report for report in waiting if (copies[report.item_id].pk, report.municipality_id) not in there]
    for report in reports:
        report.item, report.pk = copies[report.item_id], None
        report._state.adding = True
    Report.objects.bulk_create(reports)
