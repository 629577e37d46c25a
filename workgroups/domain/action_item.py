"""Writes on action items. Each takes the item's lock, checks rule and state again, and records what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.network.access import need
from collab.network.models import Membership, Municipality, Network
from workgroups import rules
from workgroups.models import ActionItem, Group, Project
from workgroups.queries.action_form import birthplace_is_fixed, was_just_recorded
from workgroups.queries.group import active_towns, open_members

from .action_changes import changed, day, held_by, is_so_already, locked_action, recorded, withdraw_offers
from .action_hand_over import ask_to_take_over, take_over_action

__all__ = [
    "add_action_item",
    "ask_to_take_over",
    "change_due",
    "change_follow_up",
    "change_state",
    "edit_action_item",
    "locked_action",
    "take_over_action",
]

State = ActionItem.State
VERBS = {
    State.OPEN: "action_reopened",
    State.IN_PROGRESS: "action_started",
    State.DONE: "action_done",
    State.DROPPED: "action_dropped",
}
STATE_VERBS = (*VERBS.values(), "action_noted")
DUE_VERBS = ("action_due_changed", "action_due_removed")
FOLLOW_UP_VERBS = ("action_follow_up_set", "action_follow_up_removed")
EDIT_VERBS = ("action_edited", "action_taken_over")


@transaction.atomic
def add_action_item(
    *,
    network: Network,
    title: str,
    municipality: Municipality | None,
    person: Membership | None,
    due_on: date | None,
    by: Membership,
    note: str = "",
    group: Group | None = None,
    project: Project | None = None,
    follow_up_on: date | None = None,
    ask: Municipality | None = None,
    word: str = "",
    request_id: UUID | None = None,
    regions: Iterable[str] = (),
    in_meeting: bool = False,
    item_id: int | None = None,
) -> ActionItem:
    """Write down who does what until when, and return it (the same one when the form was sent twice).

    `ask` names another town that is asked with `word` to take it over; until it accepts, it stays with `by` where
    nobody else was named. `in_meeting` says that it was agreed in a meeting and that the caller asked the meeting's
    own rule: there any town may be named. `regions` are further regions that show it, such as the meeting's;
    `item_id` is the agenda item.
    """
    need(by.network_id == network.pk and (in_meeting or rules.may_add_action(by)))
    if twin := _sent_before(request_id, by):
        return twin
    if ask is not None and municipality is None and person is None:
        municipality, person = by.municipality, None if by.municipality else by
    municipality = _responsible_town(network, municipality, person)
    need(in_meeting or rules.may_assign_to(by, municipality))
    group = group if in_meeting or group is None else _open_group(network, group, by)
    _need_project(network, project)
    action = ActionItem(network=network, group=group, project=project, title=title, note=note, created_by=by)
    action.municipality, action.person, action.due_on = municipality, person, due_on
    action.follow_up_on, action.request_id = follow_up_on, request_id
    try:
        with transaction.atomic():
            action.save()
    except IntegrityError:
        # The same form at the same moment over another connection: the other one was first.
        if twin := _sent_before(request_id, by):
            return twin
        raise Refused(_("This form was sent already. Open a new one.")) from None
    params: dict[str, Any] = {"due": day(due_on)} if due_on else {}
    if item_id:
        params["item_id"] = item_id
    action = recorded(action=action, verb="action_added", by=by, regions=regions, **params)
    if ask is not None and ask.pk != action.municipality_id:
        ask_to_take_over(action=action, municipality=ask, word=word, by=by)
    return action


@transaction.atomic
def edit_action_item(
    *,
    action: ActionItem,
    title: str,
    municipality: Municipality | None,
    person: Membership | None,
    note: str,
    project: Project | None,
    group: Group | None,
    version: int,
    by: Membership,
) -> ActionItem:
    """Change the text, what it belongs to and who is responsible; raises Stale where somebody else changed it since
    `version`.

    Another town is asked (`ask_to_take_over`) and not named here, except where a meeting in session has just recorded
    the wrong one. Whoever wrote the item down may change its text and project, nothing else.
    """
    if group is not None and group.pk != action.group_id:
        group = _open_group(action.network, group, by)
    action = locked_action(action)
    need(rules.may_reword_action(by, action))
    held = held_by(action)
    goes_to = (municipality.pk if municipality else None, person.pk if person else None)
    if (held.town, held.person) != goes_to:
        municipality = _responsible_town(action.network, municipality, person)
    wanted: dict[str, Any] = {"title": title, "municipality": municipality, "person": person, "note": note}
    wanted |= {"project": project, "group": group}
    if is_so_already(action, version, wanted, EDIT_VERBS):
        return action
    if (held.town, held.person) != goes_to:
        _need_to_assign(by, action, municipality)
    if held.group != (group.pk if group else None):
        need(rules.may_update_action(by, action))
        _need_free_group(action)
    if held.project != (project.pk if project else None):
        _need_project(action.network, project)
    moves = held.town != (municipality.pk if municipality else None)
    return changed(
        action=action,
        values=wanted,
        verb="action_edited",
        by=by,
        regions=withdraw_offers(action=action, by=by) if moves else (),
    )


@transaction.atomic
def change_state(
    *, action: ActionItem, state: str, note: str, version: int, by: Membership, in_meeting: bool = False
) -> ActionItem:
    """Begin, finish, drop or reopen it, with a note; raises Stale where somebody else changed it since `version`.

    `in_meeting` says that the caller asked the meeting's own rule. What is finished is offered to no other town.
    """
    action = locked_action(action)
    need(in_meeting or rules.may_update_action(by, action))
    wanted: dict[str, Any] = {"state": State(state), "state_note": note}
    if is_so_already(action, version, wanted, STATE_VERBS):
        return action
    if state == State.DROPPED and not note.strip():
        raise Refused(_("Say in the note why this is dropped."))
    is_over = state not in ActionItem.OPEN_STATES
    wanted["finished_at"] = (action.finished_at or timezone.now()) if is_over else None
    verb = VERBS[State(state)] if state != action.state else "action_noted"
    asked = withdraw_offers(action=action, by=by) if is_over else []
    return changed(action=action, values=wanted, verb=verb, by=by, regions=asked, note=note)


@transaction.atomic
def change_due(
    *, action: ActionItem, due_on: date | None, reason: str, version: int, by: Membership, in_meeting: bool = False
) -> ActionItem:
    """Give it a new due date; a date that existed is only changed with a reason. Raises Stale as
    `change_state`, and asks for rights as that does.
    """
    action = locked_action(action)
    need(in_meeting or rules.may_update_action(by, action))
    if is_so_already(action, version, {"due_on": due_on}, DUE_VERBS):
        return action
    if not action.is_open:
        raise Refused(_("This action item is finished. Reopen it first, then give it a new date."))
    if action.due_on is not None and not reason.strip():
        raise Refused(_("Say why the date changes: the others rely on it."))
    verb = "action_due_changed" if due_on else "action_due_removed"
    params = {"due": day(due_on), "earlier": day(action.due_on), "note": reason}
    return changed(action=action, values={"due_on": due_on, "due_reason": reason}, verb=verb, by=by, **params)


@transaction.atomic
def change_follow_up(*, action: ActionItem, follow_up_on: date | None, version: int, by: Membership) -> ActionItem:
    """Set the day on which to look at it again, or remove it; raises Stale as `change_state`."""
    action = locked_action(action)
    need(rules.may_update_action(by, action))
    if is_so_already(action, version, {"follow_up_on": follow_up_on}, FOLLOW_UP_VERBS):
        return action
    if not action.is_open:
        raise Refused(_("This action item is finished. Reopen it first, then give it a new date."))
    verb = "action_follow_up_set" if follow_up_on else "action_follow_up_removed"
    return changed(action=action, values={"follow_up_on": follow_up_on}, verb=verb, by=by, date=day(follow_up_on))


def _sent_before(request_id: UUID | None, by: Membership) -> ActionItem | None:
    return ActionItem.objects.filter(request_id=request_id, created_by=by).first() if request_id else None


def _responsible_town(
    network: Network, municipality: Municipality | None, person: Membership | None
) -> Municipality | None:
    """Return the responsible town, the person's where none was chosen; raises Refused where the two do not fit."""
    if person is not None and not open_members(network).filter(pk=person.pk).exists():
        raise Refused(_("%(person)s does not belong to this network any more.") % {"person": person.person})
    if municipality is None:
        if person is None:
            raise Refused(_("Choose the municipality or the person who is responsible."))
        municipality = person.municipality
    elif person is not None and person.municipality_id != municipality.pk:
        names = {"person": person.person, "town": municipality}
        raise Refused(
            _("%(person)s does not act for %(town)s. Choose somebody else, or leave one of the two open.") % names
        )
    if municipality is not None and not active_towns(network).filter(pk=municipality.pk).exists():
        raise Refused(_("%(town)s is not a member of this network today.") % {"town": municipality})
    return municipality


def _need_to_assign(by: Membership, action: ActionItem, municipality: Municipality | None) -> None:
    need(rules.may_update_action(by, action))
    stays = (municipality.pk if municipality else None) == action.municipality_id
    if stays or rules.may_assign_to(by, municipality) or (by.is_coordinator and was_just_recorded(action)):
        return
    raise Refused(_("Each municipality takes on its own tasks. Ask it to take this over: it decides itself."))


def _open_group(network: Network, group: Group, by: Membership) -> Group:
    """Return the group, locked: what is written down for it needs one of its members, and no closed group."""
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    need(group.network_id == network.pk and rules.is_group_member(by, group))
    if group.state == Group.State.CLOSED:
        raise Refused(_("“%(group)s” is closed. Choose another group, or none.") % {"group": group})
    return group


def _need_free_group(action: ActionItem) -> None:
    if birthplace_is_fixed(action):
        raise Refused(_("It was agreed in a meeting of this group and stays with it."))


def _need_project(network: Network, project: Project | None) -> None:
    if project is None:
        return
    need(project.network_id == network.pk)
    if project.joined_to is not None:
        names = {"project": project, "into": project.joined_to}
        raise Refused(_("“%(project)s” was joined to “%(into)s”. Choose that one.") % names)
