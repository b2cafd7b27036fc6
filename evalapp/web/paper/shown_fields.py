"""The fields of two entries as a page shows them: labels and choices in words, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from evalapp.core.language import Message
from evalapp.surveys.answering.question_types.question import Question
from evalapp.surveys.answering.question_types.question_of import question_of
from evalapp.surveys.double_entry.compare_entries import Field
from evalapp.surveys.double_entry.queries import DAY, Comparison
from evalapp.surveys.review.covered_text import covered
from evalapp.web.answering.words import plain
from evalapp.web.formats import date
from evalapp.xform.engine.screens import Asked, asked


@dataclass(frozen=True)
class ShownField:
    """A field with both entries in words, "" where one was left empty. `number` names its fields in the form that decides."""

    place: str
    number: int
    label: str
    rounds: str
    first: str
    second: str
    question: Question | None

    @property
    def pick(self) -> str:
        """The name of the choice between the entries."""
        return f"pick{self.number}"

    @property
    def other(self) -> str:
        """The name of the field for another value."""
        return f"other{self.number}"

    @property
    def reason(self) -> str:
        """The name of the field for why it is another."""
        return f"reason{self.number}"

    def said(self, text: str) -> str:
        """Return a stored answer to the field in words."""
        return covered(self.question.said(text)) if self.question and text else text


def shown_fields(found: Comparison, *, every: bool = False) -> list[ShownField]:
    """Return the fields in which two entries differ, or `every` field of them; the day on the paper stands first."""
    known = _questions(found)
    fields = [_day(found)] if found.days_differ or every else []
    for field in found.fields if every else found.differing:
        fields.append(_shown(field, known, len(fields)))
    return fields


def _day(found: Comparison) -> ShownField:
    label = Message("Day on the form").within(g.language)
    first, second = (date(entry.filled_on) for entry in found.entries)
    return ShownField(DAY, 0, label, "", first, second, None)


def _shown(field: Field, known: dict[int, Question], number: int) -> ShownField:
    places = [at for at in (field.first_at, field.second_at) if at is not None and id(at) in known]
    question = known.get(id(places[0])) if places else None
    if question is None:
        return ShownField(field.place, number, field.variable, field.rounds, field.first, field.second, None)
    label, question.name, question.hint = plain(question.label), f"other{number}", ""
    question.label = Message("What stands on the form").within(g.language)
    first, second = (covered(question.said(text)) if text else "" for text in (field.first, field.second))
    return ShownField(field.place, number, label, field.rounds, first, second, question)


def _questions(found: Comparison) -> dict[int, Question]:
    """Return the questions of both entries by their element, those that are asked there."""
    known: dict[int, Question] = {}
    for instance in found.instances:
        every: list[Asked] = [question for piece in asked(instance) for question in piece.questions()]
        known |= {id(each.element): question_of(instance, each) for each in every}
    return known
