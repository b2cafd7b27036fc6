"""What is known of people before anybody is chosen: approved answers of the first wave, and their registration. Never who they are."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.language import LANGUAGES, Message
from evalapp.people.tables import INDUSTRIES, RECRUITMENT_CHANNELS, Enterprise, Registration
from evalapp.people.words import INDUSTRY_WORDS, RECRUITMENT
from evalapp.surveys.instruments.definition import InstrumentDefinition, Question
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.review.corrections.apply_corrections import Place, cleaned_answers
from evalapp.surveys.tables import Submission, Wave
from evalapp.training.assignment.words import REGISTRATION_WORDS

IDENTIFYING: Final = frozenset({"identifier", "direct_identifier", "free_text"})
NUMBERS: Final = frozenset({"integer", "decimal"})
MOST_CHOICES: Final = 25
TWO: Final = 2

Values = dict[int, str | float]


@dataclass(frozen=True)
class Characteristic:
    """Something known of everybody. `choices` are its answers by name with their labels, empty for a number."""

    name: str
    label: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]

    @property
    def is_number(self) -> bool:
        """Say whether it is a number, which is cut into bands to make strata."""
        return not self.choices

    @property
    def can_balance(self) -> bool:
        """Say whether two groups can be compared on its mean: a number, or one of two answers."""
        return len(self.choices) in (0, TWO)

    @property
    def numeric_label(self) -> Mapping[str, str]:
        """Name it as the number that groups are compared by: of two answers, the first one's share."""
        if self.is_number:
            return self.label
        first = next(iter(self.choices.values()))
        return {language: f"{text}: {first[language]}" for language, text in self.label.items()}


def list_characteristics(db: Session, programme_id: int) -> list[Characteristic]:
    """Return what people of a programme can be stratified or balanced by: registration first, then the first wave's questions."""
    wave = _first_wave(db, programme_id)
    asked = _questions(get_instrument_definition(db, wave.instrument_id)) if wave else []
    return [*_registration(), *asked]


def read_values(db: Session, programme_id: int, names: Collection[str]) -> dict[str, Values]:
    """Return the values of some characteristics by person; who has none is left out. Choices as text, numbers as numbers."""
    known = {one.name: one for one in list_characteristics(db, programme_id)}
    values: dict[str, Values] = {name: {} for name in names}
    own = _registered_values(db, programme_id)
    values |= {name: own[name] for name in names if name in own}
    asked = {name: known[name] for name in names if name not in own}
    wave = _first_wave(db, programme_id)
    if not asked or wave is None:
        return values
    approved = select(Submission.id, Submission.entrepreneur_id).where(
        Submission.wave_id == wave.id, Submission.state == "approved"
    )
    whose = {submission: person for submission, person in db.execute(approved)}  # noqa: C416 - typed pairs out of rows
    for submission, answers in cleaned_answers(db, whose).items():
        for name, one in asked.items():
            value = _value(one, answers.get(Place(name)))
            if value is not None:
                values[name][whose[submission]] = value
    return values


def as_numbers(one: Characteristic, values: Values) -> dict[int, float]:
    """Return values as numbers: of two answers the first is 1 and the other 0."""
    if one.is_number:
        return {person: float(value) for person, value in values.items()}
    first = next(iter(one.choices))
    return {person: float(value == first) for person, value in values.items()}


def describe_covariates(
    people: Sequence[int], chosen: Sequence[Characteristic], values: Mapping[str, Values]
) -> dict[str, Any] | None:
    """Return some characteristics of people, in their order, as a stored procedure keeps them; None for none."""
    if not chosen:
        return None
    columns = [as_numbers(one, values[one.name]) for one in chosen]
    table = [[column.get(person) for column in columns] for person in people]
    return {
        "names": [one.name for one in chosen],
        "labels": [dict(one.numeric_label) for one in chosen],
        "missing": [sum(row[place] is None for row in table) for place in range(len(chosen))],
        "values": table,
    }


def _first_wave(db: Session, programme_id: int) -> Wave | None:
    return db.scalar(select(Wave).where(Wave.programme_id == programme_id).order_by(Wave.round).limit(1))


def _questions(form: InstrumentDefinition) -> list[Characteristic]:
    return [
        Characteristic(question.name, question.label, {choice.name: choice.label for choice in question.choices})
        for question in form.questions
        if not question.repeat and not IDENTIFYING & {question.sensitivity, question.sdc_class} and _is_usable(question)
    ]


def _is_usable(question: Question) -> bool:
    if question.type.startswith("select_one"):
        return TWO <= len(question.choices) <= MOST_CHOICES
    return question.type in NUMBERS


def _registration() -> list[Characteristic]:
    choices: dict[str, dict[str, Mapping[str, str]]] = {
        "reg_channel": {name: _both(RECRUITMENT[name]) for name in RECRUITMENT_CHANNELS},
        "reg_industry": {name: _both(INDUSTRY_WORDS[name]) for name in INDUSTRIES},
    }
    return [Characteristic(name, _both(words), choices.get(name, {})) for name, words in REGISTRATION_WORDS.items()]


def _both(words: Message) -> Mapping[str, str]:
    return {language: words.within(language) for language in LANGUAGES}


def _registered_values(db: Session, programme_id: int) -> dict[str, Values]:
    values: dict[str, Values] = {name: {} for name in REGISTRATION_WORDS}
    of_programme = Registration.programme_id == programme_id
    rows: Any = db.execute(
        select(Registration.entrepreneur_id, Registration.recruitment_channel, Registration.registered_on).where(of_programme)
    )
    for person, channel, day in rows:
        values["reg_day"][person] = float(day.toordinal())
        if channel:
            values["reg_channel"][person] = channel
    registered = select(Registration.entrepreneur_id).where(of_programme)
    firms = select(Enterprise.entrepreneur_id, Enterprise.industry, Enterprise.start_year)
    for person, industry, year in db.execute(firms.where(Enterprise.is_current, Enterprise.entrepreneur_id.in_(registered))):
        if industry:
            values["reg_industry"][person] = industry
        if year is not None:
            values["reg_start_year"][person] = float(year)
    return values


def _value(one: Characteristic, text: str | None) -> str | float | None:
    """Return an answer as a value; one that is not among the choices, or no number, counts as none."""
    if text is None:
        return None
    if not one.is_number:
        return text if text in one.choices else None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
