"""The course of a meeting: the steps of whoever leads it, and what was checked off."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership
from workgroups.models import ActionItem

from .agenda import AgendaItem
from .meeting import Meeting


class Step(models.Model):
    """A step of whoever leads the meeting, with what was before it, so that a slip can be taken back."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="steps")
    verb = models.CharField(max_length=20)
    # What the step was about, as it was called then; shown on the button that takes it back.
    title = models.CharField(max_length=200, blank=True)
    # The state of the meeting and of each touched item before the step.
    before = models.JSONField(default=dict)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        indexes = [models.Index(fields=["meeting", "undone_at", "-id"], name="last_step_of_meeting")]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.verb}"


class ActionCheck(models.Model):
    """An open action item that came up in a meeting's review, and what was said of it there."""

    class Outcome(models.TextChoices):
        DONE = "done", pgettext_lazy("review of an action item", "Done")
        STAYS = "stays", pgettext_lazy("review of an action item", "Stays open")
        DROPPED = "dropped", pgettext_lazy("review of an action item", "Dropped")

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="action_checks")
    action_item = models.ForeignKey(ActionItem, models.PROTECT, related_name="checks")
    outcome = models.CharField(max_length=8, choices=Outcome)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "action_item"], name="checked_once_per_review")]

    def __str__(self) -> str:
        return f"{self.action_item}: {self.outcome}"
