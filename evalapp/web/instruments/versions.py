"""One published version of a form: what it asks, who asks it, and how reliable its scales were."""

from __future__ import annotations

from flask import g, render_template

from evalapp.surveys.instruments.queries import definition_of, get_instrument, list_uses, list_versions
from evalapp.surveys.scales.queries import list_reliabilities
from evalapp.surveys.scales.score_scale import scales_of
from evalapp.web.access import allows
from evalapp.web.instruments.place import blueprint
from evalapp.web.transactions import reading_db


@blueprint.get("/instruments/<code>/<version>")
@allows("instrument.view")
def show_version(code: str, version: str) -> str:
    """Show a version: its questions, its waves, its files, and the versions before and after it."""
    with reading_db() as db:
        form = get_instrument(db, code, version)
        definition = definition_of(form)
        return render_template(
            "instruments/version.html",
            form=form,
            definition=definition,
            scales=scales_of(definition),
            uses=list_uses(db, g.viewer).get(form.id, ()),
            versions=list_versions(db, code),
        )


@blueprint.get("/instruments/<code>/<version>/scales")
@allows("instrument.view")
def show_scales(code: str, version: str) -> str:
    """Show how reliable each scale was in each wave of the viewer's programmes."""
    with reading_db() as db:
        form = get_instrument(db, code, version)
        reliabilities = list_reliabilities(db, g.viewer, form)
        definition = definition_of(form)
        return render_template(
            "instruments/scales.html", form=form, definition=definition, scales=scales_of(definition), reliabilities=reliabilities
        )
