"""The live regions of action items, and the sentences that tell what happened to them."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live import verbs
from collab.live.regions import Context, Region, register
from collab.network.models import TOWN_ROLES, Accession, Membership, Network
from workgroups import rules
from workgroups.models import ActionItem, Offer
from workgroups.queries.action_board import answering, board_filter, board_of, chairs_of_groups
from workgroups.queries.action_item import (
    ActionFilter,
    action_items_of,
    actions_with_people,
    birth_of,
    history_of,
    offers_of,
    open_actions_of_person,
    open_actions_of_town,
)

from . import audiences

State = ActionItem.State
# So many are shown at home; the log has them all.
AT_HOME = 12
# Which tab of the table has all of a column.
FULL_LIST = {"open": "open", "in_progress": "open", "done": "done", "dropped": "dropped"}

TAB_LABELS = {
    "open": pgettext_lazy("action items", "Open"),
    "overdue": pgettext_lazy("action items", "Overdue"),
    "follow_up": pgettext_lazy("action items", "Follow-up due"),
    "done": pgettext_lazy("action items", "Done"),
    "dropped": pgettext_lazy("action items", "Dropped"),
    "all": pgettext_lazy("action items", "All"),
}


def town_audience(membership: Membership, pk: int) -> str | None:
    accession = Accession.objects.filter(pk=pk, network=membership.network_id).first()
    if accession is None:
        return None
    if membership.is_coordinator:
        return "coordinator"
    is_own = membership.role in TOWN_ROLES and membership.municipality_id == accession.municipality_id
    return "town" if is_own else None


def town_context(pk: int, audience: str, variant: str) -> Context:
    accession = Accession.objects.select_related("network", "municipality").get(pk=pk)
    actions = list(open_actions_of_town(accession)[: AT_HOME + 1])
    town = accession.municipality
    return {
        "network": accession.network,
        "town": town,
        "actions": actions[:AT_HOME],
        "more": len(actions) > AT_HOME,
    }


def my_audience(membership: Membership, pk: int) -> str | None:
    return "me" if membership.pk == pk and membership.ended_on is None else None


def my_context(pk: int, audience: str, variant: str) -> Context:
    member = Membership.objects.select_related("network").get(pk=pk)
    actions = list(open_actions_of_person(pk)[: AT_HOME + 1])
    return {
        "network": member.network,
        "member": member,
        "actions": actions[:AT_HOME],
        "more": len(actions) > AT_HOME,
        "may_add": rules.may_add_action(member),
    }


def log_audience(membership: Membership, pk: int) -> str | None:
    return "member" if membership.network_id == pk and rules.may_read_log(membership) else None


def log_context(pk: int, audience: str, variant: str) -> Context:
    wanted = ActionFilter.parse(variant)
    log = action_items_of(pk, wanted)
    tabs = [(state, label, log.counts[state], wanted.with_(state=state)) for state, label in TAB_LABELS.items()]
    return {"network": Network.objects.get(pk=pk), "log": log, "wanted": wanted, "tabs": tabs}


def board_audience(membership: Membership, pk: int) -> str | None:
    audience = audiences.in_network(membership, pk)
    return "worker" if audience in (audiences.OFFICER, audiences.GUIDE) else audience


def board_context(pk: int, audience: str, variant: str) -> Context:
    wanted = board_filter(ActionFilter.parse(variant))
    columns = board_of(pk, wanted)
    chairs = chairs_of_groups(pk)
    network = Network.objects.get(pk=pk)
    log = reverse("action_log", args=[network.slug])
    return {
        "network": network,
        "wanted": wanted,
        "columns": [
            {
                "state": column.state,
                "label": State(column.state).label,
                "cards": [(action, _who_may(action, audience, chairs)) for action in column.cards],
                "count": column.count,
                "more": column.more,
                "address": f"{log}?{replace(wanted, state=FULL_LIST[column.state]).variant}",
            }
            for column in columns
        ],
        "is_empty": not any(column.count for column in columns),
    }


def _who_may(action: ActionItem, audience: str, chairs: dict[int, list[int]]) -> Context:
    """Return for whom the browser shows the buttons of a card; `everybody` where the whole audience may."""
    if audience == audiences.COORDINATOR:
        return {"everybody": True}
    people = [*([action.person_id] if action.person_id else []), *chairs.get(action.group_id or 0, [])]
    town = action.municipality_id if audience == "worker" else None
    return {"town": town or "", "people": " ".join(map(str, people)), "anybody": bool(town or people)}


def item_audience(membership: Membership, pk: int) -> str | None:
    action = ActionItem.objects.filter(pk=pk, network=membership.network_id).select_related("group").first()
    if action is None or not rules.may_read_action(membership, action):
        return None
    if membership.is_guest:
        return "guest"  # It is their own, or they would not see it; but not the meeting it comes from.
    if rules.may_update_action(membership, action):
        return "responsible"
    return "author" if rules.may_reword_action(membership, action) else "reader"


def item_context(pk: int, audience: str, variant: str) -> Context:
    action = (
        actions_with_people().select_related("network", "created_by__person", "created_by__municipality").get(pk=pk)
    )
    may_update = audience in ("responsible", "guest")
    offers = offers_of(action)
    asked = next((offer for offer in offers if offer.state == Offer.State.OPEN), None)
    return {
        "action": action,
        "born_on": birth_of(action),
        "asked": asked,
        "answered": _declined_lately(offers),
        # Who answers, and who takes the question back: the browser shows them the buttons.
        "turn": answering(asked) if asked else None,
        "may_hand_over": audience == "responsible" and action.is_open and not asked,
        "network": action.network,
        "history": history_of(action),
        "may_update": may_update,
        "may_edit": may_update or audience == "author",
    }


def _declined_lately(offers: list[Offer]) -> list[Offer]:
    """Return who declined since a town last took it over, the newest first; the history has what was before."""
    since = takewhile(lambda offer: offer.state != Offer.State.ACCEPTED, offers)
    return [offer for offer in since if offer.state == Offer.State.DECLINED]


register(Region("town-actions", "workgroups/fragments/town_actions.html", town_audience, town_context))
register(Region("my-actions", "workgroups/fragments/my_actions.html", my_audience, my_context))
register(
    Region(
        "action-log",
        "workgroups/fragments/action_log.html",
        log_audience,
        log_context,
        canonical=lambda variant: ActionFilter.parse(variant).variant,
    )
)
register(Region("action-item", "workgroups/fragments/action_item.html", item_audience, item_context))
register(
    Region(
        "action-board",
        "workgroups/fragments/action_board.html",
        board_audience,
        board_context,
        canonical=lambda variant: board_filter(ActionFilter.parse(variant)).variant,
    )
)

verbs.register(
    {
        "action_added": _("%(actor)s added the action item “%(title)s” (%(who)s)"),
        "group_set": _("The group “%(name)s” was set up by the operator"),
        "action_edited": _("%(actor)s changed the action item “%(title)s” (%(who)s)"),
        "action_started": _("%(actor)s: “%(title)s” is in progress"),
        "action_reopened": _("%(actor)s reopened “%(title)s”"),
        "action_done": _("%(actor)s: “%(title)s” is done"),
        "action_dropped": _("%(actor)s dropped “%(title)s”"),
        "action_noted": _("%(actor)s added a note to “%(title)s”"),
        "action_due_changed": _("%(actor)s: “%(title)s” is now due on %(due)s"),
        "action_due_removed": _("%(actor)s removed the due date of “%(title)s”"),
        "action_follow_up_set": _("%(actor)s: “%(title)s” comes up again on %(date)s"),
        "action_follow_up_removed": _("%(actor)s removed the follow-up of “%(title)s”"),
        "action_offered": _("%(actor)s asked %(town)s to take over “%(title)s”"),
        "action_taken_over": _("%(town)s takes over “%(title)s” from %(giver)s"),
    },
    {"actionitem": "/n/{slug}/action-items/{pk}/"},
    # When somebody wants to look at it again is their own affair.
    quiet=("action_follow_up_set", "action_follow_up_removed"),
    spoken={
        "action_added": (_("New action item: %(title)s"), _("{n} new action items")),
        "action_done": (_("Done: %(title)s"), _("{n} action items done")),
        "action_taken_over": (_("%(town)s takes over: %(title)s"), _("{n} action items taken over")),
    },
)
