"""Reads: what is found of agendas and decisions, as the search keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_noop as _

from collab.search.index import Found, Part
from meetings.models import AgendaItem, Decision
from workgroups.queries.entries import circle_of

from .agenda import SET_ASIDE


def is_findable(item: AgendaItem) -> bool:
    """Whether an agenda item can be found: the opening of every meeting cannot, as long as nothing was said there."""
    says_something = item.template_item_id is None or bool(item.notes.strip())
    return item.state not in SET_ASIDE and says_something


def item_entries(items: Iterable[AgendaItem]) -> list[Found]:
    """Return what is found of those agenda items that can be found; they come with their meetings."""
    return [_item_entry(item) for item in items if is_findable(item)]


def _item_entry(item: AgendaItem) -> Found:
    meeting = item.meeting
    return Found(
        meeting.network_id,
        "item",
        item.pk,
        item.title,
        [Part(_("Text"), item.text), Part(_("Notes"), item.notes)],
        about=meeting.title,
        on=meeting.date,
        circle=circle_of(meeting.group_id),
    )


def decision_entry(decision: Decision) -> Found:
    """Return what is found of a decision, also by its number. It stands in the log for all, whatever its group."""
    return Found(
        decision.network_id,
        "decision",
        decision.pk,
        decision.subject,
        [Part(_("Exact wording"), decision.wording)],
        about=decision.reference,
        on=decision.decided_on,
        key=decision.reference,
    )


def all_items(network_id: int) -> Iterable[Found]:
    items = AgendaItem.objects.filter(meeting__network=network_id).exclude(state__in=SET_ASIDE)
    return item_entries(items.select_related("meeting").order_by("pk"))


def all_decisions(network_id: int) -> Iterator[Found]:
    return map(decision_entry, Decision.objects.filter(network=network_id).order_by("pk"))
