"""Reads of consent. Whether someone's data may be used for a purpose is asked here and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from evalapp.core.clock import today
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.consents.consent_states import VALID, State, Statement, consent_state, list_statements
from evalapp.people.tables import CONSENT_PURPOSES, Consent, ConsentText


def consenting_people(programme_id: int, purpose: str, on: dt.date, *, expired_too: bool = False) -> Select[int]:
    """Select the keys of the entrepreneurs whose data may be used for a purpose on a day.

    They gave the consent by then, it has not expired (unless `expired_too`), and they said no neither at the same time nor since:
    a withdrawal or a refusal ends every consent to the purpose that was given before it.
    """
    given, no = aliased(Consent), aliased(Consent)
    said_no = or_(
        *(
            and_(day <= on, or_(day > given.given_on, and_(day == given.given_on, no.id >= given.id)))
            for day in (no.withdrawn_on, no.refused_on)
        )
    )
    of_the_same = (
        no.programme_id == given.programme_id, no.entrepreneur_id == given.entrepreneur_id, no.purpose == given.purpose,
    )  # fmt: skip
    found = select(given.entrepreneur_id).distinct().where(given.programme_id == programme_id, given.purpose == purpose)
    found = found.where(given.given_on <= on, ~select(no.id).where(*of_the_same, said_no).exists())
    return found if expired_too else found.where(or_(given.expires_on.is_(None), given.expires_on > on))


@dataclass(frozen=True)
class PurposeConsent:
    """How one purpose stands for one person: since when, until when, in which version and language of its text."""

    purpose: str
    state: State
    since: dt.date | None = None
    expires_on: dt.date | None = None
    version: str | None = None
    language: str | None = None

    @property
    def is_valid(self) -> bool:
        """Say whether the data may be used for this purpose."""
        return self.state in VALID


def list_consents(db: Session, programme_id: int, entrepreneur_id: int, on: dt.date | None = None) -> list[PurposeConsent]:
    """Return how every purpose stands on a day (default: today), in the order of CONSENT_PURPOSES."""
    day = on or today()
    rows: dict[str, list[Consent]] = defaultdict(list)
    for row in list_consent_rows(db, programme_id, entrepreneur_id):
        rows[row.purpose].append(row)
    return [_purpose_consent(purpose, rows[purpose], day) for purpose in CONSENT_PURPOSES]


def _purpose_consent(purpose: str, rows: Sequence[Consent], on: dt.date) -> PurposeConsent:
    state = consent_state(rows, on)
    kind = {"requested": "asked"}.get(state, state)
    last = next((said for said in reversed(list_statements(rows, on)) if said.kind == kind), None)
    if last is None:
        return PurposeConsent(purpose, state)
    expires = max((row.expires_on for row in rows if row.given_on == last.happened_on and row.expires_on), default=None)
    return PurposeConsent(purpose, state, last.happened_on, expires if state in VALID else None, last.version, last.language)


def list_consent_history(db: Session, programme_id: int, entrepreneur_id: int) -> list[Statement]:
    """Return all that a person was asked and said in a programme, the newest first."""
    return list_statements(list_consent_rows(db, programme_id, entrepreneur_id), today())[::-1]


def list_consent_rows(db: Session, programme_id: int, entrepreneur_id: int, purpose: str | None = None) -> Sequence[Consent]:
    """Return a person's consents in a programme as they are stored, of one purpose or of all."""
    rows = select(Consent).where(Consent.programme_id == programme_id, Consent.entrepreneur_id == entrepreneur_id)
    return db.scalars((rows if purpose is None else rows.where(Consent.purpose == purpose)).order_by(Consent.id)).all()


def list_consent_texts(db: Session, programme_id: int) -> Sequence[ConsentText]:
    """Return the published texts of a programme by purpose, the newest version first."""
    texts = select(ConsentText).where(ConsentText.programme_id == programme_id)
    return db.scalars(texts.order_by(ConsentText.purpose, ConsentText.published_at.desc(), ConsentText.id.desc())).all()


def find_consent_text(db: Session, programme_id: int, purpose: str, version: str, language: str) -> ConsentText | None:
    """Return one published text, or None."""
    return db.scalar(
        select(ConsentText).where(
            ConsentText.programme_id == programme_id,
            ConsentText.purpose == purpose,
            ConsentText.version == version,
            ConsentText.language == language,
        )
    )


def get_consent_text(db: Session, programme_id: int, purpose: str, version: str, language: str) -> ConsentText:
    """Return one published text, or raise NotFound."""
    found = find_consent_text(db, programme_id, purpose, version, language)
    if found is None:
        raise NotFound(Message("No consent text is published for this purpose, version and language. Publish it first."))
    return found


def count_ending_consents(db: Session, programme_id: int, purpose: str, on: dt.date, days: int) -> int:
    """Return how many people's consent to a purpose holds on a day and expires within the days after it."""
    return db.scalar(select(func.count()).select_from(ending_consents(programme_id, purpose, on, days).subquery())) or 0


def ending_consents(programme_id: int, purpose: str, on: dt.date, days: int) -> Select[int]:
    """Select the keys of the people whose consent to a purpose holds on a day and expires within the days after it."""
    later = consenting_people(programme_id, purpose, on + dt.timedelta(days=days))
    now_valid = consenting_people(programme_id, purpose, on).subquery()
    return select(now_valid.c.entrepreneur_id).where(now_valid.c.entrepreneur_id.not_in(later))
