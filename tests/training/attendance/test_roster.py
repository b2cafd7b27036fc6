"""Who should be at a session: whoever was in training in the cohort on its day, or missed the session it makes up for."""

import datetime as dt

import pytest

from evalapp.core.clock import now, today
from evalapp.training.attendance.queries import list_roster, list_trainer_names, may_read_notes
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Attendance, Enrolment, Trainer
from tests.training.attendance.taught import DAY, PLANNED, Taught, viewer


@pytest.fixture
def taught(db, programme):
    return Taught(db, programme)


def is_on(taught, person, session=None):
    return person.id in {place.entrepreneur_id for place in list_roster(taught.db, session or taught.session)}


def step(taught, person, before, after, days, cohort=...):
    enrolment = taught.db.query(Enrolment).filter_by(entrepreneur_id=person.id).one()
    cohort_id = taught.cohort.id if cohort is ... else cohort
    facts = {"reason": "other", "account": "AC-1", "recorded_at": now(), "stepped_on": today() + dt.timedelta(days=days)}
    taught.add(EnrolmentStep(enrolment_id=enrolment.id, from_stage=before, to_stage=after, cohort_id=cohort_id, **facts))


@pytest.mark.parametrize(
    ("stage", "days", "on"),
    [
        ("active", None, True), ("enrolled", -1, True), ("active", 1, False), ("completed", None, True), ("completed", 3, True),
        ("completed", -3, False), ("withdrawn", 3, True), ("withdrawn", 0, False), ("withdrawn", None, False), ("waitlisted", None, False),
        ("applied", -3, False), ("declined", -3, False),
    ],
)  # fmt: skip
def test_without_steps_the_stage_and_its_day_decide(taught, stage, days, on):
    stage_on = None if days is None else today() + dt.timedelta(days=days)
    assert is_on(taught, taught.person(stage=stage, stage_on=stage_on)) is on


@pytest.mark.parametrize(
    ("steps", "on"),
    [
        ([(None, "applied", -20), ("applied", "enrolled", -10)], True),
        ([(None, "applied", -20), ("applied", "enrolled", 1)], False),
        ([(None, "enrolled", -20), ("enrolled", "active", -10), ("active", "withdrawn", 0)], False),
        ([(None, "enrolled", -20), ("enrolled", "active", -10), ("active", "withdrawn", 1)], True),
        ([(None, "enrolled", -20), ("enrolled", "active", -10), ("active", "completed", 0)], True),
        ([(None, "enrolled", -20), ("enrolled", "active", -10), ("active", "completed", -1)], False),
        ([(None, "completed", 5)], True),
        ([(None, "withdrawn", 5)], True),
        ([(None, "enrolled", 5)], False),
    ],
)
def test_the_last_step_until_the_day_decides(taught, steps, on):
    person = taught.person(stage=steps[-1][1])
    for each in steps:
        step(taught, person, *each)
    assert is_on(taught, person) is on


def test_who_moved_to_another_cohort_since_was_here_then_and_is_not_now(taught, db, programme):
    other = Taught(db, programme, code="B", trainers=("T3",), accounts=(None,))
    person = taught.person()
    step(taught, person, None, "enrolled", -20)
    step(taught, person, "enrolled", "enrolled", -2, cohort=other.cohort.id)
    db.query(Enrolment).filter_by(entrepreneur_id=person.id).one().cohort_id = other.cohort.id
    earlier = taught.add_session(2, today() - 7 * DAY)
    assert (is_on(taught, person), is_on(taught, person, earlier), is_on(other, person)) == (False, True, True)


def test_whoever_is_marked_already_stays_on_the_roster(taught):
    person = taught.person(stage="withdrawn")
    taught.add(Attendance(session_id=taught.session.id, entrepreneur_id=person.id, status="present", minutes=PLANNED))
    assert is_on(taught, person)


def test_a_session_that_makes_up_for_another_is_for_those_who_missed_it(taught):
    was_there, was_late, was_away, unmarked = (taught.person() for _ in range(4))
    for person, status in ((was_there, "present"), (was_late, "late"), (was_away, "excused")):
        taught.add(Attendance(session_id=taught.session.id, entrepreneur_id=person.id, status=status, minutes=0))
    again = taught.add_session(2, today(), make_up_of_id=taught.session.id)
    assert [is_on(taught, person, again) for person in (was_there, was_late, was_away, unmarked)] == [False, False, True, True]


def test_notes_are_for_those_who_teach_the_session_and_officers(db, taught, site_accounts):
    lead, helper, observer, elsewhere = site_accounts
    for trainer, account in zip(taught.trainers, (lead, helper), strict=True):
        trainer.account_id = account.id
    watching = taught.add(Trainer(code="T8", account_id=observer.id))
    taught.add(Trainer(code="T9", account_id=elsewhere.id))
    taught.add(SessionTrainer(session_id=taught.session.id, trainer_id=watching.id, role="observer"))
    readers = [may_read_notes(db, viewer(each.id, "trainer"), taught.session) for each in site_accounts]
    assert readers == [True, True, False, False]
    assert may_read_notes(db, viewer(elsewhere.id, "program_officer"), taught.session)
    assert list_trainer_names(db, [lead.code, observer.code, "AC-NOBODY"]) == {lead.code: "T1", observer.code: "T8"}


@pytest.fixture
def site_accounts(db):
    """Four accounts of staff."""
    from evalapp.accounts.tables import Account

    accounts = [
        Account(code=f"AC-{n}", email_sealed="k1:", email_index=f"{n}", name_sealed="k1:", created_at=now()) for n in range(4)
    ]
    db.add_all(accounts)
    db.flush()
    return accounts
