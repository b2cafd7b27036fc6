"""Who may open a page. Every view carries exactly one of these marks; a test refuses a view without one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, g, redirect, request, url_for

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.openrosa.devices.open_device import open_device
from evalapp.web.held_forms import HELD, hold, resume
from evalapp.web.transactions import writing_db

View = Callable[..., Any]
FORBIDDEN, UNAUTHORISED = 403, 401


def public(view: View) -> View:
    """Let anyone in."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Let in whoever is signed in, whatever their roles."""
    return _guarded(view, "signed_in", lambda: True)


def allows(permission: str) -> Callable[[View], View]:
    """Let in accounts with a role that carries a permission of `evalapp.accounts.permissions`."""

    def mark(view: View) -> View:
        return _guarded(view, permission, lambda: g.viewer.may(permission))

    return mark


def confirmed(view: View) -> View:
    """Ask for the password again unless it was entered a moment ago; a form that was sent goes on afterwards, without its files.

    Stands under (inside) the mark that says who may.
    """

    @wraps(view)
    def ask_first(*positional: Any, **named: Any) -> Any:
        if HELD in request.form:
            return resume() or view(*positional, **named)
        if g.recently_confirmed:
            return view(*positional, **named)
        if request.method == "GET":
            return redirect(url_for("sign_in.confirm", back=request.full_path.removesuffix("?")), 303)
        return hold()

    return ask_first


def _guarded(view: View, access: str, allowed: Callable[[], bool]) -> View:
    @wraps(view)
    def guarded(*positional: Any, **named: Any) -> Any:
        if g.viewer is None:
            if request.method == "GET":
                return redirect(url_for("sign_in.sign_in", back=request.full_path.removesuffix("?")), 303)
            abort(UNAUTHORISED)
        if not allowed():
            abort(FORBIDDEN)
        g.acting_role = min(g.viewer.roles, default="") if access == "signed_in" else g.viewer.role_for(access)
        return view(*positional, **named)

    guarded.access = access  # type: ignore[attr-defined]
    return guarded


class DeviceRefused(AppError):  # noqa: N818 - what it is, in words
    """A device that is known and may do nothing, with the reason."""


def device(view: View) -> View:
    """Let in a device by the name and password that its request carries. No cookie counts here, so no form has a token to show."""

    @wraps(view)
    def guarded(*positional: Any, **named: Any) -> Any:
        if current_app.config["SESSION_COOKIE_SECURE"] and not request.is_secure:
            raise DeviceRefused(Message("Set the address of the server to https: a password must not travel in the open."))
        given = request.authorization
        if given is None or given.type != "basic" or "\0" in (given.username or ""):
            abort(UNAUTHORISED)
        with writing_db() as db:
            opened = open_device(db, named["code"], given.username or "", given.password or "")
        if opened is None:
            abort(UNAUTHORISED)
        if opened.refusal:
            raise DeviceRefused(opened.refusal)
        g.device = opened
        return view(*positional, **named)

    guarded.access = "device"  # type: ignore[attr-defined]
    return guarded
