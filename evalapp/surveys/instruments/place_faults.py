"""Faults that the form compiler names without a place: their row is found by the question they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import survey_rows
from evalapp.xform.reading.sheets import Book

UNKNOWN_TYPE = re.compile(r"Unknown question type '(?P<type>[^']*)'")
NO_LABEL = re.compile(r"The survey element named '(?P<name>[^']*)' has no label or hint")


def place_faults(faults: Iterable[FormFault], book: Book) -> Iterator[FormFault]:
    """Yield faults, each at its row as far as that can be known."""
    for fault in faults:
        detail = str(fault.facts.get("detail", "")) if fault.row is None else ""
        if found := UNKNOWN_TYPE.search(detail):
            message = N_("“%(type)s” is not a type of question known here.")
            yield from _at(book, fault, FormFault(message, {"type": found["type"]}, "survey", None, "type"), kind=found["type"])
        elif found := NO_LABEL.search(detail):
            message = N_("The question has no label. Write it in each language.")
            yield from _at(book, fault, FormFault(message, {}, "survey", None, "label"), name=found["name"])
        else:
            yield fault


def _at(book: Book, unplaced: FormFault, said: FormFault, kind: str = "", name: str = "") -> Iterator[FormFault]:
    rows = [row for row in survey_rows(book) if (kind and row.cells.get("type") == kind) or (name and row.name == name)]
    for row in rows:
        yield FormFault(said.text, said.facts, said.sheet, row.number, said.column)
    if not rows:
        yield unplaced
