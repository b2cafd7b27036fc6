"""The pages anyone may open: what this is, whether it is healthy, and whether a PDF is one of ours and unaltered.

No page here shows or asks for anything about a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from evalapp.charts.tokens import page_variables
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import LANGUAGES, Message
from evalapp.reports.assignment_record.queries import find_record_by_fingerprint
from evalapp.reports.queries import find_report_by_fingerprint
from evalapp.web.access import public
from evalapp.web.cookies import cookie, remember
from evalapp.web.forms import Form
from evalapp.web.installation import LANGUAGE_COOKIE
from evalapp.web.navigation import THEME_COOKIE, THEMES, surroundings
from evalapp.web.redirects import safe_back
from evalapp.web.transactions import reading_db

HOUR_SECONDS = 3600
blueprint = Blueprint("pages", __name__)
blueprint.app_context_processor(surroundings)


@blueprint.get("/")
@public
def home() -> str | AnyResponse:
    """Say what this is; whoever is signed in is led to their work."""
    if g.viewer is not None and not g.half_signed_in:
        return redirect(url_for("work.show"), 303)
    return render_template("web/home.html")


@blueprint.get("/health")
@public
def health() -> tuple[dict[str, str], int]:
    """Say whether the database answers, for a machine that watches."""
    with reading_db() as db:
        find_report_by_fingerprint(db, "")
    return {"status": "ok"}, 200


@blueprint.post("/language")
@public
def language() -> AnyResponse:
    """Remember the language chosen and return to the page the visitor came from."""
    return _remembering(LANGUAGE_COOKIE, request.form.get("language", ""), LANGUAGES)


@blueprint.post("/theme")
@public
def theme() -> AnyResponse:
    """Remember whether pages are light or dark; anything else leaves it to the device again."""
    return _remembering(THEME_COOKIE, request.form.get("theme", ""), THEMES)


def _remembering(name: str, wanted: str, known: Sequence[str]) -> AnyResponse:
    response = make_response(redirect(safe_back(request.form.get("back")), 303))
    if wanted in known:
        remember(response, name, wanted)
    elif not wanted:
        response.delete_cookie(cookie(name), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax")
    return response


@blueprint.route("/reports/verify", methods=["GET", "POST"])
@public
def verify() -> tuple[str, int]:
    """Tell whether an uploaded PDF is, to the byte, a report or a record of an assignment composed here."""
    form = Form()
    if request.method == "GET":
        return render_template("web/verify.html", form=form), 200
    upload = request.files.get("report")
    content = upload.read() if upload else b""
    if not content:
        form.add_fault("report", Message("Choose the PDF first, then press the button."))
        return render_template("web/verify.html", form=form), 422
    fingerprint = sha256_of(content)
    with reading_db() as db:
        found = find_report_by_fingerprint(db, fingerprint)
        record = None if found else find_record_by_fingerprint(db, fingerprint)
    return render_template("web/verify.html", form=form, found=found, record=record, fingerprint=fingerprint), 200


@blueprint.get("/tokens.css")
@public
def tokens() -> Response:
    """Serve the colours, spaces and letter sizes of the pages."""
    response = Response(page_variables(), mimetype="text/css")
    response.cache_control.max_age = HOUR_SECONDS
    return response


@blueprint.app_url_defaults
def name_edition(endpoint: str, values: dict[str, Any]) -> None:
    """Give styles and scripts an address that changes with them; letters are named by a style sheet and keep theirs."""
    if endpoint == "static" and not values["filename"].startswith("fonts/"):
        changed_at = (Path(str(current_app.static_folder)) / values["filename"]).stat().st_mtime
        values["v"] = f"{int(changed_at):x}"
