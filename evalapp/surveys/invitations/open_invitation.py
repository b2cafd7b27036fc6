"""Open the survey of an invitation: the link, the second secret, and the browser that holds it from then on."""

from __future__ import annotations

import datetime as dt
import hmac

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.limit_attempts import Limit, note_attempt, refuse_if_exhausted
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.invitations.links import ONE_TIME_CODE, secret_index, token_hash
from evalapp.surveys.invitations.tables import Invitation

FROM_ONE_ADDRESS = Limit("open_invitation", most=60, within=dt.timedelta(minutes=15))  # a training room may share one address
FAILURES = 5
LOCKED_FOR = dt.timedelta(minutes=15)
DOUBLINGS = 6


class ClosedInvitation(AppError):  # noqa: N818 - what it is, in words
    """A link whose survey cannot be answered now, with the reason."""


def find_invitation(db: Session, token: str) -> Invitation | None:
    """Return the invitation of a link, or None. It says which second secret is asked for and nothing about the person."""
    return db.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)))


def open_invitation(db: Session, token: str, secret: str) -> Invitation | None:
    """Return the invitation of a link when the second secret fits, and end other browsers' hold on it.

    None where there is no such link, the secret is wrong or expired, or too many wrong ones were given: commit then too, for tries
    are counted. ClosedInvitation tells whoever has the link that there is nothing to answer; TooManyAttempts an address that tries
    one after the other.
    """
    address = actor_of(db).address
    refuse_if_exhausted(db, FROM_ONE_ADDRESS, address)
    found = select(Invitation).where(Invitation.token_hash == token_hash(token))
    invitation = db.scalar(found.with_for_update().execution_options(populate_existing=True))
    if invitation is None:
        note_attempt(db, FROM_ONE_ADDRESS, address)
        return None
    demand_open(invitation)
    if is_locked(invitation) or not _fits(db, invitation, secret):
        note_attempt(db, FROM_ONE_ADDRESS, address)
        _count_failure(db, invitation)
        return None
    return hold_invitation(db, invitation)


def hold_of(invitation: Invitation) -> str:
    """Return what the browser that opened an invitation keeps, signed, in its cookie."""
    return f"{invitation.id}.{invitation.opened_at.timestamp():.0f}" if invitation.opened_at else ""


def resume_invitation(db: Session, hold: str) -> Invitation | None:
    """Return the invitation that a browser holds, or None when another browser opened it since or it is over."""
    number = hold.partition(".")[0]
    invitation = db.get(Invitation, int(number)) if number.isascii() and number.isdecimal() else None
    if invitation is None or not hmac.compare_digest(hold_of(invitation), hold):
        return None
    return invitation if invitation.state == "opened" and _in_window(invitation) else None


def demand_open(invitation: Invitation) -> None:
    """Raise ClosedInvitation unless an invitation can be answered now."""
    if invitation.state == "submitted":
        raise ClosedInvitation(Message("This survey has been answered already. Thank you."))
    if invitation.state in ("cancelled", "refused"):
        raise ClosedInvitation(Message("This link is no longer in use. You need not do anything."))
    if today() < invitation.opens_on:
        raise ClosedInvitation(Message("This survey has not begun yet. Come back on %(date)s.", date=invitation.opens_on))
    if today() > invitation.closes_on:
        raise ClosedInvitation(Message("This survey is over. Thank you for your interest."))


def is_locked(invitation: Invitation) -> bool:
    """Say whether an invitation lets nobody in for now, after too many wrong secrets."""
    return invitation.locked_until is not None and invitation.locked_until > now()


def _in_window(invitation: Invitation) -> bool:
    return invitation.opens_on <= today() <= invitation.closes_on


def _fits(db: Session, invitation: Invitation, secret: str) -> bool:
    expired = invitation.secret_expires_at is not None and invitation.secret_expires_at <= now()
    if invitation.secret_index is None or expired:
        return False
    return hmac.compare_digest(invitation.secret_index, secret_index(db, invitation, secret))


def _count_failure(db: Session, invitation: Invitation) -> None:
    if is_locked(invitation):
        return  # tries during a lock must not make it longer
    invitation.failed_attempts += 1
    record_entry(db, "invitation_secret_wrong", "invitation", invitation.id)
    times, rest = divmod(invitation.failed_attempts, FAILURES)
    if rest == 0:
        invitation.locked_until = now() + LOCKED_FOR * 2 ** min(times - 1, DOUBLINGS)
        record_entry(db, "invitation_locked", "invitation", invitation.id, after={"until": invitation.locked_until})


def hold_invitation(db: Session, invitation: Invitation) -> Invitation:
    """Let the browser that asks hold an invitation from now on, and no other; that it may was made sure before."""
    invitation.state, invitation.opened_at = "opened", now()
    invitation.failed_attempts, invitation.locked_until = 0, None
    if invitation.second_secret == ONE_TIME_CODE:
        invitation.secret_index = invitation.secret_expires_at = None
    db.flush()
    record_entry(db, "invitation_opened", "invitation", invitation.id)
    return invitation
