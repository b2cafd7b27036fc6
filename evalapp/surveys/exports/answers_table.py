"""The answers of a wave as they stand, ready to be written in any tool's way."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.people.tables import Entrepreneur
from evalapp.surveys.check_answers import REGISTRATION_NUMBER
from evalapp.surveys.imports.reading.form_variables import Variable, get_form_variables
from evalapp.surveys.instruments.definition import InstrumentDefinition
from evalapp.surveys.review.corrections.apply_corrections import Place, cleaned_answers
from evalapp.surveys.tables import Submission, Wave

TEXTS = ("text",)


@dataclass(frozen=True)
class AnsweredForm:
    """One person's submission with its answers, approved corrections among them."""

    study_id: str
    submission: Submission
    answers: Mapping[Place, str]

    @property
    def instance(self) -> str:
        """The key by which tools know a filled form: that of the tool it came from, or one that is always the same."""
        source, _, key = (self.submission.key or "").partition(":")
        known = key if source in ("kobo", "odk", "surveycto") else ""
        return known or str(uuid.uuid5(uuid.NAMESPACE_OID, f"submission {self.submission.id}"))

    def rounds(self, path: str, repeat: str) -> list[str]:
        """Return the paths of the rounds of a repeated group under another round ("" for none), in their order."""
        start = f"{path}/{repeat}[" if path else f"{repeat}["
        found = {
            place.repeat_path[: place.repeat_path.index("]", len(start)) + 1]
            for place in self.answers
            if place.repeat_path.startswith(start)
        }
        return sorted(found, key=lambda each: int(each[len(start) : -1]))


@dataclass(frozen=True)
class AnswersTable:
    """The variables of a form, in its order, and the people who answered."""

    wave: Wave
    definition: InstrumentDefinition
    variables: tuple[Variable, ...]
    forms: tuple[AnsweredForm, ...]

    def variables_in(self, repeats: tuple[str, ...]) -> list[Variable]:
        """Return the variables that stand in these repeated groups, in none of them for ()."""
        return [variable for variable in self.variables if variable.repeats == repeats]

    def repeated_groups(self) -> list[tuple[str, ...]]:
        """Return the repeated groups that hold variables, each after those around it."""
        found = dict.fromkeys(
            variable.repeats[:depth] for variable in self.variables for depth in range(1, len(variable.repeats) + 1)
        )
        return sorted(found, key=len)

    def places(self, variable: Variable) -> Iterator[tuple[str, Place]]:
        """Yield the columns of a variable in a table without repeated groups, as `price` or `price_2`, with what each holds."""
        if not variable.repeats:
            yield variable.name, Place(variable.name)
            return
        paths = {place.repeat_path for form in self.forms for place in form.answers if place.variable == variable.name}
        for rounds in sorted(tuple(int(step.partition("[")[2][:-1]) for step in path.split("/")) for path in paths):
            steps = zip(variable.repeats, rounds, strict=True)
            yield "_".join([variable.name, *map(str, rounds)]), Place(variable.name, "/".join(f"{name}[{n}]" for name, n in steps))


def answers_table(db: Session, wave: Wave, *, texts: bool) -> AnswersTable:
    """Return the answers of a wave by study ID. Free texts may name people: they are there only when asked for, identifiers never."""
    form = get_form_variables(db, wave.instrument_id)
    variables = tuple(variable for variable in form.by_name.values() if _is_given(variable, texts=texts))
    submissions = select(Entrepreneur.study_id, Submission).join(Submission, Submission.entrepreneur_id == Entrepreneur.id)
    here = submissions.where(Submission.wave_id == wave.id, Submission.state != "draft").order_by(Entrepreneur.study_id)
    rows = db.execute(here).all()
    answers = cleaned_answers(db, [submission.id for _study_id, submission in rows])
    forms = tuple(AnsweredForm(study_id, submission, answers.get(submission.id, {})) for study_id, submission in rows)
    return AnswersTable(wave, form.definition, variables, forms)


def _is_given(variable: Variable, *, texts: bool) -> bool:
    is_text = variable.question.sensitivity == "free_text" or variable.question.type in TEXTS
    return not variable.is_identifier and variable.name != REGISTRATION_NUMBER and (texts or not is_text)


def iso(moment: dt.datetime | None) -> str:
    """Return an instant as tools write it, in UTC without its zone."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="seconds") if moment else ""
