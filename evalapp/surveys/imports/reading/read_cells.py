"""The cells of one column turned into answers of the form, or the reason they cannot be."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from evalapp.core.cells import BadCell, choice_key, decimal_number
from evalapp.core.clock import SEOUL
from evalapp.core.csv_file import FORMULA_SIGNS
from evalapp.core.faults import shown
from evalapp.core.language import Message
from evalapp.surveys.check_answers import MISSING_CODES, AnswerReader, Reading
from evalapp.surveys.imports.reading.file_mapping import FileMapping
from evalapp.surveys.imports.reading.missing_kinds import MARK, kind_of_label
from evalapp.surveys.imports.reading.read_moments import read_date, read_moment, read_time
from evalapp.surveys.instruments.definition import Question

NUMBERS = ("integer", "decimal")
TRUE, FALSE = {"1", "1.0", "true", "yes", "예"}, {"0", "0.0", "false", "no", "아니요"}
EXTENDED = re.compile(r"\.[a-z]")  # Stata's further missing values
CUT = "…"  # behind a label that a file could not hold whole
MOST_REMEMBERED = 10_000  # different cells of one column: beyond that they are amounts or words, which seldom come again
MOMENTS = ("date", "dateTime", "time")
CHOICES = ("select_one", "select_multiple", "rank")


class CellReader:
    """Reads one question's cells as a file writes them. Equal cells are read once.

    `code_labels` are what the file itself says of its codes, as files of Stata and SPSS do.
    """

    def __init__(self, question: Question, mapping: FileMapping, code_labels: Mapping[str, str] | None = None) -> None:
        self.question = question
        self.mapping = mapping
        self._code_labels = code_labels or {}
        self._names = {choice.name for choice in question.choices}
        self._by_name = {choice_key(choice.name): choice.name for choice in question.choices}
        self._by_label = _choices_by_label(question)
        self._plain = AnswerReader(question)
        self._read: dict[str, Reading] = {}

    def read(self, cell: str) -> Reading:
        """Return the answer in a cell that is not empty, or raise BadCell."""
        known = self._read.get(cell)
        if known is None:
            if len(self._read) >= MOST_REMEMBERED:
                self._read.clear()
                self._plain = AnswerReader(self.question)
            known = self._read[cell] = self._read_new(cell)
        return known

    def _read_new(self, cell: str) -> Reading:
        if kind := self._kind(cell):
            return Reading(kind, None)
        asked = self.question.type
        if asked in CHOICES:
            return self._one(cell) if asked == "select_one" else self._several(cell)
        if asked in MOMENTS:
            return Reading(self._moment(cell), None)
        if asked == "calculate":
            return _calculated(cell)
        return self._plain.read(cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS) else cell)

    def _one(self, cell: str) -> Reading:
        name = self._chosen(cell)
        return Reading(name, float(name) if name.isdecimal() else None)

    def _moment(self, cell: str) -> str:
        """Read a date or time into the form in which the answers given here are stored."""
        if self.question.type == "date":
            return read_date(cell, self.mapping.date_order).isoformat()
        if self.question.type == "time":
            return read_time(cell).isoformat(timespec="milliseconds")
        return read_moment(cell, self.mapping.date_order).astimezone(SEOUL).isoformat(timespec="milliseconds")

    def _kind(self, cell: str) -> str | None:
        """Return why the answer is missing, where the cell says that."""
        if cell in MISSING_CODES:
            return cell
        declared = cell.startswith(MARK) or (EXTENDED.fullmatch(cell) is not None and self.question.type != "text")
        code = cell.removeprefix(MARK)
        label = self._code_labels.get(code, "")
        kind = (kind_of_label(label) if declared else None) or self.mapping.missing.get(code)
        if declared and kind is None:
            raise BadCell(
                Message("The file says that %(code)s is a missing answer. Say for the whole file of which kind.", code=shown(code))
            )
        return kind if declared or (kind and not self._could_be(code)) else None

    def _could_be(self, code: str) -> bool:
        """Say whether a code of a missing answer could be an answer: a loss of 99 won is none."""
        question = self.question
        if question.type not in NUMBERS:
            return code in self._names or question.type == "text"
        return (question.minimum is None or float(code) >= question.minimum) and (
            question.maximum is None or float(code) <= question.maximum
        )

    def _chosen(self, cell: str) -> str:
        """Return the name of the choice that a cell means."""
        label = self._code_labels.get(cell)
        if label is not None and len(found := self._labelled(label)) == 1:
            return found[0]
        if self.mapping.choices != "labels" or label is not None:
            name = (
                cell if cell in self._names else self._by_name.get(choice_key(label or cell)) or self._by_name.get(choice_key(cell))
            )
            if name is not None:
                return name
        if self.mapping.choices == "names":
            raise self._no_choice(cell)
        found = self._by_label.get(choice_key(cell), ())
        if len(found) > 1:
            message = "“%(cell)s” is the label of several choices: %(names)s. Write the name of the one that is meant."
            raise BadCell(Message(message, cell=shown(cell), names=", ".join(found)))
        if not found:
            raise self._no_choice(cell)
        return found[0]

    def _labelled(self, label: str) -> tuple[str, ...]:
        """Return the choices of a label; one that was cut is known by its beginning."""
        if not label.endswith(CUT):
            return self._by_label.get(choice_key(label), ())
        beginning = label.removesuffix(CUT)
        choices = self.question.choices
        return tuple(choice.name for choice in choices if any(text.startswith(beginning) for text in choice.label.values()))

    def _no_choice(self, cell: str) -> BadCell:
        allowed = ", ".join(choice.name for choice in self.question.choices)
        return BadCell(
            Message("“%(cell)s” is not one of the choices. Write one of: %(allowed)s.", cell=shown(cell), allowed=allowed)
        )

    def _several(self, cell: str) -> Reading:
        """Read several choices: names with spaces between them, or names or labels with semicolons; a rank keeps its order."""
        parts = [part.strip() for part in (cell.split(";") if ";" in cell else [cell])]
        if len(parts) == 1 and not self._is_one(cell):
            parts = cell.split()
        chosen = [self._chosen(part) for part in parts if part]
        return self.chosen(chosen if self.question.type == "rank" else set(chosen))

    def _is_one(self, cell: str) -> bool:
        try:
            self._chosen(cell)
        except BadCell:
            return False
        return True

    def chosen(self, names: set[str] | list[str]) -> Reading:
        """Return the answer of some choices, in the order of the form unless they are a list."""
        ordered = names if isinstance(names, list) else [choice.name for choice in self.question.choices if choice.name in names]
        return Reading(" ".join(ordered), None)


def read_tick(cell: str) -> bool:
    """Read the column of one choice: 1 where it was chosen, 0 where it was not."""
    if cell.casefold() in TRUE:
        return True
    if cell.casefold() in FALSE:
        return False
    raise BadCell(Message("“%(cell)s” does not say whether the choice was made. Write 1 or 0.", cell=shown(cell)))


def _calculated(cell: str) -> Reading:
    try:
        return Reading(cell, decimal_number(cell))
    except BadCell:
        return Reading(cell, None)


def _choices_by_label(question: Question) -> dict[str, tuple[str, ...]]:
    """Return the names of choices by label, in every language."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for choice in question.choices:
        for label in choice.label.values():
            found[choice_key(label)][choice.name] = None
    return {label: tuple(names) for label, names in found.items() if label}
