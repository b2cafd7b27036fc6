"""The consent to be surveyed, asked before the first question where it does not hold."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.consents.answer_consent import Asked, give_consent, refuse_consent, renew_consent
from evalapp.people.consents.queries import get_consent_text, list_consent_rows, list_consent_texts, list_consents
from evalapp.people.tables import ConsentText, Entrepreneur, Programme
from evalapp.surveys.answering.taking_part.decline_survey import PURPOSE, decline_survey
from evalapp.surveys.invitations.tables import Invitation, OfWave
from evalapp.surveys.tables import Wave


@dataclass(frozen=True)
class ConsentQuestion:
    """The text that a person is asked to agree to, in the language they read where it is published in it."""

    version: str
    language: str
    text: str


def has_consent(db: Session, asked: OfWave) -> bool:
    """Say whether the person's consent to be surveyed holds today."""
    programme, person = _place(db, asked)
    return any(consent.purpose == PURPOSE and consent.is_valid for consent in list_consents(db, programme.id, person.id))


def get_consent_question(db: Session, asked: OfWave, language: str) -> ConsentQuestion:
    """Return the newest consent text for surveys; AppError where the programme has published none."""
    programme, _person = _place(db, asked)
    texts = [text for text in list_consent_texts(db, programme.id) if text.purpose == PURPOSE]
    if not texts:
        raise AppError(
            Message("This survey cannot be answered yet: its consent text is missing. Ask the one who sent you the link.")
        )
    newest = [text for text in texts if text.version == texts[0].version]
    found = next((text for text in newest if text.language == language), newest[0])
    return ConsentQuestion(found.version, found.language, found.text)


def answer_survey_consent(db: Session, invitation: Invitation, version: str, language: str, *, agreed: bool) -> None:
    """Record what a person said to a consent text. A no declines the survey with it."""
    db.refresh(invitation, with_for_update=True)
    programme, person = _place(db, invitation)
    text: ConsentText = get_consent_text(db, programme.id, PURPOSE, version, language)
    asked = Asked(PURPOSE, text.version, text.language)
    if not agreed:
        refuse_consent(db, programme, person, asked, today())
        decline_survey(db, invitation, withdraw=False)
    elif any(row.given_on for row in list_consent_rows(db, programme.id, person.id, PURPOSE)):
        renew_consent(db, programme, person, asked, today())
    else:
        give_consent(db, programme, person, asked, today())


def _place(db: Session, asked: OfWave) -> tuple[Programme, Entrepreneur]:
    wave = db.get_one(Wave, asked.wave_id)
    return db.get_one(Programme, wave.programme_id), db.get_one(Entrepreneur, asked.entrepreneur_id)
