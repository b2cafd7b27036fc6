"""What shows only in a compiled form: rings, answers that lead nowhere, defaults of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterator

from evalapp.xform.engine.answers import BadAnswer, typed
from evalapp.xform.engine.dependencies import missing, readings
from evalapp.xform.engine.plan import Cycle, Form
from evalapp.xform.faults import N_, FormError, FormFault
from evalapp.xform.linter.survey_rows import survey_rows
from evalapp.xform.model.form import FormModel, Node
from evalapp.xform.reading.sheets import Book
from evalapp.xform.xpath.evaluator import compiled
from evalapp.xform.xpath.parser import parse
from evalapp.xform.xpath.syntax import Call, Expression, Negation, Operation, Path, parts

COLUMNS = {
    "relevant": "relevant", "required": "required", "constraint": "constraint", "calculate": "calculation", "readonly": "readonly",
}  # fmt: skip
OVER_ROUNDS = {"count", "sum", "min", "max", "join", "count-non-empty", "concat"}
OF_MANY = OVER_ROUNDS | {
    "indexed-repeat", "position", "checklist", "weighted-checklist", "distance", "area", "enclosed-area", "geofence", "randomize",
}  # fmt: skip

SHOWN_FILES = 5


def check_structure(model: FormModel, book: Book) -> Iterator[FormFault]:
    """Yield what is wrong with a form as a whole."""
    rows = {row.path: row.number for row in survey_rows(book) if not row.kind.startswith("end_")}
    for path, node in model.nodes.items():
        for condition, column in COLUMNS.items():
            if text := getattr(node, condition):
                yield from _condition(model, node, text, rows.get(path), column)
        if not node.children and node.default:
            yield from _default(model, node, rows.get(path))
    for action in model.actions:
        if not action.literal:
            yield from _readable(action.value, rows.get(action.target), "default")
    for path, control in model.controls.items():
        if control.choices and control.choices.rows:
            yield from _readable(control.choices.rows, rows.get(path), "choice_filter")
        if control.kind == "upload":
            yield FormFault(
                N_("A file cannot be given as an answer here. Ask in words, or remove the row."),
                {},
                "survey",
                rows.get(path),
                "type",
            )
    yield from _pictures(model)
    yield from _ring(model, rows)


def _pictures(model: FormModel) -> Iterator[FormFault]:
    if model.media:
        names = ", ".join(model.media[:SHOWN_FILES]) + (" …" if len(model.media) > SHOWN_FILES else "")
        message = N_("Pictures, sounds and videos of labels are not shown here: %(files)s. The words must do without them.")
        yield FormFault(message, {"files": names}, "survey", None, None, "warning")


def _readable(text: str, row: int | None, column: str) -> Iterator[FormFault]:
    try:
        compiled(text)
    except FormError as error:
        yield FormFault(error.text, error.facts, "survey", row, column)


def _condition(model: FormModel, node: Node, text: str, row: int | None, column: str) -> Iterator[FormFault]:
    faults = list(_readable(text, row, column))
    yield from faults
    if faults:
        return
    for path in sorted(missing(parse(text), node.path, model.nodes)):
        message = N_("“%(path)s” leads nowhere. Write the name of the question as ${name}.")
        yield FormFault(message, {"path": path}, "survey", row, column)
    yield from _many_answers(model, node, parse(text), row, column)
    for part in parts(parse(text)):
        if isinstance(part, Call) and part.name in OVER_ROUNDS and part.arguments and isinstance(part.arguments[-1], Path):
            yield from _own_round(model, node, part.arguments[-1], row, column)


def _many_answers(model: FormModel, node: Node, part: Expression, row: int | None, column: str) -> Iterator[FormFault]:
    """Yield questions of a repeat that are asked for one answer from outside it, where there are as many as rounds."""
    if isinstance(part, Path):
        plainly = not any(step.predicates for step in part.steps)
        for reading in readings(part, node.path, model.nodes) if plainly else ():
            steps = reading.path.split("/")
            above = ["/".join(steps[:end]) for end in range(2, len(steps) + 1)]
            repeat = next((path for path in above[reading.shared :] if model.nodes[path].repeat), None)
            if repeat and not model.nodes[reading.path].children:
                message = N_(
                    "“%(name)s” has an answer in every round of “%(repeat)s”. Say which with indexed-repeat(), or sum or join them."
                )
                facts = {"name": steps[-1], "repeat": repeat.rpartition("/")[2]}
                yield FormFault(message, facts, "survey", row, column)
    elif isinstance(part, Operation):
        yield from _many_answers(model, node, part.left, row, column)
        yield from _many_answers(model, node, part.right, row, column)
    elif isinstance(part, Negation):
        yield from _many_answers(model, node, part.operand, row, column)
    elif isinstance(part, Call) and part.name not in OF_MANY:
        for argument in part.arguments:
            yield from _many_answers(model, node, argument, row, column)


def _own_round(model: FormModel, node: Node, path: Path, row: int | None, column: str) -> Iterator[FormFault]:
    """Yield an absolute path that begins in the repeat it stands in: it reaches this round only, as in ODK's own apps."""
    names = [step.name for step in path.steps]
    for end in range(2, len(names) + 1):
        above = "/" + "/".join(names[:end])
        if path.start == "root" and above in model.nodes and model.nodes[above].repeat and node.path.startswith(f"{above}/"):
            message = N_(
                "Inside the repeat “%(name)s” this reaches its own round only. For all rounds, calculate it outside the repeat."
            )
            yield FormFault(message, {"name": names[end - 1]}, "survey", row, column, "warning")
            return


def _default(model: FormModel, node: Node, row: int | None) -> Iterator[FormFault]:
    try:
        typed(node.default, node.type)
    except BadAnswer as error:
        yield FormFault(error.text, error.facts, "survey", row, "default")
        return
    control = model.controls.get(node.path)
    offered = {choice.name for choice in model.fixed_choices(node.path)}
    if control is None or not offered:
        return
    given = [node.default] if control.kind == "select1" else node.default.split()
    for name in given:
        if name not in offered:
            message = N_("The default “%(name)s” is not among the choices.")
            yield FormFault(message, {"name": name}, "survey", row, "default")


def _ring(model: FormModel, rows: dict[str, int]) -> Iterator[FormFault]:
    try:
        Form(model)
    except Cycle as cycle:
        row = next((rows[path] for path in cycle.paths if path in rows), None)
        yield FormFault(cycle.text, cycle.facts, "survey", row)
    except FormError:
        return  # an expression that cannot be read is named above
