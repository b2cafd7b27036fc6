"""Cohorts as they are planned: what can change and what stays, and the register of trainers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from evalapp.accounts.tables import Account, RoleGrant
from evalapp.core.clock import now, today
from evalapp.core.errors import NotFound
from evalapp.people.tables import ProgrammeMember
from evalapp.training.cohorts.edit_cohort import CohortDetails, RefusedCohort, add_cohort, change_cohort
from evalapp.training.cohorts.keep_trainer import RefusedTrainer, TrainerDetails, add_trainer, change_trainer
from evalapp.training.cohorts.queries import get_trainer, has_begun, list_cohorts, list_trainer_accounts, list_trainers
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Trainer
from tests.people.registered import actions, after
from tests.training.enrolments.joining import DAY, START, Joining, find_programme

SOON = today() + 30 * DAY
PLANNED = CohortDetails("treatment", SOON, SOON + 41 * DAY, 20, 0.8, "1기", "First cohort")


def refused(verb, *positional):
    with pytest.raises((RefusedCohort, RefusedTrainer)) as found:
        verb(*positional)
    return found.value.field


@pytest.mark.parametrize(
    ("code", "changes", "field"),
    [
        ("봄", {}, "code"), ("new", {}, "code"), ("A B", {}, "code"), ("x" * 21, {}, "code"),
        ("B", {"starts_on": None}, "starts_on"), ("B", {"ends_on": None}, "ends_on"), ("B", {"ends_on": SOON - DAY}, "ends_on"),
        ("B", {"arm": "comparison"}, "starts_on"), ("B", {"completion_share": 0.0}, "completion_share"),
        ("B", {"completion_share": 1.2}, "completion_share"), ("B", {"name_ko": ""}, "name_ko"), ("B", {"name_en": ""}, "name_en"),
    ],
)  # fmt: skip
def test_a_cohort_that_cannot_be_names_what_is_wrong(db, programme, code, changes, field):
    assert refused(add_cohort, db, programme, code, replace(PLANNED, **changes)) == field


def test_a_code_is_taken_once_in_a_programme(db, programme):
    add_cohort(db, programme, "PI-1", PLANNED)
    assert refused(add_cohort, db, programme, "PI-1", PLANNED) == "code"
    add_cohort(db, find_programme(db, "other"), "PI-1", PLANNED)
    add_cohort(db, programme, "C", CohortDetails("comparison"))
    assert [cohort.code for cohort in list_cohorts(db, programme.id)] == ["PI-1", "C"]
    assert len(actions(db, "cohort_added")) == 3


def test_before_it_begins_everything_can_change_and_the_log_says_what(db, programme):
    cohort = add_cohort(db, programme, "PI-1", PLANNED)
    change_cohort(db, cohort, replace(PLANNED, completion_share=0.7, capacity=None, starts_on=SOON + DAY))
    assert (cohort.completion_share, cohort.capacity, cohort.starts_on) == (0.7, None, SOON + DAY)
    change_cohort(db, cohort, replace(PLANNED, completion_share=0.7, capacity=None, starts_on=SOON + DAY))
    (entry,) = actions(db, "cohort_changed")
    assert after(entry)["completion_share"] == 0.7


@pytest.mark.parametrize("begun_by", ["its first day", "a session", "somebody in training"])
def test_once_it_began_its_rule_stays(db, programme, begun_by):
    joining = Joining(db, programme)
    cohort, details = joining.a, CohortDetails("treatment", SOON, SOON + 41 * DAY, None, 0.8)
    if begun_by != "its first day":
        cohort.starts_on, cohort.ends_on = details.starts_on, details.ends_on
    if begun_by == "a session":
        joining.train([], [], held_on=SOON)
    if begun_by == "somebody in training":
        person = joining.person()
        joining.move([person], "enrolled", cohort=cohort)
        joining.move([person], "active")
    stored = replace(details, starts_on=cohort.starts_on, ends_on=cohort.ends_on)
    assert has_begun(db, cohort)
    assert refused(change_cohort, db, cohort, replace(stored, completion_share=0.5)) == "completion_share"
    change_cohort(db, cohort, replace(stored, name_ko="봄", name_en="Spring"))
    later = replace(stored, name_ko="봄", name_en="Spring", starts_on=stored.starts_on + DAY)
    if begun_by == "its first day":  # put off before anybody was taught
        change_cohort(db, cohort, later)
    else:
        assert refused(change_cohort, db, cohort, later) == "starts_on"


def test_places_arm_and_days_respect_who_and_what_is_there(db, programme):
    joining = Joining(db, programme, capacity=5)
    details = CohortDetails("treatment", joining.a.starts_on, joining.a.ends_on, 5)
    joining.move(joining.people(2), "enrolled", cohort=joining.a)
    assert refused(change_cohort, db, joining.a, replace(details, capacity=1)) == "capacity"
    assert refused(change_cohort, db, joining.a, CohortDetails("waitlist")) == "arm"
    joining.train([], [], held_on=START + 9 * DAY, state="planned")
    assert refused(change_cohort, db, joining.a, replace(details, starts_on=START + 10 * DAY)) == "starts_on"
    assert refused(change_cohort, db, joining.a, replace(details, ends_on=START + 8 * DAY)) == "ends_on"
    change_cohort(db, joining.a, replace(details, capacity=2, ends_on=START + 9 * DAY))


def account(db, code, programme, role="trainer"):
    found = Account(
        code=code,
        email_sealed="x",
        email_index=code,
        name_sealed="x",
        state="active",
        created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )
    db.add(found)
    db.flush()
    db.add(RoleGrant(account_id=found.id, role=role, granted_by="terminal", granted_at=now()))
    db.add(ProgrammeMember(programme_id=programme.id, account_id=found.id, added_by="terminal", added_at=now()))
    db.flush()
    return found


def test_a_trainer_is_linked_to_an_account_that_is_a_trainer_here(db, programme):
    for code, where, role in (
        ("AC-1", programme, "trainer"),
        ("AC-2", programme, "analyst"),
        ("AC-3", find_programme(db, "other"), "trainer"),
    ):
        account(db, code, where, role)
    assert list(list_trainer_accounts(db, programme.id)) == ["AC-1"]
    trainer = add_trainer(db, programme.id, "T-01", TrainerDetails("AC-1", today(), "Basic"))
    assert refused(add_trainer, db, programme.id, "T-02", TrainerDetails("AC-1")) == "account"
    assert refused(add_trainer, db, programme.id, "T-02", TrainerDetails("AC-2")) == "account"
    assert refused(add_trainer, db, programme.id, "T-02", TrainerDetails("AC-3")) == "account"
    assert refused(add_trainer, db, programme.id, "T-01", TrainerDetails()) == "code"
    assert refused(add_trainer, db, programme.id, "김", TrainerDetails()) == "code"
    assert refused(change_trainer, db, programme.id, trainer, TrainerDetails("AC-1", today() + DAY)) == "certified_on"
    db.query(ProgrammeMember).filter_by(programme_id=programme.id, ended_at=None).update({"ended_at": now()})
    change_trainer(db, programme.id, trainer, TrainerDetails("AC-1", left_on=today()))
    assert (trainer.account_id is not None, trainer.left_on) == (True, today())
    assert [line.has_left for line in list_trainers(db, programme.id)] == [True]
    assert list_trainers(db, programme.id, teaching_on=today()) == []
    change_trainer(db, programme.id, trainer, TrainerDetails())
    assert trainer.account_id is None


def test_the_register_tells_who_teaches_what_and_keeps_other_programmes_apart(db, programme):
    joining, other = Joining(db, programme), Joining(db, find_programme(db, "other"))
    joining.train([], [])
    second = joining.train([], [], state="planned")
    other.train([], [])
    helper = Trainer(code="T-helps")
    db.add_all([helper, Trainer(code="T-nowhere")])
    db.flush()
    db.add(SessionTrainer(session_id=second.id, trainer_id=helper.id, role="co_trainer"))
    db.flush()
    lines = list_trainers(db, programme.id)
    assert [(line.trainer.code, line.cohorts, line.sessions, line.held) for line in lines] == [
        ("T-helps", ("A",), 1, 0), ("T-pi", ("A",), 2, 1),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        get_trainer(db, programme.id, "T-other")
