"""Take an uploaded form in as a draft, and throw a draft away."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.surveys.instruments.read_instrument import ReadInstrument, fault_facts
from evalapp.surveys.tables import InstrumentDraft


def upload_instrument(db: Session, read: ReadInstrument) -> InstrumentDraft:
    """Keep a form that was read, with everything wrong with it. The same form of the same account again is the same draft.

    Reading takes a second and needs no database: do it before the transaction, see `read_instrument`.
    """
    account, kept = actor_of(db).account, read.stored()
    same = (InstrumentDraft.sha256 == read.sha256, InstrumentDraft.uploaded_by == account, InstrumentDraft.code == kept["code"])
    draft = db.scalars(select(InstrumentDraft).where(*same).order_by(InstrumentDraft.id.desc())).first()
    if draft is not None:
        return draft
    faults = json.dumps([fault_facts(fault) for fault in read.faults], ensure_ascii=False, default=str)
    draft = InstrumentDraft(**kept, faults=faults, uploaded_by=account, uploaded_at=now())
    db.add(draft)
    db.flush()
    after = {"code": draft.code, "version": draft.version, "sha256": draft.sha256, "errors": read.form is None}
    record_entry(db, "instrument_uploaded", "instrument_draft", draft.id, after=after)
    return draft


def discard_draft(db: Session, draft: InstrumentDraft) -> None:
    """Throw a draft away. What was published of it stays."""
    db.delete(draft)
    db.flush()
    record_entry(
        db, "instrument_draft_discarded", "instrument_draft", draft.id, before={"code": draft.code, "version": draft.version}
    )
