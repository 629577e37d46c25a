from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live import log, verbs
from collab.live.regions import Context, Region, register
from collab.network.models import Membership, Municipality, Network
from meetings.models import AgendaItem, Decision, Visibility, Vote
from meetings.queries.decisions import (
    DECISION_WITH,
    REVISED_BY,
    DecisionFilter,
    decisions_beside,
    decisions_of,
    may_see_decision,
)
from meetings.queries.life import added_corrections, basis_of
from meetings.queries.visibility import audience_with_groups, groups_of_audience
from meetings.queries.wording import corrections_of
from meetings.rules import sees_inside, standing
from workgroups.queries.project import blocks_of
from workgroups.rules import may_read_log, may_see_inside

from .circles import at_decision
from .guests import tells_at_decision

OPEN_TO_ALL = (Visibility.NETWORK, Visibility.PUBLIC)
# What a town has to do with the decisions of the log, by the values of `queries.decisions.PARTS`.
PART_LABELS = {
    "": pgettext_lazy("decisions of a town", "All"),
    "adopted": pgettext_lazy("decisions of a town", "Adopted"),
    "planned": pgettext_lazy("decisions of a town", "Will adopt"),
    "overdue": pgettext_lazy("decisions of a town", "Overdue"),
    "declined": pgettext_lazy("decisions of a town", "Not adopted"),
    "unanswered": pgettext_lazy("decisions of a town", "Not answered"),
    "voted": pgettext_lazy("decisions of a town", "Voted"),
    "in_charge": pgettext_lazy("decisions of a town", "In charge"),
}


def log_audience(membership: Membership, pk: int) -> str | None:
    is_reader = membership.network_id == pk and may_read_log(membership)
    return audience_with_groups(membership) if is_reader else None


def log_context(pk: int, audience: str, variant: str) -> Context:
    wanted = DecisionFilter.parse(variant)
    page = decisions_of(pk, wanted, groups_of_audience(audience))
    # What was recorded by mistake is shown, and was not decided.
    decided = page.paginator.object_list.filter(voided_at=None).count()  # type: ignore[attr-defined]
    return {
        "network": Network.objects.get(pk=pk),
        "page": page,
        "decided": decided,
        "wanted": wanted,
        "town": Municipality.objects.filter(pk=wanted.town).first() if wanted.town else None,
        "parts": [(part, label, wanted.with_(part=part)) for part, label in PART_LABELS.items()],
        "topics": blocks_of(pk),
    }


def decision_audience(membership: Membership, pk: int) -> str | None:
    """Return "outside" for who reads what an internal group of others decided: of its meeting they see nothing else;
    "inside" for who sits at the table, where the item stays the group's own while its decision was opened.
    """
    if not may_see_decision(membership, pk):
        return None
    if membership.is_guest:
        return "guest"
    decision = Decision.objects.select_related("group", "meeting__group", "item").get(pk=pk)
    if decision.meeting is None:
        return "member" if may_see_inside(membership, decision.group) else "outside"
    role = standing(membership, decision.meeting)
    if role and sees_inside(role) and decision.item and _item_shown(decision, "member") is None:
        return "inside"
    return "member" if role else "outside"


def decision_context(pk: int, audience: str, variant: str) -> Context:
    people = ("recorded_by__person", "recorded_by__municipality")
    decisions = Decision.objects.select_related(*DECISION_WITH, "superseded_by", *people)
    decision = decisions.prefetch_related(*REVISED_BY).get(pk=pk)
    vote = Vote.objects.filter(decision=pk).first()
    # Who sees one that is for the group only sees the others of that group as well.
    seen = (Visibility.GROUP,) if decision.visibility == Visibility.GROUP else ()
    return {
        "decision": decision,
        "network": decision.network,
        "item": _item_shown(decision, audience),
        "corrections": corrections_of(decision),
        "added": added_corrections(decision),
        "basis": basis_of(decision, vote),
        "vote_pk": vote.pk if vote else None,
        "topic": blocks_of(decision.network_id).get(decision.topic, ""),
        "beside": [one for one in decisions_beside(decision) if one.visibility in (*seen, *OPEN_TO_ALL)],
        "history": list(log.history(decision)),
    }


def _item_shown(decision: Decision, audience: str) -> AgendaItem | None:
    """Return the item it fell on; one that stays the group's own while the decision was opened to the network only to
    who sits at the table.
    """
    item, is_own = decision.item, decision.visibility == Visibility.GROUP or audience == "inside"
    return item if item and (is_own or item.visibility != Visibility.GROUP) else None


register(
    Region(
        "decision-log",
        "meetings/fragments/decision_log.html",
        log_audience,
        log_context,
        canonical=lambda variant: DecisionFilter.parse(variant).variant,
        hears=lambda circle, pk, audience: circle in groups_of_audience(audience),
    )
)
register(
    Region(
        "decision",
        "meetings/fragments/decision.html",
        decision_audience,
        decision_context,
        tells=tells_at_decision,
        hears=at_decision,
    )
)

verbs.register(
    {
        "decision_recorded": _("%(actor)s recorded decision %(reference)s: %(subject)s"),
        "decision_corrected": _("%(actor)s corrected decision %(reference)s (%(subject)s): %(reason)s"),
        "decision_voided": _(
            "%(actor)s marked decision %(reference)s (%(subject)s) as recorded by mistake: %(reason)s"
        ),
    },
    {"decision": "/n/{slug}/decisions/{reference}/"},
    spoken={
        "decision_recorded": (_("Decision %(reference)s recorded"), _("{n} new decisions")),
        "decision_corrected": (_("Decision %(reference)s corrected"), _("{n} decisions corrected")),
        "decision_voided": (_("Decision %(reference)s was recorded by mistake"), _("{n} decisions corrected")),
    },
)
