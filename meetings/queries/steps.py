"""Reads: the steps of a meeting, for going back and for taking back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.models import (
    ActionCheck,
    AgendaItem,
    Meeting,
    NotesVersion,
    Presence,
    Report,
    Step,
    WordingVersion,
)

State = AgendaItem.State
# Written when the meeting closes: what was done before it is not taken back after a reopening.
CLOSED = "meeting_closed"
# How many steps are looked at for one that can be taken back.
FAR_BACK = 30
# Which items "back" can lead to.
WITHIN_REACH = (State.PLANNED, State.DONE, State.DEFERRED)
WHAT: dict[str, Any] = {
    "meeting_opened": gettext_lazy("opening of the meeting"),
    "item_started": gettext_lazy("start of “%(title)s”"),
    "agenda_finished": gettext_lazy("end of “%(title)s”"),
    "item_finished": gettext_lazy("end of “%(title)s”"),
    "item_returned_to": gettext_lazy("way back to “%(title)s”"),
    "item_deferred": gettext_lazy("deferral of “%(title)s”"),
    "item_resumed": gettext_lazy("return of “%(title)s” to the agenda"),
    "item_split": gettext_lazy("splitting off of “%(title)s”"),
    "item_added": gettext_lazy("addition of “%(title)s”"),
}


def in_words(step: Step) -> str:
    """Return what the step was, in a few words of the active language: start of “E-file”."""
    return str(WHAT.get(step.verb, "“%(title)s”")) % {"title": Truncator(step.title).chars(40)}


def last_step(meeting: Meeting) -> Step | None:
    """Return the newest step that can be taken back, None where there is none; two queries.

    A step beside the way of the meeting, such as an item that was added and is declined by now, is passed over where
    it can no longer be. Whatever moved the meeting on is not, and the closing of the meeting ends the line.
    """
    steps = list(Step.objects.filter(meeting=meeting, undone_at=None).order_by("-pk")[:FAR_BACK])
    touched = {int(pk) for step in steps if step.verb != CLOSED for pk in step.before["after"]["items"]}
    states = dict(AgendaItem.objects.filter(pk__in=touched).values_list("pk", "state"))
    for step in steps:
        if step.verb == CLOSED:
            return None
        before, after = step.before, step.before["after"]
        if all(states.get(int(pk)) == state for pk, state in after["items"].items()):
            return step
        if before["active_item"] != after["active_item"]:
            return None
    return None


def item_before(meeting: Meeting, flat: list[AgendaItem]) -> AgendaItem | None:
    """Return the item of the agenda (`flat`, in order) that "back" leads to, None where there is none.

    It is the one that was active before, and the one above where no step tells.
    """
    reachable = {item.pk: item for item in flat if item.state in WITHIN_REACH and item.pk != meeting.active_item_id}
    for pk in reversed(_trail(meeting)):
        if pk in reachable:
            return reachable[pk]
    here = next((k for k, item in enumerate(flat) if item.pk == meeting.active_item_id), len(flat))
    return next((item for item in reversed(flat[:here]) if item.pk in reachable), None)


def _trail(meeting: Meeting) -> list[int]:
    """Return the items the meeting came by on its way, the last one last; ways back are taken off its end."""
    trail: list[int] = []
    steps = Step.objects.filter(meeting=meeting, undone_at=None).order_by("pk").values_list("verb", "before")
    for verb, before in steps:
        was, now = before["active_item"], before["after"]["active_item"]
        if verb == "item_returned_to":
            del trail[len(trail) - 1 - trail[::-1].index(now) if now in trail else len(trail) :]
        elif was and was != now:
            trail.append(was)
    return trail


TRACES = (
    "decisions",
    "recorded_actions",
    "reports",
    "speeches",
    "wordings",
    "attachments",
    "children",
    "guests",
    "action_checks",
    "votes",
)


def traces_of(item: AgendaItem) -> bool:
    """Return whether anything hangs on an item that was just added: then it can no longer be taken away."""
    return bool(item.notes) or any(getattr(item, name).exists() for name in TRACES)


def first_begun_by(step: Step) -> int | None:
    """Return the item that the step began for the first time, if any: taken back, it has not begun at all."""
    pk = step.before["after"]["active_item"]
    values = step.before["items"].get(str(pk))
    return pk if values and pk != step.before["active_item"] and values["started_at"] is None else None


def traces_since(item: AgendaItem, at: datetime) -> bool:
    """Return whether anything was recorded or said under the item since then; what was prepared before is not asked."""
    return any(
        found.exists()
        for found in (
            item.decisions.filter(recorded_at__gte=at),
            item.recorded_actions.filter(action_item__created_at__gte=at),
            item.speeches.filter(asked_at__gte=at),
            WordingVersion.objects.filter(wording__item=item, at__gte=at),
            NotesVersion.objects.filter(item=item, at__gte=at),
            item.action_checks.filter(at__gte=at),
            item.votes.filter(opened_at__gte=at),
            item.reports.filter(Q(written_at__gte=at) | Q(called_at__gte=at) | ~Q(state=Report.State.WRITTEN)),
        )
    )


def why_it_stays_open(meeting: Meeting) -> str:
    """Return why the opening of a meeting cannot be taken back any more; empty where it can."""
    items = AgendaItem.objects.filter(meeting=meeting)
    since = {"written_at__gte": meeting.opened_at}
    recorded = (
        items.exclude(notes="").exists(),
        items.filter(decisions__isnull=False).exists(),
        items.filter(recorded_actions__isnull=False).exists(),
        WordingVersion.objects.filter(wording__item__meeting=meeting, at__gte=meeting.opened_at).exists(),
        meeting.speeches.exists(),
        Report.objects.filter(item__meeting=meeting, **since).exists(),
        Report.objects.filter(item__meeting=meeting).exclude(state=Report.State.WRITTEN).exists(),
        Presence.objects.filter(attendance__meeting=meeting, began_at__gte=meeting.opened_at).exists(),
        ActionCheck.objects.filter(item__meeting=meeting).exists(),
        meeting.votes.exists(),
    )
    return _("Something has been recorded in this meeting. Close it instead.") if any(recorded) else ""
