"""Write the answers of a wave as a file for another tool."""

from __future__ import annotations

from typing import Final, Literal, get_args

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.exports.answers_table import answers_table
from evalapp.surveys.exports.labelled_files import spss_file, stata_file
from evalapp.surveys.exports.tool_tables import kobo_workbook, odk_archive, plain_table
from evalapp.surveys.tables import Wave

Format = Literal["csv", "kobo", "odk", "stata", "spss"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


def export_answers(db: Session, wave: Wave, form: Format, *, texts: bool = False, language: str = "ko") -> bytes:
    """Return the answers of a wave, approved corrections applied, by study ID: never an identity.

    Free texts, which may name people, are there only with `texts`. Taken in again, the file brings nothing new. `language` is that
    of the labels in files of Stata and SPSS.
    """
    table = answers_table(db, wave, texts=texts)
    if not table.forms:
        raise AppError(Message("Nobody has answered this wave yet."))
    facts = {"wave": wave.code, "format": form, "submissions": len(table.forms), "texts": texts}
    record_entry(db, "answers_exported", "wave", wave.id, after=facts)
    if form in ("stata", "spss"):
        return (stata_file if form == "stata" else spss_file)(table, language)
    return {"csv": plain_table, "kobo": kobo_workbook, "odk": odk_archive}[form](table)
