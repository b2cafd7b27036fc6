"""Files of Stata and SPSS with the labels of variables and choices, and the kinds of missing answers."""

from __future__ import annotations

import datetime as dt
import math
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from evalapp.core.language import Message
from evalapp.surveys.exports.answers_table import AnswersTable
from evalapp.surveys.exports.labelled_columns import (
    PROTECTED,
    WRITTEN_KINDS,
    LabelledColumn,
    cut_to_bytes,
    cut_to_characters,
    is_kind,
    labelled_columns,
)
from evalapp.surveys.imports.reading.missing_kinds import label_of_kind

STATA_VERSION = 14  # the program's; its files are of release 118, which every Stata since 2015 opens
STATA_LABEL, STATA_VALUE_LABEL = 80, 32_000
SPSS_LABEL_BYTES, SPSS_VALUE_LABEL_BYTES = 255, 120
# Far below any amount asked for, so that no answer can be taken for a missing one.
SPSS_CODES = {kind: -9_999_999_999_990.0 - place for place, kind in enumerate(WRITTEN_KINDS, start=1)}
SPSS_MISSING = [{"lo": min(SPSS_CODES.values()), "hi": max(SPSS_CODES.values())}]
STATA_EPOCH = dt.date(1960, 1, 1)


def stata_file(table: AnswersTable, language: str) -> bytes:
    """Return a file of Stata, release 118, in which missing answers are .d, .r, .n, .s, .o and .v."""
    columns = labelled_columns(table, language, partial(cut_to_characters, most=STATA_VALUE_LABEL))
    return write_stata(columns, _title(table), language)


def write_stata(columns: Sequence[LabelledColumn], title: str, language: str) -> bytes:
    """Return columns as a file of Stata, release 118."""
    frame = pd.DataFrame({column.name: _stata_values(column) for column in columns})
    kinds = {column.name: kinds for column in columns if (kinds := _kinds_in(column))}
    labels: dict[str, dict[Any, str]] = {column.name: dict(column.value_labels) for column in columns if column.value_labels}
    for name, missing in kinds.items():
        labels.setdefault(name, {}).update({kind[1]: _label_of(kind, language) for kind in missing})
    return _written(
        pyreadstat.write_dta,
        frame,
        ".dta",
        version=STATA_VERSION,
        file_label=cut_to_characters(title, STATA_LABEL),
        column_labels=[cut_to_characters(column.label, STATA_LABEL) for column in columns],
        variable_value_labels=labels,
        missing_user_values={name: [kind[1] for kind in missing] for name, missing in kinds.items()},
        variable_format={column.name: "%td" for column in columns if column.kind == "date"},
    )


def spss_file(table: AnswersTable, language: str) -> bytes:
    """Return a file of SPSS. Missing answers have codes that are declared missing, with their reasons as labels."""
    columns = labelled_columns(table, language, partial(cut_to_bytes, most=SPSS_VALUE_LABEL_BYTES))
    return write_spss(columns, _title(table), language)


def write_spss(columns: Sequence[LabelledColumn], title: str, language: str) -> bytes:
    """Return columns as a file of SPSS."""
    frame = pd.DataFrame({column.name: _spss_values(column) for column in columns})
    kinds = {column.name: kinds for column in columns if column.kind == "number" and (kinds := _kinds_in(column))}
    labels = {column.name: dict(column.value_labels) for column in columns if column.value_labels}
    for name, missing in kinds.items():
        labels.setdefault(name, {}).update({SPSS_CODES[kind]: _label_of(kind, language) for kind in missing})
    return _written(
        pyreadstat.write_sav,
        frame,
        ".sav",
        file_label=cut_to_bytes(title, 64),
        column_labels=[cut_to_bytes(column.label, SPSS_LABEL_BYTES) for column in columns],
        variable_value_labels=labels,
        missing_ranges=dict.fromkeys(kinds, SPSS_MISSING),
        variable_measure={column.name: column.measure for column in columns},
    )


def _stata_values(column: LabelledColumn) -> pd.Series[Any]:
    if column.kind == "text":
        return _texts(column.entries)
    values = [_stata_value(value) for value in column.entries]
    return pd.Series(values, dtype=object if any(isinstance(value, str) for value in values) else float)


def _stata_value(value: Any) -> Any:
    if value is None:
        return math.nan
    if is_kind(value):
        return value[1]
    return float((value - STATA_EPOCH).days) if isinstance(value, dt.date) else value


def _spss_values(column: LabelledColumn) -> pd.Series[Any]:
    if column.kind == "text":
        return _texts(column.entries)
    if column.kind == "date":
        # A code beyond the calendar cannot stand in a column of dates: with a reason among them they are written as text.
        if _kinds_in(column):
            return _texts([value.isoformat() if isinstance(value, dt.date) else value or "" for value in column.entries])
        return pd.Series(column.entries, dtype=object)
    return pd.Series([math.nan if value is None else SPSS_CODES.get(value, value) for value in column.entries], dtype=float)


def _texts(values: Sequence[str]) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


def _kinds_in(column: LabelledColumn) -> list[str]:
    """Return the kinds of missing answers that stand in a column of numbers or days."""
    return [] if column.kind == "text" else [kind for kind in WRITTEN_KINDS if kind in column.entries]


def _label_of(kind: str, language: str) -> str:
    return Message("Withheld to protect people").within(language) if kind == PROTECTED else label_of_kind(kind, language)


def _title(table: AnswersTable) -> str:
    return f"{table.definition.code} {table.definition.version} {table.wave.code}"


def _written(write: Callable[..., None], frame: pd.DataFrame, suffix: str, **settings: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"answers{suffix}"
        write(frame, path, **settings)
        return path.read_bytes()
