"""What the coordinator made public, and what the public pages show."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from collab.network.models import Membership, Network

from .agenda import AgendaItem
from .decision import Decision
from .minutes import MinutesVersion


class PublicSite(models.Model):
    """What of a network everybody may see without an account; nothing, as long as the coordinator has not opened it."""

    network = models.OneToOneField(Network, models.PROTECT, related_name="public_site")
    is_open = models.BooleanField(_("public pages"), default=False)
    intro = models.TextField(_("introduction"), blank=True, max_length=3000)
    shows_members = models.BooleanField(_("members"), default=True)
    shows_projects = models.BooleanField(_("projects with lead and reusers"), default=True)
    shows_dates = models.BooleanField(_("next public dates"), default=True)
    changed_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("public pages")
        verbose_name_plural = _("public pages")

    def __str__(self) -> str:
        return str(self.network)


class Publication(models.Model):
    """One thing made public, exactly as the coordinator saw it in the preview; withdrawing ends it."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="publications")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="publications")
    minutes = models.ForeignKey(MinutesVersion, models.PROTECT, null=True, blank=True, related_name="publications")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="publications")
    # What everybody sees of it, as JSON, and the SHA-256 of that text: the preview named it.
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        indexes = [models.Index(fields=["network", "-published_at"], name="public_now", condition=Q(withdrawn_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=False, minutes=None, item=None)
                | Q(decision=None, minutes__isnull=False, item=None)
                | Q(decision=None, minutes=None, item__isnull=False),
                name="one_thing_made_public",
            ),
            models.UniqueConstraint(fields=["decision"], condition=Q(withdrawn_at=None), name="decision_public_once"),
            models.UniqueConstraint(fields=["minutes"], condition=Q(withdrawn_at=None), name="minutes_public_once"),
            models.UniqueConstraint(fields=["item"], condition=Q(withdrawn_at=None), name="item_public_once"),
        ]

    def __str__(self) -> str:
        return str(self.decision or self.minutes or self.item)
