from __future__ import annotations

from django.db import models
from django.db.models import Q
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

    class Majority(models.TextChoices):
        SIMPLE = "simple", _("More yes than no")
        TWO_THIRDS = "two_thirds", _("Two thirds of yes and no")
        ABSOLUTE = "absolute", _("Yes of more than half of all municipalities")
        UNANIMOUS = "unanimous", _("No vote against it")

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("group", "Active")
        CLOSED = "closed", pgettext_lazy("group", "Closed")

    network = models.ForeignKey(Network, models.PROTECT, related_name="groups")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("purpose"), blank=True, max_length=2000)
    quorum = models.CharField(_("quorum"), max_length=10, choices=Quorum, default=Quorum.MAJORITY)
    quorum_number = models.PositiveSmallIntegerField(_("municipalities needed"), null=True, blank=True)
    majority = models.CharField(_("majority"), max_length=10, choices=Majority, default=Majority.SIMPLE)
    # The town in charge (Federführung), for project groups.
    lead_town = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("municipality in charge")
    )
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.ACTIVE)
    # Its meetings, files and parking lot are its own members' and the coordinator's alone; decisions and action
    # items stand in the network's logs all the same.
    is_internal = models.BooleanField(_("internal"), default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_word = models.CharField(_("why it was closed"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

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
    since = models.DateField(_("since"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "membership"], name="once_in_a_group")]

    def __str__(self) -> str:
        return f"{self.membership} – {self.group}"


class Admission(models.Model):
    """On the way into a group: somebody asked to join, or was invited."""

    class Kind(models.TextChoices):
        REQUEST = "request", pgettext_lazy("admission", "Asked to join")
        INVITATION = "invitation", pgettext_lazy("admission", "Invited")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("admission", "Open")
        ACCEPTED = "accepted", pgettext_lazy("admission", "Accepted")
        DECLINED = "declined", pgettext_lazy("admission", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("admission", "Withdrawn")

    group = models.ForeignKey(Group, models.PROTECT, related_name="admissions")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="admissions")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    word = models.CharField(_("word"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "membership"], condition=Q(state="open"), name="one_open_admission"
            )
        ]

    def __str__(self) -> str:
        return f"{self.membership} – {self.group}"
