"""Answers as they stand: what was given, and the approved corrections in the order in which they were made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.tables import Answer, Submission

KEYS_A_QUERY = 5_000  # SQLite binds 32,766 values at most


class Place(NamedTuple):
    """Where an answer stands: its variable, and the round of a repeated group ("" outside of any)."""

    variable: str
    repeat_path: str = ""


Answers = dict[Place, str]


def apply_corrections(raw: Mapping[int, Mapping[Place, str]], corrections: Iterable[Correction]) -> dict[int, Answers]:
    """Return the answers by submission with corrections applied in their order; the raw answers stay as they are.

    A correction whose `old` is not what stands before it is refused: the answers under it have changed since it was made.
    """
    cleaned, stale = _applied(raw, corrections)
    if stale:
        raise AppError(
            Message(
                "Correction %(number)s of “%(variable)s” does not fit any more: the answer before it has changed. "
                "Drop it, or make it anew.",
                number=stale[0].id,
                variable=stale[0].variable,
            )
        )
    return cleaned


def _applied(
    raw: Mapping[int, Mapping[Place, str]], corrections: Iterable[Correction]
) -> tuple[dict[int, Answers], list[Correction]]:
    """Return the answers with the corrections that fit applied, and those that do not fit."""
    cleaned = {submission: dict(answers) for submission, answers in raw.items()}
    stale = []
    for correction in corrections:
        answers = cleaned.setdefault(correction.submission_id, {})
        place = Place(correction.variable, correction.repeat_path)
        if answers.get(place) != correction.old:
            stale.append(correction)
        elif correction.new is None:
            del answers[place]
        else:
            answers[place] = correction.new
    return cleaned, stale


def cleaned_answers(db: Session, submissions: Select[int] | Collection[int]) -> dict[int, Answers]:
    """Return the answers of some submissions, named by their keys or by a query of them, with approved corrections applied.

    One that does not fit any more is refused, as for `apply_corrections`.
    """
    cleaned: dict[int, Answers] = {}
    for raw, corrections in _stored(db, submissions):
        cleaned |= apply_corrections(raw, corrections)
    return cleaned


def standing_answers(
    db: Session, submissions: Select[int] | Collection[int], variables: Collection[str] | None = None
) -> dict[int, Answers]:
    """Return the same for reviewers and rules, who must be able to read on: a correction that does not fit is left out.

    `variables` limits the answers to those to some questions.
    """
    standing: dict[int, Answers] = {}
    for raw, corrections in _stored(db, submissions, variables):
        standing |= _applied(raw, corrections)[0]
    return standing


def list_stale_corrections(db: Session, submission: int) -> list[Correction]:
    """Return the approved corrections of a submission that do not fit any more."""
    return [correction for raw, corrections in _stored(db, [submission]) for correction in _applied(raw, corrections)[1]]


def _stored(
    db: Session, submissions: Select[int] | Collection[int], variables: Collection[str] | None = None
) -> Iterator[tuple[Mapping[int, Answers], Sequence[Correction]]]:
    for some in _chunks(submissions):
        raw: defaultdict[int, Answers] = defaultdict(dict)
        rows = select(Answer.submission_id, Answer.variable, Answer.repeat_path, Answer.text).where(Answer.submission_id.in_(some))
        made = approved_corrections().where(Correction.submission_id.in_(some))
        if variables is not None:
            rows, made = rows.where(Answer.variable.in_(variables)), made.where(Correction.variable.in_(variables))
        for submission, variable, repeat_path, text in db.execute(rows):
            raw[submission][Place(variable, repeat_path)] = text
        yield raw, db.scalars(made).all()


def approved_corrections() -> Select[Correction]:
    """Return the query of the corrections that count, in their order."""
    approved = Correction.approved_at.is_not(None)
    return select(Correction).join(Submission, Submission.id == Correction.submission_id).where(approved).order_by(Correction.id)


def _chunks(submissions: Select[int] | Collection[int]) -> Iterator[Select[int] | list[int]]:
    if isinstance(submissions, Select):
        yield submissions
        return
    keys = sorted(submissions)
    for start in range(0, len(keys), KEYS_A_QUERY):
        yield keys[start : start + KEYS_A_QUERY]
