"""What a municipality itself says of a decision: it adopts it, will adopt it, or does not."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership, Municipality
from collab.network.queries import active_towns
from collab.search import index
from meetings.models import Adoption, Decision
from meetings.queries.entries import decision_entry
from meetings.rules.decision import may_adopt

from .decision_regions import of_preparation

State = Adoption.State
VERBS = {
    State.ADOPTED: "decision_adopted",
    State.PLANNED: "decision_to_be_adopted",
    State.DECLINED: "decision_declined",
}
# Where it ended, what towns made of it stays as it is.
OPEN = (Decision.State.IN_FORCE, Decision.State.FULFILLED)


@transaction.atomic
def say_adoption(
    *,
    decision: Decision,
    municipality: Municipality,
    state: str,
    on: date | None,
    word: str,
    paper: str,
    paper_link: str,
    version: int,
    by: Membership,
) -> Adoption:
    """Write the municipality's own line under a decision; twice the same is once.

    `version` is that of the line the person saw, 0 where there was none. Raises Stale where a colleague changed it
    since, Refused for a decision that is not in force, a town that left, and a line that lacks its date or word.
    """
    decision = locked_decision(decision)
    need(may_adopt(by, municipality.pk) and by.network_id == decision.network_id)
    if not active_towns(decision.network_id).filter(pk=municipality.pk).exists():
        raise Refused(_("%(town)s is no member of the network today.") % {"town": municipality})
    line = Adoption.objects.filter(decision=decision, municipality=municipality).first()
    wanted = {"state": State(state), "on": on, "word": word, "paper": paper, "paper_link": paper_link}
    if line and all(getattr(line, name) == value for name, value in wanted.items()):
        return line
    if (line.version if line else 0) != version:
        raise Stale(line or AdoptionNow(), str(line.said_by) if line else "")
    _need_open(decision)
    _need_complete(state, on, word)
    line = line or Adoption(decision=decision, municipality=municipality, version=0)
    for name, value in wanted.items():
        setattr(line, name, value)
    line.said_by, line.said_at, line.version = by, timezone.now(), line.version + 1
    line.save()
    _tell(decision, line, by)
    return line


class AdoptionNow:
    """The line of a town that has said nothing yet."""

    state, on, word, paper, paper_link, version = "", None, "", "", "", 0


def locked_decision(decision: Decision) -> Decision:
    """Return the decision as it is now, locked; whoever does this locks nothing else of meetings afterwards."""
    rows = Decision.objects.select_for_update(of=("self",), no_key=True).select_related("network", "group")
    return rows.get(pk=decision.pk)


def _need_open(decision: Decision) -> None:
    if decision.state not in OPEN:
        raise Refused(
            _("Decision %(reference)s is “%(state)s”. What the municipalities made of it stays as it is.")
            % {"reference": decision.reference, "state": decision.get_state_display()}
        )


def _need_complete(state: str, on: date | None, word: str) -> None:
    today = timezone.localdate()
    if state == State.PLANNED and on is None:
        raise Refused(_("Enter the day by which your municipality will adopt it."))
    if state == State.PLANNED and on and on < today:
        raise Refused(_("This day is over. Enter today or a later day, or say that it was adopted."))
    if state == State.ADOPTED and on and on > today:
        raise Refused(_("This day is still to come. Choose “Will adopt” instead."))
    if state == State.DECLINED and not word.strip():
        raise Refused(_("Say in a word why your municipality does not adopt it."))


def _tell(decision: Decision, line: Adoption, by: Membership) -> None:
    index.put(decision_entry(decision))
    record(
        decision.network,
        verb=VERBS[State(line.state)],
        actor=by,
        obj=decision,
        regions=[
            region_id("decision-adoptions", decision.pk),
            region_id("decision-log", decision.network_id),
            *of_preparation(decision.group_id),
        ],
        params={
            "town": line.municipality.short_name,
            "reference": decision.reference,
            "subject": decision.subject,
            **({"date": line.on.isoformat()} if line.on else {}),
        },
    )
