"""The minutes of a meeting: texts that are edited, versions that never are."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network

from .agenda import AgendaItem
from .meeting import Meeting
from .visibility import Visibility


class Minutes(models.Model):
    """The minutes of a meeting as they are being written. Votes, wordings and attendance come from the meeting."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="protocol")
    remarks = models.TextField(_("remarks"), blank=True, max_length=5000)
    distribution = models.TextField(_("distribution list"), blank=True, max_length=2000)
    visibility = models.CharField(_("visibility"), max_length=8, choices=Visibility, default=Visibility.NETWORK)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")

    def __str__(self) -> str:
        return str(self.meeting)


class MinutesText(models.Model):
    """What the minutes say of an item, where that is not simply its notes."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="texts")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="minutes_texts")
    result = models.TextField(_("result"), blank=True, max_length=5000)
    notes = models.TextField(_("notes"), blank=True, max_length=20_000)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["minutes", "item"], name="minutes_text_once")]

    def __str__(self) -> str:
        return f"{self.minutes}: {self.item}"


class MinutesVersion(models.Model):
    """Finalised minutes, never changed. `content` is the canonical JSON that `sha256` is the SHA-256 of; it holds the
    SHA-256 of the version before it in its chain (the series; single meetings: those of the group).
    """

    network = models.ForeignKey(Network, models.PROTECT, related_name="minutes_versions")
    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    # "series:5" or "group:2", and the place in it, from 1.
    chain = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    # What a later version changed, and why; empty for the first.
    reason = models.CharField(_("what changed"), max_length=1000, blank=True)
    finalised_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    finalised_at = models.DateTimeField()
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["chain", "position"]
        verbose_name = _("finalised minutes")
        verbose_name_plural = _("finalised minutes")
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="minutes_version_once"),
            models.UniqueConstraint(fields=["chain", "position"], name="minutes_place_in_chain_once"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} ({self.number})"


class MinutesApproval(models.Model):
    """What a later meeting said of finalised minutes: approved, or what a municipality objected to."""

    class Kind(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("minutes", "Approved")
        OBJECTION = "objection", pgettext_lazy("minutes", "Objection")

    version = models.ForeignKey(MinutesVersion, models.PROTECT, related_name="approvals")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="approvals")
    kind = models.CharField(max_length=9, choices=Kind)
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(_("objection"), blank=True, max_length=2000)
    # The later version that took the objection up.
    answered_in = models.ForeignKey(MinutesVersion, models.PROTECT, null=True, blank=True, related_name="answers")
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=250)
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("approval of minutes")
        verbose_name_plural = _("approvals of minutes")
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=Q(kind="approved"), name="minutes_approved_once")
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.kind}"
