"""Writes on action items. Each takes the item's lock, checks rule and state again, and records what
happened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import history, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Accession, Membership, Municipality, Network
from workgroups import rules
from workgroups.models import ActionItem, Group
from workgroups.queries.group import active_towns, open_members

State = ActionItem.State
# Who was responsible: the key of the town and of the membership.
Responsible = tuple[str | None, int | None]
VERBS = {
    State.OPEN: "action_reopened",
    State.IN_PROGRESS: "action_started",
    State.DONE: "action_done",
    State.DROPPED: "action_dropped",
}
STATE_VERBS = (*VERBS.values(), "action_noted")
DUE_VERBS = ("action_due_changed", "action_due_removed")


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
    request_id: UUID | None = None,
    regions: Iterable[str] = (),
    in_meeting: bool = False,
    item_id: int | None = None,
) -> ActionItem:
    """Write down who does what until when, and return it (the same one when the form was sent twice).

    `in_meeting` says that it was agreed in a meeting and that the caller asked the meeting's own rule:
    there any town
    may be named. `regions` are further regions that show it, such as the meeting's; `item_id` is the agenda item.
    """
    need(by.network_id == network.pk and (in_meeting or rules.may_add_action(by)))
    if twin := _sent_before(request_id, by):
        return twin
    municipality = _responsible_town(network, municipality, person)
    need(in_meeting or rules.may_assign_to(by, municipality))
    action = ActionItem(network=network, group=group, title=title, municipality=municipality, person=person)
    action.due_on, action.note, action.created_by, action.request_id = due_on, note, by, request_id
    try:
        with transaction.atomic():
            action.save()
    except IntegrityError:
        # The same form at the same moment over another connection: the other one was first.
        if twin := _sent_before(request_id, by):
            return twin
        raise Refused(_("This form was sent already. Open a new one.")) from None
    params: dict[str, Any] = {"due": _day(due_on)} if due_on else {}
    if item_id:
        params["item_id"] = item_id
    return _recorded(action, "action_added", by, regions=regions, **params)


@transaction.atomic
def edit_action_item(
    *,
    action: ActionItem,
    title: str,
    municipality: Municipality | None,
    person: Membership | None,
    note: str,
    version: int,
    by: Membership,
) -> ActionItem:
    """Change the text, and who is responsible; raises Stale where somebody else changed it since `version`.

    Another town is named by the coordinator only; whoever wrote the item down may change its text,
    nothing else.
    """
    action = locked_action(action)
    need(rules.may_reword_action(by, action))
    before: Responsible = (action.municipality_id, action.person_id)
    if before != (municipality.pk if municipality else None, person.pk if person else None):
        municipality = _responsible_town(action.network, municipality, person)
        _need_to_assign(by, action, municipality)
    wanted = {"title": title, "municipality": municipality, "person": person, "note": note}
    if _is_so_already(action, version, wanted, ["action_edited"]):
        return action
    return _changed(action, wanted, "action_edited", by, before)


@transaction.atomic
def change_state(
    *, action: ActionItem, state: str, note: str, version: int, by: Membership, in_meeting: bool = False
) -> ActionItem:
    """Begin, finish, drop or reopen it, with a note; raises Stale where somebody else changed it since
    `version`. `in_meeting` says that the caller asked the meeting's own rule.
    """
    action = locked_action(action)
    need(in_meeting or rules.may_update_action(by, action))
    wanted: dict[str, Any] = {"state": State(state), "state_note": note}
    if _is_so_already(action, version, wanted, STATE_VERBS):
        return action
    if state == State.DROPPED and not note.strip():
        raise Refused(_("Say in the note why this is dropped."))
    is_over = state not in ActionItem.OPEN_STATES
    wanted["finished_at"] = (action.finished_at or timezone.now()) if is_over else None
    verb = VERBS[State(state)] if state != action.state else "action_noted"
    return _changed(action, wanted, verb, by, note=note)


@transaction.atomic
def change_due(
    *, action: ActionItem, due_on: date | None, reason: str, version: int, by: Membership, in_meeting: bool = False
) -> ActionItem:
    """Give it a new due date; a date that existed is only changed with a reason. Raises Stale as
    `change_state`, and asks for rights as that does.
    """
    action = locked_action(action)
    need(in_meeting or rules.may_update_action(by, action))
    if _is_so_already(action, version, {"due_on": due_on}, DUE_VERBS):
        return action
    if not action.is_open:
        raise Refused(_("This action item is finished. Reopen it first, then give it a new date."))
    if action.due_on is not None and not reason.strip():
        raise Refused(_("Say why the date changes: the others rely on it."))
    verb = "action_due_changed" if due_on else "action_due_removed"
    params = {"due": _day(due_on), "earlier": _day(action.due_on), "note": reason}
    return _changed(action, {"due_on": due_on, "due_reason": reason}, verb, by, **params)


def regions_of(action: ActionItem, *earlier: Responsible) -> list[str]:
    """Return the ids of all regions that show the action item; `earlier` names those who were responsible
    before.
    """
    everyone = [(action.municipality_id, action.person_id), *earlier]
    towns = {town for town, person in everyone if town}
    accessions = Accession.objects.filter(network=action.network_id, municipality__in=towns, left_on=None)
    return [
        region_id("action-log", action.network_id),
        region_id("action-item", action.pk),
        *(region_id("town-actions", pk) for pk in accessions.values_list("pk", flat=True)),
        *(region_id("my-actions", person) for person in sorted({person for town, person in everyone if person})),
        *_regions_of_birth(action),
        *_regions_of_review(action),
    ]


def _regions_of_birth(action: ActionItem) -> set[str]:
    """Return the regions of the meeting it was recorded in, and of the decisions that fell on the same item."""
    born = ActionItem.objects.filter(pk=action.pk, recorded__isnull=False)
    rows = born.values_list("recorded__item", "recorded__item__meeting", "recorded__item__decisions")
    found = set()
    for item, meeting, decision in rows:
        found |= {
            region_id("item", item),
            region_id("meeting-log", meeting),
            region_id("meeting-active", meeting),
            region_id("meeting-summary", meeting),
        }
        found |= {region_id("decision", decision)} if decision else set()
    return found


def _regions_of_review(action: ActionItem) -> list[str]:
    """Return the regions of the meetings that are just going through the open action items."""
    running = action.network.meetings.filter(state="open", active_item__kind="actions")
    return [region_id("meeting-review", meeting) for meeting in running.values_list("pk", flat=True)]


def locked_action(action: ActionItem) -> ActionItem:
    """Return the action item as it is now, locked until the end of the transaction."""
    return (
        ActionItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("network", "group")
        .get(pk=action.pk)
    )


def _sent_before(request_id: UUID | None, by: Membership) -> ActionItem | None:
    return ActionItem.objects.filter(request_id=request_id, created_by=by).first() if request_id else None


def _responsible_town(
    network: Network, municipality: Municipality | None, person: Membership | None
) -> Municipality | None:
    """Return the responsible town, the person's where none was chosen; raises Refused where the two do not
    fit.
    """
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
    if not stays and not rules.may_assign_to(by, municipality):
        raise Refused(_("Each municipality takes on its own tasks. Ask the coordinator to hand it to another one."))


def _is_so_already(action: ActionItem, version: int, wanted: dict[str, Any], verbs: Collection[str]) -> bool:
    """Return whether nothing is left to do (a form sent twice).

    Raises Stale where somebody else changed the same side of it (`verbs`) since `version`: who rewords an action
    item is not in the way of who finishes it.
    """
    if all(getattr(action, name) == value for name, value in wanted.items()):
        return True
    if action.version == version:
        return False
    # Each change raised the version by one and left one entry in the log.
    never_was = not 0 < version < action.version
    missed = [] if never_was else history(action, limit=action.version - version)
    theirs = next((change for change in missed if change.verb in verbs), None)
    if theirs or never_was:
        raise Stale(action, theirs.actor_name if theirs else "")
    return False


def _changed(
    action: ActionItem,
    values: dict[str, Any],
    verb: str,
    by: Membership,
    *earlier: Responsible,
    **params: Any,
) -> ActionItem:
    for name, value in values.items():
        setattr(action, name, value)
    action.version += 1
    action.save(update_fields=[*values, "version"])
    return _recorded(action, verb, by, *earlier, **params)


def _recorded(
    action: ActionItem,
    verb: str,
    by: Membership,
    *earlier: Responsible,
    regions: Iterable[str] = (),
    **params: Any,
) -> ActionItem:
    who = action.person.person.name if action.person else ""
    town = action.municipality.short_name if action.municipality else ""
    record(
        action.network,
        verb=verb,
        actor=by,
        obj=action,
        regions=[*regions_of(action, *earlier), *regions],
        params={"title": action.title, "who": ", ".join(name for name in (town, who) if name), **params},
    )
    return action


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
