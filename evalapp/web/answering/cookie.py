"""The cookies by which a respondent's browser holds a survey, or their own page: signed, short-lived, for those pages only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response


@dataclass(frozen=True)
class HeldCookie:
    """One such cookie: its name, the path it is sent to, and for how long a browser may be idle."""

    name: str
    path: str
    idle_seconds: int

    def read(self) -> dict[str, Any]:
        """Return what the browser holds; nothing when it has been idle too long or the cookie is not ours."""
        try:
            held = self._signer().loads(request.cookies.get(self._full_name(), ""), max_age=self.idle_seconds)
        except BadSignature:
            return {}
        return held if isinstance(held, dict) else {}

    def give(self, response: Response, held: dict[str, Any]) -> Response:
        """Let the browser hold it, from now on as long as it may be idle."""
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(
            self._full_name(), self._signer().dumps(held), max_age=self.idle_seconds, path=self.path, secure=secure, httponly=True,
            samesite="Lax",
        )  # fmt: skip
        return response

    def take(self, response: Response) -> Response:
        """Make the browser forget: telephones are shared."""
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.delete_cookie(self._full_name(), path=self.path, secure=secure, httponly=True, samesite="Lax")
        return response

    def _full_name(self) -> str:
        # Not __Host-, which would send it with every page.
        return f"__Secure-{self.name}" if current_app.config["SESSION_COOKIE_SECURE"] else self.name

    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=self.name)


IDLE_SECONDS = 3600
SURVEY = HeldCookie("answering", "/s", IDLE_SECONDS)
OWN_PAGE = HeldCookie("own-page", "/me", 1200)
read_cookie, give_cookie, take_cookie = SURVEY.read, SURVEY.give, SURVEY.take
