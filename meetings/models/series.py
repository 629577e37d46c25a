from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from collab.network.models import Membership, Municipality
from meetings.recurrence import Frequency, Rule
from workgroups.models import Group


class Kind(models.TextChoices):
    """What an agenda item is for."""

    REPORT = "report", _("Report")
    DISCUSSION = "discussion", _("Discussion")
    DECISION = "decision", _("Decision")
    INFORMATION = "information", _("Information")
    ROUND = "round", _("Round of reports")
    ACTIONS = "actions", _("Review of action items")
    APPROVAL = "approval", _("Approval of the minutes")


class Series(models.Model):
    """A recurring meeting of a group. Its dates follow from its rules; each date is a Meeting of its own."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="series", verbose_name=_("group"))
    title = models.CharField(_("title"), max_length=200)
    place = models.CharField(_("place"), max_length=200, blank=True)
    video_link = models.URLField(_("video link"), max_length=500, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    created_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["title"]
        verbose_name = _("series")
        verbose_name_plural = _("series")

    def __str__(self) -> str:
        return self.title


class SeriesRule(models.Model):
    """When a series takes place from `starts_on` until the next rule's `starts_on`.

    "From this date on" adds a rule and leaves the earlier ones, and so the past, as they are.
    """

    class Frequencies(models.TextChoices):
        MONTHLY_WEEKDAY = Frequency.MONTHLY_WEEKDAY.value, _("On a weekday of the month")
        MONTHLY_DAY = Frequency.MONTHLY_DAY.value, _("On a day of the month")
        WEEKLY = Frequency.WEEKLY.value, _("Every so many weeks")

    series = models.ForeignKey(Series, models.CASCADE, related_name="rules")
    starts_on = models.DateField(_("from"))
    frequency = models.CharField(_("rhythm"), max_length=16, choices=Frequencies)
    interval = models.PositiveSmallIntegerField(_("every"), default=1)
    weekday = models.PositiveSmallIntegerField(_("weekday"), null=True, blank=True)
    nth = models.SmallIntegerField(_("which in the month"), null=True, blank=True)
    month_day = models.PositiveSmallIntegerField(_("day of the month"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    start_time = models.TimeField(_("begin"))
    minutes = models.PositiveSmallIntegerField(_("duration in minutes"))
    time_zone = models.CharField(max_length=40, default="Europe/Berlin")

    class Meta:
        ordering = ["starts_on"]
        constraints = [models.UniqueConstraint(fields=["series", "starts_on"], name="one_rule_from_a_day")]

    def __str__(self) -> str:
        return f"{self.series}: {self.frequency} {self.starts_on}"

    @property
    def rule(self) -> Rule:
        """The rule as `meetings.recurrence` understands it."""
        return Rule(
            frequency=Frequency(self.frequency),
            starts_on=self.starts_on,
            interval=self.interval,
            weekday=self.weekday,
            nth=self.nth,
            month_day=self.month_day,
            until=self.until,
        )


class SeriesHost(models.Model):
    """A town's turn in hosting the meetings of a series."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="hosts")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["series", "municipality"], name="hosts_once_in_turn"),
        ]

    def __str__(self) -> str:
        return str(self.municipality)


class TemplateItem(models.Model):
    """An item that every new meeting of a series starts with."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="template_items")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.INFORMATION)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=5)
    removed = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.CheckConstraint(condition=Q(minutes__lte=600), name="template_item_minutes")]

    def __str__(self) -> str:
        return self.title
