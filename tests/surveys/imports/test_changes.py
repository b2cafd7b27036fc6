"""Imports that change what is stored: revisions that wait for a second person, review states, and imports undone."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from evalapp.core.actor import Actor
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import AppError, RefusedFile
from evalapp.surveys.imports.import_submissions import preview_import, take_in
from evalapp.surveys.imports.queries import list_imports
from evalapp.surveys.imports.reading.file_mapping import propose_mapping
from evalapp.surveys.imports.undo_import import undo_import
from evalapp.surveys.review.corrections.apply_corrections import cleaned_answers
from evalapp.surveys.review.corrections.record_correction import approve_correction
from evalapp.surveys.review.decide_submission import decide_submission
from evalapp.surveys.review.lock_wave import ask_wave_lock, confirm_wave_lock
from evalapp.surveys.review.tables import Correction, ReviewStep
from evalapp.surveys.tables import Answer, Instrument, Submission, SurveyImport
from tests.surveys.imports.conftest import add_wave
from tests.surveys.imports.files import opened, stored, table

pytestmark = pytest.mark.usefixtures("people")
WHY = "corrected by telephone"
HEADER = ["study_id", "operating", "hours", "good_1"]
FIRST = table(HEADER, ["A-1", "yes", "40", "사과"], ["A-2", "no", "10", ""])
SECOND = table(HEADER, ["A-1", "yes", "45", ""], ["A-2", "no", "10", ""], ["A-3", "yes", "1", ""])


def take(db, wave, content, **options):
    export = opened(content)
    return take_in(db, wave, export, propose_mapping(export), **options)


def someone_else(db):
    db.info["actor"] = Actor("AC-TEST-2", "program_officer", "127.0.0.1", "request")


def counts(db):
    return [db.scalar(select(func.count()).select_from(each)) for each in (Submission, Answer, Correction, SurveyImport)]


def test_other_answers_need_a_reason_and_become_corrections_that_another_person_approves(db, everything):
    take(db, everything, FIRST)
    with pytest.raises(RefusedFile):
        take(db, everything, SECOND)
    report = take(db, everything, SECOND, revise=WHY)
    assert (report.new, report.revised, report.already_there) == (1, 1, 1)
    assert stored(db, everything)["A-1"] == {"operating": "yes", "hours": "40", ("good", "trade[1]"): "사과"}
    made = db.scalars(select(Correction).order_by(Correction.variable)).all()
    assert [(c.variable, c.repeat_path, c.old, c.new, c.reason) for c in made] == [
        ("good", "trade[1]", "사과", None, WHY), ("hours", "", "40", "45", WHY),
    ]  # fmt: skip
    again = take(db, everything, SECOND, revise=WHY)
    assert (again.new, again.revised, again.already_there) == (0, 0, 3)
    someone_else(db)
    for correction in made:
        approve_correction(db, correction)
    key = made[0].submission_id
    assert {place.variable: text for place, text in cleaned_answers(db, [key])[key].items()} == {"operating": "yes", "hours": "45"}
    assert (take(db, everything, FIRST).already_there, take(db, everything, SECOND).already_there) == (2, 3)


def test_a_second_change_of_an_answer_waits_for_the_first(db, everything):
    take(db, everything, FIRST)
    take(db, everything, SECOND, revise=WHY)
    with pytest.raises(RefusedFile) as refused:
        take(db, everything, table(HEADER, ["A-1", "yes", "50", ""]), revise=WHY)
    assert "waits for a second person" in str(refused.value.faults[0].message)


def test_a_file_with_fewer_columns_takes_nothing_away(db, everything):
    take(db, everything, FIRST)
    assert take(db, everything, table(["study_id", "operating"], ["A-1", "yes"], ["A-2", "no"])).already_there == 2


def test_a_review_state_that_comes_later_leaves_a_step(db, everything):
    take(db, everything, FIRST)
    header = ["study_id", "operating", "state", "reason"]
    report = take(db, everything, table(header, ["A-1", "yes", "rejected", "twice"], ["A-2", "no", "approved", ""]))
    assert report.changed == 2
    steps = db.scalars(select(ReviewStep).order_by(ReviewStep.to_state)).all()
    assert [(s.from_state, s.to_state, s.comment, s.account) for s in steps] == [
        ("received", "approved", "", "AC-TEST-1"), ("received", "rejected", "twice", "AC-TEST-1"),
    ]  # fmt: skip


def test_an_instance_of_another_wave_is_refused(db, everything, programme):
    header = ["study_id", "operating", "_uuid", "_submission_time"]
    content = table(header, ["A-1", "yes", "u-1", "2026-03-05T10:00:00"])
    take(db, everything, content)
    second = add_wave(db, programme, db.get_one(Instrument, everything.instrument_id), "fu2", 2)
    with pytest.raises(RefusedFile) as refused:
        take(db, second, content)
    assert "another wave" in str(refused.value.faults[0].message)


def test_an_import_is_undone_whole_and_can_come_again(db, everything):
    take(db, everything, FIRST)
    before = counts(db)
    take(db, everything, SECOND, revise=WHY)
    newest = list_imports(db, everything)[0]
    assert (newest.submissions, newest.corrections) == (1, 2)
    assert undo_import(db, newest.taken, "the wrong file") == 1
    assert counts(db)[:3] == before[:3]
    with pytest.raises(AppError, match="undone already"):
        undo_import(db, newest.taken, "the wrong file")
    assert take(db, everything, SECOND, revise=WHY).new == 1
    actions = db.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all()
    assert [a for a in actions if a in ("answers_imported", "import_undone")] == [
        "answers_imported", "answers_imported", "import_undone", "answers_imported",
    ]  # fmt: skip


def test_an_import_on_which_something_was_built_stays(db, everything):
    take(db, everything, FIRST)
    taken = list_imports(db, everything)[0].taken
    submission = db.scalars(select(Submission).order_by(Submission.id)).first()
    decide_submission(db, submission, "approved")
    with pytest.raises(AppError, match="1 submissions or corrections"):
        undo_import(db, taken, "the wrong file")
    assert counts(db)[0] == 2


def test_an_approved_revision_keeps_its_import(db, everything):
    take(db, everything, FIRST)
    take(db, everything, SECOND, revise=WHY)
    someone_else(db)
    approve_correction(db, db.scalars(select(Correction)).first())
    with pytest.raises(AppError, match="1 submissions or corrections"):
        undo_import(db, list_imports(db, everything)[0].taken, "the wrong file")


def test_nothing_comes_into_a_locked_wave_or_out_of_it(db, everything):
    take(db, everything, FIRST, state="approved")
    ask_wave_lock(db, everything)
    someone_else(db)
    confirm_wave_lock(db, everything)
    with pytest.raises(AppError, match="The wave is locked"):
        take(db, everything, SECOND)
    with pytest.raises(AppError, match="The wave is locked"):
        undo_import(db, list_imports(db, everything)[0].taken, "the wrong file")


def test_a_preview_counts_what_an_import_would_do_and_writes_nothing(db, everything):
    take(db, everything, FIRST)
    before = counts(db)
    export = opened(SECOND)
    report = preview_import(db, everything, export, propose_mapping(export)).report
    assert (report.new, report.revised, report.already_there, counts(db)) == (1, 1, 1, before)
