"""Reads of imports and of the mappings that are remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.surveys.imports.reading.file_mapping import FileMapping, mapping_from_json
from evalapp.surveys.imports.sources.export_file import ExportFile
from evalapp.surveys.imports.tables import ImportMapping
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.tables import Instrument, Submission, SurveyImport, Wave


@dataclass(frozen=True)
class ImportLine:
    """One import into a wave, with what of it is there now."""

    taken: SurveyImport
    submissions: int
    corrections: int


def list_imports(db: Session, wave: Wave) -> list[ImportLine]:
    """Return the imports into a wave, the newest first."""
    submissions = select(func.count()).where(Submission.import_id == SurveyImport.id).scalar_subquery()
    corrections = select(func.count()).where(Correction.import_id == SurveyImport.id).scalar_subquery()
    lines = select(SurveyImport, submissions, corrections).where(SurveyImport.wave_id == wave.id)
    newest_first = lines.order_by(SurveyImport.imported_at.desc(), SurveyImport.id.desc())
    return [ImportLine(taken, brought, proposed) for taken, brought, proposed in db.execute(newest_first)]


def get_import(db: Session, wave: Wave, import_id: int) -> SurveyImport:
    """Return an import into a wave, or raise NotFound."""
    found = db.scalar(select(SurveyImport).where(SurveyImport.id == import_id, SurveyImport.wave_id == wave.id))
    if found is None:
        raise NotFound(Message("There is no such import into this wave."))
    return found


def list_mappings(db: Session, wave: Wave) -> Sequence[ImportMapping]:
    """Return the mappings remembered for the form of a wave in its programme, the newest first."""
    code = select(Instrument.code).where(Instrument.id == wave.instrument_id).scalar_subquery()
    here = (ImportMapping.programme_id == wave.programme_id, ImportMapping.instrument_code == code)
    return db.scalars(select(ImportMapping).where(*here).order_by(ImportMapping.saved_at.desc(), ImportMapping.id.desc())).all()


def find_remembered(db: Session, wave: Wave, export: ExportFile) -> FileMapping | None:
    """Return the newest mapping of the same tool whose columns a file has, or None."""
    header = set(export.main.header)
    for saved in list_mappings(db, wave):
        mapping = mapping_from_json(saved.mapping)
        if saved.source == export.source and {mapping.person, *mapping.columns} <= header:
            return mapping
    return None


def get_instrument_code(db: Session, wave: Wave) -> str:
    """Return the code of the form that a wave asks."""
    return db.scalars(select(Instrument.code).where(Instrument.id == wave.instrument_id)).one()
