"""The cookie by which a respondent's browser holds a survey: signed, short-lived, for the pages under /s only."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

NAME = "answering"
PATH = "/s"
IDLE_SECONDS = 3600


def _name() -> str:
    # Not __Host-, which would send it with every page.
    return f"__Secure-{NAME}" if current_app.config["SESSION_COOKIE_SECURE"] else NAME


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=NAME)


def read_cookie() -> dict[str, Any]:
    """Return what the browser holds; nothing when it has been idle for an hour or the cookie is not ours."""
    try:
        held = _signer().loads(request.cookies.get(_name(), ""), max_age=IDLE_SECONDS)
    except BadSignature:
        return {}
    return held if isinstance(held, dict) else {}


def give_cookie(response: Response, held: dict[str, Any]) -> Response:
    """Let the browser hold a survey for an hour from now."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        _name(), _signer().dumps(held), max_age=IDLE_SECONDS, path=PATH, secure=secure, httponly=True, samesite="Lax"
    )
    return response


def take_cookie(response: Response) -> Response:
    """Make the browser forget: telephones are shared."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(_name(), path=PATH, secure=secure, httponly=True, samesite="Lax")
    return response
