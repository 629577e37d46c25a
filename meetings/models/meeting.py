from __future__ import annotations

from datetime import date as Day
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network
from meetings.recurrence import utc_interval
from workgroups.models import Group

from .series import Series


class Meeting(models.Model):
    """One meeting: an occurrence of a series, or a single one. Planned in local wall time, held in instants."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("meeting", "Planned")
        OPEN = "open", pgettext_lazy("meeting", "In session")
        CLOSED = "closed", pgettext_lazy("meeting", "Closed")
        CANCELLED = "cancelled", pgettext_lazy("meeting", "Cancelled")

    network = models.ForeignKey(Network, models.PROTECT, related_name="meetings")
    group = models.ForeignKey(Group, models.PROTECT, related_name="meetings", verbose_name=_("group"))
    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, related_name="meetings")
    # The date the series' rule gave it (RFC 5545 RECURRENCE-ID); stays when the meeting is moved.
    occurrence_on = models.DateField(null=True, blank=True)
    title = models.CharField(_("title"), max_length=200)
    date = models.DateField(_("date"))
    start_time = models.TimeField(_("begin"))
    minutes = models.PositiveSmallIntegerField(_("duration in minutes"))
    time_zone = models.CharField(max_length=40, default="Europe/Berlin")
    place = models.CharField(_("place"), max_length=200, blank=True)
    host = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("host")
    )
    video_link = models.URLField(_("video link"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    # An occurrence that was moved, edited or cancelled by hand: later changes of the series leave it alone.
    is_exception = models.BooleanField(default=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    chair = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chair")
    )
    minute_taker = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("minute-taker")
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    active_item = models.ForeignKey("meetings.AgendaItem", models.PROTECT, null=True, blank=True, related_name="+")
    # Towns that have not spoken on an item yet come first on its list of speakers.
    new_towns_first = models.BooleanField(_("towns that have not spoken yet come first"), default=False)
    speaking_minutes = models.PositiveSmallIntegerField(_("minutes per speech"), default=3)
    # Its date stands on the network's public pages.
    is_public = models.BooleanField(_("public date"), default=False)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["date", "start_time", "pk"]
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes = [
            models.Index(fields=["network", "state", "date"], name="meeting_by_date"),
            models.Index(fields=["group", "state", "date"], name="meeting_of_group"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["series", "occurrence_on"], name="one_meeting_per_occurrence"),
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=1440), name="meeting_lasts_a_day_at_most"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.date:%d.%m.%Y}"

    @property
    def held_on(self) -> Day:
        """The local day on which it was opened; the planned one as long as it was not."""
        return timezone.localdate(self.opened_at) if self.opened_at else self.date

    @property
    def starts_at(self) -> datetime:
        """The planned begin as an aware UTC datetime; 9:30 stays 9:30 across the change of the clocks."""
        return utc_interval(self.date, self.start_time, self.minutes, self.time_zone)[0]

    @property
    def ends_at(self) -> datetime:
        """The planned end as an aware UTC datetime."""
        return utc_interval(self.date, self.start_time, self.minutes, self.time_zone)[1]


class MeetingGuest(models.Model):
    """A guest invited to one meeting, or to one item of it; a guest sees that and nothing else."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="guests")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="guest_at")
    item = models.ForeignKey("meetings.AgendaItem", models.CASCADE, null=True, blank=True, related_name="guests")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "membership"], condition=Q(item=None), name="guest_once_at_a_meeting"
            ),
            models.UniqueConstraint(
                fields=["item", "membership"], condition=Q(item__isnull=False), name="guest_once_at_an_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} – {self.meeting}"
