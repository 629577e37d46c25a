"""The life of a decision after the meeting: its steps, what each municipality makes of it, what carries it out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality
from workgroups.models import ActionItem, Project

from .decision import Decision


class DecisionStep(models.Model):
    """A step in the life of a decision, never changed: who, when and why. A correction of a decision whose meeting is
    closed is such an entry too, and leaves the wording as it was.
    """

    class Kind(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("decision", "Proposed")
        REJECTED = "rejected", pgettext_lazy("decision", "Rejected")
        IN_FORCE = "in_force", pgettext_lazy("decision", "In force")
        FULFILLED = "fulfilled", pgettext_lazy("decision", "Fulfilled")
        SUPERSEDED = "superseded", pgettext_lazy("decision", "Superseded")
        REVOKED = "revoked", pgettext_lazy("decision", "Revoked")
        EXPIRED = "expired", pgettext_lazy("decision", "Expired")
        VOID = "void", pgettext_lazy("decision", "Recorded by mistake")
        CORRECTED = "corrected", pgettext_lazy("decision", "Corrected")
        TERMS = "terms", pgettext_lazy("decision", "New dates")

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    # The day from which it counts.
    on = models.DateField(_("on"))
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    # What a correction says the wording should read.
    text = models.TextField(_("text"), blank=True, max_length=5000)
    other = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="+")
    # Null for what happened by date.
    by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=250, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["decision", "number"], name="decision_step_once")]

    def __str__(self) -> str:
        return f"{self.decision}: {self.kind}"


class Adoption(models.Model):
    """What a municipality itself says of a decision: a decision of the network binds no town."""

    class State(models.TextChoices):
        ADOPTED = "adopted", pgettext_lazy("adoption", "Adopted")
        PLANNED = "planned", pgettext_lazy("adoption", "Will adopt")
        DECLINED = "declined", pgettext_lazy("adoption", "Does not adopt")

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="adoptions")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State)
    # Adopted on, or to be adopted by.
    on = models.DateField(_("date"), null=True, blank=True)
    word = models.CharField(_("word"), max_length=500, blank=True)
    # The own council's paper (Vorlage, Drucksache).
    paper = models.CharField(_("number of the council's paper"), max_length=80, blank=True)
    paper_link = models.URLField(_("address of the council's paper"), max_length=500, blank=True)
    said_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("adoption")
        verbose_name_plural = _("adoptions")
        indexes = [models.Index(fields=["municipality", "state", "on"], name="adoption_of_town")]
        constraints = [
            models.UniqueConstraint(fields=["decision", "municipality"], name="one_adoption_per_town"),
            models.CheckConstraint(
                condition=~Q(state="planned") | Q(on__isnull=False), name="planned_adoption_has_date"
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(word=""), name="declined_adoption_has_word"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality} – {self.decision}: {self.state}"


class CarriedOut(models.Model):
    """An action item or a project that carries a decision out (Beschlusskontrolle)."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="carried_out_by")
    action_item = models.ForeignKey(ActionItem, models.PROTECT, null=True, blank=True, related_name="carries_out")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="carries_out")
    # In charge and due, of a project; an action item says both itself.
    due_on = models.DateField(_("due on"), null=True, blank=True)
    delay = models.CharField(_("reason of the delay"), max_length=500, blank=True)
    note = models.CharField(_("completion note"), max_length=1000, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    linked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(auto_now_add=True)
    # Linked by mistake: no longer shown.
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["linked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(action_item__isnull=False, project=None) | Q(action_item=None, project__isnull=False),
                name="carried_out_by_one_thing",
            ),
            models.UniqueConstraint(
                fields=["decision", "action_item"], condition=Q(removed_at=None), name="carried_out_by_action_once"
            ),
            models.UniqueConstraint(
                fields=["decision", "project"], condition=Q(removed_at=None), name="carried_out_by_project_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision}: {self.action_item or self.project}"
