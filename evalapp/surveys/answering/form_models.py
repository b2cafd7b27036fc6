"""Published forms made ready to be filled in, once in each process."""

from __future__ import annotations

from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.surveys.tables import Instrument
from evalapp.xform.engine.plan import Form
from evalapp.xform.model.stored import model_from_json

MOST_FORMS = 32
_FORMS: dict[tuple[int, str, str], Form] = {}
_BUILDING = Lock()


def get_form(db: Session, instrument_id: int) -> Form:
    """Return the form of a published version, which never changes; NotFound where it was not published to be answered here."""
    facts = select(Instrument.id, Instrument.version, Instrument.sha256).where(Instrument.id == instrument_id)
    found = db.execute(facts).one_or_none()
    if found is None:
        raise _cannot_be_answered()
    key = (found.id, found.version, found.sha256)
    if key not in _FORMS:
        with _BUILDING:  # 80 questions cost some tens of milliseconds, which two threads need not spend twice
            if key not in _FORMS:
                while len(_FORMS) >= MOST_FORMS:
                    del _FORMS[next(iter(_FORMS))]
                _FORMS[key] = _built(db, instrument_id)
    return _FORMS[key]


def _built(db: Session, instrument_id: int) -> Form:
    text = db.scalar(select(Instrument.model).where(Instrument.id == instrument_id))
    if not text:
        raise _cannot_be_answered()
    return Form(model_from_json(text))


def _cannot_be_answered() -> NotFound:
    return NotFound(Message("This survey cannot be answered here: its form was not published for it."))
