from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership
from workgroups.models import Group

from .agenda import AgendaItem


class Idea(models.Model):
    """A topic parked for a later meeting of a group: somebody's idea, or an item another meeting handed over."""

    class State(models.TextChoices):
        PARKED = "parked", pgettext_lazy("idea", "Parked")
        TAKEN = "taken", pgettext_lazy("idea", "On an agenda")
        DROPPED = "dropped", pgettext_lazy("idea", "Dropped")

    group = models.ForeignKey(Group, models.PROTECT, related_name="ideas")
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.PARKED)
    proposed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # The unfinished item it was made from when a meeting closed, and the item it became.
    handed_from = models.OneToOneField(AgendaItem, models.PROTECT, null=True, blank=True, related_name="handed_to")
    item = models.OneToOneField(AgendaItem, models.PROTECT, null=True, blank=True, related_name="was_idea")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("idea")
        verbose_name_plural = _("ideas")
        indexes = [models.Index(fields=["group", "state", "created_at"], name="idea_of_group")]

    def __str__(self) -> str:
        return self.title
