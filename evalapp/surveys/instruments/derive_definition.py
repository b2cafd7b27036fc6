"""The definition of a form, worked out from its model, its sheets and its own facts about questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evalapp.core.language import LANGUAGES
from evalapp.surveys.instruments.definition import Choice, InstrumentDefinition, Question, Relevance
from evalapp.surveys.instruments.languages import in_both, language_code
from evalapp.xform.linter.survey_rows import survey_rows
from evalapp.xform.model.form import Control, FormModel, Node
from evalapp.xform.read import ReadForm

SIMPLE = re.compile(r"\$\{(\w+)\}\s*=\s*(['\"])([\w.\-]*)\2")
TYPES = {"int": "integer", "string": "text"}
CONTROL_TYPES = {"select1": "select_one", "select": "select_multiple", "rank": "rank", "trigger": "acknowledge"}
ALWAYS = "true()"
ADDED_BY_OR_OTHER = "_other"
# Of a question that says nothing about itself, the careful guess: words may name someone, numbers may tell of one.
UNSAID = {"text": ("free_text", "free_text")}
UNSAID_OTHERWISE = ("sensitive", "sensitive")


@dataclass(frozen=True)
class _Source:
    """A form with the cells of its survey sheet by path."""

    model: FormModel
    cells: Mapping[str, Mapping[str, str]]

    def above(self, path: str) -> Iterator[str]:
        """Yield the paths of the groups around a question, from the outside in."""
        steps = path.split("/")
        for end in range(3, len(steps)):
            yield "/".join(steps[:end])


def derive_definition(form: ReadForm) -> InstrumentDefinition:
    """Return what a form asks. Notes ask nothing, and what a form notes by itself is no question."""
    model = form.model
    source = _Source(model, {row.path: row.cells for row in survey_rows(form.book) if not row.kind.startswith("end")})
    questions = tuple(_question(source, node) for node in model.nodes.values() if _is_question(source, node))
    return InstrumentDefinition(model.form_id, model.version, _title(model), questions)


def _title(model: FormModel) -> dict[str, str]:
    given = {language_code(name.partition("::")[2]): text for name, text in model.settings.items() if name.startswith("x_title::")}
    return {language: given.get(language, model.title) for language in LANGUAGES}


def _is_question(source: _Source, node: Node) -> bool:
    """Say whether a node holds an answer, or a calculation that the author wrote."""
    control = source.model.controls.get(node.path)
    adds_other = control is not None and control.kind == "input" and node.name.endswith(ADDED_BY_OR_OTHER)
    if node.children or node.preload or (node.path not in source.cells and not adds_other):
        return False
    is_note = control is not None and control.kind == "input" and node.readonly == ALWAYS and not node.calculate
    return bool(node.calculate) if control is None else not is_note


def _question(source: _Source, node: Node) -> Question:
    model, cells = source.model, source.cells.get(node.path, {})
    control = model.controls.get(node.path)
    facts = model.items.get(node.name, {})
    kind = _kind(node, control)
    sensitivity, sdc_class = UNSAID.get(kind, UNSAID_OTHERWISE)
    condition = _condition(source, node)
    simple = SIMPLE.fullmatch(condition)
    return Question(
        name=node.name,
        type=kind,
        label=in_both(model, control.labelling.label) if control else dict.fromkeys(LANGUAGES, node.name),
        hint=in_both(model, control.labelling.hint if control else {}),
        required=node.required == ALWAYS,
        relevant=Relevance(simple[1], simple[3]) if simple else None,
        constraint=cells.get("constraint", ""),
        constraint_message=in_both(model, node.constraint_message),
        choices=tuple(Choice(c.name, in_both(model, c.labelling.label)) for c in model.fixed_choices(node.path)),
        minimum=_number(facts.get("min")),
        maximum=_number(facts.get("max")),
        scale=facts.get("scale", ""),
        reverse=facts.get("reverse") == "yes",
        sensitivity=facts.get("sensitivity", sensitivity),
        sdc_class=facts.get("sdc_class", sdc_class),
        construct=facts.get("construct", ""),
        unit=facts.get("unit", ""),
        condition=condition,
        calculation=cells.get("calculation", "") if node.calculate else "",
        group=_group(source, node),
        repeat=next((path.rpartition("/")[2] for path in source.above(node.path) if model.nodes[path].repeat), ""),
        minimum_items=int(facts["min_items"]) if "min_items" in facts else None,
    )


def _kind(node: Node, control: Control | None) -> str:
    if control is None:
        return "calculate"
    return CONTROL_TYPES.get(control.kind, TYPES.get(node.type, node.type))


def _condition(source: _Source, node: Node) -> str:
    """Return when a question is asked, in the author's words, with the conditions of the groups around it."""
    paths = [*source.above(node.path), node.path]
    conditions = [text for path in paths if (text := source.cells.get(path, {}).get("relevant", "").strip())]
    return conditions[0] if len(conditions) == 1 else " and ".join(f"({text})" for text in conditions)


def _group(source: _Source, node: Node) -> dict[str, str]:
    """Return the label of the innermost group that has one."""
    labels = [
        in_both(source.model, control.labelling.label)
        for path in source.above(node.path)
        if (control := source.model.controls.get(path)) and control.labelling.label
    ]
    return labels[-1] if labels else {}


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)
