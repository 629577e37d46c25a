"""The parking lot of a group: ideas for later meetings, and items that other meetings handed over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, need_new_form
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Idea, Meeting
from meetings.models.visibility import passed_on
from meetings.queries.memory import family_of
from workgroups.domain.group import locked_group, need_active
from workgroups.models import Group

from .agenda import locked_meeting, need_preparable, propose_item
from .carry import copy_files, copy_prepared_reports, move_drafts

State = Idea.State
MOST_IDEAS = 100
# What an item that another meeting handed over keeps, beside title and text.
KEPT = ("kind", "minutes", "municipality", "presenter", "project", "links", "text", "visibility")


@transaction.atomic
def park_idea(*, group: Group, title: str, text: str, by: Membership, request_id: UUID | None = None) -> Idea:
    """Put an idea into the group's parking lot and return it (once, also when sent twice)."""
    group = locked_group(group.pk)
    need(rules.may_park(by, group))
    if request_id and (twin := Idea.objects.filter(request_id=request_id, group=group, proposed_by=by).first()):
        return twin
    need_new_form(Idea, request_id)
    need_active(group)
    if Idea.objects.filter(group=group, state=State.PARKED).count() >= MOST_IDEAS:
        raise Refused(_("The parking lot is full. Take up or drop an older idea first."))
    idea = Idea.objects.create(group=group, title=title, text=text, proposed_by=by, request_id=request_id)
    return _recorded(idea, "idea_parked", by)


@transaction.atomic
def take_idea(*, idea: Idea, meeting: Meeting, by: Membership) -> AgendaItem:
    """Put an idea on the agenda of one of its group's meetings; returns the item (the same one when sent twice)."""
    meeting = locked_meeting(meeting.pk)
    idea = _locked(idea)
    need(rules.may_lead(rules.standing(by, meeting)))
    if idea.item and idea.item.meeting_id == meeting.pk:
        return idea.item
    _need_parked(idea)
    if meeting.group_id != idea.group_id:
        raise Refused(
            _("This meeting belongs to another group. Choose a meeting of “%(group)s”.") % {"group": idea.group}
        )
    need_preparable(meeting)
    item = propose_item(meeting=meeting, by=by, title=idea.title, **_values_of(idea))
    # It stays the idea of whoever had it.
    item.proposed_by = idea.proposed_by
    item.save(update_fields=["proposed_by"])
    if idea.handed_from_id:
        handed = {idea.handed_from_id: item}
        copy_files(handed)
        copy_prepared_reports(handed)
        move_drafts(handed)
    idea.state, idea.item = State.TAKEN, item
    _recorded(_saved(idea), "idea_taken", by, item, date=meeting.date.isoformat())
    return item


@transaction.atomic
def drop_idea(*, idea: Idea, by: Membership) -> Idea:
    """Let an idea go; it stays on record and can be taken up again. Twice does nothing more."""
    idea = _locked(idea)
    need(rules.may_plan(by, idea.group))
    if idea.state == State.DROPPED:
        return idea
    _need_parked(idea)
    idea.state = State.DROPPED
    return _recorded(_saved(idea), "idea_dropped", by)


@transaction.atomic
def restore_idea(*, idea: Idea, by: Membership) -> Idea:
    """Put a dropped idea back into the parking lot. Twice does nothing more."""
    group = locked_group(idea.group_id)
    idea = _locked(idea)
    need(rules.may_plan(by, idea.group))
    if idea.state == State.PARKED:
        return idea
    if idea.state == State.TAKEN:
        _need_parked(idea)
    if idea.handed_from and not idea.handed_from.is_handed:
        why = _("It went back to %(meeting)s when that meeting was reopened.")
        raise Refused(why % {"meeting": idea.handed_from.meeting})
    need_active(group)
    idea.state = State.PARKED
    return _recorded(_saved(idea), "idea_restored", by)


def _values_of(idea: Idea) -> dict[str, Any]:
    """Return what the agenda item takes over; what was handed over comes with all it had."""
    if idea.handed_from is None:
        return {"text": idea.text}
    kept = {name: getattr(idea.handed_from, name) for name in KEPT}
    return {**kept, "visibility": passed_on(kept["visibility"])}


def _locked(idea: Idea) -> Idea:
    rows = Idea.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("group__network", "item__meeting", "handed_from__meeting", "proposed_by").get(pk=idea.pk)


def _need_parked(idea: Idea) -> None:
    if idea.state == State.TAKEN and idea.item:
        raise Refused(
            _("Somebody has just put this idea on the agenda of %(meeting)s.") % {"meeting": idea.item.meeting}
        )
    if idea.state != State.PARKED:
        raise Refused(_("This idea was dropped meanwhile. Take it up again first."))


def _saved(idea: Idea) -> Idea:
    idea.version += 1
    idea.save(update_fields=["state", "item", "version"])
    return idea


def _recorded(idea: Idea, verb: str, by: Membership, *items: AgendaItem, **params: Any) -> Idea:
    # The item it came from tells where it went.
    told = [*items, *([idea.handed_from] if idea.handed_from else [])]
    pages = {*(item.pk for item in told), *family_of([item.pk for item in told])}
    record(
        idea.group.network,
        verb=verb,
        actor=by,
        obj=idea,
        regions=[region_id("ideas", idea.group_id), *(region_id("item", pk) for pk in sorted(pages))],
        params={"title": idea.title, "group": idea.group.name, **params},
    )
    return idea
