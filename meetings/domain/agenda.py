"""Writes on an agenda: propose, accept, decline, edit, order. The meeting is locked first: one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from collab.search import index
from meetings import rules
from meetings.models import AgendaItem, Meeting
from meetings.queries.entries import is_findable, item_entries

from .regions import of_agenda

State = AgendaItem.State
MOST_ITEMS = 200


def locked_meeting(pk: int) -> Meeting:
    """Return the meeting, locked until the end of the transaction."""
    meeting = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("network", "group").get(pk=pk)
    return meeting


def locked_item(item: AgendaItem) -> tuple[Meeting, AgendaItem]:
    """Return the item's meeting and the item as they are now, the meeting locked."""
    meeting = locked_meeting(item.meeting_id)
    fresh = AgendaItem.objects.select_related("proposed_by").get(pk=item.pk)
    fresh.meeting = meeting
    return meeting, fresh


def need_preparable(meeting: Meeting) -> None:
    """Raise Refused where the agenda can no longer be changed."""
    if meeting.state == Meeting.State.CLOSED:
        raise Refused(_("This meeting is closed. Propose the item for the next meeting."))
    if meeting.state == Meeting.State.CANCELLED:
        raise Refused(_("This meeting was cancelled. Propose the item for another meeting."))


@transaction.atomic
def propose_item(*, meeting: Meeting, by: Membership, request_id: UUID | None = None, **values: Any) -> AgendaItem:
    """Add an item: a proposal; from the chair it is on the agenda at once. Returns it (once, also when sent twice)."""
    meeting = locked_meeting(meeting.pk)
    role = rules.standing(by, meeting)
    need(rules.may_propose(role))
    if request_id and (
        twin := AgendaItem.objects.filter(meeting=meeting, request_id=request_id, proposed_by=by).first()
    ):
        return twin
    need_new_form(AgendaItem, request_id)
    need_preparable(meeting)
    need_room(meeting)
    accepted = rules.may_lead(role)
    item = AgendaItem(meeting=meeting, proposed_by=by, request_id=request_id, **values)
    item.state = State.PLANNED if accepted else State.PROPOSED
    item.position = _end_of(meeting)
    item.save()
    if accepted:
        put_before_closing_item(meeting, item)
    verb = "item_added" if accepted else "item_proposed"
    return _recorded(meeting, item, verb, by)


@transaction.atomic
def edit_item(*, item: AgendaItem, version: int, by: Membership, **values: Any) -> AgendaItem:
    """Change title, kind, text and so on; raises Stale where somebody else changed the item since `version`."""
    meeting, item = locked_item(item)
    need(rules.may_edit_item(by, item, rules.standing(by, meeting)))
    need_preparable(meeting)
    if all(getattr(item, name) == value for name, value in values.items()):
        return item  # sent twice, or nothing changed
    need_version(item, version)
    earlier = [region_id("project-work", item.project_id)] if item.project_id else []
    for name, value in values.items():
        setattr(item, name, value)
    item.version += 1
    item.save()
    return _recorded(meeting, item, "item_edited", by, regions=earlier)


def need_room(meeting: Meeting) -> None:
    """Raise Refused where the agenda holds as many items as anybody can treat, or a page can show."""
    if AgendaItem.objects.filter(meeting=meeting).count() >= MOST_ITEMS:
        raise Refused(_("This agenda is full. Propose the item for another meeting."))


def need_version(item: AgendaItem, version: int) -> None:
    if item.version != version:
        raise Stale(item, last_actor(item))


@transaction.atomic
def accept_item(*, item: AgendaItem, by: Membership) -> AgendaItem:
    """Put a proposal (or one that was declined or withdrawn) on the agenda, before a closing standing item."""
    meeting, item = locked_item(item)
    need(rules.may_lead(rules.standing(by, meeting)))
    need_preparable(meeting)
    if item.state in AgendaItem.ON_AGENDA:
        return item
    _need_not_back(item)
    item.state, item.answer, item.parent = State.PLANNED, "", None
    item.version += 1
    item.save()
    put_before_closing_item(meeting, item)
    return _recorded(meeting, item, "item_accepted", by)


def _need_not_back(item: AgendaItem) -> None:
    """Raise Refused where the item it was carried from is to be treated in a meeting that was reopened."""
    old = item.carried_from
    if old is None or old.meeting.state != Meeting.State.OPEN:
        return
    if old.state in (State.PLANNED, State.PROPOSED, State.DEFERRED):
        raise Refused(_("It went back to “%(title)s”, which is in session again.") % {"title": str(old.meeting)})


@transaction.atomic
def decline_item(*, item: AgendaItem, answer: str, by: Membership) -> AgendaItem:
    """Decline a proposal, or take an item off the agenda, with a word why. It stays and can be accepted again."""
    meeting, item = locked_item(item)
    need(rules.may_lead(rules.standing(by, meeting)))
    need_preparable(meeting)
    if item.state == State.DECLINED:
        return item
    if item.pk == meeting.active_item_id or item.state == State.DONE:
        raise Refused(_("This item is being treated or was already. Move on to another item first."))
    _release_children(item)
    item.state, item.answer, item.parent = State.DECLINED, answer, None
    item.version += 1
    item.save()
    return _recorded(meeting, item, "item_declined", by, answer=answer)


@transaction.atomic
def withdraw_item(*, item: AgendaItem, by: Membership) -> AgendaItem:
    """Take one's town's own proposal back; it stays in the record."""
    meeting, item = locked_item(item)
    need(rules.may_edit_item(by, item, rules.standing(by, meeting)))
    need_preparable(meeting)
    if item.state != State.PROPOSED:
        raise Refused(_("Only a proposal that was not yet accepted can be withdrawn. Ask the chair."))
    item.state = State.WITHDRAWN
    item.version += 1
    item.save()
    return _recorded(meeting, item, "item_withdrawn", by)


@transaction.atomic
def place_item(*, item: AgendaItem, parent: AgendaItem | None, before: AgendaItem | None, by: Membership) -> AgendaItem:
    """Put an item in front of `before` (at the end where None), at the top level or below `parent`.

    Names a neighbour, not a number: whatever others moved meanwhile, it lands where the person saw it land.
    """
    meeting, item = locked_item(item)
    need(rules.may_lead(rules.standing(by, meeting)))
    need_preparable(meeting)
    parent = AgendaItem.objects.get(pk=parent.pk) if parent else None  # as it is under the lock
    _check_place(meeting, item, parent)
    siblings = [sibling for sibling in on_agenda(meeting, parent) if sibling.pk != item.pk]
    index = next((k for k, sibling in enumerate(siblings) if before and sibling.pk == before.pk), len(siblings))
    item.parent = parent
    item.save(update_fields=["parent"])
    siblings.insert(index, item)
    number_anew(siblings)
    return _recorded(meeting, item, "item_moved", by)


@transaction.atomic
def nudge_item(*, item: AgendaItem, direction: str, by: Membership) -> AgendaItem:
    """Move an item one step "up" or "down", or one level "in" (below the item above) or "out"; at an end it stays."""
    meeting, item = locked_item(item)
    siblings = list(on_agenda(meeting, item.parent))
    index = next((k for k, sibling in enumerate(siblings) if sibling.pk == item.pk), None)
    if index is None:
        raise Refused(_("This item is no longer on the agenda."))
    parent, before = item.parent, None
    if direction == "up" and index > 0:
        before = siblings[index - 1]
    elif direction == "down" and index < len(siblings) - 1:
        before = siblings[index + 2] if index + 2 < len(siblings) else None
    elif direction == "in" and parent is None and index > 0:
        parent = siblings[index - 1]
    elif direction == "out" and parent is not None:
        top = list(on_agenda(meeting, None))
        after = next(k for k, sibling in enumerate(top) if sibling.pk == parent.pk)
        parent, before = None, top[after + 1] if after + 1 < len(top) else None
    else:
        need(rules.may_lead(rules.standing(by, meeting)))
        return item
    return place_item(item=item, parent=parent, before=before, by=by)


def _check_place(meeting: Meeting, item: AgendaItem, parent: AgendaItem | None) -> None:
    if item.state not in AgendaItem.ON_AGENDA:
        raise Refused(_("This item is no longer on the agenda."))
    if parent is None:
        return
    misplaced = parent.meeting_id != meeting.pk or parent.pk == item.pk or parent.parent_id is not None
    if misplaced or parent.state not in AgendaItem.ON_AGENDA:
        raise Refused(_("An item can only be placed below a main item of the same agenda."))
    if item.children.exists():
        raise Refused(_("An item with sub-items cannot become a sub-item itself. Move its sub-items out first."))


def on_agenda(meeting: Meeting, parent: AgendaItem | None) -> list[AgendaItem]:
    """Return the main items of the agenda, or those below `parent`, in order."""
    items = AgendaItem.objects.filter(meeting=meeting, parent=parent, state__in=AgendaItem.ON_AGENDA)
    return list(items.order_by("position", "pk"))


def number_anew(siblings: list[AgendaItem]) -> None:
    """Store the order in which these stand in the list."""
    for position, sibling in enumerate(siblings, start=1):
        sibling.position = position
    AgendaItem.objects.bulk_update(siblings, ["position"])


def _end_of(meeting: Meeting) -> int:
    last = AgendaItem.objects.filter(meeting=meeting, parent=None).order_by("-position").first()
    return last.position + 1 if last else 1


def put_before_closing_item(meeting: Meeting, item: AgendaItem) -> None:
    """New items go before a standing last item such as "any other business"."""
    siblings = [sibling for sibling in on_agenda(meeting, None) if sibling.pk != item.pk]
    last_stands = bool(siblings) and siblings[-1].template_item_id is not None and siblings[-1].started_at is None
    siblings.insert(len(siblings) - 1 if last_stands else len(siblings), item)
    number_anew(siblings)


def index_items(items: Iterable[AgendaItem]) -> None:
    """Let agenda items be found as they are now; those that were set aside no more."""
    items = list(items)
    index.put(*item_entries(items))
    if gone := [item.pk for item in items if not is_findable(item)]:
        index.remove("item", gone)


def index_agendas(meetings: Iterable[int]) -> None:
    """Let everything on the agendas of these meetings be found as it is now."""
    index_items(AgendaItem.objects.filter(meeting__in=list(meetings)).select_related("meeting"))


def _release_children(item: AgendaItem) -> None:
    item.children.update(parent=None, position=item.position)


def _recorded(
    meeting: Meeting, item: AgendaItem, verb: str, by: Membership, regions: Iterable[str] = (), **params: Any
) -> AgendaItem:
    index_items([item])
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=item,
        regions=[*of_agenda(meeting, item), *regions],
        params={"title": item.title, "meeting": meeting.title, "date": meeting.date.isoformat(), **params},
    )
    return item
