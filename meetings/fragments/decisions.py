from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.live import log, verbs
from collab.live.regions import Context, Region, register
from collab.network.models import Membership, Network
from meetings.models import Decision
from meetings.queries.decisions import (
    DECISION_WITH,
    REVISED_BY,
    DecisionFilter,
    actions_beside,
    decisions_beside,
    decisions_of,
    may_see_decision,
)
from meetings.queries.wording import corrections_of
from meetings.rules import standing
from workgroups.rules import may_read_log, may_see_inside

from .guests import tells_at_decision


def log_audience(membership: Membership, pk: int) -> str | None:
    return "member" if membership.network_id == pk and may_read_log(membership) else None


def log_context(pk: int, audience: str, variant: str) -> Context:
    wanted = DecisionFilter.parse(variant)
    page = decisions_of(pk, wanted)
    # What was recorded by mistake is shown, and was not decided.
    decided = page.paginator.object_list.filter(voided_at=None).count()  # type: ignore[attr-defined]
    return {"network": Network.objects.get(pk=pk), "page": page, "decided": decided, "wanted": wanted}


def decision_audience(membership: Membership, pk: int) -> str | None:
    """Return "outside" for who reads what an internal group of others decided: of its meeting they see nothing else."""
    if not may_see_decision(membership, pk):
        return None
    if membership.is_guest:
        return "guest"
    decision = Decision.objects.select_related("group", "meeting__group").get(pk=pk)
    if decision.meeting is None:
        return "member" if may_see_inside(membership, decision.group) else "outside"
    return "member" if standing(membership, decision.meeting) else "outside"


def decision_context(pk: int, audience: str, variant: str) -> Context:
    people = ("recorded_by__person", "recorded_by__municipality")
    decision = Decision.objects.select_related(*DECISION_WITH, *people).prefetch_related(*REVISED_BY).get(pk=pk)
    return {
        "decision": decision,
        "network": decision.network,
        "corrections": corrections_of(decision),
        "beside": decisions_beside(decision),
        "history": list(log.history(decision)),
        # What a guest has to do stands on their own page; the others' is not for them.
        "actions": [] if audience == "guest" else actions_beside(decision),
    }


register(
    Region(
        "decision-log",
        "meetings/fragments/decision_log.html",
        log_audience,
        log_context,
        canonical=lambda variant: DecisionFilter.parse(variant).variant,
    )
)
register(
    Region(
        "decision",
        "meetings/fragments/decision.html",
        decision_audience,
        decision_context,
        tells=tells_at_decision,
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
