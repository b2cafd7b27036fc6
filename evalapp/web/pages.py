"""The pages anyone may open: what this is, whether it is healthy, and whether a PDF is one of ours and unaltered.

No page here shows or asks for anything about a person.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from evalapp.charts.tokens import css_variables
from evalapp.core.db import reading
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import LANGUAGES, catalogue
from evalapp.reports.queries import find_report_by_fingerprint

LARGEST_UPLOAD_BYTES = 20 * 1024 * 1024
LANGUAGE_COOKIE = "language"
YEAR_SECONDS = 365 * 24 * 3600
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

blueprint = Blueprint("pages", __name__)


def install(app: Flask, engine: Engine, *, default_language: str) -> None:
    """Put the pages, their languages and their headers on an application."""
    app.extensions["evalapp.engine"] = engine
    app.extensions["evalapp.language"] = default_language
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalogue(g.language).gettext(text),
        lambda one, many, count: catalogue(g.language).ngettext(one, many, count),
        newstyle=True,
    )
    app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _refusal)
    app.register_error_handler(Exception, _failure)


@blueprint.before_app_request
def choose_language() -> None:
    """Take the language of the visitor's choice, else their browser's, else the installation's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    fallback = current_app.extensions["evalapp.language"]
    g.language = chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, fallback)


@blueprint.after_app_request
def add_headers(response: Response) -> Response:
    """Send the security headers with every answer."""
    response.headers.update(SECURITY_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.get("/")
def home() -> str:
    """Say what this is."""
    return render_template("web/home.html")


@blueprint.get("/health")
def health() -> tuple[dict[str, str], int]:
    """Say whether the database answers, for a machine that watches."""
    with reading(current_app.extensions["evalapp.engine"]) as db:
        find_report_by_fingerprint(db, "")
    return {"status": "ok"}, 200


@blueprint.post("/language")
def language() -> AnyResponse:
    """Remember the language chosen and return to the page the visitor came from."""
    wanted = request.form.get("language", "")
    pages = {"home": "pages.home", "verify": "pages.verify"}
    response = make_response(redirect(url_for(pages.get(request.form.get("page", ""), "pages.home")), 303))
    if wanted in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


@blueprint.route("/reports/verify", methods=["GET", "POST"])
def verify() -> tuple[str, int]:
    """Tell whether an uploaded PDF is, to the byte, a report composed here."""
    if request.method == "GET":
        return render_template("web/verify.html"), 200
    upload = request.files.get("report")
    content = upload.read() if upload else b""
    if not content:
        return render_template("web/verify.html", nothing_chosen=True), 422
    fingerprint = sha256_of(content)
    with reading(current_app.extensions["evalapp.engine"]) as db:
        found = find_report_by_fingerprint(db, fingerprint)
    return render_template("web/verify.html", answered=True, found=found, fingerprint=fingerprint), 200


@blueprint.get("/tokens.css")
def tokens() -> Response:
    """Serve the colours, spaces and type sizes that pages, charts and PDF share."""
    response = Response(css_variables(), mimetype="text/css")
    response.headers["Cache-Control"] = "max-age=3600"
    return response


def _refusal(error: HTTPException) -> tuple[str, int]:
    return render_template("web/refusal.html", code=error.code), error.code or 500


def _failure(error: Exception) -> tuple[str, int]:
    current_app.logger.error("%s on %s %s", type(error).__name__, request.method, request.url_rule)
    return render_template("web/refusal.html", code=500), 500
