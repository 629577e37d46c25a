from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership

from .agenda import AgendaItem
from .decision import Decision


class Wording(models.Model):
    """The wording of a decision while it is drafted in full view of all, until it is recorded or dropped."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("wording", "Under discussion")
        RECORDED = "recorded", pgettext_lazy("wording", "Recorded")
        DROPPED = "dropped", pgettext_lazy("wording", "Dropped")

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="wordings")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    text = models.TextField(_("wording"), max_length=5000)
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, blank=True, related_name="drafted_as")
    created_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(state="draft"), name="one_draft_per_item"),
            models.CheckConstraint(
                condition=Q(state="recorded", decision__isnull=False) | (~Q(state="recorded") & Q(decision=None)),
                name="recorded_wording_has_its_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class WordingVersion(models.Model):
    """One version of a drafted wording, as all saw it; never changed."""

    wording = models.ForeignKey(Wording, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=5000)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["wording", "number"], name="wording_version_once")]

    def __str__(self) -> str:
        return f"{self.wording_id}/{self.number}"


class DecisionRevision(models.Model):
    """A decision as it was before somebody corrected it in the meeting, and why; never changed."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    wording = models.TextField(max_length=5000)
    mode = models.CharField(max_length=10, choices=Decision.Mode)
    yes = models.PositiveSmallIntegerField(null=True)
    no = models.PositiveSmallIntegerField(null=True)
    abstain = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["decision", "number"], name="decision_revision_once")]

    def __str__(self) -> str:
        return f"{self.decision}/{self.number}"


class NotesVersion(models.Model):
    """The notes of an item as they were saved once, so that what was overwritten can be read again."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="notes_versions")
    number = models.PositiveIntegerField()
    notes = models.TextField(max_length=20_000, blank=True)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="notes_version_once")]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.number}"
