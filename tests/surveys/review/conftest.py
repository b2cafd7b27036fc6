"""Submissions to be reviewed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from evalapp.surveys.tables import Answer, Submission, Wave
from tests.conftest import ACTOR

RECEIVED_AT = dt.datetime(2026, 9, 2, 10, tzinfo=dt.UTC)
OTHER = replace(ACTOR, account="AC-TEST-2")


@pytest.fixture
def second_person(db):
    """Let another person act from now on; calling it again brings the first back."""

    def change():
        db.info["actor"] = OTHER if db.info["actor"] == ACTOR else ACTOR

    yield change
    db.info["actor"] = ACTOR


@pytest.fixture
def submit(db, follow_up):
    """Store a submission: `submit(person, revenue_krw=5, minutes=20)`."""

    def one(person, *, state="received", wave: Wave | None = None, minutes=None, account=None, **answers):
        begun = RECEIVED_AT - dt.timedelta(minutes=minutes) if minutes else None
        reason = "not plausible" if state == "rejected" else None
        submission = Submission(
            wave_id=(wave or follow_up).id, entrepreneur_id=person, state=state, reason=reason, received_at=RECEIVED_AT,
            started_at=begun, account=account,
        )  # fmt: skip
        db.add(submission)
        db.flush()
        for variable, value in answers.items():
            number = value if isinstance(value, int | float) else None
            db.add(Answer(submission_id=submission.id, variable=variable, text=str(value), number=number))
        db.flush()
        return submission

    return one


@pytest.fixture
def many(db, programme, write, submit):
    """Store as many ordinary submissions: revenue around two million won, twenty minutes each."""
    from evalapp.people.import_people import import_people
    from evalapp.people.queries import resolve_people

    def some(count, **answers):
        names = [f"M-{number}" for number in range(count)]
        import_people(db, programme.code, write("study_id,registered_on", *(f"{name},2026-02-01" for name in names)))
        people = resolve_people(db, programme.id, names)
        return [
            submit(people[name], minutes=18 + at % 5, revenue_krw=1_500_000 + 50_000 * at, new_customers=at, **answers)
            for at, name in enumerate(names)
        ]

    return some
