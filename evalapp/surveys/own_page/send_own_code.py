"""Send the one-time code that opens a person's own page, to the telephone or the e-mail address in the vault."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy.orm import Session

from evalapp.accounts.limit_attempts import Limit, TooManyAttempts, note_attempt, refuse_if_exhausted
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.messages.messenger import Messenger, OutgoingMessage, Undelivered
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.use_identity import use_identity
from evalapp.surveys.invitations.deliver import Writing
from evalapp.surveys.invitations.links import new_code
from evalapp.surveys.invitations.send_code import GOOD_FOR
from evalapp.surveys.invitations.send_invitation import ADDRESS_FIELDS
from evalapp.surveys.invitations.wording import SUBJECT, code_text
from evalapp.surveys.own_page.open_own_page import Claim, code_index, find_claimed, hold_access, is_locked

FOR_ONE_PERSON = Limit("own_page_code", most=4, within=dt.timedelta(hours=1))
FROM_ONE_ADDRESS = Limit("own_page_codes", most=20, within=dt.timedelta(hours=1))


def send_own_code(writing: Writing, messenger: Messenger, claim: Claim, language: str) -> None:
    """Send a new code to whom a claim means; it ends an older one. Nothing is sent, and nothing said, where nobody can be sent one.

    TooManyAttempts when an address asks for too many. Whoever asks too often for one person is not told that there is such a person.
    """
    with writing() as db:
        address = actor_of(db).address
        refuse_if_exhausted(db, FROM_ONE_ADDRESS, address)
        note_attempt(db, FROM_ONE_ADDRESS, address)
        person = find_claimed(db, claim)
        message = _message(db, messenger, person, language) if person else None
    if message is None:
        return
    try:
        messenger.send(message)
    except Undelivered as error:
        with writing() as db:
            record_entry(db, "own_page_code_failed", "own_page", after={"channel": message.channel, "fault": error.kind})


def _message(db: Session, messenger: Messenger, person: Entrepreneur, language: str) -> OutgoingMessage | None:
    access = hold_access(db, person)
    if is_locked(access) or _exhausted(db, person):
        return None
    kept = use_identity(db, person.id, ("phone", "email"), "own page code")
    channel = next((name for name in messenger.channels if ADDRESS_FIELDS[name] in kept), None)
    if channel is None:
        return None
    note_attempt(db, FOR_ONE_PERSON, str(person.id))
    code = new_code()
    access.code_index, access.code_expires_at = code_index(db, access, code), now() + GOOD_FOR
    db.flush()
    record_entry(db, "own_page_code_sent", "own_page", access.id, subject=person.study_id, after={"channel": channel})
    text = code_text(code, int(GOOD_FOR.total_seconds() // 60), language)
    subject = SUBJECT if channel == "email" else ""
    return OutgoingMessage(secrets.token_hex(16), channel, kept[ADDRESS_FIELDS[channel]], subject, text)


def _exhausted(db: Session, person: Entrepreneur) -> bool:
    try:
        refuse_if_exhausted(db, FOR_ONE_PERSON, str(person.id))
    except TooManyAttempts:
        return True
    return False
