from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.network.models import Membership, Municipality
from workgroups.models import ActionItem, Involvement, Project

from .meeting import Meeting
from .series import Kind, TemplateItem
from .visibility import Visibility


class AgendaItem(models.Model):
    """An item of a meeting's agenda: proposed by a member, accepted by the chair, treated in the meeting."""

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("agenda item", "Proposed")
        PLANNED = "planned", pgettext_lazy("agenda item", "On the agenda")
        DONE = "done", pgettext_lazy("agenda item", "Finished")
        DECLINED = "declined", pgettext_lazy("agenda item", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("agenda item", "Withdrawn")
        CARRIED = "carried", pgettext_lazy("agenda item", "Carried over")
        DROPPED = "dropped", pgettext_lazy("agenda item", "Not treated")
        FORWARDED = "forwarded", pgettext_lazy("agenda item", "Proposed for the next meeting")
        # Put off while the meeting runs; when it closes it is carried over, handed over or dropped.
        DEFERRED = "deferred", pgettext_lazy("agenda item", "Deferred")
        HANDED_ON = "handed_on", pgettext_lazy("agenda item", "Handed to a group")

    ON_AGENDA = (State.PLANNED, State.DONE, State.DEFERRED, State.CARRIED, State.HANDED_ON, State.DROPPED)

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveIntegerField(default=0)
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.DISCUSSION)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("presenting municipality")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="agenda_items", verbose_name=_("project")
    )
    # A decision that comes up again: its review date has come.
    reviews = models.ForeignKey(
        "meetings.Decision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="review_items",
        verbose_name=_("decision"),
    )
    visibility = models.CharField(_("visibility"), max_length=8, choices=Visibility, default=Visibility.NETWORK)
    presenter = models.CharField(_("presented by"), max_length=120, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=10)
    text = models.TextField(_("text"), blank=True, max_length=10_000)
    # [{"url": "https://…", "label": "…"}], checked by the form.
    links = models.JSONField(_("links"), default=list, blank=True)
    answer = models.CharField(_("word of the chair"), max_length=500, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=20_000)
    proposed_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    template_item = models.ForeignKey(TemplateItem, models.SET_NULL, null=True, blank=True, related_name="+")
    carried_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to", verbose_name=_("carried over from")
    )
    changed_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # An item may be active several times: the seconds of the earlier times, and since when it is active now.
    seconds_used = models.PositiveIntegerField(default=0)
    running_since = models.DateTimeField(null=True, blank=True)
    # In a round of reports: the town that has been called.
    called = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="+")
    speakers_closed = models.BooleanField(_("list of speakers closed"), default=False)
    version = models.PositiveIntegerField(default=1)
    notes_version = models.PositiveIntegerField(default=1)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        indexes = [models.Index(fields=["meeting", "state", "position"], name="item_of_meeting")]
        constraints = [models.CheckConstraint(condition=Q(minutes__lte=600), name="agenda_item_minutes")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_handed(self) -> bool:
        """Whether a group has it; a proposal that was never on the agenda is "forwarded" to it."""
        if self.state != self.State.FORWARDED or not hasattr(self, "handed_to"):
            return self.state == self.State.HANDED_ON
        # One that came back from the group when the meeting was reopened may have gone to the next meeting since.
        return not hasattr(self, "carried_to") or self.carried_to.state == self.State.WITHDRAWN

    @property
    def is_carried(self) -> bool:
        """Whether it went on to a later meeting: `carried_to`."""
        return self.state in (self.State.CARRIED, self.State.FORWARDED) and not self.is_handed

    @property
    def state_label(self) -> str:
        """Its state in words."""
        return str(self.State.HANDED_ON.label if self.is_handed else self.get_state_display())


def attachment_path(attachment: Attachment, filename: str) -> str:
    # The name people see is a column; on disk there is nothing to guess and nothing to escape.
    return f"attachments/{attachment.item.meeting_id}/{attachment.sha256}"


class Attachment(models.Model):
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="attachments")
    file = models.FileField(upload_to=attachment_path, max_length=200)
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "sha256", "name"], condition=Q(removed_at=None), name="same_file_once_per_item"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RecordedAction(models.Model):
    """Where an action item was born. Kept here, so that action items know nothing of meetings."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="recorded_actions")
    action_item = models.OneToOneField(ActionItem, models.PROTECT, related_name="recorded")

    def __str__(self) -> str:
        return str(self.action_item)


class RecordedInvolvement(models.Model):
    """What a town took on in the room, for the minutes. Kept here, so that projects know nothing of meetings."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="recorded_involvements")
    involvement = models.OneToOneField(Involvement, models.PROTECT, related_name="recorded")

    def __str__(self) -> str:
        return str(self.involvement)
