"""Files in the shape of each tool become the same answers: names, choices, repeated groups, moments, review states."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pyreadstat
import pytest
from sqlalchemy import select

from evalapp.core.errors import RefusedFile
from evalapp.surveys.imports.import_submissions import preview_import, take_in
from evalapp.surveys.imports.reading.file_mapping import propose_mapping
from evalapp.surveys.tables import Submission
from tests.surveys.imports.files import archive, opened, stored, table, workbook

ROUND_1, ROUND_2 = "trade[1]", "trade[2]"
EXPECTED = {
    "A-1": {
        "operating": "yes", "profit": "-5", "ways": "sales other", "opened": "2020-02-29",
        ("good", ROUND_1): "사과", ("price", ROUND_1): "100", ("good", ROUND_2): "배", ("price", ROUND_2): "200",
    },
    "A-2": {"operating": "no", "profit": ".d", ("good", ROUND_1): "쌀"},
}  # fmt: skip


def take(db, wave, content, suffix=".csv", **changes):
    export = opened(content, suffix)
    return take_in(db, wave, export, replace(propose_mapping(export), **changes))


def faults(db, wave, content, suffix=".csv", **changes):
    export = opened(content, suffix)
    found = preview_import(db, wave, export, replace(propose_mapping(export), **changes), revise=False)
    return [(fault.row, fault.column, str(fault.message)) for fault in found.faults]


def submissions(db, wave):
    return db.scalars(select(Submission).where(Submission.wave_id == wave.id).order_by(Submission.source_row)).all()


KOBO = ["start", "group_a/study_id", "group_a/operating", "profit", "ways", "ways/sales", "ways/cost", "ways/other", "opened",
        "_id", "_uuid", "_submission_time", "_validation_status", "__version__", "_index"]  # fmt: skip
KOBO_ROWS = [
    ["2026-03-05T09:00:00.000+09:00", "A-1", "yes", -5, "sales other", 1, 0, 1, "2020-02-29", 7, "u-1", "2026-03-05T16:00:00",
     "Approved", "vX", 1],
    ["2026-03-06T09:00:00.000+09:00", "A-2", "no", -99, "", "", "", "", "", 8, "u-2", "2026-03-06T01:00:00",
     "validation_status_not_approved", "vX", 2],
]  # fmt: skip


@pytest.mark.usefixtures("people")
def test_a_workbook_of_kobotoolbox_with_its_sheet_of_rounds(db, everything):
    rounds = [["good", "price", "_index", "_parent_table_name", "_parent_index"],
              ["사과", 100, 1, "A form", 1], ["쌀", None, 2, "A form", 2], ["배", 200, 3, "A form", 1]]  # fmt: skip
    assert take(db, everything, workbook(main=[KOBO, *KOBO_ROWS], trade=rounds), ".xlsx", missing={"-99": ".d", "-88": ".r"},
                ).new == 2  # fmt: skip
    # A loss of 99 can be: the form asks for numbers from -1000 on, so a code that is not declared is an answer.
    assert stored(db, everything) == {**EXPECTED, "A-2": {**EXPECTED["A-2"], "profit": "-99"}}
    first, second = submissions(db, everything)
    assert (first.state, first.reason, first.key) == ("approved", None, "kobo:u-1")
    assert first.received_at == dt.datetime(2026, 3, 5, 16, tzinfo=dt.UTC)
    assert first.answered_on == dt.date(2026, 3, 6)  # it was after midnight in Seoul
    assert first.started_at == dt.datetime(2026, 3, 5, 0, tzinfo=dt.UTC)
    assert (second.state, second.reason) == ("rejected", "kobo: validation_status_not_approved")


@pytest.mark.usefixtures("people")
def test_a_csv_file_of_kobotoolbox_lacks_the_rounds_and_says_so(db, everything):
    content = table(KOBO, *KOBO_ROWS, separator=";", quoted=True)
    report = take(db, everything, content, states=False)
    assert [str(notice).split(",")[0] for notice in report.notices] == ["The form repeats groups"]
    assert {submission.state for submission in submissions(db, everything)} == {"received"}


@pytest.mark.usefixtures("people")
def test_choices_in_columns_of_their_own_are_put_together(db, everything):
    header = ["study_id", "operating", "ways/sales", "ways/other", "_uuid", "_submission_time"]
    rows = [["A-1", "yes", "1", "1"], ["A-2", "yes", "0", "TRUE"], ["A-3", "no", "", ""], ["A-4", "yes", "0", "0"]]
    take(db, everything, table(header, *([*row, f"u{n}", "2026-03-05T10:00:00"] for n, row in enumerate(rows))))
    assert [answers.get("ways") for answers in stored(db, everything).values()] == ["sales other", "other", None, None]


@pytest.mark.usefixtures("people")
def test_an_archive_of_odk_central_with_the_keys_of_rounds(db, everything):
    main = table(
        ["SubmissionDate", "start", "g-study_id", "g-operating", "profit", "ways/sales", "ways/cost", "ways/other", "opened",
         "meta-instanceID", "KEY", "SubmitterName", "ReviewState", "FormVersion"],
        ["2026-03-05T16:00:00.000Z", "2026-03-05T09:00:00.000+09:00", "A-1", "yes", "-5", "1", "0", "1", "2020-02-29", "uuid:a",
         "uuid:a", "someone", "hasIssues", "2026030101"],
        ["2026-03-06T16:00:00.000Z", "", "A-2", "no", ".d", "", "", "", "", "uuid:b", "uuid:b", "someone", "", "2025010101"],
    )  # fmt: skip
    rounds = table(["good", "price", "PARENT_KEY", "KEY"], ["사과", "100", "uuid:a", "uuid:a/trade[1]"],
                   ["배", "200", "uuid:a", "uuid:a/trade[2]"], ["쌀", "", "uuid:b", "uuid:b/trade[1]"])  # fmt: skip
    log = table(["event", "node", "start", "end"], ["form start", "", "1", "2"])
    report = take(db, everything, archive(form=main, **{"form-trade": rounds, "audit": log}), ".zip")
    assert stored(db, everything) == EXPECTED
    assert [submission.state for submission in submissions(db, everything)] == ["has_issues", "received"]
    assert [str(notice) for notice in report.notices] == [
        "1 files of the archive hold no answers and are left out.", "1 rows were answered with another version of the form.",
    ]  # fmt: skip


@pytest.mark.usefixtures("people")
def test_a_wide_file_of_surveycto_and_its_dates(db, everything):
    header = ["SubmissionDate", "starttime", "study_id", "operating", "profit", "ways_sales", "ways_cost", "ways_other", "opened",
              "good_1", "price_1", "kinds_cost_1", "good_2", "price_2", "formdef_version", "KEY"]  # fmt: skip
    rows = [
        ["Mar 5, 2026 11:00:00 PM", "Mar 5, 2026 9:00:00 AM", "A-1", "yes", "-5", "1", "0", "1", "Feb 29, 2020", "사과", "100", "1",
         "배", "200", "2026030101", "uuid:a"],
        ["2026. 3. 6. 오후 11:00:00", "", "A-2", "no", ".d", "", "", "", "", "쌀", "", "", "", "", "2026030101", "uuid:b"],
    ]  # fmt: skip
    take(db, everything, table(header, *rows))
    assert stored(db, everything) == {**EXPECTED, "A-1": {**EXPECTED["A-1"], ("kinds", ROUND_1): "cost"}}
    first, second = submissions(db, everything)
    assert first.received_at == second.received_at - dt.timedelta(days=1) == dt.datetime(2026, 3, 5, 14, tzinfo=dt.UTC)


@pytest.mark.usefixtures("people")
def test_files_of_surveycto_with_a_file_for_each_group(db, everything):
    main = table(["SubmissionDate", "study_id", "operating", "SET-OF-trade", "formdef_version", "KEY"],
                 ["2026-03-05 10:00:00", "A-2", "no", "uuid:b/trade", "1", "uuid:b"])  # fmt: skip
    rounds = table(["good", "PARENT_KEY", "KEY", "SET-OF-trade"], ["쌀", "uuid:b", "uuid:b/trade[1]", "uuid:b/trade"])
    take(db, everything, archive(form=main, **{"form-trade": rounds}), ".zip")
    assert stored(db, everything) == {"A-2": {"operating": "no", ("good", ROUND_1): "쌀"}}


@pytest.mark.usefixtures("people")
def test_a_date_that_can_be_read_in_two_ways_needs_a_word(db, everything):
    content = table(["study_id", "operating", "opened"], ["A-1", "yes", "03/04/2020"], ["A-2", "yes", "13/04/2020"])
    assert [(row, column) for row, column, _ in faults(db, everything, content)] == [(2, "opened")]
    take(db, everything, content, date_order="dmy")
    assert [answers["opened"] for answers in stored(db, everything).values()] == ["2020-04-03", "2020-04-13"]


@pytest.mark.usefixtures("people")
def test_labels_count_only_when_somebody_says_so(db, everything):
    header = ["study_id", "Question operating", "hard 질문"]
    content = table(header, ["A-1", "예", "3점"], separator=";")
    assert "Columns are missing: operating. Add them." in [message for *_, message in faults(db, everything, content)]
    take(db, everything, content, headers="labels", choices="labels")
    assert stored(db, everything) == {"A-1": {"operating": "yes", "hard": "3"}}
    named = table(["study_id", "operating", "_uuid", "_submission_time"], ["A-2", "예", "u", "2026-03-05T10:00:00"])
    assert faults(db, everything, named) == [(2, "operating", "“예” is not one of the choices. Write one of: yes, no.")]


@pytest.mark.usefixtures("people")
def test_a_table_in_cp949_is_read_with_a_notice(db, everything):
    content = table(["study_id", "operating", "remark"], ["A-1", "yes", "이웃이 도왔다"], encoding="cp949")
    report = take(db, everything, content)
    assert stored(db, everything)["A-1"]["remark"] == "이웃이 도왔다"
    assert "CP949" in str(report.notices[0])


def statistics_file(path, write, frame, **settings):
    write(frame, path, **settings)
    return path.read_bytes()


@pytest.mark.usefixtures("people")
def test_a_foreign_file_of_stata_with_codes_labels_and_letters(db, everything, tmp_path):
    frame = pd.DataFrame({
        "study_id": ["A-1", "A-2"], "operating": [1.0, 2.0], "profit": pd.Series([-5.0, "a"], dtype=object),
        "hours": pd.Series(["r", 40.5], dtype=object), "opened": [dt.date(2020, 2, 29), None], "hard": [5.0, 4.0],
    })  # fmt: skip
    labels = {"operating": {1: "Yes", 2: "아니요"}, "profit": {"a": "Refused"}, "hard": {5: "5점"}}
    missing = {"profit": ["a"], "hours": ["r"]}
    content = statistics_file(
        tmp_path / "f.dta", pyreadstat.write_dta, frame, version=14, variable_value_labels=labels, missing_user_values=missing
    )
    take(db, everything, content, ".dta")
    assert stored(db, everything) == {
        "A-1": {"operating": "yes", "profit": "-5", "hours": ".r", "opened": "2020-02-29", "hard": "5"},
        "A-2": {"operating": "no", "profit": ".r", "hours": "40.5", "hard": "4"},
    }


@pytest.mark.usefixtures("people")
def test_a_code_that_spss_declares_missing_needs_a_kind(db, everything, tmp_path):
    frame = pd.DataFrame({"study_id": ["A-1", "A-2"], "operating": [1.0, 2.0], "profit": [-5.0, -99.0], "hours": [-7.0, 1.0]})
    labels = {"operating": {1: "Yes", 2: "No"}, "hours": {-7.0: "응답 거부"}}
    ranges = {"profit": [-99.0], "hours": [-7.0]}
    content = statistics_file(tmp_path / "f.sav", pyreadstat.write_sav, frame, variable_value_labels=labels, missing_ranges=ranges)
    assert faults(db, everything, content, ".sav", missing={}) == [
        (3, "profit", "The file says that -99 is a missing answer. Say for the whole file of which kind.")
    ]
    take(db, everything, content, ".sav", missing={"-99": ".n"})
    assert [answers["profit"] for answers in stored(db, everything).values()] == ["-5", ".n"]
    assert stored(db, everything)["A-1"]["hours"] == ".r"


@pytest.mark.usefixtures("people")
def test_a_round_without_its_person_is_a_fault(db, everything):
    rounds = [["good", "_index", "_parent_table_name", "_parent_index"], ["사과", 1, "main", 9]]
    found = faults(db, everything, workbook(main=[KOBO, *KOBO_ROWS], trade=rounds), ".xlsx")
    assert found == [(2, None, "The row belongs to no row of the other tables. Export the file again, all its tables at once.")]


@pytest.mark.usefixtures("people")
def test_columns_of_a_tool_that_are_not_of_the_form_are_shown_and_left_out_but_identities_refuse_the_file(db, everything):
    content = table(
        ["study_id", "operating", "colour", "_uuid", "_submission_time"], ["A-1", "yes", "red", "u", "2026-03-05T10:00:00"]
    )
    report = take(db, everything, content)
    assert [use.column for use in report.columns if use.use == "unmatched"] == ["colour"]
    named = table(["study_id", "operating", "phone", "_uuid", "_submission_time"], ["A-2", "yes", "x", "v", "2026-03-05T10:00:00"])
    export = opened(named)
    with pytest.raises(RefusedFile) as refused:
        take_in(db, everything, export, propose_mapping(export))
    assert "identifies a person" in str(refused.value.faults[0].message)


@pytest.mark.usefixtures("people")
def test_a_column_is_read_as_somebody_says(db, everything):
    content = table(["id", "runs", "note"], ["A-1", "yes", "?"])
    mapping = {"person": "id", "columns": {"runs": "operating", "note": ""}}
    take(db, everything, content, **mapping)
    assert stored(db, everything) == {"A-1": {"operating": "yes"}}
    twice = table(["id", "runs", "operating"], ["A-1", "yes", "no"])
    assert (1, "operating", "Columns “runs” and “operating” mean the same. Leave one of them out.") in faults(
        db, everything, twice, **{**mapping, "columns": {"runs": "operating"}}
    )
