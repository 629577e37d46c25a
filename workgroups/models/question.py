"""Asking the network for help (Amtshilfe)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network

from .project import Project


class Question(models.Model):
    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("question", "Open")
        SOLVED = "solved", pgettext_lazy("question", "Solved")
        WITHDRAWN = "withdrawn", pgettext_lazy("question", "Withdrawn")

    network = models.ForeignKey(Network, models.PROTECT, related_name="questions")
    title = models.CharField(_("question"), max_length=200)
    text = models.TextField(_("more about it"), max_length=5000, blank=True)
    # As Project.block.
    block = models.CharField(_("topic block"), max_length=40, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="questions", verbose_name=_("project")
    )
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # The town that asks; null for the coordinator's office.
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    solution = models.OneToOneField(
        "Answer", models.PROTECT, null=True, blank=True, related_name="solves", verbose_name=_("solution")
    )
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        indexes = [models.Index(fields=["network", "state", "-asked_at"], name="questions_of_network")]

    def __str__(self) -> str:
        return self.title


class Answer(models.Model):
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    text = models.TextField(_("answer"), max_length=5000)
    written_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["written_at", "pk"]
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return f"{self.question}: {self.written_by}"
