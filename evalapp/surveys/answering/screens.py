"""A form cut into screens: one question, or a group that its author keeps together, and the rounds of a repeat.

Notes stand above the question they lead to. A repeat whose rounds the person makes ends in a screen that lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evalapp.surveys.answering.question_types.choices import ChoiceQuestion
from evalapp.surveys.answering.question_types.question import Question, field_name
from evalapp.surveys.answering.question_types.question_of import question_of
from evalapp.xform.engine.choices import Offered
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.screens import Asked, asked

TOGETHER = "field-list"
CAPTION, ROW = "label", frozenset({"list-nolabel", "list"})
LONGEST_KEY = 200


@dataclass(frozen=True)
class Screen:
    """What is shown at once. `key` finds it again, `headings` are the labels of the groups around it."""

    key: str
    pieces: tuple[Asked, ...]
    headings: tuple[str, ...] = ()

    @property
    def rounds(self) -> Asked | None:
        """The repeat whose rounds this screen lists, or None."""
        return self.pieces[0] if self.pieces[0].kind == "repeat" else None


@dataclass(frozen=True)
class Heading:
    """The label of a group within a screen."""

    drawn_as = "heading"
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Matrix:
    """Questions with the same choices, one under the other."""

    drawn_as = "matrix"
    label: str
    hint: str
    offered: Sequence[Offered]
    rows: tuple[ChoiceQuestion, ...]


Block = Question | Heading | Matrix


def screens_of(instance: Instance) -> list[Screen]:
    """Return the screens of a form as its answers stand, from first to last."""
    return list(_walk(instance, asked(instance), ()))


def blocks_of(instance: Instance, screen: Screen) -> list[Block]:
    """Return what a screen shows, top to bottom."""
    return list(_blocks(instance, screen.pieces))


def questions_of(blocks: Sequence[Block]) -> list[Question]:
    """Return the questions that can be answered there."""
    found = [question for block in blocks for question in (block.rows if isinstance(block, Matrix) else (block,))]
    return [question for question in found if isinstance(question, Question) and question.asks]


def _walk(instance: Instance, pieces: Sequence[Asked], headings: tuple[str, ...]) -> Iterator[Screen]:
    notes: list[Asked] = []
    for piece in pieces:
        if piece.kind == "input" and _is_note(instance, piece):
            notes.append(piece)
        elif piece.kind in ("group", "round", "repeat"):
            yield from _flushed(notes, headings)
            yield from _repeat(instance, piece, headings) if piece.kind == "repeat" else _group(instance, piece, headings)
        else:
            yield _screen(piece, (*notes, piece), headings)
            notes.clear()
    yield from _flushed(notes, headings)


def _is_note(instance: Instance, piece: Asked) -> bool:
    node = instance.node(piece.element)
    return node.readonly == "true()" and not node.calculate and piece.element.value == ""


def _flushed(notes: list[Asked], headings: tuple[str, ...]) -> Iterator[Screen]:
    if notes:
        yield _screen(notes[-1], tuple(notes), headings)
        notes.clear()


def _group(instance: Instance, group: Asked, headings: tuple[str, ...]) -> Iterator[Screen]:
    if TOGETHER in group.control.appearance.split() and not _holds_repeat(group):
        if any(True for _ in group.questions()):
            yield _screen(group, (group,), headings)
        return
    yield from _walk(instance, group.children, (*headings, group.label) if group.label and group.kind == "group" else headings)


def _repeat(instance: Instance, repeat: Asked, headings: tuple[str, ...]) -> Iterator[Screen]:
    for number, each in enumerate(repeat.children, start=1):
        yield from _group(instance, each, (*headings, round_label(repeat, number)))
    if repeat.may_grow or (repeat.children and not repeat.control.count):
        yield _screen(repeat, (repeat,), headings)


def round_label(repeat: Asked, number: int) -> str:
    """Return what one round of a repeat is called."""
    return f"{repeat.label} {number}".strip()


def _holds_repeat(piece: Asked) -> bool:
    return any(child.kind == "repeat" or _holds_repeat(child) for child in piece.children)


def _screen(key: Asked, pieces: tuple[Asked, ...], headings: tuple[str, ...]) -> Screen:
    prefix = "rounds:" if key.kind == "repeat" else ""
    return Screen(f"{prefix}{field_name(key.address)}"[-LONGEST_KEY:], pieces, headings)


def _blocks(instance: Instance, pieces: Sequence[Asked]) -> Iterator[Block]:
    matrix: Matrix | None = None
    for piece in pieces:
        question = None if piece.kind in ("group", "round") else question_of(instance, piece)
        if isinstance(question, ChoiceQuestion) and matrix and _belongs(question, matrix):
            matrix = replace(matrix, rows=(*matrix.rows, question))
            continue
        if matrix:
            yield matrix if matrix.rows else Heading(matrix.label, matrix.hint)
            matrix = None
        if isinstance(question, ChoiceQuestion) and CAPTION in question.appearance:
            matrix = Matrix(question.label, question.hint, question.offered, ())
        elif isinstance(question, ChoiceQuestion) and ROW & question.appearance:
            matrix = Matrix("", "", question.offered, (question,))
        elif question:
            yield question
        else:
            if piece.label and piece.kind == "group":
                yield Heading(piece.label, piece.hint)
            yield from _blocks(instance, piece.children)
    if matrix:
        yield matrix if matrix.rows else Heading(matrix.label, matrix.hint)


def _belongs(question: ChoiceQuestion, matrix: Matrix) -> bool:
    return bool(ROW & question.appearance) and [c.name for c in question.offered] == [c.name for c in matrix.offered]


def is_live(instance: Instance, screen: Screen) -> bool:
    """Say whether an answer on a screen may change what the same screen asks, offers or shows."""
    paths = [control.path for piece in screen.pieces for control in piece.control.walk() if control.path]
    nodes, controls = instance.form.nodes, instance.form.controls
    sources = [control.choices for path in paths if (control := controls.get(path)) and control.choices]
    decided = any(nodes[path].relevant or nodes[path].calculate for path in paths)
    return len(paths) > 1 and (decided or any("[" in source.rows for source in sources))
