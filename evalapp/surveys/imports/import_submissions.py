"""Take in a file of answers to one wave, all of it or none, whichever tool wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.faults import SHOWN_FAULTS
from evalapp.surveys.imports.import_report import LISTED_FAULTS, ImportReport, Preview
from evalapp.surveys.imports.reading.file_mapping import FileMapping, propose_mapping
from evalapp.surveys.imports.reading.form_variables import get_form_variables
from evalapp.surveys.imports.sort_rows import FileSorter
from evalapp.surveys.imports.sources.export_file import ExportFile
from evalapp.surveys.imports.sources.read_export import read_export
from evalapp.surveys.imports.write_rows import RowWriter
from evalapp.surveys.queries import get_wave
from evalapp.surveys.review.check_comment import check_comment
from evalapp.surveys.tables import Wave
from evalapp.surveys.wave_locks import refuse_if_locked

State = Literal["received", "approved"]


def import_submissions(
    db: Session,
    programme_code: str,
    wave_code: str,
    path: Path,
    *,
    state: State = "received",
    revise: str = "",
    dry_run: bool = False,
) -> ImportReport:
    """Take in the answers of a file as `take_in` does, read in the way its tool suggests."""
    wave = get_wave(db, programme_code, wave_code)
    export = read_export(path)
    if dry_run:
        preview = preview_import(
            db, wave, export, propose_mapping(export), state=state, revise=bool(revise), most_faults=SHOWN_FAULTS
        )
        preview.refuse_if_any()
        return preview.report
    return take_in(db, wave, export, propose_mapping(export), state=state, revise=revise)


def take_in(
    db: Session, wave: Wave, export: ExportFile, mapping: FileMapping, *, state: State = "received", revise: str = ""
) -> ImportReport:
    """Take in the answers of a file, one row a person, or with any fault none of them.

    `state` is that of rows which do not say their own. Rows marked as rejected or as having issues may contradict themselves and
    may leave questions open. People whose submission is stored already are counted when the file gives the same answers. Other
    answers are a fault, unless `revise` says why they are right: then each becomes a correction beside the answer that was given,
    and a second person approves it. A review state that the file names, or approval of the whole file, is brought up to date.
    """
    why = check_comment(revise, needed=False)
    refuse_if_locked(db, wave.id)
    with db.begin_nested():
        sorter = FileSorter(db, wave, get_form_variables(db, wave.instrument_id), export, mapping, state, revise=bool(why))
        writer = RowWriter(db, wave, export, sorter.judge, why)
        for chunk in sorter.chunks():
            if not sorter.faults.count:
                writer.write(chunk)
        sorter.faults.refuse_if_any()
        writer.finish()
        report = sorter.report()
        after = {"wave": wave.code, "source": export.source, "sha256": export.sha256, **_counts(report)}
        record_entry(db, "answers_imported", "wave", wave.id, after=after, reason=why)
    return report


def preview_import(
    db: Session,
    wave: Wave,
    export: ExportFile,
    mapping: FileMapping,
    *,
    state: State = "received",
    revise: bool = True,
    most_faults: int = LISTED_FAULTS,
) -> Preview:
    """Say what a file would do, and everything wrong with it; nothing is written."""
    variables = get_form_variables(db, wave.instrument_id)
    sorter = FileSorter(db, wave, variables, export, mapping, state, revise=revise, most_faults=most_faults)
    for _chunk in sorter.chunks():
        pass
    faults = sorter.faults
    return Preview(sorter.report(), faults.kept, faults.count - len(faults.kept))


def _counts(report: ImportReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in ("rows", "new", "changed", "revised", "already_there")}
