"""A programme with a baseline, a follow-up, and submissions of both to be reviewed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.people.tables import Entrepreneur, Programme, Registration
from evalapp.surveys.instruments.publish_instrument import publish_instrument
from evalapp.surveys.instruments.read_instrument import load_instrument
from evalapp.surveys.review.check_quality import check_wave_quality
from evalapp.surveys.tables import Answer, Submission, Wave
from tests.web.site import Site

INSTRUMENTS = Path(__file__).parent.parent.parent.parent / "config" / "instruments"
TRAITS = [f"pi_{trait}_{item}" for trait in ("self_starting", "future_thinking", "overcoming_barriers") for item in (1, 2, 3)]
RECEIVED_AT = dt.datetime(2026, 9, 2, 10, tzinfo=dt.UTC)


class Reviewed:
    """The programme `pi` of a site with waves and submissions; the keys of the submissions by study ID."""

    def __init__(self, site: Site, *, interviewer: str | None = None) -> None:
        self.site = site
        self.keys: dict[str, int] = {}
        with site.transaction() as db:
            programme = db.query(Programme).filter_by(code="pi").one()
            waves = [self._wave(db, programme, name, code, at) for at, (name, code) in enumerate(WAVES.items(), start=1)]
            self._person(
                db, programme, waves, "PI-0001-1", {"revenue_krw": 2_000_000, "profit_krw": 3_000_000, "costs_krw": 1}, None
            )
            straight = {**dict.fromkeys(TRAITS, 4), "revenue_krw": 900_000, "firm_operating": "yes"}
            self._person(db, programme, waves, "PI-0002-2", straight, interviewer)
            self._person(db, programme, waves, "PI-0003-3", {"revenue_krw": 1_000_000, "firm_operating": "yes"}, interviewer)
            self._person(db, programme, waves, "PI-0004-4", {"revenue_krw": 1_200_000, "registration_number_valid": "no"}, None)
            for wave in waves:
                check_wave_quality(db, wave)

    def url(self, study_id: str = "", rest: str = "") -> str:
        """The address of the queue, or of a submission."""
        return "/programmes/pi/review" + (f"/{self.keys[study_id]}" if study_id else "") + rest

    def get(self, table: Any, **named: Any) -> Any:
        """The only row of a table with these values."""
        with self.site.transaction() as db:
            return db.query(table).filter_by(**named).one()

    def count(self, table: Any) -> int:
        with self.site.transaction() as db:
            return db.query(table).count()

    def state(self, study_id: str) -> str:
        """The state of a submission."""
        return str(self.get(Submission, id=self.keys[study_id]).state)

    def _wave(self, db: Session, programme: Programme, name: str, code: str, at: int) -> Wave:
        labels = {"bl": ("기초조사", "Baseline"), "fu1": ("3개월 조사", "Three months")}[code]
        wave = Wave(
            programme_id=programme.id, instrument_id=publish_instrument(db, load_instrument(INSTRUMENTS / name)).id, code=code,
            round=at, label_ko=labels[0], label_en=labels[1], opens_on=dt.date(2026, 3 * at, 1), closes_on=dt.date(2026, 3 * at, 30),
            survey_year=2026,
        )  # fmt: skip
        db.add(wave)
        db.flush()
        return wave

    def _person(
        self, db: Session, programme: Programme, waves: list[Wave], study_id: str, answers: dict[str, Any], account: str | None
    ) -> None:
        person = Entrepreneur(study_id=study_id, created_at=now())
        db.add(person)
        db.flush()
        db.add(Registration(programme_id=programme.id, entrepreneur_id=person.id, registered_on=dt.date(2026, 1, 1)))
        self._submission(db, waves[0], person, {"birth_year": 1980, "gender": "female", "revenue_krw": 1_500_000}, None, "approved")
        self.keys[study_id] = self._submission(db, waves[1], person, answers, account, "received")

    def _submission(
        self, db: Session, wave: Wave, person: Entrepreneur, answers: dict[str, Any], account: str | None, state: str
    ) -> int:
        begun = RECEIVED_AT - dt.timedelta(minutes=14)
        mode = "phone" if account else "web"
        submission = Submission(
            wave_id=wave.id, entrepreneur_id=person.id, state=state, received_at=RECEIVED_AT, started_at=begun, account=account,
            mode=mode, language="ko",
        )  # fmt: skip
        db.add(submission)
        db.flush()
        for variable, value in answers.items():
            number = value if isinstance(value, int) else None
            db.add(Answer(submission_id=submission.id, variable=variable, text=str(value), number=number))
        db.flush()
        return submission.id


WAVES = {"baseline": "bl", "followup": "fu1"}
