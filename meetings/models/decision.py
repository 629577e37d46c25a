from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from collab.network.models import Membership, Network
from workgroups.models import Group

from .agenda import AgendaItem
from .meeting import Meeting
from .visibility import Visibility


class DecisionNumber(models.Model):
    """The last number given in a network and year. Its row lock keeps the numbers gapless."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "year"], name="one_counter_per_year")]

    def __str__(self) -> str:
        return f"{self.network_id}/{self.year}: {self.last}"


class Decision(models.Model):
    """What was decided, in its exact wording.

    A slip is corrected while the meeting is in session, and leaves a `DecisionRevision`; once the meeting is closed
    nothing changes any more: a later decision supersedes it.
    """

    class Mode(models.TextChoices):
        UNANIMOUS = "unanimous", pgettext_lazy("decision", "Unanimous")
        COUNTED = "counted", pgettext_lazy("decision", "By count of votes")
        CONSENT = "consent", pgettext_lazy("decision", "By consent")

    class State(models.TextChoices):
        """Where it is in its life; the steps that led there are `DecisionStep`s."""

        REJECTED = "rejected", pgettext_lazy("decision", "Rejected")
        IN_FORCE = "in_force", pgettext_lazy("decision", "In force")
        FULFILLED = "fulfilled", pgettext_lazy("decision", "Fulfilled")
        SUPERSEDED = "superseded", pgettext_lazy("decision", "Superseded")
        REVOKED = "revoked", pgettext_lazy("decision", "Revoked")
        EXPIRED = "expired", pgettext_lazy("decision", "Expired")
        VOID = "void", pgettext_lazy("decision", "Recorded by mistake")

    network = models.ForeignKey(Network, models.PROTECT, related_name="decisions")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    group = models.ForeignKey(Group, models.PROTECT, related_name="decisions")
    # Both empty for what was decided by circulation.
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="decisions")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="decisions")
    # As the item was called when the decision fell.
    subject = models.CharField(_("subject"), max_length=200)
    wording = models.TextField(_("exact wording"), max_length=5000)
    mode = models.CharField(_("result"), max_length=10, choices=Mode)
    yes = models.PositiveSmallIntegerField(_("yes"), null=True, blank=True)
    no = models.PositiveSmallIntegerField(_("no"), null=True, blank=True)
    abstain = models.PositiveSmallIntegerField(_("abstentions"), null=True, blank=True)
    # The towns present when it was recorded, null where nobody's presence was; how many a quorum took, null for none.
    present = models.PositiveSmallIntegerField(null=True, blank=True)
    needed = models.PositiveSmallIntegerField(null=True, blank=True)
    # How many municipalities belong to the group, present or not (by circulation: had a voice), null where nobody
    # counted; the majority rule, and whether it was reached.
    towns = models.PositiveSmallIntegerField(null=True, blank=True)
    majority = models.CharField(_("majority"), max_length=10, choices=Group.Majority, default=Group.Majority.SIMPLE)
    carried = models.BooleanField(_("carried"))
    # A value of workgroups' Block, or the code of a TopicBlock of the network; empty where nobody said.
    topic = models.CharField(_("topic block"), max_length=40, blank=True)
    visibility = models.CharField(_("visibility"), max_length=8, choices=Visibility, default=Visibility.NETWORK)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.IN_FORCE)
    state_on = models.DateField(_("since"), null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name=_("superseded by")
    )
    # The last day on which it is in force; the day on which it comes up again.
    expires_on = models.DateField(_("in force until"), null=True, blank=True)
    review_on = models.DateField(_("review on"), null=True, blank=True)
    decided_on = models.DateField(_("decided on"))
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    # Recorded by mistake: the number stays taken and the entry stays readable.
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    void_reason = models.CharField(_("reason"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["-year", "-number"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(fields=["network", "state", "-year", "-number"], name="decision_by_state"),
            models.Index(fields=["network", "topic", "-year", "-number"], name="decision_by_topic"),
            models.Index(fields=["group", "-year", "-number"], name="decision_of_group"),
            models.Index(fields=["expires_on"], name="decision_to_expire", condition=Q(state="in_force")),
            models.Index(fields=["review_on"], name="decision_to_review", condition=Q(state="in_force")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["network", "year", "number"], name="decision_number_once"),
            models.CheckConstraint(
                condition=Q(mode="unanimous", yes=None, no=None, abstain=None)
                | Q(mode="counted", yes__isnull=False, no__isnull=False, abstain__isnull=False)
                | Q(mode="consent"),
                name="counted_votes_have_counts",
            ),
            models.CheckConstraint(
                condition=Q(state="superseded", superseded_by__isnull=False)
                | (~Q(state="superseded") & Q(superseded_by=None)),
                name="superseded_by_something",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The number people quote, such as 2026-014."""
        return f"{self.year}-{self.number:03d}"

    @property
    def is_void(self) -> bool:
        """Whether it was recorded by mistake."""
        return self.voided_at is not None

    @property
    def lacks_quorum(self) -> bool:
        """Whether fewer towns were present than a quorum took when it was recorded."""
        return self.present is not None and self.needed is not None and self.present < self.needed

    @property
    def quorum_in_words(self) -> str:
        """That there was no quorum, as minutes write it; empty where there was one or none is needed."""
        if not self.lacks_quorum:
            return ""
        numbers = {"present": self.present, "needed": self.needed}
        return gettext("recorded without quorum (%(present)s of %(needed)s)") % numbers

    @property
    def in_words(self) -> str:
        """The result as minutes write it: "unanimous", or "12 yes, 2 no, 1 abstention"."""
        if self.mode == self.Mode.UNANIMOUS:
            return pgettext("decision", "unanimous")
        if self.mode == self.Mode.CONSENT:
            return pgettext("decision", "by consent")
        abstain = ngettext("%(n)s abstention", "%(n)s abstentions", self.abstain or 0) % {"n": self.abstain}
        return gettext("%(yes)s yes, %(no)s no, %(abstain)s") % {
            "yes": self.yes,
            "no": self.no,
            "abstain": abstain,
        }
