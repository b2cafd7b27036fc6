"""Answers as the tables of KoboToolbox and ODK Central, and as one plain table."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence

from openpyxl import Workbook

from evalapp.core.csv_file import csv_file, harmless
from evalapp.surveys.exports.answers_table import AnsweredForm, AnswersTable, iso
from evalapp.surveys.imports.reading.form_variables import Variable
from evalapp.surveys.imports.reading.review_states import tool_state
from evalapp.surveys.review.corrections.apply_corrections import Place

LONGEST_SHEET_NAME = 31
NUMBERS = ("integer", "decimal")
Cells = list[object]
ARCHIVE_TIME = (1980, 1, 1, 0, 0, 0)  # the same answers make the same archive


def kobo_workbook(table: AnswersTable) -> bytes:
    """Return a workbook as KoboToolbox exports it: a sheet of people, and one for each repeated group."""
    book = Workbook(write_only=True)
    title = table.definition.code[:LONGEST_SHEET_NAME]
    indexes: dict[tuple[int, str], int] = {}
    main = book.create_sheet(title)
    own = table.variables_in(())
    added = ["study_id", "mode", "answered_on", "reason", "_id", "_uuid", "_submission_time", "_validation_status", "_index"]
    main.append([*_headings(own), *added])
    for index, form in enumerate(table.forms, start=1):
        sub = form.submission
        indexes[index, ""] = index
        facts = [form.study_id, sub.mode or "", _day(form), sub.reason or "", sub.id, form.instance, iso(sub.received_at)]
        main.append([*_answers(form, own, ""), *facts, tool_state("kobo", sub.state), index])
    for repeats in table.repeated_groups():
        _kobo_rounds(book, table, repeats, title, indexes)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _kobo_rounds(
    book: Workbook, table: AnswersTable, repeats: tuple[str, ...], title: str, indexes: dict[tuple[int, str], int]
) -> None:
    sheet = book.create_sheet(repeats[-1][:LONGEST_SHEET_NAME])
    inside = table.variables_in(repeats)
    sheet.append([*_headings(inside), "_index", "_parent_table_name", "_parent_index"])
    parent = repeats[-2][:LONGEST_SHEET_NAME] if len(repeats) > 1 else title
    index = 0
    for number, form in enumerate(table.forms, start=1):
        for above, path in _rounds(form, repeats):
            index += 1
            indexes[number, path] = index
            sheet.append([*_answers(form, inside, path), index, parent, indexes[number, above]])


def odk_archive(table: AnswersTable) -> bytes:
    """Return a zip archive as ODK Central exports it: a CSV file of people, and one for each repeated group."""
    own, code = table.variables_in(()), table.definition.code
    added = ["study_id", "mode", "answered_on", "reason", "KEY", "ReviewState", "FormVersion"]
    rows: list[Cells] = []
    for form in table.forms:
        sub = form.submission
        facts = [form.study_id, sub.mode or "", _day(form), sub.reason or "", f"uuid:{form.instance}"]
        state = [tool_state("odk", sub.state), table.definition.version]
        rows.append([f"{iso(sub.received_at)}Z", *_answers(form, own, ""), *facts, *state])
    files: dict[str, list[Cells]] = {f"{code}.csv": [["SubmissionDate", *_headings(own), *added], *rows]}
    for repeats in table.repeated_groups():
        inside = table.variables_in(repeats)
        lines: list[Cells] = [
            [*_answers(form, inside, path), _odk_key(form, above), _odk_key(form, path)]
            for form in table.forms
            for above, path in _rounds(form, repeats)
        ]
        files[f"{code}-{repeats[-1]}.csv"] = [[*_headings(inside), "PARENT_KEY", "KEY"], *lines]
    return _archive(files)


def _odk_key(form: AnsweredForm, path: str) -> str:
    return f"uuid:{form.instance}" + (f"/{path}" if path else "")


def _archive(files: dict[str, list[Cells]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            archive.writestr(zipfile.ZipInfo(name, ARCHIVE_TIME), text.getvalue(), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def plain_table(table: AnswersTable) -> bytes:
    """Return one CSV table with a row for each person; the rounds of repeated groups have their number behind the name."""
    columns = [(name, place, variable) for variable in table.variables for name, place in table.places(variable)]
    header = ["study_id", "answered_on", "mode", "state", "reason", *(name for name, _place, _variable in columns)]
    rows = [
        [
            *(form.study_id, _day(form), form.submission.mode or "", form.submission.state, form.submission.reason or ""),
            *(cell(form.answers.get(place, ""), variable) for _name, place, variable in columns),
        ]
        for form in table.forms
    ]
    return csv_file(header, rows)


def _headings(variables: Sequence[Variable]) -> list[str]:
    """Return the columns of some variables, with one for each choice where several can be made."""
    names = []
    for variable in variables:
        names.append(variable.name)
        if variable.question.type == "select_multiple":
            names += [f"{variable.name}/{choice.name}" for choice in variable.question.choices]
    return names


def _answers(form: AnsweredForm, variables: Sequence[Variable], path: str) -> Cells:
    cells: Cells = []
    for variable in variables:
        text = form.answers.get(Place(variable.name, path), "")
        cells.append(harmless(cell(text, variable)))
        if variable.question.type == "select_multiple":
            cells += [ticked(text, choice.name) for choice in variable.question.choices]
    return cells


def cell(text: str, variable: Variable) -> object:
    """Return an answer as a cell: numbers as numbers, so that a spreadsheet does not take a loss for a formula."""
    if variable.question.type in NUMBERS and text and not text.startswith("."):
        return float(text) if "." in text or "e" in text.lower() else int(text)
    return text


def ticked(text: str, choice: str) -> object:
    """Return the cell of one of several choices: 1, 0, or empty where the question has no answer."""
    return int(choice in text.split()) if text and not text.startswith(".") else ""


def _rounds(form: AnsweredForm, repeats: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the rounds of the innermost of some repeated groups, each after the path of the round around it."""
    paths = [""]
    for repeat in repeats[:-1]:
        paths = [inner for path in paths for inner in form.rounds(path, repeat)]
    for path in paths:
        for inner in form.rounds(path, repeats[-1]):
            yield path, inner


def _day(form: AnsweredForm) -> str:
    answered_on = form.submission.answered_on
    return answered_on.isoformat() if answered_on else ""
