"""Training records come in by kind, all of a file or none, and only where they fit together."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from evalapp.core.errors import RefusedFile
from evalapp.people.import_people import import_people
from evalapp.people.queries import get_programme
from evalapp.people.tables import Programme
from evalapp.training.enrolments.queries import list_steps_of
from evalapp.training.import_training import import_training
from evalapp.training.queries import get_training_records, list_enrolments_of, list_trainer_ids
from evalapp.training.tables import Attendance, Cohort, Enrolment, Trainer, TrainingSession

pytestmark = pytest.mark.usefixtures("people")
TABLES = (Cohort, Enrolment, Trainer, TrainingSession, Attendance)
COHORTS = (
    "cohort,arm,starts_on,ends_on,completion_share",
    "PI-1,treatment,2026-03-02,2026-04-10,0.75",
    "PI-2,treatment,2026-06-01,2026-07-10,",
    "control,comparison,,,",
)
ENROLMENTS = ("study_id,cohort,stage,stage_on,reason", "A-1,PI-1,completed,2026-04-10,", "A-2,PI-1,withdrawn,2026-03-20,moved away",
              "A-3,control,enrolled,2026-02-01,")  # fmt: skip
SESSIONS = ("cohort,number,module,held_on,state,planned_minutes,trainer", "PI-1,1,introduction,2026-03-02,held,120,T-01",
            "PI-1,2,planning,2026-03-09,cancelled,120,T-02")  # fmt: skip
ATTENDANCE = ("cohort,number,study_id,status,minutes", "PI-1,1,A-1,present,120", "PI-1,1,A-2,unexcused,")
EVERYTHING = {"cohorts": COHORTS, "enrolments": ENROLMENTS, "sessions": SESSIONS, "attendance": ATTENDANCE}


def counts(db):
    return [db.scalar(select(func.count()).select_from(table)) for table in TABLES]


def refused(db, path, kind=None):
    before = counts(db)
    with pytest.raises(RefusedFile) as error:
        import_training(db, "pi", path, kind=kind)
    assert counts(db) == before
    return [(fault.row, fault.column, str(fault.message)) for fault in error.value.faults]


@pytest.fixture
def trained(db, write, people):  # noqa: ARG001 - they must be registered first
    for lines in EVERYTHING.values():
        import_training(db, "pi", write(*lines))


@pytest.fixture
def cohorts(db, write, people):  # noqa: ARG001 - they bring the programme
    import_training(db, "pi", write(*COHORTS))


def test_a_workbook_is_taken_in_whole_and_in_the_right_order(db, write_workbook, people):
    path = write_workbook(
        Notes=["anything at all"], attendance=ATTENDANCE, sessions=SESSIONS, Enrolments=ENROLMENTS, cohorts=COHORTS
    )
    summary = import_training(db, "pi", path)
    assert (summary.rows, summary.new, summary.already_there) == (10, 10, 0)
    records = get_training_records(db, get_programme(db, "pi").id)
    assert records.cohorts["PI-1"] == {
        "arm": "treatment", "starts_on": dt.date(2026, 3, 2), "ends_on": dt.date(2026, 4, 10), "completion_share": 0.75,
    }  # fmt: skip
    assert records.cohorts["PI-2"]["completion_share"] == 0.8
    assert records.enrolments[people["A-2"]] == {
        "cohort": "PI-1", "stage": "withdrawn", "stage_on": dt.date(2026, 3, 20), "reason": "moved away",
    }  # fmt: skip
    assert records.sessions["PI-1", 2]["state"] == "cancelled"
    assert records.attendance["PI-1", 1, people["A-2"]] == {"status": "unexcused", "minutes": 0}
    assert set(list_trainer_ids(db)) == {"T-01", "T-02"}


@pytest.mark.usefixtures("trained")
def test_files_of_one_kind_are_known_by_their_columns(db):
    assert counts(db) == [3, 3, 2, 2, 2]


@pytest.mark.usefixtures("trained")
def test_importing_twice_changes_nothing(db, write, write_workbook):
    before = counts(db)
    for path in (*(write(*lines) for lines in EVERYTHING.values()), write_workbook(**EVERYTHING)):
        summary = import_training(db, "pi", path)
        assert (summary.new, summary.already_there) == (0, summary.rows)
    assert counts(db) == before


def test_a_dry_run_says_the_same_and_writes_nothing(db, write_workbook):
    path = write_workbook(**EVERYTHING)
    dry = import_training(db, "pi", path, dry_run=True)
    assert counts(db) == [0] * 5
    assert dry == import_training(db, "pi", path)


def test_a_fault_in_one_sheet_keeps_every_sheet_out(db, write_workbook):
    path = write_workbook(cohorts=COHORTS, enrolments=(*ENROLMENTS, "A-9,PI-1,enrolled,,"))
    with pytest.raises(RefusedFile) as error:
        import_training(db, "pi", path)
    assert [(fault.sheet, fault.row, fault.column) for fault in error.value.faults] == [("enrolments", 5, "study_id")]
    assert counts(db) == [0] * 5


def test_a_given_kind_is_believed(db, write):
    assert import_training(db, "pi", write(*COHORTS), kind="cohorts").new == 3
    assert refused(db, write(*COHORTS), "sessions")[0][2].startswith("Columns are missing: number, module, held_on")


def test_a_file_of_no_known_kind_is_refused(db, write):
    text = (
        "The columns do not tell what the file holds. Each kind has a column of its own "
        "(cohorts: arm, enrolments: stage, sessions: module, attendance: status)."
    )
    assert refused(db, write("cohort,number", "PI-1,1")) == [(1, None, text)]


def test_a_workbook_without_a_sheet_of_a_kind_is_refused(db, write_workbook):
    text = "The file holds no table. Put the column names in row 1 and the data below them."
    assert refused(db, write_workbook(Notes=["a", "b"])) == [(None, None, text)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("X,treatment,2026-03-02,",
         ("ends_on", "A treatment cohort needs its first and its last training date. Fill in this one.")),
        ("X,waitlist,2026-03-02,", ("starts_on", "Only treatment cohorts have training dates. Empty them for arm “waitlist”.")),
        ("X,treatment,2026-03-02,2026-03-01",
         ("ends_on", "The training ends on 2026-03-01, before it starts on 2026-03-02.")),
        ("X,control,,", ("arm", "“control” is not one of the choices. Write one of: treatment, waitlist, comparison.")),
        ("PI-1,treatment,2026-03-03,2026-04-10",
         ("cohort", "The record is there already, with other values of: starts_on. Leave the row out, or correct the record.")),
        ("X" * 21 + ",comparison,,", ("cohort", "The text has 21 characters; at most 20 are kept. Shorten it.")),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("cohorts")
def test_cohorts_that_cannot_be_are_refused(db, write, row, fault):
    share = ",0.75" if row.startswith("PI-1") else ","
    assert refused(db, write(COHORTS[0], row + share)) == [(2, *fault)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A-9,PI-1,enrolled,,", ("study_id", "Nobody in this programme has the study ID “A-9”. Register the person first.")),
        ("A-1,PI-9,enrolled,,", ("cohort", "There is no cohort “PI-9” in this programme. Add the cohort first.")),
        ("A-1,PI-1,enrolled,2099-01-01,", ("stage_on", "2099-01-01 lies in the future.")),
        ("A-1,,enrolled,2026-03-01,", ("cohort", "Who is enrolled is enrolled in a cohort. Fill it in.")),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("cohorts")
def test_enrolments_that_cannot_be_are_refused(db, write, row, fault):
    assert refused(db, write(ENROLMENTS[0], row)) == [(2, *fault)]


@pytest.mark.usefixtures("cohorts")
def test_an_unknown_stage_is_refused_with_the_known_ones(db, write):
    stages = "applied, declined, waitlisted, enrolled, active, completed, withdrawn"
    text = f"“gone” is not one of the choices. Write one of: {stages}."
    assert refused(db, write(ENROLMENTS[0], "A-1,PI-1,gone,,")) == [(2, "stage", text)]


@pytest.mark.usefixtures("cohorts")
def test_nobody_is_in_two_cohorts(db, write):
    text = "The same entry stands in row 2 already. Keep one of the two."
    lines = (ENROLMENTS[0], "A-1,PI-1,enrolled,,", "A-1,PI-2,enrolled,,")
    assert refused(db, write(*lines)) == [(3, "study_id", text)]
    import_training(db, "pi", write(*lines[:2]))
    text = "The record is there already, with other values of: cohort. Leave the row out, or correct the record."
    assert refused(db, write(lines[0], lines[2])) == [(2, "study_id", text)]


def test_every_enrolment_brings_the_step_that_the_file_tells_of(db, write, people):
    import_training(db, "pi", write(*COHORTS))
    lines = (ENROLMENTS[0], "A-1,,applied,2026-02-01,", "A-2,PI-1,withdrawn,2026-03-20,moved away", "A-3,control,enrolled,,")
    assert import_training(db, "pi", write(*lines)).new == 3
    assert import_training(db, "pi", write(*lines)).already_there == 3
    steps = {name: list_steps_of(db, get_programme(db, "pi").id, people[name]) for name in people}
    assert {
        name: [(s.from_stage, s.to_stage, s.cohort_code, f"{s.stepped_on}", s.reason, s.note) for s in of]
        for name, of in steps.items()
    } == {
        "A-1": [(None, "applied", None, "2026-02-01", "imported", "")],
        "A-2": [(None, "withdrawn", "PI-1", "2026-03-20", "imported", "moved away")],
        "A-3": [(None, "enrolled", "control", "2026-01-01", "imported", "")],  # no day: that of the registration
    }
    assert list_enrolments_of(db, get_programme(db, "pi").id, [people["A-1"]])[people["A-1"]].cohort_code is None


def test_people_of_another_programme_cannot_be_enrolled(db, write):
    db.add(Programme(code="second", name_ko="둘째", name_en="Second", created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))
    db.flush()
    import_people(db, "second", write("study_id,registered_on", "B-1,2026-02-01"))
    import_training(db, "pi", write(*COHORTS))
    text = "Nobody in this programme has the study ID “B-1”. Register the person first."
    assert refused(db, write(ENROLMENTS[0], "B-1,PI-1,enrolled,,")) == [(2, "study_id", text)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("PI-9,1,m,2026-03-02,held,120,T-01", ("cohort", "There is no cohort “PI-9” in this programme. Add the cohort first.")),
        ("control,1,m,2026-03-02,held,120,T-01",
         ("cohort", "Cohort control has no training dates, so it has no sessions. Mend the cohort.")),
        ("PI-1,1,m,2026-03-01,held,120,T-01",
         ("held_on", "2026-03-01 lies outside the cohort's training from 2026-03-02 to 2026-04-10.")),
        ("PI-1,0,m,2026-03-02,held,120,T-01", ("number", "0 is too small. The least allowed is 1.")),
        ("PI-1,1,m,2026-03-02,held,0,T-01", ("planned_minutes", "0 is too small. The least allowed is 1.")),
        ("PI-1,1,m,2026-03-02,held,120,", ("trainer", "The cell is empty. Fill it in.")),
        ("PI-1,1,m,2026-03-02,held,120,박선생",
         ("trainer", "“•••” is not a code. Use Latin letters, digits and hyphens, and nobody's name.")),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("cohorts")
def test_sessions_that_cannot_be_are_refused(db, write, row, fault):
    assert refused(db, write(SESSIONS[0], row)) == [(2, *fault)]


@pytest.mark.usefixtures("cohorts")
def test_a_session_cannot_have_been_held_in_the_future(db, write):
    import_training(db, "pi", write(COHORTS[0], "PI-9,treatment,2098-12-01,2099-02-01,"))
    import_training(db, "pi", write(SESSIONS[0], "PI-9,1,m,2099-01-01,planned,120,T-01"))
    text = "2099-01-08 lies in the future."
    assert refused(db, write(SESSIONS[0], "PI-9,2,m,2099-01-08,held,120,T-01")) == [(2, "held_on", text)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("PI-9,1,A-1,present,60", ("cohort", "There is no cohort “PI-9” in this programme. Add the cohort first.")),
        ("PI-1,7,A-1,present,60", ("number", "Cohort PI-1 has no session 7. Add the session first.")),
        ("PI-1,2,A-1,present,60", ("number", "Session 2 of cohort PI-1 was not held, so nobody attended it.")),
        ("PI-1,1,A-3,present,60", ("study_id", "The person is not enrolled in cohort PI-1. Enrol the person first.")),
        ("PI-1,3,A-1,present,121", ("minutes", "121 minutes are more than the 120 planned.")),
        ("PI-1,3,A-1,present,", ("minutes", "Someone who came was there for some minutes. Write how many.")),
        ("PI-1,3,A-1,excused,60", ("minutes", "Someone who was absent has 0 minutes. Mend the minutes or the status.")),
        ("PI-1,3,A-1,present,-5", ("minutes", "-5 is too small. The least allowed is 0.")),
        ("PI-1,1,A-1,late,120",
         ("study_id", "The record is there already, with other values of: status. Leave the row out, or correct the record.")),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("trained")
def test_attendance_that_cannot_be_is_refused(db, write, row, fault):
    import_training(db, "pi", write(SESSIONS[0], "PI-1,3,review,2026-03-16,held,120,T-01"))
    assert (2, *fault) in refused(db, write(ATTENDANCE[0], row))


@pytest.mark.usefixtures("trained")
def test_people_who_only_applied_attend_nothing(db, write):
    import_people(db, "pi", write("study_id,registered_on", "A-4,2026-01-01"))
    import_training(db, "pi", write(ENROLMENTS[0], "A-4,PI-1,applied,2026-02-01,"))
    text = "The person is not enrolled in cohort PI-1. Enrol the person first."
    assert refused(db, write(ATTENDANCE[0], "PI-1,1,A-4,present,60")) == [(2, "study_id", text)]


@pytest.mark.usefixtures("trained")
def test_an_absence_without_minutes_counts_as_none(db, write):
    import_training(db, "pi", write(SESSIONS[0], "PI-1,3,review,2026-03-16,held,120,T-01"))
    import_training(db, "pi", write(ATTENDANCE[0], "PI-1,3,A-1,excused,"))
    assert db.scalars(select(Attendance.minutes).where(Attendance.status == "excused")).all() == [0]


@pytest.mark.usefixtures("cohorts")
def test_the_columns_of_names_are_refused(db, write):
    text = "Column “trainer_name” seems to hold what identifies a person. This import keeps no identities: delete the column."
    assert (1, "trainer_name", text) in refused(db, write(SESSIONS[0] + ",trainer_name", "PI-1,1,m,2026-03-02,held,120,T-01,x"))


@pytest.mark.parametrize(
    ("kind", "lines", "column"),
    [
        ("cohorts", (COHORTS[0], "홍길동,treatment,,,"), "cohort"),
        ("cohorts", (COHORTS[0], "1012345678,treatment,,,"), "cohort"),
        ("sessions", (SESSIONS[0], "PI-1,1,홍길동,2026-03-02,held,120,T-01"), "module"),
        ("enrolments", (ENROLMENTS[0], "A-1,PI-1,withdrawn,2026-03-20,call 010-1234-5678"), "reason"),
        ("enrolments", (ENROLMENTS[0], "A-1,PI-1,withdrawn,2026-03-20,800101-1234567"), "reason"),
    ],
)
@pytest.mark.usefixtures("cohorts")
def test_names_and_telephone_numbers_do_not_get_in_as_codes_or_reasons(db, write, kind, lines, column):
    faults = [fault for fault in refused(db, write(*lines), kind) if fault[1] == column]
    assert faults
    assert not any("홍길동" in text or "1234" in text for _, _, text in faults)
