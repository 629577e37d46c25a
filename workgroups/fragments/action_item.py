"""The live regions of action items, and the sentences that tell what happened to them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live import verbs
from collab.live.regions import Context, Region, register
from collab.network.models import TOWN_ROLES, Accession, Membership, Network
from workgroups import rules
from workgroups.models import ActionItem
from workgroups.queries.action_item import (
    ActionFilter,
    action_items_of,
    actions_with_people,
    history_of,
    open_actions_of_person,
    open_actions_of_town,
)

# So many are shown at home; the log has them all.
AT_HOME = 12

TAB_LABELS = {
    "open": pgettext_lazy("action items", "Open"),
    "overdue": pgettext_lazy("action items", "Overdue"),
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
    tabs = [(state, label, log.counts[state], wanted.tab(state)) for state, label in TAB_LABELS.items()]
    return {"network": Network.objects.get(pk=pk), "log": log, "wanted": wanted, "tabs": tabs}


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
    return {
        "action": action,
        "network": action.network,
        "history": history_of(action),
        "may_update": may_update,
        "may_edit": may_update or audience == "author",
    }


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
    },
    {"actionitem": "/n/{slug}/action-items/{pk}/"},
    spoken={
        "action_added": (_("New action item: %(title)s"), _("{n} new action items")),
        "action_done": (_("Done: %(title)s"), _("{n} action items done")),
    },
)
