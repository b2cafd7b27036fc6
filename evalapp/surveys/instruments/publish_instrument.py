"""Publish a version of a form, once and for all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.instruments.queries import draft_faults, find_instrument, find_newest
from evalapp.surveys.instruments.read_instrument import ReadInstrument, load_instrument, refused_file
from evalapp.surveys.tables import Instrument, InstrumentDraft
from evalapp.xform.reading.archive import pack_folder
from evalapp.xform.reading.sheets import read_sheets

COLUMNS = ("code", "version", "sha256", "definition", "model", "xform", "workbook", "workbook_name")


def publish_instrument(db: Session, form: ReadInstrument | InstrumentDraft) -> Instrument:
    """Store a version of a form, or return it where the same is stored already. A published version never changes.

    Refused are a form with errors, a version that is not above the newest, and other content under a version that is there.
    """
    if isinstance(form, ReadInstrument):
        form.definition  # noqa: B018 - a form with errors is refused here
        return _publish(db, form.stored())
    if form.definition is None:
        raise refused_file(tuple(draft_faults(form)))
    return _publish(db, {column: getattr(form, column) for column in COLUMNS})


def provide_instrument(db: Session, folder: Path) -> Instrument:
    """Return the form that comes with the program, published where it is not; a newer version of it that is here goes before."""
    settings = read_sheets(pack_folder(folder), "folder").sheet("settings").rows[0].cells
    newest = find_newest(db, settings["form_id"])
    if newest is not None and newest.version >= settings["version"]:
        return newest
    return publish_instrument(db, load_instrument(folder))


def find_obstacle(db: Session, draft: InstrumentDraft) -> Message | None:
    """Return what keeps a draft without errors from being published, or None."""
    stored = find_instrument(db, draft.code, draft.version)
    if stored is not None:
        return None if stored.sha256 == draft.sha256 else _other_content(draft.code, draft.version)
    return _behind(db, draft.code, draft.version)


def _publish(db: Session, columns: Mapping[str, Any]) -> Instrument:
    code, version = columns["code"], columns["version"]
    stored = find_instrument(db, code, version)
    if stored is None:
        if behind := _behind(db, code, version):
            raise AppError(behind)
        stored = _store(db, columns)
    if stored.sha256 != columns["sha256"]:
        raise AppError(_other_content(code, version))
    return stored


def _store(db: Session, columns: Mapping[str, Any]) -> Instrument:
    made = Instrument(**columns, published_at=now(), published_by=actor_of(db).account)
    try:
        with db.begin_nested():
            db.add(made)
    except IntegrityError:  # somebody else published it between our question and our answer
        stored = find_instrument(db, columns["code"], columns["version"])
        if stored is None:
            raise
        return stored
    after = {"version": made.version, "sha256": made.sha256}
    record_entry(db, "instrument_published", "instrument", made.code, after=after)
    return made


def _behind(db: Session, code: str, version: str) -> Message | None:
    newest = find_newest(db, code)
    if newest is None or newest.version < version:
        return None
    return Message(
        "Version %(version)s of form %(code)s is not above the newest, %(newest)s. Give the form a higher version.",
        version=version,
        code=code,
        newest=newest.version,
    )


def _other_content(code: str, version: str) -> Message:
    return Message(
        "Version %(version)s of instrument %(code)s is published with other content. Give the changed form a new version.",
        version=version,
        code=code,
    )
