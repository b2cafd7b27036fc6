"""A published form as a device fetches it for one wave: it says which wave, and asks whose interview it is."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

import defusedxml.minidom
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.openrosa.forms.study_id_question import XHTML, ask_study_id
from evalapp.surveys.tables import Instrument, Wave
from evalapp.xform.model.form import Branch
from evalapp.xform.model.read_xform import external_tables
from evalapp.xform.model.tags import XFORMS

BETWEEN: Final = "--"


class WaveForm(NamedTuple):
    """One version of a form in a wave, and what a device knows it by."""

    wave: Wave
    instrument: Instrument

    @property
    def form_id(self) -> str:
        """The form's code and the wave's, like followup--fu1."""
        return f"{self.instrument.code}{BETWEEN}{self.wave.code}"

    def name(self, language: str) -> str:
        """Return the wave's name and the form's code, as a device lists them."""
        return f"{self.wave.label_ko if language == 'ko' else self.wave.label_en} ({self.instrument.code})"


def deliver_form(db: Session, form: WaveForm, language: str) -> bytes:
    """Return the XForm of a wave. Nothing in it sends answers elsewhere, whatever its author wrote."""
    xform = db.scalars(select(Instrument.xform).where(Instrument.id == form.instrument.id)).one()
    document = defusedxml.minidom.parseString((xform or "").encode(), forbid_dtd=True)
    instance = document.getElementsByTagNameNS(XFORMS, "instance")[0]
    root = next(child for child in instance.childNodes if child.nodeType == child.ELEMENT_NODE)
    root.setAttribute("id", form.form_id)
    ask_study_id(document, root, language)
    for submission in document.getElementsByTagNameNS(XFORMS, "submission"):
        submission.parentNode.removeChild(submission)
    _entitle(document, form.name(language))
    content: bytes = document.toxml(encoding="utf-8")
    return content


def list_form_files(db: Session, form: WaveForm) -> Mapping[str, bytes]:
    """Return the tables that a form looks things up in, as CSV files by name."""
    xform = db.scalars(select(Instrument.xform).where(Instrument.id == form.instrument.id)).one()
    wanted = external_tables(xform or "")
    tables = get_form(db, form.instrument.id).model.tables if wanted else {}
    return {PurePosixPath(source).name: _as_csv(tables[name]) for name, source in wanted.items() if name in tables}


def md5(content: bytes) -> str:
    """Return the fingerprint by which devices see that a form has changed; it guards nothing."""
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def _entitle(document: Any, title: str) -> None:
    element = document.getElementsByTagNameNS(XHTML, "title")[0]
    while element.firstChild:
        element.removeChild(element.firstChild)
    element.appendChild(document.createTextNode(title))


def _as_csv(table: Branch) -> bytes:
    rows = [{cell.name: cell.text for cell in row.children} for row in table.children]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()
