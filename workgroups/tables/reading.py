"""Reading an uploaded table: Excel workbooks and CSV of any usual encoding and delimiter, up to 10,000 rows.

What comes out is text only. Nothing is trusted: not the ending, not the sizes that a zip names, not the encoding.
"""

from __future__ import annotations

import csv
import io
import logging
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import openpyxl
from django.utils.formats import number_format
from django.utils.translation import gettext as _

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 60
# What the parts of a workbook may unpack to, and how many there may be.
MOST_UNPACKED = 64 * 1024 * 1024
MOST_MEMBERS = 2_000
# Behind so many empty rows nothing is looked for any more: formats reach down to row 1,048,576.
MOST_GAP = 2_000
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
DELIMITERS = ";,\t|"
SAMPLE = 20_000
PLAIN_ZIP = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
log = logging.getLogger(__name__)


class Unreadable(Exception):
    """The file cannot be read as a table; carries a sentence that says why and what to do."""


@dataclass(frozen=True)
class Sheet:
    """The heading row, and each row below it that is not empty: its number as Excel shows it, and its cells."""

    header: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(content: bytes, name: str) -> Sheet:
    """Return the first sheet of the file that holds something; raises Unreadable."""
    if not content:
        raise Unreadable(_("This file is empty."))
    if len(content) > MOST_BYTES:
        raise Unreadable(_("This file is larger than %(limit)s MB.") % {"limit": MOST_BYTES // 1024 // 1024})
    if content.startswith(OLD_OFFICE):
        raise Unreadable(
            _("This is an old Excel file (.xls), or it is protected by a password. Save it as .xlsx, unprotected.")
        )
    if content.startswith(b"PK") or name.lower().endswith((".xlsx", ".xlsm")):
        return _sheet(_rows_of_workbook(content))
    if not name.lower().endswith((".csv", ".txt", ".tsv")):
        raise Unreadable(_("Please upload an Excel file (.xlsx) or a CSV file (.csv)."))
    return _sheet(_rows_of_csv(_decoded(content)))


def _sheet(numbered: Iterable[tuple[int, list[str]]]) -> Sheet:
    """Take the first row that is not empty as the heading; raises Unreadable where there is none, or too much."""
    filled = (row for row in numbered if any(row[1]))
    header = next(filled, None)
    if header is None:
        raise Unreadable(_("There is nothing in this table."))
    width = _width(header[1])
    rows = list(islice(filled, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise Unreadable(
            _("This table has more than %(limit)s rows. Split it.")
            % {"limit": number_format(MOST_ROWS, force_grouping=True)}
        )
    if not rows:
        raise Unreadable(_("There is a heading row in this table, but nothing below it."))
    width = min(MOST_COLUMNS, max(width, *(_width(cells) for _number, cells in rows)))
    return Sheet(_filled_up(header[1], width), [(number, _filled_up(cells, width)) for number, cells in rows])


def _width(cells: list[str]) -> int:
    return max((index for index, cell in enumerate(cells, start=1) if cell), default=0)


def _filled_up(cells: list[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


# -- CSV --------------------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16 (with or without mark) or in the code page of Western Windows."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _strictly(content, encoding)
    start = content[:2000]
    if start[1::2].count(0) > len(start) // 4:
        return _strictly(content, "utf-16-le")
    if start[0::2].count(0) > len(start) // 4:
        return _strictly(content, "utf-16-be")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = _strictly(content, "cp1252")
    if "\0" in text:
        raise Unreadable(_not_text())
    return text


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable(_not_text()) from None


def _not_text() -> str:
    return _("This is no text that can be read. In Excel, save it as “CSV UTF-8” or as .xlsx.")


def _rows_of_csv(text: str) -> Iterator[tuple[int, list[str]]]:
    first, _end, rest = text.partition("\n")
    skipped = 0
    if first.lower().startswith("sep=") and len(first.strip()) <= 5:  # how Excel is told the delimiter
        delimiter, text, skipped = first.strip()[4:] or "\t", rest, 1
    else:
        delimiter = _delimiter(text)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1 + skipped):
            yield number, [_clean(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error:
        raise Unreadable(
            _("This file is no table: a quotation mark is opened and not closed. Save it again from Excel.")
        ) from None


def _delimiter(text: str) -> str:
    """Return what stands between the cells: the character that splits the first rows into the most columns, each."""
    start = text[:SAMPLE].lstrip("\r\n \ufeff")

    def width(delimiter: str) -> tuple[int, int, int]:
        try:
            rows = [row for row in islice(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), 20) if row]
        except csv.Error:
            return (0, 0, 0)
        # The last row of the sample may be cut off. Where two split alike, the one that is usual here.
        widths = [len(row) for row in (rows[:-1] if len(text) > SAMPLE and len(rows) > 1 else rows)]
        return min(widths, default=0), widths[0] if widths else 0, -DELIMITERS.index(delimiter)

    return max(DELIMITERS, key=width)


def _clean(text: str) -> str:
    """Return the text as a database stores it: composed letters, plain line breaks, no control characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    if not text.isprintable():
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    return text.strip().lstrip("\ufeff")


# -- Excel ------------------------------------------------------------------------------------------------------------


def _rows_of_workbook(content: bytes) -> list[tuple[int, list[str]]]:
    broken = _("This Excel file is damaged and cannot be opened. Open it in Excel and save it again.")
    try:
        has_formulas = _check_archive(content)
        return _read_workbook(content, has_formulas)
    except Unreadable:
        raise
    except Exception as error:  # a hostile file may raise anything
        log.info("an upload is no readable workbook", exc_info=True)
        raise Unreadable(broken) from error


def _check_archive(content: bytes) -> bool:
    """Return whether a sheet has formulas; raises Unreadable for what is no workbook or unpacks to too much.

    Python never unpacks more of a member than the size it names, so the sizes can be believed this far.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        too_much = len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED
        if too_much or any(member.compress_type not in PLAIN_ZIP for member in members):
            raise Unreadable(_("This file unpacks to more than a table would. Copy the cells into a new workbook."))
        if "[Content_Types].xml" not in archive.namelist():
            raise Unreadable(_("Please upload an Excel file (.xlsx) or a CSV file (.csv)."))
        sheets = [member for member in members if member.filename.startswith("xl/worksheets/")]
        return any(b"<f" in archive.read(member) for member in sheets)


def _read_workbook(content: bytes, has_formulas: bool) -> list[tuple[int, list[str]]]:
    with closing(openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)) as book:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible" and (rows := list(_filled_rows(sheet))):
                return _with_formulas(rows, content, sheet.title) if has_formulas else rows
    return []


def _filled_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty; one more than are allowed is enough to know."""
    last = found = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
        if any(value is not None for value in row):
            last, found = number, found + 1
            yield number, [_shown(value) for value in row]
        if number - last > MOST_GAP or found > MOST_ROWS + 1:
            return


def _with_formulas(rows: list[tuple[int, list[str]]], content: bytes, title: str) -> list[tuple[int, list[str]]]:
    """Put formulas that Excel has not worked out into their empty cells, so that nobody takes them for empty."""
    with closing(openpyxl.load_workbook(io.BytesIO(content), read_only=True)) as book:
        by_number = dict(rows)
        cells = book[title].iter_rows(max_row=rows[-1][0] + 1, max_col=MOST_COLUMNS)
        for number, row in enumerate(cells, start=1):
            for index, cell in enumerate(row):
                if cell.data_type != "f" or number not in by_number:
                    continue
                texts = by_number[number]
                if index < len(texts) and not texts[index]:
                    texts[index] = _clean(f"={str(cell.value).lstrip('=')}")[:200]
    return rows


def _shown(value: Any) -> str:
    """Return a cell's value as text: days as 2026-11-22, numbers without a unit and with a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool):
        return "x" if value else ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        # Never three digits behind the point: that would read as thousands.
        text = repr(value)
        return f"{text}0" if len(text.partition(".")[2]) == 3 else text
    return _clean(str(value))
