"""A cohort with a session today, two trainers who teach it, and people with names, for tests of who was there."""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy import select

from evalapp.accounts.tables import Account
from evalapp.accounts.viewer import Viewer
from evalapp.core.clock import SEOUL, now, today
from evalapp.people.tables import Entrepreneur, Programme, Registration
from evalapp.people.vault.write_identity import write_identity
from evalapp.training.attendance.queries import get_marks, list_roster
from evalapp.training.attendance.record_taps import Tap
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Cohort, Enrolment, Trainer, TrainingSession

PLANNED = 150
NAMES = ("김하늘", "리설주", "박민수", "최영희", "정우성", "한지민", "오세훈", "강동원", "윤아름", "임수정", "조은별", "신하균")
DAY = dt.timedelta(days=1)
KEYS = itertools.count()


class Taught:
    """A programme's cohort A with session 1; `session` is today's."""

    def __init__(self, db, programme, *, people=0, held_on=None, code="A", trainers=("T1", "T2"), accounts=(None, None)):
        self.db, self.programme = db, programme
        held_on = held_on or today()
        self.cohort = self.add(
            Cohort(programme_id=programme.id, code=code, arm="treatment", starts_on=held_on - 30 * DAY, ends_on=held_on + 30 * DAY)
        )
        self.trainers = [
            self.add(Trainer(code=f"{trainer}", account_id=account and self._account(account)))
            for trainer, account in zip(trainers, accounts, strict=True)
        ]
        self.session = self.add_session(1, held_on)
        if len(self.trainers) > 1:
            self.add(SessionTrainer(session_id=self.session.id, trainer_id=self.trainers[1].id, role="co_trainer"))
        self.people = [self.person(name) for name in itertools.islice(itertools.cycle(NAMES), people)]

    def _account(self, code):
        return self.db.scalars(select(Account.id).where(Account.code == code)).one()

    def add(self, thing):
        self.db.add(thing)
        self.db.flush()
        return thing

    def add_session(self, number, held_on, **more):
        starts_at = dt.datetime.combine(held_on, dt.time(19), SEOUL)
        facts = {"module": "planning", "state": "planned", "planned_minutes": PLANNED, "starts_at": starts_at} | more
        return self.add(
            TrainingSession(cohort_id=self.cohort.id, lead_trainer_id=self.trainers[0].id, number=number, held_on=held_on, **facts)
        )

    def person(self, name="", *, stage="active", stage_on=None, study_id=None):
        """Enrol somebody; without a name the vault holds none."""
        count = len(self.db.scalars(select(Entrepreneur.id)).all()) + 1
        person = self.add(Entrepreneur(study_id=study_id or f"PI-{count:04d}-0", created_at=now()))
        ids = {"programme_id": self.programme.id, "entrepreneur_id": person.id}
        self.add(Registration(**ids, registered_on=today() - 90 * DAY))
        if name:
            write_identity(self.db, person.id, {"name": name, "phone": f"010-1234-{count:04d}"})
        self.add(Enrolment(**ids, cohort_id=self.cohort.id, stage=stage, stage_on=stage_on))
        return person

    def number(self, person, session=None):
        return next(p.number for p in list_roster(self.db, session or self.session) if p.entrepreneur_id == person.id)

    def mark(self, person, session=None):
        return get_marks(self.db, session or self.session, [person.id])[person.id]

    def tap(self, person, status, *, minutes=None, seen=0, key=None, at=None, settles=False):
        key = key or f"{next(KEYS):032x}"
        return Tap(key, self.number(person), status, minutes, seen, at or now(), settles)


def find_programme(db, code="pi"):
    """Return a programme that is there."""
    return db.scalars(select(Programme).where(Programme.code == code)).one()


def viewer(account_id, *roles):
    """Return somebody who looks, with some roles."""
    return Viewer(account_id, "AC-V", "V", frozenset(roles), "en")
