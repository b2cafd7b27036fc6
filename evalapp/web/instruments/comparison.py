"""Two versions of a form side by side."""

from __future__ import annotations

from flask import render_template, request

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.surveys.instruments.compare_instruments import compare_instruments
from evalapp.surveys.instruments.queries import definition_of, find_newest, get_draft, get_instrument, list_versions
from evalapp.web.access import allows
from evalapp.web.instruments.place import blueprint
from evalapp.web.transactions import reading_db


@blueprint.get("/instruments/<code>/<version>/comparison")
@allows("instrument.view")
def compare(code: str, version: str) -> str:
    """Compare a version with another one, the version before it where the address names none."""
    with reading_db() as db:
        form, versions = get_instrument(db, code, version), list_versions(db, code)
        earlier = next((other.version for other in versions if other.version < version), None)
        wanted = request.args.get("with", earlier)
        if wanted is None:
            raise NotFound(Message("There is no earlier version to compare with."))
        other = get_instrument(db, code, wanted)
        old, new = sorted((other, form), key=lambda one: one.version)
        comparison = compare_instruments(definition_of(old), definition_of(new))
        return render_template("instruments/comparison.html", comparison=comparison, form=form, versions=versions, draft=None)


@blueprint.get("/instrument-drafts/<int:draft>/comparison")
@allows("instrument.manage")
def compare_draft(draft: int) -> str:
    """Compare a draft with the newest version that is published."""
    with reading_db() as db:
        found = get_draft(db, draft)
        newest = find_newest(db, found.code)
        if newest is None:
            raise NotFound(Message("There is no earlier version to compare with."))
        comparison = compare_instruments(definition_of(newest), definition_of(found))
        return render_template("instruments/comparison.html", comparison=comparison, form=newest, versions=(), draft=found)
