"""The live regions of a decision's page beyond its wording: voices, life, adoptions, what carries it out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.live import verbs
from collab.live.once import once
from collab.live.regions import Context, Region, register
from collab.network.models import Membership, Role
from meetings.models import Adoption, Decision, Meeting, Visibility, Vote
from meetings.queries.adoption import adoptions_of, canonical_page, page_of
from meetings.queries.carrying_out import suggested_actions, work_on
from meetings.queries.decisions import DECISION_WITH, may_see_decision
from meetings.queries.life import life_of
from meetings.queries.minutes import is_in_minutes
from meetings.queries.visibility import audience_with_groups, groups_of_audience
from meetings.queries.vote import silent_towns, voices_of
from meetings.rules.decision import may_adopt, may_run
from workgroups.rules import may_see_inside

FOLDER = "meetings/fragments/"
CHAIR, MEMBER, OUTSIDE, OFFICER, WORKER, READER = "chair", "member", "outside", "officer", "worker", "reader"
WORKERS = (Role.OFFICER, Role.GUIDE)


def audience(membership: Membership, pk: int) -> str | None:
    """Return "member" for who may see the decision; guests see nothing of what became of it."""
    return None if membership.is_guest or not may_see_decision(membership, pk) else MEMBER


def audience_of_life(membership: Membership, pk: int) -> str | None:
    """Return "chair" for who runs its group, "member" or "outside" (of an internal group) for the others, with the
    groups they see inside of: another decision in its chain may be for one of these only.
    """
    if audience(membership, pk) is None:
        return None
    decision = Decision.objects.select_related("group").get(pk=pk)
    if may_run(membership, decision):
        return audience_with_groups(membership, CHAIR)
    return audience_with_groups(membership, MEMBER if may_see_inside(membership, decision.group) else OUTSIDE)


def audience_of_work(membership: Membership, pk: int) -> str | None:
    """Return "chair" for who runs its group, "worker" for who works for a town, "reader" for the others."""
    if audience(membership, pk) is None:
        return None
    if may_run(membership, Decision.objects.select_related("group").get(pk=pk)):
        return CHAIR
    return WORKER if membership.role in WORKERS else READER


def hears_inside(circle: int, pk: int, audience: str) -> bool:
    """Whoever sees a decision that is for the group only is inside; of an internal group others read the log, too."""
    return Decision.objects.filter(pk=pk, group=circle, visibility=Visibility.GROUP).exists()


@once
def _decision(pk: int) -> Decision:
    return Decision.objects.select_related(*DECISION_WITH, "superseded_by").get(pk=pk)


def audience_of_adoptions(membership: Membership, pk: int) -> str | None:
    """Return "officer" for who writes a town's line (the browser shows each their own), "reader" for the others."""
    if audience(membership, pk) is None:
        return None
    return OFFICER if may_adopt(membership, membership.municipality_id or "") else READER


def audience_of_voices(membership: Membership, pk: int) -> str | None:
    """Return "member", or "outside" for who reads what an internal group decided: who said what stays inside."""
    if audience(membership, pk) is None:
        return None
    decision = Decision.objects.select_related("group").get(pk=pk)
    return MEMBER if may_see_inside(membership, decision.group) else OUTSIDE


def voices_context(pk: int, audience: str, variant: str) -> Context:
    decision = _decision(pk)
    vote = Vote.objects.filter(decision=pk).first() if audience == MEMBER else None
    return {
        "decision": decision,
        "network": decision.network,
        "vote": vote,
        "voices": voices_of(vote) if vote else [],
        "silent": list(silent_towns(vote)) if vote else [],
    }


def life_context(pk: int, audience: str, variant: str) -> Context:
    decision = _decision(pk)
    role = audience.partition(":")[0]
    in_session = decision.meeting is not None and decision.meeting.state == Meeting.State.OPEN
    in_session = in_session and not is_in_minutes(decision)
    return {
        "decision": decision,
        "network": decision.network,
        "life": life_of(decision, groups_of_audience(audience)),
        "runs": role == CHAIR and not decision.is_void,
        "inside": role != OUTSIDE,
        "may_correct": role == CHAIR and not decision.is_void and not in_session,
    }


def adoptions_context(pk: int, audience: str, variant: str) -> Context:
    decision = _decision(pk)
    return {
        "decision": decision,
        "network": decision.network,
        "adoptions": adoptions_of(decision, page_of(variant)),
        "counts": decision.carried and not decision.is_void,
        "is_open": decision.state in (Decision.State.IN_FORCE, Decision.State.FULFILLED),
        "writes": audience == OFFICER,
        "State": Adoption.State,
    }


def work_context(pk: int, audience: str, variant: str) -> Context:
    decision = _decision(pk)
    work = work_on(decision)
    return {
        "decision": decision,
        "network": decision.network,
        "work": work,
        "done": sum(row.is_done for row in work),
        "overdue": sum(row.is_overdue for row in work),
        "runs": audience == CHAIR,
        "may_link": audience == CHAIR and decision.carried and not decision.is_void,
        "works": audience == WORKER,
        "suggested": suggested_actions(decision),
    }


register(
    Region("decision-voices", f"{FOLDER}decision_voices.html", audience_of_voices, voices_context, hears=hears_inside)
)
register(Region("decision-life", f"{FOLDER}decision_life.html", audience_of_life, life_context, hears=hears_inside))
register(
    Region(
        "decision-adoptions",
        f"{FOLDER}decision_adoptions.html",
        audience_of_adoptions,
        adoptions_context,
        canonical=canonical_page,
        hears=hears_inside,
    )
)
register(Region("decision-work", f"{FOLDER}decision_work.html", audience_of_work, work_context, hears=hears_inside))

verbs.register(
    {
        "decision_fulfilled": _("%(actor)s marked decision %(reference)s (%(subject)s) as fulfilled: %(reason)s"),
        "decision_revoked": _("%(actor)s marked decision %(reference)s (%(subject)s) as revoked: %(reason)s"),
        "decision_reinstated": _("%(actor)s put decision %(reference)s (%(subject)s) back in force: %(reason)s"),
        "decision_superseded": _("Decision %(other)s supersedes decision %(reference)s (%(subject)s): %(reason)s"),
        "decision_expired": _("Decision %(reference)s (%(subject)s) has expired"),
        "decision_terms_set": _("%(actor)s set new dates for decision %(reference)s (%(subject)s): %(reason)s"),
        "decision_correction_added": _(
            "%(actor)s added a correction to decision %(reference)s (%(subject)s): %(reason)s"
        ),
        "decision_adopted": _("%(town)s adopted decision %(reference)s: %(subject)s"),
        "decision_to_be_adopted": _("%(town)s will adopt decision %(reference)s by %(date)s: %(subject)s"),
        "decision_declined": _("%(town)s does not adopt decision %(reference)s: %(subject)s"),
        "decision_work_linked": _("“%(title)s” carries out decision %(reference)s (%(subject)s)"),
        "decision_work_unlinked": _("%(actor)s took “%(title)s” off decision %(reference)s (%(subject)s)"),
        "decision_work_reported": _("%(actor)s wrote how “%(title)s” stands (decision %(reference)s)"),
        "decision_work_done": _("“%(title)s” is done (decision %(reference)s: %(subject)s)"),
        "review_planned": _("Decision %(reference)s comes up again in “%(meeting)s” on %(date)s"),
        "review_taken_off": _("Decision %(reference)s (%(subject)s) does not come up again"),
    },
    quiet=["decision_work_linked", "decision_work_unlinked", "decision_work_reported", "review_taken_off"],
    spoken={
        "decision_fulfilled": (_("Decision %(reference)s is fulfilled"), _("{n} decisions changed")),
        "decision_revoked": (_("Decision %(reference)s is revoked"), _("{n} decisions changed")),
        "decision_reinstated": (_("Decision %(reference)s is back in force"), _("{n} decisions changed")),
        "decision_superseded": (
            _("Decision %(other)s supersedes decision %(reference)s"),
            _("{n} decisions changed"),
        ),
        "decision_expired": (_("Decision %(reference)s has expired"), _("{n} decisions changed")),
        "decision_terms_set": (_("New dates for decision %(reference)s"), _("{n} decisions changed")),
        "decision_correction_added": (_("Decision %(reference)s has a correction"), _("{n} decisions changed")),
        "decision_adopted": (_("%(town)s adopted decision %(reference)s"), _("{n} municipalities said what they do")),
        "decision_to_be_adopted": (
            _("%(town)s will adopt decision %(reference)s"),
            _("{n} municipalities said what they do"),
        ),
        "decision_declined": (
            _("%(town)s does not adopt decision %(reference)s"),
            _("{n} municipalities said what they do"),
        ),
    },
)
