"""Typesetting HTML as a tagged PDF (PDF/UA-1). Knows nothing of Django, so that a process of its own can do it:

python -m collab.typeset FOLDER <document.html >document.pdf

The folder is the one with pdf.css and its fonts: the only files that are read. Nothing is ever fetched from a network.
"""

from __future__ import annotations

import logging
import os
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

# What WeasyPrint needs of a Debian or Ubuntu system.
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
STYLE = "pdf.css"
# The address under which the style finds its fonts; nothing listens there.
OURS = "https://collab.invalid/"
KINDS = {".css": "text/css", ".woff2": "font/ttf"}
NICE = 5


class CannotTypeset(Exception):
    """A library of the system is missing, or the style is not built; says what to do."""


def typeset(document: str, folder: Path) -> bytes:
    """Return an HTML document as PDF, in the style of that folder; raises CannotTypeset."""
    weasyprint = _weasyprint()
    if not (folder / STYLE).is_file():
        raise CannotTypeset(f"{folder / STYLE} is missing. Build it: make frontend")
    fonts, fetcher = weasyprint.text.fonts.FontConfiguration(), _fetcher(folder)
    style = weasyprint.CSS(url=OURS + STYLE, url_fetcher=fetcher, font_config=fonts)
    page = weasyprint.HTML(string=document, url_fetcher=fetcher)
    content: bytes = page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1", pdf_tags=True)
    return content


@cache
def _weasyprint() -> Any:
    """Return WeasyPrint, loaded with the first PDF."""
    # It reports every glyph table that it subsets; and what it did not fetch is what we refused.
    for name in ("weasyprint", "weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        import weasyprint
        import weasyprint.text.fonts
    except (ImportError, OSError) as error:
        raise CannotTypeset(f"{error}. On Debian and Ubuntu: apt-get install {' '.join(PACKAGES)}") from error
    return weasyprint


@cache
def _fetcher(folder: Path) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurs(URLFetcher):
        """Reads the style and the fonts of the folder; has no way to a network or to any other file."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(OURS)
            path = (folder / name).resolve()
            if name == url or path.suffix not in KINDS or not path.is_relative_to(folder.resolve()):
                raise ValueError("Nothing is fetched for a PDF.")
            content = _font(path) if path.suffix == ".woff2" else path.read_bytes()
            return URLFetcherResponse(url, content, {"Content-Type": KINDS[path.suffix]})

    return OnlyOurs()


@cache
def _font(path: Path) -> bytes:
    """Return a font unpacked, which takes longer than the rest of a page. A built font's name changes with it."""
    from fontTools.ttLib import woff2

    unpacked = BytesIO()
    with path.open("rb") as packed:
        woff2.decompress(packed, unpacked)
    return unpacked.getvalue()


def main(folder: str) -> int:
    os.nice(NICE)
    try:
        content = typeset(sys.stdin.buffer.read().decode(), Path(folder))
    except CannotTypeset as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdout.buffer.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
