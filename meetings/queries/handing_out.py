"""Reads: decisions as they are handed out, with everything that belongs to them (a fixed number of queries for any
number of decisions), and minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import pgettext

from collab.network.models import Membership
from meetings.models import (
    Adoption,
    CarriedOut,
    Decision,
    DecisionStep,
    Meeting,
    Minutes,
    MinutesApproval,
    MinutesVersion,
    Voice,
)
from workgroups.models import Involvement
from workgroups.queries.group import active_accessions, internal_groups_seen
from workgroups.queries.involvement import parts_today
from workgroups.queries.project import blocks_of
from workgroups.queries.texts import whole_number

from .decisions import DECISION_WITH, visible_decisions
from .minutes import get_version, newest_version
from .minutes_content import Content, content_of, content_of_version

T = TypeVar("T")
DRAFT = "draft"
# The first steps that every decision has.
PLAIN = (DecisionStep.Kind.PROPOSED, DecisionStep.Kind.IN_FORCE, DecisionStep.Kind.REJECTED)


@dataclass
class Sheet:
    """A decision as it is handed out to somebody: what they may see of it, and nothing else."""

    decision: Decision
    topic: Any
    # None where there was no meeting, or where it is an internal group's and not for this reader.
    meeting: Meeting | None
    towns: int
    voices: list[Voice] = field(default_factory=list)
    steps: list[DecisionStep] = field(default_factory=list)
    adoptions: list[Adoption] = field(default_factory=list)
    work: list[CarriedOut] = field(default_factory=list)
    replaces: list[Decision] = field(default_factory=list)
    replaced_by: Decision | None = None

    @property
    def adopted(self) -> int:
        """How many municipalities have adopted it."""
        return sum(one.state == Adoption.State.ADOPTED for one in self.adoptions)

    @property
    def corrections(self) -> list[DecisionStep]:
        return [step for step in self.steps if step.kind == DecisionStep.Kind.CORRECTED]

    @property
    def has_life(self) -> bool:
        """Whether more happened to it than that it was proposed and decided."""
        return any(step.kind not in PLAIN for step in self.steps)

    @property
    def voices_by_answer(self) -> list[tuple[Any, list[Voice]]]:
        """Who said what, by answer in the order of a ballot; only answers that somebody gave."""
        words = {answer: str(answer.label) for answer in Voice.Answer}
        if self.decision.mode == Decision.Mode.CONSENT:
            words[Voice.Answer.YES] = pgettext("voice", "No objection")
        by_answer = [
            (word, [voice for voice in self.voices if voice.answer == answer]) for answer, word in words.items()
        ]
        return [(label, voices) for label, voices in by_answer if voices]


def readable_decisions(membership: Membership) -> QuerySet[Decision]:
    """Return what is handed out to this member: all decisions that they may read; raises Http404 for guests."""
    if membership.is_guest:
        raise Http404
    return visible_decisions(membership)


def sheet_of(membership: Membership, decision: Decision) -> Sheet:
    """Return one decision, which the member may see, as it is handed out to them."""
    return sheets_of(membership, [decision])[0]


def year_of_decisions(membership: Membership, year: int) -> list[Sheet]:
    """Return all decisions of a year that this member may read, by number; raises Http404 where there are none."""
    found = readable_decisions(membership).filter(year=year).order_by("number")
    decisions = list(found.select_related(*DECISION_WITH, "superseded_by"))
    if not decisions:
        raise Http404
    return sheets_of(membership, decisions)


def sheets_of(membership: Membership, decisions: Sequence[Decision]) -> list[Sheet]:
    """Return decisions that the member may see as they are handed out to them, in the same order."""
    keys = [decision.pk for decision in decisions]
    voices = _by_decision(_voices(keys), lambda voice: voice.vote.decision_id)
    steps = _by_decision(_steps(keys), lambda step: step.decision_id)
    adoptions = _by_decision(_adoptions(keys), lambda adoption: adoption.decision_id)
    work = _by_decision(_work(keys), lambda link: link.decision_id)
    others = _others(membership, decisions, steps)
    replaces = _by_decision(others.values(), lambda other: other.superseded_by_id)
    for found in steps.values():
        for step in found:
            step.other = others.get(step.other_id or 0)
    topics, inside = blocks_of(membership.network_id), set(internal_groups_seen(membership))
    towns = active_accessions(membership.network).values("municipality").distinct().count()
    # Where an internal group met, and who said what there, stays inside.
    shown = {one.pk for one in decisions if not one.group.is_internal or one.group_id in inside}
    return [
        Sheet(
            one,
            topics.get(one.topic, ""),
            one.meeting if one.pk in shown else None,
            towns,
            voices[one.pk] if one.pk in shown else [],
            steps[one.pk],
            adoptions[one.pk],
            work[one.pk],
            sorted(replaces[one.pk], key=lambda other: (other.year, other.number)),
            others.get(one.superseded_by_id or 0),
        )
        for one in decisions
    ]


def _by_decision(rows: Iterable[T], key: Callable[[T], int | None]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for row in rows:
        found[key(row) or 0].append(row)
    return found


def _voices(keys: list[int]) -> QuerySet[Voice]:
    """A decision falls when the vote is closed: no voice of an open one is read here."""
    voices = Voice.objects.filter(vote__decision__in=keys, vote__state="closed", replaced_at=None)
    return voices.select_related("vote").order_by("municipality__sort_key", "municipality")


def _steps(keys: list[int]) -> QuerySet[DecisionStep]:
    return DecisionStep.objects.filter(decision__in=keys).order_by("number")


def _adoptions(keys: list[int]) -> QuerySet[Adoption]:
    adoptions = Adoption.objects.filter(decision__in=keys).select_related("municipality")
    return adoptions.order_by("municipality__sort_key", "municipality")


def _work(keys: list[int]) -> QuerySet[CarriedOut]:
    leading = parts_today().filter(role=Involvement.Role.LEAD)
    work = CarriedOut.objects.filter(decision__in=keys, removed_at=None).select_related(
        "action_item__municipality", "action_item__person__person", "project"
    )
    return work.prefetch_related(Prefetch("project__involvements", leading, to_attr="leads"))


def _others(
    membership: Membership, decisions: Sequence[Decision], steps: dict[int, list[DecisionStep]]
) -> dict[int, Decision]:
    """Return the decisions that these replace, are replaced by or name in a step; only what the member may read."""
    named = {step.other_id for found in steps.values() for step in found if step.other_id}
    named |= {decision.superseded_by_id for decision in decisions if decision.superseded_by_id}
    keys = [decision.pk for decision in decisions]
    readable = readable_decisions(membership)
    found = readable.filter(pk__in=named) | readable.filter(superseded_by__in=keys)
    return {other.pk: other for other in found.distinct()}


# -- minutes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    """Minutes as they are handed out: a finalised version, or without one the draft."""

    content: Content
    version: MinutesVersion | None
    approved_on: date | None = None


def printed_minutes(minutes: Minutes, wanted: str, *, inside: bool) -> Printed:
    """Return the version of that number, "draft", or with an empty text the newest version, else the draft; raises
    Http404 where there is no such version, or it is the draft and the reader does not see drafts.
    """
    newest = newest_version(minutes)
    if wanted == DRAFT or (not wanted and newest is None):
        if not inside:
            raise Http404
        return Printed(content_of(minutes), None)
    number = whole_number(wanted) if wanted else newest and newest.number
    if not number:
        raise Http404
    version = get_version(minutes, number)
    approved = version.approvals.filter(kind=MinutesApproval.Kind.APPROVED).values_list("on", flat=True).first()
    return Printed(content_of_version(version), version, approved)
