"""Reads: decisions with their life, adoptions and what carries them out, as files have them.

Each is what the page that lists it shows this member, as filtered; a fixed number of queries for any number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from collab.network.models import Membership
from meetings.models import Adoption, CarriedOut, Decision
from workgroups.models import ActionItem, Involvement
from workgroups.queries.group import active_accessions, internal_groups_seen
from workgroups.queries.involvement import parts_today
from workgroups.queries.project import blocks_of
from workgroups.tables import Table

from .decisions import DECISION_WITH, DecisionFilter, narrowed, visible_decisions

Row = list[Any]


def decision_table(membership: Membership, wanted: DecisionFilter) -> Table:
    """Return the decisions of the log's filters with where they are in their life, the newest first."""
    header = [
        _("Number"),
        _("Decided on"),
        _("Group"),
        _("Meeting"),
        _("Topic block"),
        _("Subject"),
        _("Exact wording"),
        _("Result"),
        _("Yes"),
        _("No"),
        _("Abstentions"),
        _("Vote"),
        _("Majority"),
        _("Municipalities with a voice"),
        _("Present"),
        _("Needed for a quorum"),
        pgettext("decision", "State"),
        _("Since"),
        _("Superseded by"),
        _("In force until"),
        _("Review on"),
        _("Adopted"),
        _("Will adopt"),
        _("Does not adopt"),
        _("Void because"),
    ]
    said = Adoption.State
    by_state = {state: Count("adoptions", filter=Q(adoptions__state=state.value)) for state in said}
    decisions = visible_decisions(membership).select_related(*DECISION_WITH, "vote", "superseded_by")
    decisions = decisions.annotate(
        adopted=by_state[said.ADOPTED], planned=by_state[said.PLANNED], declined=by_state[said.DECLINED]
    )
    inside, topics = set(internal_groups_seen(membership)), blocks_of(membership.network_id)
    readable = set(visible_decisions(membership).filter(supersedes__isnull=False).values_list("pk", flat=True))
    rows = (_decision(one, inside, topics, readable) for one in narrowed(decisions, wanted))
    return Table(_("Decisions"), header, rows)


def _decision(decision: Decision, inside: set[int], topics: dict[str, Any], readable: set[int]) -> Row:
    meeting, group, by = decision.meeting, decision.group, decision.superseded_by
    vote = getattr(decision, "vote", None)
    return [
        decision.reference,
        decision.decided_on,
        group.name,
        meeting.title if meeting and (not group.is_internal or group.pk in inside) else "",
        topics.get(decision.topic, ""),
        decision.subject,
        decision.wording,
        ", ".join(text for text in (decision.in_words, decision.quorum_in_words) if text),
        decision.yes,
        decision.no,
        decision.abstain,
        vote.get_kind_display() if vote else "",
        decision.get_majority_display() if decision.mode == Decision.Mode.COUNTED else "",
        decision.towns,
        decision.present,
        decision.needed,
        decision.get_state_display(),
        decision.state_on,
        by.reference if by and by.pk in readable else "",
        decision.expires_on,
        decision.review_on,
        decision.adopted,  # type: ignore[attr-defined]
        decision.planned,  # type: ignore[attr-defined]
        decision.declined,  # type: ignore[attr-defined]
        (decision.void_reason or _("Recorded by mistake")) if decision.is_void else "",
    ]


# -- what the municipalities say --------------------------------------------------------------------------------------


def _adoption_header() -> Row:
    return [
        _("Municipality"),
        _("Official key"),
        pgettext("adoption", "State"),
        _("Date"),
        _("Word"),
        _("Council's paper"),
        _("Address of the council's paper"),
        _("Said on"),
    ]


def adoptions_table(membership: Membership, wanted: DecisionFilter) -> Table:
    """Return what the municipalities said of the decisions of the log's filters, the newest decision first."""
    header = [_("Number"), _("Subject"), *_adoption_header()]
    said = Adoption.objects.select_related("municipality").order_by("municipality__sort_key", "municipality")
    decisions = narrowed(visible_decisions(membership), wanted)
    decisions = decisions.filter(Exists(Adoption.objects.filter(decision=OuterRef("pk"))))
    rows = (
        [one.reference, one.subject, *_adoption(adoption)]
        for one in decisions.prefetch_related(Prefetch("adoptions", said))
        for adoption in one.adoptions.all()
    )
    return Table(_("In the municipalities"), header, rows)


def adoption_table(membership: Membership, decision: Decision) -> Table:
    """Return what each member of the network said of one decision, by town, and who has said nothing yet."""
    said = {one.municipality_id: one for one in decision.adoptions.select_related("municipality")}
    return Table(f"{decision.reference} {_('In the municipalities')}", _adoption_header(), _of_towns(membership, said))


def _of_towns(membership: Membership, said: dict[str, Adoption]) -> Iterator[Row]:
    towns = {one.municipality_id: one.municipality for one in active_accessions(membership.network)}
    # A town that left has said what it said.
    towns |= {ags: one.municipality for ags, one in said.items()}
    for ags, town in sorted(towns.items(), key=lambda pair: pair[1].sort_key):
        nothing = [town.short_name, ags, _("Has not said yet"), None, "", "", "", None]
        yield _adoption(said[ags]) if ags in said else nothing


def _adoption(one: Adoption) -> Row:
    town, said_on = one.municipality, localtime(one.said_at).date()
    state = one.get_state_display()
    return [town.short_name, town.ags, state, one.on, one.word, one.paper, one.paper_link, said_on]


# -- what carries them out --------------------------------------------------------------------------------------------


def tracking_table(membership: Membership, wanted: DecisionFilter) -> Table:
    """Return the action items and projects that carry out the decisions of the log's filters."""
    header = [
        _("Number"),
        _("Subject"),
        pgettext("decision", "State"),
        _("Kind"),
        _("Carried out by"),
        _("In charge"),
        _("Due"),
        _("Overdue"),
        pgettext("action item", "State"),
        _("Reason of the delay"),
        _("Completion note"),
        _("Finished on"),
    ]
    decisions = narrowed(visible_decisions(membership), wanted)
    decisions = decisions.filter(Exists(_work().filter(decision=OuterRef("pk"))))
    rows = (
        [one.reference, one.subject, one.get_state_display(), *_carried_out(work)]
        for one in decisions.prefetch_related(Prefetch("carried_out_by", _work()))
        for work in one.carried_out_by.all()
    )
    return Table(_("Decision tracking"), header, rows)


def _work() -> QuerySet[CarriedOut]:
    leading = parts_today().filter(role=Involvement.Role.LEAD)
    things = ("action_item__municipality", "action_item__person__person", "project")
    work = CarriedOut.objects.filter(removed_at=None).select_related(*things)
    return work.prefetch_related(Prefetch("project__involvements", leading, to_attr="leads"))


def _carried_out(work: CarriedOut) -> Row:
    row = _by_action(work, work.action_item) if work.action_item else _by_project(work)
    return [*row, work.delay, work.note, work.done_on] if work.project else row


def _by_action(work: CarriedOut, action: ActionItem) -> Row:
    person, due = action.person.person.name if action.person else "", action.due_on
    is_open = action.state in ActionItem.OPEN_STATES
    return [
        _("Action item"),
        action.title,
        ", ".join(text for text in (str(action.municipality or ""), person) if text),
        due,
        _if_late(due, is_open),
        action.get_state_display(),
        work.delay or action.due_reason,
        work.note or action.state_note,
        localtime(action.finished_at).date() if action.finished_at else None,
    ]


def _by_project(work: CarriedOut) -> Row:
    project: Any = work.project
    in_charge = ", ".join(str(part.municipality) for part in project.leads)
    is_late = _if_late(work.due_on, work.done_on is None)
    return [_("Project"), project.title, in_charge, work.due_on, is_late, project.get_phase_display()]


def _if_late(due: date | None, is_open: bool) -> str:
    return _("yes") if is_open and due is not None and due < timezone.localdate() else ""
