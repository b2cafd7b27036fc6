"""Files become sheets of text, or are refused with a reason a person can act on."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalapp.core.errors import RefusedFile
from evalapp.core.read_table import OLE_START, read_one_table, read_table
from evalapp.core.sheets import LONGEST_CELL, MOST_EMPTY_ROWS, MOST_ROWS

MEGABYTE = 1_048_576


def write(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def write_workbook(folder: Path, pages: dict[str, list[list[object]]], name: str = "book.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in pages.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(folder / name)
    return folder / name


def rewrite_member(path: Path, member: str, change: tuple[bytes, bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert change[0] in parts[member], "the test changes nothing"
    parts[member] = parts[member].replace(*change)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def faults_of(path: Path) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(RefusedFile) as refused:
        read_one_table(path)
    return [(fault.row, fault.column, str(fault.message)) for fault in refused.value.faults]


def reason(path: Path) -> str:
    faults = faults_of(path)
    assert len(faults) == 1
    return faults[0][2]


def test_a_csv_file_becomes_a_sheet_with_spreadsheet_row_numbers(tmp_path):
    sheet = read_one_table(write(tmp_path, "a,b\n1,x\n\n2, y \n"))
    assert (sheet.name, sheet.header, sheet.notices) == (None, ("a", "b"), ())
    assert [tuple(row) for row in sheet.rows] == [(2, ("1", "x")), (4, ("2", "y"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_in_the_header(tmp_path, delimiter):
    sheet = read_one_table(write(tmp_path, f'a{delimiter}b\n1{delimiter}"x, y; z\tw"\n'))
    assert (sheet.header, sheet.rows[0].cells) == (("a", "b"), ("1", "x, y; z\tw"))


def test_one_column_needs_no_delimiter(tmp_path):
    assert read_one_table(write(tmp_path, "a\r1\r")).rows == ((2, ("1",)),)


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_breaks(tmp_path):
    sheet = read_one_table(write(tmp_path, 'a,b\n1,"x, ""y""\nz"\n2,w\n'))
    assert [tuple(row) for row in sheet.rows] == [(2, ("1", 'x, "y"\nz')), (3, ("2", "w"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
def test_unicode_encodings_are_read_without_a_notice(tmp_path, encoding):
    text = "도시,수\n함흥,1\n"
    content = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    sheet = read_one_table(write(tmp_path, content))
    assert (sheet.header, sheet.rows[0].cells, sheet.notices) == (("도시", "수"), ("함흥", "1"), ())


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_doubled_mark_of_byte_order_is_left_out(tmp_path, quote):
    sheet = read_one_table(write(tmp_path, b"\xef\xbb\xbf" * 2 + f"{quote}a{quote},b\n1,2\n".encode()))
    assert (sheet.header, sheet.rows[0].cells) == (("a", "b"), ("1", "2"))


@pytest.mark.parametrize(
    ("content", "header"), [("sep=,\na,b\n1,2\n", ("a", "b")), ("\ufeffSEP=;\r\na,x;b\r\n1;2\r\n", ("a,x", "b"))]
)
def test_the_line_that_names_the_separator_is_understood_and_not_counted(tmp_path, content, header):
    sheet = read_one_table(write(tmp_path, content))
    assert (sheet.header, sheet.rows) == (header, ((2, ("1", "2")),))


def test_cp949_is_read_with_a_notice(tmp_path):
    sheet = read_one_table(write(tmp_path, "도시,수\n청진,1\n".encode("cp949")))
    assert sheet.rows[0].cells == ("청진", "1")
    assert [str(notice) for notice in sheet.notices] == [
        "The file is in the older Korean encoding CP949. Check that names and words look right; better save it as UTF-8."
    ]


def test_hangul_in_parts_is_composed(tmp_path):
    sheet = read_one_table(write(tmp_path, "a\n\u1112\u1161\u11ab\n"))
    assert sheet.rows[0].cells == ("한",)


@pytest.mark.parametrize("content", ["도시,수\n함흥,1\n".encode() + b"\xff\xff,2\n", b"a,b\n1,2\n" + b"\xff\xff,2\n"])
def test_a_bad_byte_is_refused_with_its_line(tmp_path, content):
    text = "Line 3 holds a character that is neither UTF-8 nor CP949. Save the file as UTF-8."
    assert reason(write(tmp_path, content)) == text


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(tmp_path, content):
    assert reason(write(tmp_path, content)) == "The file is empty."


def test_a_file_of_empty_cells_is_refused(tmp_path):
    assert reason(write(tmp_path, ",,\n,,\n")) == "The file holds no table. Put the column names in row 1 and the data below them."


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert reason(tmp_path / "none.csv") == "The file cannot be read. Check that it exists and that it is a file."
    assert reason(tmp_path) == "The file cannot be read. Check that it exists and that it is a file."


def test_a_header_without_rows_is_refused(tmp_path):
    assert faults_of(write(tmp_path, "a,b\n")) == [
        (2, None, "The table has column names but no rows below them. Add at least one row.")
    ]


def test_a_header_below_empty_rows_is_refused(tmp_path):
    assert faults_of(write(tmp_path, "\n\na,b\n1,2\n")) == [
        (1, None, "The column names must stand in row 1. Delete the empty rows above them.")
    ]


def test_a_missing_header_is_noticed_by_its_numbers(tmp_path):
    assert faults_of(write(tmp_path, "a,2011\nb,2012\n")) == [
        (1, None, "“2011” is a number, not a column name. The first row must hold the column names.")
    ]


def test_blank_and_double_header_cells_are_all_named(tmp_path):
    assert faults_of(write(tmp_path, "a,,a\n1,2,3\n")) == [
        (1, None, "Column 2 has no name. Name it or delete it."),
        (1, "a", "2 columns are called “a”. Keep one."),
    ]


def test_rows_of_another_width_are_all_named(tmp_path):
    advice = "Check for a missing or spare separator."
    assert faults_of(write(tmp_path, "a,b\n1\n1,2\n1,2,3\n")) == [
        (2, None, f"The row has 1 cells, but there are 2 column names. {advice}"),
        (4, None, f"The row has 3 cells, but there are 2 column names. {advice}"),
    ]


def test_empty_columns_that_a_spreadsheet_leaves_at_the_right_are_ignored(tmp_path):
    sheet = read_one_table(write(tmp_path, "a,b,,\n1,2,,\n"))
    assert (sheet.header, sheet.rows[0].cells) == (("a", "b"), ("1", "2"))


def test_a_huge_file_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as sparse:
        sparse.truncate(200 * MEGABYTE)
    started = dt.datetime.now(dt.UTC)
    assert reason(path) == "The file has 200 MB; at most 20 MB can be read. Split it."
    assert dt.datetime.now(dt.UTC) - started < dt.timedelta(seconds=1)


def test_too_many_rows_are_refused(tmp_path):
    assert read_one_table(write(tmp_path, "a\n" + "1\n" * MOST_ROWS)).rows[-1].number == MOST_ROWS + 1
    assert reason(write(tmp_path, "a\n" + "1\n" * (MOST_ROWS + 1))) == "The table has more than 100,000 rows. Split the file."


def test_too_many_columns_are_refused(tmp_path):
    assert faults_of(write(tmp_path, "a" + "," * 1_000 + "\n1\n")) == [
        (1, None, "The row has more than 1,000 cells. Remove the columns that are not needed.")
    ]


def test_a_cell_that_is_too_long_is_refused(tmp_path):
    assert len(read_one_table(write(tmp_path, f"a,b\n1,{'x' * LONGEST_CELL}\n")).rows[0].cells[1]) == LONGEST_CELL
    assert faults_of(write(tmp_path, f"a,b\n1,{'x' * (LONGEST_CELL + 1)}\n")) == [
        (2, "b", "The cell holds more than 32,767 characters. Shorten it.")
    ]
    assert faults_of(write(tmp_path, f"a,b\n1,{'x' * 200_000}\n"))[0][1] == "b"


@pytest.mark.parametrize("content", [b"a,b\n1,\x00\n", b"%PDF-1.7\x00\x01", b"\xff\xfea\x00,\x00b\x00\n\x00\x00\x00"])
def test_binary_content_is_refused(tmp_path, content):
    assert reason(write(tmp_path, content)) == "This is not a text table but a binary file. Save the table as CSV or .xlsx."


@pytest.mark.parametrize(("content", "row"), [('a,b\n1,"x\n2,y\n', 2), ('a,b\n1,x\n2,"y"z\n', 3)])
def test_a_stray_quotation_mark_is_refused_with_its_row(tmp_path, content, row):
    text = "A quotation mark is not closed, or text follows a closing one. Double every quotation mark inside a cell."
    assert faults_of(write(tmp_path, content)) == [(row, None, text)]


def test_a_workbook_called_csv_is_refused(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a"], [1]]}, "file.csv")
    assert reason(path) == "This is an Excel workbook or a zip archive, not a CSV file. Rename it to .xlsx or save it as CSV."


def test_a_csv_file_called_xlsx_is_refused(tmp_path):
    text = "This is a text file, not an Excel workbook. Rename it to .csv or save it as .xlsx."
    assert reason(write(tmp_path, "a\n1\n", "file.xlsx")) == text


def test_content_decides_where_the_name_says_nothing(tmp_path):
    assert read_one_table(write(tmp_path, "a\n1\n", "upload")).header == ("a",)
    assert read_one_table(write_workbook(tmp_path, {"A": [["b"], [1]]}, "other.xlsx").rename(tmp_path / "book")).header == ("b",)


def test_an_old_excel_file_is_refused(tmp_path):
    text = "This is an old Excel or other Office file. Open it in Excel and save it as .xlsx."
    assert reason(write(tmp_path, OLE_START + b"\x00" * 600, "old.xls")) == text


def test_a_workbook_with_a_password_is_refused(tmp_path):
    content = OLE_START + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")
    text = "The workbook is protected by a password. Remove the password in Excel and save it again."
    assert reason(write(tmp_path, content, "secret.xlsx")) == text


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (30 * MEGABYTE))
    text = "The file would unpack to far more than a table needs. Copy the table into a new workbook and save that."
    assert path.stat().st_size < MEGABYTE
    assert reason(path) == text


def test_an_archive_of_too_many_members_is_refused(tmp_path):
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(201):
            archive.writestr(f"xl/{number}.xml", "x")
    assert reason(path).startswith("The file would unpack")


def test_an_archive_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "archive.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
    assert reason(path) == "This is a zip archive, not an Excel workbook. Open the table in Excel and save it as .xlsx."


def test_a_damaged_workbook_is_refused(tmp_path):
    text = "The workbook is damaged and cannot be read. Open it in Excel and save it again as .xlsx."
    path = write_workbook(tmp_path, {"A": [["a"], [1]]})
    path.write_bytes(path.read_bytes()[:-200])
    assert reason(path) == text
    path = write_workbook(tmp_path, {"A": [["a"], [1]]})
    rewrite_member(path, "xl/worksheets/sheet1.xml", (b"<sheetData>", b"<sheetData><oops>"))
    assert reason(path) == text


def test_entities_in_a_workbook_are_not_expanded(tmp_path):
    assert openpyxl.DEFUSEDXML, "openpyxl must find defusedxml"
    path = write_workbook(tmp_path, {"A": [["a"], ["x"]]})
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet'
    rewrite_member(path, "xl/worksheets/sheet1.xml", (b"<worksheet", bomb))
    assert reason(path).startswith("The workbook is damaged")


def test_cells_of_a_workbook_become_clean_text(tmp_path):
    row = [3.0, 0.1 + 0.2, 10**12, dt.datetime(2026, 3, 2), dt.datetime(2026, 3, 2, 9, 30), True, None, " 함흥 "]  # noqa: DTZ001 - Excel knows no zones
    path = write_workbook(tmp_path, {"A": [list("abcdefgh"), row]})
    sheet = read_one_table(path)
    assert sheet.name == "A"
    assert sheet.rows[0].cells == ("3", "0.3", "1000000000000", "2026-03-02", "2026-03-02 09:30:00", "True", "", "함흥")


def test_a_formula_without_a_stored_result_is_refused(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a", "b"], [1, "=A2+1"]]})
    assert faults_of(path) == [
        (2, "B", "The cell holds a formula without a stored result. Open the workbook in Excel, save it, or paste values only.")
    ]


def test_a_formula_with_a_stored_result_is_read(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a", "b", "c"], [1, "=A2+1", "=T(1)"]]})
    rewrite_member(path, "xl/worksheets/sheet1.xml", (b"<f>A2+1</f><v />", b"<f>A2+1</f><v>2</v>"))
    rewrite_member(path, "xl/worksheets/sheet1.xml", (b'<c r="C2"><f>', b'<c r="C2" t="str"><f>'))
    assert read_one_table(path).rows[0].cells == ("1", "2", "")


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="B2">\n <f>A2</f>\n</c>',
        b'<c r="B2" t="str"><f>A2</f></c>',
        b'<c r="B2"><f>A2</f><v> </v></c>',
        b'<c r="B2"><f t="shared" si="0"/><v/></c>',
        b'<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="B2"><x:f>A2</x:f></x:c>',
    ],
)
def test_a_formula_without_a_stored_result_is_found_however_it_is_written(tmp_path, cell):
    path = write_workbook(tmp_path, {"A": [["a", "b"], [1, 77]]})
    rewrite_member(path, "xl/worksheets/sheet1.xml", (b'<c r="B2" t="n"><v>77</v></c>', cell))
    assert [fault[:2] for fault in faults_of(path)] == [(2, "B")]


@pytest.mark.parametrize("number", [b"99999999999", b"1048577"])
def test_a_row_beyond_the_last_a_sheet_can_have_is_refused_at_once(tmp_path, number):
    path = write_workbook(tmp_path, {"A": [["a"], [1]]})
    row = b'<row r="%b"><c r="A%b"><v>1</v></c></row></sheetData>' % (number, number)
    rewrite_member(path, "xl/worksheets/sheet1.xml", (b"</sheetData>", row))
    started = time.monotonic()
    assert reason(path) == (
        "A row has a number beyond 1,048,576, the last a sheet can have. Copy the table into a new workbook and save that."
    )
    assert time.monotonic() - started < 2


def test_a_long_run_of_empty_rows_is_refused(tmp_path):
    text = "A long run of empty rows stands above this row. Delete the empty rows."
    path = write_workbook(tmp_path, {"A": [["a"], [1]]})
    rewrite_member(
        path, "xl/worksheets/sheet1.xml", (b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>')
    )
    assert faults_of(path) == [(1_048_576, None, text)]
    assert faults_of(write(tmp_path, "a\n1\n" + "\n" * (MOST_EMPTY_ROWS + 1) + "2\n")) == [(MOST_EMPTY_ROWS + 4, None, text)]
    assert faults_of(write(tmp_path, "a\n1\n" + "\n" * 2_000_000)) == [(1_048_577, None, text)]
    assert len(read_one_table(write(tmp_path, "a\n1\n" + "\n" * MOST_EMPTY_ROWS + "2\n")).rows) == 2


def test_formatted_empty_rows_below_a_table_are_left_out(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a"], [1]]})
    rewrite_member(
        path, "xl/worksheets/sheet1.xml", (b"</sheetData>", b'<row r="1048576"><c r="A1048576" s="0"/></row></sheetData>')
    )
    assert [row.cells for row in read_one_table(path).rows] == [("1",)]


def test_rows_out_of_order_are_refused_and_not_dropped(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a"], [1]]})
    rewrite_member(path, "xl/worksheets/sheet1.xml", (b"</sheetData>", b'<row r="2"><c r="A2"><v>9</v></c></row></sheetData>'))
    assert reason(path).startswith("The workbook is damaged")


def test_a_row_of_too_many_cells_in_a_workbook_is_refused(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a"], [1] * 1_001]})
    assert faults_of(path) == [(2, None, "The row has more than 1,000 cells. Remove the columns that are not needed.")]


def test_an_error_in_a_cell_is_refused(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a"], ["#DIV/0!"]]})
    assert faults_of(path) == [(2, None, "The cell shows the error #DIV/0!. Mend the formula or empty the cell.")]


def test_a_lying_dimension_hides_no_rows(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a", "b"], [1, 2], [3, 4]]})
    rewrite_member(path, "xl/worksheets/sheet1.xml", (b'ref="A1:B3"', b'ref="A1:A1"'))
    assert [row.cells for row in read_one_table(path).rows] == [("1", "2"), ("3", "4")]


def test_only_the_wanted_sheets_are_read(tmp_path):
    path = write_workbook(tmp_path, {"Notes": [["anything"]], "Cohorts ": [["a"], [1]], "empty": []})
    assert [sheet.name for sheet in read_table(path, only={"cohorts"})] == ["Cohorts "]


def test_hidden_sheets_are_left_out(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a"], [1]], "B": [["b"], [2]]})
    book = openpyxl.load_workbook(path)
    book["B"].sheet_state = "hidden"
    book.save(path)
    assert [sheet.name for sheet in read_table(path)] == ["A"]


def test_a_workbook_with_several_tables_is_refused_where_one_is_wanted(tmp_path):
    path = write_workbook(tmp_path, {"A": [["a"], [1]], "B": [["b"], [2]]})
    assert reason(path) == "The workbook has several sheets: A, B. Keep the one to import and delete the others."


PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\ufeff"), max_size=8
)


@given(rows=st.lists(st.tuples(PLAIN, PLAIN, PLAIN), min_size=1, max_size=6))
def test_what_a_csv_writer_wrote_is_read_back(rows, tmp_path_factory):
    rows = [(f"x{first}", *rest) for first, *rest in rows]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([("a", "b", "c"), *rows])
    sheet = read_one_table(write(tmp_path_factory.getbasetemp(), buffer.getvalue(), "written.csv"))
    assert [row.cells for row in sheet.rows] == [tuple(unicodedata.normalize("NFC", cell) for cell in row) for row in rows]


@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_nothing_else(content, tmp_path_factory):
    path = write(tmp_path_factory.getbasetemp(), content, "bytes.csv")
    try:
        read_table(path)
    except RefusedFile as refused:
        assert all(str(fault.message) for fault in refused.faults)  # noqa: PT017 - either outcome is right
