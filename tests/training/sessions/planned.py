"""A cohort whose sessions are planned, and two trainers who are free."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from evalapp.core.clock import today
from evalapp.training.sessions.add_sessions import add_sessions, last_number
from evalapp.training.sessions.change_session import change_session, mark_of
from evalapp.training.sessions.check_session import SessionPlan
from evalapp.training.tables import Cohort, Trainer

DAY = dt.timedelta(days=1)
FIRST = today() + 3 * DAY
REASON = "the room is taken on that day"


class Planned:
    """Cohort A of a programme, from three days ahead for ten weeks, with trainers T1 and T2; `plan` is of a day and time of T1's."""

    def __init__(self, db, programme, code="A", prefix="T"):
        self.db, self.programme = db, programme
        dates = {"starts_on": FIRST, "ends_on": FIRST + 70 * DAY}
        self.cohort = self._add(Cohort(programme_id=programme.id, code=code, arm="treatment", **dates))
        known = {trainer.code: trainer for trainer in db.query(Trainer)}
        self.t1, self.t2 = (
            known.get(f"{prefix}{number}") or self._add(Trainer(code=f"{prefix}{number}", programme_id=programme.id))
            for number in (1, 2)
        )

    def plan(self, days=0, starts=dt.time(19), minutes=120, trainer=None, module="m1", place=""):
        return SessionPlan(FIRST + days * DAY, starts, minutes, module, trainer or self.t1, place)

    def session(self, days=0, **more):
        return self.sessions(self.plan(days, **more))[0]

    def sessions(self, *plans):
        return add_sessions(self.db, self.cohort, plans, after=last_number(self.db, self.cohort.id))

    def change(self, session, reason=REASON, seen=None, **changes):
        plan = replace(self._as_planned(session), **changes)
        change_session(self.db, self.cohort, session, plan, seen or mark_of(session), reason)

    def _as_planned(self, session):
        trainer = self.db.get_one(Trainer, session.lead_trainer_id)
        return SessionPlan(session.held_on, dt.time(19), session.planned_minutes, session.module, trainer, session.place)

    def _add(self, thing):
        self.db.add(thing)
        self.db.flush()
        return thing
