"""The agenda that every meeting of a series starts with, and how a change of it reaches planned meetings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from meetings.models import (
    ActionCheck,
    AgendaItem,
    Attachment,
    Decision,
    Idea,
    Kind,
    Meeting,
    MeetingGuest,
    NotesVersion,
    RecordedAction,
    Report,
    Series,
    Speech,
    TemplateItem,
    Wording,
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a template agenda; `pk` names the template item it was before, if any."""

    title: str
    kind: str = Kind.INFORMATION
    minutes: int = 5
    pk: int | None = None


def default_lines() -> list[Line]:
    """Return the agenda that is suggested for a new series, in the active language."""
    return [
        Line(title=_("Opening and quorum"), minutes=5),
        Line(title=_("Approval of the last minutes"), kind=Kind.APPROVAL, minutes=5),
        Line(title=_("Round of reports"), kind=Kind.ROUND, minutes=25),
        Line(title=_("Focus topic"), kind=Kind.DISCUSSION, minutes=30),
        Line(title=_("Action items and decisions so far"), kind=Kind.ACTIONS, minutes=10),
        Line(title=_("Any other business"), kind=Kind.DISCUSSION, minutes=10),
    ]


def untouched_items() -> QuerySet[AgendaItem]:
    """Return the agenda items that still are what their template says and nothing more.

    Compared by content: a change of the template raises an item's version too, so the version cannot tell.
    """
    return items_of_their_own_line().exclude(_has_more())


def items_of_their_own_line() -> QuerySet[AgendaItem]:
    """Return the items that would be there again in another meeting of the series, with all they say.

    Reports may be prepared for them, and guests be invited to them: then they are not deleted, but not copied either.
    """
    return AgendaItem.objects.filter(
        template_item__isnull=False,
        title=F("template_item__title"),
        kind=F("template_item__kind"),
        minutes=F("template_item__minutes"),
        state=AgendaItem.State.PLANNED,
        parent=None,
        text="",
        links=[],
        notes="",
        answer="",
        presenter="",
        municipality=None,
        carried_from=None,
        started_at=None,
    ).exclude(_has_company())


def _has_company() -> Exists | object:
    item = OuterRef("pk")
    return (
        Exists(AgendaItem.objects.filter(parent=item))
        | Exists(Attachment.objects.filter(item=item))
        | Exists(Decision.objects.filter(item=item))
        | Exists(RecordedAction.objects.filter(item=item))
        | Exists(Wording.objects.filter(item=item))
        | Exists(AgendaItem.objects.filter(carried_from=item))
    )


def _has_more() -> Exists | object:
    """What hangs on an item and is not copied with it."""
    item = OuterRef("pk")
    return (
        Exists(Report.objects.filter(item=item))
        | Exists(MeetingGuest.objects.filter(item=item))
        | Exists(Speech.objects.filter(item=item))
        | Exists(NotesVersion.objects.filter(item=item))
        | Exists(ActionCheck.objects.filter(item=item))
        | Exists(Idea.objects.filter(handed_from=item))
        | Exists(Idea.objects.filter(item=item))
    )


def add_agendas(meetings: Iterable[Meeting], template: Sequence[TemplateItem]) -> None:
    """Give new meetings their agenda."""
    AgendaItem.objects.bulk_create(
        _item(meeting, line, position) for meeting in meetings for position, line in enumerate(template, start=1)
    )


def _item(meeting: Meeting, line: TemplateItem, position: int) -> AgendaItem:
    return AgendaItem(
        meeting=meeting,
        template_item=line,
        position=position,
        title=line.title,
        kind=line.kind,
        minutes=line.minutes,
        state=AgendaItem.State.PLANNED,
    )


def save_template(series: Series, lines: Sequence[Line], meetings: Sequence[Meeting]) -> bool:
    """Make `lines` the template of the series, and let the agendas of `meetings` follow where nobody touched them.

    Returns whether anything changed. The caller holds the locks of the series and the meetings.
    """
    before = list(series.template_items.filter(removed=False))
    if [_as_line(item) for item in before] == list(lines):
        return False
    # What is untouched is known only as long as the template is what it was.
    free = list(untouched_items().filter(meeting__in=meetings).values_list("pk", flat=True))
    template = _write(series, before, lines)
    _follow(meetings, before, template, set(free))
    return True


def _as_line(item: TemplateItem) -> Line:
    return Line(title=item.title, kind=item.kind, minutes=item.minutes, pk=item.pk)


def _write(series: Series, before: Sequence[TemplateItem], lines: Sequence[Line]) -> list[TemplateItem]:
    """Save the lines and return them as template items, in order."""
    known = {item.pk: item for item in before}
    template, fresh = [], []
    for position, line in enumerate(lines, start=1):
        item = known.pop(line.pk, None) if line.pk else None
        if item is None:
            item = TemplateItem(series=series)
            fresh.append(item)
        item.title, item.kind, item.minutes, item.position = line.title, line.kind, line.minutes, position
        template.append(item)
    TemplateItem.objects.bulk_create(fresh)
    TemplateItem.objects.bulk_update(template, ["title", "kind", "minutes", "position"])
    TemplateItem.objects.filter(pk__in=list(known)).update(removed=True)
    return template


def _follow(
    meetings: Sequence[Meeting], before: Sequence[TemplateItem], template: Sequence[TemplateItem], free: set[int]
) -> None:
    on_agenda = AgendaItem.objects.filter(meeting__in=meetings, parent=None, state__in=AgendaItem.ON_AGENDA).order_by(
        "position", "pk"
    )
    agendas: dict[int, list[AgendaItem]] = {meeting.pk: [] for meeting in meetings}
    for item in on_agenda:
        agendas[item.meeting_id].append(item)
    kept = {line.pk for line in template}
    known = {line.pk for line in before}
    changed: list[AgendaItem] = []
    fresh: list[AgendaItem] = []
    gone: list[int] = []
    for meeting in meetings:
        gone += [i.pk for i in agendas[meeting.pk] if i.pk in free and i.template_item_id not in kept]
        agenda = [item for item in agendas[meeting.pk] if item.pk not in gone]
        agenda = _in_new_order(agenda, meeting, template, known)
        for position, item in enumerate(agenda, start=1):
            if _adopt(item, position, item.pk in free, template):
                (changed if item.pk else fresh).append(item)
    AgendaItem.objects.filter(pk__in=gone).delete()
    AgendaItem.objects.bulk_update(changed, ["title", "kind", "minutes", "position", "version"])
    AgendaItem.objects.bulk_create(fresh)


def _in_new_order(
    agenda: list[AgendaItem], meeting: Meeting, template: Sequence[TemplateItem], known: set[int]
) -> list[AgendaItem]:
    """Return the agenda with the template's items in the template's order, in the places such items had.

    A new line comes after the line it follows in the template; what members added stays where it is.
    """
    order = {line.pk: k for k, line in enumerate(template)}
    standing = [item for item in agenda if item.template_item_id in order]
    sorted_standing = iter(sorted(standing, key=lambda item: order[item.template_item_id or 0]))
    agenda = [next(sorted_standing) if item.template_item_id in order else item for item in agenda]
    for k, line in enumerate(template):
        if line.pk in known:
            continue
        earlier = {one.pk for one in template[:k]}
        places = [place for place, item in enumerate(agenda, start=1) if item.template_item_id in earlier]
        agenda.insert(max(places, default=0), _item(meeting, line, 0))
    return agenda


def _adopt(item: AgendaItem, position: int, is_free: bool, template: Sequence[TemplateItem]) -> bool:
    """Let the item take its place and, where nobody touched it, its template's words; return whether it changed."""
    line = next((line for line in template if line.pk == item.template_item_id), None)
    was = (item.position, item.title, item.kind, item.minutes)
    item.position = position
    if is_free and line:
        item.title, item.kind, item.minutes = line.title, line.kind, line.minutes
    if was[1:] != (item.title, item.kind, item.minutes):
        item.version += 1
    return item.pk is None or was != (item.position, item.title, item.kind, item.minutes)
