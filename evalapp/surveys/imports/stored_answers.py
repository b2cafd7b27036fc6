"""What is stored already of the people in a file, to tell what is new, what is the same and what has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.surveys.imports.reading.read_rows import AnsweredRow
from evalapp.surveys.review.corrections.apply_corrections import Answers, Place
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.tables import Answer, Submission


@dataclass
class Stored:
    """One person's submission: the answers as they were given, and as they would be with every correction, approved or not."""

    submission_id: int
    state: str
    given: Answers = field(default_factory=dict)
    corrected: Answers = field(default_factory=dict)
    waiting: set[Place] = field(default_factory=set)

    def differences(self, row: AnsweredRow, variables: Collection[str]) -> dict[Place, tuple[str | None, str | None]]:
        """Return where a row says something else, as what stands and what it says. Only variables of the file are compared.

        An answer that was corrected here is no difference while the file still holds what was given.
        """
        said = {place: reading.text for place, reading in row.answers.items()}
        places = {place for place in {*said, *self.given, *self.corrected} if place.variable in variables}
        return {
            place: (self.corrected.get(place), said.get(place))
            for place in sorted(places)
            if said.get(place) not in (self.given.get(place), self.corrected.get(place))
        }


def stored_answers(db: Session, wave_id: int, people: Collection[int]) -> dict[int, Stored]:
    """Return the submissions of some people in a wave, by entrepreneur."""
    here = (Submission.wave_id == wave_id, Submission.entrepreneur_id.in_(people))
    found = {
        person: Stored(key, state)
        for person, key, state in db.execute(select(Submission.entrepreneur_id, Submission.id, Submission.state).where(*here))
    }
    if not found:
        return {}
    by_key = {stored.submission_id: stored for stored in found.values()}
    answers = select(Answer.submission_id, Answer.variable, Answer.repeat_path, Answer.text)
    for key, variable, repeat_path, text in db.execute(answers.join(Submission).where(*here)):
        by_key[key].given[Place(variable, repeat_path)] = text
    for stored in found.values():
        stored.corrected.update(stored.given)
    for correction in _corrections(db, list(by_key)):
        _correct(by_key[correction.submission_id], correction)
    return found


def _corrections(db: Session, keys: list[int]) -> Iterator[Correction]:
    yield from db.scalars(select(Correction).where(Correction.submission_id.in_(keys)).order_by(Correction.id))


def _correct(stored: Stored, correction: Correction) -> None:
    place = Place(correction.variable, correction.repeat_path)
    if correction.new is None:
        stored.corrected.pop(place, None)
    else:
        stored.corrected[place] = correction.new
    if correction.approved_at is None:
        stored.waiting.add(place)


def list_taken_keys(db: Session, wave_id: int, keys: Collection[str]) -> set[str]:
    """Return those of some tools' keys that stand in another wave already."""
    taken = select(Submission.key).where(Submission.key.in_(keys), Submission.wave_id != wave_id)
    return {key for key in db.scalars(taken) if key} if keys else set()
