"""Begin to type a paper form, or go on with what one began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.consents.answer_consent import Asked, give_consent, renew_consent
from evalapp.people.consents.queries import list_consent_rows
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.surveys.answering.earlier_answers import list_earlier_answers, put_earlier_answers
from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.answering.taking_part.decline_survey import PURPOSE
from evalapp.surveys.answering.taking_part.survey_consent import has_consent
from evalapp.surveys.double_entry.tables import NUMBERS, PaperEntry, PaperForm
from evalapp.surveys.double_entry.typed_form import entry_context
from evalapp.surveys.instruments.languages import form_language
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Submission, Wave
from evalapp.surveys.wave_locks import refuse_if_locked
from evalapp.xform.engine.drafts import draft_json
from evalapp.xform.engine.instance import Instance


@dataclass(frozen=True)
class SignedConsent:
    """The consent text that is signed on the paper, where the person's consent was not recorded before."""

    version: str
    language: str


def begin_entry(
    db: Session, wave: Wave, person: Entrepreneur, filled_on: dt.date, language: str, signed: SignedConsent | None = None
) -> PaperEntry:
    """Return the actor's own entry of a person's form, begun now or before. `filled_on` is the day on the paper.

    A form is typed twice, by two accounts; whoever comes third, or a second time, is refused.
    """
    refuse_if_locked(db, wave.id)
    form = _hold_form(db, wave, person)
    entries = db.scalars(select(PaperEntry).where(PaperEntry.form_id == form.id)).all()
    own = next((entry for entry in entries if entry.account == actor_of(db).account), None)
    if own is not None and own.finished_at is None:
        return own
    _refuse_third(entries, own)
    refuse_if_answered(db, wave, person)
    _check_day(db, wave, person, filled_on)
    _settle_consent(db, form, person, filled_on, signed)
    number = next(number for number in NUMBERS if number not in {entry.number for entry in entries})
    return _begun(db, form, person, number, filled_on, language)


def refuse_if_answered(db: Session, wave: Wave, person: Entrepreneur) -> None:
    """Refuse a form of someone whose answers are there, or who said no to this survey."""
    here = (Submission.wave_id == wave.id, Submission.entrepreneur_id == person.id)
    if db.scalar(select(Submission.id).where(*here)) is not None:
        raise AppError(Message("Answers of this person to this survey are there already."))
    invitation = _invitation(db, wave, person)
    if invitation is not None and invitation.state == "refused":
        raise AppError(Message("This person said no to this survey. A form must not be typed against it."))


def _hold_form(db: Session, wave: Wave, person: Entrepreneur) -> PaperForm:
    """Return the form, kept from being begun by others until the transaction ends."""
    query = select(PaperForm).where(PaperForm.wave_id == wave.id, PaperForm.entrepreneur_id == person.id).with_for_update()
    found = db.scalar(query)
    if found is None:
        get_form(db, wave.instrument_id)
        try:
            with db.begin_nested():
                db.add(PaperForm(wave_id=wave.id, entrepreneur_id=person.id, instrument_id=wave.instrument_id))
        except IntegrityError:  # another account began at this moment: it is theirs
            pass
        found = db.scalars(query).one()
    return found


def _refuse_third(entries: Sequence[PaperEntry], own: PaperEntry | None) -> None:
    if own is not None:
        raise AppError(Message("You have typed this form. The second time it must be somebody else."))
    if len(entries) >= len(NUMBERS):
        raise AppError(Message("Two people type this form already, or have typed it."))


def _invitation(db: Session, wave: Wave, person: Entrepreneur) -> Invitation | None:
    return db.scalar(select(Invitation).where(Invitation.wave_id == wave.id, Invitation.entrepreneur_id == person.id))


def _check_day(db: Session, wave: Wave, person: Entrepreneur, filled_on: dt.date) -> None:
    window = _invitation(db, wave, person) or wave
    if filled_on > today():
        raise AppError(Message("%(date)s lies in the future.", date=filled_on))
    if not window.opens_on <= filled_on <= window.closes_on:
        raise AppError(
            Message(
                "The form must have been filled in from %(opens)s to %(closes)s. If it came late, prolong the wave first.",
                opens=window.opens_on,
                closes=window.closes_on,
            )
        )


def _settle_consent(db: Session, form: PaperForm, person: Entrepreneur, filled_on: dt.date, signed: SignedConsent | None) -> None:
    """Record the consent that is signed on the paper, where there is none that holds."""
    if has_consent(db, form):
        return
    if signed is None:
        raise AppError(Message("The person's consent to the survey does not hold. Without it the form cannot be typed."))
    programme = db.get_one(Programme, db.get_one(Wave, form.wave_id).programme_id)
    asked = Asked(PURPOSE, signed.version, signed.language)
    given_before = any(row.given_on for row in list_consent_rows(db, programme.id, person.id, PURPOSE))
    (renew_consent if given_before else give_consent)(db, programme, person, asked, filled_on)


def _begun(db: Session, form: PaperForm, person: Entrepreneur, number: int, filled_on: dt.date, language: str) -> PaperEntry:
    model_form = get_form(db, form.instrument_id)
    instance = Instance.start(model_form, now, language=form_language(model_form.model, language))
    put_earlier_answers(instance, list_earlier_answers(db, form, model_form.model))
    entry = PaperEntry(
        form_id=form.id,
        number=number,
        account=actor_of(db).account,
        filled_on=filled_on,
        instrument_id=form.instrument_id,
        answers_sealed=keys_of(db).seal(draft_json(instance), entry_context(form.id, number)),
        language=language,
        started_at=now(),
        saved_at=now(),
    )
    db.add(entry)
    db.flush()
    record_entry(db, "paper_entry_begun", "paper_entry", entry.id, subject=person.study_id, after={"number": number})
    return entry
