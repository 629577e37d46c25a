from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality

from .meeting import Meeting


class Attendance(models.Model):
    """What a municipality said about coming to a meeting, and whom it named as deputy."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("attendance", "Accepted")
        TENTATIVE = "tentative", pgettext_lazy("attendance", "Tentative")
        APOLOGISED = "apologised", pgettext_lazy("attendance", "Apologised")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, blank=True)
    note = models.CharField(_("word to the chair"), max_length=300, blank=True)
    # Somebody with an account, who may then act for the town in this meeting, or just a name.
    deputy = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("deputy")
    )
    deputy_name = models.CharField(_("deputy's name"), max_length=120, blank=True)
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    # Counts the answers alone; `version` also counts who comes and goes.
    answer_version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [models.UniqueConstraint(fields=["meeting", "municipality"], name="one_attendance_per_town")]

    def __str__(self) -> str:
        return f"{self.municipality} – {self.meeting}"


class Presence(models.Model):
    """A stretch of time in which a municipality sat at the table, and who represented it.

    Recorded by people; who merely has the page open is not present.
    """

    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="presences")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    representative = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    # As it was then; also where the representative has no account.
    represented_by = models.CharField(_("represented by"), max_length=120, blank=True)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["began_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["attendance"], condition=Q(ended_at=None), name="present_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="presence_ends_after_begin"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attendance}: {self.began_at} – {self.ended_at or ''}"
