"""Files of an agenda item: checked types up to a limit, kept under their hash, removed with a trace."""

from __future__ import annotations

import hashlib
import io
import logging
import unicodedata
import zipfile

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Attachment, Meeting

from .agenda import locked_item
from .regions import of_agenda

OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
# Ending -> media type. What is inside must fit the ending: see _looks_like.
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
    "csv": "text/csv",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "pptx": f"{OFFICE}.presentationml.presentation",
    "odt": f"{OPEN_DOCUMENT}.text",
    "ods": f"{OPEN_DOCUMENT}.spreadsheet",
    "odp": f"{OPEN_DOCUMENT}.presentation",
}
# How office programs pack; the other methods unpack everything at once, however large.
PLAIN_ZIP = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
MOST_MEMBERS = 10_000
MOST_FILES = 20
log = logging.getLogger(__name__)
OFFICE_FOLDERS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}


def check_file(upload: UploadedFile) -> str:
    """Return the media type of an upload; raises Refused where its size, ending or content is not allowed."""
    if not upload.size:
        raise Refused(_("This file is empty."))
    if upload.size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        raise Refused(_("This file is larger than %(limit)s MB.") % {"limit": limit})
    ending = (upload.name or "").rpartition(".")[2].lower()
    if ending not in TYPES:
        raise Refused(_("Files of this type are not accepted. Accepted are: %(types)s.") % {"types": ", ".join(TYPES)})
    upload.seek(0)
    content = upload.read()
    upload.seek(0)
    if not _looks_like(ending, content):
        raise Refused(_("The content of this file does not fit its ending “.%(ending)s”.") % {"ending": ending})
    return TYPES[ending]


def _looks_like(ending: str, content: bytes) -> bool:
    if ending in ("txt", "csv"):
        return b"\x00" not in content and filetype.guess(content[:8192]) is None
    if ending in OFFICE_FOLDERS or ending in ("odt", "ods", "odp"):
        return _is_document(ending, content)
    kind = filetype.guess(content[:8192])
    return kind is not None and kind.mime == TYPES[ending]


def _is_document(ending: str, content: bytes) -> bool:
    """Return whether it is a zip whose members are those of such a document, and no macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > MOST_MEMBERS or any(info.compress_type not in PLAIN_ZIP for info in archive.infolist()):
                return False
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return False
            if ending in OFFICE_FOLDERS:
                return "[Content_Types].xml" in names and any(n.startswith(OFFICE_FOLDERS[ending]) for n in names)
            info = archive.getinfo("mimetype") if "mimetype" in names else None
            if info is None:
                return False
            with archive.open(info) as member:  # never more than asked for: the sizes a zip names may be lies
                return member.read(200).decode() == TYPES[ending]
    except Exception:
        log.info("an upload is no readable document", exc_info=True)
        return False


def clean_name(name: str) -> str:
    """Return the file name people see: no folders, no control or direction marks, at most 200 characters."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp")).strip()
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: 199 - len(ending)]}{dot}{ending}" if dot else name[:200]


def attach_file(*, item: AgendaItem, upload: UploadedFile, by: Membership) -> Attachment:
    """Attach a checked file; the same file sent twice is attached once."""
    content_type = check_file(upload)  # before any lock: it takes its time
    sha256 = hashlib.sha256(upload.read()).hexdigest()
    upload.seek(0)
    with transaction.atomic():
        meeting, item = locked_item(item)
        need(rules.may_attach(by, item, rules.standing(by, meeting)))
        _need_open(meeting)
        name = clean_name(upload.name or "")
        files = item.attachments.filter(removed_at=None)
        if twin := files.filter(sha256=sha256, name=name).first():
            return twin
        if files.count() >= MOST_FILES:
            raise Refused(_("At most %(count)s files per item.") % {"count": MOST_FILES})
        attachment = Attachment(item=item, name=name, content_type=content_type, size=upload.size or 0, sha256=sha256)
        attachment.uploaded_by = by
        attachment.file.save(sha256, upload, save=True)
        _record(meeting, item, "file_added", by, name)
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
