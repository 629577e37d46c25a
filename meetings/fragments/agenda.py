from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from collab.live import log, regions, verbs
from collab.live.once import once
from collab.network.models import Membership
from meetings.models import AgendaItem, Meeting
from meetings.queries import agenda as queries
from meetings.queries.series import holiday_on
from meetings.rules import (
    GUEST,
    ITEM_GUEST,
    may_lead,
    may_propose,
    may_speak,
    may_write,
    standing,
    standing_at,
)
from workgroups.models import Group, GroupMembership
from workgroups.rules import group_role

Context = dict[str, Any]


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
    return group_role(membership, group) or "reader"


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
    return queries.agenda_of(_meeting(pk))


def in_meeting(pk: int, audience: str, variant: str) -> Context:
    meeting = _meeting(pk)
    return {"meeting": meeting, "network": meeting.network, **_rights(audience)}


def head(pk: int, audience: str, variant: str) -> Context:
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    guests = meeting.guests.select_related("membership__person", "membership__municipality")
    standing_writers = GroupMembership.objects.filter(
        group=meeting.group_id, role=GroupMembership.Role.MINUTES, membership__ended_on=None
    ).select_related("membership__person")
    return {
        **context,
        "guests": [guest.membership for guest in guests],
        "writers": [meeting.minute_taker] if meeting.minute_taker else [row.membership for row in standing_writers],
        "holiday": holiday_on(meeting.date, meeting.network.holidays),
        "today": timezone.localdate(),
    }


def agenda(pk: int, audience: str, variant: str) -> Context:
    context = in_meeting(pk, audience, variant)
    return {**context, "agenda": _agenda(pk)}


def active(pk: int, audience: str, variant: str) -> Context:
    context = agenda(pk, audience, variant)
    row = context["agenda"].active
    flat = context["agenda"].flat
    here = flat.index(row) if row else len(flat)
    following = [other for other in flat[here + 1 :] if not other.is_finished][:2]
    return {**context, "row": row, "following": following, **(_recorded(row.item) if row else {})}


@once
def _recorded(item: AgendaItem) -> Context:
    actions = item.recorded_actions.select_related("action_item__municipality", "action_item__person__person")
    return {
        "decisions": list(item.decisions.order_by("year", "number")),
        "action_items": [recorded.action_item for recorded in actions.order_by("pk")],
    }


def meeting_log(pk: int, audience: str, variant: str) -> Context:
    context = in_meeting(pk, audience, variant)
    items = list(queries.log_of(context["meeting"]))
    decisions = [decision for item in items for decision in item.decisions.all()]
    actions = [recorded.action_item for item in items for recorded in item.recorded_actions.all()]
    return {
        **context,
        "decisions": sorted(decisions, key=lambda d: (d.year, d.number)),
        "action_items": actions,
        "history": list(log.history(context["meeting"], limit=50)),
    }


def one_item(pk: int, audience: str, variant: str) -> Context:
    item = queries.items_with_people().prefetch_related(queries.visible_attachments()).get(pk=pk)
    rights = _rights(audience)
    return {
        "item": item,
        "meeting": item.meeting,
        "network": item.meeting.network,
        "history": list(log.history(item)),
        "is_active": item.meeting.active_item_id == item.pk,
        **_recorded(item),
        **rights,
    }


def group_next(pk: int, audience: str, variant: str) -> Context:
    group = Group.objects.select_related("network").get(pk=pk)
    meeting = queries.next_meeting_of(group)
    return {
        "group": group,
        "network": group.network,
        "meeting": meeting,
        "agenda": queries.agenda_of(meeting) if meeting else None,
        "today": timezone.localdate(),
        **_rights(audience),
    }


def guest_meetings(pk: int, audience: str, variant: str) -> Context:
    membership = Membership.objects.select_related("network").get(pk=pk)
    return {"network": membership.network, "meetings": list(queries.guest_meetings_of(membership))}


FOLDER = "meetings/fragments/"
for region in (
    regions.Region("meeting-head", f"{FOLDER}meeting_head.html", audience_of_head, head),
    regions.Region("meeting-agenda", f"{FOLDER}meeting_agenda.html", audience_in_meeting, agenda),
    regions.Region("meeting-active", f"{FOLDER}meeting_active.html", audience_in_meeting, active),
    regions.Region("meeting-log", f"{FOLDER}meeting_log.html", audience_in_meeting, meeting_log),
    regions.Region("item", f"{FOLDER}item.html", audience_of_item, one_item),
    regions.Region("group-next", f"{FOLDER}group_next.html", audience_of_group, group_next),
    regions.Region("guest-meetings", f"{FOLDER}guest_meetings.html", audience_of_self, guest_meetings),
):
    regions.register(region)

verbs.register(
    {
        "item_proposed": _("%(actor)s proposed “%(title)s” for the agenda"),
        "item_added": _("%(actor)s put “%(title)s” on the agenda"),
        "item_edited": _("%(actor)s edited “%(title)s”"),
        "item_accepted": _("%(actor)s accepted “%(title)s” for the agenda"),
        "item_declined": _("%(actor)s declined “%(title)s”: %(answer)s"),
        "item_withdrawn": _("%(actor)s withdrew “%(title)s”"),
        "item_moved": _("%(actor)s moved “%(title)s” on the agenda"),
        "file_added": _("%(actor)s attached “%(file)s” to “%(title)s”"),
        "file_removed": _("%(actor)s removed “%(file)s” from “%(title)s”"),
        "meeting_opened": _("%(actor)s opened the meeting “%(meeting)s”"),
        "meeting_closed": _("%(actor)s closed the meeting “%(meeting)s”"),
        "item_started": _("Now on the agenda: “%(title)s”"),
        "agenda_finished": _("%(actor)s finished the last item of “%(meeting)s”"),
        "notes_saved": _("%(actor)s wrote notes on “%(title)s”"),
        "meeting_people_set": _("%(actor)s set who chairs “%(meeting)s” and takes its minutes"),
    },
    {"agendaitem": "/n/{slug}/items/{pk}/", "meeting": "/n/{slug}/meetings/{pk}/"},
    quiet=("item_moved", "item_edited", "item_started", "agenda_finished", "notes_saved", "file_removed"),
)
