"""Reads of survey forms: what is published, what waits as a draft, and which waves ask them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from evalapp.accounts.viewer import Viewer
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.queries import list_programmes_of
from evalapp.people.tables import Programme
from evalapp.surveys.instruments.definition import InstrumentDefinition, definition_from_json
from evalapp.surveys.tables import Instrument, InstrumentDraft, Wave
from evalapp.xform.faults import FormFault
from evalapp.xform.model.form import FormModel
from evalapp.xform.model.stored import model_from_json
from evalapp.xform.reading.parcel import unpack


@dataclass(frozen=True)
class Use:
    """A wave that asks a form."""

    instrument_id: int
    programme: Programme
    wave: Wave


def list_instruments(db: Session) -> Sequence[Instrument]:
    """Return every published version, by code, the newest first."""
    return db.scalars(select(Instrument).order_by(Instrument.code, Instrument.version.desc())).all()


def list_versions(db: Session, code: str) -> Sequence[Instrument]:
    """Return the published versions of a form, the newest first, or raise NotFound where there is none."""
    versions = db.scalars(select(Instrument).where(Instrument.code == code).order_by(Instrument.version.desc())).all()
    if not versions:
        raise _no_form(code)
    return versions


def find_newest(db: Session, code: str) -> Instrument | None:
    """Return the newest published version of a form, or None."""
    return db.scalars(select(Instrument).where(Instrument.code == code).order_by(Instrument.version.desc()).limit(1)).first()


def find_instrument(db: Session, code: str, version: str) -> Instrument | None:
    """Return a published version, or None."""
    return db.scalar(select(Instrument).where(Instrument.code == code, Instrument.version == version))


def get_instrument(db: Session, code: str, version: str) -> Instrument:
    """Return a published version with all that is kept of it, or raise NotFound."""
    whole = (undefer(Instrument.model), undefer(Instrument.xform), undefer(Instrument.workbook))
    found = db.scalar(select(Instrument).where(Instrument.code == code, Instrument.version == version).options(*whole))
    if found is None:
        raise _no_form(code)
    return found


def _no_form(code: str) -> NotFound:
    return NotFound(Message("There is no such version of a form “%(code)s”.", code=code))


def list_drafts(db: Session) -> list[InstrumentDraft]:
    """Return the uploaded forms that are not published, the newest first."""
    published = select(Instrument.id).where(Instrument.code == InstrumentDraft.code, Instrument.sha256 == InstrumentDraft.sha256)
    return list(db.scalars(select(InstrumentDraft).where(~published.exists()).order_by(InstrumentDraft.id.desc())))


def get_draft(db: Session, draft_id: int) -> InstrumentDraft:
    """Return an uploaded form with all that is kept of it, or raise NotFound."""
    whole = tuple(undefer(getattr(InstrumentDraft, name)) for name in ("definition", "model", "xform", "workbook"))
    found = db.scalar(select(InstrumentDraft).where(InstrumentDraft.id == draft_id).options(*whole))
    if found is None:
        raise NotFound(Message("There is no such draft of a form. It may have been thrown away."))
    return found


def draft_faults(draft: InstrumentDraft) -> list[FormFault]:
    """Return what is wrong with an uploaded form, errors before warnings."""
    return [FormFault(**fault) for fault in json.loads(draft.faults)]


def definition_of(form: Instrument | InstrumentDraft) -> InstrumentDefinition:
    """Return what a form asks; NotFound for a draft with errors."""
    if form.definition is None:
        raise NotFound(Message("The form has errors, so that nothing can be shown of it yet."))
    return definition_from_json(form.definition)


def model_of(form: Instrument | InstrumentDraft) -> FormModel:
    """Return a form ready for the engine, or raise NotFound: the oldest versions were published without it."""
    if form.model is None:
        raise NotFound(Message("This version cannot be shown as a form: it was published before forms were compiled."))
    return model_from_json(form.model)


def kept_workbook(form: Instrument) -> bytes:
    """Return the workbook a form came from, in a zip with its tables where it brings any; or raise NotFound."""
    if form.workbook is None:
        raise _not_kept()
    return form.workbook


def kept_tables(form: Instrument) -> Mapping[str, bytes]:
    """Return the CSV files that a form brings along, by file name: what ODK's apps fetch beside it."""
    return unpack(form.workbook).tables if form.workbook else {}


def kept_xform(form: Instrument) -> bytes:
    """Return a form as ODK's apps read it, or raise NotFound."""
    if form.xform is None:
        raise _not_kept()
    return form.xform.encode()


def _not_kept() -> NotFound:
    return NotFound(Message("This version was published before workbooks were kept. Its codebook can be fetched."))


def list_uses(db: Session, viewer: Viewer) -> Mapping[int, list[Use]]:
    """Return the waves that ask each form, by the form's key, in the programmes that an account may see."""
    programmes = {programme.id: programme for programme in list_programmes_of(db, viewer)}
    waves = db.scalars(select(Wave).where(Wave.programme_id.in_(programmes)).order_by(Wave.programme_id, Wave.round))
    uses: defaultdict[int, list[Use]] = defaultdict(list)
    for wave in waves:
        uses[wave.instrument_id].append(Use(wave.instrument_id, programmes[wave.programme_id], wave))
    return uses
