from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality, Network

from .group import Group


class Block(models.TextChoices):
    """The topic blocks of the yearly conference; a network adds its own (TopicBlock)."""

    INFRASTRUCTURE = "infrastructure", _("Digital infrastructure")
    NEW_WORK = "new_work", _("Mindset & New Work")
    ADMINISTRATION = "administration", _("Digital administration")
    GOVERNANCE = "governance", _("Governance")


class TopicBlock(models.Model):
    """A topic block that a network added to those everybody has."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="topic_blocks")
    # What Project.block holds; never one of Block.
    code = models.SlugField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic block")
        verbose_name_plural = _("topic blocks")
        constraints = [
            models.UniqueConstraint(fields=["network", "code"], name="topic_block_code_once"),
            models.UniqueConstraint(fields=["network", "name"], name="topic_block_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    """What towns of a network work on, with its profile (Steckbrief). Who takes part is an Involvement."""

    class Phase(models.TextChoices):
        IDEA = "idea", pgettext_lazy("phase", "Idea")
        PLANNING = "planning", pgettext_lazy("phase", "Planning")
        PILOT = "pilot", pgettext_lazy("phase", "Pilot")
        OPERATION = "operation", pgettext_lazy("phase", "In operation")
        HANDED_ON = "handed_on", pgettext_lazy("phase", "Handed on")
        STOPPED = "stopped", pgettext_lazy("phase", "Stopped")

    # There is something to learn from and to reuse.
    PROVEN = (Phase.PILOT, Phase.OPERATION, Phase.HANDED_ON)
    ONLINE = (Phase.OPERATION, Phase.HANDED_ON)

    network = models.ForeignKey(Network, models.PROTECT, related_name="projects")
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    goal = models.TextField(_("goal"), max_length=3000, blank=True)
    # A value of Block, or the code of a TopicBlock of the network; empty where nobody said yet.
    block = models.CharField(_("topic block"), max_length=40, blank=True)
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("working group")
    )
    phase = models.CharField(_("phase"), max_length=10, choices=Phase, default=Phase.IDEA)
    # The Reifegradmodell of the OZG: 0 offline, 1 information, 2 form, 3 online service, 4 online transaction.
    maturity = models.PositiveSmallIntegerField(_("maturity"), null=True, blank=True, validators=[MaxValueValidator(4)])
    product = models.CharField(_("product"), max_length=200, blank=True)
    vendor = models.CharField(_("vendor"), max_length=200, blank=True)
    licence = models.CharField(_("licence"), max_length=80, blank=True)  # an SPDX identifier or expression
    repository = models.URLField(_("repository"), max_length=500, blank=True)
    cost_once = models.DecimalField(_("cost once (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True)
    cost_yearly = models.DecimalField(_("cost per year (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True)
    cost_note = models.CharField(_("note on the cost"), max_length=500, blank=True)
    legal = models.TextField(_("legal notes"), max_length=5000, blank=True)
    data_protection = models.TextField(_("data protection"), max_length=5000, blank=True)
    lessons = models.TextField(_("lessons learned"), max_length=5000, blank=True)
    reuse_conditions = models.TextField(_("conditions for reuse"), max_length=5000, blank=True)
    contact = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    contact_text = models.CharField(_("further contact"), max_length=300, blank=True)
    # [{"url": "https://…", "label": "…"}], checked by the form.
    links = models.JSONField(_("links"), default=list, blank=True)
    review_on = models.DateField(_("next review"), null=True, blank=True)
    # Of two projects that towns began separately, the one that goes on.
    joined_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="joined_from")
    created_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # When something a reader of the board would notice changed last.
    changed_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        indexes = [
            models.Index(fields=["network", "block", "title"], name="project_by_block"),
            models.Index(fields=["network", "phase"], name="project_by_phase"),
            models.Index(fields=["network", "-changed_at"], name="project_by_change"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(maturity=None) | Q(maturity__lte=4), name="project_maturity"),
            models.CheckConstraint(condition=~Q(joined_to=models.F("pk")), name="project_not_joined_to_itself"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_review_due(self) -> bool:
        """Whether its profile was to be looked through by today, the local date in Germany."""
        return self.review_on is not None and self.review_on <= timezone.localdate()


class PhaseChange(models.Model):
    """When a project entered a phase: a day, which may be known later than it happened."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="phase_changes")
    phase = models.CharField(_("phase"), max_length=10, choices=Project.Phase)
    since = models.DateField(_("since"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return f"{self.project}: {self.phase} {self.since}"


class ProjectService(models.Model):
    """An OZG service that a project serves: a key of `workgroups.ozg`."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="services")
    ozg_id = models.PositiveIntegerField(_("OZG service"))

    class Meta:
        ordering = ["ozg_id"]
        constraints = [models.UniqueConstraint(fields=["project", "ozg_id"], name="service_once_in_a_project")]
        indexes = [models.Index(fields=["ozg_id"], name="projects_of_service")]

    def __str__(self) -> str:
        return str(self.ozg_id)


class ServiceStatus(models.Model):
    """What a town says itself of an OZG service: at which maturity it offers it, where, and with what."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    ozg_id = models.PositiveIntegerField(_("OZG service"))
    maturity = models.PositiveSmallIntegerField(_("maturity"), validators=[MaxValueValidator(4)])
    address = models.URLField(_("address"), max_length=500, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    said_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    said_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("state of a service")
        verbose_name_plural = _("states of services")
        constraints = [
            models.UniqueConstraint(fields=["network", "municipality", "ozg_id"], name="one_state_of_a_service"),
            models.CheckConstraint(condition=Q(maturity__lte=4), name="service_maturity"),
        ]
        indexes = [models.Index(fields=["network", "ozg_id"], name="states_of_service")]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.ozg_id} ({self.maturity})"
