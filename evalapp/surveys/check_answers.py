"""Answers as text turned into answers as the instrument means them, and the rules between answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from evalapp.core.cells import BadCell, calendar_date, check_range, choice, choice_key, decimal_number, keyed_choices, whole_number
from evalapp.core.korean_formats import is_business_registration_number
from evalapp.core.language import Message
from evalapp.surveys.instruments.definition import InstrumentDefinition, Question

# Does not know, refused, does not apply, skipped by the form, another reason, not in this version of the form.
MISSING_CODES = (".d", ".r", ".n", ".s", ".o", ".v")
REGISTRATION_NUMBER = "registration_number"
REGISTRATION_NUMBER_VALID = "registration_number_valid"
AGES = range(18, 91)
PAST_YEARS = ("left_year", "arrival_year", "firm_start_year")


class Reading(NamedTuple):
    """One answer as it is stored: `text` is the choice name, number, date or words; `number` the same where it is one."""

    text: str
    number: float | None


class AnswerReader:
    """Reads the cells of one question. Equal cells are read once: a survey has few different answers to a question."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._choices = choices_by_key(question)
        self._read: dict[str, Reading] = {}

    def read(self, cell: str) -> Reading:
        """Return the answer in a cell that is not empty, or raise BadCell."""
        if cell not in self._read:
            self._read[cell] = self._read_new(cell)
        return self._read[cell]

    def _read_new(self, cell: str) -> Reading:
        if cell in MISSING_CODES:
            return Reading(cell, None)
        kind = self.question.type
        if kind in {"integer", "decimal"}:
            return self._read_number(cell)
        if kind == "select_one":
            return _chosen(choice(cell, self._choices))
        if kind == "select_multiple":
            return Reading(self._read_several(cell), None)
        if kind == "date":
            return Reading(calendar_date(cell).isoformat(), None)
        return Reading(cell, None)

    def _read_number(self, cell: str) -> Reading:
        number = whole_number(cell) if self.question.type == "integer" else decimal_number(cell)
        check_range(number, self.question.minimum, self.question.maximum)
        return Reading(str(number).removesuffix(".0"), float(number))

    def _read_several(self, cell: str) -> str:
        if choice_key(cell) in self._choices:
            return self._choices[choice_key(cell)]
        parts = cell.split(";") if ";" in cell else cell.split()
        chosen = {choice(part, self._choices) for part in parts if part.strip()}
        return " ".join(c.name for c in self.question.choices if c.name in chosen)


def _chosen(name: str) -> Reading:
    return Reading(name, float(name) if name.isdecimal() else None)


def choices_by_key(question: Question) -> dict[str, str]:
    """Return a question's choices by every key that finds one: each name, and each label that belongs to one choice only."""
    labelled: defaultdict[str, set[str]] = defaultdict(set)
    for c in question.choices:
        for label in c.label.values():
            labelled[choice_key(label)].add(c.name)
    by_label = {key: names.copy().pop() for key, names in labelled.items() if len(names) == 1}
    return {**by_label, **keyed_choices(c.name for c in question.choices)}


def read_registration_number(cell: str, *, strict: bool) -> Reading:
    """Say whether a business registration number is valid; the number is not kept. Where `strict`, an invalid one is a fault."""
    if cell in MISSING_CODES:
        return Reading(cell, None)
    if is_business_registration_number(cell):
        return Reading("yes", None)
    if strict:
        raise BadCell(
            Message("This is not a business registration number: its check digit does not fit. Compare it with the certificate.")
        )
    return Reading("no", None)


def unasked_and_unanswered(definition: InstrumentDefinition, answers: Mapping[str, Reading]) -> Iterator[tuple[str, Message]]:
    """Yield each question that had to be answered and was not, or was answered though it is not asked."""
    calculated = {question.name for question in definition.questions if question.type == "calculate"}
    for question in definition.questions:
        rule = question.relevant
        if rule.question in calculated if rule else (question.condition or question.repeat):
            continue  # only the form itself can say whether it was asked
        asked = rule is None or (rule.question in answers and answers[rule.question].text == rule.choice)
        name = REGISTRATION_NUMBER_VALID if question.name == REGISTRATION_NUMBER else question.name
        if asked and question.required and name not in answers:
            yield question.name, Message("The cell is empty, but the question needs an answer. Fill it in, or write .d, .r or .n.")
        if rule and not asked and name in answers and answers[name].text not in MISSING_CODES:
            yield (
                question.name,
                Message(
                    "The question is asked only where %(question)s is “%(choice)s”. Empty the cell, or mend %(question)s.",
                    question=rule.question,
                    choice=rule.choice,
                ),
            )


def contradictions(answers: Mapping[str, Reading], survey_year: int) -> Iterator[tuple[str, Message]]:
    """Yield what cannot be true of one person's years together. Years that are missing are not compared."""
    years = {name: int(n) for name in ("birth_year", *PAST_YEARS) if name in answers and (n := answers[name].number) is not None}
    birth, left, arrival, start = (years.get(name) for name in ("birth_year", *PAST_YEARS))
    if birth and survey_year - birth not in AGES:
        facts = {"age": survey_year - birth, "least": AGES[0], "most": AGES[-1]}
        yield "birth_year", Message("The person would be %(age)s years old; the survey is for ages %(least)s to %(most)s.", **facts)
    if birth and left and left <= birth:
        yield (
            "left_year",
            Message("The person left in %(left)s but was born in %(birth)s. Mend one of the years.", left=left, birth=birth),
        )
    if left and arrival and arrival < left:
        yield (
            "arrival_year",
            Message("The person arrived in %(arrival)s but left in %(left)s. Mend one of the years.", arrival=arrival, left=left),
        )
    if arrival and start and start < arrival:
        yield (
            "firm_start_year",
            Message(
                "The firm began in %(start)s but the person arrived in %(arrival)s. Mend one of the years.",
                start=start,
                arrival=arrival,
            ),
        )
    for name in PAST_YEARS:
        if years.get(name, 0) > survey_year:
            yield name, Message("The year %(year)s lies after the survey of %(survey)s.", year=years[name], survey=survey_year)


def odd_profits(rows: Iterable[tuple[int, Mapping[str, Reading]]]) -> Message | None:
    """Name the rows whose profit is above their revenue, which people do report and an analyst wants to know."""
    odd = []
    for number, answers in rows:
        profit, revenue = (answers[name].number if name in answers else None for name in ("profit_krw", "revenue_krw"))
        if profit is not None and revenue is not None and profit > revenue:
            odd.append(number)
    if not odd:
        return None
    rows_named = ", ".join(map(str, odd[:20])) + (" …" if len(odd) > 20 else "")  # noqa: PLR2004 - a line's worth
    return Message("The profit is above the revenue in %(count)s rows: %(rows)s. Taken as given.", count=len(odd), rows=rows_named)
