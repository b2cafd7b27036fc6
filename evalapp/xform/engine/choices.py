"""The choices that a question offers now: filtered by earlier answers, in their order, labelled in the language shown."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evalapp.xform.engine.filled import Filled, attempt
from evalapp.xform.engine.labels import shown
from evalapp.xform.model.form import ChoiceSource, Labelling
from evalapp.xform.tree import Element
from evalapp.xform.xpath.shuffle import seed_of, shuffled
from evalapp.xform.xpath.values import Nodes, Result, text


@dataclass(frozen=True)
class Offered:
    """One choice: its name, its label, and the files shown with it by kind (image, audio, video)."""

    name: str
    label: str
    media: Mapping[str, str]


def offered(filled: Filled, element: Element) -> list[Offered]:
    """Return the choices of a question as it stands."""
    control = filled.form.control(element.path)
    if control is None or control.choices is None:
        return []
    return _mixed(filled, control.choices, list(_found(filled, control.choices, element)), element)


def offered_names(filled: Filled, element: Element) -> set[str]:
    """Return the names of the choices of a question as it stands, without their labels."""
    control = filled.form.control(element.path)
    source = control.choices if control else None
    if source is None:
        return set()
    rows = attempt(filled, "choices", source.rows, element, _rows) or () if source.rows else ()
    return {choice.name for choice in source.fixed}.union(_cell(row, source.value) for row in rows)


def _found(filled: Filled, source: ChoiceSource, element: Element) -> Iterator[Offered]:
    for choice in source.fixed:
        yield _offer(filled, choice.name, choice.labelling, element)
    if not source.rows:
        return
    for row in attempt(filled, "choices", source.rows, element, _rows) or ():
        label = _cell(row, source.label)
        name = _cell(row, source.value)
        if source.by_text:
            yield _offer(filled, name, filled.form.model.texts.get(label, Labelling()), element)
        else:
            yield Offered(name, label, {})


def _rows(result: Result) -> list[Element]:
    return list(result) if isinstance(result, Nodes) else []


def _cell(row: Element, column: str) -> str:
    """Return a cell of a row of a table, or an answer within a round of a repeat."""
    cells = [row]
    for name in column.removeprefix("./").split("/"):
        cells = [child for cell in cells for child in cell.children.get(name, ()) if child.live]
    return text(cells[0].value) if cells else ""


def _offer(filled: Filled, name: str, labelling: Labelling, element: Element) -> Offered:
    default = filled.form.model.default_language
    media = {kind: files.get(filled.language) or files.get(default, "") for kind, files in labelling.media.items()}
    return Offered(name, shown(filled, labelling.label, element), {kind: file for kind, file in media.items() if file})


def _mixed(filled: Filled, source: ChoiceSource, choices: list[Offered], element: Element) -> list[Offered]:
    """Return the choices shuffled where the form asks for it: the same for a seed, else the same for a respondent."""
    if not source.shuffle:
        return choices
    if not source.seed:
        random.Random(f"{filled.seed}{element.address}").shuffle(choices)  # noqa: S311 - an order, no secret
        return choices
    return shuffled(choices, attempt(filled, "seed", source.seed, element, seed_of) or 0)


def choice_label(filled: Filled, name: str, path: str, here: Element) -> str:
    """Return the label of a choice of the question at a path, as seen from an element; "" where there is none."""
    questions = attempt(filled, "choice-name", path, here, _rows) or ()
    return next((choice.label for question in questions[:1] for choice in offered(filled, question) if choice.name == name), "")
