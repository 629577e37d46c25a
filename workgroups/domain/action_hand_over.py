"""Handing an action item to another town: that town is asked, and takes it over by itself or declines."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, need_new_form
from collab.network.access import need
from collab.network.models import Membership, Municipality
from workgroups import rules
from workgroups.models import ActionItem, Offer
from workgroups.queries.group import active_towns

from .action_changes import changed, locked_action, withdraw_offers


@transaction.atomic
def ask_to_take_over(
    *, action: ActionItem, municipality: Municipality, word: str, by: Membership, request_id: UUID | None = None
) -> Offer:
    """Ask another town to take the action item over; returns the open offer (the same one where it is asked already).

    Until that town accepts, nothing changes. Raises Refused where it is finished, is that town's already, or where
    another town is being asked.
    """
    action = locked_action(action)
    need(rules.may_hand_over(by, action))
    if request_id and (twin := Offer.objects.filter(request_id=request_id, made_by=by, action=action).first()):
        return twin
    need_new_form(Offer, request_id)
    asked = Offer.objects.filter(action=action, state=Offer.State.OPEN).select_related("municipality").first()
    if asked and asked.municipality_id == municipality.pk:
        return asked
    _need_askable(action, municipality, asked)
    offer = Offer.objects.create(
        network=action.network,
        kind=Offer.Kind.ACTION,
        municipality=municipality,
        action=action,
        word=word,
        made_by=by,
        request_id=request_id,
    )
    changed(action=action, values={}, verb="action_offered", by=by, town=municipality.short_name, note=word)
    return offer


@transaction.atomic
def take_over_action(*, action: ActionItem, municipality: Municipality, by: Membership) -> ActionItem:
    """Let the town that was asked take the action item over; its own people name the person later.

    Called when its offer is accepted. Who locks the offer as well locks the action item first (`locked_action`).
    Raises Refused where it is finished meanwhile. Twice is once.
    """
    action = locked_action(action)
    need(action.network_id == by.network_id and rules.may_take_over(by, municipality))
    if action.municipality_id == municipality.pk:
        return action
    if not action.is_open:
        raise Refused(_("This action item is finished meanwhile. There is nothing left to take over."))
    giver = action.municipality or (action.person.person if action.person else "")
    values = {"municipality": municipality, "person": None}
    names = {"town": municipality.short_name, "giver": str(giver)}
    # What is still open of it is settled by this; the caller has marked its own offer as accepted.
    return changed(
        action=action,
        values=values,
        verb="action_taken_over",
        by=by,
        regions=withdraw_offers(action=action, by=by),
        **names,
    )


def _need_askable(action: ActionItem, municipality: Municipality, asked: Offer | None) -> None:
    if not action.is_open:
        raise Refused(_("This action item is finished. Reopen it first, then hand it over."))
    if action.municipality_id == municipality.pk:
        raise Refused(_("%(town)s is responsible for it already.") % {"town": municipality})
    if not active_towns(action.network).filter(pk=municipality.pk).exists():
        raise Refused(_("%(town)s is not a member of this network today.") % {"town": municipality})
    if asked:
        raise Refused(
            _("%(town)s is being asked already. Wait for its answer, or take the question back first.")
            % {"town": asked.municipality}
        )
