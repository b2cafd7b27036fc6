"""The cookies of staff and visitors: the sign-in, choices, and the marks of accounts that signed in from this browser."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

from evalapp.accounts.signing_in.known_devices import LASTS, new_mark

YEAR_SECONDS = 365 * 24 * 3600
DEVICE = "device-"


def cookie(name: str) -> str:
    """Return the full name of a cookie of ours; over TLS the browser itself guards it by its prefix."""
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def sign_in_cookie() -> str:
    """Return the name of the cookie that holds a sign-in."""
    return cookie("sign-in")


def give_sign_in(response: Response, token: str) -> Response:
    """Give the browser the token of its sign-in, for as long as it stays open."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(sign_in_cookie(), token, secure=secure, httponly=True, samesite="Lax")
    return response


def take_sign_in(response: Response) -> Response:
    """Make the browser forget its sign-in."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(sign_in_cookie(), secure=secure, httponly=True, samesite="Lax")
    return response


def remember(response: Response, name: str, choice: str, *, seconds: int = YEAR_SECONDS) -> None:
    """Keep a choice in the browser, for a year unless told otherwise."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(cookie(name), choice, max_age=seconds, samesite="Lax", httponly=True, secure=secure)


def mark_device(response: Response, code: str) -> Response:
    """Let the browser keep the mark of an account that has just signed in here with all that was asked for."""
    name, mark = new_mark(current_app.extensions["evalapp.keys"].current(), code)
    remember(response, f"{DEVICE}{name}", mark, seconds=int(LASTS.total_seconds()))
    return response


def device_marks() -> tuple[tuple[str, str], ...]:
    """Return the marks that the browser sends, by their names."""
    prefix = cookie(DEVICE)
    return tuple((name.removeprefix(prefix), mark) for name, mark in request.cookies.items() if name.startswith(prefix))
