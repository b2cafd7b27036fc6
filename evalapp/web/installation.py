"""What every request passes through: language, sign-in, protection of forms, headers, and refusals as pages."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as AnyResponse

from evalapp.accounts.resume_sign_in import SignedIn, find_sign_in, touch_sign_in
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import KeyRing
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import LANGUAGE_NAMES, LANGUAGES, Message, catalogue
from evalapp.web.access import FORBIDDEN
from evalapp.web.cookies import YEAR_SECONDS, cookie, give_sign_in, sign_in_cookie
from evalapp.web.formats import FILTERS
from evalapp.web.forms import LARGEST_KEY
from evalapp.web.packing import pack
from evalapp.web.transactions import reading_db, writing_db

LARGEST_UPLOAD_BYTES = 20 * 1024 * 1024
LARGEST_FORM_BYTES = 2_000_000  # some thousand pasted rows; a form without files is read as a whole, whoever sends it
RESPONDENT_PATHS = ("/s/", "/me/")
UNDRAWABLE = "Something went wrong. 문제가 생겼습니다."
LANGUAGE_COOKIE = "language"
BAD_REQUEST, CONFLICT = 400, 409
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # over TLS the check of forms asks where they come from
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What an account may still reach before its second factor is given or set up.
UNFINISHED = frozenset({"sign_in.code", "sign_in.sign_out", "own_account.set_up_second_factor", "pages.language", "pages.theme"})


class KeyConverter(IntegerConverter):
    """The number of a row in an address; one that no row can have leads nowhere."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **{"max": LARGEST_KEY, **named})


def install(app: Flask, engine: Engine, keys: KeyRing, blueprints: Sequence[Blueprint], *, default_language: str) -> None:
    """Put the pages and what surrounds them on an application."""
    app.extensions.update({"evalapp.engine": engine, "evalapp.keys": keys, "evalapp.language": default_language})
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.url_map.converters["int"] = KeyConverter
    _speak(app)
    app.before_request(_prepare)  # before the check of forms, so that a refusal knows its language
    protection = CSRFProtect(app)
    app.after_request(_add_headers)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    for view in app.view_functions.values():
        if getattr(view, "access", "") == "device":
            protection.exempt(view)  # no cookie lets anyone in there
    app.register_error_handler(HTTPException, _refusal)
    app.register_error_handler(AppError, _app_error)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(Exception, _failure)


def _speak(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalogue(g.language).gettext(text),
        lambda one, many, count: catalogue(g.language).ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.optimized = False  # else a constant under a filter would keep the language of its first reader
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals |= {"new_key": lambda: secrets.token_hex(16), "language_names": LANGUAGE_NAMES}


def _prepare() -> AnyResponse | None:
    g.request_id = secrets.token_hex(8)
    g.viewer, g.recently_confirmed, g.sign_in_id = None, False, None
    g.language = _language(None)
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_FORM_BYTES
    if _is_for_devices():
        _refuse_null_signs(request.args)  # what they send is not read before they have said who they are
        return None
    _refuse_null_signs(request.values)
    signed_in = _signed_in()
    g.language = _language(signed_in)
    if signed_in is None:
        return None
    g.sign_in_id = signed_in.sign_in_id
    unfinished = signed_in.needs_second_factor or signed_in.must_set_up_second_factor
    if unfinished and request.endpoint not in UNFINISHED and not _is_static():
        endpoint = "sign_in.code" if signed_in.needs_second_factor else "own_account.set_up_second_factor"
        return redirect(url_for(endpoint), 303)
    g.viewer, g.recently_confirmed = signed_in.viewer, signed_in.recently_confirmed
    g.half_signed_in = unfinished
    if signed_in.is_stale:
        with writing_db() as db:
            touch_sign_in(db, signed_in.sign_in_id)
    return None


def _refuse_null_signs(values: MultiDict[str, str]) -> None:
    """Refuse what nobody types and PostgreSQL cannot keep."""
    texts = [request.path, *(text for _name, text in values.items(multi=True))]
    if any("\0" in text for text in texts):
        abort(BAD_REQUEST)


def _signed_in() -> SignedIn | None:
    token = request.cookies.get(sign_in_cookie())
    if not token or _is_static():
        return None
    with reading_db() as db:
        return find_sign_in(db, token)


def _is_static() -> bool:
    return request.endpoint in ("static", "pages.tokens")


def _is_for_devices() -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "access", "") == "device"


def _language(signed_in: SignedIn | None) -> str:
    chosen = request.cookies.get(cookie(LANGUAGE_COOKIE))
    if chosen in LANGUAGES:
        return str(chosen)
    if signed_in is not None:
        return signed_in.viewer.language
    fallback: str = current_app.extensions["evalapp.language"]
    return request.accept_languages.best_match(LANGUAGES, fallback) or fallback


def _add_headers(response: Response) -> Response:
    if g.get("renewed_token"):
        give_sign_in(response, g.renewed_token)
    if _is_static():
        pack(response)
    response.headers.update(SECURITY_HEADERS)
    if not _is_static() or not response.cache_control:
        response.headers["Cache-Control"] = "no-store"  # a file that is sent would else be kept as long as a style sheet
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
    # For the web server's log, which must not hold addresses: they carry study IDs and secret links.
    request.environ.update({"evalapp.route": str(request.url_rule or "-"), "evalapp.request": g.get("request_id", "-")})
    return response


def _page(code: int, message: Message | None = None) -> tuple[str, int]:
    g.setdefault("language", current_app.extensions["evalapp.language"])
    g.setdefault("viewer", None)
    template = "answering/refusal.html" if is_for_respondents() else "web/refusal.html"
    return render_template(template, code=code, message=message), code


def is_for_respondents() -> bool:
    """Say whether an address is one of those that people outside are given: no page there tells whose installation it is."""
    return f"{request.path}/".startswith(RESPONDENT_PATHS)


def _refusal(error: HTTPException) -> tuple[str, int] | HTTPException:
    if isinstance(error, SecurityError):
        return BadRequest()  # a request for another host than ours: no page of ours can be drawn for it
    if isinstance(error, CSRFError):
        _log(logging.WARNING, "form without its token")
        return _page(400, Message("This form was open too long or came from elsewhere. Open the page again and repeat the step."))
    if error.code is not None and error.code < 400:  # noqa: PLR2004 - a redirect is no refusal
        return error
    if error.code == FORBIDDEN:
        with writing_db() as db:
            record_entry(db, "access_refused", "page", request.endpoint or "")
    return _page(error.code or 500)


def _app_error(error: AppError) -> tuple[str, int]:
    return _page(404 if isinstance(error, NotFound) else 422, error.message)


def _overtaken(error: IntegrityError) -> tuple[str, int]:
    _log(logging.WARNING, type(error.orig).__name__)
    return _page(
        CONFLICT, Message("Someone else did the same at the same moment. Look at it again, then repeat the step if needed.")
    )


def _failure(error: Exception) -> tuple[str, int]:
    log_failure(error)
    try:
        return _page(500)
    except Exception:  # noqa: BLE001 - what broke was the frame of all pages
        return UNDRAWABLE, 500


def log_failure(error: Exception) -> None:
    """Log what failed and where in the program, never with what: the message of an error may quote a person."""
    places = (f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__) if "evalapp" in frame.filename)
    _log(logging.ERROR, f"{type(error).__name__} in {' > '.join(places)}")


def _log(level: int, what: str) -> None:
    current_app.logger.log(level, "%s: %s %s, request %s", what, request.method, request.url_rule, g.get("request_id", "-"))
