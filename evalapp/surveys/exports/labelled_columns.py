"""Answers as columns with labels, as Stata and SPSS want them: numbers for choices, and a reason for what is missing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalapp.surveys.codebooks.file_names import fitting_name
from evalapp.surveys.exports.answers_table import AnswersTable
from evalapp.surveys.exports.tool_tables import NUMBERS, ticked
from evalapp.surveys.imports.reading.form_variables import Variable
from evalapp.surveys.imports.reading.missing_kinds import KINDS
from evalapp.surveys.instruments.definition import Choice, Question

CUT = "…"
PROTECTED = ".p"  # an answer that is withheld from a file lest it tell who somebody is; no form knows it
WRITTEN_KINDS = (*KINDS, PROTECTED)


@dataclass(frozen=True)
class LabelledColumn:
    """One variable of a statistics file. Entries are texts, numbers, days, or a kind of missing answer such as `.d`; None is empty."""

    name: str
    label: str
    entries: Sequence[Any]
    value_labels: Mapping[float, str] = field(default_factory=dict)
    kind: str = "text"
    measure: str = "nominal"


def labelled_columns(table: AnswersTable, language: str, shorten: Callable[[str], str]) -> list[LabelledColumn]:
    """Return the columns of a wave's answers; `shorten` cuts a value label to what the file can hold."""
    columns = [
        _fact("study_id", [form.study_id for form in table.forms]),
        _fact("answered_on", [_iso(form.submission.answered_on) for form in table.forms]),
        _fact("mode", [form.submission.mode or "" for form in table.forms]),
        _fact("state", [form.submission.state for form in table.forms]),
        _fact("reason", [form.submission.reason or "" for form in table.forms]),
    ]
    for variable in table.variables:
        for name, place in table.places(variable):
            texts = [form.answers.get(place, "") for form in table.forms]
            columns.append(_column(variable.question, name, texts, language, shorten))
            columns += _choice_columns(variable, name, texts, language)
    counts = Counter(column.name for column in columns)
    # A name that had to be cut and is no longer the only one of its kind is left out: the whole answer stands in the text column.
    return [column for column in columns if counts[column.name] == 1]


def is_kind(value: object) -> bool:
    """Say whether a value is a kind of missing answer, or one that is withheld."""
    return isinstance(value, str) and value in WRITTEN_KINDS


def _fact(name: str, values: Sequence[str]) -> LabelledColumn:
    return LabelledColumn(name, name, values)


def _column(question: Question, name: str, texts: Sequence[str], language: str, shorten: Callable[[str], str]) -> LabelledColumn:
    label, short = question.label.get(language, "") or question.name, fitting_name(name)
    if question.type in NUMBERS:
        return LabelledColumn(short, label, [_or_kind(text, float) for text in texts], {}, "number", "scale")
    if question.type == "select_one":
        codes = choice_codes(question.choices)
        labels = _value_labels(question, codes, language, shorten)
        measure = "ordinal" if question.scale else "nominal"
        return LabelledColumn(short, label, [_or_kind(text, codes.__getitem__) for text in texts], labels, "number", measure)
    if question.type == "date":
        return LabelledColumn(short, label, [_or_kind(text, dt.date.fromisoformat) for text in texts], {}, "date", "scale")
    return LabelledColumn(short, label, list(texts))


def _or_kind(text: str, read: Callable[[str], Any]) -> Any:
    return None if not text else text if is_kind(text) else read(text)


def choice_codes(choices: Sequence[Choice]) -> dict[str, float]:
    """Return a number for each choice: its name where all names are numbers, else its place in the list."""
    names = [choice.name for choice in choices]
    if all(name.lstrip("-").isdecimal() for name in names):
        return {name: float(name) for name in names}
    return {name: float(place) for place, name in enumerate(names, start=1)}


def _value_labels(question: Question, codes: Mapping[str, float], language: str, shorten: Callable[[str], str]) -> dict[float, str]:
    """Return the labels of a question's choices; two that would look the same get the choice's name instead."""
    labels = {choice.name: shorten(choice.label.get(language, "") or choice.name) for choice in question.choices}
    counts = Counter(labels.values())
    return {codes[name]: label if counts[label] == 1 else name for name, label in labels.items()}


def _choice_columns(variable: Variable, name: str, texts: Sequence[str], language: str) -> Iterator[LabelledColumn]:
    question = variable.question
    if question.type != "select_multiple":
        return
    stem, rounds = variable.name, name.removeprefix(variable.name)
    for choice in question.choices:
        values = [None if (tick := ticked(text, choice.name)) == "" else float(int(str(tick))) for text in texts]
        label = f"{question.label.get(language, '')}: {choice.label.get(language, '') or choice.name}"
        yield LabelledColumn(fitting_name(f"{stem}__{choice.name}{rounds}"), label, values, {}, "number")


def cut_to_characters(text: str, most: int) -> str:
    """Return a text in at most so many characters, with a sign where it was cut."""
    return text if len(text) <= most else text[: most - 1] + CUT


def cut_to_bytes(text: str, most: int) -> str:
    """Return a text in at most so many bytes of UTF-8, cut between characters, with a sign where it was cut."""
    if len(text.encode()) <= most:
        return text
    kept = text.encode()[: most - len(CUT.encode())].decode(errors="ignore")
    return kept + CUT


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
