"""Open a person's own page: a number or a secret link, a second secret, and the browser that holds it from then on.

A number, be it a study ID or that of a receipt, is no secret: it is printed on letters. So with it a code is asked for wherever we know
a telephone or an e-mail address, and the year of birth is enough only where we know neither. With a secret link either is enough.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalapp.accounts.limit_attempts import Limit, note_attempt, refuse_if_exhausted
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.messages.messenger import Channel
from evalapp.people.queries import plain_identifier
from evalapp.people.records.queries import list_kept
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.use_identity import use_identity
from evalapp.surveys.answering.receipts import is_receipt
from evalapp.surveys.invitations.open_invitation import DOUBLINGS, FAILURES, LOCKED_FOR, find_invitation
from evalapp.surveys.invitations.send_invitation import ADDRESS_FIELDS
from evalapp.surveys.own_page.tables import OwnPageAccess
from evalapp.surveys.tables import Submission

FROM_ONE_ADDRESS = Limit("open_own_page", most=30, within=dt.timedelta(minutes=15))
HOLDER_BYTES = 16


@dataclass(frozen=True)
class Claim:
    """Who somebody says they are: by a `number`, study ID or receipt, or by the token of a link that was sent to them."""

    number: str = ""
    token: str = ""

    @property
    def by_link(self) -> bool:
        """Say whether the claim rests on a secret already."""
        return bool(self.token)


def find_claimed(db: Session, claim: Claim) -> Entrepreneur | None:
    """Return who is meant, or None; of a record that was merged into another, the other."""
    if claim.by_link:
        invitation = find_invitation(db, claim.token)
        return db.get(Entrepreneur, invitation.entrepreneur_id) if invitation else None
    person = _numbered(db, claim.number)
    kept = list_kept(db, [person.id]).get(person.id) if person else None
    return db.get(Entrepreneur, kept) if kept else person


def _numbered(db: Session, number: str) -> Entrepreneur | None:
    if is_receipt(number):
        plain = number.strip().upper().replace("-", "")
        answered = select(Entrepreneur).join(Submission, Submission.entrepreneur_id == Entrepreneur.id)
        return db.scalar(answered.where(Submission.receipt == f"{plain[:4]}-{plain[4:]}"))
    return db.scalar(select(Entrepreneur).where(Entrepreneur.study_id == plain_identifier(number)))


def open_own_page(db: Session, claim: Claim, secret: str, channels: Collection[Channel]) -> str | None:
    """Return what the browser is to keep when the second secret fits, and end other browsers' hold.

    None where nobody is meant, the secret is wrong or expired, or too many wrong ones were given: commit then too, for tries are
    counted. `channels` are the ways by which a code can be sent. TooManyAttempts for an address that tries one after the other.
    """
    address = actor_of(db).address
    refuse_if_exhausted(db, FROM_ONE_ADDRESS, address)
    person = find_claimed(db, claim)
    if person is None:
        note_attempt(db, FROM_ONE_ADDRESS, address)
        return None
    access = hold_access(db, person)
    if is_locked(access) or not _fits(db, person, access, claim, secret, channels):
        note_attempt(db, FROM_ONE_ADDRESS, address)
        _count_failure(db, person, access)
        return None
    access.failed_attempts, access.locked_until = 0, None
    access.code_index = access.code_expires_at = None
    access.holder = secrets.token_hex(HOLDER_BYTES)
    db.flush()
    record_entry(db, "own_page_opened", "own_page", access.id, subject=person.study_id, after={"by_link": claim.by_link})
    return f"{access.id}.{access.holder}"


def resume_own_page(db: Session, held: str) -> Entrepreneur | None:
    """Return the person whose page a browser holds, or None when another opened it since or it was left."""
    number, _, holder = held.partition(".")
    access = db.get(OwnPageAccess, int(number)) if number.isascii() and number.isdecimal() else None
    if access is None or access.holder is None or not hmac.compare_digest(access.holder, holder):
        return None
    return db.get_one(Entrepreneur, access.entrepreneur_id)


def leave_own_page(db: Session, person: Entrepreneur) -> None:
    """End the hold of every browser on a person's page."""
    access = hold_access(db, person)
    access.holder = None
    db.flush()
    record_entry(db, "own_page_left", "own_page", access.id, subject=person.study_id)


def hold_access(db: Session, person: Entrepreneur) -> OwnPageAccess:
    """Return the door of a person's page, kept from being changed by others until the transaction ends."""
    query = select(OwnPageAccess).where(OwnPageAccess.entrepreneur_id == person.id).with_for_update()
    found = db.scalar(query.execution_options(populate_existing=True))
    if found is None:
        try:
            with db.begin_nested():
                db.add(OwnPageAccess(entrepreneur_id=person.id))
        except IntegrityError:  # another request made it at this moment
            pass
        found = db.scalars(query).one()
    return found


def code_index(db: Session, access: OwnPageAccess, code: str) -> str:
    """Return the blind index of a code: six digits are never kept."""
    digits = "".join(sign for sign in code if sign.isdecimal())
    return keys_of(db).blind_index(digits, f"own-page:{access.id}:code")


def is_locked(access: OwnPageAccess) -> bool:
    """Say whether a page lets nobody in for now, after too many wrong secrets."""
    return access.locked_until is not None and access.locked_until > now()


def _fits(
    db: Session, person: Entrepreneur, access: OwnPageAccess, claim: Claim, secret: str, channels: Collection[Channel]
) -> bool:
    in_time = access.code_expires_at is not None and access.code_expires_at > now()
    if access.code_index and in_time and hmac.compare_digest(access.code_index, code_index(db, access, secret)):
        return True
    kept = use_identity(db, person.id, ("phone", "email", "birth_date"), "own page")
    reachable = any(ADDRESS_FIELDS[channel] in kept for channel in channels)
    born = kept.get("birth_date", "")[:4]
    return bool(born) and (claim.by_link or not reachable) and hmac.compare_digest(born.encode(), secret.strip().encode())


def _count_failure(db: Session, person: Entrepreneur, access: OwnPageAccess) -> None:
    if is_locked(access):
        return  # tries during a lock must not make it longer
    access.failed_attempts += 1
    record_entry(db, "own_page_secret_wrong", "own_page", access.id, subject=person.study_id)
    times, rest = divmod(access.failed_attempts, FAILURES)
    if rest == 0:
        access.locked_until = now() + LOCKED_FOR * 2 ** min(times - 1, DOUBLINGS)
        after = {"until": access.locked_until}
        record_entry(db, "own_page_locked", "own_page", access.id, subject=person.study_id, after=after)
