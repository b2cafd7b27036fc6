"""The page that asks for the password before a form goes on, with the form sealed on it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, render_template, request
from werkzeug.datastructures import ImmutableMultiDict

from evalapp.accounts.signing_in.held_form import Fields, hold_form, resume_form
from evalapp.core.language import Message
from evalapp.web.forms import Form
from evalapp.web.redirects import safe_back
from evalapp.web.transactions import reading_db, writing_db

HELD = "held_form"
Asked = tuple[str, int]


def hold() -> Asked:
    """Answer a form with the page that asks for the password and keeps what was filled in. Files are not kept."""
    fields = [(name, text) for name, text in request.form.items(multi=True) if name != "csrf_token"]
    with reading_db() as db:
        held = hold_form(db, g.viewer.code, g.sign_in_id, request.full_path, fields)
    back = request.form.get("back") or urlsplit(request.referrer or "").path
    return _ask(held, Form(), safe_back(back)), 422


def resume() -> Asked | None:
    """Go on with a held form: put its fields in the place of those that were sent, or ask once more."""
    held, password = request.form[HELD], request.form.get("password", "")
    form = Form()
    with writing_db() as db:
        resumed = resume_form(db, g.viewer.code, g.sign_in_id, request.full_path, held, password)
    if resumed is None:
        form.add_fault(
            "password", Message("This is not your password, or the account is locked for a while after ten wrong tries.")
        )
        return _ask(held, form, safe_back(request.form.get("back"))), 422
    g.recently_confirmed, g.renewed_token = True, resumed.token
    _put(resumed.fields)
    return None


def _ask(held: str, form: Form, back: str) -> str:
    return render_template(
        "accounts/confirm.html", form=form, back=back, action=request.full_path.removesuffix("?"), held={HELD: held}
    )


def _put(fields: Fields) -> None:
    request.form = ImmutableMultiDict(fields)
    vars(request).pop("values", None)  # which the request keeps put together with the form it came with
