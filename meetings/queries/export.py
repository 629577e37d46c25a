"""Reads: meetings as files have them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from collab.network.models import Membership
from meetings.models import Meeting
from workgroups.queries.group import groups_of
from workgroups.tables import Table


def meeting_table(membership: Membership, year: int | None, today: date) -> Table:
    """Return the meetings to come, or those of a year that are over, as the list of this member shows them; one
    query.
    """
    header = [
        _("Date"),
        _("Begin"),
        _("Minutes"),
        _("Meeting"),
        _("Group"),
        _("Place"),
        _("Host"),
        pgettext("meeting", "State"),
    ]
    over = Q(state=Meeting.State.CLOSED) | (Q(date__lt=today) & ~Q(state=Meeting.State.OPEN))
    # What is internal to a group is for its members.
    readable = Q(group__is_internal=False) | Q(group__in=groups_of(membership))
    meetings = Meeting.objects.filter(readable, network=membership.network_id).select_related("group", "host")
    if year:
        meetings = meetings.filter(over, date__year=year).order_by("-date", "-start_time", "-pk")
    else:
        meetings = meetings.exclude(over).order_by("date", "start_time", "pk")
    return Table(_("Meetings"), header, (_meeting(meeting) for meeting in meetings))


def _meeting(meeting: Meeting) -> list[Any]:
    return [
        meeting.date,
        f"{meeting.start_time:%H:%M}",
        meeting.minutes,
        meeting.title,
        meeting.group.name,
        meeting.place,
        meeting.host or "",
        meeting.get_state_display(),
    ]
