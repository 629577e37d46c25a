"""Leading a meeting: back, finish, defer, split, add on the spot, take back; who chairs and who holds the pen."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, need_new_form
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Meeting, Step
from meetings.models.visibility import passed_on
from meetings.queries.agenda import agenda_of
from meetings.queries.steps import (
    first_begun_by,
    in_words,
    item_before,
    last_step,
    traces_of,
    traces_since,
    why_it_stays_open,
)
from workgroups.domain.group import locked_group

from .agenda import (
    index_items,
    locked_item,
    locked_meeting,
    need_room,
    number_anew,
    on_agenda,
    put_before_closing_item,
)
from .steps import go_on, need_expected, need_running, record_step, restore, snapshot, take_step

State = AgendaItem.State


@transaction.atomic
def previous_item(*, meeting: Meeting, expected: int | None, by: Membership) -> Meeting:
    """Go back to the item that was active before; the one that is left stays on the agenda, to be treated."""
    meeting = locked_meeting(meeting.pk)
    need_running(meeting=meeting, by=by)
    need_expected(meeting=meeting, expected=expected, by=by)
    earlier = item_before(meeting, [row.item for row in agenda_of(meeting).flat])
    if earlier is None:
        raise Refused(_("There is no earlier item to go back to."))
    return go_on(meeting=meeting, to=earlier, verb="item_returned_to", by=by, left_as=State.PLANNED)


@transaction.atomic
def finish_item(*, meeting: Meeting, expected: int | None, by: Membership) -> Meeting:
    """Finish the active item without starting another. Twice does nothing more."""
    meeting = locked_meeting(meeting.pk)
    need_running(meeting=meeting, by=by)
    if meeting.active_item_id is None:
        return meeting
    need_expected(meeting=meeting, expected=expected, by=by)
    return go_on(meeting=meeting, to=None, verb="item_finished", by=by, about=meeting.active_item)


@transaction.atomic
def defer_item(*, item: AgendaItem, expected: int | None, by: Membership) -> Meeting:
    """Put an item off: it stays on this agenda marked so, and is settled when the meeting closes.

    Where it was active the meeting goes on to the next one. Twice does nothing more.
    """
    meeting, item = locked_item(item)
    need_running(meeting=meeting, by=by)
    if item.state == State.DEFERRED:
        return meeting
    if item.pk in (expected, meeting.active_item_id):
        need_expected(meeting=meeting, expected=expected, by=by)
    if item.state != State.PLANNED:
        raise Refused(_("Only an item that is still to be treated can be deferred."))
    if item.pk == meeting.active_item_id:
        following = next((row.item for row in agenda_of(meeting).following), None)
        return go_on(meeting=meeting, to=following, verb="item_deferred", by=by, left_as=State.DEFERRED, about=item)
    _set_state(meeting, item, State.DEFERRED, "item_deferred", by)
    return meeting


@transaction.atomic
def resume_item(*, item: AgendaItem, by: Membership) -> Meeting:
    """Bring a deferred item back among those to be treated, at its old place. Twice does nothing more.

    In a meeting that was reopened also one that was dropped when it closed.
    """
    meeting, item = locked_item(item)
    need_running(meeting=meeting, by=by)
    if item.state == State.PLANNED:
        return meeting
    if item.state not in (State.DEFERRED, State.DROPPED):
        raise Refused(_("Only an item that was deferred or not treated can be brought back."))
    _set_state(meeting, item, State.PLANNED, "item_resumed", by)
    return meeting


def _set_state(meeting: Meeting, item: AgendaItem, state: str, verb: str, by: Membership) -> None:
    before = snapshot(meeting, item)
    item.state = state
    item.save(update_fields=["state"])
    take_step(meeting=meeting, verb=verb, before=before, by=by, about=item)
    record_step(meeting=meeting, verb=verb, by=by, items=[item], about=item)


@transaction.atomic
def split_item(
    *, item: AgendaItem, title: str, minutes: int, by: Membership, request_id: UUID | None = None
) -> AgendaItem:
    """Make an item of its own of the rest of this one, right behind it; returns it (once, also when sent twice)."""
    meeting, item = locked_item(item)
    need_running(meeting=meeting, by=by)
    if twin := _twin(meeting, request_id, by):
        return twin
    if item.state not in (State.PLANNED, State.DONE, State.DEFERRED):
        raise Refused(_("This item is not on the agenda of this meeting."))
    values = {name: getattr(item, name) for name in ("kind", "municipality_id", "presenter", "project_id")}
    rest = AgendaItem(title=title, minutes=minutes, visibility=passed_on(item.visibility), **values)
    _insert(meeting, rest, item, by, request_id)
    before = snapshot(meeting)
    take_step(meeting=meeting, verb="item_split", before=before, by=by, about=rest, created=rest)
    record_step(meeting=meeting, verb="item_split", by=by, items=[rest], about=rest, whole_title=item.title)
    return rest


@transaction.atomic
def add_on_the_spot(
    *,
    meeting: Meeting,
    title: str,
    minutes: int,
    kind: str,
    by: Membership,
    request_id: UUID | None = None,
    start: bool = False,
    expected: int | None = None,
) -> AgendaItem:
    """Put an item right behind the active one, or at the end but before a closing standing item; returns it (once).

    With `start` the meeting moves on to it at once; `expected` is then the active item the person saw.
    """
    meeting = locked_meeting(meeting.pk)
    need_running(meeting=meeting, by=by)
    if twin := _twin(meeting, request_id, by):
        return twin
    if start:
        need_expected(meeting=meeting, expected=expected, by=by)
    item = AgendaItem(title=title, minutes=minutes, kind=kind)
    _insert(meeting, item, meeting.active_item, by, request_id)
    if start:
        go_on(meeting=meeting, to=item, verb="item_added", by=by, created=True)
        return item
    take_step(meeting=meeting, verb="item_added", before=snapshot(meeting), by=by, about=item, created=item)
    record_step(meeting=meeting, verb="item_added", by=by, items=[item], about=item)
    return item


def _twin(meeting: Meeting, request_id: UUID | None, by: Membership) -> AgendaItem | None:
    if request_id is None:
        return None
    twin = AgendaItem.objects.filter(meeting=meeting, request_id=request_id, proposed_by=by).first()
    if twin is None:
        need_new_form(AgendaItem, request_id)
    return twin


def _insert(
    meeting: Meeting, item: AgendaItem, behind: AgendaItem | None, by: Membership, request_id: UUID | None
) -> None:
    """Save a new item of the agenda on the level of the one it stands behind."""
    need_room(meeting)
    item.meeting, item.state, item.proposed_by, item.request_id = meeting, State.PLANNED, by, request_id
    item.parent_id = behind.parent_id if behind else None
    item.save()
    index_items([item])
    if behind is None:
        return put_before_closing_item(meeting, item)
    siblings = [one for one in on_agenda(meeting, item.parent) if one.pk != item.pk]
    here = next((k for k, one in enumerate(siblings) if one.pk == behind.pk), len(siblings) - 1)
    siblings.insert(here + 1, item)
    number_anew(siblings)


@transaction.atomic
def undo(*, meeting: Meeting, step: int, by: Membership) -> Meeting:
    """Take back the last step of whoever leads; `step` is the one the person saw. Twice does nothing more.

    Raises Refused where there is a newer step meanwhile, or where something has come of the step since.
    """
    locked_group(meeting.group_id)  # the group's other meetings may be opened again
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    seen = Step.objects.filter(meeting=meeting, pk=step).first()
    if seen and seen.undone_at:
        return meeting
    need_running(meeting=meeting, by=by)
    last = last_step(meeting)
    if seen and (last is None or last.pk < seen.pk):
        raise Refused(_("This has been changed since and can no longer be taken back."))
    if last is None or seen is None:
        raise Refused(_("There is nothing to take back."))
    if last.pk != seen.pk:
        why = _("Meanwhile there was another step: %(what)s. Look again before you take it back.")
        raise Refused(why % {"what": in_words(last)})
    _need_without_traces(meeting, last)
    items = _take_back(meeting, last)
    # What was passed over as changed since must not come up again between older steps.
    Step.objects.filter(meeting=meeting, pk__gt=last.pk, undone_at=None).update(undone_at=last.undone_at)
    whole = last.verb == "meeting_opened"
    verb = "opening_undone" if whole else "step_undone"
    touched = [] if whole else [item.pk for item in items]
    record_step(meeting=meeting, verb=verb, by=by, items=items, whole=whole, title=last.title, touched=touched)
    return meeting


def _need_without_traces(meeting: Meeting, step: Step) -> None:
    if step.verb == "meeting_opened" and (why := why_it_stays_open(meeting)):
        raise Refused(why)
    created = AgendaItem.objects.filter(pk=step.before["created"]).first()
    if created and traces_of(created):
        why = _("“%(title)s” is in use by now. Defer it, or take it off the agenda with a word why.")
        raise Refused(why % {"title": created.title})
    begun = AgendaItem.objects.filter(pk=first_begun_by(step) or 0).first()
    if begun and traces_since(begun, step.at):
        why = _("Something has been recorded under “%(title)s” since. Go back to the earlier item instead.")
        raise Refused(why % {"title": begun.title})


def _take_back(meeting: Meeting, step: Step) -> list[AgendaItem]:
    if step.verb == "meeting_opened":
        meeting.version += 1
        if meeting.chair_id != step.by_id:  # handed over since
            step.before["meeting"].pop("chair_id")
    items = restore(meeting, step)
    for item in items:
        if item.pk == step.before["created"]:
            # What was never meant is not deleted either: it stays in the record as withdrawn.
            item.state, item.running_since = State.WITHDRAWN, None
            item.version += 1
            item.save(update_fields=["state", "running_since", "version"])
            index_items([item])
    return items


@transaction.atomic
def take_pen(*, meeting: Meeting, expected: int | None, by: Membership) -> Meeting:
    """Become the minute-taker of this meeting; `expected` is the one the person saw. Twice does nothing more.

    Raises Refused where somebody else took the pen meanwhile.
    """
    meeting = _locked_before_end(meeting)
    need(rules.may_write(rules.standing(by, meeting)))
    return _hand(meeting, "minute_taker", by, expected, "pen_taken", by)


@transaction.atomic
def take_chair(*, meeting: Meeting, expected: int | None, by: Membership) -> Meeting:
    """Take the chair (back): whoever may lead by their role in the group. Twice does nothing more."""
    meeting = _locked_before_end(meeting)
    need(rules.may_plan(by, meeting.group))
    return _hand(meeting, "chair", by, expected, "chair_taken", by)


@transaction.atomic
def hand_over(*, meeting: Meeting, what: str, to: Membership, expected: int | None, by: Membership) -> Meeting:
    """Hand the "chair" or the "pen" to somebody else; their screens get their new controls at once.

    `expected` is the membership that had it when the person decided; raises Refused where it has moved on since.
    """
    meeting = _locked_before_end(meeting)
    role = rules.standing(by, meeting)
    need(rules.may_lead(role) if what == "chair" else rules.may_write(role))
    to = Membership.objects.select_related("person").get(pk=to.pk)
    if to.network_id != meeting.network_id or to.is_guest or to.ended_on is not None:
        raise Refused(_("Only a member of the network can lead the meeting or take its minutes."))
    name, verb = ("chair", "chair_handed") if what == "chair" else ("minute_taker", "pen_handed")
    return _hand(meeting, name, to, expected, verb, by)


def _locked_before_end(meeting: Meeting) -> Meeting:
    meeting = locked_meeting(meeting.pk)
    if meeting.state in (Meeting.State.CLOSED, Meeting.State.CANCELLED):
        raise Refused(_("This meeting is over."))
    return meeting


def _hand(meeting: Meeting, name: str, to: Membership, expected: int | None, verb: str, by: Membership) -> Meeting:
    earlier: Membership | None = getattr(meeting, name)
    if earlier and earlier.pk == to.pk:
        return meeting
    if (earlier.pk if earlier else None) != expected:
        holder = str(earlier.person) if earlier else _("nobody")
        meanwhile = (
            _("Meanwhile %(name)s chairs the meeting.") if name == "chair" else _("Meanwhile %(name)s has the pen.")
        )
        raise Refused(meanwhile % {"name": holder})
    setattr(meeting, name, to)
    meeting.version += 1
    meeting.save(update_fields=[name, "version"])
    people = {one.person_id for one in (earlier, to) if one}
    record_step(meeting=meeting, verb=verb, by=by, whole=True, access=people, to=str(to))
    return meeting
