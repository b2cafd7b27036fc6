"""Small files in the shapes of other tools, and what an import of them leaves."""

from __future__ import annotations

import csv
import io
import zipfile

from openpyxl import Workbook
from sqlalchemy import select

from evalapp.people.tables import Entrepreneur, StudyIdAlias
from evalapp.surveys.imports.keep_upload import open_upload
from evalapp.surveys.tables import Answer, Submission


def table(*rows, separator=",", quoted=False, encoding="utf-8"):
    """Return a CSV file."""
    target = io.StringIO()
    csv.writer(target, delimiter=separator, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    return target.getvalue().encode(encoding)


def workbook(**sheets):
    """Return a workbook with these sheets, each a list of rows."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def archive(**files):
    """Return a zip archive of files, each under its name with .csv behind."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(f"{name}.csv", content)
    return target.getvalue()


def opened(content, suffix=".csv"):
    """Return a file opened as an upload is."""
    return open_upload(content, suffix)


def stored(db, wave):
    """Return the answers of a wave: study ID or alias, then (variable, round) or variable, then text."""
    found = {}
    rows = select(StudyIdAlias.alias, Submission, Entrepreneur).join(Entrepreneur, Entrepreneur.id == Submission.entrepreneur_id)
    for alias, submission, _person in db.execute(
        rows.join(StudyIdAlias, StudyIdAlias.entrepreneur_id == Entrepreneur.id).where(Submission.wave_id == wave.id)
    ):
        answers = db.scalars(select(Answer).where(Answer.submission_id == submission.id))
        found[alias] = {((a.variable, a.repeat_path) if a.repeat_path else a.variable): a.text for a in answers}
    return found
