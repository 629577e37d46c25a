"""Which town takes part in what, since when and until when; and what towns were asked to take on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network

from .action_item import ActionItem
from .project import Project


class Involvement(models.Model):
    """A town's part in a project, from a day to a day. A town has one part at a time."""

    class Role(models.TextChoices):
        LEAD = "lead", pgettext_lazy("involvement", "Lead")
        CONTRIBUTOR = "contributor", pgettext_lazy("involvement", "Contributor")
        REUSER = "reuser", pgettext_lazy("involvement", "Reuser")
        INTERESTED = "interested", pgettext_lazy("involvement", "Interested")

    project = models.ForeignKey(Project, models.PROTECT, related_name="involvements")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=11, choices=Role)
    since = models.DateField(_("since"))
    # Null as long as it lasts.
    until = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    began_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    began_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["began_at", "pk"]
        verbose_name = _("involvement")
        verbose_name_plural = _("involvements")
        constraints = [
            models.UniqueConstraint(fields=["project"], condition=Q(role="lead", until=None), name="one_lead"),
            models.UniqueConstraint(
                fields=["project", "municipality"], condition=Q(until=None), name="one_part_of_a_town"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")), name="involvement_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["municipality", "until"], name="involvements_of_town")]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.role} – {self.project}"


class Offer(models.Model):
    """What one town is asked, and alone decides: a part in a project, its lead, an action item, joining projects."""

    class Kind(models.TextChoices):
        PART = "part", _("Take part in a project")  # the coordinator proposes
        LEAD = "lead", _("Take over the lead")  # the lead hands over
        ACTION = "action", _("Take over an action item")
        JOIN = "join", _("Join two projects")  # asks the lead of `project` to join `into`

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("offer", "Open")
        ACCEPTED = "accepted", pgettext_lazy("offer", "Accepted")
        DECLINED = "declined", pgettext_lazy("offer", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("offer", "Withdrawn")

    network = models.ForeignKey(Network, models.PROTECT, related_name="offers")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    # The town that is asked.
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="offers")
    into = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    action = models.ForeignKey(ActionItem, models.PROTECT, null=True, blank=True, related_name="offers")
    role = models.CharField(_("role"), max_length=11, choices=Involvement.Role, blank=True)
    word = models.CharField(_("word"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="action", action__isnull=False, project=None)
                | Q(kind="join", project__isnull=False, into__isnull=False, action=None)
                | Q(kind__in=["part", "lead"], project__isnull=False, into=None, action=None),
                name="offer_is_of_something",
            ),
            models.UniqueConstraint(
                fields=["project", "municipality", "kind"], condition=Q(state="open"), name="one_open_offer_of_a_part"
            ),
            models.UniqueConstraint(fields=["action"], condition=Q(state="open"), name="one_open_offer_of_an_action"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state="open", kind="lead"), name="one_open_hand_over_of_the_lead"
            ),
        ]
        indexes = [models.Index(fields=["network", "municipality", "state"], name="offers_to_town")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.municipality}"
