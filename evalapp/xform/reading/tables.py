"""Tables that come with a form as CSV files, and those that its XForm asks for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from evalapp.xform.faults import N_, FormError, FormFault
from evalapp.xform.model.form import Branch
from evalapp.xform.model.read_xform import external_tables

MOST_BYTES = 5 * 1_048_576
MOST_ROWS = 20_000
MOST_CELLS = 60_000  # every process that serves the form holds them, at half a kilobyte each
LONGEST_CELL = 1_000
COLUMN = re.compile(r"[^\W\d][\w.\-]*")
LAST_SAVED = "last-saved"


def add_tables(xform: str, tables: Mapping[str, bytes], faults: list[FormFault]) -> dict[str, Branch]:
    """Return the tables that a form asks for, by name; what is wrong with any is added to the faults."""
    wanted = {name: PurePosixPath(source).name for name, source in external_tables(xform).items()}
    read: dict[str, Branch] = {}
    for name, file in wanted.items():
        if file == LAST_SAVED:
            read[name] = Branch("root")
            continue
        try:
            read[name] = _find_table(file, tables)
        except FormError as error:
            faults.append(FormFault(error.text, error.facts, "survey"))
    if sum(_cells(branch) for branch in read.values()) > MOST_CELLS:
        message = N_("The tables of the form hold more than %(most)s cells together. Leave out what no question uses.")
        faults.append(FormFault(message, {"most": MOST_CELLS}))
    faults += [_unused(file) for file in tables if file not in wanted.values()]
    return read


def _find_table(file: str, tables: Mapping[str, bytes]) -> Branch:
    if not file.lower().endswith(".csv"):
        raise FormError(N_("The form uses the table %(file)s. Only tables in CSV files are read: save it as CSV UTF-8."), file=file)
    if file not in tables:
        raise FormError(N_("The form uses the table %(file)s, which was not uploaded with it. Upload it as a CSV file."), file=file)
    return read_table(file, tables[file])


def read_table(file: str, content: bytes) -> Branch:
    """Read a CSV file as the table expressions know: a root with an item for every row."""
    if len(content) > MOST_BYTES:
        raise FormError(N_("The table %(file)s is larger than %(most)s MB."), file=file, most=MOST_BYTES // 1_048_576)
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError(N_("The table %(file)s is not written in UTF-8. Save it as “CSV UTF-8”."), file=file) from error
    records = _records(file, written)
    columns = [column.strip() for column in next(records, [])]
    _check_columns(file, columns)
    items: list[Branch] = []
    for row, record in enumerate(records, start=2):
        if len(items) >= MOST_ROWS:
            raise FormError(N_("The table %(file)s has more than %(most)s rows."), file=file, most=MOST_ROWS)
        cells = tuple(Branch(name, cell) for name, cell in zip(columns, record + [""] * len(columns), strict=False) if name)
        if any(len(cell.text) > LONGEST_CELL for cell in cells):
            raise FormError(
                N_("Row %(row)s of the table %(file)s has a cell of more than %(most)s characters."),
                row=row, file=file, most=LONGEST_CELL,
            )  # fmt: skip
        if any(record):
            items.append(Branch("item", children=cells))
    return Branch("root", children=tuple(items))


def _records(file: str, written: str) -> Iterator[list[str]]:
    """Yield the lines; the sign between cells is a semicolon where the first line has more of these than commas."""
    first = written.partition("\n")[0]
    if "\0" in written:
        raise FormError(N_("The table %(file)s is no text. Save it as “CSV UTF-8”."), file=file)
    try:
        yield from csv.reader(io.StringIO(written, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    except csv.Error as error:
        raise FormError(
            N_("The table %(file)s cannot be read: a quotation mark is not closed, or a cell is far too long."), file=file
        ) from error


def _check_columns(file: str, columns: list[str]) -> None:
    if not any(columns):
        raise FormError(N_("The table %(file)s is empty. Its first line names its columns."), file=file)
    for column in filter(None, columns):
        if not COLUMN.fullmatch(column):
            raise FormError(
                N_("The table %(file)s has a column “%(column)s”. Name columns in letters, digits and underscores."),
                file=file, column=column,
            )  # fmt: skip
        if columns.count(column) > 1:
            raise FormError(N_("The table %(file)s has the column “%(column)s” twice. Keep one."), file=file, column=column)


def _cells(branch: Branch) -> int:
    return sum(len(item.children) for item in branch.children)


def _unused(file: str) -> FormFault:
    message = N_("No question uses the table %(file)s.")
    return FormFault(message, {"file": file}, severity="warning")
