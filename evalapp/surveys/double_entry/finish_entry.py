"""Finish an entry, after which it never changes, or give up one that was begun."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.double_entry.queries import compare_form
from evalapp.surveys.double_entry.tables import NUMBERS, PaperEntry, PaperForm
from evalapp.surveys.wave_locks import refuse_if_locked


def finish_entry(db: Session, entry: PaperEntry) -> None:
    """Finish the actor's own entry; pressed twice it is finished once. With the second of a form the two are compared."""
    form = _hold(db, entry)
    if entry.finished_at is not None:
        return
    refuse_if_locked(db, form.wave_id)
    entry.finished_at = now()
    db.flush()
    _record(db, "paper_entry_finished", form, entry)
    finished = select(PaperEntry.id).where(PaperEntry.form_id == form.id, PaperEntry.finished_at.is_not(None))
    if len(db.scalars(finished).all()) == len(NUMBERS):
        found = compare_form(db, form, entry.language)
        form.compared, form.differing = found.compared, found.to_decide
        db.flush()


def drop_entry(db: Session, entry: PaperEntry, reason: str = "") -> None:
    """Forget an entry that is not finished, one's own or, with a reason, one that somebody else has left lying."""
    form = _hold(db, entry)
    if entry.finished_at is not None:
        raise AppError(Message("A finished entry is kept as it is."))
    why = check_reason(reason) if entry.account != actor_of(db).account else ""
    _record(db, "paper_entry_dropped", form, entry, why)
    db.delete(entry)
    db.flush()


def _hold(db: Session, entry: PaperEntry) -> PaperForm:
    form = db.scalars(select(PaperForm).where(PaperForm.id == entry.form_id).with_for_update()).one()
    db.refresh(entry, with_for_update=True)
    return form


def _record(db: Session, action: str, form: PaperForm, entry: PaperEntry, reason: str = "") -> None:
    person = db.get_one(Entrepreneur, form.entrepreneur_id).study_id
    facts = {"number": entry.number, "typist": entry.account}
    record_entry(db, action, "paper_entry", entry.id, subject=person, after=facts, reason=reason)
