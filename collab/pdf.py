"""Pages as PDF: tagged for screen readers (PDF/UA-1), with our own fonts, and without asking anybody for anything."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .typeset import STYLE, CannotTypeset, typeset

log = logging.getLogger(__name__)

# A longer text is set by a process of its own: it takes its time, and a core and memory that this one needs.
LONG = 200_000
# So many long ones at a time, so long one waits for its turn, and so long it may take (seconds).
AT_ONCE, PATIENCE, LONGEST = 1, 60, 600
_turns = BoundedSemaphore(AT_ONCE)

DOCUMENT = (
    '<!DOCTYPE html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
    '<meta name="generator" content="Collab"></head><body>{}</body></html>'
)


class PdfUnavailable(Exception):
    """This server cannot make the PDF: a library is missing, or too many long ones are being made."""


def pdf_of(html: SafeString, *, title: str, language: str) -> bytes:
    """Return a body's HTML as a tagged PDF (PDF/UA-1) with a title and a language; raises PdfUnavailable.

    The HTML is what a template gave (a text that is not marked as safe stands there escaped). Whatever it may name,
    nothing is fetched but the style and its fonts. Links must be absolute: there is nothing for others to begin from.
    """
    document = _document(html, title, language)
    try:
        return _set_apart(document) if len(document) > LONG else typeset(document, _folder())
    except CannotTypeset as error:
        log.error("No PDF: %s", error)
        raise PdfUnavailable(str(error)) from error


def _document(html: SafeString, title: str, language: str) -> SafeString:
    return format_html(DOCUMENT, language, title, html)


def _folder() -> Path:
    """Return the folder of the built front end, where the style is; raises CannotTypeset."""
    found = finders.find(STYLE)
    if not found:
        raise CannotTypeset("pdf.css is not built: make frontend")
    return Path(found).parent


def _set_apart(document: str) -> bytes:
    """Let a process of its own set a long document; raises CannotTypeset, PdfUnavailable where others are waiting."""
    if not _turns.acquire(timeout=PATIENCE):
        raise PdfUnavailable("Other long documents are being made.")
    command = [sys.executable, "-m", "collab.typeset", str(_folder())]
    try:
        made = subprocess.run(
            command, input=document.encode(), capture_output=True, cwd=settings.BASE_DIR, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise CannotTypeset(f"It took longer than {LONGEST} seconds.") from error
    finally:
        _turns.release()
    if made.returncode:
        raise CannotTypeset(made.stderr.decode(errors="replace")[-1000:])
    return made.stdout
