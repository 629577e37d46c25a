"""What comes back to a meeting that is reopened: whatever nobody has touched where it went.

Runs inside the transaction of `reopen_meeting`, which holds the locks of the series, the group and the meeting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from meetings.models import AgendaItem, Idea, Meeting, Report, Wording

from .agenda import locked_meeting
from .carry import COPIED

State = AgendaItem.State


@dataclass
class CameBack:
    """The items that came back, the meetings they came from with the items that show it there, and the ideas."""

    items: list[AgendaItem] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    there: list[AgendaItem] = field(default_factory=list)
    ideas: list[Idea] = field(default_factory=list)


def bring_back(meeting: Meeting) -> CameBack:
    """Take back what the meeting carried over or handed to groups, and let standing items be there that never began.

    What somebody has changed, answered, begun or added to stays where it is. A copy is not deleted: it is withdrawn,
    and is used again when its item is carried to the same meeting again.
    """
    standing = list(
        AgendaItem.objects.filter(meeting=meeting, state=State.DROPPED, template_item__isnull=False, started_at=None)
    )
    back = CameBack(meetings=_locked_targets(meeting, standing))
    for copy in _untouched(meeting, back.meetings):
        back.items.append(_withdraw(copy, meeting))
        back.there.append(copy)
    handed = Idea.objects.filter(handed_from__meeting=meeting, state=Idea.State.PARKED).order_by("pk")
    for idea in handed.select_related("handed_from").select_for_update(of=("self",), no_key=True):
        back.items += [_let_go(idea)]
        back.ideas.append(idea)
    for item in standing:
        _put_back(item, State.PLANNED)
        back.items.append(item)
    back.there += _take_reports_back(standing, back.meetings)
    return back


def _locked_targets(meeting: Meeting, standing: Sequence[AgendaItem]) -> list[Meeting]:
    """Return the planned meetings to which something went, locked; the lock of the group lets no other one open."""
    lines = [item.template_item_id for item in standing]
    went = Q(items__carried_from__meeting=meeting) | Q(items__template_item__in=lines, items__reports__isnull=False)
    planned = Meeting.objects.filter(went, group=meeting.group_id, state=Meeting.State.PLANNED).exclude(pk=meeting.pk)
    return [locked_meeting(pk) for pk in sorted(set(planned.values_list("pk", flat=True)))]


def _untouched(meeting: Meeting, targets: Sequence[Meeting]) -> list[AgendaItem]:
    nobody = dict.fromkeys(("decisions", "recorded_actions", "speeches", "guests", "action_checks"))
    copies = AgendaItem.objects.filter(carried_from__meeting=meeting, meeting__in=targets, template_item=None, **nobody)
    copies = copies.filter(notes="", answer="", started_at=None)
    plain = {copy.pk: copy for copy in copies.select_related("carried_from", "meeting") if _is_as_carried(copy)}
    below = AgendaItem.objects.filter(parent__in=list(plain)).exclude(pk__in=list(plain))
    with_others = set(below.values_list("parent", flat=True))
    return [copy for copy in plain.values() if copy.pk not in with_others]


def _is_as_carried(copy: AgendaItem) -> bool:
    """Compared by content, as the version of one that was carried twice cannot tell."""
    old = copy.carried_from
    if old is None or (old.state, copy.state) not in (
        (State.CARRIED, State.PLANNED),
        (State.FORWARDED, State.PROPOSED),
    ):
        return False
    if any(getattr(copy, name) != getattr(old, name) for name in COPIED):
        return False
    if copy.wordings.filter(Q(state=Wording.State.RECORDED) | Q(state=Wording.State.DRAFT, version__gt=1)).exists():
        return False
    return _files(copy) == _files(old) and _reports(copy) <= _reports(old)


def _files(item: AgendaItem) -> set[tuple[str, str]]:
    return set(item.attachments.filter(removed_at=None).values_list("sha256", "name"))


def _reports(item: AgendaItem) -> set[tuple[object, ...]]:
    return set(item.reports.values_list("municipality", "state", "version", "written_at"))


def _withdraw(copy: AgendaItem, meeting: Meeting) -> AgendaItem:
    """Let an untouched copy go and return its item, on the agenda again."""
    old = copy.carried_from
    assert old is not None  # noqa: S101 - a copy has one
    _move_draft_back(copy, old)
    # The same files and reports are with the item itself.
    copy.attachments.filter(removed_at=None).update(removed_at=timezone.now())
    copy.reports.all().delete()
    copy.state, copy.parent = State.WITHDRAWN, None
    day = date_format(meeting.date, "SHORT_DATE_FORMAT")
    copy.answer = _("Went back to the meeting on %(date)s, which was reopened.") % {"date": day}
    copy.version += 1
    copy.save()
    return _put_back(old, State.PROPOSED if old.state == State.FORWARDED else State.PLANNED)


def _move_draft_back(copy: AgendaItem, old: AgendaItem) -> None:
    draft = copy.wordings.filter(state=Wording.State.DRAFT).first()
    if draft is None:
        return
    draft.state = Wording.State.DROPPED
    draft.save(update_fields=["state"])
    earlier = old.wordings.filter(state=Wording.State.DROPPED, text=draft.text).order_by("-pk").first()
    if earlier:
        earlier.state = Wording.State.DRAFT
        earlier.save(update_fields=["state"])


def _let_go(idea: Idea) -> AgendaItem:
    """Take an idea that nobody took up out of the parking lot and return its item, on the agenda again."""
    item = idea.handed_from
    assert item is not None  # noqa: S101 - asked for those that were handed over
    idea.state = Idea.State.DROPPED
    idea.version += 1
    idea.save(update_fields=["state", "version"])
    return _put_back(item, State.PROPOSED if item.state == State.FORWARDED else State.PLANNED)


def _put_back(item: AgendaItem, state: str) -> AgendaItem:
    item.state = state
    item.version += 1
    item.save(update_fields=["state", "version", "changed_at"])
    return item


def _take_reports_back(standing: Sequence[AgendaItem], targets: Sequence[Meeting]) -> list[AgendaItem]:
    """Take back the prepared reports that were passed on to the next round, word for word; returns its items."""
    rounds: list[AgendaItem] = []
    for report in Report.objects.filter(item__in=standing, state=Report.State.WRITTEN).select_related("item"):
        passed_on = Report.objects.filter(
            item__template_item=report.item.template_item_id,
            item__meeting__in=targets,
            item__started_at=None,
            municipality=report.municipality_id,
            state=report.state,
            version=report.version,
            written_at=report.written_at,
        )
        rounds += [one.item for one in passed_on.select_related("item")]
        passed_on.delete()
    return rounds
