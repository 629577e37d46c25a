"""Writes on single meetings: add, edit, move, cancel, bring back, and who is invited to them."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import AgendaItem, Meeting, MeetingGuest
from meetings.queries.agenda import meeting_after
from meetings.queries.series import items_to_invite_to
from workgroups.domain.group import locked_group, need_active
from workgroups.models import Group

from .agenda import index_items, locked_meeting
from .carry import carry_content, carry_waiting
from .presence import end_presences
from .regions import of_agenda, of_meeting

State = Meeting.State


@transaction.atomic
def add_meeting(
    *,
    group: Group,
    title: str,
    date: date,
    start_time: time,
    minutes: int,
    by: Membership,
    place: str = "",
    host: Municipality | None = None,
    video_link: str = "",
    request_id: UUID | None = None,
) -> Meeting:
    """Plan a meeting outside any series. Returns it (the same one when sent twice).

    What the group's last meeting left over comes onto its agenda.
    """
    group = locked_group(group.pk)
    need(rules.may_plan(by, group))
    if request_id and (twin := Meeting.objects.filter(request_id=request_id, group=group).first()):
        return twin
    need_new_form(Meeting, request_id)
    need_active(group)
    _need_future(date)
    meeting = Meeting.objects.create(
        network=group.network,
        group=group,
        title=title,
        date=date,
        start_time=start_time,
        minutes=minutes,
        place=place,
        host=host,
        video_link=video_link,
        request_id=request_id,
    )
    carry_waiting(group, meeting)
    return _recorded(meeting, "meeting_added", by)


@transaction.atomic
def edit_meeting(
    *,
    meeting: Meeting,
    title: str,
    minutes: int,
    place: str,
    host: Municipality | None,
    video_link: str,
    version: int,
    by: Membership,
) -> Meeting:
    """Change what a planned meeting is called, where it is and how long it lasts; raises Stale, Refused."""
    meeting = _planned(meeting, version, by)
    meeting.title, meeting.minutes, meeting.place = title, minutes, place
    meeting.host, meeting.video_link = host, video_link
    return _settled(meeting, "meeting_edited", by)


@transaction.atomic
def move_meeting(
    *, meeting: Meeting, date: date, start_time: time, minutes: int, reason: str, version: int, by: Membership
) -> Meeting:
    """Put a planned meeting on another date or time; as an occurrence of its series it stays the one it was."""
    meeting = _planned(meeting, version, by)
    _need_future(date)
    meeting.date, meeting.start_time, meeting.minutes, meeting.reason = date, start_time, minutes, reason
    end_presences(meeting, timezone.now())  # who came early came for the old time
    return _settled(meeting, "meeting_moved", by, reason=reason)


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, reason: str, version: int, by: Membership, carry: bool = False) -> Meeting:
    """Cancel a planned meeting; with `carry` what people put on its agenda goes to the group's next meeting."""
    locked_group(meeting.group_id)
    meeting = _planned(meeting, version, by)
    meeting.state, meeting.reason = State.CANCELLED, reason
    end_presences(meeting, timezone.now())
    target = meeting_after(meeting) if carry else None
    there = carry_content(meeting, locked_meeting(target.pk)) if target else []
    also = of_agenda(target, *there) if target and there else []
    return _settled(meeting, "meeting_cancelled", by, reason=reason, also=also)


@transaction.atomic
def reinstate_meeting(*, meeting: Meeting, version: int, by: Membership) -> Meeting:
    """Let a cancelled meeting take place after all, with the agenda it had; raises Refused when its day is over."""
    group = locked_group(meeting.group_id)
    meeting = _changeable(meeting, version, by)
    if meeting.state == State.PLANNED:
        return meeting
    if meeting.state != State.CANCELLED:
        raise Refused(_("Only a cancelled meeting can be brought back."))
    need_active(group)
    if meeting.date < timezone.localdate():
        raise Refused(_("The day of this meeting is over. Add a new meeting instead."))
    meeting.state, meeting.reason = State.PLANNED, ""
    return _settled(meeting, "meeting_reinstated", by)


@transaction.atomic
def invite_guest(*, meeting: Meeting, guest: Membership, by: Membership, item: AgendaItem | None = None) -> Meeting:
    """Let a guest of the network see one meeting, or one item of it; inviting twice does nothing more.

    Whoever is invited to the whole meeting needs no invitation to its items any more.
    """
    meeting = _with_open_doors(meeting, by)
    need(guest.network_id == meeting.network_id and guest.is_guest and guest.ended_on is None)
    invited = MeetingGuest.objects.filter(meeting=meeting, membership=guest)
    if invited.filter(item=None).exists():
        return meeting
    if item is None:
        invited.delete()
    elif not items_to_invite_to(meeting).filter(pk=item.pk).exists():
        raise Refused(_("This item is not on the agenda of this meeting."))
    if not MeetingGuest.objects.get_or_create(meeting=meeting, membership=guest, item=item)[1]:
        return meeting
    return _guests_changed(meeting, "guest_invited", guest, by, item)


@transaction.atomic
def uninvite_guest(*, meeting: Meeting, guest: Membership, by: Membership, item: AgendaItem | None = None) -> Meeting:
    """Take an invitation back, to one item or to everything of the meeting: the guest sees nothing of it any more.

    Twice does nothing more.
    """
    meeting = _with_open_doors(meeting, by)
    invited = MeetingGuest.objects.filter(meeting=meeting, membership=guest)
    if not (invited.filter(item=item) if item else invited).delete()[0]:
        return meeting
    return _guests_changed(meeting, "guest_uninvited", guest, by, item)


def _changeable(meeting: Meeting, version: int, by: Membership) -> Meeting:
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.version != version:
        raise Stale(meeting, last_actor(meeting))
    return meeting


def _planned(meeting: Meeting, version: int, by: Membership) -> Meeting:
    meeting = _changeable(meeting, version, by)
    if meeting.state == State.CANCELLED:
        raise Refused(_("This meeting was cancelled. Bring it back first."))
    if meeting.state != State.PLANNED:
        raise Refused(_("This meeting has begun or is over; it can no longer be changed here."))
    return meeting


def _need_future(day: date) -> None:
    if day < timezone.localdate():
        raise Refused(_("This day is over. Choose today or a later day."))


def _with_open_doors(meeting: Meeting, by: Membership) -> Meeting:
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state not in (State.PLANNED, State.OPEN):
        raise Refused(_("This meeting is over or was cancelled; its guests can no longer be changed."))
    return meeting


def _settled(meeting: Meeting, verb: str, by: Membership, *, also: list[str] | None = None, **params: Any) -> Meeting:
    """Save a change by hand: from now on changes of the series leave this occurrence alone."""
    meeting.is_exception = meeting.series_id is not None
    meeting.version += 1
    meeting.save()
    return _recorded(meeting, verb, by, also=also or [], **params)


def _guests_changed(meeting: Meeting, verb: str, guest: Membership, by: Membership, item: AgendaItem | None) -> Meeting:
    regions = [region_id("meeting-head", meeting.pk), region_id("guest-meetings", guest.pk)]
    record(
        meeting.network,
        verb=f"{verb}_item" if item else verb,
        actor=by,
        # Whoever may not read the item does not hear its title either.
        obj=item or meeting,
        regions=regions,
        params={
            "title": meeting.title,
            "date": meeting.date.isoformat(),
            "guest": str(guest),
            **({"item": item.title} if item else {}),
        },
        access=[guest.person_id],
    )
    return meeting


def _recorded(meeting: Meeting, verb: str, by: Membership, *, also: list[str] | None = None, **params: Any) -> Meeting:
    items = list(AgendaItem.objects.filter(meeting=meeting).select_related("meeting"))
    index_items(items)
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=meeting,
        regions=[*of_meeting(meeting, *items), *(also or [])],
        params={"title": meeting.title, "date": meeting.date.isoformat(), **params},
    )
    return meeting
