"""What all writes on who takes part share: the locks, beginning and ending a part, closing questions, the record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.models import Accession, Membership, Municipality
from collab.network.queries import active_on
from workgroups.models import Involvement, Offer, Project
from workgroups.queries.involvement import lead_of, part_of_town

from . import regions as pages
from .project import locked_project

Role = Involvement.Role
Kind, State = Offer.Kind, Offer.State
VERBS = {
    Role.LEAD: "part_lead",
    Role.CONTRIBUTOR: "part_contributor",
    Role.REUSER: "part_reuser",
    Role.INTERESTED: "part_interested",
}


class LeadTaken(Refused):
    """Another town leads the project: its own people may contribute instead."""


def locked_pair(project: Project, into: Project) -> tuple[Project, Project]:
    """Return both, locked in the order of their keys: two who join them crosswise do not wait for each other."""
    rows = {pk: locked_project(Project(pk=pk)) for pk in sorted({project.pk, into.pk})}
    return rows[project.pk], rows[into.pk]


def own_town(*, by: Membership) -> Municipality:
    assert by.municipality is not None  # noqa: S101 - the rule has asked
    return by.municipality


def need_going_on(project: Project) -> None:
    if project.joined_to:
        why = _("“%(project)s” goes on in “%(into)s”. Take part there.")
        raise Refused(why % {"project": project.title, "into": project.joined_to.title})


def need_free_lead(project: Project, town: Municipality) -> None:
    """Raise LeadTaken where another town leads: who, since when, and what is possible instead."""
    lead = lead_of(project.pk)
    if lead is None or lead.municipality_id == town.pk:
        return
    names = {"lead": lead.municipality, "project": project.title, "town": town, "since": _moment(lead)}
    raise LeadTaken(_("%(lead)s has led “%(project)s” since %(since)s. %(town)s can contribute instead.") % names)


def need_no_lead_then(project: Project, town: Municipality, since: date) -> None:
    """Raise Refused where another town still led the project on that day or later: there is one lead at a time."""
    leads = Involvement.objects.filter(project=project, role=Role.LEAD, until__gt=since).exclude(municipality=town)
    if latest := leads.select_related("municipality").order_by("-until").first():
        names = {"town": latest.municipality, "until": day_of(latest.until or since)}
        raise Refused(_("%(town)s led this project until %(until)s. Choose that day or a later one.") % names)


def begin(*, project: Project, town: Municipality, role: str, since: date, note: str, by: Membership) -> Involvement:
    """Begin a town's part, and end the one it had; the rules were asked."""
    if part := part_of_town(project.pk, town.pk):
        if part.since > since:
            names = {"town": town, "since": day_of(part.since)}
            raise Refused(_("%(town)s has its present part since %(since)s; another begins then or later.") % names)
        end(part=part, until=since, by=by)
    if role == Role.LEAD:
        _end_lead_of_departed(project)
    values = {"project": project, "municipality": town, "role": role, "since": since, "note": note}
    return Involvement.objects.create(**values, began_by=by)


def _end_lead_of_departed(project: Project) -> None:
    """A town that left the network leads nothing there: its part ended on the day it left."""
    for part in Involvement.objects.filter(project=project, role=Role.LEAD, until=None):
        exits = Accession.objects.filter(network=project.network_id, municipality=part.municipality_id)
        left = exits.filter(left_on__isnull=False).order_by("-left_on").values_list("left_on", flat=True).first()
        end(part=part, until=max(part.since, left or timezone.localdate()), by=None)


def end(*, part: Involvement, until: date, by: Membership | None) -> None:
    part.until, part.ended_by, part.ended_at = until, by, timezone.now()
    part.save(update_fields=["until", "ended_by", "ended_at"])


def settle(*, part: Involvement, by: Membership) -> list[str]:
    """Close the questions that a new part has answered; return the regions that showed them.

    Its town was asked for such a part or a smaller one, and has it: interest is no answer to the question who leads.
    Who was asked to lead need not answer any more when somebody leads; a lead that takes another part has nothing left
    to hand over.
    """
    offers = Offer.objects.filter(project=part.project_id, state=State.OPEN)
    answered = Role.values[Role.values.index(part.role) :]
    own = list(offers.filter(municipality=part.municipality_id, kind=Kind.PART, role__in=answered))
    close(offers=own, state=State.ACCEPTED, by=by)
    moot = Q(kind=Kind.LEAD) | Q(kind=Kind.PART, role=Role.LEAD) if part.role == Role.LEAD else Q(kind=Kind.LEAD)
    is_led_still = part.role != Role.LEAD and lead_of(part.project_id) is not None
    others = [] if is_led_still else list(offers.filter(moot))
    close(offers=others, state=State.WITHDRAWN, by=by)
    return regions_of_asked(part.project.network_id, [offer.municipality_id for offer in [*own, *others]])


def withdraw_hand_over(*, project: Project, by: Membership) -> list[str]:
    """Take back the question who takes over the lead; return the regions that showed it."""
    offers = list(Offer.objects.filter(project=project, kind=Kind.LEAD, state=State.OPEN))
    close(offers=offers, state=State.WITHDRAWN, by=by)
    return regions_of_asked(project.network_id, [offer.municipality_id for offer in offers])


def close_offers(*, project: Project, by: Membership) -> list[str]:
    """Take back all that was asked about a project; return the regions that showed it."""
    offers = [*Offer.objects.filter(project=project, state=State.OPEN)]
    offers += Offer.objects.filter(into=project, state=State.OPEN)
    close(offers=offers, state=State.WITHDRAWN, by=by)
    return regions_of_asked(project.network_id, [offer.municipality_id for offer in offers])


def close(*, offers: Iterable[Offer], state: str, by: Membership, answer: str = "") -> None:
    for offer in offers:
        offer.state, offer.answer, offer.answered_by, offer.answered_at = state, answer, by, timezone.now()
        offer.save(update_fields=["state", "answer", "answered_by", "answered_at"])


def sent_before(*, request_id: UUID | None, by: Membership) -> Offer | None:
    return Offer.objects.filter(request_id=request_id, made_by=by).first() if request_id else None


def need_joinable(project: Project, into: Project) -> None:
    if project.pk == into.pk or project.network_id != into.network_id:
        raise Refused(_("Choose another project of this network."))
    need_going_on(project)
    need_going_on(into)


# -- the log -----------------------------------------------------------------------------------------------------------


def recorded(
    *, part: Involvement, verb: str, by: Membership, regions: Iterable[str] = (), **params: Any
) -> Involvement:
    """Write into the log what a town has done, and bring the board and the project's page up to date."""
    project = part.project
    project.changed_at = timezone.now()
    project.save(update_fields=["changed_at"])
    shown = [*pages.of_board(project), *pages.of_project(project, "towns", "reuse", "profile")]
    shown += pages.of_town_in(project, part.municipality_id)
    told = {"town": part.municipality.short_name, "note": part.note, **params_of(project), **params}
    record(project.network, verb=verb, actor=by, obj=part, regions=[*shown, *regions], params=told)
    return part


def recorded_offer(*, offer: Offer, verb: str, by: Membership, regions: Iterable[str] = (), **params: Any) -> Offer:
    """Write into the log what became of a question about a project, and show it to the town that is asked."""
    assert offer.project is not None  # noqa: S101 - offers of action items are told by these
    shown = [region_id("project-towns", offer.project_id or 0), region_id("project-history", offer.project_id or 0)]
    shown += regions_of_asked(offer.network_id, [offer.municipality_id])
    told = {"town": by.acts_for, "to": offer.municipality.short_name, "note": offer.word}
    told |= {**params_of(offer.project), **params}
    record(offer.network, verb=verb, actor=by, obj=offer, regions=[*shown, *regions], params=told)
    return offer


def params_of(project: Project) -> dict[str, Any]:
    return {"title": project.title, "project_id": project.pk}


def regions_of_asked(network_id: int, towns: Iterable[str]) -> list[str]:
    """Return the regions in which these towns see what they are asked."""
    here = Accession.objects.filter(active_on(timezone.localdate()), network=network_id, municipality__in=set(towns))
    return [region_id("asked", pk) for pk in here.values_list("pk", flat=True)]


def _moment(part: Involvement) -> str:
    """Return since when somebody has a part: the time where it is of today."""
    if timezone.localdate(part.began_at) == part.since == timezone.localdate():
        return date_format(timezone.localtime(part.began_at), "TIME_FORMAT")
    return day_of(part.since)


def day_of(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
