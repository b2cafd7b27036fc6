"""A form, from the uploaded bytes to its model, or every reason why not."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from evalapp.xform.faults import N_, FormError, FormFault, RefusedForm
from evalapp.xform.linter.check_form import check_model, check_sheets
from evalapp.xform.model.form import Branch, FormModel
from evalapp.xform.model.read_xform import external_tables, read_xform
from evalapp.xform.reading.archive import check_archive
from evalapp.xform.reading.compile_form import Compiled, compile_form
from evalapp.xform.reading.sheets import Book

MOST_TABLE_BYTES = 5 * 1_048_576
MOST_TABLE_ROWS = 20_000


@dataclass(frozen=True)
class ReadForm:
    """A form that can be published: its sheets, its model, the XForm for ODK's own apps, and what its author should know."""

    book: Book
    model: FormModel
    xform: str
    warnings: tuple[FormFault, ...]


def read_form(content: bytes, tables: Mapping[str, bytes] | None = None) -> ReadForm:
    """Read a form from a workbook, or from a zipped folder of CSV sheets; RefusedForm names all its faults.

    `tables` are the CSV files that its choices and pulldata() use, by file name. A workbook costs a second, in a process of its own.
    """
    return read_compiled(compile_form(content, check_archive(content)), tables)


def read_compiled(compiled: Compiled, tables: Mapping[str, bytes] | None = None) -> ReadForm:
    """Read a form whose sheets were opened already, as `read_form` does."""
    faults = check_sheets(compiled.book)
    faults += [fault for fault in compiled.faults if not _said_already(fault, faults)]
    if compiled.xform is None or _errors(faults):
        raise RefusedForm(faults)
    model = _model(compiled, compiled.xform, tables or {}, faults)
    faults += check_model(model, compiled.book)
    if _errors(faults):
        raise RefusedForm(faults)
    return ReadForm(compiled.book, model, compiled.xform, tuple(faults))


def _errors(faults: list[FormFault]) -> bool:
    return any(fault.severity == "error" for fault in faults)


def _said_already(fault: FormFault, faults: list[FormFault]) -> bool:
    """Say whether our own words about a row, or any of ours where the compiler names none, make its words needless."""
    ours = [other for other in faults if other.severity == "error"]
    if fault.severity == "error" and fault.row is None:
        return bool(ours)
    return any((other.sheet, other.row) == (fault.sheet, fault.row) for other in ours)


def _model(compiled: Compiled, xform: str, tables: Mapping[str, bytes], faults: list[FormFault]) -> FormModel:
    wanted = {name: PurePosixPath(source).name for name, source in external_tables(xform).items()}
    for file in wanted.values():
        if file not in tables:
            message = N_("The form uses the table %(file)s, which was not uploaded with it. Upload it as a CSV file.")
            faults.append(FormFault(message, {"file": file}, "survey", None, None))
    if _errors(faults):
        raise RefusedForm(faults)
    try:
        read = {name: read_table(file, tables[file]) for name, file in wanted.items()}
        model = read_xform(xform, read)
    except FormError as error:
        raise RefusedForm([*faults, FormFault(error.text, error.facts)]) from error
    return replace(model, items=_items(compiled.book), settings=_settings(compiled.book))


def read_table(file: str, content: bytes) -> Branch:
    """Read a CSV file as the table expressions know: a root with an item for every row."""
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError(N_("The table %(file)s is not written in UTF-8. Save it as “CSV UTF-8”."), file=file) from error
    if len(content) > MOST_TABLE_BYTES:
        raise FormError(N_("The table %(file)s is larger than %(most)s MB."), file=file, most=MOST_TABLE_BYTES // 1_048_576)
    rows = list(csv.DictReader(io.StringIO(written)))
    if len(rows) > MOST_TABLE_ROWS:
        raise FormError(N_("The table %(file)s has more than %(most)s rows."), file=file, most=MOST_TABLE_ROWS)
    items = [Branch("item", children=tuple(Branch(name, value or "") for name, value in row.items() if name)) for row in rows]
    return Branch("root", children=tuple(items))


def _items(book: Book) -> dict[str, dict[str, str]]:
    return {row.cells["name"]: dict(row.cells) for row in book.sheet("x_items").rows if "name" in row.cells}


def _settings(book: Book) -> dict[str, str]:
    rows = book.sheet("settings").rows
    return dict(rows[0].cells) if rows else {}
