"""Publish what people are asked to agree to."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.cells import CODE
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import LANGUAGES, Message
from evalapp.people.tables import CONSENT_PURPOSES, ConsentText, Programme

LONGEST_VERSION = 20
MOST_MONTHS = 240


def publish_consent_text(
    db: Session, programme: Programme, purpose: str, version: str, texts: Mapping[str, str], valid_months: int | None = None
) -> None:
    """Store one version of a purpose's text in every language. A published text is never changed; the same again changes nothing."""
    wanted = {language: texts.get(language, "").strip() for language in LANGUAGES}
    _check(purpose, version, wanted, valid_months)
    stored = db.scalars(
        select(ConsentText).where(
            ConsentText.programme_id == programme.id, ConsentText.purpose == purpose, ConsentText.version == version
        )
    ).all()
    if stored:
        if {text.language: (text.text, text.valid_months) for text in stored} != {k: (v, valid_months) for k, v in wanted.items()}:
            raise AppError(
                Message("Version %(version)s is published with another text, and people may have agreed to it. "
                        "Give the new text a new version.", version=version)
            )  # fmt: skip
        return
    of_version = {"programme_id": programme.id, "purpose": purpose, "version": version, "valid_months": valid_months}
    db.add_all(ConsentText(**of_version, language=k, text=v, published_at=now()) for k, v in wanted.items())
    db.flush()
    after = {"programme": programme.code, "valid_months": valid_months}
    record_entry(db, "consent_text_published", "consent_text", f"{purpose}:{version}", after=after)


def _check(purpose: str, version: str, texts: Mapping[str, str], valid_months: int | None) -> None:
    if purpose not in CONSENT_PURPOSES:
        raise AppError(Message("“%(purpose)s” is not a purpose of consent.", purpose=purpose))
    if not CODE.fullmatch(version) or len(version) > LONGEST_VERSION:
        raise AppError(
            Message("A version has Latin letters, digits, full stops and hyphens, at most %(most)s.", most=LONGEST_VERSION)
        )
    if not all(texts.values()):
        raise AppError(Message("Write the text in Korean and in English: people choose which they read."))
    if valid_months is not None and not 1 <= valid_months <= MOST_MONTHS:
        raise AppError(Message("A consent is valid for 1 to %(most)s months, or without end.", most=MOST_MONTHS))
