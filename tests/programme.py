"""A small programme put straight into the database, for tests of the stages after the imports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from evalapp.people.tables import Consent, Entrepreneur, Programme, Registration
from evalapp.surveys.tables import Answer, Instrument, Submission, Wave
from evalapp.training.tables import Attendance, Cohort, Enrolment, Trainer, TrainingSession

NOON = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
WAVES = {"bl": dt.date(2020, 1, 10), "fu1": dt.date(2020, 4, 10), "fu2": dt.date(2020, 7, 10)}


class SmallProgramme:
    """A programme with three waves, a cohort trained between the first two, one between the last two, and a comparison group."""

    def __init__(self, db: Session, code: str = "small") -> None:
        self.db = db
        self.programme = Programme(
            code=code,
            name_ko="작은 프로그램",
            name_en="Small",
            data_note_ko="시험",
            data_note_en="Test",
            is_synthetic=True,
            created_at=NOON,
        )
        instrument = Instrument(code=code, version="2020010101", definition="{}", sha256="0" * 64, published_at=NOON)
        trainer = Trainer(code=f"{code}-T")
        self.add(self.programme, instrument, trainer)
        self.waves = {
            name: Wave(
                programme_id=self.programme.id,
                instrument_id=instrument.id,
                code=name,
                round=number,
                label_ko=name,
                label_en=name,
                opens_on=opens,
                closes_on=opens + dt.timedelta(days=20),
                survey_year=2020,
            )
            for number, (name, opens) in enumerate(WAVES.items(), start=1)
        }
        self.cohorts = {
            "A": self._cohort("A", dt.date(2020, 2, 1)),
            "B": self._cohort("B", dt.date(2020, 5, 1)),
            "C": self._cohort("C", None),
        }
        self.add(*self.waves.values(), *self.cohorts.values())
        self.sessions = [self._session(trainer, number) for number in (1, 2)]
        self.add(*self.sessions)
        self.count = 0

    def add(self, *things: Any) -> None:
        self.db.add_all(things)
        self.db.flush()

    def person(
        self,
        cohort: str | None,
        answers: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        consent: bool = True,
        state: str = "approved",
    ) -> str:
        """Add someone with answers by wave; returns the study ID."""
        self.count += 1
        person = Entrepreneur(study_id=f"{self.programme.code[:2].upper()}-{self.count:04d}", created_at=NOON)
        self.add(person)
        ids = {"programme_id": self.programme.id, "entrepreneur_id": person.id}
        self.add(Registration(**ids, registered_on=dt.date(2020, 1, 1)))
        if consent:
            self.add(Consent(**ids, purpose="survey", text_version="1", given_on=dt.date(2020, 1, 1)))
        if cohort:
            self.add(Enrolment(**ids, cohort_id=self.cohorts[cohort].id, stage="active"))
        for wave, given in (answers or {}).items():
            self.answer(person.id, wave, given, state)
        return person.study_id

    def answer(self, person_id: int, wave: str, given: Mapping[str, Any], state: str = "approved") -> None:
        reason = "not plausible" if state == "rejected" else None
        submission = Submission(
            wave_id=self.waves[wave].id, entrepreneur_id=person_id, state=state, reason=reason, received_at=NOON
        )
        self.add(submission)
        self.add(*(Answer(submission_id=submission.id, variable=name, text=str(value)) for name, value in given.items()))

    def attend(self, study_id: str, *minutes: int) -> None:
        person = self.db.query(Entrepreneur).filter_by(study_id=study_id).one()
        for session, spent in zip(self.sessions, minutes, strict=False):
            status = "present" if spent else "unexcused"
            self.add(Attendance(session_id=session.id, entrepreneur_id=person.id, status=status, minutes=spent))

    def _cohort(self, code: str, starts: dt.date | None) -> Cohort:
        arm = "treatment" if starts else "comparison"
        ends = starts + dt.timedelta(days=41) if starts else None
        return Cohort(programme_id=self.programme.id, code=code, arm=arm, starts_on=starts, ends_on=ends, completion_share=0.8)

    def _session(self, trainer: Trainer, number: int) -> TrainingSession:
        return TrainingSession(
            cohort_id=self.cohorts["A"].id,
            lead_trainer_id=trainer.id,
            number=number,
            module="planning",
            held_on=dt.date(2020, 2, number),
            state="held",
            planned_minutes=100,
        )
