"""A form that is filled in, as the rows that are kept: answers, and apart from them what identifies people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evalapp.people.vault.check_identity import FIELDS
from evalapp.surveys.answering.earlier_answers import PREFIX
from evalapp.surveys.answering.question_types.question import sensitivity
from evalapp.surveys.check_answers import REGISTRATION_NUMBER, REGISTRATION_NUMBER_VALID
from evalapp.surveys.tables import Answer
from evalapp.xform.engine.answers import written
from evalapp.xform.engine.instance import Instance
from evalapp.xform.tree import Element, Value


@dataclass
class Filled:
    """What a submission holds: its answers, and the fields that go to the vault."""

    answers: list[Answer] = field(default_factory=list)
    identifiers: dict[str, str] = field(default_factory=dict)


def filled_form(instance: Instance) -> Filled:
    """Return the answers of a form, without what was not asked, not answered, or noted by the form itself."""
    filled = Filled()
    for element in _answered(instance):
        text = written(element.value, instance.form.kind(element.path))
        if sensitivity(instance.form.model, element.name) == "identifier":
            if element.name in FIELDS:
                filled.identifiers[element.name] = text
        else:
            filled.answers.append(_answer(instance, element, text))
    if REGISTRATION_NUMBER in filled.identifiers:  # the vault takes no number whose check digit does not fit
        filled.answers.append(Answer(variable=REGISTRATION_NUMBER_VALID, text="yes", repeat_path=""))
    return filled


def _answered(instance: Instance) -> Iterator[Element]:
    for element in instance.root.walk():
        node = instance.node(element)
        noted = node.preload or f"{instance.root.path}/meta/" in element.path or node.name.startswith(PREFIX)
        if element.live and not node.children and not noted and element.value != "":
            yield element


def _answer(instance: Instance, element: Element, text: str) -> Answer:
    number = _number(instance, element)
    kept = text.removesuffix(".0") if number is not None else text
    return Answer(variable=element.name, text=kept, number=number, repeat_path=repeat_path(instance, element))


def _number(instance: Instance, element: Element) -> float | None:
    value: Value = element.value
    if isinstance(value, int | float):
        return float(value)
    control = instance.form.control(element.path)
    is_choice = control is not None and control.kind == "select1"
    return float(value) if is_choice and isinstance(value, str) and value.isdecimal() else None


def repeat_path(instance: Instance, element: Element) -> str:
    """Return the rounds that an answer stands in, like trade[2]/goods[1]; empty outside of any."""
    return "/".join(f"{step.name}[{step.place + 1}]" for step in element.lineage if instance.node(step).repeat)


def split_identifiers(identifiers: Mapping[str, str], enterprise_fields: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what identifies the person, and what identifies their enterprise."""
    firm = {name: text for name, text in identifiers.items() if name in enterprise_fields}
    return {name: text for name, text in identifiers.items() if name not in firm}, firm
