"""What the columns of a file can be: the variables of a form, with the repeated groups they are asked in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.cells import choice_key
from evalapp.surveys.check_answers import REGISTRATION_NUMBER, REGISTRATION_NUMBER_VALID
from evalapp.surveys.instruments.definition import Choice, InstrumentDefinition, Question
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.tables import Instrument
from evalapp.xform.model.stored import model_from_json

VALIDITY = (Choice("yes", {"ko": "예", "en": "Yes"}), Choice("no", {"ko": "아니요", "en": "No"}))


@dataclass(frozen=True)
class Variable:
    """One question and the repeated groups around it, from the outside in."""

    question: Question
    repeats: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The variable's name."""
        return self.question.name

    @property
    def is_identifier(self) -> bool:
        """Say whether the answer would identify a person. Of a registration number only the verdict is kept."""
        return self.question.sensitivity == "identifier" and self.name not in {REGISTRATION_NUMBER, REGISTRATION_NUMBER_VALID}


@dataclass(frozen=True)
class FormVariables:
    """The variables of one version of a form."""

    definition: InstrumentDefinition
    by_name: Mapping[str, Variable]

    @cached_property
    def by_label(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the variables that a label belongs to, in any language."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for variable in self.by_name.values():
            for label in variable.question.label.values():
                found[choice_key(label)][variable.name] = None
        return {label: tuple(names) for label, names in found.items() if label}

    @cached_property
    def has_repeats(self) -> bool:
        """Say whether the form repeats a group."""
        return any(variable.repeats for variable in self.by_name.values())


def form_variables(definition: InstrumentDefinition, repeats: Mapping[str, tuple[str, ...]] | None = None) -> FormVariables:
    """Return the variables of a definition; `repeats` are the repeated groups around those that stand in more than one."""
    around = repeats or {}
    found = {
        question.name: Variable(question, around.get(question.name, (question.repeat,) if question.repeat else ()))
        for question in definition.questions
    }
    if number := found.get(REGISTRATION_NUMBER):
        verdict = replace(
            number.question, name=REGISTRATION_NUMBER_VALID, type="select_one", choices=VALIDITY, label={}, required=False
        )
        found[REGISTRATION_NUMBER_VALID] = Variable(verdict, number.repeats)
    return FormVariables(definition, found)


def get_form_variables(db: Session, instrument_id: int) -> FormVariables:
    """Return the variables of a published form, or raise NotFound."""
    definition = get_instrument_definition(db, instrument_id)
    if not any(question.repeat for question in definition.questions):
        return form_variables(definition)
    text = db.scalar(select(Instrument.model).where(Instrument.id == instrument_id))
    return form_variables(definition, _repeats(text) if text else None)


def _repeats(model: str) -> dict[str, tuple[str, ...]]:
    nodes = model_from_json(model).nodes
    found = {}
    for path, node in nodes.items():
        steps = path.split("/")
        above = ["/".join(steps[:end]) for end in range(2, len(steps))]
        found[node.name] = tuple(nodes[each].name for each in above if nodes[each].repeat)
    return found
