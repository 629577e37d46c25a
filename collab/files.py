"""Uploaded files: what is accepted, what they are called, and how they are sent back."""

from __future__ import annotations

import hashlib
import io
import logging
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import Any

import filetype
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.live.answers import Refused

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


@dataclass(frozen=True)
class CheckedFile:
    """What is kept of an upload beside its content."""

    name: str
    content_type: str
    size: int
    sha256: str


def checked(upload: UploadedFile) -> CheckedFile:
    """Return name, type and hash of an upload; raises Refused as `check_file`. It reads all of it: before any lock."""
    content_type = check_file(upload)
    sha256 = hashlib.sha256(upload.read()).hexdigest()
    upload.seek(0)
    return CheckedFile(clean_name(upload.name or ""), content_type, upload.size or 0, sha256)


def send_file(file: FieldFile, name: str, content_type: str) -> FileResponse:
    """Send a file, always as a download: nothing that was uploaded is ever shown as a page of ours."""
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=content_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = f"private, max-age={settings.SESSION_COOKIE_AGE // 1000}"
    return response


def _file_hint() -> str:
    limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
    return _("PDF, Office or OpenDocument, picture or text; up to %(limit)s MB.") % {"limit": limit}


class CheckedFileField(forms.FileField):
    """A file of an accepted type and size; what that is says the help text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("File"), max_length=400, help_text=lazy(_file_hint, str)(), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload:
            try:
                check_file(upload)
            except Refused as no:
                raise ValidationError(str(no)) from None
        return upload
