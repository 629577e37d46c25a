"""Which parts of which pages a change in a meeting touches."""

from __future__ import annotations

from collections.abc import Sequence

from collab.live.regions import region_id
from meetings.models import AgendaItem, Meeting, MeetingGuest, Series
from meetings.queries.memory import relatives_of


def of_room(meeting: Meeting, *names: str) -> list[str]:
    """Return the regions of the room with these names (such as "people"), and the wall, which shows some of each."""
    return [region_id("meeting-wall", meeting.pk), *(region_id(f"meeting-{name}", meeting.pk) for name in names)]


def of_agenda(meeting: Meeting, *items: AgendaItem) -> list[str]:
    """Return the regions that show the agenda, and those of these items."""
    return [
        region_id("meeting-agenda", meeting.pk),
        region_id("meeting-active", meeting.pk),
        *of_room(meeting, "speakers", "round", "wording", "review", "approval", "summary"),
        # Late notes of a closed meeting stand in the draft of its minutes.
        *([region_id("minutes", meeting.pk)] if meeting.state == Meeting.State.CLOSED else []),
        # The lobby lists the files of the agenda.
        *(of_room(meeting, "people") if meeting.state == Meeting.State.PLANNED else []),
        region_id("group-next", meeting.group_id),
        region_id("preparation", meeting.pk),
        *(region_id("item", item.pk) for item in items),
        # A project's page lists the agenda items about it.
        *(region_id("project-work", item.project_id) for item in items if item.project_id),
        *_of_guests_at(items),
    ]


def _of_guests_at(items: Sequence[AgendaItem]) -> list[str]:
    """Return where those who were invited to these items alone see them: at home, their titles; one query."""
    if not items:
        return []
    guests = MeetingGuest.objects.filter(item__in=[item.pk for item in items]).values_list("membership", flat=True)
    return [region_id("guest-meetings", guest) for guest in guests]


def of_log(item: AgendaItem) -> list[str]:
    """Return the regions that list what was settled on an item: the log, its decisions, where else it appears."""
    decisions = item.decisions.values_list("pk", flat=True)
    return [
        *of_room(item.meeting, "log", "summary"),
        *(region_id("decision", pk) for pk in decisions),
        *(region_id("item", pk) for pk in relatives_of(item)),
    ]


def of_meeting(meeting: Meeting, *items: AgendaItem) -> list[str]:
    """Return every region that shows when, where and in which state the meeting is."""
    guests = meeting.guests.values_list("membership_id", flat=True)
    return [
        *of_agenda(meeting, *items),
        region_id("meeting-head", meeting.pk),
        *of_room(meeting, "log", "people", "vote"),
        region_id("meeting-list", meeting.network_id),
        # The draft of the minutes begins with the closing, and ends with a reopening.
        region_id("minutes", meeting.pk),
        region_id("minutes-list", meeting.network_id),
        region_id("group-meetings", meeting.group_id),
        # When it meets next.
        region_id("group-list", meeting.network_id),
        *([region_id("series", meeting.series_id)] if meeting.series_id else []),
        *(region_id("guest-meetings", guest) for guest in guests),
    ]


def of_series(series: Series, meetings: Sequence[Meeting]) -> list[str]:
    """Return the regions that show the series, or when and where these meetings of it are; two queries."""
    keys = [meeting.pk for meeting in meetings]
    guests = MeetingGuest.objects.filter(meeting__in=keys).values_list("membership_id", flat=True)
    items = AgendaItem.objects.filter(meeting__in=keys).values_list("pk", flat=True)
    names = ("meeting-head", "meeting-agenda", "meeting-active", "meeting-wall", "meeting-people")
    return [
        region_id("series", series.pk),
        region_id("meeting-list", series.group.network_id),
        region_id("group-next", series.group_id),
        region_id("group-meetings", series.group_id),
        region_id("group-list", series.group.network_id),
        *(region_id(name, key) for key in keys for name in names),
        *(region_id("item", item) for item in items),
        *(region_id("guest-meetings", guest) for guest in guests),
    ]
