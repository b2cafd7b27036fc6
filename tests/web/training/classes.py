"""A cohort with a session today and trainers who sign in, for tests of the attendance page."""

from __future__ import annotations

from evalapp.people.tables import Programme
from tests.training.attendance.taught import Taught, find_programme

PAGE = "/programmes/pi/cohorts/A/sessions/1/attendance"


def give_class(site, *accounts, people=12, **more):
    """Fill programme `pi`: cohort A with a session today, led by the first account, helped at by the second."""
    with site.transaction() as db:
        if not db.query(Programme).filter_by(code="pi").count():
            raise LookupError("make an account with programmes=('pi',) first")
        trainers = [f"T{number}" for number in range(1, 3)]
        both = (*accounts, None, None)[:2]
        return Taught(db, find_programme(db), people=people, trainers=trainers, accounts=both, **more)
