from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from collab.network.models import Membership

from .group import Group
from .project import Project


def shared_file_path(shared: SharedFile, filename: str) -> str:
    # The name people see is a column; on disk there is nothing to guess and nothing to escape.
    owner = f"projects/{shared.project_id}" if shared.project_id else f"groups/{shared.group_id}"
    return f"{owner}/{shared.sha256}"


class SharedFile(models.Model):
    """A file of a project or of a group. Removing hides it; the record stays."""

    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="files")
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="files")
    file = models.FileField(upload_to=shared_file_path, max_length=200)
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
            models.CheckConstraint(
                condition=Q(project__isnull=False, group=None) | Q(project=None, group__isnull=False),
                name="file_belongs_to_one",
            ),
            models.UniqueConstraint(
                fields=["project", "sha256", "name"],
                condition=Q(removed_at=None, project__isnull=False),
                name="same_file_once_per_project",
            ),
            models.UniqueConstraint(
                fields=["group", "sha256", "name"],
                condition=Q(removed_at=None, group__isnull=False),
                name="same_file_once_per_group",
            ),
        ]

    def __str__(self) -> str:
        return self.name
