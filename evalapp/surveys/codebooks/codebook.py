"""What each variable of a form is: its words, codes, conditions, scale and how carefully it must be handled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import LANGUAGES
from evalapp.surveys.check_answers import MISSING_CODES
from evalapp.surveys.codebooks.file_names import fitting_name
from evalapp.surveys.instruments.definition import Choice, InstrumentDefinition, Question

HASH_SIGNS = 12
IDENTIFYING = ("identifier", "direct_identifier")
MISSING_MEANINGS = {
    ".d": "don't know",
    ".r": "refused",
    ".n": "not applicable",
    ".s": "skipped by the form",
    ".o": "another reason",
    ".v": "not in this version of the form",
}
Cell = str | float | int | None


@dataclass(frozen=True)
class CodebookRow:
    """One variable. `wording_hash` is the same where its words are, in every version and form; `codes` has a line for each choice.

    `name_in_files` is the variable's name in files of Stata and SPSS where it had to be another one there.
    """

    variable: str
    label_ko: str
    label_en: str
    type: str
    unit: str
    codes: str
    missing_codes: str
    minimum: float | None
    maximum: float | None
    required: str
    asked_when: str
    constraint: str
    calculation: str
    group_ko: str
    group_en: str
    repeat: str
    scale: str
    reverse: str
    minimum_items: int | None
    construct: str
    sensitivity: str
    sdc_class: str
    is_identifier: str
    wording_hash: str
    name_in_files: str = ""


@dataclass(frozen=True)
class Codebook:
    """The variables of one version of a form, and the waves that ask it."""

    definition: InstrumentDefinition
    rows: tuple[CodebookRow, ...]
    waves: tuple[str, ...]


def make_codebook(definition: InstrumentDefinition, waves: Sequence[str]) -> Codebook:
    """Return the codebook of a form; `waves` are named as programme and wave."""
    return Codebook(definition, tuple(_row(question) for question in definition.questions), tuple(waves))


def _row(question: Question) -> CodebookRow:
    condition = question.condition
    if not condition and question.relevant:
        condition = f"${{{question.relevant.question}}} = '{question.relevant.choice}'"
    return CodebookRow(
        variable=question.name,
        **_in_both("label", question.label),
        type=question.type,
        unit=question.unit,
        codes="\n".join(_code(choice) for choice in question.choices),
        missing_codes=""
        if question.type == "calculate"
        else ", ".join(f"{code} = {MISSING_MEANINGS[code]}" for code in MISSING_CODES),
        minimum=question.minimum,
        maximum=question.maximum,
        required=_yes(said=question.required),
        asked_when=condition,
        constraint=question.constraint,
        calculation=question.calculation,
        **_in_both("group", question.group),
        repeat=question.repeat,
        scale=question.scale,
        reverse=_yes(said=question.reverse),
        minimum_items=question.minimum_items,
        construct=question.construct,
        sensitivity=question.sensitivity,
        sdc_class=question.sdc_class,
        is_identifier=_yes(said=question.sensitivity in IDENTIFYING or question.sdc_class in IDENTIFYING),
        wording_hash=wording_hash(question),
        name_in_files="" if fitting_name(question.name) == question.name else fitting_name(question.name),
    )


def _in_both(name: str, text: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}_{language}": text.get(language, "") for language in LANGUAGES}


def _code(choice: Choice) -> str:
    return f"{choice.name} = {choice.label.get('ko', '')} | {choice.label.get('en', '')}"


def _yes(*, said: bool) -> str:
    return "yes" if said else "no"


def wording_hash(question: Question) -> str:
    """Return a short fingerprint of all words a respondent reads at a question."""
    choices = [[choice.name, dict(choice.label)] for choice in question.choices]
    return sha256_of([dict(question.label), dict(question.hint), choices])[:HASH_SIGNS]


def codebook_json(codebook: Codebook) -> bytes:
    """Return a codebook as JSON."""
    definition = codebook.definition
    facts = {"form": definition.code, "version": definition.version, "title": dict(definition.title), "waves": codebook.waves}
    variables = [
        {**asdict(row), "codes": [asdict(choice) for choice in question.choices], "missing_codes": list(MISSING_CODES)}
        for row, question in zip(codebook.rows, definition.questions, strict=True)
    ]
    return json.dumps({**facts, "variables": variables}, ensure_ascii=False, indent=2).encode()
