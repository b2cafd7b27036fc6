"""The archive of a release."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from evalapp.core.csv_file import csv_file
from evalapp.panel.microdata.deidentify import Deidentified
from evalapp.panel.microdata.files.codebook import codebook_json, codebook_rows, codebook_workbook
from evalapp.panel.microdata.files.read_me import read_me
from evalapp.panel.microdata.files.risk_report import risk_facts, risk_text
from evalapp.panel.microdata.treat_values import Treated
from evalapp.surveys.exports.labelled_columns import LabelledColumn, cut_to_bytes, cut_to_characters, is_kind
from evalapp.surveys.exports.labelled_files import SPSS_VALUE_LABEL_BYTES, STATA_VALUE_LABEL, write_spss, write_stata
from evalapp.surveys.exports.tool_tables import ARCHIVE_TIME


@dataclass(frozen=True)
class ReleaseTitle:
    """What is released: the programme's code and names, and the fingerprint of the frozen panel."""

    programme: str
    names: Mapping[str, str]
    snapshot_sha256: str


def release_archive(found: Deidentified, title: ReleaseTitle, language: str) -> bytes:
    """Return a ZIP archive of all files of a release. `language` is that of labels in files of Stata and SPSS."""
    rows = codebook_rows(found.columns, found.quasi)
    data = [_labelled(column, language) for column in found.columns]
    for_stata = partial(cut_to_characters, most=STATA_VALUE_LABEL)
    for_spss = partial(cut_to_bytes, most=SPSS_VALUE_LABEL_BYTES)
    files = {
        "README.txt": read_me(found, title.names, title.snapshot_sha256).encode(),
        "microdata.csv": csv_file(
            [c.name for c in found.columns], zip(*(map(_cell, c.entries) for c in found.columns), strict=True)
        ),
        "microdata.dta": write_stata([_cut(column, for_stata) for column in data], title.programme, language),
        "microdata.sav": write_spss([_cut(column, for_spss) for column in data], title.programme, language),
        "codebook.json": codebook_json(rows, title.names),
        "codebook.xlsx": codebook_workbook(rows),
        "risk.json": json.dumps(risk_facts(found), ensure_ascii=False, indent=2).encode(),
        "risk.txt": risk_text(found).encode(),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, ARCHIVE_TIME), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _cell(entry: object) -> object:
    if isinstance(entry, float) and entry.is_integer():
        return int(entry)
    return "" if entry is None else entry


def _labelled(column: Treated, language: str) -> LabelledColumn:
    is_text = any(isinstance(entry, str) and not is_kind(entry) for entry in column.entries)
    labels = {code: label.get(language, "") or f"{code:g}" for code, label in column.value_labels.items()}
    entries = ["" if entry is None else entry for entry in column.entries] if is_text else list(column.entries)
    label = column.label.get(language, "") or column.name
    return LabelledColumn(column.name, label, entries, labels, "text" if is_text else "number", column.measure)


def _cut(column: LabelledColumn, shorten: Callable[[str], str]) -> LabelledColumn:
    """Return a column with value labels as long as a file can hold; those that would look the same become their codes."""
    cut = {code: shorten(label) for code, label in column.value_labels.items()}
    counts = Counter(cut.values())
    return replace(column, value_labels={code: label if counts[label] == 1 else f"{code:g}" for code, label in cut.items()})
