"""The panel: the whole roster by every wave, answers only where an approved submission stands."""

import datetime as dt

import pytest

from evalapp.core.errors import AppError
from evalapp.panel.build_panel import build_panel
from evalapp.people.tables import Consent, Entrepreneur
from evalapp.training.tables import Attendance, Enrolment, TrainingSession
from tests.programme import SmallProgramme


def test_everyone_in_a_cohort_has_a_row_for_every_wave(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"profit_krw": 10}})
    small.person("C")
    frame = build_panel(db, small.programme).frame
    assert len(frame) == 6
    assert not frame.duplicated(["study_id", "round"]).any()
    assert frame["state"].tolist() == ["approved", *["missing"] * 5]
    assert frame["profit_krw"].dropna().tolist() == [10]


def test_a_rejected_or_unreviewed_submission_gives_no_answer(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"profit_krw": 1}})
    small.person("A", {"bl": {"profit_krw": 2}}, state="rejected")
    small.person("A", {"bl": {"profit_krw": 3}}, state="received")
    frame = build_panel(db, small.programme).frame
    assert frame["profit_krw"].dropna().tolist() == [1]
    assert set(frame.loc[frame["wave"] == "bl", "state"]) == {"approved", "rejected", "received"}


def test_people_without_consent_are_counted_and_left_out(db):
    small = SmallProgramme(db)
    kept = small.person("A", {"bl": {"profit_krw": 1}})
    small.person("A", {"bl": {"profit_krw": 2}}, consent=False)
    panel = build_panel(db, small.programme)
    assert set(panel.frame["study_id"]) == {kept}
    assert panel.flow["registered"] == 2
    assert panel.flow["no_consent"] == 1


def test_withdrawn_consent_takes_the_person_out_of_the_next_panel(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"profit_krw": 1}})
    leaver = small.person("C", {"bl": {"profit_krw": 2}})
    assert leaver in set(build_panel(db, small.programme).frame["study_id"])
    consent = db.query(Consent).order_by(Consent.id.desc()).first()
    consent.withdrawn_on = dt.date(2020, 6, 1)
    db.flush()
    assert leaver not in set(build_panel(db, small.programme).frame["study_id"])


def test_the_first_treated_round_is_the_first_wave_after_training_began(db):
    small = SmallProgramme(db)
    small.person("A")
    small.person("B")
    small.person("C")
    starts = build_panel(db, small.programme).frame.groupby("cohort")["first_treated"].first()
    assert starts.to_dict() == {"A": 2, "B": 3, "C": 0}


def test_training_after_the_last_wave_is_never_treated_within_the_panel(db):
    small = SmallProgramme(db)
    small.cohorts["B"].starts_on = dt.date(2021, 1, 1)
    small.cohorts["B"].ends_on = dt.date(2021, 2, 1)
    small.person("B")
    assert build_panel(db, small.programme).frame["first_treated"].unique().tolist() == [4]


def test_attendance_becomes_a_share_of_the_minutes_held_and_completion_follows_the_cohorts_rule(db):
    small = SmallProgramme(db)
    often, once = small.person("A"), small.person("A")
    small.attend(often, 100, 90)
    small.attend(once, 100, 0)
    people = build_panel(db, small.programme).frame.groupby("study_id")[["attended_share", "completed"]].first()
    assert people.loc[often].tolist() == [0.95, 1.0]
    assert people.loc[once].tolist() == [0.5, 0.0]


def test_what_was_made_up_counts_for_the_session_that_was_missed_and_is_no_session_of_its_own(db):
    small = SmallProgramme(db)
    person = small.person("A")
    small.attend(person, 100, 0)
    facts = {name: getattr(small.sessions[1], name) for name in ("cohort_id", "lead_trainer_id", "module", "held_on", "state")}
    make_up = TrainingSession(number=3, planned_minutes=100, make_up_of_id=small.sessions[1].id, **facts)
    small.add(make_up)
    small.sessions.append(make_up)
    small.add(Attendance(session_id=make_up.id, entrepreneur_id=db.query(Entrepreneur.id).scalar(), status="late", minutes=80))
    panel = build_panel(db, small.programme)
    assert panel.frame["attended_share"].unique().tolist() == [0.9]
    assert (panel.flow["sessions_held:A"], panel.flow["planned_minutes:A"]) == (2, 200)


def test_a_session_of_which_nothing_is_marked_counts_as_missed_and_a_cancelled_one_not_at_all(db):
    small = SmallProgramme(db)
    small.attend(small.person("A"), 100)
    assert build_panel(db, small.programme).frame["attended_share"].unique().tolist() == [0.5]
    small.sessions[1].state = "cancelled"
    db.flush()
    assert build_panel(db, small.programme).frame["attended_share"].unique().tolist() == [1]


def test_minutes_of_someone_marked_absent_do_not_count(db):
    small = SmallProgramme(db)
    absent = small.person("A")
    small.attend(absent, 100, 0)
    from evalapp.training.tables import Attendance

    db.query(Attendance).update({"status": "excused"})
    db.flush()
    assert build_panel(db, small.programme).frame["attended_share"].max() == 0


def test_characteristics_of_the_baseline_stand_on_every_row(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"gender": "female", "birth_year": 1980}, "fu1": {"profit_krw": 5}})
    frame = build_panel(db, small.programme).frame
    assert frame["female"].tolist() == [1, 1, 1]
    assert frame["age"].tolist() == [40, 40, 40]


@pytest.mark.parametrize("stage", ["applied", "declined", "waitlisted"])
def test_people_without_a_place_in_a_trained_cohort_are_in_no_cohort(db, stage):
    small = SmallProgramme(db)
    small.person("A")
    small.person("A")
    db.query(Enrolment).first().stage = stage
    db.flush()
    panel = build_panel(db, small.programme)
    assert panel.frame["study_id"].nunique() == 1
    assert panel.flow["no_cohort"] == 1


def test_a_programme_without_people_is_refused_in_words(db):
    with pytest.raises(AppError, match="no panel to build"):
        build_panel(db, SmallProgramme(db).programme)


def test_another_programmes_people_and_answers_stay_out(db):
    small, other = SmallProgramme(db, "one"), SmallProgramme(db, "two")
    small.person("A", {"bl": {"profit_krw": 1}})
    other.person("A", {"bl": {"profit_krw": 2}})
    assert build_panel(db, small.programme).frame["profit_krw"].dropna().tolist() == [1]
