"""The OpenRosa interface: forms listed and fetched, filled forms sent. A device says who it is with every request."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException

from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.surveys.openrosa.forms.deliver_form import WaveForm, deliver_form, list_form_files, md5
from evalapp.surveys.openrosa.forms.queries import get_wave_form, list_wave_forms
from evalapp.surveys.openrosa.receive_submission import OtherContent, receive_submission
from evalapp.web.access import FORBIDDEN, UNAUTHORISED, DeviceRefused, device
from evalapp.web.installation import BAD_REQUEST, CONFLICT, log_failure
from evalapp.web.openrosa import replies
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("openrosa", __name__, url_prefix="/openrosa/<code>")
XML_PART = "xml_submission_file"
NO_CONTENT, NOT_FOUND, TOO_LARGE, TOO_MANY, FAILURE, UNAVAILABLE = 204, 404, 413, 429, 500, 503
YES = {"true", "1", "yes"}
REFUSALS = {
    UNAUTHORISED: Message("The name or the password of the device is wrong, or wrong ones were given too often."),
    NOT_FOUND: Message("There is nothing at this address."),
    TOO_LARGE: Message("What was sent is too large."),
}
FAILED = Message("This could not be done. Try again later; nothing is lost on the device.")


@blueprint.get("/formList")
@device
def list_forms(code: str) -> Response:
    """List the forms of the waves that are open."""
    _demand_version()
    wanted = request.args.get("formID") or None
    every = request.args.get("listAllVersions", "").lower() in YES
    with reading_db() as db:
        forms = list_wave_forms(db, g.device.programme_id, wanted, all_versions=every)
        listed = [_listed(db, code, form) for form in forms]
    return replies.form_list(listed, verbose=request.args.get("verbose", "").lower() in YES)


def _listed(db: Session, code: str, form: WaveForm) -> replies.ListedForm:
    language = g.device.language
    named: dict[str, Any] = {"code": code, "form_id": form.form_id, "version": form.instrument.version, "_external": True}
    fingerprint = md5(deliver_form(db, form, language))
    files = url_for(".list_files", **named) if list_form_files(db, form) else None
    return replies.ListedForm(
        form.form_id, form.name(language), form.instrument.version, fingerprint, url_for(".fetch_form", **named), files
    )


@blueprint.get("/forms/<form_id>/<version>.xml")
@device
def fetch_form(code: str, form_id: str, version: str) -> Response:  # noqa: ARG001 - the mark has read it
    """Send a form."""
    with reading_db() as db:
        return replies.xml(deliver_form(db, get_wave_form(db, g.device.programme_id, form_id, version), g.device.language))


@blueprint.get("/forms/<form_id>/<version>/manifest")
@device
def list_files(code: str, form_id: str, version: str) -> Response:
    """List the files that a form needs."""
    with reading_db() as db:
        files = list_form_files(db, get_wave_form(db, g.device.programme_id, form_id, version))
    named: dict[str, Any] = {"code": code, "form_id": form_id, "version": version, "_external": True}
    return replies.manifest(
        [replies.ListedFile(name, md5(content), url_for(".fetch_file", name=name, **named)) for name, content in files.items()]
    )


@blueprint.get("/forms/<form_id>/<version>/files/<name>")
@device
def fetch_file(code: str, form_id: str, version: str, name: str) -> Response:  # noqa: ARG001 - the mark has read it
    """Send a file that a form needs."""
    with reading_db() as db:
        files = list_form_files(db, get_wave_form(db, g.device.programme_id, form_id, version))
    if name not in files:
        return replies.say(REFUSALS[NOT_FOUND], NOT_FOUND)
    return replies.with_headers(Response(files[name], content_type="text/csv; charset=utf-8"))


@blueprint.route("/submission", methods=["HEAD"], provide_automatic_options=False)
@device
def ask_to_submit(code: str) -> Response:  # noqa: ARG001 - the mark has read it
    """Say before anything is sent whether it may be, and how much at once."""
    _demand_version()
    return replies.with_headers(Response(status=NO_CONTENT))


@blueprint.post("/submission")
@device
def submit(code: str) -> Response:  # noqa: ARG001 - the mark has read it
    """Take a filled form in."""
    _demand_version()
    content, files = _parts()
    if content is None:
        raise AppError(Message("The form is missing: it must come as the part %(name)s.", name=XML_PART))
    with writing_db() as db:
        row = receive_submission(db, g.device, content, files)
        placed = row.state == "placed"
    said = Message("Received.") if placed else Message("Received. The program officer will find out to whom it belongs.")
    return replies.say(said, replies.CREATED)


@blueprint.route("/", defaults={"rest": ""}, methods=["GET", "POST"])
@blueprint.route("/<path:rest>", methods=["GET", "POST"])
@device
def nothing(code: str, rest: str) -> Response:  # noqa: ARG001 - the mark has read it
    """Say in a device's own language that there is nothing here."""
    return replies.say(REFUSALS[NOT_FOUND], NOT_FOUND)


def _demand_version() -> None:
    """Refuse a request without the header by which clients of OpenRosa are known; no page of another site can send it."""
    if "X-OpenRosa-Version" not in request.headers:
        raise AppError(Message("The header X-OpenRosa-Version is missing."))


def _parts() -> tuple[bytes | None, dict[str, bytes]]:
    files = {part.filename or name: part.read() for name, part in request.files.items(multi=True) if name != XML_PART}
    sent = request.files.get(XML_PART)
    if sent is not None:
        return sent.read(), files
    text = request.form.get(XML_PART)
    return (None if text is None else text.encode()), files


@blueprint.errorhandler(HTTPException)
def refuse(error: HTTPException) -> Response:
    """Answer a refusal of the server's in words of ours."""
    status = error.code or BAD_REQUEST
    answer = replies.say(REFUSALS.get(status, FAILED), status)
    if status == UNAUTHORISED:
        answer.www_authenticate = WWWAuthenticate("basic", {"realm": "evalapp", "charset": "UTF-8"})
    return answer


@blueprint.errorhandler(AppError)
def refuse_form(error: AppError) -> Response:
    """Answer a refusal of a verb."""
    kinds = ((NotFound, NOT_FOUND), (OtherContent, CONFLICT), (TooManyAttempts, TOO_MANY), (DeviceRefused, FORBIDDEN))
    status = next((code for kind, code in kinds if isinstance(error, kind)), BAD_REQUEST)
    return replies.say(error.message, status)


@blueprint.errorhandler(IntegrityError)
def overtaken(_error: IntegrityError) -> Response:
    """Ask for a second try where two did the same at once."""
    return replies.say(FAILED, UNAVAILABLE)


@blueprint.errorhandler(Exception)
def fail(error: Exception) -> Response:
    """Tell the device to keep what it has, where something is wrong here."""
    log_failure(error)
    return replies.say(FAILED, FAILURE)
