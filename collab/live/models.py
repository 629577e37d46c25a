"""The change log: one gapless, commit-ordered stream of versions per network."""

from __future__ import annotations

from django.db import models

from collab.network.models import Membership, Network


class Topic(models.Model):
    """The newest version of a network's stream. Its row lock makes versions gapless and in commit order."""

    network = models.OneToOneField(Network, models.CASCADE, primary_key=True, related_name="topic")
    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.network_id}/{self.version}"


class Change(models.Model):
    """What one person did: the activity feed, the audit trail, and what tells screens which regions are stale."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="changes")
    version = models.PositiveBigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    # As it was at that moment; people and towns may be renamed later.
    actor_name = models.CharField(max_length=250, blank=True)
    verb = models.CharField(max_length=40)
    object_type = models.CharField(max_length=40)
    object_id = models.PositiveBigIntegerField()
    params = models.JSONField(default=dict)
    regions = models.JSONField(default=list)
    # Ids of people whose rights changed with it: their sockets are closed and sign on anew.
    access = models.JSONField(default=list)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["network", "version"], name="one_change_per_version")]
        indexes = [
            models.Index(fields=["object_type", "object_id", "version"], name="change_of_object"),
            models.Index(fields=["network", "-at"], name="change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.network_id}/{self.version} {self.verb}"
