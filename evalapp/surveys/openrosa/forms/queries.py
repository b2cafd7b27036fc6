"""Reads of the forms that devices may fetch and answer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.surveys.instruments.queries import find_instrument
from evalapp.surveys.openrosa.forms.deliver_form import BETWEEN, WaveForm
from evalapp.surveys.tables import Instrument, Wave
from evalapp.surveys.wave_locks import is_locked


def list_wave_forms(db: Session, programme_id: int, form_id: str | None = None, *, all_versions: bool = False) -> list[WaveForm]:
    """Return the forms of the waves of a programme that are open, one for each wave, or each with all its published versions."""
    on = today()
    rows = db.execute(
        select(Wave, Instrument)
        .join(Instrument, Instrument.id == Wave.instrument_id)
        .where(Wave.programme_id == programme_id, Wave.opens_on <= on, Wave.closes_on >= on, Instrument.xform.is_not(None))
        .order_by(Wave.round)
    )
    present = [WaveForm(wave, instrument) for wave, instrument in rows if not is_locked(db, wave.id)]
    forms = [version for form in present for version in (_versions(db, form) if all_versions else [form])]
    return [form for form in forms if form_id in (None, form.form_id)]


def get_wave_form(db: Session, programme_id: int, form_id: str, version: str) -> WaveForm:
    """Return a form by what a device knows it by, whether its wave is open or not, or raise NotFound."""
    code, _, wave_code = form_id.rpartition(BETWEEN)
    wave = db.scalar(select(Wave).where(Wave.programme_id == programme_id, Wave.code == wave_code))
    instrument = find_instrument(db, code, version)
    if wave is None or instrument is None:
        raise NotFound(Message("There is no such form in this programme."))
    return WaveForm(wave, instrument)


def _versions(db: Session, form: WaveForm) -> list[WaveForm]:
    every = select(Instrument).where(Instrument.code == form.instrument.code, Instrument.xform.is_not(None))
    return [WaveForm(form.wave, each) for each in db.scalars(every.order_by(Instrument.version))]
