from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Network


class Group(models.Model):
    """A body of the network: its plenum, its officers' exchange, a working group."""

    class Kind(models.TextChoices):
        PLENUM = "plenum", _("Plenum")
        OFFICERS = "officers", _("Officers' exchange")
        WORKING_GROUP = "working_group", _("Working group")

    class Quorum(models.TextChoices):
        NONE = "none", _("None")
        MAJORITY = "majority", _("More than half of the municipalities")
        TWO_THIRDS = "two_thirds", _("Two thirds of the municipalities")
        NUMBER = "number", _("A number of municipalities")

    network = models.ForeignKey(Network, models.PROTECT, related_name="groups")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("purpose"), blank=True, max_length=2000)
    quorum = models.CharField(_("quorum"), max_length=10, choices=Quorum, default=Quorum.MAJORITY)
    quorum_number = models.PositiveSmallIntegerField(_("municipalities needed"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [
            models.UniqueConstraint(fields=["network", "name"], name="group_name_once"),
            models.CheckConstraint(
                condition=~Q(quorum="number") | Q(quorum_number__gte=1), name="quorum_by_number_has_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    """A person's place in a group. Officers belong to the officers' exchange, mayors to the plenum, without
    one.
    """

    class Role(models.TextChoices):
        CHAIR = "chair", pgettext_lazy("group role", "Chair")
        MINUTES = "minutes", pgettext_lazy("group role", "Minute-taker")
        MEMBER = "member", pgettext_lazy("group role", "Member")

    group = models.ForeignKey(Group, models.CASCADE, related_name="group_memberships")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="group_memberships")
    role = models.CharField(_("role in the group"), max_length=8, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "membership"], name="once_in_a_group")]

    def __str__(self) -> str:
        return f"{self.membership} – {self.group}"
