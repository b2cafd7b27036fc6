"""Answers come in by wave, all of a file or none, and each person once."""

from __future__ import annotations

import csv
import datetime as dt
import time
from pathlib import Path

import pytest
from linearmodels.datasets import jobtraining
from sqlalchemy import func, select

from evalapp.core.errors import NotFound, RefusedFile
from evalapp.people.import_people import import_people
from evalapp.people.tables import Programme
from evalapp.surveys.imports.import_submissions import import_submissions
from evalapp.surveys.instruments.read_instrument import load_instrument
from evalapp.surveys.queries import get_wave, list_answers
from evalapp.surveys.tables import Answer, Submission, SurveyImport

INSTRUMENTS = Path(__file__).parent.parent.parent.parent / "config" / "instruments"
DEMO = INSTRUMENTS.parent / "programmes" / "pi_demo" / "baseline.csv"
TABLES = (Submission, Answer, SurveyImport)
FEW_SECONDS = 30  # 1 s measured on SQLite and 5 s on PostgreSQL; the rest is for a busy machine


def counts(db):
    return [db.scalar(select(func.count()).select_from(table)) for table in TABLES]


def refused(db, path, wave="fu1"):
    before = counts(db)
    with pytest.raises(RefusedFile) as error:
        import_submissions(db, "pi", wave, path)
    assert counts(db) == before
    return [(fault.row, fault.column, str(fault.message)) for fault in error.value.faults]


def answer(db, variable):
    return db.execute(select(Answer.text, Answer.number).where(Answer.variable == variable)).one()


@pytest.fixture
def demo(db, baseline, write):  # noqa: ARG001 - the wave must be open
    """Open the baseline wave, register the people of the calibrated baseline and return its rows."""
    with DEMO.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    import_people(db, "pi", write("study_id,registered_on", *(f"{row['study_id']},2018-02-01" for row in rows)))
    return rows


def baseline_file(write, demo, **changes):
    """Write the first row of the calibrated baseline with some answers changed; None takes a column away."""
    row = {name: cell for name, cell in {**demo[0], **changes}.items() if cell is not None}
    return write(",".join(row), ",".join(row.values()))


@pytest.mark.usefixtures("demo")
def test_the_calibrated_baseline_is_taken_in_without_a_fault(db, baseline):
    summary = import_submissions(db, "pi", "bl", DEMO, state="approved")
    assert (summary.rows, summary.new, summary.already_there, summary.notices) == (131, 131, 0, ())
    assert counts(db) == [131, 131 * 24, 1]
    stored = list_answers(db, baseline.id)
    provinces = [answers["birth_province"] for answers in stored.values()]
    assert provinces.count("north_hamgyong") == 60
    assert {answers["china_stay"] for answers in stored.values()} == {"never", "under_1", "1_3", "4_5", "over_5"}
    assert set(db.scalars(select(Submission.state))) == {"approved"}
    assert sorted(db.scalars(select(Submission.source_row))) == list(range(2, 133))


@pytest.mark.usefixtures("follow_up", "people")
def test_answers_are_kept_as_text_and_as_number(db, write):
    header = (
        "study_id,answered_on,mode,firm_operating,profit_krw,hours_per_week,difficulty_sales,"
        "better_profitability,profitability_ways,new_capital,capital_sources"
    )
    row = 'A-1,2026-03-05,face to face,Yes,"-1,500,000",40.50,매우 어렵다,예,sales;cost reduction,yes,bank accelerator'
    import_submissions(db, "pi", "fu1", write(header, row))
    assert answer(db, "profit_krw") == ("-1500000", -1_500_000)
    assert answer(db, "hours_per_week") == ("40.5", 40.5)
    assert answer(db, "difficulty_sales") == ("5", 5)
    assert answer(db, "firm_operating") == ("yes", None)
    assert answer(db, "profitability_ways") == ("sales cost_reduction", None)
    assert answer(db, "capital_sources") == ("accelerator bank", None)
    submission = db.scalars(select(Submission)).one()
    assert (submission.state, submission.mode, submission.answered_on) == ("received", "face_to_face", dt.date(2026, 3, 5))


@pytest.mark.usefixtures("follow_up", "people")
def test_missing_codes_are_kept_and_blanks_are_not(db, write):
    import_submissions(db, "pi", "fu1", write("study_id,firm_operating,profit_krw,revenue_krw", "A-1,.r,.d,"))
    assert answer(db, "firm_operating") == (".r", None)
    assert answer(db, "profit_krw") == (".d", None)
    assert counts(db)[1] == 2


def test_choices_are_read_by_name_by_form_and_by_label(db, demo, write, baseline):
    changes = {
        "birth_province": "north-hamgyong",
        "china_stay": "4 to 5 years",
        "kwp_mother": "Don’t know",
        "education_north": "대학교",
    }
    import_submissions(db, "pi", "bl", baseline_file(write, demo, **changes))
    stored = next(iter(list_answers(db, baseline.id).values()))
    assert [stored[name] for name in changes] == ["north_hamgyong", "4_5", "dont_know", "university"]


def test_a_registration_number_is_checked_and_not_kept(db, demo, write):
    import_submissions(db, "pi", "bl", baseline_file(write, demo, registration_number="124-81-00998"))
    assert answer(db, "registration_number_valid") == ("yes", None)
    assert not db.scalars(select(Answer.text).where(Answer.text.contains("00998"))).all()


def test_a_wrong_registration_number_is_refused_and_not_shown(db, demo, write):
    text = "This is not a business registration number: its check digit does not fit. Compare it with the certificate."
    path = baseline_file(write, demo, registration_number="124-81-00999")
    assert refused(db, path, "bl") == [(2, "registration_number", text)]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"birth_year": "2005"}, ("birth_year", "The person would be 13 years old; the survey is for ages 18 to 90.")),
        ({"left_year": "1975"}, ("left_year", "The person left in 1975 but was born in 1975. Mend one of the years.")),
        ({"arrival_year": "2006"}, ("arrival_year", "The person arrived in 2006 but left in 2007. Mend one of the years.")),
        ({"firm_start_year": "2007"},
         ("firm_start_year", "The firm began in 2007 but the person arrived in 2008. Mend one of the years.")),
        ({"firm_start_year": "2019"}, ("firm_start_year", "The year 2019 lies after the survey of 2018.")),
        ({"gender": ""}, ("gender", "The cell is empty, but the question needs an answer. Fill it in, or write .d, .r or .n.")),
        ({"gender": "x"}, ("gender", "“x” is not one of the choices. Write one of: female, male, prefer_not_to_say.")),
        ({"difficulty_sales": "6"}, ("difficulty_sales", "“6” is not one of the choices. Write one of: 1, 2, 3, 4, 5.")),
        ({"employees_max": "-1"}, ("employees_max", "-1 is too small. The least allowed is 0.")),
        ({"employees_max": "two"}, ("employees_max", "“two” is not a whole number. Write digits only, for example 3.")),
        ({"industry_oth": "x"}, ("industry_oth",
         "The question is asked only where industry is “other”. Empty the cell, or mend industry.")),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_are_refused(db, demo, write, changes, fault):
    faults = refused(db, baseline_file(write, demo, **changes), "bl")
    assert (2, *fault) in faults


def test_a_left_year_in_the_future_of_the_survey_is_refused(db, demo, write):
    years = ("left_year", "arrival_year", "firm_start_year")
    faults = refused(db, baseline_file(write, demo, **dict.fromkeys(years, "2019")), "bl")
    assert faults == [(2, name, "The year 2019 lies after the survey of 2018.") for name in years]


def test_the_answer_other_may_be_explained(db, demo, write):
    import_submissions(db, "pi", "bl", baseline_file(write, demo, industry="other", industry_oth="bee-keeping"))
    assert answer(db, "industry_oth") == ("bee-keeping", None)


def test_a_rejected_submission_is_kept_with_its_contradictions_and_reason(db, demo, write):
    changes = {"left_year": "1970", "gender": "", "registration_number": "124-81-00999", "state": "rejected", "reason": "years"}
    import_submissions(db, "pi", "bl", baseline_file(write, demo, **changes))
    submission = db.scalars(select(Submission)).one()
    assert (submission.state, submission.reason) == ("rejected", "years")
    assert answer(db, "registration_number_valid") == ("no", None)


def test_a_rejection_needs_a_reason(db, demo, write):
    faults = refused(db, baseline_file(write, demo, state="rejected"), "bl")
    assert faults == [(2, "reason", "A submission with state “rejected” needs a reason.")]


def test_missing_unknown_and_identifying_columns_are_refused(db, demo, write):
    path = baseline_file(write, demo, gender=None, industry=None, left_years="2007", phone="x")
    assert refused(db, path, "bl")[:3] == [
        (1, None, "Columns are missing: gender, industry. Add them."),
        (1, "left_years", "Column “left_years” is not known. Did you mean “left_year”?"),
        (1, "phone", "Column “phone” seems to hold what identifies a person. This import keeps no identities: delete the column."),
    ]


def test_a_resident_number_among_the_answers_is_refused(db, demo, write):
    path = baseline_file(write, demo, industry="other", industry_oth="800101-1234567")
    text = "The cell holds a resident registration number, which must not be kept here. Remove it."
    assert refused(db, path, "bl") == [(2, "industry_oth", text)]


@pytest.mark.usefixtures("follow_up", "people")
def test_unknown_people_and_people_twice_are_refused(db, write):
    path = write("study_id,firm_operating", "A-1,yes", "B-1,yes", "A-1,no")
    assert refused(db, path) == [
        (3, "study_id", "Nobody in this programme has the study ID “B-1”. Register the person first."),
        (4, "study_id", "The same entry stands in row 2 already. Keep one of the two."),
    ]


@pytest.mark.usefixtures("follow_up")
def test_people_of_another_programme_are_unknown(db, programme, write):
    db.add(Programme(code="second", name_ko="둘째", name_en="Second", created_at=programme.created_at))
    import_people(db, "second", write("study_id,registered_on", "B-1,2026-02-01"))
    text = "Nobody in this programme has the study ID “B-1”. Register the person first."
    assert refused(db, write("study_id,firm_operating", "B-1,yes")) == [(2, "study_id", text)]


@pytest.mark.usefixtures("follow_up", "people")
def test_the_same_file_twice_changes_nothing(db, write):
    path = write("study_id,firm_operating", "A-1,yes", "A-2,no")
    import_submissions(db, "pi", "fu1", path)
    before = counts(db)
    summary = import_submissions(db, "pi", "fu1", path)
    assert (summary.rows, summary.new, summary.already_there) == (2, 0, 2)
    assert str(summary.notices[0]).startswith("This file was taken in on 20")
    assert counts(db) == before == [2, 2, 1]


@pytest.mark.usefixtures("follow_up", "people")
def test_a_longer_file_adds_only_the_new_people(db, write):
    import_submissions(db, "pi", "fu1", write("study_id,firm_operating", "A-1,yes"))
    summary = import_submissions(db, "pi", "fu1", write("study_id,firm_operating", "A-1,Yes", "A-2,no"))
    assert (summary.rows, summary.new, summary.already_there) == (2, 1, 1)
    assert counts(db) == [2, 2, 2]


@pytest.mark.usefixtures("follow_up", "people")
def test_other_answers_of_a_person_who_has_answered_are_refused(db, write):
    import_submissions(db, "pi", "fu1", write("study_id,firm_operating,paid_employees", "A-1,yes,2"))
    text = (
        "The person has answered this wave already, with other answers to: new_products, paid_employees. "
        "Leave the row out, or correct the submission."
    )
    path = write("study_id,firm_operating,paid_employees,new_products", "A-1,yes,3,1")
    assert refused(db, path) == [(2, "study_id", text)]


@pytest.mark.usefixtures("follow_up", "people")
def test_a_dry_run_says_the_same_and_writes_nothing(db, write):
    path = write("study_id,firm_operating", "A-1,yes", "A-2,no")
    dry = import_submissions(db, "pi", "fu1", path, dry_run=True)
    assert counts(db) == [0, 0, 0]
    assert dry == import_submissions(db, "pi", "fu1", path)


@pytest.mark.usefixtures("follow_up", "people")
def test_a_profit_above_the_revenue_is_taken_with_a_notice(db, write):
    header = "study_id,firm_operating,revenue_krw,costs_krw,profit_krw"
    summary = import_submissions(db, "pi", "fu1", write(header, "A-1,yes,100,50,200", "A-2,yes,100,50,50", "A-3,yes,.d,50,50"))
    assert [str(notice) for notice in summary.notices] == ["The profit is above the revenue in 1 rows: 2. Taken as given."]
    assert summary.new == 3


@pytest.mark.usefixtures("follow_up", "people")
def test_a_date_in_the_future_is_refused(db, write):
    path = write("study_id,answered_on,firm_operating", "A-1,2099-01-01,yes")
    assert refused(db, path) == [(2, "answered_on", "2099-01-01 lies in the future.")]


def test_the_job_training_data_are_taken_in_as_firms_answers(db, open_wave, write, tmp_path):
    wave = open_wave("job_training", "y1988", 1988)
    firms = jobtraining.load().query("year == 1988")
    firms = firms.assign(study_id="MI-" + firms["fcode"].astype(int).astype(str))
    import_people(db, "pi", write("study_id,registered_on", *(f"{firm},1987-12-31" for firm in firms["study_id"])))
    questions = load_instrument(INSTRUMENTS / "job_training").definition.by_name
    firms[["study_id", *questions]].to_csv(tmp_path / "firms.csv", index=False)
    assert import_submissions(db, "pi", "y1988", tmp_path / "firms.csv").new == len(firms)
    stored = list_answers(db, wave.id).values()
    assert sum(answers["grant"] == "1" for answers in stored) == firms["grant"].sum()
    scrap = db.scalars(select(Answer.number).where(Answer.variable == "scrap"))
    assert sorted(scrap) == sorted(firms["scrap"].dropna())


@pytest.mark.usefixtures("programme")
def test_an_unknown_wave_is_named(db):
    with pytest.raises(NotFound, match="Programme pi has no wave fu9"):
        get_wave(db, "pi", "fu9")


@pytest.mark.usefixtures("follow_up")
def test_five_thousand_people_come_in_within_seconds(db, write):
    people = [f"B-{number}" for number in range(5_000)]
    import_people(db, "pi", write("study_id,registered_on", *(f"{person},2026-02-01" for person in people)))
    traits = ("self_starting", "future_thinking", "overcoming_barriers")
    items = ("financing", "competition", "sales", "supplies", "recruitment", "quality_control", "marketing", "regulations")
    variables = [
        *("revenue_krw", "costs_krw", "profit_krw", "hours_per_week", "paid_employees", "new_products", "new_suppliers"),
        *(f"pi_{trait}_{item}" for trait in traits for item in (1, 2, 3)),
        *(f"difficulty_{item}" for item in items),
    ]
    path = write(
        ",".join(["study_id", "firm_operating", *variables]), *(f"{person},yes" + ",3" * len(variables) for person in people)
    )
    started = time.monotonic()
    assert import_submissions(db, "pi", "fu1", path).new == 5_000
    assert time.monotonic() - started < FEW_SECONDS
    assert counts(db) == [5_000, 5_000 * (1 + len(variables)), 1]


@pytest.mark.usefixtures("baseline", "people")
def test_a_cell_that_cannot_be_read_is_one_fault_and_an_absent_column_is_one(db, programme, tmp_path):
    lines = DEMO.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    row = ["A-1", *lines[1].split(",")[1:]]
    unreadable = [*row]
    unreadable[header.index("birth_year")] = "abc"
    absent = header.index("gender")
    for number, (names, cells) in enumerate(
        ((header, unreadable), (header[:absent] + header[absent + 1 :], row[:absent] + row[absent + 1 :]))
    ):
        path = tmp_path / f"{number}.csv"
        path.write_text("\n".join([",".join(names), ",".join(cells)]), encoding="utf-8")
        with pytest.raises(RefusedFile) as refused:
            import_submissions(db, programme.code, "bl", path)
        assert len(refused.value.faults) == 1


def states(db):
    return sorted(db.scalars(select(Submission.state)))


def answered(tmp_path, name, *, state=None, reason=""):
    lines = DEMO.read_text(encoding="utf-8").splitlines()
    header, row = lines[0].split(","), ["A-1", *lines[1].split(",")[1:]]
    if state:
        header, row = [*header, "state", "reason"], [*row, state, reason]
    path = tmp_path / f"{name}.csv"
    path.write_text("\n".join([",".join(header), ",".join(row)]), encoding="utf-8")
    return path


@pytest.mark.usefixtures("baseline", "people")
def test_a_file_taken_in_before_can_be_approved_afterwards(db, programme, tmp_path):
    path = answered(tmp_path, "plain")
    import_submissions(db, programme.code, "bl", path)
    assert states(db) == ["received"]
    dry = import_submissions(db, programme.code, "bl", path, state="approved", dry_run=True)
    assert (states(db), dry.changed) == (["received"], 1)
    done = import_submissions(db, programme.code, "bl", path, state="approved")
    assert (done.new, done.changed, done.already_there) == (0, 1, 0)
    assert states(db) == ["approved"]


@pytest.mark.usefixtures("baseline", "people")
def test_the_default_state_never_takes_a_review_back(db, programme, tmp_path):
    path = answered(tmp_path, "plain")
    import_submissions(db, programme.code, "bl", path, state="approved")
    assert import_submissions(db, programme.code, "bl", path).changed == 0
    assert states(db) == ["approved"]


@pytest.mark.usefixtures("baseline", "people")
def test_a_state_that_the_file_names_is_taken_with_its_reason(db, programme, tmp_path):
    import_submissions(db, programme.code, "bl", answered(tmp_path, "plain"), state="approved")
    rejected = answered(tmp_path, "rejected", state="rejected", reason="duplicate person")
    assert import_submissions(db, programme.code, "bl", rejected).changed == 1
    assert db.scalars(select(Submission.reason)).all() == ["duplicate person"]
    assert states(db) == ["rejected"]
