"""Take in what a device sends: once, whole, and whatever is wrong with it."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.openrosa.devices.open_device import OpenDevice
from evalapp.surveys.openrosa.forms.queries import get_wave_form
from evalapp.surveys.openrosa.judge_form import judge_form
from evalapp.surveys.openrosa.kept_form import cover_numbers, keep_form
from evalapp.surveys.openrosa.paradata import keep_log, refuse_other_files
from evalapp.surveys.openrosa.place_submission import place_by_itself
from evalapp.surveys.openrosa.queries import find_instance
from evalapp.surveys.openrosa.read_envelope import Envelope, read_envelope
from evalapp.surveys.openrosa.tables import OpenRosaInstance


class OtherContent(AppError):  # noqa: N818 - what it is, in words
    """An instance ID that stands for something else already, or an edit of what is not the newest."""


def receive_submission(db: Session, device: OpenDevice, content: bytes, files: dict[str, bytes]) -> OpenRosaInstance:
    """Take in a filled form with the files that came with it, and return what became of it.

    The same bytes again are the same once, and bring files that were missing. UnreadableForm, NotFound and OtherContent refuse what
    nobody could place; everything else is kept, placed on its person and wave or waiting for an officer.
    """
    envelope = read_envelope(content)
    refuse_other_files(files)
    known = find_instance(db, device.programme_id, envelope.instance_id, to_write=True)
    row = known or _take_in(db, device, envelope)
    if row.sha256 != envelope.sha256:
        raise OtherContent(Message("Other answers have come under this instance ID already."))
    keep_log(db, row, files)
    return row


def _take_in(db: Session, device: OpenDevice, envelope: Envelope) -> OpenRosaInstance:
    asked = get_wave_form(db, device.programme_id, envelope.form_id, envelope.version)
    form = get_form(db, asked.instrument.id)
    cover_numbers(envelope, form)
    judge_form(form, envelope)  # one that answers another form is refused before anything is written
    edited = None
    if envelope.deprecated_id:
        edited = find_instance(db, device.programme_id, envelope.deprecated_id, to_write=True)
        if known := find_instance(db, device.programme_id, envelope.instance_id):  # it came while we waited for the earlier one
            return known
        _demand_newest(edited)
    row = OpenRosaInstance(
        programme_id=device.programme_id,
        device_id=device.device_id,
        wave_id=asked.wave.id,
        instrument_id=asked.instrument.id,
        instance_id=envelope.instance_id,
        root_id=edited.root_id if edited else envelope.instance_id,
        deprecated_id=envelope.deprecated_id,
        sha256=envelope.sha256,
        state="waiting",
        received_at=now(),
    )
    keep_form(db, row, envelope)
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:  # the device sent it twice at once, and the other came first
        known = find_instance(db, device.programme_id, envelope.instance_id, to_write=True)
        if known is None:
            raise
        return known
    if edited is not None:
        edited.is_current = False
        if edited.state != "placed":
            edited.state, edited.xml_sealed = "replaced", None
    place_by_itself(db, row, envelope)
    return row


def _demand_newest(edited: OpenRosaInstance | None) -> None:
    if edited is None or not edited.is_current:
        raise OtherContent(Message("What was edited is not the newest that has come of this interview."))
