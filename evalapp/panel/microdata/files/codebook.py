"""The codebook of a release: each variable with its words, codes and what was done to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import openpyxl

from evalapp.core.language import LANGUAGES
from evalapp.panel.microdata.treat_values import Treated
from evalapp.surveys.codebooks.codebook import MISSING_MEANINGS
from evalapp.surveys.exports.labelled_columns import PROTECTED, is_kind
from evalapp.surveys.instruments.export_workbook import saved, write_sheet

MEANINGS = {**MISSING_MEANINGS, PROTECTED: "withheld to protect people"}


def codebook_rows(columns: tuple[Treated, ...], quasi: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return a row for each variable; `codes` are `{"code": …, "label_ko": …, "label_en": …}`."""
    return [_row(column, column.name in quasi) for column in columns]


def _row(column: Treated, is_quasi: bool) -> dict[str, Any]:
    kinds = sorted({entry for entry in column.entries if is_kind(entry)})
    return {
        "variable": column.name,
        **{f"label_{language}": column.label.get(language, "") for language in LANGUAGES},
        "measure": column.measure,
        "is_quasi_identifier": "yes" if is_quasi else "no",
        **{f"treatment_{language}": column.done.within(language) for language in LANGUAGES},
        "answered": int(sum(entry is not None and not is_kind(entry) for entry in column.entries)),
        "codes": [{"code": code, **_in_both(label)} for code, label in column.value_labels.items()],
        "missing_codes": {kind: MEANINGS[kind] for kind in kinds},
    }


def _in_both(label: Mapping[str, str]) -> dict[str, str]:
    return {f"label_{language}": label.get(language, "") for language in LANGUAGES}


def codebook_json(rows: list[dict[str, Any]], title: Mapping[str, str]) -> bytes:
    """Return a codebook as JSON."""
    return json.dumps({"title": dict(title), "variables": rows}, ensure_ascii=False, indent=2).encode()


def codebook_workbook(rows: list[dict[str, Any]]) -> bytes:
    """Return a codebook as an XLSX file: variables, codes, and the codes of missing answers."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    names = [name for name in rows[0] if name not in ("codes", "missing_codes")]
    write_sheet(book, "variables", [names, *([row[name] for name in names] for row in rows)])
    codes = [
        [row["variable"], code["code"], *(code[f"label_{language}"] for language in LANGUAGES)]
        for row in rows
        for code in row["codes"]
    ]
    write_sheet(book, "codes", [["variable", "code", *(f"label_{language}" for language in LANGUAGES)], *codes])
    missing = [[row["variable"], code, meaning] for row in rows for code, meaning in row["missing_codes"].items()]
    write_sheet(book, "missing", [["variable", "code", "meaning"], *missing])
    return saved(book)
