"""Open a file of answers, whichever tool wrote it: told by its content, never by its name."""

from __future__ import annotations

from pathlib import Path

from evalapp.core.faults import printable, refuse
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.core.read_table import ZIP_START, read_bytes, read_table
from evalapp.core.sheets import Sheet
from evalapp.surveys.imports.sources.archive import is_archive_of_tables, read_archive
from evalapp.surveys.imports.sources.export_file import ExportFile, Source
from evalapp.surveys.imports.sources.statistics_file import is_statistics_file, read_statistics_file

PARENT_COLUMNS = ("PARENT_KEY", "_parent_index")


def read_export(path: Path) -> ExportFile:
    """Read a file of answers, or refuse it with every fault of its shape."""
    content = read_bytes(path)
    sha256 = sha256_of(content)
    if is_statistics_file(content):
        table = read_statistics_file(content)
        return ExportFile(source_of(table.sheet), sha256, table.sheet, (), table.code_labels)
    if content.startswith(ZIP_START) and is_archive_of_tables(content):
        sheets, notices = read_archive(content)
    else:
        sheets, notices = read_table(path, rows_needed=False), ()
    main, repeats = _parted(sheets)
    said = tuple(dict.fromkeys(notice for sheet in sheets for notice in sheet.notices))
    return ExportFile(source_of(main), sha256, main, repeats, {}, (*said, *notices))


def source_of(sheet: Sheet) -> Source:
    """Say which tool wrote a table, by the columns that only it adds."""
    columns = set(sheet.header)
    if {"_uuid", "_submission_time"} <= columns:
        return "kobo"
    if "KEY" in columns and columns & {"formdef_version", "CompletionDate", "starttime"}:
        return "surveycto"
    return "odk" if {"KEY", "SubmissionDate"} <= columns else "plain"


def _parted(sheets: list[Sheet]) -> tuple[Sheet, tuple[Sheet, ...]]:
    """Return the table of people and those of repeated groups, which name the row they belong to."""
    repeats = tuple(sheet for sheet in sheets if set(PARENT_COLUMNS) & set(sheet.header))
    mains = [sheet for sheet in sheets if sheet not in repeats]
    if not mains:
        raise refuse(Message("The file holds repeated groups only. Import the file with a row for each person, with them in it."))
    if len(mains) > 1:
        names = ", ".join(printable(str(sheet.name)) for sheet in mains)
        raise refuse(
            Message("The file has several tables of people: %(names)s. Keep the one to import and delete the others.", names=names)
        )
    if not mains[0].rows:
        raise refuse(Message("The table has column names but no rows below them. Add at least one row."), row=2)
    return mains[0], repeats
