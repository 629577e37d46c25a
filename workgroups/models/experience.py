"""What a town learned, handed on: the experience report of a lead, and the reuse of another town."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality

from .involvement import Involvement
from .project import Project


class ExperienceReport(models.Model):
    """One version of the experience report of a project's lead; the highest number is the one that counts."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="reports")
    number = models.PositiveIntegerField()
    # The town that wrote it: the lead at that time.
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    took = models.TextField(_("What it took"), max_length=5000, blank=True)
    cost = models.TextField(_("What it cost"), max_length=3000, blank=True)
    differently = models.TextField(_("What we would do differently"), max_length=5000, blank=True)
    # One step per line: the checklist of a town that reuses it.
    needed = models.TextField(_("What another municipality needs to start"), max_length=5000, blank=True)
    whom_to_call = models.CharField(_("Whom to call"), max_length=300, blank=True)
    written_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("experience report")
        verbose_name_plural = _("experience reports")
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="experience_versions_once")]

    def __str__(self) -> str:
        return f"{self.project} ({self.number})"

    @property
    def version(self) -> int:
        """What the form of the next version names, so that nobody's text is overwritten unseen."""
        return self.number

    @property
    def steps(self) -> list[str]:
        """What another town needs to start, line by line."""
        return [line.strip(" -*•\t") for line in self.needed.splitlines() if line.strip(" -*•\t")]


class Reuse(models.Model):
    """How a town takes over what another one has: from whom, since when, with what result."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("reuse", "Being prepared")
        STARTED = "started", pgettext_lazy("reuse", "Started")
        RUNNING = "running", pgettext_lazy("reuse", "In operation")
        GIVEN_UP = "given_up", pgettext_lazy("reuse", "Given up")

    involvement = models.OneToOneField(Involvement, models.PROTECT, related_name="reuse")
    # The town whose experience it stands on: the lead, or another reuser. Null where nobody was named.
    taken_from = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken over from")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PLANNED)
    started_on = models.DateField(_("started on"), null=True, blank=True)
    result = models.TextField(_("result"), max_length=3000, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("reuse")
        verbose_name_plural = _("reuses")

    def __str__(self) -> str:
        return str(self.involvement)


class ReuseStep(models.Model):
    """A line of a reusing town's checklist: from the experience report, or its own."""

    reuse = models.ForeignKey(Reuse, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("step"), max_length=500)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    # Which report it came from; null for the town's own steps.
    report = models.ForeignKey(ExperienceReport, models.PROTECT, null=True, blank=True, related_name="+")
    removed = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None, done_by=None) | Q(done_on__isnull=False, done_by__isnull=False),
                name="reuse_step_done_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.text
