"""A codebook as a workbook: a sheet of variables, one of their codes, one about the form."""

from __future__ import annotations

from dataclasses import astuple, fields

import openpyxl

from evalapp.surveys.codebooks.codebook import Codebook, CodebookRow
from evalapp.surveys.instruments.export_workbook import saved, write_sheet


def codebook_workbook(codebook: Codebook) -> bytes:
    """Return a codebook as an XLSX file."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    definition = codebook.definition
    write_sheet(made, "variables", [[each.name for each in fields(CodebookRow)], *(astuple(row) for row in codebook.rows)])
    codes = [
        (question.name, choice.name, choice.label.get("ko", ""), choice.label.get("en", ""))
        for question in definition.questions
        for choice in question.choices
    ]
    write_sheet(made, "codes", [("variable", "code", "label_ko", "label_en"), *codes])
    about = [
        ("entry", "value"),
        ("form", definition.code),
        ("version", definition.version),
        ("title_ko", definition.title.get("ko", "")),
        ("title_en", definition.title.get("en", "")),
        *(("asked_in", wave) for wave in codebook.waves),
    ]
    write_sheet(made, "about", about)
    return saved(made)
