"""Answers that are exported and taken in again are the same answers, in the way of every tool."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, select

from evalapp.core.read_table import read_csv
from evalapp.surveys.check_answers import MISSING_CODES, REGISTRATION_NUMBER
from evalapp.surveys.codebooks.codebook import make_codebook
from evalapp.surveys.exports.export_answers import FORMATS, export_answers
from evalapp.surveys.imports.import_submissions import take_in
from evalapp.surveys.imports.keep_upload import open_upload
from evalapp.surveys.imports.reading.file_mapping import propose_mapping
from evalapp.surveys.instruments.definition import InstrumentDefinition
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.tables import Answer, Submission
from tests.surveys.imports.conftest import NOON, add_wave, publish, question

SUFFIXES = {"csv": ".csv", "kobo": ".xlsx", "odk": ".zip", "stata": ".dta", "spss": ".sav"}
NOTED = ("state", "reason", "mode", "answered_on")


def everyone(db, wave):
    """Return all that is stored of a wave, by person."""
    found = {}
    for submission in db.scalars(select(Submission).where(Submission.wave_id == wave.id)):
        answers = db.scalars(select(Answer).where(Answer.submission_id == submission.id))
        kept = {(a.variable, a.repeat_path): (a.text, a.number) for a in answers}
        found[submission.entrepreneur_id] = (tuple(getattr(submission, name) for name in NOTED), kept)
    return found


def answer(db, wave, person, answers, **facts):
    """Store a submission; answers are texts by variable, or by (variable, round)."""
    noted = {"state": "received", "mode": "web", "answered_on": dt.date(2026, 3, 5), "received_at": NOON, **facts}
    submission = Submission(wave_id=wave.id, entrepreneur_id=person, instrument_id=wave.instrument_id, **noted)
    db.add(submission)
    db.flush()
    for place, text in answers.items():
        variable, path = place if isinstance(place, tuple) else (place, "")
        number = float(text) if text.removeprefix("-").replace(".", "", 1).isdigit() and not text.startswith(".") else None
        db.add(Answer(submission_id=submission.id, variable=variable, repeat_path=path, text=text, number=number))
    db.flush()


def there_and_back(db, wave, form):
    """Export a wave, empty it, take the file in, and take it in once more; return what the two imports did."""
    content = export_answers(db, wave, form, texts=True)
    export = open_upload(content, SUFFIXES[form])
    again = take_in(db, wave, export, propose_mapping(export))
    db.execute(delete(Submission).where(Submission.wave_id == wave.id))
    db.expire_all()
    return again, take_in(db, wave, export, propose_mapping(export))


@pytest.mark.parametrize("form", FORMATS)
def test_every_type_of_answer_comes_back_as_it_was(db, everything, people, form):
    first, second, third, *rest = people.values()
    answer(db, everything, first, {
        "operating": "yes", "profit": "-99", "hours": "40.5", "opened": "2020-02-29", "ways": "sales other", "form": "sole",
        "hard": "1", "remark": '=1+1은 2, "따옴표"; 쉼표', "a_name_of_a_variable_longer_than_any": "7",
        ("good", "trade[1]"): "사과", ("price", "trade[1]"): "100", ("kinds", "trade[1]"): "cost",
        ("good", "trade[2]"): "-배", ("price", "trade[2]"): ".d", ("kinds", "trade[2]"): ".r",
    })  # fmt: skip
    answer(db, everything, second, {
        "operating": "no", "profit": ".d", "hours": ".r", "ways": ".n", "form": "company", "hard": "5", "remark": ".d",
        ("price", "trade[1]"): "3",
    }, state="approved", mode="phone")  # fmt: skip
    answer(db, everything, third, {"operating": ".r", "opened": ".s", "form": ".o", "hard": ".v"}, state="rejected", reason="두 번")
    for person, code in zip(rest, MISSING_CODES, strict=True):
        answer(
            db, everything, person, {"operating": "yes", "profit": code, "opened": code, "ways": code, "hard": code, "form": "none"}
        )
    before = everyone(db, everything)
    again, report = there_and_back(db, everything, form)
    assert (again.new, again.already_there) == (0, 9)
    assert (report.new, report.revised) == (9, 0)
    assert everyone(db, everything) == before


@pytest.mark.parametrize("form", FORMATS)
def test_every_category_of_the_baseline_comes_back_as_it_was(db, baseline, people, form):
    questions = [q for q in get_instrument_definition(db, baseline.instrument_id).questions if q.name != REGISTRATION_NUMBER]
    most = max(len(q.choices) for q in questions)
    assert most == 17
    years = {"birth_year": "1975", "left_year": "2007", "arrival_year": "2008", "firm_start_year": "2010"}
    answered = []
    for number in range(most):
        row = {}
        for q in questions:
            if q.choices:
                row[q.name] = q.choices[number % len(q.choices)].name
            elif q.type in ("integer", "decimal"):
                row[q.name] = years.get(q.name) or str(int(max(q.minimum, 0)) + number)
        if row["industry"] == "other":
            row["industry_oth"] = "양봉업"
        answered.append(row | {"registration_number_valid": "yes"})
    for rows in (answered[:9], answered[8:]):
        db.execute(delete(Submission))
        for person, row in zip(people.values(), rows, strict=False):
            answer(db, baseline, person, row, answered_on=dt.date(2018, 3, 5))
        before = everyone(db, baseline)
        again, report = there_and_back(db, baseline, form)
        assert (again.new, again.already_there, report.new) == (0, len(rows), len(rows))
        assert everyone(db, baseline) == before


WORDS = InstrumentDefinition(
    "words",
    "2026030101",
    {"ko": "낱말", "en": "Words"},
    (
        *(question(name, "integer") for name in ("if", "strL", "str12", "By", "_n", "iffy")),
        question("with", "select_multiple", (("a", "가", "A"), ("b", "나", "B"))),
    ),
)
RENAMED = {"if": "if_", "strL": "strL_", "str12": "str12_", "By": "By_", "_n": "v_n", "with": "with_"}


@pytest.mark.parametrize("form", ["stata", "spss"])
def test_words_of_the_programs_get_another_name_that_the_codebook_tells(db, programme, people, form):
    wave = add_wave(db, programme, publish(db, WORDS))
    answer(db, wave, people["A-1"], {"if": "1", "strL": "2", "str12": "3", "By": "4", "_n": "5", "iffy": "6", "with": "a b"})
    before = everyone(db, wave)
    header = open_upload(export_answers(db, wave, form, texts=True), SUFFIXES[form]).main.header
    assert set(RENAMED.values()) | {"iffy"} <= set(header)
    assert not set(RENAMED) & set(header)
    assert {row.variable: row.name_in_files for row in make_codebook(WORDS, ()).rows if row.name_in_files} == RENAMED
    again, report = there_and_back(db, wave, form)
    assert (again.already_there, report.new) == (1, 1)
    assert everyone(db, wave) == before


def test_free_texts_leave_only_when_they_are_asked_for(db, everything, people):
    answer(db, everything, people["A-1"], {"operating": "yes", "remark": "이웃이 도왔다"})
    without, whole = (read_csv(export_answers(db, everything, "csv", texts=texts)) for texts in (False, True))
    assert "remark" not in without.header
    assert "이웃이 도왔다" in whole.rows[0].cells
