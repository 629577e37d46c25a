"""Files of a group: checked as everywhere (collab.files), kept under their hash, removed with a trace."""

from __future__ import annotations

from dataclasses import asdict

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.files import checked
from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from workgroups.models import Group, SharedFile
from workgroups.rules import group as rules

from .group import locked_group, need_active

MOST_FILES = 100


def attach_group_file(*, group: Group, upload: UploadedFile, by: Membership) -> SharedFile:
    """Put a checked file into the group; the same file sent twice is there once."""
    given = checked(upload)
    with transaction.atomic():
        group = locked_group(group.pk)
        need(rules.may_share_file(by, group))
        need_active(group)
        files = group.files.filter(removed_at=None)
        if twin := files.filter(sha256=given.sha256, name=given.name).first():
            return twin
        if files.count() >= MOST_FILES:
            raise Refused(_("At most %(count)s files per group.") % {"count": MOST_FILES})
        shared = SharedFile(group=group, uploaded_by=by, **asdict(given))
        shared.file.save(given.sha256, upload, save=True)
        _record(group, shared, "group_file_added", by)
        return shared


@transaction.atomic
def remove_group_file(*, shared: SharedFile, by: Membership) -> None:
    """Take a file off its group; it is kept on disk and in the record. Twice does nothing more."""
    assert shared.group is not None  # noqa: S101 - fetched as a group's
    group = locked_group(shared.group.pk)
    need(rules.may_remove_file(by, shared, group))
    need_active(group)
    if SharedFile.objects.filter(pk=shared.pk, removed_at=None).update(removed_at=timezone.now()):
        _record(group, shared, "group_file_removed", by)


def _record(group: Group, shared: SharedFile, verb: str, by: Membership) -> None:
    # Of the file, not of the group: what an internal group keeps is not in the network's feed.
    record(
        group.network,
        verb=verb,
        actor=by,
        obj=shared,
        regions=[region_id("group-files", group.pk)],
        params={"name": group.name, "file": shared.name},
    )
