"""Reads of one submission under review: its answers beside earlier ones, its flags, questions, corrections and history."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.instruments.definition import InstrumentDefinition, Question
from evalapp.surveys.invitations.tables import Invitation, ScreenVisit
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.review.corrections.apply_corrections import Place, list_stale_corrections, standing_answers
from evalapp.surveys.review.rules.queries import list_rules
from evalapp.surveys.review.tables import BackCheck, Correction, QualityFlag, ReviewStep, SubmissionQuery
from evalapp.surveys.tables import Answer, Submission, Wave


@dataclass(frozen=True)
class SeenFlag:
    """A flag as it is read: the row and its message in both languages."""

    flag: QualityFlag
    message: Mapping[str, str]


@dataclass(frozen=True)
class EarlierAnswer:
    """What the person said to the same question in an earlier wave."""

    wave: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class AnswerLine:
    """One answer under review: as it was `given`, as it `stands` after approved corrections, and what is attached to it.

    `stale` are the keys of approved corrections that do not fit any more and therefore do not count.
    """

    place: Place
    question: Question | None
    given: str | None
    stands: str | None
    earlier: EarlierAnswer | None
    flags: tuple[SeenFlag, ...]
    queries: tuple[SubmissionQuery, ...]
    corrections: tuple[Correction, ...]
    stale: frozenset[int]


@dataclass(frozen=True)
class Pace:
    """How the answering went: seconds in all, screens seen, answers changed after they were given, the slowest screen's seconds."""

    seconds: float | None
    screens: int
    changed: int
    slowest: float | None


@dataclass(frozen=True)
class ReviewedSubmission:
    """A submission with all that a reviewer sees of it. The person is a study ID and nothing else."""

    submission: Submission
    wave: Wave
    study_id: str
    definition: InstrumentDefinition
    lines: Sequence[AnswerLine]
    flags: Sequence[SeenFlag]
    steps: Sequence[ReviewStep]
    back_checks: Sequence[BackCheck]
    pace: Pace


def get_submission(db: Session, programme_id: int, submission_id: int) -> Submission:
    """Return a submission of a programme that was handed in, or raise NotFound."""
    here = Submission.id == submission_id, Wave.programme_id == programme_id, Submission.state != "draft"
    found = db.scalar(select(Submission).join(Wave, Wave.id == Submission.wave_id).where(*here))
    if found is None:
        raise NotFound(Message("The programme has no such submission."))
    return found


def get_of_submission(db: Session, table: type[Any], submission: Submission, key: int) -> Any:
    """Return a flag, question or correction of a submission by its key, or raise NotFound."""
    found = db.scalar(select(table).where(table.id == key, table.submission_id == submission.id))
    if found is None:
        raise NotFound(Message("The submission has no such entry."))
    return found


def get_flag(db: Session, submission: Submission, key: int) -> QualityFlag:
    """Return a flag of a submission, or raise NotFound."""
    flag: QualityFlag = get_of_submission(db, QualityFlag, submission, key)
    return flag


def get_query(db: Session, submission: Submission, key: int) -> SubmissionQuery:
    """Return a question about a submission, or raise NotFound."""
    query: SubmissionQuery = get_of_submission(db, SubmissionQuery, submission, key)
    return query


def get_correction(db: Session, submission: Submission, key: int) -> Correction:
    """Return a correction of a submission, or raise NotFound."""
    correction: Correction = get_of_submission(db, Correction, submission, key)
    return correction


def review_of(db: Session, submission: Submission) -> ReviewedSubmission:
    """Return a submission with everything a reviewer sees of it."""
    wave = db.get_one(Wave, submission.wave_id)
    definition = get_instrument_definition(db, submission.instrument_id or wave.instrument_id)
    flags = _flags(db, wave.programme_id, submission)
    study_id = db.scalars(select(Entrepreneur.study_id).where(Entrepreneur.id == submission.entrepreneur_id)).one()
    return ReviewedSubmission(
        submission,
        wave,
        study_id,
        definition,
        _lines(db, submission, wave, definition, flags),
        flags,
        _of(db, ReviewStep, submission),
        _of(db, BackCheck, submission),
        _pace(db, submission),
    )


def _of(db: Session, table: type[Any], submission: Submission) -> Sequence[Any]:
    return db.scalars(select(table).where(table.submission_id == submission.id).order_by(table.id)).all()


def _flags(db: Session, programme_id: int, submission: Submission) -> list[SeenFlag]:
    rules = {rule.rule_id: rule for rule in list_rules(db, programme_id)}
    seen = []
    for flag in _of(db, QualityFlag, submission):
        rule, facts = rules.get(flag.rule), json.loads(flag.facts)
        message = {language: rule.said(facts, language) if rule else flag.rule for language in ("ko", "en")}
        seen.append(SeenFlag(flag, message))
    order = ("block", "warn", "info")
    return sorted(seen, key=lambda each: (each.flag.cleared_at is not None, order.index(each.flag.severity), each.flag.id))


def _lines(
    db: Session, submission: Submission, wave: Wave, definition: InstrumentDefinition, flags: Sequence[SeenFlag]
) -> list[AnswerLine]:
    """Return a line for each question in the order of the form; what the form does not know comes last, identifiers never."""
    raw = select(Answer.variable, Answer.repeat_path, Answer.text).where(Answer.submission_id == submission.id)
    given = {Place(variable, path): text for variable, path, text in db.execute(raw)}
    stand = standing_answers(db, [submission.id]).get(submission.id, {})
    earlier = _earlier(db, submission, wave)
    queries, corrections = _of(db, SubmissionQuery, submission), _of(db, Correction, submission)
    places = {*given, *stand}
    stale = frozenset(correction.id for correction in list_stale_corrections(db, submission.id))
    shown = [
        (name, place) for name in definition.by_name for place in sorted(p for p in places if p.variable == name) or [Place(name)]
    ]
    shown += [(place.variable, place) for place in sorted(places) if place.variable not in definition.by_name]
    lines = []
    for name, place in shown:
        question = definition.by_name.get(name)
        if question is not None and question.sensitivity == "identifier":
            continue
        lines.append(
            AnswerLine(
                place,
                question,
                given.get(place),
                stand.get(place),
                earlier.get(name) if not place.repeat_path else None,
                tuple(seen for seen in flags if seen.flag.variable == name),
                tuple(query for query in queries if query.variable == name),
                tuple(each for each in corrections if (each.variable, each.repeat_path) == place),
                stale,
            )
        )
    return lines


def _earlier(db: Session, submission: Submission, wave: Wave) -> dict[str, EarlierAnswer]:
    rows = db.execute(
        select(Submission.id, Wave.label_ko, Wave.label_en)
        .join(Wave, Wave.id == Submission.wave_id)
        .where(
            Wave.programme_id == wave.programme_id,
            Wave.round < wave.round,
            Submission.entrepreneur_id == submission.entrepreneur_id,
            Submission.state.not_in(("draft", "rejected")),
        )
        .order_by(Wave.round)
    ).all()
    answers = standing_answers(db, [key for key, _ko, _en in rows])
    earlier = {}
    for key, ko, en in rows:
        for place, text in answers.get(key, {}).items():
            if not place.repeat_path:
                earlier[place.variable] = EarlierAnswer({"ko": ko, "en": en}, text)
    return earlier


def _pace(db: Session, submission: Submission) -> Pace:
    shown = (
        select(func.sum(ScreenVisit.seconds), func.count(), func.sum(ScreenVisit.changed), func.max(ScreenVisit.seconds))
        .join(Invitation, Invitation.id == ScreenVisit.invitation_id)
        .where(Invitation.wave_id == submission.wave_id, Invitation.entrepreneur_id == submission.entrepreneur_id)
    )
    seconds, screens, changed, slowest = db.execute(shown).one()
    return Pace(seconds if screens else submission.seconds, screens, changed or 0, slowest)


@dataclass(frozen=True)
class OpenQuery:
    """A question that waits for an interviewer: about which question of which submission."""

    query: SubmissionQuery
    submission_id: int
    study_id: str
    wave: Mapping[str, str]
    received_at: dt.datetime
    label: Mapping[str, str]


def list_queries_for(db: Session, programme_id: int, account: str) -> list[OpenQuery]:
    """Return the open questions about submissions that an account entered, the oldest first."""
    rows = db.execute(
        select(SubmissionQuery, Submission, Wave, Entrepreneur.study_id)
        .join(Submission, Submission.id == SubmissionQuery.submission_id)
        .join(Wave, Wave.id == Submission.wave_id)
        .join(Entrepreneur, Entrepreneur.id == Submission.entrepreneur_id)
        .where(Wave.programme_id == programme_id, Submission.account == account, SubmissionQuery.state == "open")
        .order_by(SubmissionQuery.id)
    )
    found = []
    for query, submission, wave, study_id in rows:
        asked = get_instrument_definition(db, submission.instrument_id or wave.instrument_id).by_name.get(query.variable)
        label = asked.label if asked else {"ko": query.variable, "en": query.variable}
        words = {"ko": wave.label_ko, "en": wave.label_en}
        found.append(OpenQuery(query, submission.id, study_id, words, submission.received_at, label))
    return found


def count_queries_for(db: Session, programme_id: int, account: str) -> int:
    """Return how many questions wait for an account that entered the submissions."""
    waiting = (
        select(func.count())
        .select_from(SubmissionQuery)
        .join(Submission, Submission.id == SubmissionQuery.submission_id)
        .join(Wave, Wave.id == Submission.wave_id)
        .where(Wave.programme_id == programme_id, Submission.account == account, SubmissionQuery.state == "open")
    )
    return db.scalar(waiting) or 0


def get_query_for(db: Session, programme_id: int, account: str, key: int) -> SubmissionQuery:
    """Return a question about a submission that an account entered, or raise NotFound."""
    found = next((each.query for each in list_queries_for(db, programme_id, account) if each.query.id == key), None)
    if found is None:
        raise NotFound(Message("Nobody asks you this."))
    return found
