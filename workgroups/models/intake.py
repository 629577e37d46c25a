"""Bringing in what exists: an uploaded table on its way into the network."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Network


class Intake(models.Model):
    """One uploaded table: its cells as they were read, which column is what, and what came of it.

    Nothing of it is in the network until it is carried out; then everything of it is.
    """

    class Kind(models.TextChoices):
        MUNICIPALITIES = "municipalities", _("Municipalities")
        PEOPLE = "people", _("People")
        PROJECTS = "projects", _("Projects")
        ACTIONS = "actions", _("Action items")

    class State(models.TextChoices):
        UPLOADED = "uploaded", pgettext_lazy("intake", "Uploaded")
        DONE = "done", pgettext_lazy("intake", "Brought in")
        DROPPED = "dropped", pgettext_lazy("intake", "Discarded")

    network = models.ForeignKey(Network, models.PROTECT, related_name="intakes")
    kind = models.CharField(_("what it holds"), max_length=14, choices=Kind)
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    # The heading row, and the rows below it, as texts.
    header = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    # {"field": column number}
    columns = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.UPLOADED)
    # {"new": 12, "changed": 3, "same": 1, "wrong": 0, "duplicate": 0} once it was carried out.
    outcome = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.name
