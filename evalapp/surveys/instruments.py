"""Instruments: survey forms as XLSForm sheets in CSV files, read, checked, and published once and for all.

A folder holds `survey.csv`, `choices.csv` and `settings.csv` as XLSForm has them, and `x_items.csv`, our own facts about each
question.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.columns import Column, TypedRow, typed_rows
from evalapp.core.errors import AppError, RefusedFile
from evalapp.core.faults import FaultLog
from evalapp.core.fingerprint import canonical_json, sha256_of
from evalapp.core.language import Message
from evalapp.core.read_table import read_one_table
from evalapp.surveys.check_form import METADATA_TYPES, RELEVANT, check_form
from evalapp.surveys.tables import Instrument

LANGUAGE_COLUMNS = {"ko": "한국어 (ko)", "en": "English (en)"}


def _bilingual(name: str, *, required: bool = False) -> list[Column]:
    return [Column(f"{name}::{language}", required=required) for language in LANGUAGE_COLUMNS.values()]


SURVEY_COLUMNS = [
    Column("type", required=True),
    Column("name", required=True),
    *_bilingual("label"),
    *_bilingual("hint"),
    Column("required", "choice", choices=("yes", "no")),
    *[Column(name) for name in ("relevant", "constraint")],
    *_bilingual("constraint_message"),
]
CHOICE_COLUMNS = [Column("list_name", required=True), Column("name", required=True), *_bilingual("label", required=True)]
SETTING_COLUMNS = [
    *[Column(name, required=True) for name in ("form_title", "form_id", "version", "default_language")],
    *_bilingual("x_title", required=True),
]
ITEM_COLUMNS = [
    Column("name", required=True),
    Column("scale"),
    Column("reverse", "choice", choices=("yes", "no")),
    Column("min", "decimal"),
    Column("max", "decimal"),
    Column("sensitivity", "choice", True, ("ordinary", "sensitive", "free_text", "identifier")),
    Column("sdc_class", "choice", True, ("none", "quasi_identifier", "sensitive", "free_text", "direct_identifier")),
    Column("construct"),
    Column("unit"),
]


@dataclass(frozen=True)
class Choice:
    """One answer to choose; `label` is `{"ko": …, "en": …}`."""

    name: str
    label: Mapping[str, str]


@dataclass(frozen=True)
class Relevance:
    """When a question is asked: when the answer to another question is this choice."""

    question: str
    choice: str


@dataclass(frozen=True)
class Question:
    """One question. Texts are `{"ko": …, "en": …}`; `type` is XLSForm's without the list; `minimum` and `maximum` are inclusive.

    `constraint` is the form's XPath expression, kept for survey tools; what is checked here is the range.

    `scale` names the Likert scale an item belongs to, `construct` what it measures, `unit` what its number counts.
    """

    name: str
    type: str
    label: Mapping[str, str]
    hint: Mapping[str, str]
    required: bool
    relevant: Relevance | None
    constraint: str
    constraint_message: Mapping[str, str]
    choices: tuple[Choice, ...]
    minimum: float | None
    maximum: float | None
    scale: str
    reverse: bool
    sensitivity: str
    sdc_class: str
    construct: str
    unit: str


@dataclass(frozen=True)
class InstrumentDefinition:
    """A whole survey form in one version; `title` is `{"ko": …, "en": …}`."""

    code: str
    version: str
    title: Mapping[str, str]
    questions: tuple[Question, ...]

    @property
    def by_name(self) -> dict[str, Question]:
        """The questions by their names, in the order they are asked."""
        return {question.name: question for question in self.questions}


def load_instrument(folder: Path) -> InstrumentDefinition:
    """Read an instrument from its folder, or refuse it with every fault of its four sheets."""
    faults = FaultLog()
    settings = _rows(folder, "settings", SETTING_COLUMNS, faults)
    choice_rows = _rows(folder, "choices", CHOICE_COLUMNS, faults)
    items = _rows(folder, "x_items", ITEM_COLUMNS, faults)
    survey = _rows(folder, "survey", SURVEY_COLUMNS, faults)
    faults.refuse_if_any()
    asked = [row for row in survey if row.values["type"] not in METADATA_TYPES]
    check_form(settings, asked, choice_rows, items, faults)
    faults.refuse_if_any()
    lists: dict[str, list[Choice]] = {}
    for row in choice_rows:
        lists.setdefault(row.values["list_name"], []).append(Choice(row.values["name"], _texts(row.values, "label")))
    facts = {row.values["name"]: row.values for row in items}
    head = settings[0].values
    questions = tuple(_question(row.values, facts[row.values["name"]], lists) for row in asked)
    return InstrumentDefinition(head["form_id"], head["version"], _texts(head, "x_title"), questions)


def _rows(folder: Path, name: str, columns: list[Column], faults: FaultLog) -> list[TypedRow]:
    faults.sheet = name
    try:
        sheet = read_one_table(folder / f"{name}.csv")
    except RefusedFile as refused:
        for fault in refused.faults:
            faults.add(fault.message, row=fault.row, column=fault.column)
        return []
    return typed_rows(sheet, columns, faults)


def _texts(values: Mapping[str, Any], name: str) -> dict[str, str]:
    return {language: values[f"{name}::{column}"] or "" for language, column in LANGUAGE_COLUMNS.items()}


def _question(values: Mapping[str, Any], facts: Mapping[str, Any], lists: Mapping[str, list[Choice]]) -> Question:
    kind, _, list_name = values["type"].partition(" ")
    relevant = RELEVANT.fullmatch(values["relevant"] or "")
    return Question(
        name=values["name"],
        type=kind,
        label=_texts(values, "label"),
        hint=_texts(values, "hint"),
        required=values["required"] == "yes",
        relevant=Relevance(relevant[1], relevant[2]) if relevant else None,
        constraint=values["constraint"] or "",
        constraint_message=_texts(values, "constraint_message"),
        choices=tuple(lists.get(list_name, ())),
        minimum=facts["min"],
        maximum=facts["max"],
        scale=facts["scale"] or "",
        reverse=facts["reverse"] == "yes",
        sensitivity=facts["sensitivity"],
        sdc_class=facts["sdc_class"],
        construct=facts["construct"] or "",
        unit=facts["unit"] or "",
    )


def definition_to_json(definition: InstrumentDefinition) -> str:
    """Write a definition as canonical JSON, the form in which it is stored and fingerprinted."""
    return canonical_json(asdict(definition))


def definition_from_json(text: str) -> InstrumentDefinition:
    """Read a definition from the JSON written by `definition_to_json`."""
    stored = json.loads(text)
    questions = tuple(
        Question(
            **{
                **question,
                "relevant": Relevance(**question["relevant"]) if question["relevant"] else None,
                "choices": tuple(Choice(**choice) for choice in question["choices"]),
            }
        )
        for question in stored["questions"]
    )
    return InstrumentDefinition(stored["code"], stored["version"], stored["title"], questions)


def publish_instrument(db: Session, definition: InstrumentDefinition) -> Instrument:
    """Store a version of an instrument, or return it where it is stored already. A published version never changes."""
    text = definition_to_json(definition)
    stored = db.scalar(select(Instrument).where(Instrument.code == definition.code, Instrument.version == definition.version))
    if stored is None:
        stored = Instrument(
            code=definition.code, version=definition.version, definition=text, sha256=sha256_of(text.encode()), published_at=now()
        )
        db.add(stored)
        db.flush()
    elif stored.definition != text:
        raise AppError(
            Message(
                "Version %(version)s of instrument %(code)s is published with other content. Give the changed form a new version.",
                version=definition.version,
                code=definition.code,
            )
        )
    return stored
