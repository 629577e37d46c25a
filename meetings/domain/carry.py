"""Carrying items over: a copy in a later meeting, marked so; the item itself stays where it was."""

from __future__ import annotations

from collections.abc import Iterable

from meetings.models import AgendaItem, Attachment, Meeting, Report, Wording, WordingVersion
from workgroups.models import Group

State = AgendaItem.State
COPIED = ("title", "kind", "municipality_id", "presenter", "minutes", "text", "links", "proposed_by_id")
OPEN = (State.PLANNED, State.PROPOSED, State.DEFERRED)


def carry_items(items: Iterable[AgendaItem], to: Meeting) -> list[AgendaItem]:
    """Copy items to the end of the agenda of `to`, before a standing last item; returns the copies.

    Keeps their order and levels, their texts, links and files, and the wording under discussion. What was carried over
    already is left out; what came back from `to` when its meeting was reopened gets its copy there again. A proposal
    stays a proposal. The caller holds the locks of both meetings and records the change.
    """
    items, there = _not_yet_carried(items)
    again = _taken_back(items, to)
    copies = {item.pk: _copy(item, to, again.get(item.pk)) for item in items}
    tops = [item for item in items if item.parent_id not in copies]
    below = [item for item in items if item.parent_id in copies]
    _save(copies[item.pk] for item in tops)
    for item in below:
        copies[item.pk].parent = copies[item.parent_id or 0]
    _save(copies[item.pk] for item in below)
    _place([copies[item.pk] for item in tops], to)
    copy_files(copies)
    copy_prepared_reports(copies)
    move_drafts(copies)
    items += there
    for item in items:
        # A proposal nobody answered was never on this agenda: it only goes on.
        item.state = State.FORWARDED if item.state == State.PROPOSED else State.CARRIED
        item.version += 1
    AgendaItem.objects.bulk_update(items, ["state", "version"])
    return list(copies.values())


def carry_waiting(group: Group, to: Meeting) -> list[AgendaItem]:
    """Carry what closed meetings of the group left unfinished when there was no next meeting; returns the copies."""
    waiting = AgendaItem.objects.filter(meeting__group=group, meeting__state=Meeting.State.CLOSED, state__in=OPEN)
    return carry_items(waiting.order_by("meeting__date", "position", "pk"), to)


def _not_yet_carried(items: Iterable[AgendaItem]) -> tuple[list[AgendaItem], list[AgendaItem]]:
    """Return the items to copy, and those whose copy somebody has put on the later agenda again by hand."""
    items = [item for item in items if item.state not in (State.CARRIED, State.FORWARDED)]
    copies = AgendaItem.objects.filter(carried_from__in=items).exclude(state=State.WITHDRAWN)
    taken = set(copies.values_list("carried_from", flat=True))
    return [item for item in items if item.pk not in taken], [item for item in items if item.pk in taken]


def _taken_back(items: list[AgendaItem], to: Meeting) -> dict[int, AgendaItem]:
    """Return the copies in `to` that were taken back, by their items; those elsewhere are copies no longer."""
    copies = AgendaItem.objects.filter(carried_from__in=items)
    copies.exclude(meeting=to).update(carried_from=None)
    return {copy.carried_from_id or 0: copy for copy in copies.filter(meeting=to)}


def _copy(item: AgendaItem, to: Meeting, again: AgendaItem | None) -> AgendaItem:
    copy = again or AgendaItem(meeting=to, carried_from=item)
    if again:
        copy.version += 1
    copy.state = State.PROPOSED if item.state == State.PROPOSED else State.PLANNED
    copy.position, copy.parent, copy.answer = item.position, None, ""
    for name in COPIED:
        setattr(copy, name, getattr(item, name))
    return copy


def _save(copies: Iterable[AgendaItem]) -> None:
    fresh: list[AgendaItem] = []
    for copy in copies:
        fresh.append(copy) if copy.pk is None else copy.save()
    AgendaItem.objects.bulk_create(fresh)


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


def move_drafts(copies: dict[int, AgendaItem]) -> None:
    """Let the wording under discussion on each item be discussed on its later one."""
    for draft in list(Wording.objects.filter(item__in=list(copies), state=Wording.State.DRAFT)):
        later = Wording.objects.create(item=copies[draft.item_id], text=draft.text, created_by=draft.created_by)
        WordingVersion.objects.create(wording=later, number=later.version, text=later.text, by=later.created_by)
        draft.state = Wording.State.DROPPED
        draft.save(update_fields=["state"])
