"""A published form as files: workbook, compiled form, codebook, data dictionary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Response, g
from sqlalchemy.orm import Session

from evalapp.surveys.codebooks.codebook import Codebook, codebook_json, make_codebook
from evalapp.surveys.codebooks.codebook_workbook import codebook_workbook
from evalapp.surveys.codebooks.redcap_dictionary import redcap_dictionary
from evalapp.surveys.instruments.export_workbook import export_workbook
from evalapp.surveys.instruments.queries import definition_of, get_instrument, kept_workbook, kept_xform, list_uses
from evalapp.web.access import allows
from evalapp.web.instruments.place import blueprint
from evalapp.web.transactions import reading_db
from evalapp.xform.reading.archive import check_archive

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, JSON, XML, ZIP = "text/csv; charset=utf-8", "application/json", "application/xml", "application/zip"
WORKBOOKS = {"workbook": (".xlsx", XLSX), "old_workbook": (".xls", "application/vnd.ms-excel")}
FILES = "<any('workbook', 'xlsform', 'xform', 'codebook-xlsx', 'codebook-json', 'redcap'):kind>"


def attachment(content: bytes, name: str, kind: str) -> Response:
    """Return a file to be kept under a name."""
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get(f"/instruments/<code>/<version>/{FILES}")
@allows("instrument.view")
def fetch(code: str, version: str, kind: str) -> Response:
    """Hand a version over as one of its files."""
    with reading_db() as db:
        form = get_instrument(db, code, version)
        return _MAKERS[kind](db, form, f"{form.code}-{form.version}")


def _workbook(_db: Session, form: Any, name: str) -> Response:
    content = kept_workbook(form)
    ending, kind = WORKBOOKS.get(check_archive(content), (".zip", ZIP))
    return attachment(content, f"{name}{ending}", kind)


def _xlsform(_db: Session, form: Any, name: str) -> Response:
    return attachment(export_workbook(kept_workbook(form)), f"{name}-xlsform.xlsx", XLSX)


def _xform(_db: Session, form: Any, name: str) -> Response:
    return attachment(kept_xform(form), f"{name}.xml", XML)


def _codebook(db: Session, form: Any) -> Codebook:
    waves = [f"{use.programme.code} · {use.wave.code}" for use in list_uses(db, g.viewer).get(form.id, ())]
    return make_codebook(definition_of(form), waves)


def _codebook_workbook(db: Session, form: Any, name: str) -> Response:
    return attachment(codebook_workbook(_codebook(db, form)), f"{name}-codebook.xlsx", XLSX)


def _codebook_json(db: Session, form: Any, name: str) -> Response:
    return attachment(codebook_json(_codebook(db, form)), f"{name}-codebook.json", JSON)


def _redcap(_db: Session, form: Any, name: str) -> Response:
    return attachment(redcap_dictionary(definition_of(form), g.language), f"{name}-redcap.csv", CSV)


_MAKERS: Final[dict[str, Callable[[Session, Any, str], Response]]] = {
    "workbook": _workbook,
    "xlsform": _xlsform,
    "xform": _xform,
    "codebook-xlsx": _codebook_workbook,
    "codebook-json": _codebook_json,
    "redcap": _redcap,
}
