"""Remember how the files of one form are read, under a name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.clock import now
from evalapp.surveys.imports.reading.file_mapping import FileMapping, mapping_to_json
from evalapp.surveys.imports.sources.export_file import Source
from evalapp.surveys.imports.tables import ImportMapping


def save_mapping(
    db: Session, programme_id: int, instrument_code: str, name: str, source: Source, mapping: FileMapping
) -> ImportMapping:
    """Store a mapping; one of the same name is replaced."""
    here = (
        ImportMapping.programme_id == programme_id,
        ImportMapping.instrument_code == instrument_code,
        ImportMapping.name == name,
    )
    saved = db.scalar(select(ImportMapping).where(*here))
    if saved is None:
        saved = ImportMapping(programme_id=programme_id, instrument_code=instrument_code, name=name)
        db.add(saved)
    saved.source, saved.mapping = source, mapping_to_json(mapping)
    saved.saved_by, saved.saved_at = actor_of(db).account, now()
    db.flush()
    return saved
