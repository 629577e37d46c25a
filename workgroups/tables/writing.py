"""Writing a list as a file for Excel. Whatever people wrote stays text there and is never run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

ENDINGS = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
# With these a program that opens the file begins a formula.
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Excel may split a CSV file elsewhere than we do: with semicolons in Germany, with commas in England.
# What looks like a number or a dash ("100,- Euro", a telephone number) is none and stays as it is.
INNER_FORMULA = re.compile(r"(?!\A)([;,\t\r\n])(?=[=@]|[+\-][A-Za-z(])")
# The most that a cell of Excel holds.
LONGEST_CELL = 32_000


@dataclass(frozen=True)
class Table:
    """What is to be written: the name of the file and sheet, the headings, and the rows of plain values."""

    name: str
    header: Sequence[Any]
    rows: Iterable[Sequence[Any]]


def to_csv(table: Table) -> bytes:
    """Return the table as Excel opens it by a double click: UTF-8 with a mark, in German with semicolons."""
    is_german = (get_language() or "").startswith("de")
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if is_german else ",", lineterminator="\r\n")
    writer.writerow(_harmless(str(heading)) for heading in table.header)
    writer.writerows([_as_text(value, is_german) for value in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(table: Table) -> bytes:
    """Return the table as a workbook with one sheet, whose heading row stays in sight."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("".join(c for c in table.name if c not in "[]:*?/\\")[:31])
    sheet.freeze_panes = "A2"
    rows = [list(row) for row in table.rows]
    for index, heading in enumerate(table.header):
        sheet.column_dimensions[get_column_letter(index + 1)].width = _width(heading, rows, index)
    bold = Font(bold=True)
    sheet.append([_cell(sheet, str(heading), font=bold) for heading in table.header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(heading: Any, rows: list[list[Any]], index: int) -> int:
    """Return a column's width in letters, from its heading and first rows."""
    texts = [str(heading), *(str(row[index] or "") for row in rows[:50])]
    return min(60, max(10, *(len(text.partition("\n")[0]) + 2 for text in texts)))


def _cell(sheet: Any, value: Any, **style: Any) -> Any:
    if isinstance(value, datetime):
        value = timezone.localtime(value).replace(tzinfo=None)
    if value is None or isinstance(value, int | float | Decimal | date):
        cell = WriteOnlyCell(sheet, value)
    else:
        text = _harmless(str(value))
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL])
        cell.data_type = "s"
        if "\n" in text:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for name, setting in style.items():
        setattr(cell, name, setting)
    return cell


def _as_text(value: Any, is_german: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return date_format(local, "d.m.Y H:i") if is_german else f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return date_format(value, "d.m.Y") if is_german else value.isoformat()
    if isinstance(value, float | Decimal):
        return str(value).replace(".", ",") if is_german else str(value)
    return str(value) if isinstance(value, int) else _harmless(INNER_FORMULA.sub(r"\1'", str(value)))


def _harmless(text: str) -> str:
    """Return the text so that it begins no formula: an apostrophe before it says "text" to every program."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
