"""Rows of a file are held against the form itself, with its rounds within rounds, and what does not fit is flagged for review."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from evalapp.surveys.exports.export_answers import export_answers
from evalapp.surveys.imports.import_submissions import preview_import, take_in
from evalapp.surveys.imports.reading.file_mapping import propose_mapping
from evalapp.surveys.instruments.publish_instrument import publish_instrument
from evalapp.surveys.instruments.read_instrument import read_instrument
from evalapp.surveys.review.tables import QualityFlag
from evalapp.surveys.tables import Submission
from tests.surveys.imports.conftest import add_wave
from tests.surveys.imports.files import archive, opened, stored, table, workbook
from tests.surveys.imports.test_round_trip import SUFFIXES, everyone
from tests.xform.sheets import packed

SURVEY = """
| type | name | label | relevant | constraint | required | calculation | choice_filter |
| integer | firms | How many firms? | | . <= 5 | yes | | |
| select_one area | area | Area? | ${firms} > 0 | | | | |
| select_one town | town | Town? | ${area} != '' | | | | of = ${area} |
| calculate | many | | | | | if(${firms} > 1, 'yes', 'no') | |
| text | why_many | Why several? | ${many} = 'yes' | | yes | | |
| begin_repeat | firm | Firm | ${firms} > 0 | | | | |
| integer | staff | Staff? | | . >= 0 | | | |
| begin_repeat | trade | Trade | ${staff} > 0 | | | | |
| text | good | Good? | | | | | |
| integer | price | Price? | ${good} != '' | . < 100 * ${staff} | yes | | |
| end_repeat | | | | | | | |
| end_repeat | | | | | | | |
"""
CHOICES = """
| list_name | name | label | of |
| area | south | South | |
| area | north | North | |
| town | busan | Busan | south |
| town | seoul | Seoul | north |
"""
SETTINGS = "form_title,form_id,version\nFirms,firms,2026112201\n"
ROUND = "firm[1]/trade[2]"


@pytest.fixture
def firms(db, programme, people):  # noqa: ARG001 - they are registered
    read = read_instrument(packed(SURVEY, CHOICES, SETTINGS), "firms.zip")
    return add_wave(db, programme, publish_instrument(db, read))


def kobo(firm, *trades, **answers):
    """Return a workbook of KoboToolbox: one person, one firm, its trades."""
    main = {"study_id": "A-1", "firms": "1", "_uuid": "u1", "_submission_time": "2026-03-05T10:00:00", "_index": "1", **answers}
    return workbook(
        firms=[list(main), list(main.values())],
        firm=[["staff", "_index", "_parent_table_name", "_parent_index"], [firm, 1, "firms", 1]],
        trade=[
            ["good", "price", "_index", "_parent_table_name", "_parent_index"],
            *([*each, n, "firm", 1] for n, each in enumerate(trades, 1)),
        ],
    )


def take(db, wave, content, suffix=".xlsx", **options):
    export = opened(content, suffix)
    return take_in(db, wave, export, propose_mapping(export), **options)


def faults(db):
    return [tuple(each) for each in json.loads(db.scalar(select(Submission.form_faults)) or "[]")]


def flags(db):
    return {(flag.rule, flag.variable) for flag in db.scalars(select(QualityFlag).where(QualityFlag.rule.like("form_%")))}


def test_rounds_within_rounds_come_in_and_go_out_as_they_were(db, firms):
    take(db, firms, kobo("2", ["apples", "100"], ["pears", "150"], area="south", town="busan"))
    assert stored(db, firms)["A-1"][("price", ROUND)] == "150"
    assert (faults(db), flags(db)) == ([], set())
    before = everyone(db, firms)
    for form, suffix in SUFFIXES.items():
        if form == "csv":
            continue
        content = export_answers(db, firms, form, texts=True)
        for submission in db.scalars(select(Submission)):
            db.delete(submission)
        db.flush()
        take(db, firms, content, suffix)
        assert everyone(db, firms) == before, form


def test_rounds_within_rounds_of_odk_central_and_surveycto(db, firms):
    main = table(["SubmissionDate", "study_id", "firms", "KEY"], ["2026-03-05T16:00:00.000Z", "A-1", "1", "uuid:a"])
    firm = table(["staff", "PARENT_KEY", "KEY"], ["2", "uuid:a", "uuid:a/firm[1]"])
    trade = table(["good", "price", "PARENT_KEY", "KEY"], ["apples", "100", "uuid:a/firm[1]", "uuid:a/firm[1]/trade[1]"],
                  ["pears", "150", "uuid:a/firm[1]", "uuid:a/firm[1]/trade[2]"])  # fmt: skip
    take(db, firms, archive(firms=main, **{"firms-firm": firm, "firms-trade": trade}), ".zip")
    rounds = ["staff_1", "good_1_1", "price_1_1", "good_1_2", "price_1_2"]
    header = ["SubmissionDate", "study_id", "firms", *rounds, "formdef_version", "KEY"]
    row = ["2026-03-05 10:00:00", "A-2", "1", "2", "apples", "100", "pears", "150", "1", "uuid:b"]
    take(db, firms, table(header, row), ".csv")
    odk, surveycto = stored(db, firms).values()
    assert odk == surveycto
    assert odk[("price", ROUND)] == "150"


DOUBTED = {
    "a constraint in a round within a round": (
        kobo("1", ["apples", "99"], ["pears", "100"]), [("price", ROUND, "constraint", "100")], {("form_not_allowed", "price")},
    ),
    "an answer that is missing in a round": (
        kobo("1", ["apples", "1"], ["pears", ""]), [("price", ROUND, "required", "")], {("form_not_answered", "price")},
    ),
    "a reason for a missing answer": (kobo("1", ["apples", "1"], ["pears", ".r"]), [], set()),
    "rounds that are not asked": (
        kobo("0", ["apples", ""]), [("good", "firm[1]/trade[1]", "not_asked", "apples")], {("form_not_asked", "good")},
    ),
    "a condition on a calculation": (
        kobo("1", firms="2", why_many=""), [("why_many", "", "required", "")], {("form_not_answered", "why_many")},
    ),
    "a question that a calculation leaves out": (
        kobo("1", firms="1", why_many="more"), [("why_many", "", "not_asked", "more")], {("form_not_asked", "why_many")},
    ),
    "a question without a column": (kobo("1", firms="2"), [], set()),
    "a choice that the answer before rules out": (
        kobo("1", area="south", town="seoul"), [("town", "", "choice", "seoul")], {("form_not_allowed", "town")},
    ),
    "a constraint of its own": (kobo("1", firms="6", why_many="x"), [("firms", "", "constraint", "6")], {("form_not_allowed", "firms")}),
}  # fmt: skip


@pytest.mark.parametrize(("content", "kept", "raised"), DOUBTED.values(), ids=DOUBTED)
def test_what_the_form_would_not_let_pass_is_taken_in_and_flagged(db, firms, content, kept, raised):
    report = take(db, firms, content)
    assert report.new == 1
    assert faults(db) == kept
    assert flags(db) == raised
    notice = "Rows with answers that the form would not have let pass: 1 (2). They are taken in and flagged for review."
    assert (notice in map(str, report.notices)) == bool(kept)


def test_a_preview_names_the_rows_and_writes_nothing(db, firms):
    export = opened(kobo("1", ["apples", "1000"]), ".xlsx")
    preview = preview_import(db, firms, export, propose_mapping(export))
    assert any("would not have let pass: 1 (2)" in str(notice) for notice in preview.report.notices)
    assert db.scalars(select(Submission)).all() == []
