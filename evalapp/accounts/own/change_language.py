"""Choose the language of one's pages."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.accounts.hold_account import hold_account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.language import LANGUAGES


def change_language(db: Session, code: str, language: str) -> None:
    """Keep a language with an account; one we do not speak is a ValueError."""
    if language not in LANGUAGES:
        raise ValueError(language)
    account = hold_account(db, code)
    if account.language == language:
        return
    record_entry(db, "language_changed", "account", code, before={"language": account.language}, after={"language": language})
    account.language = language
