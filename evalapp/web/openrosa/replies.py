"""What devices are told, in the XML and with the headers that OpenRosa asks for. Errors too: no page, no way to a sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from flask import Response, g

from evalapp.core.language import Message
from evalapp.web.installation import LARGEST_UPLOAD_BYTES

OPENROSA_HEADERS = {"X-OpenRosa-Version": "1.0", "X-OpenRosa-Accept-Content-Length": str(LARGEST_UPLOAD_BYTES)}
CREATED = 201
FIRST_ERROR = 400


class ListedForm(NamedTuple):
    """A form as a list names it; `manifest_url` only where it needs files."""

    form_id: str
    name: str
    version: str
    hash: str
    download_url: str
    manifest_url: str | None


class ListedFile(NamedTuple):
    """A file as a manifest names it."""

    filename: str
    hash: str
    download_url: str


def say(message: Message, status: int) -> Response:
    """Answer with words for the interviewer."""
    nature = "submit_success" if status < FIRST_ERROR else "error"
    words = escape(message.within(g.language))
    return xml(
        f'<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message nature="{nature}">{words}</message></OpenRosaResponse>',
        status,
    )


def form_list(forms: Sequence[ListedForm], *, verbose: bool) -> Response:
    """Answer with a list of forms."""
    found = "".join(_form(form, verbose=verbose) for form in forms)
    return xml(f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{found}</xforms>')


def manifest(files: Sequence[ListedFile]) -> Response:
    """Answer with a list of the files of a form."""
    found = "".join(
        f"<mediaFile>{_tag('filename', file.filename)}{_tag('hash', file.hash)}{_tag('downloadUrl', file.download_url)}</mediaFile>"
        for file in files
    )
    return xml(f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{found}</manifest>')


def xml(body: str | bytes, status: int = 200) -> Response:
    """Answer with XML."""
    content = body if isinstance(body, bytes) else f'<?xml version="1.0" encoding="UTF-8"?>{body}'
    return with_headers(Response(content, status, content_type="text/xml; charset=utf-8"))


def with_headers(response: Response) -> Response:
    """Put on an answer what every answer to a device carries."""
    response.headers.update(OPENROSA_HEADERS)  # and a date, which every web server adds
    return response


def _form(form: ListedForm, *, verbose: bool) -> str:
    parts = {
        "formID": form.form_id,
        "name": form.name,
        "version": form.version,
        "hash": form.hash,
        **({"descriptionText": form.name} if verbose else {}),
        "downloadUrl": form.download_url,
        **({"manifestUrl": form.manifest_url} if form.manifest_url else {}),
    }
    return f"<xform>{''.join(_tag(name, text) for name, text in parts.items())}</xform>"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
