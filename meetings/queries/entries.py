"""Reads: what is found of agendas and decisions, as the search keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_noop as _

from collab.search.index import Found, Part
from meetings.models import AgendaItem, Decision, DecisionStep, Visibility
from workgroups.queries.entries import circle_of

from .agenda import SET_ASIDE
from .visibility import circle_inside


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
        circle=circle_inside(item.visibility, meeting.group_id, circle_of(meeting.group_id)),
    )


def decision_entry(decision: Decision) -> Found:
    """Return what is found of a decision, also by its number: its wording, the reasons of the voices, and what was said
    of it since. It stands in the log for all, whatever its group, unless it is for the group only.
    """
    at = f"decision-{decision.pk}"
    return Found(
        decision.network_id,
        "decision",
        decision.pk,
        decision.subject,
        [
            Part(_("Exact wording"), decision.wording),
            *_of_vote(decision),
            *(Part(_("Correction"), revision.reason, at=at) for revision in decision.revisions.all()),
            *_of_life(decision),
            *_of_towns(decision),
        ],
        about=decision.reference,
        on=decision.decided_on,
        key=decision.reference,
        circle=circle_inside(decision.visibility, decision.group_id),
    )


def _of_vote(decision: Decision) -> Iterator[Part]:
    """Return why it was proposed, and the reasons of the voices: a vote names its decision when it is over.

    Of an internal group they stay inside, also where the decision stands in the log for all.
    """
    vote = getattr(decision, "vote", None)
    if vote is None or (decision.group.is_internal and decision.visibility != Visibility.GROUP):
        return
    yield Part(_("Background"), vote.background, at=f"decision-voices-{decision.pk}-background")
    for voice in vote.voices.all():
        if voice.replaced_at is None:
            at = f"decision-voices-{decision.pk}-voice-{voice.municipality_id}"
            yield Part(_("Reason of the vote"), voice.reason, who=voice.town_name, at=at)


def _of_life(decision: Decision) -> Iterator[Part]:
    """Return what was said at the steps of its life, and the corrected wordings."""
    for step in decision.steps.all():
        label = _("Correction") if step.kind == DecisionStep.Kind.CORRECTED else _("What became of it")
        said = " – ".join(text for text in (step.text, step.reason) if text)
        yield Part(label, said, at=f"decision-life-{decision.pk}-step-{step.number}")


def _of_towns(decision: Decision) -> Iterator[Part]:
    """Return what the municipalities say of it."""
    for adoption in decision.adoptions.all():
        said = ", ".join(text for text in (adoption.word, adoption.paper) if text)
        at = f"decision-adoptions-{decision.pk}-{adoption.municipality_id}"
        yield Part(_("Word of a municipality"), said, who=adoption.municipality.short_name, at=at)


def all_items(network_id: int) -> Iterable[Found]:
    items = AgendaItem.objects.filter(meeting__network=network_id).exclude(state__in=SET_ASIDE)
    return item_entries(items.select_related("meeting").order_by("pk"))


def all_decisions(network_id: int) -> Iterator[Found]:
    decisions = Decision.objects.filter(network=network_id).select_related("group", "vote").order_by("pk")
    said = ("vote__voices", "revisions", "steps", "adoptions__municipality")
    return map(decision_entry, decisions.prefetch_related(*said).iterator(chunk_size=500))
