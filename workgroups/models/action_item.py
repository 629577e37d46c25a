from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network

from .group import Group
from .project import Project


class ActionItem(models.Model):
    """Who does what until when. A town is responsible; the person may be named later."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("action item", "Open")
        IN_PROGRESS = "in_progress", pgettext_lazy("action item", "In progress")
        DONE = "done", pgettext_lazy("action item", "Done")
        DROPPED = "dropped", pgettext_lazy("action item", "Dropped")

    OPEN_STATES = (State.OPEN, State.IN_PROGRESS)

    network = models.ForeignKey(Network, models.PROTECT, related_name="action_items")
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="action_items")
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="action_items", verbose_name=_("project")
    )
    title = models.CharField(_("what is to be done"), max_length=300)
    municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible municipality"),
    )
    person = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name=_("responsible person"),
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    # When to look at it again (Wiedervorlage), whatever the due date.
    follow_up_on = models.DateField(_("follow-up"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    note = models.TextField(_("note"), blank=True, max_length=5000)
    # What was said with the last change of state: the completion note of what is done, the reason of what
    # was dropped.
    state_note = models.TextField(_("completion note"), blank=True, max_length=2000)
    due_reason = models.CharField(_("reason for the new date"), max_length=500, blank=True)
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = [models.F("due_on").asc(nulls_last=True), "pk"]
        verbose_name = _("action item")
        verbose_name_plural = _("action items")
        indexes = [
            models.Index(fields=["network", "state", "due_on"], name="action_by_due"),
            models.Index(fields=["network", "municipality", "state"], name="action_by_town"),
            models.Index(fields=["project", "state"], name="action_by_project"),
            models.Index(fields=["group", "state"], name="action_by_group"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(municipality__isnull=False) | Q(person__isnull=False),
                name="somebody_is_responsible",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    def is_overdue(self, today: date | None = None) -> bool:
        """Return whether it is still open after its due date; `today` is the local date in Germany."""
        return self.is_open and self.due_on is not None and self.due_on < (today or timezone.localdate())

    def is_follow_up_due(self, today: date | None = None) -> bool:
        """Return whether it is open and comes up again; `today` is the local date in Germany."""
        return self.is_open and self.follow_up_on is not None and self.follow_up_on <= (today or timezone.localdate())
