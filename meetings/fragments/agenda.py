from __future__ import annotations

import copy
from typing import Any

from django.utils import timezone

from collab.live import log, regions
from collab.live.models import Change
from collab.live.once import once
from collab.network.models import Membership
from meetings.models import ActionCheck, AgendaItem, Attachment, Decision, Meeting, Step, Visibility, Vote
from meetings.queries import about
from meetings.queries import agenda as queries
from meetings.queries.closing import checks_of
from meetings.queries.decisions import REVISED_BY
from meetings.queries.memory import Thread, thread_of
from meetings.queries.series import holiday_on
from meetings.queries.steps import in_words, item_before, last_step
from meetings.queries.talk import Ahead, Round, reports_at, round_to_read, running_round, with_reports
from meetings.queries.visibility import agenda_for, decisions_for, hidden_items, is_veiled
from meetings.queries.vote import ended_votes_on
from meetings.queries.wording import Draft, earlier_notes, open_wording
from meetings.rules import (
    GUEST,
    ITEM_GUEST,
    may_lead,
    may_propose,
    may_speak,
    may_write,
    sees_inside,
    standing,
    standing_at,
)
from workgroups.models import Group, GroupMembership
from workgroups.rules import group_role

from .circles import at_item, in_group, of_guest
from .circles import in_meeting as hears_in_meeting
from .guests import tells_at_item, tells_guest, tells_in_head, tells_in_room

Context = dict[str, Any]


@once
def audience_of_head(membership: Membership, pk: int) -> str | None:
    meeting = Meeting.objects.filter(pk=pk).select_related("group").first()
    return standing(membership, meeting) if meeting else None


def audience_in_meeting(membership: Membership, pk: int) -> str | None:
    """Who was invited to single items sees nothing of the room, only the pages of these."""
    role = audience_of_head(membership, pk)
    return None if role == ITEM_GUEST else role


def audience_of_item(membership: Membership, pk: int) -> str | None:
    item = AgendaItem.objects.filter(pk=pk).select_related("meeting__group").first()
    return standing_at(membership, item) if item else None


def audience_of_group(membership: Membership, pk: int) -> str | None:
    group = Group.objects.filter(pk=pk, network=membership.network_id).first()
    if group is None or membership.is_guest:
        return None
    return group_role(membership, group) or (None if group.is_internal else "reader")


def audience_of_self(membership: Membership, pk: int) -> str | None:
    return "me" if membership.pk == pk else None


@once
def _meeting(pk: int) -> Meeting:
    return Meeting.objects.select_related(*queries.MEETING_WITH).get(pk=pk)


def _rights(audience: str) -> Context:
    return {
        "may_lead": may_lead(audience),
        "may_write": may_write(audience),
        "may_propose": may_propose(audience),
        "may_speak": may_speak(audience),
        "is_guest": audience in (GUEST, ITEM_GUEST),
    }


@once
def _agenda(pk: int) -> queries.Agenda:
    return with_reports(queries.agenda_of(_meeting(pk)))


def in_meeting(pk: int, audience: str, variant: str) -> Context:
    """The meeting and what this audience may do there. What is active and for the group only is nothing to others: the
    agenda alone says that it is there.
    """
    meeting = _meeting(pk)
    if meeting.active_item and is_veiled(meeting.active_item, audience):
        meeting = copy.copy(meeting)
        meeting.active_item = None
    return {"meeting": meeting, "network": meeting.network, **_rights(audience)}


def head(pk: int, audience: str, variant: str) -> Context:
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    if audience == ITEM_GUEST:
        return context  # when, where and the link; nothing of who else is there
    guests = Membership.objects.filter(guest_at__meeting=meeting).distinct().select_related("person", "municipality")
    return {
        **context,
        "guests": list(guests),
        "writers": _writers(meeting),
        "holiday": holiday_on(meeting.date, meeting.network.holidays),
        "today": timezone.localdate(),
    }


@once
def _writers(meeting: Meeting) -> list[Membership]:
    """Who takes the minutes: whoever was named for this meeting, else those who do it for the group."""
    if meeting.minute_taker:
        return [meeting.minute_taker]
    rows = GroupMembership.objects.filter(
        group=meeting.group_id, role=GroupMembership.Role.MINUTES, membership__ended_on=None
    )
    return [row.membership for row in rows.select_related("membership__person")]


def agenda(pk: int, audience: str, variant: str) -> Context:
    context = in_meeting(pk, audience, variant)
    return {**context, "agenda": agenda_for(_agenda(pk), audience)}


def active(pk: int, audience: str, variant: str) -> Context:
    """The item that is active, what follows it, and what whoever leads can do now."""
    context = agenda(pk, audience, variant)
    meeting = context["meeting"]
    is_open = meeting.state == Meeting.State.OPEN
    row = context["agenda"].active if is_open else None
    now = running_round(meeting) if is_open and context["may_lead"] else None
    step = _last_step(meeting) if is_open and context["may_lead"] else None
    return {
        **context,
        "row": row,
        "following": context["agenda"].following[:3] if is_open else [],
        # As long as towns are to come the next step is theirs, not the next item.
        "round_goes_on": now is not None and bool(now.coming),
        "may_go_back": is_open and context["may_lead"] and _item_before(meeting) is not None,
        "undo": step,
        "undo_words": in_words(step) if step else "",
        "writers": _writers(meeting) if is_open else [],
        **(_at_active(row.item, audience) if row else {}),
    }


def _at_active(item: AgendaItem, audience: str) -> Context:
    if is_veiled(item, audience):
        return {}
    return {**_recorded_for(item, audience), "files": _files(item), "draft": draft_on(item)}


@once
def _last_step(meeting: Meeting) -> Step | None:
    return last_step(meeting)


@once
def _item_before(meeting: Meeting) -> AgendaItem | None:
    return item_before(meeting, [row.item for row in _agenda(meeting.pk).flat])


@once
def _files(item: AgendaItem) -> list[Attachment]:
    return list(item.attachments.filter(removed_at=None))


@once
def _recorded(item: AgendaItem) -> Context:
    actions = item.recorded_actions.select_related("action_item__municipality", "action_item__person__person")
    return {
        "decisions": list(item.decisions.order_by("year", "number").prefetch_related(*REVISED_BY)),
        "action_items": [recorded.action_item for recorded in actions.order_by("pk")],
        "taken_on": about.taken_on(item=item),
        "about": about.about(item),
    }


def _recorded_for(item: AgendaItem, audience: str) -> Context:
    recorded = _recorded(item)
    return {**recorded, "decisions": decisions_for(recorded["decisions"], audience)}


def meeting_log(pk: int, audience: str, variant: str) -> Context:
    context = in_meeting(pk, audience, variant)
    hidden = hidden_items(context["meeting"], audience)
    items = [item for item in queries.log_of(context["meeting"]) if item.pk not in hidden]
    decisions = decisions_for((one for item in items for one in item.decisions.all()), audience)
    actions = [recorded.action_item for item in items for recorded in item.recorded_actions.all()]
    return {
        **context,
        "decisions": sorted(decisions, key=lambda d: (d.year, d.number)),
        "action_items": actions,
        "taken_on": [row for row in about.taken_on(item__meeting=pk) if row.item_id not in hidden],
        "history": _history_for(context["meeting"], hidden),
    }


def _history_for(meeting: Meeting, hidden: set[int]) -> list[Change]:
    """Without steps that were about items for the group only."""
    history = list(log.history(meeting, limit=50))
    titles = set(AgendaItem.objects.filter(pk__in=hidden).values_list("title", flat=True)) if hidden else set()
    shown = [change for change in history if change.params.get("title") not in titles]
    # What was taken back names what it touched: the items may be called otherwise by now.
    return [change for change in shown if not hidden.intersection(change.params.get("touched", ()))]


@once
def draft_on(item: AgendaItem) -> Draft | None:
    return open_wording(item)


def one_item(pk: int, audience: str, variant: str) -> Context:
    items = queries.items_with_people().select_related("reviews").prefetch_related(queries.visible_attachments())
    item = items.get(pk=pk)
    rights = _rights(audience)
    return {
        "item": item,
        "reviewed": _reviewed_for(item, audience),
        "void_vote": _void_vote_for(item, audience),
        "votes": [] if rights["is_guest"] else ended_votes_on(item, sees_inside(audience)),
        "meeting": item.meeting,
        "network": item.meeting.network,
        "history": list(log.history(item)),
        "is_active": item.meeting.active_item_id == item.pk,
        "draft": draft_on(item),
        "notes_versions": [] if rights["is_guest"] else earlier_notes(item),
        "thread": _thread(item),
        "checks": _checks(item),
        "round": _round_to_read(item),
        "reports": _reports_at(item) if rights["may_propose"] else None,
        **_recorded_for(item, audience),
        **rights,
    }


def _reviewed_for(item: AgendaItem, audience: str) -> Decision | None:
    """The decision that comes up again here; none where it is for a group that does not sit at this table."""
    reviewed = item.reviews
    if reviewed and reviewed.visibility == Visibility.GROUP and reviewed.group_id != item.meeting.group_id:
        return None
    return next(iter(decisions_for([reviewed] if reviewed else [], audience)), None)


def _void_vote_for(item: AgendaItem, audience: str) -> Vote | None:
    """The vote by circulation that an objection made void, so that its proposal came here."""
    vote = Vote.objects.filter(next_item=item).select_related("closed_by__municipality", "closed_by__person").first()
    is_hidden = vote is not None and vote.visibility == Visibility.GROUP and not sees_inside(audience)
    return None if is_hidden else vote


@once
def _round_to_read(item: AgendaItem) -> Round | None:
    return round_to_read(item)


@once
def _reports_at(item: AgendaItem) -> Ahead | None:
    return reports_at(item)


@once
def _thread(item: AgendaItem) -> Thread:
    return thread_of(item)


@once
def _checks(item: AgendaItem) -> list[ActionCheck]:
    return checks_of(item=item)


def group_next(pk: int, audience: str, variant: str) -> Context:
    group = Group.objects.select_related("network").get(pk=pk)
    meeting = queries.next_meeting_of(group)
    return {
        "group": group,
        "network": group.network,
        "meeting": meeting,
        "agenda": agenda_for(queries.agenda_of(meeting), audience) if meeting else None,
        "today": timezone.localdate(),
        **_rights(audience),
    }


def guest_meetings(pk: int, audience: str, variant: str) -> Context:
    membership = Membership.objects.select_related("network").get(pk=pk)
    return {"network": membership.network, "meetings": list(queries.guest_meetings_of(membership))}


FOLDER = "meetings/fragments/"
for region in (
    regions.Region(
        "meeting-head",
        f"{FOLDER}meeting_head.html",
        audience_of_head,
        head,
        tells=tells_in_head,
        hears=hears_in_meeting,
    ),
    regions.Region(
        "meeting-agenda",
        f"{FOLDER}meeting_agenda.html",
        audience_in_meeting,
        agenda,
        tells=tells_in_room,
        hears=hears_in_meeting,
    ),
    regions.Region(
        "meeting-active",
        f"{FOLDER}meeting_active.html",
        audience_in_meeting,
        active,
        tells=tells_in_room,
        hears=hears_in_meeting,
    ),
    regions.Region(
        "meeting-log",
        f"{FOLDER}meeting_log.html",
        audience_in_meeting,
        meeting_log,
        tells=tells_in_room,
        hears=hears_in_meeting,
    ),
    regions.Region("item", f"{FOLDER}item.html", audience_of_item, one_item, tells=tells_at_item, hears=at_item),
    regions.Region("group-next", f"{FOLDER}group_next.html", audience_of_group, group_next, hears=in_group),
    regions.Region(
        "guest-meetings",
        f"{FOLDER}guest_meetings.html",
        audience_of_self,
        guest_meetings,
        tells=tells_guest,
        hears=of_guest,
    ),
):
    regions.register(region)
