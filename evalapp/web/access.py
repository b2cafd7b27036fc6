"""Who may open a page. Every view carries exactly one of these marks; a test refuses a view without one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, g, redirect, request, url_for

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
    """Ask for the password again unless it was entered a moment ago. Stands under (inside) the mark that says who may."""

    @wraps(view)
    def ask_first(*positional: Any, **named: Any) -> Any:
        if not g.recently_confirmed:
            back = request.full_path if request.method == "GET" else request.form.get("back", request.path)
            return redirect(url_for("sign_in.confirm", back=back), 303)
        return view(*positional, **named)

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
