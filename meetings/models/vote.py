"""Votes by municipality: in the room, or by circulation between the meetings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network
from workgroups.models import Group

from .agenda import AgendaItem
from .decision import Decision
from .meeting import Meeting
from .wording import Wording


class Vote(models.Model):
    """A wording put to the municipalities, with the rules as they were when it was put: one voice per municipality."""

    class Kind(models.TextChoices):
        OPEN = "open", pgettext_lazy("vote", "Open vote")
        CONSENT = "consent", pgettext_lazy("vote", "Consent")
        CIRCULAR = "circular", pgettext_lazy("vote", "By circulation")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("vote", "Open")
        CLOSED = "closed", pgettext_lazy("vote", "Closed")
        # Ended without a result by whoever put it.
        WITHDRAWN = "withdrawn", pgettext_lazy("vote", "Withdrawn")
        # Somebody objected to the procedure of a circular vote.
        VOID = "void", pgettext_lazy("vote", "Void")

    class Outcome(models.TextChoices):
        CARRIED = "carried", pgettext_lazy("vote", "Carried")
        REJECTED = "rejected", pgettext_lazy("vote", "Rejected")
        # A serious objection stands against consent: nothing is decided.
        OBJECTED = "objected", pgettext_lazy("vote", "No consent")

    network = models.ForeignKey(Network, models.PROTECT, related_name="votes")
    group = models.ForeignKey(Group, models.PROTECT, related_name="votes")
    # Both empty for a circular vote.
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="votes")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="votes")
    wording = models.ForeignKey(Wording, models.PROTECT, null=True, blank=True, related_name="votes")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("wording"), max_length=5000)
    background = models.TextField(_("background"), blank=True, max_length=10_000)
    topic = models.CharField(_("topic block"), max_length=40, blank=True)
    visibility = models.CharField(max_length=8, default="network")
    # The rules as they were when it was put: how many voices a quorum takes (null: none), and the majority.
    needed = models.PositiveSmallIntegerField(null=True, blank=True)
    majority = models.CharField(_("majority"), max_length=10, choices=Group.Majority, default=Group.Majority.SIMPLE)
    # A circular vote ends at a local time (planned), which is `ends_at` as an instant.
    deadline_on = models.DateField(_("last day"), null=True, blank=True)
    deadline_time = models.TimeField(_("ends at"), null=True, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Berlin")
    ends_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    # Why it was withdrawn, or what was objected to.
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, blank=True, related_name="vote")
    # Where the proposal went when the procedure was objected to.
    next_item = models.OneToOneField(AgendaItem, models.PROTECT, null=True, blank=True, related_name="after_vote")
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["opened_at", "pk"]
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        indexes = [
            models.Index(fields=["network", "state", "ends_at"], name="vote_of_network"),
            models.Index(fields=["ends_at"], name="vote_to_end", condition=Q(state="open")),
            models.Index(fields=["closed_at"], name="circular_ended", condition=Q(kind="circular")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["meeting"], condition=Q(state="open"), name="one_open_vote_per_meeting"),
            models.CheckConstraint(
                condition=Q(kind="circular", item=None, meeting=None, ends_at__isnull=False)
                | (~Q(kind="circular") & Q(item__isnull=False, meeting__isnull=False)),
                name="vote_in_the_room_or_by_circulation",
            ),
            models.CheckConstraint(condition=Q(decision=None) | Q(state="closed"), name="decided_by_a_closed_vote"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_circular(self) -> bool:
        return self.kind == self.Kind.CIRCULAR


class Voice(models.Model):
    """What a municipality said in a vote, and who said it in its name; never changed. A later voice replaces it."""

    class Answer(models.TextChoices):
        YES = "yes", pgettext_lazy("voice", "Yes")
        NO = "no", pgettext_lazy("voice", "No")
        ABSTAIN = "abstain", pgettext_lazy("voice", "Abstention")
        # In a vote by consent a serious objection, by circulation an objection to the procedure.
        OBJECT = "object", pgettext_lazy("voice", "Objection")

    class Capacity(models.TextChoices):
        """In what capacity the voice was cast, the strongest first: a voice is replaced by one at least as strong."""

        OWN = "own", pgettext_lazy("capacity", "for the own municipality")
        DEPUTY = "deputy", pgettext_lazy("capacity", "as deputy")
        PROXY = "proxy", pgettext_lazy("capacity", "as proxy")

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="voices")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=7, choices=Answer)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    capacity = models.CharField(_("capacity"), max_length=6, choices=Capacity)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # As they were called then.
    by_name = models.CharField(max_length=120)
    town_name = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)
    # Null for the voice that counts.
    replaced_at = models.DateTimeField(null=True, blank=True)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("voice")
        verbose_name_plural = _("voices")
        indexes = [models.Index(fields=["municipality", "-at"], name="voice_of_town")]
        constraints = [
            models.UniqueConstraint(
                fields=["vote", "municipality"], condition=Q(replaced_at=None), name="one_voice_per_town"
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.answer}"


class VoteTown(models.Model):
    """A municipality that has a voice in a vote (the roll), and what was mailed to its people."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="roll")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    # Of a vote by circulation that has ended: what became of it.
    result_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vote", "municipality"], name="once_on_the_roll")]

    def __str__(self) -> str:
        return f"{self.vote}: {self.municipality}"


class Deputy(models.Model):
    """Who votes for a municipality by circulation where its officer does not; one of its own, named by itself."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="deputies")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="deputy_of", verbose_name=_("deputy"))
    named_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        constraints = [
            models.UniqueConstraint(
                fields=["network", "municipality"], condition=Q(ended_at=None), name="one_deputy_per_town"
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.membership}"


class Proxy(models.Model):
    """The voice of an absent municipality in one meeting, given to a person at the table (Vollmacht)."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="proxies")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    holder = models.ForeignKey(Membership, models.PROTECT, related_name="proxies", verbose_name=_("proxy"))
    given_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("proxy")
        verbose_name_plural = _("proxies")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"], condition=Q(ended_at=None), name="one_proxy_per_town"
            ),
            models.UniqueConstraint(
                fields=["meeting", "holder"], condition=Q(ended_at=None), name="one_proxy_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.holder}"
