"""Columns with types: a sheet of text becomes rows of values, and everything wrong with it is known at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from evalapp.core.cells import (
    BadCell,
    calendar_date,
    check_range,
    choice,
    choice_key,
    code,
    decimal_number,
    keyed_choices,
    plain_text,
    whole_number,
)
from evalapp.core.faults import FaultLog, shown, shown_header
from evalapp.core.korean_formats import holds_resident_number
from evalapp.core.language import Message
from evalapp.core.sheets import Sheet

IDENTITY_WORDS = {
    "name", "surname", "phone", "telephone", "tel", "mobile", "address", "email", "mail", "birthday", "dob", "rrn", "resident",
}  # fmt: skip
IDENTITY_PHRASES = {
    "birth_date", "date_of_birth", "e_mail", "이름", "성명", "전화", "휴대", "연락처", "주소", "이메일", "생년월일", "주민",
}  # fmt: skip

IDENTITY_NAMES = IDENTITY_PHRASES | {"전화번호", "휴대폰", "휴대전화", "주민등록번호"}
DIGITS = re.compile(r"\d{3}")


@dataclass(frozen=True)
class Column:
    """What a column holds. `minimum` and `maximum` bound a number; for a text or a code, `maximum` is the most characters.

    A code names a person or a thing without saying who or what it is.
    """

    name: str
    kind: Literal["text", "code", "integer", "decimal", "date", "choice"] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


class TypedRow(NamedTuple):
    """One row as values by column name (None for an empty cell), with its row number in the file."""

    number: int
    values: dict[str, Any]


def typed_rows(sheet: Sheet, columns: Sequence[Column], faults: FaultLog) -> list[TypedRow]:
    """Read a sheet by its columns, adding every fault to `faults`; the rows are to be used only when there is none."""
    check_header(sheet, [c.name for c in columns], [c.name for c in columns if c.required], faults)
    refuse_resident_numbers(sheet, faults)
    return read_columns(sheet, columns, faults)


def read_columns(sheet: Sheet, columns: Sequence[Column], faults: FaultLog) -> list[TypedRow]:
    """Read some columns of a sheet whose header has been checked; a column that is not there is None throughout."""
    readers = [(c.name, sheet.header.index(c.name), c, keyed_choices(c.choices)) for c in columns if c.name in sheet.header]
    absent = {c.name: None for c in columns if c.name not in sheet.header}
    rows = []
    for row in sheet.rows:
        values: dict[str, Any] = dict(absent)
        for name, position, column, choices in readers:
            try:
                values[name] = _value(row.cells[position], column, choices)
            except BadCell as bad:
                values[name] = None
                faults.add(bad.message, row=row.number, column=name)
        rows.append(TypedRow(row.number, values))
    return rows


def _value(cell: str, column: Column, choices: dict[str, str]) -> Any:
    if not cell:
        if column.required:
            raise BadCell(Message("The cell is empty. Fill it in."))
        return None
    if column.kind in {"text", "code"}:
        _check_length(cell, column.maximum)
        return code(cell) if column.kind == "code" else plain_text(cell)
    if column.kind == "date":
        return calendar_date(cell)
    if column.kind == "choice":
        return choice(cell, choices)
    value = whole_number(cell) if column.kind == "integer" else decimal_number(cell)
    check_range(value, column.minimum, column.maximum)
    return value


def _check_length(cell: str, most: float | None) -> None:
    if most is not None and len(cell) > most:
        raise BadCell(
            Message("The text has %(length)s characters; at most %(most)s are kept. Shorten it.", length=len(cell), most=most)
        )


def check_header(sheet: Sheet, known: Sequence[str], required: Sequence[str], faults: FaultLog) -> None:
    """Name every column that is missing, that would identify people, or that is not known, with the nearest one that is."""
    missing = [name for name in required if name not in sheet.header]
    if missing:
        faults.add(Message("Columns are missing: %(names)s. Add them.", names=", ".join(missing)), row=1)
    for position, name in enumerate(sheet.header, start=1):
        if name in known:
            continue
        # In a file without column names a name of Hangul or digits is the first person's cell.
        if choice_key(name) not in IDENTITY_NAMES and (not name.isascii() or DIGITS.search(name)):
            faults.add(_unnamed_column(position, name, known), row=1)
        else:
            faults.add(_unknown_column(name, known), row=1, column=shown(name))


def _unknown_column(name: str, known: Sequence[str]) -> Message:
    if is_identity(name):
        return Message(
            "Column “%(name)s” seems to hold what identifies a person. This import keeps no identities: delete the column.",
            name=shown(name),
        )
    nearest = difflib.get_close_matches(choice_key(name), known, 1)
    if nearest:
        return Message("Column “%(name)s” is not known. Did you mean “%(nearest)s”?", name=shown(name), nearest=nearest[0])
    return Message("Column “%(name)s” is not known. Delete it, or use one of: %(known)s.", name=shown(name), known=", ".join(known))


def _unnamed_column(position: int, name: str, known: Sequence[str]) -> Message:
    if is_identity(name):
        return Message(
            "Column %(position)s seems to hold what identifies a person. This import keeps no identities: delete the column.",
            position=position,
        )
    nearest = difflib.get_close_matches(choice_key(name), known, 1)
    if nearest:
        return Message("Column %(position)s is not known. Did you mean “%(nearest)s”?", position=position, nearest=nearest[0])
    return Message(
        "Column %(position)s is not known. Delete it, or use one of: %(known)s.", position=position, known=", ".join(known)
    )


def is_identity(name: str) -> bool:
    """Say whether a column's name tells that it identifies people."""
    key = choice_key(name)
    return bool(IDENTITY_WORDS.intersection(key.split("_"))) or any(phrase in key for phrase in IDENTITY_PHRASES)


def refuse_resident_numbers(sheet: Sheet, faults: FaultLog) -> None:
    """Find resident registration numbers in every cell of every column."""
    for row in sheet.rows:
        for name, cell in zip(sheet.header, row.cells, strict=True):
            if holds_resident_number(cell):
                message = Message("The cell holds a resident registration number, which must not be kept here. Remove it.")
                faults.add(message, row=row.number, column=shown_header(name))


def add_duplicates(rows: Sequence[tuple[int, object]], column: str, faults: FaultLog) -> None:
    """Name every row whose key (None for none) an earlier row has already used. `rows` are (row number, key)."""
    first: dict[object, int] = {}
    for number, key in rows:
        if key is not None and first.setdefault(key, number) != number:
            faults.add(
                Message("The same entry stands in row %(first)s already. Keep one of the two.", first=first[key]),
                row=number,
                column=column,
            )
