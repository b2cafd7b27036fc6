"""A form as the data dictionary of REDCap: a CSV file of its eighteen columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from evalapp.surveys.codebooks.codebook import IDENTIFYING
from evalapp.surveys.instruments.definition import InstrumentDefinition, Question

HEADER = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels",
    "Field Note", "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max", "Identifier?",
    "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment", "Question Number (surveys only)",
    "Matrix Group Name", "Matrix Ranking?", "Field Annotation",
)  # fmt: skip
TYPES = {"select_one": "radio", "rank": "text", "select_multiple": "checkbox", "calculate": "text", "acknowledge": "yesno"}
VALIDATIONS = {"integer": "integer", "decimal": "number", "date": "date_ymd", "dateTime": "datetime_ymd", "time": "time"}
COMPARISON = re.compile(r"\$\{(\w+)\}\s*(=|!=|<=|>=|<|>)\s*('[^']*'|\"[^\"]*\"|-?\d+(?:\.\d+)?)")
JOINED = re.compile(r"\s+(and|or)\s+")
RECORD_ID = "record_id"


def redcap_dictionary(definition: InstrumentDefinition, language: str) -> bytes:
    """Return a form as a dictionary that REDCap takes, its texts in one language.

    What REDCap cannot express (other conditions, calculations, constraints beyond a range) is named in the annotation.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(HEADER)
    writer.writerow([RECORD_ID, _form_name(definition), "", "text", "Record ID", *[""] * (len(HEADER) - 5)])
    section = ""
    for question in definition.questions:
        group = _plain(question.group, language)
        writer.writerow(_row(definition, question, language, group if group != section else ""))
        section = group
    return target.getvalue().encode()


def _form_name(definition: InstrumentDefinition) -> str:
    return re.sub(r"[^a-z0-9_]", "_", definition.code.lower())


def _row(definition: InstrumentDefinition, question: Question, language: str, section: str) -> list[str]:
    logic = branching_logic(question.condition)
    unsaid = {
        "asked when": question.condition if not logic else "",
        "calculation": question.calculation,
        "constraint": question.constraint if question.minimum is None and question.maximum is None else "",
        "repeat": question.repeat,
    }
    kind = TYPES.get(question.type, "text")
    return [
        question.name.lower(),
        _form_name(definition),
        section,
        kind,
        _plain(question.label, language),
        " | ".join(f"{c.name}, {_plain(c.label, language).replace('|', '/')}" for c in question.choices) if kind != "text" else "",
        _plain(question.hint, language),
        VALIDATIONS.get(question.type, ""),
        _number(question.minimum) if question.type in VALIDATIONS else "",
        _number(question.maximum) if question.type in VALIDATIONS else "",
        "y" if question.sensitivity in IDENTIFYING or question.sdc_class in IDENTIFYING else "",
        logic,
        "y" if question.required else "",
        "",
        "",
        question.scale.lower() if kind == "radio" else "",
        "",
        "; ".join(f"{name}: {text}" for name, text in unsaid.items() if text),
    ]


def branching_logic(condition: str) -> str:
    """Return a condition as REDCap writes it; "" where it is more than comparisons joined by and, or by or."""
    parts = JOINED.split(condition.strip())
    comparisons, joints = [COMPARISON.fullmatch(part) for part in parts[::2]], set(parts[1::2])
    if not all(comparisons) or len(joints) > 1:
        return ""
    said = [f"[{found[1].lower()}] {found[2].replace('!=', '<>')} {found[3]}" for found in comparisons if found]
    return f" {''.join(joints)} ".join(said)


def _plain(text: Mapping[str, str], language: str) -> str:
    return " ".join(text.get(language, "").split())


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"
