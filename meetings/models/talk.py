"""What is said in the meeting: the towns' reports, and who asked to speak."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality

from .agenda import AgendaItem
from .meeting import Meeting


class Report(models.Model):
    """A municipality's short report in a round: prepared beforehand or written in the meeting by its own people."""

    class State(models.TextChoices):
        WRITTEN = "written", pgettext_lazy("report", "Written")
        GIVEN = "given", pgettext_lazy("report", "Given")
        PASSED = "passed", pgettext_lazy("report", "Passed")

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="reports")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    news = models.TextField(_("What is new"), blank=True, max_length=2000)
    needs = models.TextField(_("What we need"), blank=True, max_length=1000)
    offers = models.TextField(_("What we offer"), blank=True, max_length=1000)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WRITTEN)
    # Null where the chair called a town that has written nothing.
    written_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(null=True)
    # When the chair called the town last.
    called_at = models.DateTimeField(null=True)
    # Counts the texts that were saved; being called or passing leaves it alone.
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [models.UniqueConstraint(fields=["item", "municipality"], name="one_report_per_town")]

    def __str__(self) -> str:
        return f"{self.municipality} – {self.item}"

    @property
    def has_text(self) -> bool:
        """Whether the town has written anything."""
        return bool(self.news or self.needs or self.offers)


class Speech(models.Model):
    """A request to speak under an agenda item, and what became of it."""

    class Kind(models.TextChoices):
        SPEECH = "speech", pgettext_lazy("request to speak", "Speech")
        REPLY = "reply", pgettext_lazy("request to speak", "Short reply")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("request to speak", "Waiting")
        SPEAKING = "speaking", pgettext_lazy("request to speak", "Has the floor")
        DONE = "done", pgettext_lazy("request to speak", "Has spoken")
        WITHDRAWN = "withdrawn", pgettext_lazy("request to speak", "Withdrawn")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="speeches")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="speeches")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # The town they spoke for; empty for guests and the office.
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.SPEECH)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    about = models.CharField(_("what for"), max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(auto_now_add=True)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("request to speak")
        verbose_name_plural = _("requests to speak")
        indexes = [models.Index(fields=["item", "state", "position"], name="speech_of_item")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "membership", "kind"], condition=Q(state="waiting"), name="asks_once_at_a_time"
            ),
            models.UniqueConstraint(fields=["meeting"], condition=Q(state="speaking"), name="one_has_the_floor"),
        ]

    def __str__(self) -> str:
        return f"{self.membership} – {self.item}"
