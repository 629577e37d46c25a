"""Taking on, leaving, handing over, proposing, joining: which town takes part in what.

Whatever is done to the parts in a project is done under the project's lock, so that of two towns that claim the lead
at once the second is told who was first. What was the case stays on record: a new role ends the old part and begins
another.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, need_new_form
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership, Municipality
from collab.search import index
from workgroups import rules
from workgroups.models import Involvement, Offer, Project
from workgroups.queries.group import active_towns
from workgroups.queries.involvement import deciding_town, lead_of, open_parts_of, part_of_town
from workgroups.queries.similar import alike

from . import regions as pages
from .parts import (
    VERBS,
    LeadTaken,
    begin,
    close_offers,
    day_of,
    end,
    locked_pair,
    need_free_lead,
    need_going_on,
    need_joinable,
    need_no_lead_then,
    own_town,
    params_of,
    recorded,
    recorded_offer,
    regions_of_asked,
    sent_before,
    settle,
    withdraw_hand_over,
)
from .project import locked_project

__all__ = [
    "LeadTaken",
    "hand_over",
    "join",
    "join_locked",
    "leave",
    "mark_of",
    "propose_join",
    "propose_part",
    "take_on",
]

Role = Involvement.Role
Kind, State = Offer.Kind, Offer.State


# -- a town's own part -------------------------------------------------------------------------------------------------


@transaction.atomic
def take_on(
    *,
    project: Project,
    role: str,
    by: Membership,
    since: date | None = None,
    note: str | None = None,
    regions: Iterable[str] = (),
    seen: str | None = None,
    gives_up_nothing: bool = False,
) -> Involvement:
    """Let the person's own town take part in a project, and return its part. Twice the same is once.

    Another role ends the part it had and begins a new one, today where no day is named; the same role only changes day
    and note where these are given. `seen` is the mark (`mark_of`) of the part that a form showed. `regions` are further
    regions that show it, such as a meeting's. With `gives_up_nothing` a larger part that the town has meanwhile is not
    replaced: a button of a page that was not up to date does not end a lead. Raises LeadTaken where another town leads,
    and Refused where the part cannot begin on that day.
    """
    project = locked_project(project)
    need(rules.may_take_on(by) and by.network_id == project.network_id)
    need_going_on(project)
    town = own_town(by=by)
    part = part_of_town(project.pk, town.pk)
    if part and part.role == role and since in (None, part.since) and note in (None, part.note):
        return part
    is_larger = part is not None and Role.values.index(part.role) < Role.values.index(role)
    if (seen is not None and seen != mark_of(part)) or (gives_up_nothing and is_larger):
        raise Refused(_changed_meanwhile(part, town))
    if since and since > timezone.localdate():
        raise Refused(_("A part in a project begins today or has begun already."))
    if role == Role.LEAD:
        need_no_lead_then(project, town, since or (part.since if part and part.role == role else timezone.localdate()))
    if part and part.role == role:
        return _corrected(part, since or part.since, part.note if note is None else note, by, regions)
    if role == Role.LEAD:
        need_free_lead(project, town)
    begun = begin(project=project, town=town, role=role, since=since or timezone.localdate(), note=note or "", by=by)
    return recorded(part=begun, verb=VERBS[Role(role)], by=by, regions=[*regions, *settle(part=begun, by=by)])


@transaction.atomic
def leave(
    *, project: Project, by: Membership, until: date | None = None, seen: str | None = None
) -> Involvement | None:
    """End the own town's part in a project, today or on an earlier day; returns it, None where it had none. Raises
    Refused where that is not the part with the mark `seen`.
    """
    project = locked_project(project)
    need(rules.may_take_on(by) and by.network_id == project.network_id)
    part = part_of_town(project.pk, own_town(by=by).pk)
    if part is None:
        return None
    if seen is not None and seen != mark_of(part):
        raise Refused(_changed_meanwhile(part, part.municipality))
    ends = until or timezone.localdate()
    if not part.since <= ends <= timezone.localdate():
        between = {"since": day_of(part.since)}
        raise Refused(_("Choose a day between %(since)s, when it began, and today.") % between)
    end(part=part, until=ends, by=by)
    verb = "lead_left" if part.role == Role.LEAD else "part_left"
    return recorded(
        part=part,
        verb=verb,
        by=by,
        regions=withdraw_hand_over(project=project, by=by) if part.role == Role.LEAD else (),
    )


def mark_of(part: Involvement | None) -> str:
    """Return what a form keeps of the part it showed: another mark later means that somebody changed it."""
    return f"{part.pk}/{part.since.isoformat()}/{part.note}" if part else ""


# -- asking another town -----------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over(
    *,
    project: Project,
    municipality: Municipality,
    word: str,
    by: Membership,
    stay_as: str = Role.CONTRIBUTOR,
    request_id: UUID | None = None,
) -> Offer:
    """Ask another town to take over the lead from the own one, and return the question; it leads until that town says
    yes. `stay_as` is the part the own town has from then on; empty: none.
    """
    project = locked_project(project)
    need(rules.may_take_on(by) and by.network_id == project.network_id)
    if twin := sent_before(request_id=request_id, by=by):
        return twin
    need_new_form(Offer, request_id)
    need_going_on(project)
    town, lead = own_town(by=by), lead_of(project.pk)
    if lead is None or lead.municipality_id != town.pk:
        raise Refused(_("%(town)s does not lead this project any more.") % {"town": town})
    if municipality.pk == town.pk:
        raise Refused(_("%(town)s leads this project already.") % {"town": town})
    asked = Offer.objects.filter(project=project, kind=Kind.LEAD, state=State.OPEN).select_related("municipality")
    if there := asked.first():
        if there.municipality_id == municipality.pk:
            return there
        why = _("%(town)s is asked already. Withdraw that question first, then ask another municipality.")
        raise Refused(why % {"town": there.municipality})
    values: dict[str, Any] = {"kind": Kind.LEAD, "role": stay_as, "word": word, "request_id": request_id}
    return _asked(project, municipality, "lead_offered", by, **values)


@transaction.atomic
def propose_part(
    *,
    project: Project,
    municipality: Municipality,
    role: str,
    word: str,
    by: Membership,
    request_id: UUID | None = None,
) -> Offer:
    """Propose to a town that it takes part, and return the question: the coordinator asks, the town decides."""
    project = locked_project(project)
    need(rules.may_propose_part(by) and by.network_id == project.network_id)
    if twin := sent_before(request_id=request_id, by=by):
        return twin
    need_new_form(Offer, request_id)
    need_going_on(project)
    names = {"town": municipality, "project": project.title}
    part = part_of_town(project.pk, municipality.pk)
    if part and part.role == role:
        raise Refused(_("%(town)s has this part already.") % names)
    if part and Role.values.index(part.role) < Role.values.index(role):
        why = _("%(town)s takes part already, and with more: %(role)s.")
        raise Refused(why % {**names, "role": part.get_role_display()})
    if role == Role.LEAD and (lead := lead_of(project.pk)):
        why = _("%(town)s leads this project. Only it can hand the lead over.")
        raise Refused(why % {"town": lead.municipality})
    asked = Offer.objects.filter(project=project, municipality=municipality, kind=Kind.PART, state=State.OPEN)
    if there := asked.first():
        if there.role == role:
            return there
        raise Refused(_("%(town)s is asked about “%(project)s” already. Withdraw that question first.") % names)
    values: dict[str, Any] = {"kind": Kind.PART, "role": role, "word": word, "request_id": request_id}
    return _asked(project, municipality, "part_proposed", by, **values)


@transaction.atomic
def propose_join(
    *, project: Project, into: Project, word: str, by: Membership, request_id: UUID | None = None
) -> Offer:
    """Ask the town that decides about `project` to go on in `into`, and return the question."""
    project, into = locked_pair(project, into)
    need(rules.may_propose_join(by) and by.network_id == project.network_id)
    if twin := sent_before(request_id=request_id, by=by):
        return twin
    need_new_form(Offer, request_id)
    need_joinable(project, into)
    town = Municipality.objects.filter(pk=deciding_town(project) or "").first()
    if town is None:
        raise Refused(_("Nobody leads “%(project)s”. The coordinator can join it right away.") % {"project": project})
    asked = Offer.objects.filter(project=project, municipality=town, kind=Kind.JOIN, state=State.OPEN)
    if there := asked.select_related("into").first():
        if there.into_id == into.pk:
            return there
        names = {"town": town, "project": there.into}
        raise Refused(_("%(town)s is asked already whether it goes on in “%(project)s”.") % names)
    values: dict[str, Any] = {"kind": Kind.JOIN, "into": into, "word": word, "request_id": request_id}
    return _asked(project, town, "join_proposed", by, told={"into": into.title}, **values)


def _asked(
    project: Project, town: Municipality, verb: str, by: Membership, told: dict[str, Any] | None = None, **values: Any
) -> Offer:
    if not active_towns(project.network).filter(pk=town.pk).exists():
        raise Refused(_("%(town)s is not a member of this network today.") % {"town": town})
    offer = Offer.objects.create(network=project.network, municipality=town, project=project, made_by=by, **values)
    return recorded_offer(offer=offer, verb=verb, by=by, **(told or {}))


# -- joining -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def join(*, project: Project, into: Project, by: Membership) -> Project:
    """Let `project` go on in `into`, and return it. Only the town that decides about it does that.

    Its own town contributes to the other project from then on; the other towns that took part are asked, each for
    itself, whether they do so there.
    """
    project, into = locked_pair(project, into)
    need(rules.may_join(by, deciding_town(project)) and by.network_id == project.network_id)
    if project.joined_to_id == into.pk:
        return project
    need_joinable(project, into)
    return join_locked(project=project, into=into, by=by)


def join_locked(*, project: Project, into: Project, by: Membership) -> Project:
    """Join two locked projects of which everything was asked already."""
    touched = {*close_offers(project=project, by=by), *pages.of_similar(alike(project.network_id, project.pk))}
    parts = open_parts_of(project.pk)
    for part in parts:
        end(part=part, until=timezone.localdate(), by=by)
        if part_of_town(into.pk, part.municipality_id):
            continue
        role = Role.CONTRIBUTOR if part.role == Role.LEAD else part.role
        if part.municipality_id == by.municipality_id:
            recorded(
                part=begin(project=into, town=part.municipality, role=role, since=timezone.localdate(), note="", by=by),
                verb=VERBS[Role(role)],
                by=by,
            )
        else:
            touched |= set(_invite_over(part.municipality, into, role, by))
    project.joined_to = into
    project.changed_at, project.version = timezone.now(), project.version + 1
    project.save(update_fields=["joined_to", "changed_at", "version"])
    shown = [*pages.of_board(project, listed=True), *pages.of_board(into, listed=True)]
    shown += [*pages.of_project(project, "towns", "profile", "reuse", "work"), *pages.of_project(into, "towns")]
    shown += pages.of_town_in(project, *(part.municipality_id for part in [*parts, *open_parts_of(into.pk)]))
    params = {**params_of(project), "into": into.title, "version": project.version}
    for kind in ("project", "experience"):
        index.remove(kind, [project.pk])
    record(project.network, verb="project_joined", actor=by, obj=project, regions=[*shown, *touched], params=params)
    return project


def _invite_over(town: Municipality, into: Project, role: str, by: Membership) -> list[str]:
    """Ask a town whether it takes part in the project that goes on; return the regions that show it."""
    values = {"project": into, "municipality": town, "kind": Kind.PART}
    if not Offer.objects.filter(state=State.OPEN, **values).exists():
        Offer.objects.create(network=into.network, role=role, made_by=by, **values)
    return regions_of_asked(into.network_id, [town.pk])


# -- in words ---------------------------------------------------------------------------------------------------------


def _corrected(part: Involvement, since: date, note: str, by: Membership, regions: Iterable[str]) -> Involvement:
    """Change day or note of a part that goes on."""
    part.since, part.note = since, note
    part.save(update_fields=["since", "note"])
    return recorded(part=part, verb="part_noted", by=by, regions=regions)


def _changed_meanwhile(part: Involvement | None, town: Municipality) -> str:
    if part is None:
        return _("%(town)s has left this project meanwhile. Look at it again before you change it.") % {"town": town}
    names = {"town": town, "role": part.get_role_display(), "since": day_of(part.since)}
    return (
        _("Meanwhile %(town)s has the part “%(role)s” since %(since)s. Look at it again before you change it.") % names
    )
