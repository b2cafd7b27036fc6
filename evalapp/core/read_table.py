"""Read a CSV file or an Excel workbook as sheets of text, told apart by what they hold and not by what they are called."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Container, Iterator
from pathlib import Path

from evalapp.core.errors import RefusedFile
from evalapp.core.faults import printable, refuse
from evalapp.core.language import Message
from evalapp.core.sheets import Sheet, build_sheet
from evalapp.core.workbooks import read_workbook

MOST_MEGABYTES = 20
MEGABYTE = 1_048_576
LONGEST_HEADER = 100_000
ZIP_START = b"PK\x03\x04"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
HANGUL = re.compile("[가-힣]")
DELIMITERS = (",", ";", "\t")
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?[,;\t|]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
BYTE_ORDER_MARK = "\ufeff"


def read_table(path: Path, *, only: Container[str] | None = None, rows_needed: bool = True) -> list[Sheet]:
    """Read every sheet of a file that holds anything, or refuse the file.

    A CSV file is one sheet without a name. `only` limits a workbook to the sheets of these (lower-case) names; where rows are not
    needed, a sheet may be column names alone.
    """
    content = read_bytes(path)
    suffix = path.suffix.lower()
    if content.startswith(OLE_START):
        raise _refuse_ole(content)
    if content.startswith(ZIP_START):
        if suffix in {".csv", ".txt", ".tsv"}:
            raise refuse(
                Message("This is an Excel workbook or a zip archive, not a CSV file. Rename it to .xlsx or save it as CSV.")
            )
        sheets = read_workbook(content, only, rows_needed=rows_needed)
    elif suffix in {".xlsx", ".xlsm", ".xls"}:
        raise refuse(Message("This is a text file, not an Excel workbook. Rename it to .csv or save it as .xlsx."))
    else:
        sheets = [sheet for sheet in [read_csv(content, rows_needed=rows_needed)] if sheet]
    if not sheets:
        raise refuse(Message("The file holds no table. Put the column names in row 1 and the data below them."))
    return sheets


def read_one_table(path: Path) -> Sheet:
    """Read a file that must hold exactly one table."""
    sheets = read_table(path)
    if len(sheets) > 1:
        names = ", ".join(printable(str(sheet.name)) for sheet in sheets)
        raise refuse(
            Message("The workbook has several sheets: %(names)s. Keep the one to import and delete the others.", names=names)
        )
    return sheets[0]


def read_bytes(path: Path) -> bytes:
    """Return what a file holds, or refuse one that is empty or too large."""
    try:
        size = path.stat().st_size
        if size > MOST_MEGABYTES * MEGABYTE:
            raise refuse(
                Message(
                    "The file has %(size)s MB; at most %(most)s MB can be read. Split it.",
                    size=-(-size // MEGABYTE),
                    most=MOST_MEGABYTES,
                )
            )
        content = path.read_bytes()
    except OSError as error:
        raise refuse(Message("The file cannot be read. Check that it exists and that it is a file.")) from error
    if not content.strip(codecs.BOM_UTF8 + b" \t\r\n"):
        raise refuse(Message("The file is empty."))
    return content


def _refuse_ole(content: bytes) -> RefusedFile:
    if ENCRYPTED_PART in content:
        return refuse(Message("The workbook is protected by a password. Remove the password in Excel and save it again."))
    return refuse(Message("This is an old Excel or other Office file. Open it in Excel and save it as .xlsx."))


def read_csv(content: bytes, name: str | None = None, *, rows_needed: bool = True) -> Sheet | None:
    """Read the content of a CSV file, or refuse it; None where it holds nothing. `name` is the sheet's in what is said of it."""
    text, notices = _decode(content)
    if "\0" in text:
        raise refuse(Message("This is not a text table but a binary file. Save the table as CSV or .xlsx."))
    return build_sheet(name, _records(text.lstrip(BYTE_ORDER_MARK)), notices, rows_needed=rows_needed)


def _decode(content: bytes) -> tuple[str, tuple[Message, ...]]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(content, "utf-16"), ()
    if b"\0" in content:
        return "\0", ()
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        # Hangul that reads well as UTF-8 before the bad byte is no accident: the file is damaged UTF-8, not CP949.
        if HANGUL.search(content[: error.start].decode("utf-8-sig")):
            raise _bad_byte(content, error.start) from error
    notice = Message(
        "The file is in the older Korean encoding CP949. Check that names and words look right; better save it as UTF-8."
    )
    return _strictly(content, "cp949"), (notice,)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad_byte(content, error.start) from error


def _bad_byte(content: bytes, position: int) -> RefusedFile:
    line = len((content[:position] + b"?").splitlines())
    return refuse(Message("Line %(line)s holds a character that is neither UTF-8 nor CP949. Save the file as UTF-8.", line=line))


def _without_separator_line(text: str) -> tuple[str, str]:
    """Return a table and its delimiter, which is named by a line `sep=,` that Excel does not count, or found in the header."""
    if named := SEPARATOR_LINE.match(text):
        return text[named.end() :], named[1]
    first_line = next(iter(text[:LONGEST_HEADER].splitlines()), "")
    return text, max(DELIMITERS, key=lambda sign: len(next(csv.reader([first_line], delimiter=sign), [])))


def _records(text: str) -> Iterator[list[str]]:
    text, delimiter = _without_separator_line(text)
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for record in reader:
            number += 1
            yield record
    except csv.Error as error:
        raise refuse(
            Message("A quotation mark is not closed, or text follows a closing one. Double every quotation mark inside a cell."),
            row=number + 1,
        ) from error
