"""The class that a question of a form belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.people.vault.check_identity import FIELDS
from evalapp.surveys.answering.question_types.choices import RankQuestion, SelectMultiple, SelectOne
from evalapp.surveys.answering.question_types.moments import DateQuestion, DateTimeQuestion, TimeQuestion
from evalapp.surveys.answering.question_types.numbers import DecimalQuestion, IntegerQuestion, RangeQuestion
from evalapp.surveys.answering.question_types.question import Question, sensitivity
from evalapp.surveys.answering.question_types.shown import Acknowledge, Note, ReadOnly, Unsupported
from evalapp.surveys.answering.question_types.texts import IdentifierQuestion, TextQuestion
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.screens import Asked
from evalapp.xform.model.form import Control, FormModel

CONTROLS: Final[Mapping[str, type[Question]]] = {
    "select1": SelectOne,
    "select": SelectMultiple,
    "rank": RankQuestion,
    "range": RangeQuestion,
    "trigger": Acknowledge,
    "upload": Unsupported,
}
TYPES: Final[Mapping[str, type[Question]]] = {
    "int": IntegerQuestion,
    "decimal": DecimalQuestion,
    "date": DateQuestion,
    "time": TimeQuestion,
    "dateTime": DateTimeQuestion,
    "geopoint": Unsupported,
    "geotrace": Unsupported,
    "geoshape": Unsupported,
}


def question_of(instance: Instance, asked: Asked) -> Question:
    """Return a question as its type asks it."""
    kind = class_of(instance.form.model, asked.control)
    if kind is not Unsupported and instance.readonly(asked.element):
        kind = Note if asked.element.value == "" else ReadOnly
    return kind(instance, asked)


def class_of(model: FormModel, control: Control) -> type[Question]:
    """Return the class of what a control asks."""
    node = model.nodes[control.path]
    if control.kind in CONTROLS:
        return CONTROLS[control.kind]
    if sensitivity(model, node.name) == "identifier" and node.name in FIELDS:
        return IdentifierQuestion
    return TYPES.get(node.type, TextQuestion)
