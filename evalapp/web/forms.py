"""A posted form: its fields read by the same rules as the columns of an import, and given back with what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request

from evalapp.core.columns import Column, read_columns
from evalapp.core.faults import FaultLog
from evalapp.core.korean_formats import holds_resident_number
from evalapp.core.language import Message
from evalapp.core.sheets import Sheet, SheetRow

LARGEST_KEY = 2**31 - 1


@dataclass
class Form:
    """What a form holds: `given` as it was typed, `values` as typed values (None for empty), `faults` by field name.

    The fields leave their `labels` here while they are drawn, for the summary of faults.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Message] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def add_fault(self, name: str, message: Message) -> None:
        """Say what is wrong with one field; the first thing said stays."""
        self.faults.setdefault(name, message)

    @property
    def refused(self) -> bool:
        """Say whether anything is wrong."""
        return bool(self.faults)


def read_form(columns: Sequence[Column]) -> Form:
    """Read the posted fields named by `columns`. Resident registration numbers are refused in every one of them."""
    given = {column.name: request.form.get(column.name, "").strip() for column in columns}
    log = FaultLog()
    optional = [replace(column, required=False) for column in columns]
    values = read_columns(Sheet(None, tuple(given), (SheetRow(1, tuple(given.values())),)), optional, log)[0].values
    form = Form(given, values, {fault.column or "": fault.message for fault in log.kept})
    for column in columns:
        if column.required and not given[column.name]:
            form.faults[column.name] = Message("Fill this in.")
        if holds_resident_number(given[column.name]):
            form.faults[column.name] = Message("This holds a resident registration number, which must not be kept here. Remove it.")
    return form


def row_number(text: str) -> int | None:
    """Return the number of a row or a page as an address or a form names it; None for what can be none."""
    digits = text if text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_KEY)) else ""
    return int(digits) if digits and int(digits) <= LARGEST_KEY else None


def filled(values: Mapping[str, object]) -> Form:
    """Return a form that shows stored values, to be changed."""
    return Form({name: "" if value is None else str(value) for name, value in values.items()})
