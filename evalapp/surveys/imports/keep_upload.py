"""Keep an uploaded file, sealed, while somebody looks at what it would do; take it out, or throw it away."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import tempfile
import zlib
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.surveys.imports.reading.file_mapping import FileMapping, mapping_to_json
from evalapp.surveys.imports.sources.export_file import ExportFile
from evalapp.surveys.imports.sources.read_export import read_export
from evalapp.surveys.imports.tables import SurveyUpload
from evalapp.surveys.tables import Wave

KEPT_FOR = dt.timedelta(days=1)
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".zip", ".dta", ".sav", ".zsav")


def upload_context(key: str) -> str:
    """Return the context in which an upload is sealed."""
    return f"upload:{key}"


def open_upload(content: bytes, suffix: str) -> ExportFile:
    """Read an uploaded file, or refuse it. Of its name only the ending counts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{known_suffix(suffix)}"
        path.write_bytes(content)
        return read_export(path)


def known_suffix(name: str) -> str:
    """Return the ending of a file's name where it is one of ours, else that of a table."""
    suffix = Path(name).suffix.lower() or name.lower()
    return suffix if suffix in SUFFIXES else ".csv"


def keep_upload(db: Session, wave: Wave, content: bytes, suffix: str, mapping: FileMapping) -> SurveyUpload:
    """Keep a file for a day. Those that were left longer are thrown away."""
    db.execute(delete(SurveyUpload).where(SurveyUpload.uploaded_at < now() - KEPT_FOR))
    key = secrets.token_urlsafe(16)
    packed = base64.b64encode(zlib.compress(content)).decode()
    upload = SurveyUpload(
        key=key,
        wave_id=wave.id,
        content_sealed=keys_of(db).seal(packed, upload_context(key)),
        suffix=known_suffix(suffix),
        mapping=mapping_to_json(mapping),
        uploaded_by=actor_of(db).account,
        uploaded_at=now(),
    )
    db.add(upload)
    db.flush()
    return upload


def change_mapping(db: Session, upload: SurveyUpload, mapping: FileMapping) -> None:
    """Read a kept file in another way from now on."""
    upload.mapping = mapping_to_json(mapping)
    db.flush()


def get_upload(db: Session, wave: Wave, key: str) -> SurveyUpload:
    """Return a file that the session's account keeps for a wave, or raise NotFound."""
    own = SurveyUpload.key == key, SurveyUpload.wave_id == wave.id, SurveyUpload.uploaded_by == actor_of(db).account
    upload = db.scalar(select(SurveyUpload).where(*own))
    if upload is None:
        raise NotFound(Message("This file is not kept any more. Choose it again."))
    return upload


def take_upload(db: Session, upload: SurveyUpload) -> ExportFile:
    """Return what a kept file holds."""
    packed = keys_of(db).open(upload.content_sealed, upload_context(upload.key))
    return open_upload(zlib.decompress(base64.b64decode(packed)), upload.suffix)


def drop_upload(db: Session, upload: SurveyUpload) -> None:
    """Throw a kept file away."""
    db.delete(upload)
    db.flush()
