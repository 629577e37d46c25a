"""Who does what: the groups of a network and the action items people carry."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network


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


class ActionItem(models.Model):
    """Who does what until when. A town is responsible; the person may be named later."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("action item", "Open")
        IN_PROGRESS = "in_progress", pgettext_lazy("action item", "In progress")
        DONE = "done", pgettext_lazy("action item", "Done")
        DROPPED = "dropped", pgettext_lazy("action item", "Dropped")

    OPEN_STATES = (State.OPEN, State.IN_PROGRESS)

    network = models.ForeignKey(Network, models.PROTECT, related_name="action_items")
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="action_items")
    title = models.CharField(_("what is to be done"), max_length=300)
    municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible municipality"),
    )
    person = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name=_("responsible person"),
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    note = models.TextField(_("note"), blank=True, max_length=5000)
    # What was said with the last change of state: the completion note of what is done, the reason of what
    # was dropped.
    state_note = models.TextField(_("completion note"), blank=True, max_length=2000)
    due_reason = models.CharField(_("reason for the new date"), max_length=500, blank=True)
    created_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = [models.F("due_on").asc(nulls_last=True), "pk"]
        verbose_name = _("action item")
        verbose_name_plural = _("action items")
        indexes = [
            models.Index(fields=["network", "state", "due_on"], name="action_by_due"),
            models.Index(fields=["network", "municipality", "state"], name="action_by_town"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(municipality__isnull=False) | Q(person__isnull=False),
                name="somebody_is_responsible",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    def is_overdue(self, today: date | None = None) -> bool:
        """Return whether it is still open after its due date; `today` is the local date in Germany."""
        return self.is_open and self.due_on is not None and self.due_on < (today or timezone.localdate())
