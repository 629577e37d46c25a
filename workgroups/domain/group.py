"""Writes on groups: found, edit, close, reopen, take the lead. Each takes the group's lock and looks again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership, Municipality, Network
from collab.search import index
from workgroups import rules
from workgroups.models import ActionItem, Group, GroupMembership, Project
from workgroups.queries.entries import entries_naming, group_entry
from workgroups.rules import group as group_rules

State = Group.State
EDITED = "group_edited"
# What of a group is edited in one form.
PROFILE = ("name", "purpose", "is_internal")


def locked_group(pk: int) -> Group:
    """Return the group, locked: who changes more than one of its things takes this lock before theirs.

    All locks of ours are `no_key`: a foreign key's check on PostgreSQL may look at a locked row. With the stronger
    kind two changes that each refer to what the other has locked would wait for each other.
    """
    return Group.objects.select_for_update(of=("self",), no_key=True).select_related("network").get(pk=pk)


def need_active(group: Group) -> None:
    """Raise Refused where the group is closed: it takes nothing new, what is there stays to be read."""
    if group.state == State.CLOSED:
        raise Refused(_("The group “%(group)s” is closed. Reopen it first.") % {"group": group.name})


@transaction.atomic
def create_group(
    *,
    network: Network,
    kind: str,
    name: str,
    purpose: str,
    lead_town: Municipality | None,
    is_internal: bool,
    by: Membership,
    request_id: UUID | None = None,
) -> Group:
    """Found a group and return it (the same one when the form was sent twice).

    Who founds it chairs it (the coordinator acts in every group anyway). The town in charge is the founder's own: no
    other town is put in charge of anything.
    """
    network = Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    need(by.network_id == network.pk and group_rules.may_found_group(by, kind))
    if request_id and (twin := _sent_before(request_id, by)):
        return twin
    need_new_form(Group, request_id)
    _need_free_name(network.pk, name)
    group = Group(network=network, kind=kind, name=name, purpose=purpose, is_internal=is_internal)
    group.request_id = request_id
    group.save()
    if not by.is_coordinator:
        chair = GroupMembership.Role.CHAIR
        GroupMembership.objects.create(group=group, membership=by, role=chair, since=timezone.localdate())
    if lead_town is not None:
        need(lead_town.pk == by.municipality_id and group_rules.may_lead_group(by, group))
        group.lead_town = lead_town
        group.save(update_fields=["lead_town"])
    # Who founds it must be heard of as its chair at once.
    return recorded(group=group, verb="group_founded", by=by, access=[by.person_id])


@transaction.atomic
def edit_group(*, group: Group, name: str, purpose: str, is_internal: bool, version: int, by: Membership) -> Group:
    """Change name and purpose, and whether what it does is its own; raises Stale where somebody else did meanwhile."""
    group = locked_group(group.pk)
    need(group_rules.may_run_group(by, group))
    wanted = {"name": name, "purpose": purpose, "is_internal": is_internal}
    if all(getattr(group, field) == value for field, value in wanted.items()):
        return group
    if group.version != version:
        raise Stale(group, last_actor(group))
    if group.name.casefold() != name.casefold():
        _need_free_name(group.network_id, name)
    before = {field: getattr(group, field) for field in PROFILE if getattr(group, field) != wanted[field]}
    for field, value in wanted.items():
        setattr(group, field, value)
    group = _saved(group, *PROFILE)
    if "name" in before:
        index.put(*entries_naming(group))
    # Who may see its meetings has changed for everybody.
    access = _everybody(group) if "is_internal" in before else []
    return recorded(group=group, verb=EDITED, by=by, access=access, regions=named_in(group), before=before)


@transaction.atomic
def close_group(*, group: Group, word: str, by: Membership) -> Group:
    """Close the group; everything stays to be read. Twice does nothing more. Raises Refused where it still meets or
    votes.
    """
    group = locked_group(group.pk)
    need(group_rules.may_run_group(by, group))
    if group.state == State.CLOSED:
        return group
    _need_no_meeting_to_come(group)
    _need_no_vote(group)
    group.state, group.closing_word, group.closed_at = State.CLOSED, word, timezone.now()
    saved = _saved(group, "state", "closing_word", "closed_at")
    return recorded(group=saved, verb="group_closed", by=by, regions=inner(group), word=word)


@transaction.atomic
def reopen_group(*, group: Group, by: Membership) -> Group:
    """Let a closed group go on. Twice does nothing more."""
    group = locked_group(group.pk)
    need(group_rules.may_run_group(by, group))
    if group.state == State.ACTIVE:
        return group
    group.state, group.closed_at = State.ACTIVE, None
    return recorded(group=_saved(group, "state", "closed_at"), verb="group_reopened", by=by, regions=inner(group))


@transaction.atomic
def take_lead(*, group: Group, by: Membership) -> Group:
    """Put the own town in charge (Federführung), where none is. Twice does nothing more."""
    group = locked_group(group.pk)
    need(group_rules.may_lead_group(by, group))
    if by.municipality is None:
        raise PermissionDenied
    if group.lead_town_id == by.municipality_id:
        return group
    need_active(group)
    if group.lead_town is not None:
        raise Refused(_("%(town)s is in charge of this group already.") % {"town": group.lead_town})
    group.lead_town = by.municipality
    return recorded(group=_saved(group, "lead_town"), verb="group_led", by=by, town=by.municipality.short_name)


@transaction.atomic
def stop_leading(*, group: Group, by: Membership) -> Group:
    """Give up the lead of the own town. Twice does nothing more."""
    group = locked_group(group.pk)
    if group.lead_town_id is None:
        return group
    need(group_rules.may_stop_leading(by, group))
    town = str(group.lead_town)
    group.lead_town = None
    return recorded(group=_saved(group, "lead_town"), verb="group_no_longer_led", by=by, town=town)


def recorded(
    *,
    group: Group,
    verb: str,
    by: Membership,
    regions: Iterable[str] = (),
    access: Iterable[int] = (),
    **params: Any,
) -> Group:
    """Record a change of the group: on its page, in the list and in the regions named beside."""
    index.put(group_entry(group))
    record(
        group.network,
        verb=verb,
        actor=by,
        obj=group,
        regions=[*of_page(group), *regions],
        params={"name": group.name, **params},
        access=access,
    )
    return group


def of_page(group: Group) -> list[str]:
    """Return what shows the group itself and who belongs to it."""
    return [
        region_id("group", group.pk),
        region_id("group-members", group.pk),
        region_id("group-list", group.network_id),
    ]


def inner(group: Group) -> list[str]:
    """Return the regions in which something new can be added as long as the group is active."""
    return [region_id(name, group.pk) for name in ("group-work", "group-files", "group-next", "ideas")]


def named_in(group: Group) -> list[str]:
    """Return the other regions that show the group's name, or what it has on its agendas as long as all may know."""
    series = [region_id("series", pk) for pk in group.series.values_list("pk", flat=True)]
    names = ("meeting-list", "decision-log", "action-log", "action-board")
    lists = [region_id(name, group.network_id) for name in names]
    # Meetings and what they decided are met by their reverse names only.
    decided = group.meetings.filter(decisions__isnull=False).values_list("decisions", flat=True)
    actions = ActionItem.objects.filter(Q(group=group) | Q(recorded__item__meeting__group=group)).distinct()
    projects = Project.objects.filter(Q(group=group) | Q(agenda_items__meeting__group=group)).distinct()
    keys = list(projects.values_list("pk", flat=True))
    ahead = group.meetings.filter(state__in=("planned", "open")).values_list("pk", flat=True)
    return [
        *inner(group),
        *lists,
        *series,
        *(region_id("action-item", pk) for pk in actions.values_list("pk", flat=True)),
        *(region_id(name, pk) for pk in keys for name in ("project-head", "project-work")),
        *(region_id("meeting-head", pk) for pk in ahead),
        *(region_id("decision", pk) for pk in decided),
    ]


def _saved(group: Group, *fields: str) -> Group:
    group.version += 1
    group.save(update_fields=[*fields, "version"])
    return group


def _sent_before(request_id: UUID, by: Membership) -> Group | None:
    """Return what this person's same form has made: the coordinator's, or what they chair since."""
    twin = Group.objects.filter(request_id=request_id, network=by.network_id).first()
    return twin if twin and rules.group_role(by, twin) == rules.CHAIR else None


def _need_free_name(network_id: int, name: str) -> None:
    if Group.objects.filter(network=network_id, name__iexact=name).exists():
        raise Refused(_("There is a group called “%(group)s” already. Choose another name.") % {"group": name})


def _need_no_meeting_to_come(group: Group) -> None:
    """By the reverse name: groups know nothing else of meetings."""
    ahead = group.meetings.filter(state__in=("planned", "open"), date__gte=timezone.localdate())
    running = group.meetings.filter(state="open")
    if (ahead | running).exists():
        raise Refused(
            _("This group still has meetings planned. End its series, or cancel the meetings, then close the group.")
        )


def _need_no_vote(group: Group) -> None:
    """An objection to the procedure would bring the proposal to a table at which nobody sits any more."""
    if group.votes.filter(state="open").exists():
        raise Refused(
            _(
                "This group still votes by circulation. Wait until the vote has ended, or withdraw it; then close the "
                "group."
            )
        )


def _everybody(group: Group) -> list[int]:
    people = Membership.objects.filter(network=group.network_id, ended_on=None)
    return list(people.values_list("person", flat=True))
