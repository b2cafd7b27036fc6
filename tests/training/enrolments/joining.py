"""A programme with people who may be trained, for tests of the way through the training."""

from __future__ import annotations

import datetime as dt

from evalapp.core.clock import today
from evalapp.people.consents.answer_consent import Asked, give_consent
from evalapp.people.consents.publish_consent_text import publish_consent_text
from evalapp.people.tables import Programme
from evalapp.training.enrolments.move_stage import move_stage
from evalapp.training.tables import Attendance, Cohort, Trainer, TrainingSession
from tests.people.registered import register

DAY = dt.timedelta(days=1)
START = today() - 40 * DAY


class Joining:
    """A programme with cohort A, which is trained and has `capacity` places, and waitlist W; everyone consents to training records.

    Made again for the same programme, it goes on with what is there.
    """

    def __init__(self, db, programme, capacity=None):
        self.db, self.programme = db, programme
        known = {cohort.code: cohort for cohort in db.query(Cohort).filter_by(programme_id=programme.id)}
        if "A" not in known:
            publish_consent_text(db, programme, "training", "1", {"ko": "동의서", "en": "Consent"}, 24)
        dates = {"starts_on": START, "ends_on": START + 25 * DAY}
        self.a = known.get("A") or self.cohort("A", "treatment", capacity=capacity, **dates)
        self.w = known.get("W") or self.cohort("W", "waitlist")
        self.count = 0

    def cohort(self, code, arm, **more):
        return self._add(Cohort(programme_id=self.programme.id, code=code, arm=arm, **more))

    def person(self, *, consents=True):
        self.count += 1
        person = register(self.db, self.programme, f"{self.programme.code}-{self.count}")
        if consents:
            give_consent(self.db, self.programme, person, Asked("training", "1", "ko"), START - 10 * DAY)
        return person

    def people(self, number):
        return [self.person() for _ in range(number)]

    def move(self, people, to_stage, on=None, reason=None, note="", cohort=None):
        usual = {"active": "begun", "completed": "rule_met", "declined": "no_time", "withdrawn": "work"}
        keys = [person.id for person in people]
        on = on or (START + 30 * DAY if to_stage == "completed" else START)
        return move_stage(self.db, self.programme.id, keys, to_stage, on, reason or usual.get(to_stage, "eligible"), note, cohort)

    def train(self, people, minutes, planned=100, held_on=None, **more):
        """Hold a session of A where each of the people was there for so many minutes."""
        self.sessions = getattr(self, "sessions", 0) + 1
        if self.sessions == 1:
            self.trainer = self._add(Trainer(code=f"T-{self.programme.code}"))
        facts = {"held_on": held_on or START + self.sessions * DAY, "planned_minutes": planned, "module": "m", **more}
        place = {"cohort_id": self.a.id, "lead_trainer_id": self.trainer.id, "number": self.sessions}
        session = self._add(TrainingSession(**place, **{"state": "held", **facts}))
        for person, spent in zip(people, minutes, strict=True):
            status = "present" if spent else "unexcused"
            self._add(Attendance(session_id=session.id, entrepreneur_id=person.id, status=status, minutes=spent))
        return session

    def _add(self, row):
        self.db.add(row)
        self.db.flush()
        return row


def find_programme(db, code="pi"):
    """Return a programme of the test, made where it is not there."""
    found = db.query(Programme).filter_by(code=code).one_or_none()
    if found is None:
        found = Programme(code=code, name_ko="교육", name_en="Training", created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        db.add(found)
        db.flush()
    return found
