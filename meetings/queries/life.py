"""Reads: the life of a decision - its steps, what superseded what, when it comes up again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, DecisionStep, Meeting, Visibility, Vote, VoteTown

from .decisions import get_decision_for, visible_decisions
from .wording import Mark, marks

# No chain of supersession that people can follow is longer.
LONGEST_CHAIN = 50
MOST_REVIEWS = 10
# So many are offered by name; any other can be typed.
MOST_TO_NAME = 60
WAITING = (AgendaItem.State.PROPOSED, AgendaItem.State.PLANNED, AgendaItem.State.DEFERRED)
TO_COME = (Meeting.State.PLANNED, Meeting.State.OPEN)
CHAIN = """
    WITH RECURSIVE earlier(id, step) AS (
        SELECT CAST(%s AS bigint), 0
        UNION ALL
        SELECT d.id, e.step + 1 FROM earlier e JOIN meetings_decision d ON d.superseded_by_id = e.id WHERE e.step < %s
    ), later(id, step) AS (
        SELECT CAST(%s AS bigint), 0
        UNION ALL
        SELECT d.superseded_by_id, l.step + 1 FROM later l JOIN meetings_decision d ON d.id = l.id
        WHERE d.superseded_by_id IS NOT NULL AND l.step < %s
    )
    SELECT id, -step FROM earlier WHERE step > 0 UNION ALL SELECT id, step FROM later WHERE step > 0
"""


@dataclass(frozen=True)
class StepRow:
    """One step as it is shown. `marked` is what a correction changes in the wording, `terms` are new dates."""

    step: DecisionStep
    marked: tuple[Mark, ...] = ()
    expires_on: date | None = None
    review_on: date | None = None


@dataclass(frozen=True)
class Link:
    """A decision in a chain of supersession; where a reader may not see it, its number is all that is shown."""

    decision: Decision
    is_shown: bool


@dataclass(frozen=True)
class Life:
    """What is shown of a decision's life: `earlier` and `later` lead to it and on from it, in the order of time."""

    steps: list[StepRow]
    earlier: list[Link]
    later: list[Link]
    to_come: AgendaItem | None
    reviewed: list[AgendaItem]

    @property
    def corrections(self) -> list[StepRow]:
        return [row for row in self.steps if row.step.kind == DecisionStep.Kind.CORRECTED]


def to_come_up(keys: Collection[int]) -> QuerySet[AgendaItem]:
    """Return the items to be treated, in meetings to come, in which these decisions come up again."""
    return AgendaItem.objects.filter(reviews__in=keys, state__in=WAITING, meeting__state__in=TO_COME)


def steps_of(decision: Decision) -> list[StepRow]:
    """Return the steps in the order in which they were entered; one query."""
    rows = decision.steps.select_related("other").order_by("number")
    return [_row(decision, step) for step in rows]


def _row(decision: Decision, step: DecisionStep) -> StepRow:
    if step.kind == DecisionStep.Kind.CORRECTED:
        return StepRow(step, marked=marks(decision.wording, step.text))
    if step.kind == DecisionStep.Kind.TERMS:
        terms = terms_in(step.text)
        return StepRow(step, expires_on=terms["expires_on"], review_on=terms["review_on"])
    return StepRow(step)


def terms_as_text(expires_on: date | None, review_on: date | None) -> str:
    """Return how a step keeps the dates that were set: `terms_in` reads them."""
    return f"{expires_on or ''}/{review_on or ''}"


def terms_in(text: str) -> dict[str, date | None]:
    expires, _slash, review = text.partition("/")
    return {"expires_on": parse_date(expires) if expires else None, "review_on": parse_date(review) if review else None}


def last_step(decision: Decision, kind: str) -> DecisionStep | None:
    """Return the last step of that kind."""
    return decision.steps.filter(kind=kind).last()


def life_of(decision: Decision, groups: Collection[int]) -> Life:
    """Return what is shown to who sees inside of these groups; four queries."""
    earlier, later = chain_of(decision, groups)
    reviews = AgendaItem.objects.filter(reviews=decision).select_related("meeting__group")
    shown = list(reviews.order_by("-meeting__date", "-pk")[:MOST_REVIEWS])
    waiting = [item for item in shown if item.state in WAITING and item.meeting.state in TO_COME]
    return Life(
        steps=steps_of(decision),
        earlier=earlier,
        later=later,
        to_come=waiting[-1] if waiting else None,
        reviewed=[item for item in shown if item.state == AgendaItem.State.DONE],
    )


def chain_of(decision: Decision, groups: Collection[int]) -> tuple[list[Link], list[Link]]:
    """Return what it supersedes, however far back, and what supersedes it, each in the order of time."""
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, [decision.pk, LONGEST_CHAIN, decision.pk, LONGEST_CHAIN])
        places = dict(cursor.fetchall())
    found = Decision.objects.filter(pk__in=places).order_by("year", "number") if places else []
    links = [Link(one, one.visibility != Visibility.GROUP or one.group_id in groups) for one in found]
    return [link for link in links if places[link.decision.pk] < 0], sorted(
        (link for link in links if places[link.decision.pk] > 0), key=lambda link: places[link.decision.pk]
    )


def meetings_for_review(decision: Decision, review_on: date) -> QuerySet[Meeting]:
    """Return the planned meetings of its group in which it may come up again, the first one first."""
    day = max(review_on, timezone.localdate())
    planned = Meeting.objects.filter(group=decision.group_id, state=Meeting.State.PLANNED, date__gte=day)
    return planned.order_by("date", "start_time", "pk")


def has_come_up(decision: Decision, review_on: date) -> bool:
    """Return whether it is or was on an agenda for this date: no matter what became of it there.

    What was taken off because the date had changed does not count.
    """
    items = AgendaItem.objects.filter(reviews=decision).exclude(state=AgendaItem.State.WITHDRAWN)
    living = Q(state__in=WAITING, meeting__state__in=TO_COME)
    since = Q(meeting__date__gte=review_on) & ~Q(meeting__state=Meeting.State.CANCELLED)
    return items.filter(living | since).exists()


def decisions_to_name(membership: Membership, without: Decision | None = None) -> list[Decision]:
    """Return the newest decisions in force that this member may see, for a list to choose from."""
    found = visible_decisions(membership).filter(state=Decision.State.IN_FORCE)
    found = found.exclude(pk=without.pk) if without else found
    return list(found.order_by("-year", "-number")[:MOST_TO_NAME])


def named_decision(membership: Membership, reference: str) -> Decision | None:
    """Return the decision of that number that this member may see, None where there is none."""
    try:
        return get_decision_for(membership, reference.strip())
    except Http404:
        return None


def added_corrections(decision: Decision) -> list[StepRow]:
    """Return the corrections that were added once the meeting was closed, the first one first; one query."""
    return [_row(decision, step) for step in decision.steps.filter(kind=DecisionStep.Kind.CORRECTED)]


def basis_of(decision: Decision, vote: Vote | None) -> list[str]:
    """Return in words what the result rests on: how many municipalities took part, the quorum, the majority rule."""
    said = []
    numbers = {"present": decision.present, "towns": decision.towns, "needed": decision.needed}
    cast = sum((decision.yes or 0, decision.no or 0, decision.abstain or 0)) if vote else None
    if decision.present is not None and decision.towns:
        if cast is None or decision.present > cast:
            said.append(_("%(present)s of %(towns)s municipalities present") % numbers)
        if cast is not None and decision.mode == Decision.Mode.COUNTED:
            # In the room those have a voice that are there, not all members.
            with_voice = VoteTown.objects.filter(vote=vote).count()
            said.append(_("%(present)s of %(towns)s municipalities voted") % {"present": cast, "towns": with_voice})
    if decision.needed and not decision.lacks_quorum and decision.present is not None:
        said.append(_("quorum reached (%(needed)s needed)") % numbers)
    if decision.mode == Decision.Mode.COUNTED:
        said.append(_("majority: %(rule)s") % {"rule": decision.get_majority_display()})
    return said
