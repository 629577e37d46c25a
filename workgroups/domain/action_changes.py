"""What every write on an action item shares: its lock, what changed meanwhile, whose screens show it, the record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from collab.live.answers import Stale
from collab.live.log import history, record
from collab.live.regions import region_id
from collab.network.models import Accession, Membership, Role
from collab.search import index
from workgroups.models import ActionItem, Offer
from workgroups.queries.entries import action_entry

from .regions import of_group_work

WORKERS = (Role.OFFICER, Role.GUIDE)


class Held(NamedTuple):
    """Where an action item belongs: the keys of town, membership, group and project."""

    town: str | None
    person: int | None
    group: int | None
    project: int | None


def held_by(action: ActionItem) -> Held:
    return Held(action.municipality_id, action.person_id, action.group_id, action.project_id)


def locked_action(action: ActionItem) -> ActionItem:
    """Return the action item as it is now, locked until the end of the transaction.

    A row that had to be waited for comes with the joined rows of before the wait: only what never changes is joined.
    """
    rows = ActionItem.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("network").get(pk=action.pk)


def is_so_already(action: ActionItem, version: int, wanted: dict[str, Any], verbs: Collection[str]) -> bool:
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


def changed(
    *,
    action: ActionItem,
    values: dict[str, Any],
    verb: str,
    by: Membership,
    regions: Iterable[str] = (),
    **params: Any,
) -> ActionItem:
    """Write the values, raise the version by one and record it: on the screens of before and after."""
    was = held_by(action)
    for name, value in values.items():
        setattr(action, name, value)
    action.version += 1
    action.save(update_fields=[*values, "version"])
    return recorded(action=action, verb=verb, by=by, was=was, regions=regions, **params)


def recorded(
    *,
    action: ActionItem,
    verb: str,
    by: Membership,
    was: Held | None = None,
    regions: Iterable[str] = (),
    **params: Any,
) -> ActionItem:
    """Write it into the log: for the screens of now and, where it moved, of what `was`."""
    who = action.person.person.name if action.person else ""
    town = action.municipality.short_name if action.municipality else ""
    index.put(action_entry(action))
    record(
        action.network,
        verb=verb,
        actor=by,
        obj=action,
        regions=[*regions_of(action, was), *regions],
        params={"title": action.title, "who": ", ".join(name for name in (town, who) if name), **params},
        access=_whose_rights_change(action, was) if was else (),
    )
    return action


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def withdraw_offers(*, action: ActionItem, by: Membership) -> list[str]:
    """Take back what other towns were asked, because it is settled; returns the regions that showed it."""
    offers = Offer.objects.select_for_update(no_key=True).filter(action=action, state=Offer.State.OPEN).order_by("pk")
    towns = [offer.municipality_id for offer in offers]
    if not towns:
        return []
    answered = {"answered_by": by, "answered_at": timezone.now()}
    Offer.objects.filter(action=action, state=Offer.State.OPEN).update(state=Offer.State.WITHDRAWN, **answered)
    return _of_towns(action, "asked", towns)


def regions_of(action: ActionItem, earlier: Held | None = None) -> list[str]:
    """Return the ids of all regions that show the action item; `earlier` says where it belonged before."""
    now = held_by(action)
    both = (now, earlier or now)
    people, towns = ({one.person for one in both}, {one.town for one in both})
    asked = Offer.objects.filter(action=action, state=Offer.State.OPEN).values_list("municipality", flat=True)
    return [
        region_id("action-log", action.network_id),
        region_id("action-board", action.network_id),
        region_id("action-item", action.pk),
        *_of_towns(action, "town-actions", filter(None, towns)),
        *_of_towns(action, "asked", asked),
        *(region_id("my-actions", person) for person in sorted(filter(None, people))),
        *(region_id("project-work", project) for project in sorted(filter(None, {one.project for one in both}))),
        *of_group_work(*{one.group for one in both}),
        *_of_birth(action),
        *_of_review(action),
        *_of_tracking(action),
    ]


def _of_towns(action: ActionItem, name: str, towns: Iterable[str]) -> list[str]:
    wanted = sorted(towns)
    if not wanted:
        return []
    accessions = Accession.objects.filter(network=action.network_id, municipality__in=wanted, left_on=None)
    return [region_id(name, pk) for pk in accessions.values_list("pk", flat=True)]


def _of_birth(action: ActionItem) -> set[str]:
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
        found |= {region_id("decision", decision), region_id("decision-work", decision)} if decision else set()
    return found


def _of_review(action: ActionItem) -> list[str]:
    """Return the regions of the meetings that are just going through the open action items."""
    running = action.network.meetings.filter(state="open", active_item__kind="actions")
    return [region_id("meeting-review", meeting) for meeting in running.values_list("pk", flat=True)]


def _of_tracking(action: ActionItem) -> list[str]:
    """Return where it is shown as what carries a decision out: there, and where chairs prepare their meetings."""
    links = action.carries_out.filter(removed_at=None)
    rows = list(links.values_list("decision", "decision__group"))
    if not rows:
        return []
    groups = {group for _decision, group in rows}
    to_come = action.network.meetings.filter(group__in=groups, state__in=("planned", "open")).order_by("date", "pk")
    return [
        *(region_id("decision-work", decision) for decision, _group in rows),
        *(region_id("preparation", meeting) for meeting in to_come.values_list("pk", flat=True)),
    ]


def _whose_rights_change(action: ActionItem, earlier: Held) -> list[int]:
    """Return the people who may do more or less with it than before: of both towns, both persons, both chairs."""
    now = held_by(action)
    if (now.town, now.person, now.group) == (earlier.town, earlier.person, earlier.group):
        return []
    wanted = Q(pk__in=[one for one in {now.person, earlier.person} if one])
    if now.town != earlier.town:
        wanted |= Q(municipality__in=[one for one in (now.town, earlier.town) if one], role__in=WORKERS)
    if now.group != earlier.group:
        groups = [one for one in (now.group, earlier.group) if one]
        wanted |= Q(group_memberships__group__in=groups, group_memberships__role="chair")
    people = Membership.objects.filter(wanted, network=action.network_id, ended_on=None)
    return list(people.distinct().values_list("person", flat=True))
