"""Text messages and KakaoTalk through a gateway that takes JSON over HTTPS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from evalapp.core.messages.messenger import OutgoingMessage, Undelivered

TIMEOUT_SECONDS = 20
ADDRESS_REFUSED = frozenset({400, 404, 422})


class _StayHere(HTTPRedirectHandler):
    """Follow no redirect: it would carry a telephone number and the token elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True, repr=False)
class SmsGateway:
    """A gateway's address and its token.

    It is posted `{"key", "channel", "to", "text"}` with the token as bearer and the key as Idempotency-Key; any 2xx means accepted.
    """

    url: str
    token: str

    def send(self, message: OutgoingMessage) -> None:
        """Hand one message to the gateway."""
        body = {"key": message.key, "channel": message.channel, "to": message.to, "text": message.text}
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
        }
        request = Request(self.url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - the settings allow http(s) only
        try:
            build_opener(_StayHere).open(request, timeout=TIMEOUT_SECONDS).close()
        except HTTPError as error:
            error.close()
            raise Undelivered("address_refused" if error.code in ADDRESS_REFUSED else "refused") from None
        except (OSError, HTTPException):
            raise Undelivered("unreachable") from None
