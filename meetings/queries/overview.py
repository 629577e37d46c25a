"""Reads: what a mayor looks for. Each takes the same number of queries however much there is.

What is not only for other groups than `groups` is left out by each of them (`visibility.open_to`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, F, Q, QuerySet, When

from collab.network.models import Accession
from collab.network.queries import active_on
from meetings.models import Adoption, CarriedOut, Decision, DecisionStep, Meeting, Voice, Vote, VoteTown
from workgroups.models import ActionItem, Involvement
from workgroups.queries.action_item import actions_with_people, in_state, most_urgent_first
from workgroups.queries.group import outside_of
from workgroups.queries.involvement import parts_today

from .adoption import waiting_for_word_of
from .visibility import open_to

# So many are shown of each; the logs have them all.
DECISIONS, STEPS, VOICES, LINES, ACTIONS, PARTS, DATES = 6, 5, 6, 5, 6, 8, 5
# How far back something is news, and how far ahead something is soon.
LATELY, SOON = timedelta(days=90), timedelta(days=120)
State, Kind = Decision.State, DecisionStep.Kind
# What changed after the decision fell.
LATER = (Kind.FULFILLED, Kind.SUPERSEDED, Kind.REVOKED, Kind.EXPIRED, Kind.CORRECTED, Kind.VOID)


# -- the network ------------------------------------------------------------------------------------------------------


def readable(network_id: int, groups: Collection[int]) -> QuerySet[Decision]:
    return Decision.objects.filter(open_to(groups), network=network_id)


def latest_decisions(network_id: int, groups: Collection[int]) -> list[Decision]:
    """Return the newest decisions, without those recorded by mistake; one query."""
    decisions = readable(network_id, groups).exclude(state=State.VOID)
    return list(decisions.select_related("group", "superseded_by").order_by("-year", "-number")[:DECISIONS])


def new_since(network_id: int, groups: Collection[int], since: datetime | None) -> int:
    """Return how many decisions were recorded since; 0 for who was never here before. One query at most."""
    if since is None:
        return 0
    return readable(network_id, groups).filter(recorded_at__gt=since).exclude(state=State.VOID).count()


def later_steps(network_id: int, groups: Collection[int], today: date) -> list[DecisionStep]:
    """Return what became of decisions lately, the newest first; one query."""
    steps = DecisionStep.objects.filter(open_to(groups, "decision__"), decision__network=network_id, kind__in=LATER)
    lately = steps.filter(on__gte=today - LATELY)
    return list(lately.select_related("decision", "other").order_by("-at", "-pk")[:STEPS])


@dataclass(frozen=True)
class Due:
    """A decision with a day to come: the last on which it is in force, or the one on which it comes up again."""

    decision: Decision
    on: date
    is_review: bool
    is_past: bool


def due_soon(network_id: int, groups: Collection[int], today: date) -> list[Due]:
    """Return the decisions in force that expire or come up again soon, the next first; one query."""
    until = today + SOON
    soon = Q(expires_on__lte=until) | Q(review_on__lte=until)
    decisions = readable(network_id, groups).filter(soon, state=State.IN_FORCE).select_related("group")
    days = [
        Due(decision, day, is_review, day < today)
        for decision in decisions
        for day, is_review in ((decision.expires_on, False), (decision.review_on, True))
        if day and day <= until
    ]
    return sorted(days, key=lambda due: (due.on, due.decision.pk))[:LINES]


def parts_lately(network_id: int, today: date) -> list[Involvement]:
    """Return which towns took on what lately and still do, the newest first; one query."""
    parts = parts_today().filter(project__network=network_id, project__joined_to=None, since__gte=today - LATELY)
    at_work = parts.exclude(role=Involvement.Role.INTERESTED).select_related("project")
    return list(at_work.order_by("-since", "-began_at", "-pk")[:PARTS])


def next_dates(network_id: int, internal: Collection[int], today: date) -> list[Meeting]:
    """Return the next meetings, the one in session first; of internal groups those of these groups. One query."""
    ahead = Q(state=Meeting.State.OPEN) | Q(state=Meeting.State.PLANNED, date__gte=today)
    meetings = Meeting.objects.filter(outside_of(internal, "group"), ahead, network=network_id)
    in_session_first = Case(When(state=Meeting.State.OPEN, then=0), default=1)
    return list(meetings.select_related("group", "host").order_by(in_session_first, "date", "start_time", "pk")[:DATES])


# -- one town ---------------------------------------------------------------------------------------------------------


def accession_of(network_id: int, ags: str, today: date) -> Accession | None:
    """Return the accession by which the town is a member today, None where it is none."""
    accessions = Accession.objects.filter(active_on(today), network=network_id, municipality=ags)
    return accessions.select_related("network", "municipality").order_by("-joined_on").first()


@dataclass(frozen=True)
class Cast:
    """What a town said in a vote that is over; no voice where it said nothing."""

    vote: Vote
    voice: Voice | None


@dataclass(frozen=True)
class Stance:
    """What a town makes of the network's decisions."""

    counts: dict[str, int]
    overdue: list[Adoption]
    ahead: list[Adoption]
    said: list[Adoption]
    unanswered: list[Decision]
    leading: list[CarriedOut]
    votes: list[Cast]

    @property
    def owes_nothing(self) -> bool:
        return not (self.overdue or self.ahead or self.unanswered or self.leading)


def stance_of(accession: Accession, groups: Collection[int], today: date) -> Stance:
    """Return what the town adopted, owes and voted; eight queries."""
    network_id, ags = accession.network_id, accession.municipality_id
    adoptions = Adoption.objects.filter(
        open_to(groups, "decision__"),
        municipality=ags,
        decision__network=network_id,
        decision__state__in=(State.IN_FORCE, State.FULFILLED),
    )
    waiting = Q(state=Adoption.State.PLANNED, decision__state=State.IN_FORCE)
    counts = adoptions.aggregate(
        adopted=Count("pk", filter=Q(state=Adoption.State.ADOPTED)),
        declined=Count("pk", filter=Q(state=Adoption.State.DECLINED)),
        planned=Count("pk", filter=waiting & Q(on__gte=today)),
        overdue=Count("pk", filter=waiting & Q(on__lt=today)),
    )
    with_decision = adoptions.select_related("decision")
    planned = with_decision.filter(waiting).order_by("on", "pk")
    unanswered = readable(network_id, groups).filter(waiting_for_word_of(ags, today))
    return Stance(
        counts={**counts, "unanswered": unanswered.count()},
        overdue=list(planned.filter(on__lt=today)[:LINES]),
        ahead=list(planned.filter(on__gte=today)[:LINES]),
        said=list(with_decision.exclude(state=Adoption.State.PLANNED).order_by("-said_at", "-pk")[:LINES]),
        unanswered=list(unanswered.order_by("-year", "-number")[:LINES]),
        leading=_leading(network_id, ags, groups),
        votes=_votes(network_id, ags, groups),
    )


def _leading(network_id: int, ags: str, groups: Collection[int]) -> list[CarriedOut]:
    """Return the projects the town leads that carry decisions out and are not done yet, the most urgent first."""
    led = Involvement.objects.filter(municipality=ags, role=Involvement.Role.LEAD, until=None).values("project")
    rows = CarriedOut.objects.filter(open_to(groups, "decision__"), decision__network=network_id, project__in=led)
    rows = rows.filter(removed_at=None, done_on=None, decision__state=State.IN_FORCE)
    return list(rows.select_related("decision", "project").order_by(F("due_on").asc(nulls_last=True), "pk")[:LINES])


def _votes(network_id: int, ags: str, groups: Collection[int]) -> list[Cast]:
    """Return the last votes that are over in which the town had a voice, and what it said; two queries."""
    decided = Q(vote__decision__isnull=False) & open_to(groups, "vote__decision__")
    undecided = Q(vote__decision=None) & open_to(groups, "vote__")
    over = VoteTown.objects.filter(municipality=ags, vote__network=network_id, vote__state=Vote.State.CLOSED)
    # Who said what in an internal group stays inside.
    roll = over.filter(decided | undecided, vote__group__is_internal=False)
    votes = [row.vote for row in roll.select_related("vote__decision").order_by("-vote__closed_at", "-pk")[:VOICES]]
    voices = Voice.objects.filter(vote__in=votes, municipality=ags, replaced_at=None)
    by_vote = {voice.vote_id: voice for voice in voices}
    return [Cast(vote, by_vote.get(vote.pk)) for vote in votes]


@dataclass(frozen=True)
class Tasks:
    """A town's action items: those that are open, the most urgent first, and how many there are."""

    actions: list[ActionItem]
    done: list[ActionItem]
    open: int
    overdue: int


def tasks_of(accession: Accession, today: date) -> Tasks:
    """Return what the town has to do and did lately; four queries."""
    actions = actions_with_people().filter(network=accession.network_id, municipality=accession.municipality_id)
    counts = actions.aggregate(
        open=Count("pk", filter=in_state("open", today)), overdue=Count("pk", filter=in_state("overdue", today))
    )
    finished = actions.filter(in_state("done"), finished_at__date__gte=today - LATELY)
    urgent = list(most_urgent_first(actions.filter(in_state("open")))[:ACTIONS])
    done = list(finished.order_by("-finished_at", "-pk")[:LINES])
    references = _carried_out_by([*urgent, *done])
    for action in (*urgent, *done):
        action.decided_in = references.get(action.pk, [])  # type: ignore[attr-defined]
    return Tasks(urgent, done, counts["open"], counts["overdue"])


def _carried_out_by(actions: Iterable[ActionItem]) -> dict[int, list[Decision]]:
    """Return the decisions of the network's log that action items carry out, by action item; one query."""
    rows = CarriedOut.objects.filter(
        open_to((), "decision__"), action_item__in=[action.pk for action in actions], removed_at=None
    )
    found: dict[int, list[Decision]] = {}
    for row in rows.select_related("decision"):
        found.setdefault(row.action_item_id or 0, []).append(row.decision)
    return found
