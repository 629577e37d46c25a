"""Files of a project: checked as everywhere (collab.files), kept under their hash, removed with a trace."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.files import checked
from collab.live.answers import Refused
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership
from workgroups import rules
from workgroups.models import Project, SharedFile
from workgroups.queries.project import editor_towns

from .project import locked_project, need_open
from .regions import of_project

MOST_FILES = 40


def attach_file(*, project: Project, upload: UploadedFile, by: Membership) -> SharedFile:
    """Attach a checked file; the same file sent twice is attached once."""
    given = checked(upload)
    with transaction.atomic():
        project = locked_project(project)
        need(by.network_id == project.network_id and rules.may_edit_project(by, editor_towns(project)))
        need_open(project)
        files = project.files.filter(removed_at=None)
        if twin := files.filter(sha256=given.sha256, name=given.name).first():
            return twin
        if files.count() >= MOST_FILES:
            raise Refused(_("At most %(count)s files per project.") % {"count": MOST_FILES})
        file = SharedFile(project=project, uploaded_by=by, **asdict(given))
        file.file.save(given.sha256, upload, save=True)
        _record(project, "project_file_added", by, given.name)
        return file


@transaction.atomic
def remove_file(*, file: SharedFile, by: Membership) -> None:
    """Take a file off its project; it is kept on disk and in the record. A town removes what it brought."""
    need(file.project is not None)
    project = locked_project(cast(Project, file.project))
    need(by.network_id == project.network_id and rules.may_edit_project(by, editor_towns(project)))
    need(rules.may_remove_file(by, file))
    need_open(project)
    if SharedFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=timezone.now()):
        _record(project, "project_file_removed", by, file.name)


def _record(project: Project, verb: str, by: Membership, name: str) -> None:
    params = {"title": project.title, "file": name, "town": by.acts_for or by.person.name}
    record(project.network, verb=verb, actor=by, obj=project, regions=of_project(project, "profile"), params=params)
