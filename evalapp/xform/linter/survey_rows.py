"""The rows of the survey sheet with the place each has in the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from evalapp.xform.reading.sheets import Book, Row

ALIASES = {
    "relevance": "relevant",
    "calculate": "calculation",
    "read_only": "readonly",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "constraining_message": "constraint_message",
    "requiredmsg": "required_message",
    "caption": "label",
    "tag": "name",
    "value": "name",
    "command": "type",
    "bind::relevant": "relevant",
    "bind::required": "required",
    "bind::constraint": "constraint",
    "bind::calculate": "calculation",
    "bind::readonly": "readonly",
    "bind::jr:constraintmsg": "constraint_message",
    "bind::jr:requiredmsg": "required_message",
    "control::appearance": "appearance",
    "body::appearance": "appearance",
}

OLDER_TYPES = (
    (re.compile(r"^(?:add select one prompt using|select one(?: from(?! file\b))?|select1)\s+", re.IGNORECASE), "select_one "),
    (
        re.compile(r"^(?:add select multiple prompt using|select multiple|select all that apply(?: from)?)\s+", re.IGNORECASE),
        "select_multiple ",
    ),
    (re.compile(r"^select_(one|multiple) from file\s+", re.IGNORECASE), r"select_\1_from_file "),
    (re.compile(r"\s+(?:or specify other|or other)$", re.IGNORECASE), " or_other"),
)


@lru_cache(maxsize=2_000)
def plain_column(column: str) -> str:
    """Return a column's usual name: without its language, in small letters."""
    whole = "_".join(column.lower().split())
    if whole in ALIASES:
        return ALIASES[whole]
    first = whole.partition("::")[0].strip("_")
    return ALIASES.get(first, first) if first not in ("bind", "body", "control", "instance", "media") else whole


@dataclass(frozen=True)
class SurveyRow:
    """A row of the survey: its number, its type in two words, its cells by usual column, and its path in the form.

    `columns` gives the column as the author wrote it; of a translated column the first that is filled is kept.
    """

    number: int
    kind: str
    choices: str
    name: str
    cells: dict[str, str]
    columns: dict[str, str]
    path: str


def survey_rows(book: Book) -> Iterator[SurveyRow]:
    """Yield the rows that stand for something, ends of groups included, under the root `data`."""
    path = [_root(book)]
    for row in book.sheet("survey").rows:
        found = _row(row, path)
        if found.kind.startswith("begin"):
            path.append(found.name)
        elif found.kind.startswith("end") and found.kind != "end" and len(path) > 1:
            path.pop()
        if found.kind:
            yield found


def _root(book: Book) -> str:
    rows = book.sheet("settings").rows
    return rows[0].cells.get("name", "data") if rows else "data"


def _type(written: str) -> str:
    """Return a type as it is written today: older forms say “select all that apply from list or specify other”."""
    for older, today in OLDER_TYPES:
        written = older.sub(today, written.strip())
    return written


def _row(row: Row, path: list[str]) -> SurveyRow:
    cells: dict[str, str] = {}
    columns: dict[str, str] = {}
    for column, cell in row.cells.items():
        plain = plain_column(column)
        if plain not in cells:
            cells[plain], columns[plain] = cell, column
    words = _type(cells.get("type", "")).split()
    kind = words[0].lower() if words else ""
    if kind in ("begin", "end") and len(words) > 1:
        kind, words = f"{kind}_{words[1].lower()}", words[1:]
    name = cells.get("name", "")
    return SurveyRow(row.number, kind, " ".join(words[1:]), name, cells, columns, "/" + "/".join([*path, name]))
