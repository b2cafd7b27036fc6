"""People who are invited to answer, put straight into the database."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from evalapp.core.clock import now, today
from evalapp.people.tables import Consent, ConsentText, Entrepreneur, Programme, Registration
from evalapp.surveys.instruments.definition import definition_to_json
from evalapp.surveys.instruments.derive_definition import derive_definition
from evalapp.surveys.invitations.links import give_token, secret_index
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Instrument, Wave
from evalapp.xform.model.stored import model_to_json
from tests.surveys.answering.every_question import every_question

BIRTH_YEAR = "1985"
NUMBERS = itertools.count(1)
TEXT = {
    "ko": "저희는 사업이 어떻게 되어 가는지 묻습니다.\n답은 이름과 따로 보관합니다. 언제든지 그만둘 수 있습니다.",
    "en": "We ask how your business is going.\nAnswers are kept apart from your name. You can stop at any time.",
}


@dataclass(frozen=True)
class Invited:
    """Somebody with a link: its token, the invitation's key, the study ID."""

    token: str
    invitation_id: int
    study_id: str


def open_wave(db, programme, form=None, code="bl", number=1):
    """Add a wave of a form that is open now."""
    form = form or every_question()
    model = form.model
    instrument = Instrument(
        code=f"{model.form_id}{next(NUMBERS)}",
        version=model.version,
        definition=definition_to_json(derive_definition(form)),
        sha256=f"{next(NUMBERS):064d}",
        published_at=now(),
        model=model_to_json(model),
    )
    db.add(instrument)
    db.flush()
    wave = Wave(
        programme_id=programme.id,
        instrument_id=instrument.id,
        code=code,
        round=number,
        label_ko="기초 조사",
        label_en="Baseline",
        opens_on=today() - dt.timedelta(days=3),
        closes_on=today() + dt.timedelta(days=30),
        survey_year=today().year,
    )
    db.add(wave)
    db.flush()
    return wave


def publish_consent(db, programme):
    """Publish the consent text for surveys in both languages."""
    for language, text in TEXT.items():
        facts = {"purpose": "survey", "version": "1", "valid_months": 24, "published_at": now()}
        db.add(ConsentText(programme_id=programme.id, language=language, text=text, **facts))
    db.flush()


def invite(db, wave, *, consent=True, language="ko", secret=BIRTH_YEAR):
    """Invite somebody new, with a link and the year of birth as the second secret."""
    number = next(NUMBERS)
    person = Entrepreneur(study_id=f"PI-{number:04d}-0", created_at=now())
    db.add(person)
    db.flush()
    ids = {"programme_id": wave.programme_id, "entrepreneur_id": person.id}
    db.add(Registration(**ids, registered_on=today()))
    if consent:
        db.add(Consent(**ids, purpose="survey", text_version="1", given_on=today() - dt.timedelta(days=9)))
    invitation = Invitation(
        wave_id=wave.id,
        entrepreneur_id=person.id,
        opens_on=wave.opens_on,
        due_on=wave.closes_on,
        closes_on=wave.closes_on,
        state="sent",
        language=language,
        created_by="AC-TEST-1",
        created_at=now(),
    )
    db.add(invitation)
    db.flush()
    token = give_token(db, invitation)
    invitation.secret_index = secret_index(db, invitation, secret)
    db.flush()
    return Invited(token, invitation.id, person.study_id)


def open_programme(db, code="pi"):
    """Return a programme, made where it is not there, with its consent text."""
    programme = db.query(Programme).filter_by(code=code).one_or_none()
    if programme is None:
        programme = Programme(code=code, name_ko="프로그램", name_en="Programme", created_at=now())
        db.add(programme)
        db.flush()
    publish_consent(db, programme)
    return programme
