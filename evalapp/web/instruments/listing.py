"""Which forms there are, and the standard items every form may use."""

from __future__ import annotations

from itertools import groupby

from flask import Response, g, render_template

from evalapp.surveys.instruments.export_workbook import workbook_of
from evalapp.surveys.instruments.library import library_sheets, list_standard_items
from evalapp.surveys.instruments.queries import definition_of, list_drafts, list_instruments, list_uses
from evalapp.web.access import allows
from evalapp.web.instruments.files import XLSX, attachment
from evalapp.web.instruments.place import blueprint
from evalapp.web.transactions import reading_db


@blueprint.get("/instruments")
@allows("instrument.view")
def list_forms() -> str:
    """List the forms with their versions and the waves that ask them, and the drafts of those who may publish."""
    with reading_db() as db:
        forms = [(code, list(versions)) for code, versions in groupby(list_instruments(db), key=lambda form: form.code)]
        return render_template(
            "instruments/list.html",
            forms=forms,
            titles={code: definition_of(versions[0]).title for code, versions in forms},
            uses=list_uses(db, g.viewer),
            drafts=list_drafts(db) if g.viewer.may("instrument.manage") else [],
        )


@blueprint.get("/standard-items")
@allows("instrument.view")
def list_items() -> str:
    """Show the standard items by scale."""
    scales = [(name, list(items)) for name, items in groupby(list_standard_items(), key=lambda item: item.scale)]
    return render_template("instruments/standard_items.html", scales=scales)


@blueprint.get("/standard-items/workbook")
@allows("instrument.view")
def fetch_items() -> Response:
    """Hand the standard items over as sheets to copy from."""
    return attachment(workbook_of(library_sheets()), "standard-items.xlsx", XLSX)
