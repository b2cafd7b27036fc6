"""Reads of instruments, waves and submissions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.queries import count_registered, get_programme
from evalapp.surveys.instruments.definition import InstrumentDefinition, definition_from_json
from evalapp.surveys.tables import Answer, Instrument, Submission, SurveyImport, Wave


def get_wave(db: Session, programme_code: str, code: str) -> Wave:
    """Return a wave of a programme, or raise NotFound."""
    programme = get_programme(db, programme_code)
    wave = db.scalar(select(Wave).where(Wave.programme_id == programme.id, Wave.code == code))
    if wave is None:
        raise NotFound(Message("Programme %(programme)s has no wave %(code)s.", programme=programme_code, code=code))
    return wave


def get_instrument_definition(db: Session, instrument_id: int) -> InstrumentDefinition:
    """Return a published instrument's definition, or raise NotFound."""
    text = db.scalar(select(Instrument.definition).where(Instrument.id == instrument_id))
    if text is None:
        raise NotFound(Message("There is no instrument %(instrument)s.", instrument=instrument_id))
    return definition_from_json(text)


def find_survey_import(db: Session, wave_id: int, sha256: str) -> SurveyImport | None:
    """Return the earlier import of a file of this fingerprint into a wave, or None."""
    return db.scalar(select(SurveyImport).where(SurveyImport.wave_id == wave_id, SurveyImport.sha256 == sha256))


def list_answers(db: Session, wave_id: int) -> dict[int, dict[str, str]]:
    """Return the answers of everyone who has a submission in a wave, as they were given: entrepreneur, then variable, then text."""
    rows = db.execute(
        select(Submission.entrepreneur_id, Answer.variable, Answer.text)
        .outerjoin(Answer, Answer.submission_id == Submission.id)
        .where(Submission.wave_id == wave_id)
    )
    answers: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for person, variable, text in rows:
        # A submission without answers still counts: the outer join gives it one row without a variable.
        answers[person].update({variable: text} if variable else {})
    return dict(answers)


def list_states(db: Session, wave_id: int) -> dict[int, str]:
    """Return the review state of each person's submission in a wave."""
    rows = db.execute(select(Submission.entrepreneur_id, Submission.state).where(Submission.wave_id == wave_id))
    return {person: state for person, state in rows}  # noqa: C416 - typed pairs out of rows


@dataclass(frozen=True)
class WaveResponse:
    """A wave and how far it is. `expected` are all registered with consent to be asked or not: the roster is the denominator."""

    code: str
    round: int
    label: Mapping[str, str]
    opens_on: dt.date
    closes_on: dt.date
    expected: int
    states: Mapping[str, int]

    @property
    def answered(self) -> int:
        """Count the submissions that came back, whatever the review said."""
        return sum(count for state, count in self.states.items() if state != "draft")

    def stands(self, on: dt.date) -> str:
        """Say whether the wave is to come, open or over on a day: `planned`, `open` or `closed`."""
        return "planned" if on < self.opens_on else "open" if on <= self.closes_on else "closed"


def list_wave_responses(db: Session, programme_id: int) -> list[WaveResponse]:
    """Return a programme's waves in their order with the count of submissions in each state."""
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for wave, state, count in db.execute(
        select(Submission.wave_id, Submission.state, func.count())
        .join(Wave, Submission.wave_id == Wave.id)
        .where(Wave.programme_id == programme_id)
        .group_by(Submission.wave_id, Submission.state)
    ):
        counts[wave][state] = count
    expected = count_registered(db, programme_id)
    waves = db.scalars(select(Wave).where(Wave.programme_id == programme_id).order_by(Wave.round))
    return [
        WaveResponse(w.code, w.round, {"ko": w.label_ko, "en": w.label_en}, w.opens_on, w.closes_on, expected, dict(counts[w.id]))
        for w in waves
    ]


@dataclass(frozen=True)
class SubmissionLine:
    """One person's submission in one wave, without its answers."""

    label: Mapping[str, str]
    state: str
    answered_on: dt.date | None
    received_at: dt.datetime


def list_submissions_of(db: Session, programme_id: int, entrepreneur_id: int) -> list[SubmissionLine]:
    """Return what came back from a person in a programme, in the order of the waves."""
    rows = db.execute(
        select(Wave.label_ko, Wave.label_en, Submission.state, Submission.answered_on, Submission.received_at)
        .join(Wave, Submission.wave_id == Wave.id)
        .where(Wave.programme_id == programme_id, Submission.entrepreneur_id == entrepreneur_id)
        .order_by(Wave.round)
    )
    return [
        SubmissionLine({"ko": ko, "en": en}, state, answered_on, received_at) for ko, en, state, answered_on, received_at in rows
    ]
