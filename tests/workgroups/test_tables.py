"""Reading tables that nobody should trust, and writing such that nothing in them is run."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.utils import translation

from workgroups.tables import MOST_ROWS, Table, Unreadable, read_table, to_csv, to_xlsx

pytestmark = pytest.mark.sqlite_only
UMLAUTS = "Straße;Größe\r\nJürgen Müßig;„Öl“ – 3 €\r\n"


def workbook(*rows: list[object], **sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **members: bytes) -> bytes:
    """Return the workbook with members replaced; "/" is written "__"."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        changed = {name.replace("__", "/"): text for name, text in members.items()}
        for info in old.infolist():
            new.writestr(info.filename, changed.pop(info.filename, None) or old.read(info))
        for name, text in changed.items():
            new.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    sheet = read_table(UMLAUTS.encode(encoding), "list.csv")
    assert sheet.header == ["Straße", "Größe"]
    assert sheet.rows == [(2, ["Jürgen Müßig", "„Öl“ – 3 €"])]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    rows = [["Town", "Note; with, both"], ["Kehl", 'say "hello"; twice, \n in two lines']]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    sheet = read_table(text.getvalue().encode(), "list.csv")
    assert [sheet.header, sheet.rows[0][1]] == [["Town", "Note; with, both"], rows[1]]


def test_a_single_column_and_the_line_with_which_excel_names_the_delimiter() -> None:
    assert read_table(b"Town\nKehl\nLahr", "a.csv").rows == [(2, ["Kehl"]), (3, ["Lahr"])]
    assert read_table(b"sep=|\r\nTown|Since\r\nKehl|2021", "a.csv").rows == [(3, ["Kehl", "2021"])]


def test_rows_keep_their_number_and_what_is_empty_is_left_out() -> None:
    sheet = read_table(b";;\n\nTown;Since;\n;;\nKehl;2021;\n\nLahr;;\n", "a.csv")
    assert sheet.header == ["Town", "Since"]
    assert sheet.rows == [(5, ["Kehl", "2021"]), (7, ["Lahr", ""])]


def test_days_numbers_and_truth_of_excel() -> None:
    content = workbook(
        ["AGS", "Day", "Moment", "Cost", "Yes", "Third"],
        [8317057, date(2026, 3, 4), datetime(2026, 3, 4, 9, 30), 1250.5, True, 1.234],
    )
    assert read_table(content, "a.xlsx").rows == [
        (2, ["8317057", "2026-03-04", "2026-03-04 09:30", "1250.5", "x", "1.2340"])
    ]


def test_formulas_are_seen_as_such_where_excel_has_not_worked_them_out() -> None:
    content = workbook(["Town", "Sum", "Plain"], ["Kehl", "=1+1", "2"])
    assert read_table(content, "a.xlsx").rows == [(2, ["Kehl", "=1+1", "2"])]


def test_what_excel_has_worked_out_is_taken() -> None:
    content = workbook(["Town", "Sum"], ["Kehl", "=1+1"])
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    worked_out = sheet.replace(b"<v />", b"<v>2</v>").replace(b"<v></v>", b"<v>2</v>")
    assert worked_out != sheet
    content = repacked(content, **{"xl__worksheets__sheet1.xml": worked_out})
    assert read_table(content, "a.xlsx").rows == [(2, ["Kehl", "2"])]


def test_the_first_sheet_that_holds_something() -> None:
    assert read_table(workbook(Filled=[["Town"], ["Kehl"]]), "a.xlsx").rows == [(2, ["Kehl"])]


def test_a_cell_at_the_end_of_the_sheet_does_not_take_for_ever() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Town"])
    book.active.append(["Kehl"])
    book.active.cell(1_048_576, 16_384).value = "far"
    out = io.BytesIO()
    book.save(out)
    begun = time.monotonic()
    assert read_table(out.getvalue(), "a.xlsx").rows == [(2, ["Kehl"])]
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("make", [to_csv, to_xlsx])
def test_ten_thousand_rows_are_read_quickly(make) -> None:
    rows = [[f"Task {n}", "Kehl", date(2026, 1, 1), "a note of some length " * 3] for n in range(MOST_ROWS)]
    content = make(Table("Many", ["Title", "Town", "Due", "Note"], rows))
    name = f"a.{'csv' if make is to_csv else 'xlsx'}"
    begun = time.monotonic()
    assert len(read_table(content, name).rows) == MOST_ROWS
    assert time.monotonic() - begun < 6
    with pytest.raises(Unreadable, match="10,000"):
        read_table(make(Table("Many", ["Title"], [["x"]] * (MOST_ROWS + 1))), name)


GOOD = workbook(["Town"], ["Kehl"])
BROKEN = {
    "empty": (b"", "a.csv"),
    "nothing but delimiters": (b";;;\n;;;\n", "a.csv"),
    "headings only": (b"Town;Since\n", "a.csv"),
    "no text": (b"\x81\x8d\x8f;\n1", "a.csv"),
    "null bytes": (b"a;b\n1;\x00\x01\x02 somewhere in a text\n", "a.csv"),
    "half of a letter of UTF-16": (b"\xff\xfea\x00;", "a.csv"),
    "an old workbook, or one with a password": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.xls"),
    "half a workbook": (GOOD[: len(GOOD) // 2], "a.xlsx"),
    "a workbook with a hole": (GOOD[:60] + b"\0" * 200 + GOOD[260:], "a.xlsx"),
    "text that is called a workbook": (b"Town;Since\nKehl;2021", "a.xlsx"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "a.png"),
    "a zip of something else": (repacked(b"PK\5\6" + b"\0" * 18, **{"a.txt": b"x"}), "a.xlsx"),
    "a sheet that is no XML": (repacked(GOOD, **{"xl__worksheets__sheet1.xml": b"<worksheet><"}), "a.xlsx"),
    "no content types": (repacked(b"PK\5\6" + b"\0" * 18, **{"xl__workbook.xml": b"<a/>"}), "a.xlsx"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_read_is_refused_with_a_sentence(case: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_table(*BROKEN[case])
    assert str(refusal.value).endswith(".")


def test_a_bomb_is_not_unpacked() -> None:
    bomb = repacked(GOOD, **{"xl__worksheets__sheet1.xml": b" " * 80_000_000})
    assert len(bomb) < 200_000
    begun = time.monotonic()
    with pytest.raises(Unreadable, match="unpacks"):
        read_table(bomb, "a.xlsx")
    assert time.monotonic() - begun < 1


def test_a_zip_that_lies_about_its_sizes() -> None:
    bomb = bytearray(repacked(GOOD, **{"xl__worksheets__sheet1.xml": b" " * 70_000_000}))
    for place in range(len(bomb) - 4):
        if bomb[place : place + 4] == (70_000_000).to_bytes(4, "little"):
            bomb[place : place + 4] = (1000).to_bytes(4, "little")
    with pytest.raises(Unreadable):
        read_table(bytes(bomb), "a.xlsx")


def test_entities_of_a_sheet_are_not_unfolded() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!DOCTYPE w [<!ENTITY l0 "ha">{entities}]><worksheet><v>&l9;</v></worksheet>'.encode()
    with pytest.raises(Unreadable):
        read_table(repacked(GOOD, **{"xl__worksheets__sheet1.xml": laughs}), "a.xlsx")


def test_a_file_of_the_machine_is_not_read() -> None:
    sheet = (
        b'<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>Town</t></is></c></row>'
        b'<row r="2"><c r="A2" t="inlineStr"><is><t>&f;</t></is></c>'
        b"</row></sheetData></worksheet>"
    )
    with pytest.raises(Unreadable):
        read_table(repacked(GOOD, **{"xl__worksheets__sheet1.xml": sheet}), "a.xlsx")


# -- writing ---------------------------------------------------------------------------------------------------------

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x.example","y")', "=cmd|'/c calc'!A0"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_begins_a_formula(text: str) -> None:
    table = Table("Tasks", ["=Title", "Note"], [[text, "plain"]])
    for language in ("de", "en"):
        with translation.override(language):
            rows = list(
                csv.reader(io.StringIO(to_csv(table).decode("utf-8-sig"), newline=""), delimiter=";,"[language == "en"])
            )
        assert rows == [["'=Title", "Note"], [f"'{text}", "plain"]]
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(table))).active
    assert [cell.data_type for row in sheet.iter_rows() for cell in row] == ["s"] * 4
    assert sheet["A2"].value.startswith("'")
    assert b"<f" not in zipfile.ZipFile(io.BytesIO(to_xlsx(table))).read("xl/worksheets/sheet1.xml")


def test_values_keep_their_kind() -> None:
    moment = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
    table = Table("Tasks: [all]", ["a"], [[date(2026, 6, 1), moment, -5, Decimal("1250.50"), None, "", "Grün"]])
    row = next(openpyxl.load_workbook(io.BytesIO(to_xlsx(table))).active.iter_rows(min_row=2, values_only=True))
    assert row[:5] == (datetime(2026, 6, 1), datetime(2026, 6, 1, 10, 30), -5, 1250.5, None)
    with translation.override("de"):
        assert to_csv(table).decode("utf-8-sig").splitlines()[1] == "01.06.2026;01.06.2026 10:30;-5;1250,50;;;Grün"
    with translation.override("en"):
        assert to_csv(table).decode("utf-8-sig").splitlines()[1] == "2026-06-01,2026-06-01 10:30,-5,1250.50,,,Grün"


def test_what_excel_does_not_take_is_left_out() -> None:
    table = Table("x" * 80, ["a"], [["null \0 bell \x07", "x" * 40_000]])
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(table))).active
    assert sheet["A2"].value == "null  bell "
    assert len(sheet["B2"].value) == 32_000
