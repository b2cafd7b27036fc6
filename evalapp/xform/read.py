"""A form, from the uploaded bytes to its model, or every reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evalapp.xform.faults import FormError, FormFault, RefusedForm
from evalapp.xform.linter.check_form import check_model, check_sheets
from evalapp.xform.model.form import FormModel
from evalapp.xform.model.read_xform import read_xform
from evalapp.xform.reading.compile_form import Compiled, compile_form
from evalapp.xform.reading.parcel import unpack
from evalapp.xform.reading.sheets import Book
from evalapp.xform.reading.tables import add_tables


@dataclass(frozen=True)
class ReadForm:
    """A form that can be published: its sheets, its model, the XForm for ODK's own apps, and what its author should know."""

    book: Book
    model: FormModel
    xform: str
    warnings: tuple[FormFault, ...]


def read_form(content: bytes, tables: Mapping[str, bytes] | None = None) -> ReadForm:
    """Read a form from a workbook, or from a zipped folder of CSV sheets; RefusedForm names all its faults.

    `tables` are the CSV files that its choices and pulldata() use, by file name, beside those packed with the form. It is opened in
    a process of its own.
    """
    parcel = unpack(content)
    return read_compiled(compile_form(parcel.content, parcel.kind), {**parcel.tables, **(tables or {})})


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
    read = add_tables(xform, tables, faults)
    if _errors(faults):
        raise RefusedForm(faults)
    try:
        model = read_xform(xform, read)
    except FormError as error:
        raise RefusedForm([*faults, FormFault(error.text, error.facts)]) from error
    return replace(model, items=_items(compiled.book), settings=_settings(compiled.book))


def _items(book: Book) -> dict[str, dict[str, str]]:
    return {row.cells["name"]: dict(row.cells) for row in book.sheet("x_items").rows if "name" in row.cells}


def _settings(book: Book) -> dict[str, str]:
    rows = book.sheet("settings").rows
    return dict(rows[0].cells) if rows else {}
