"""The two messages of a changed e-mail address: the link for the new one, and word to the old one."""

from __future__ import annotations

import secrets
from typing import Final

from evalapp.core.language import Message
from evalapp.core.messages.messenger import OutgoingMessage

LINK_SUBJECT: Final = Message("Confirm this e-mail address")
CHANGED_SUBJECT: Final = Message("Your e-mail address was changed")
LINK_TEXT: Final = Message(
    "This address was given as the new address of an account. If it was you, open this link within 72 hours and sign in:"
)
LINK_END: Final = Message("If it was not you, do nothing.")
CHANGED_TEXT: Final = Message(
    "The account that had this e-mail address has another one now, and this one no longer opens it. If it was not you, tell an "
    "administrator of your organisation at once."
)


def link_letter(email: str, link: str, language: str) -> OutgoingMessage:
    """Return the message with the link, for the new address."""
    return _letter(email, LINK_SUBJECT, [LINK_TEXT.within(language), link, LINK_END.within(language)], language)


def changed_letter(email: str, language: str) -> OutgoingMessage:
    """Return the message to the address that was left."""
    return _letter(email, CHANGED_SUBJECT, [CHANGED_TEXT.within(language)], language)


def _letter(email: str, subject: Message, lines: list[str], language: str) -> OutgoingMessage:
    return OutgoingMessage(secrets.token_hex(16), "email", email, subject.within(language), "\n\n".join(lines))
