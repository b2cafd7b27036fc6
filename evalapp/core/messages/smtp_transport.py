"""E-mail through a mail server, encrypted on the way there."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from evalapp.core.clock import now
from evalapp.core.messages.messenger import OutgoingMessage, Undelivered

TIMEOUT_SECONDS = 20
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, repr=False)
class SmtpTransport:
    """A mail server as `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`, and the sender's address.

    Only a server on this machine is spoken to in clear.
    """

    url: str
    sender: str
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(self, message: OutgoingMessage) -> None:
        """Hand one message to the server."""
        try:
            with self._connected() as server:
                self._introduce(server)
                server.send_message(self._letter(message))
        except smtplib.SMTPRecipientsRefused:
            raise Undelivered("address_refused") from None
        except smtplib.SMTPException:
            raise Undelivered("refused") from None
        except OSError:
            raise Undelivered("unreachable") from None

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(parts.hostname or "", parts.port or 465, timeout=TIMEOUT_SECONDS, context=self.context)
        return smtplib.SMTP(parts.hostname or "", parts.port or 587, timeout=TIMEOUT_SECONDS)

    def _introduce(self, server: smtplib.SMTP) -> None:
        parts = urlsplit(self.url)
        if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
            server.starttls(context=self.context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))

    def _letter(self, message: OutgoingMessage) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, message.to, message.subject
        letter["Date"] = formatdate(now().timestamp())
        letter["Message-ID"] = f"<{message.key}@{self.sender.rpartition('@')[2].rstrip('>')}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter
