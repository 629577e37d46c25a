"""The steps of whoever leads: the clock of the items, and what was before each step, so that a slip can be taken back.

Every function here runs inside the transaction of a domain function that holds the lock of the meeting.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Meeting, Speech, Step
from meetings.queries.agenda import agenda_of
from meetings.queries.steps import last_step

from .regions import of_agenda, of_meeting, of_room
from .speaking import end_running_speech
from .vote import need_no_open_vote

State = AgendaItem.State
# What a step changes of an item, and what taking it back restores.
CLOCK = ("state", "seconds_used", "running_since", "started_at", "finished_at")
OPENING = ("state", "opened_at", "chair_id")
Snapshot = dict[str, Any]


def begin(item: AgendaItem, now: datetime) -> None:
    """Let the item's clock run; the first begin stays its begin."""
    item.state, item.finished_at = State.PLANNED, None
    item.started_at = item.started_at or now
    item.running_since = now
    item.save(update_fields=[*CLOCK])


def leave(item: AgendaItem, now: datetime, state: str = State.DONE) -> None:
    """Stop the item's clock and add the time it ran to what was used before."""
    since = item.running_since or item.started_at or now
    item.seconds_used += max(0, round((now - since).total_seconds()))
    item.running_since = None
    item.state, item.finished_at = state, now if state == State.DONE else None
    item.save(update_fields=[*CLOCK])


def need_running(*, meeting: Meeting, by: Membership) -> None:
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("The meeting is not in session. Open it first."))


def need_expected(*, meeting: Meeting, expected: int | None, by: Membership) -> None:
    """Raise Refused where the meeting is no longer at the item that the person saw."""
    if meeting.active_item_id == expected:
        return
    last = last_step(meeting)
    if last and last.by_id == by.pk:
        why = _("You have just moved on: the meeting is now at “%(title)s”.")
    else:
        why = _("Somebody else has just moved on: the meeting is now at “%(title)s”.")
    raise Refused(why % {"title": meeting.active_item.title if meeting.active_item else "–"})


def snapshot(meeting: Meeting, *items: AgendaItem, opening: bool = False) -> Snapshot:
    """Return what a step is about to change, as JSON; `speech` is the one that runs."""
    names = OPENING if opening else ()
    running = Speech.objects.filter(meeting=meeting, state=Speech.State.SPEAKING)
    return {
        "active_item": meeting.active_item_id,
        "speech": running.values_list("pk", flat=True).first(),
        "meeting": {name: _as_text(getattr(meeting, name)) for name in names},
        "items": {str(item.pk): {name: _as_text(getattr(item, name)) for name in CLOCK} for item in items},
    }


def take_step(
    *,
    meeting: Meeting,
    verb: str,
    before: Snapshot,
    by: Membership,
    about: AgendaItem | None = None,
    created: AgendaItem | None = None,
) -> Step:
    """Write down a step that was just made; `created` is the item that it made."""
    touched = AgendaItem.objects.filter(pk__in=[*before["items"], *([created.pk] if created else [])])
    after = {
        "active_item": meeting.active_item_id,
        "items": {str(pk): state for pk, state in touched.values_list("pk", "state")},
    }
    return Step.objects.create(
        meeting=meeting,
        verb=verb,
        title=about.title if about else meeting.title,
        before={**before, "after": after, "created": created.pk if created else 0},
        by=by,
    )


def go_on(
    *,
    meeting: Meeting,
    to: AgendaItem | None,
    verb: str,
    by: Membership,
    left_as: str = State.DONE,
    about: AgendaItem | None = None,
    created: bool = False,
) -> Meeting:
    """Leave the active item, begin the next one (None: none is active), write down the step and record the change."""
    need_no_open_vote(meeting)
    left = meeting.active_item
    touched = [one for one in (left, to) if one]
    before = snapshot(meeting, *touched)
    now = timezone.now()
    if left is not None:
        leave(left, now, left_as)
    end_running_speech(meeting, now)
    meeting.active_item = to
    if to is not None:
        begin(to, now)
    meeting.save(update_fields=["active_item"])
    made = to if created else None
    take_step(meeting=meeting, verb=verb, before=before, by=by, about=about or to or left, created=made)
    number = _number_now(meeting)
    record_step(meeting=meeting, verb=verb, by=by, items=touched, about=about or to, number=number)
    return meeting


def _number_now(meeting: Meeting) -> str:
    # "Item 4 started" is what screen readers say.
    active = agenda_of(meeting).active
    return active.number if active else ""


def restore(meeting: Meeting, step: Step) -> list[AgendaItem]:
    """Bring meeting and items back to what they were before the step; returns the items.

    The clock of an item that was left by mistake goes on from its earlier begin: no second of it is lost. Raises
    Refused where something else has changed them since.
    """
    items = {str(item.pk): item for item in AgendaItem.objects.filter(pk__in=step.before["after"]["items"])}
    after = step.before["after"]
    same = all(items[pk].state == state for pk, state in after["items"].items())
    if not same or meeting.active_item_id != after["active_item"]:
        raise Refused(_("This has been changed since and can no longer be taken back."))
    need_no_open_vote(meeting)
    for pk, values in step.before["items"].items():
        _restore(items[pk], values)
        items[pk].save(update_fields=[*CLOCK])
    if meeting.active_item_id != step.before["active_item"]:
        _give_the_floor_back(meeting, step)
    meeting.active_item_id = step.before["active_item"]
    _restore(meeting, step.before["meeting"])
    meeting.save()
    step.undone_at = timezone.now()
    step.save(update_fields=["undone_at"])
    return list(items.values())


def _give_the_floor_back(meeting: Meeting, step: Step) -> None:
    """Let whoever the step cut short speak on; where somebody else has the floor now that ends, and nobody has it."""
    speeches = Speech.objects.filter(meeting=meeting)
    if speeches.filter(state=Speech.State.SPEAKING).exists():
        end_running_speech(meeting, timezone.now())
        return
    cut_short = speeches.filter(pk=step.before.get("speech"), state=Speech.State.DONE, item=step.before["active_item"])
    cut_short.update(state=Speech.State.SPEAKING, ended_at=None)


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _restore(obj: AgendaItem | Meeting, values: dict[str, Any]) -> None:
    for name, value in values.items():
        is_instant = name.endswith(("_at", "_since"))
        setattr(obj, name, parse_datetime(value) if is_instant and value else value)


def record_step(
    *,
    meeting: Meeting,
    verb: str,
    by: Membership,
    items: Iterable[AgendaItem] = (),
    whole: bool = False,
    moves: bool = True,
    about: AgendaItem | None = None,
    access: Iterable[int] = (),
    **params: Any,
) -> None:
    """Record a change in the course of the meeting; `whole` where it changes when, where or who, too; `moves` where
    another item may be up by now, with another vote than the one whose result the room has before it.
    """
    regions = of_meeting(meeting, *items) if whole else of_agenda(meeting, *items)
    if moves:
        regions += of_room(meeting, "vote")
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=about or meeting,
        regions=regions,
        access=access,
        params={
            "meeting": meeting.title,
            "date": meeting.date.isoformat(),
            **({"title": about.title} if about else {}),
            **params,
        },
    )
