"""Answering what a town was asked: a part in a project, its lead, joining two projects, an action item.

The town alone decides. Whoever asked may take the question back as long as it is open.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.network.access import need
from collab.network.models import Membership
from workgroups import rules
from workgroups.models import Involvement, Offer
from workgroups.queries.involvement import OFFER_WITH, deciding_town, lead_of, part_of_town

from . import action_changes, action_item
from .involvement import join_locked
from .parts import (
    VERBS,
    begin,
    close,
    end,
    locked_pair,
    need_free_lead,
    need_going_on,
    need_joinable,
    own_town,
    recorded,
    recorded_offer,
    regions_of_asked,
    settle,
)
from .project import locked_project

Role = Involvement.Role
Kind, State = Offer.Kind, Offer.State


@transaction.atomic
def accept_offer(*, offer: Offer, by: Membership) -> Offer:
    """Say yes in the name of the town that was asked, and do what it was asked; twice the same is once.

    Raises Refused where it is not possible any more: somebody else leads meanwhile, the question was taken back.
    """
    offer = _locked(offer)
    need(offer.network_id == by.network_id)
    need(rules.may_answer_offer(by, offer.municipality_id, is_work=offer.kind == Kind.ACTION))
    if offer.state == State.ACCEPTED:
        return offer
    _need_open(offer)
    {Kind.PART: _take_part, Kind.LEAD: _take_lead, Kind.JOIN: _join, Kind.ACTION: _take_action}[Kind(offer.kind)](
        offer, by
    )
    return offer


@transaction.atomic
def decline_offer(*, offer: Offer, answer: str, by: Membership) -> Offer:
    """Say no in the name of the town that was asked; twice the same is once."""
    offer = _locked(offer)
    need(offer.network_id == by.network_id)
    need(rules.may_answer_offer(by, offer.municipality_id, is_work=offer.kind == Kind.ACTION))
    if offer.state == State.DECLINED:
        return offer
    _need_open(offer)
    close(offers=[offer], state=State.DECLINED, by=by, answer=answer)
    return _told(offer, "offer_declined", by, town=offer.municipality.short_name, note=answer)


@transaction.atomic
def withdraw_offer(*, offer: Offer, by: Membership) -> Offer:
    """Take a question back that was not answered yet; twice the same is once."""
    offer = _locked(offer)
    need(offer.network_id == by.network_id and rules.may_withdraw_offer(by, offer.made_by))
    if offer.state == State.WITHDRAWN:
        return offer
    _need_open(offer)
    close(offers=[offer], state=State.WITHDRAWN, by=by)
    return _told(offer, "offer_withdrawn", by, town=by.acts_for or str(by))


# -- what a yes does ---------------------------------------------------------------------------------------------------


def _take_part(offer: Offer, by: Membership) -> None:
    assert offer.project is not None  # noqa: S101 - kept by the database
    project, town = offer.project, own_town(by=by)
    need_going_on(project)
    if offer.role == Role.LEAD:
        need_free_lead(project, town)
    part = part_of_town(project.pk, town.pk)
    close(offers=[offer], state=State.ACCEPTED, by=by)
    shown = regions_of_asked(offer.network_id, [town.pk])
    if part is None or part.role != offer.role:
        part = begin(project=project, town=town, role=offer.role, since=timezone.localdate(), note="", by=by)
        shown += settle(part=part, by=by)
    recorded(part=part, verb=VERBS[Role(part.role)], by=by, regions=shown)


def _take_lead(offer: Offer, by: Membership) -> None:
    """The lead goes over; who handed it over keeps the part it asked for."""
    assert offer.project is not None  # noqa: S101 - kept by the database
    project, town, lead = offer.project, own_town(by=by), lead_of(offer.project.pk)
    need_going_on(project)
    giving = offer.made_by.municipality
    if lead is None or giving is None or lead.municipality_id != giving.pk:
        need_free_lead(project, town)
        raise Refused(_("%(town)s does not lead this project any more.") % {"town": giving or ""})
    close(offers=[offer], state=State.ACCEPTED, by=by)
    end(part=lead, until=timezone.localdate(), by=offer.made_by)
    if offer.role:
        begin(project=project, town=giving, role=offer.role, since=timezone.localdate(), note="", by=offer.made_by)
    part = begin(project=project, town=town, role=Role.LEAD, since=timezone.localdate(), note="", by=by)
    shown = [*regions_of_asked(offer.network_id, [town.pk]), *settle(part=part, by=by)]
    recorded(part=part, verb="lead_handed_over", by=by, regions=shown, **{"from": giving.short_name})


def _join(offer: Offer, by: Membership) -> None:
    assert offer.project is not None and offer.into is not None  # noqa: S101 - kept by the database
    project, into = offer.project, offer.into
    need_joinable(project, into)
    if not rules.may_join(by, deciding_town(project)):
        raise Refused(
            _("Another municipality leads “%(project)s” meanwhile, and decides.") % {"project": project.title}
        )
    close(offers=[offer], state=State.ACCEPTED, by=by)
    join_locked(project=project, into=into, by=by)


def _take_action(offer: Offer, by: Membership) -> None:
    assert offer.action is not None  # noqa: S101 - kept by the database
    # Taking over takes back whatever is still open of it, and shows that; what was accepted was not taken back.
    action_item.take_over_action(action=offer.action, municipality=own_town(by=by), by=by)
    close(offers=[offer], state=State.ACCEPTED, by=by)


# -- in common ---------------------------------------------------------------------------------------------------------


def _locked(offer: Offer) -> Offer:
    """Return the offer as it is now, locked behind what it is about: the projects, or the action item."""
    if offer.kind == Kind.ACTION and offer.action:
        action_item.locked_action(offer.action)
    elif offer.project and offer.into:
        locked_pair(offer.project, offer.into)
    elif offer.project:
        locked_project(offer.project)
    rows = Offer.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related(*OFFER_WITH, "project__created_by", "project__joined_to", "into__joined_to").get(
        pk=offer.pk
    )


def _need_open(offer: Offer) -> None:
    if offer.state == State.OPEN:
        return
    names = {"town": offer.municipality}
    why = {
        State.ACCEPTED: _("%(town)s has said yes already."),
        State.DECLINED: _("%(town)s has said no already."),
        State.WITHDRAWN: _(
            "This question was taken back meanwhile: it is settled, or nobody needs an answer any more."
        ),
    }[State(offer.state)]
    raise Refused(why % names)


def _told(offer: Offer, verb: str, by: Membership, **params: str) -> Offer:
    if offer.action is None:
        return recorded_offer(offer=offer, verb=verb, by=by, **params)
    told = {"to": offer.municipality.short_name, **params}
    asked = regions_of_asked(offer.network_id, [offer.municipality_id])
    action_changes.changed(action=offer.action, values={}, verb=f"action_{verb}", by=by, regions=asked, **told)
    return offer
