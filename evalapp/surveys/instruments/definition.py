"""What a published form asks, as imports and panels read it, and the JSON in which it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from evalapp.core.fingerprint import canonical_json


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

    `relevant` says when it is asked where one comparison says it all; `condition` is the whole of it as the author wrote it, with
    that of the groups around it. `constraint` is the form's expression; what is checked of it without the form is the range.
    `scale` names the Likert scale an item belongs to and `minimum_items` how many of its items must be answered for a score;
    `construct` is what it measures, `unit` what its number counts, `repeat` the repeated group it is asked in.
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
    condition: str = ""
    calculation: str = ""
    group: Mapping[str, str] = field(default_factory=dict)
    repeat: str = ""
    minimum_items: int | None = None


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


def definition_to_json(definition: InstrumentDefinition) -> str:
    """Write a definition as canonical JSON, the form in which it is stored."""
    return canonical_json(asdict(definition))


def definition_from_json(text: str) -> InstrumentDefinition:
    """Read a definition from the JSON written by `definition_to_json`, by this version of the program or an earlier one."""
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
