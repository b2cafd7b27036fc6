"""Secret links: each invitation has one, of which only a hash and a sealed copy are kept, and a second secret to go with it."""

from __future__ import annotations

import base64
import secrets

from sqlalchemy.orm import Session

from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.fingerprint import sha256_of
from evalapp.surveys.invitations.tables import SECOND_SECRETS, Invitation

TOKEN_BYTES = 20  # 160 bits, 32 letters and digits: a hyphen at the end of a line is lost where messages make links of text
CODE_DIGITS = 6
BIRTH_YEAR, ONE_TIME_CODE = SECOND_SECRETS
PATH = "/s/"


def token_hash(token: str) -> str:
    """Return the hash under which a token is kept; a random one needs no salt."""
    return sha256_of(token.encode())


def give_token(db: Session, invitation: Invitation) -> str:
    """Give a stored invitation a new token and return it; an older one leads nowhere any more."""
    token = base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower()
    invitation.token_hash = token_hash(token)
    invitation.token_sealed = keys_of(db).seal(token, token_context(invitation.id))
    return token


def token_of(db: Session, invitation: Invitation) -> str:
    """Return an invitation's token, to be sent once more; the first is made here."""
    if invitation.token_sealed is None:
        return give_token(db, invitation)
    return keys_of(db).open(invitation.token_sealed, token_context(invitation.id))


def token_context(invitation_id: int) -> str:
    """Return the context in which a token is sealed."""
    return f"invitation:{invitation_id}:token"


def link_to(public_url: str, token: str) -> str:
    """Return the address that is sent to people."""
    return f"{public_url}{PATH}{token}"


def secret_index(db: Session, invitation: Invitation, secret: str) -> str:
    """Return the blind index of a second secret: four or six digits are never kept, nor are equal ones of two people alike."""
    digits = "".join(sign for sign in secret if sign.isdecimal())
    return keys_of(db).blind_index(digits, f"invitation:{invitation.id}:secret")


def new_code() -> str:
    """Return a one-time code."""
    return "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
