"""Find the person and the wave that an interview belongs to, by itself or by an officer's hand."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.consents.queries import list_consents
from evalapp.people.queries import list_registered, resolve_people
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.openrosa.kept_form import kept_envelope
from evalapp.surveys.openrosa.queries import UNPLACED, find_edited
from evalapp.surveys.openrosa.read_envelope import Envelope
from evalapp.surveys.openrosa.revise_submission import revise_submission
from evalapp.surveys.openrosa.tables import OpenRosaInstance
from evalapp.surveys.openrosa.write_submission import write_submission
from evalapp.surveys.tables import Instrument, Submission, Wave
from evalapp.surveys.wave_locks import is_locked

REJECTED_KEPT_FOR: Final = dt.timedelta(days=30)
REFUSALS: Final = {
    "no_study_id": Message("Nobody in this programme has this study ID."),
    "unknown_person": Message("Nobody in this programme has this study ID."),
    "no_consent": Message("The person has not agreed to be surveyed, or not any more. Record the consent first."),
    "already_answered": Message("The person has answered this wave already. Correct that submission, or reject this interview."),
    "wave_locked": Message("The wave is locked: nothing in it changes. Open the lock first, with a reason."),
    "other_form": Message("The wave asks another form than the one that was answered."),
    "other_person": Message("The interview was placed for another person before it was edited."),
    "correction_waits": Message("A correction of the same answer waits for a second person. Approve or drop it first."),
}


def place_by_itself(db: Session, row: OpenRosaInstance, envelope: Envelope) -> None:
    """Make a submission of an interview that has just come, or let it wait with the problem that keeps it from being one."""
    wave = db.get_one(Wave, row.wave_id)
    person = find_person(db, row.programme_id, envelope.study_id)
    row.problem = "no_study_id" if not envelope.study_id else _problem(db, row, wave, person)
    if not row.problem and find_edited(db, row) is None and not _is_open(db, wave, person):
        row.problem = "wave_closed"
    if not row.problem and person is not None:
        row.problem = _write(db, row, envelope, wave, person)
    if row.problem:
        row.state = "waiting"
        db.flush()
        forget_rejected(db)
        after = {"problem": row.problem, "device": row.device_id}
        record_entry(db, "answers_wait", "openrosa_instance", row.id, after=after)


def place_submission(db: Session, row: OpenRosaInstance, wave: Wave, study_id: str) -> None:
    """Place an interview on a person and a wave that an officer names, though the wave be over; AppError says what is in the way."""
    _hold(db, row)
    envelope = kept_envelope(db, row)
    person = find_person(db, row.programme_id, study_id)
    problem = _problem(db, row, wave, person)
    if not problem and person is not None:
        problem = _write(db, row, envelope, wave, person)
    if problem:
        raise AppError(REFUSALS[problem])
    row.decided_by, row.decided_at, row.wave_id = actor_of(db).account, now(), wave.id
    db.flush()
    subject = person.study_id if person else ""
    record_entry(db, "answers_placed", "openrosa_instance", row.id, subject=subject, after={"wave": wave.code})


def reject_interview(db: Session, row: OpenRosaInstance, reason: str) -> None:
    """Turn an interview away. It can still be placed for a month; after that its answers are removed."""
    why = check_reason(reason)
    _hold(db, row)
    if row.state == "rejected":
        raise AppError(Message("This interview was rejected already."))
    row.state, row.reason = "rejected", why
    row.decided_by, row.decided_at = actor_of(db).account, now()
    db.flush()
    forget_rejected(db)
    record_entry(db, "answers_rejected", "openrosa_instance", row.id, after={"problem": row.problem}, reason=why)


def forget_rejected(db: Session) -> None:
    """Remove the answers of interviews that were rejected long ago; that they came is kept, so that they do not come again."""
    old = OpenRosaInstance.state == "rejected", OpenRosaInstance.decided_at < now() - REJECTED_KEPT_FOR
    db.execute(update(OpenRosaInstance).where(*old).values(xml_sealed=None))


def find_person(db: Session, programme_id: int, study_id: str) -> Entrepreneur | None:
    """Return the person of a programme who has a study ID, or None."""
    wanted = study_id.strip()
    key = resolve_people(db, programme_id, [wanted]).get(wanted)
    return db.get(Entrepreneur, key) if key is not None and key in list_registered(db, programme_id) else None


def _hold(db: Session, row: OpenRosaInstance) -> None:
    db.refresh(row, with_for_update=True)
    if row.state not in UNPLACED:
        raise AppError(Message("Somebody else has placed this interview meanwhile."))


def _problem(db: Session, row: OpenRosaInstance, wave: Wave, person: Entrepreneur | None) -> str:
    """Return what keeps an interview from a person and a wave, whoever asks; "" for nothing."""
    if person is None:
        return "unknown_person"
    edited = find_edited(db, row)
    if edited is not None and (edited.entrepreneur_id, edited.wave_id) != (person.id, wave.id):
        return "other_person"
    db.scalar(select(Wave.id).where(Wave.id == wave.id).with_for_update(read=True))  # no lock falls while this is placed
    if is_locked(db, wave.id):
        return "wave_locked"
    if _code(db, wave.instrument_id) != _code(db, row.instrument_id):
        return "other_form"
    if not any(consent.purpose == "survey" and consent.is_valid for consent in list_consents(db, row.programme_id, person.id)):
        return "no_consent"
    answered = select(Submission.id).where(Submission.wave_id == wave.id, Submission.entrepreneur_id == person.id)
    return "already_answered" if edited is None and db.scalar(answered) else ""


def _write(db: Session, row: OpenRosaInstance, envelope: Envelope, wave: Wave, person: Entrepreneur) -> str:
    edited = find_edited(db, row)
    if edited is not None:
        return revise_submission(db, row, envelope, edited)
    write_submission(db, row, envelope, wave, person)
    return ""


def _code(db: Session, instrument_id: int) -> str | None:
    return db.scalar(select(Instrument.code).where(Instrument.id == instrument_id))


def _is_open(db: Session, wave: Wave, person: Entrepreneur | None) -> bool:
    """Say whether a wave takes answers today, of everybody or of this person."""
    on = today()
    window = select(Invitation.id).where(
        Invitation.wave_id == wave.id,
        Invitation.entrepreneur_id == (person.id if person else None),
        Invitation.opens_on <= on,
        Invitation.closes_on >= on,
    )
    return wave.opens_on <= on <= wave.closes_on or db.scalar(window) is not None
