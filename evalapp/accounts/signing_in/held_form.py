"""A form that waits on its page, sealed, until the password was entered again.

It opens for the same account, sign-in and address only, for as long as an entered password counts, and once.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalapp.accounts.limit_attempts import Limit, has_attempts_left, note_attempt
from evalapp.accounts.resume_sign_in import CONFIRMED_FOR
from evalapp.accounts.signing_in.confirm_password import confirm_password
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import UnusableKeyRing, keys_of
from evalapp.core.errors import AppError
from evalapp.core.language import Message

Fields = Sequence[tuple[str, str]]
ONCE = Limit("held_form", most=1, within=2 * CONFIRMED_FOR)


@dataclass(frozen=True)
class Resumed:
    """A form that may go on: its fields, and the sign-in's new token."""

    fields: Fields
    token: str


def hold_form(db: Session, code: str, sign_in_id: int, path: str, fields: Fields) -> str:
    """Return a form's fields sealed for an account, one of its sign-ins, and the address the form goes to."""
    held = {"number": secrets.token_hex(16), "until": (now() + CONFIRMED_FOR).timestamp(), "fields": list(fields)}
    return keys_of(db).seal(json.dumps(held, ensure_ascii=False), _context(code, sign_in_id, path))


def resume_form(db: Session, code: str, sign_in_id: int, path: str, sealed: str, password: str) -> Resumed | None:
    """Enter the password and take a held form up again; None when it is not the password.

    A form that is of somebody else, too old, or was taken up before is refused, whatever the password.
    """
    try:
        held = json.loads(keys_of(db).open(sealed, _context(code, sign_in_id, path)))
    except UnusableKeyRing:
        raise _too_late() from None
    if held["until"] < now().timestamp():
        raise _too_late()
    token = confirm_password(db, code, sign_in_id, password)  # holds the account: of two presses one waits for the other
    if token is None:
        return None
    if not has_attempts_left(db, ONCE, held["number"]):
        raise AppError(Message("This was sent already. Look at the page it belongs to before you repeat it."))
    note_attempt(db, ONCE, held["number"])
    return Resumed([(name, text) for name, text in held["fields"]], token)


def _too_late() -> AppError:
    return AppError(Message("This page was open too long. Go back to the form, and send it again."))


def _context(code: str, sign_in_id: int, path: str) -> str:
    return f"account:{code}:held-form:{sign_in_id}:{path}"
