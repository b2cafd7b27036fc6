"""Reads of instruments, waves and submissions."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.queries import get_programme
from evalapp.surveys.instruments import InstrumentDefinition, definition_from_json
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
