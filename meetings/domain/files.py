"""Files of an agenda item: checked types up to a limit, kept under their hash, removed with a trace."""

from __future__ import annotations

from dataclasses import asdict

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.files import checked
from collab.live.answers import Refused
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Attachment, Meeting

from .agenda import locked_item
from .regions import of_agenda

MOST_FILES = 20


def attach_file(*, item: AgendaItem, upload: UploadedFile, by: Membership) -> Attachment:
    """Attach a checked file; the same file sent twice is attached once."""
    given = checked(upload)
    with transaction.atomic():
        meeting, item = locked_item(item)
        need(rules.may_attach(by, item, rules.standing(by, meeting)))
        _need_open(meeting)
        files = item.attachments.filter(removed_at=None)
        if twin := files.filter(sha256=given.sha256, name=given.name).first():
            return twin
        if files.count() >= MOST_FILES:
            raise Refused(_("At most %(count)s files per item.") % {"count": MOST_FILES})
        attachment = Attachment(item=item, uploaded_by=by, **asdict(given))
        attachment.file.save(given.sha256, upload, save=True)
        _record(meeting, item, "file_added", by, given.name)
        return attachment


@transaction.atomic
def remove_file(*, attachment: Attachment, by: Membership) -> None:
    """Take a file off its item; it is kept on disk and in the record. A town removes only its own files."""
    meeting, item = locked_item(attachment.item)
    standing = rules.standing(by, meeting)
    own = rules.is_of_same_town(by, attachment.uploaded_by)
    need(rules.may_attach(by, item, standing) and (own or rules.may_write(standing)))
    _need_open(meeting)
    if Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=timezone.now()):
        _record(meeting, item, "file_removed", by, attachment.name)


def _need_open(meeting: Meeting) -> None:
    if meeting.state in (Meeting.State.CLOSED, Meeting.State.CANCELLED):
        raise Refused(_("This meeting is over; its files stay as they are."))


def _record(meeting: Meeting, item: AgendaItem, verb: str, by: Membership, name: str) -> None:
    params = {"title": item.title, "file": name, "meeting": meeting.title, "date": meeting.date.isoformat()}
    record(meeting.network, verb=verb, actor=by, obj=item, regions=of_agenda(meeting, item), params=params)
