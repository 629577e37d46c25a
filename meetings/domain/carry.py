"""Carrying items over: a copy in a later meeting, marked so; the item itself stays where it was."""

from __future__ import annotations

from collections.abc import Iterable

from meetings.models import AgendaItem, Attachment, Meeting, Report, Wording, WordingVersion
from meetings.models.visibility import passed_on
from workgroups.models import Group

from .agenda import index_agendas
from .template import items_of_their_own_line, untouched_items

State = AgendaItem.State
COPIED = (
    "title",
    "kind",
    "municipality_id",
    "presenter",
    "project_id",
    "minutes",
    "text",
    "links",
    "proposed_by_id",
    "visibility",
    "reviews_id",
)
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
    # A copy that is there by hand gets what was added to its item since.
    by_hand = AgendaItem.objects.filter(carried_from__in=there, state__in=OPEN, started_at=None)
    all_copies = {**copies, **{copy.carried_from_id or 0: copy for copy in by_hand}}
    copy_files(all_copies)
    copy_prepared_reports(all_copies)
    move_drafts(all_copies)
    items += there
    for item in items:
        # A proposal nobody answered was never on this agenda: it only goes on.
        item.state = State.FORWARDED if item.state == State.PROPOSED else State.CARRIED
        item.version += 1
    AgendaItem.objects.bulk_update(items, ["state", "version"])
    if items:
        index_agendas({to.pk, *(item.meeting_id for item in items)})
    return list(copies.values())


def carry_waiting(group: Group, to: Meeting) -> list[AgendaItem]:
    """Carry what closed meetings of the group left unfinished when there was no next meeting; returns the copies."""
    waiting = AgendaItem.objects.filter(meeting__group=group, meeting__state=Meeting.State.CLOSED, state__in=OPEN)
    return carry_items(waiting.order_by("meeting__date", "position", "pk"), to)


def carry_content(meeting: Meeting, to: Meeting) -> list[AgendaItem]:
    """Carry what people put on the agenda of a cancelled meeting; returns the items of `to` that have it now.

    What towns prepared for a standing round goes into that of `to`; where there is none the round itself goes on.
    """
    items = AgendaItem.objects.filter(meeting=meeting, state__in=OPEN).order_by("position", "pk")
    items = items.exclude(pk__in=untouched_items().filter(meeting=meeting))
    standing = set(items_of_their_own_line().filter(meeting=meeting).values_list("pk", flat=True))
    prepared = [item for item in items if item.pk in standing and item.reports.exists()]
    rounds = pass_on_prepared(prepared, to)
    passed_on = {item.template_item_id for item in rounds}
    left = {item.pk for item in prepared if item.template_item_id not in passed_on}
    return rounds + carry_items([item for item in items if item.pk in left or item.pk not in standing], to)


def pass_on_prepared(standing: Iterable[AgendaItem], to: Meeting) -> list[AgendaItem]:
    """Let what towns had prepared for standing rounds that did not begin stand prepared in those of `to`: these."""
    prepared = [item for item in standing if item.reports.exists()]
    again = AgendaItem.objects.filter(meeting=to, template_item__isnull=False) if prepared else []
    later = {item.template_item_id: item for item in again}
    rounds = {old.pk: later[old.template_item_id] for old in prepared if old.template_item_id in later}
    for item in rounds.values():
        item.meeting = to
    copy_prepared_reports(rounds)
    return list(rounds.values())


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
    copy.visibility = passed_on(copy.visibility)
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
    """Let the copies name the same stored files; these are never deleted. What a copy has already it has once."""
    later = [copy.pk for copy in copies.values()]
    there = set(Attachment.objects.filter(item__in=later, removed_at=None).values_list("item", "sha256", "name"))
    files = [
        file
        for file in Attachment.objects.filter(item__in=list(copies), removed_at=None)
        if (copies[file.item_id].pk, file.sha256, file.name) not in there
    ]
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
    """Let the wording under discussion on each item be discussed on its later one, unless one is there already."""
    drafts = Wording.objects.filter(state=Wording.State.DRAFT)
    busy = set(drafts.filter(item__in=[copy.pk for copy in copies.values()]).values_list("item", flat=True))
    for draft in [one for one in drafts.filter(item__in=list(copies)) if copies[one.item_id].pk not in busy]:
        later = Wording.objects.create(item=copies[draft.item_id], text=draft.text, created_by=draft.created_by)
        WordingVersion.objects.create(wording=later, number=later.version, text=later.text, by=later.created_by)
        draft.state = Wording.State.DROPPED
        draft.save(update_fields=["state"])
