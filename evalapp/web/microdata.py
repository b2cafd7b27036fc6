"""Microdata without identities: what would leave of a frozen panel, how well people are hidden in it, and the releases there were."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from evalapp.core.columns import Column
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.panel.microdata.classify_variables import Protection, Variable, default_protection
from evalapp.panel.microdata.deidentify import BAND_WIDTHS, Deidentified, deidentify
from evalapp.panel.microdata.measure_risk import LEAST_K
from evalapp.panel.microdata.queries import can_be_fetched, get_release, list_releases
from evalapp.panel.microdata.read_rows import SourceRows, read_rows
from evalapp.panel.microdata.release_microdata import fetch_release, release_microdata
from evalapp.panel.queries import get_snapshot, list_snapshots
from evalapp.people.queries import get_programme_for
from evalapp.web.access import allows, confirmed
from evalapp.web.forms import Form, read_form, row_number
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("microdata", __name__, url_prefix="/programmes/<code>/microdata")
REASON_COLUMNS = (Column("reason", required=True, maximum=400), Column("sensitive_reason", maximum=400))
MOST_K = 100


@blueprint.get("")
@allows("microdata.view")
def list_of_programme(code: str) -> str:
    """List a programme's frozen panels and what was released of them."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        releases, snapshots = list_releases(db, programme.id), list_snapshots(db, programme.id)
        shown = {"releases": releases, "snapshots": snapshots, "can_be_fetched": can_be_fetched}
        return render_template("microdata/list.html", programme=programme, **shown)


@blueprint.post("/panels")
@allows("microdata.release")
def freeze(code: str) -> AnyResponse:
    """Freeze the panel as it stands now."""
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        snapshot = freeze_panel(db, programme, build_panel(db, programme))
    flash(Message("The panel is frozen.").within(g.language))
    return redirect(url_for("microdata.ask_release", code=code, snapshot=snapshot.id), 303)


@blueprint.get("/panels/<int:snapshot>")
@allows("microdata.release")
def ask_release(code: str, snapshot: int) -> str | tuple[str, int]:
    """Show what would leave of a frozen panel, and how well people are hidden in it."""
    with reading_db() as db:
        try:
            return _ask_page(db, code, snapshot, request.args, Form())
        except NotFound:
            raise
        except AppError as refused:
            programme = get_programme_for(db, g.viewer, code)
            return render_template("microdata/stale.html", programme=programme, refusal=refused.message), 422


@blueprint.post("/panels/<int:snapshot>")
@allows("microdata.release")
@confirmed
def release(code: str, snapshot: int) -> AnyResponse | tuple[str, int]:
    """Release a frozen panel with the settings that were shown."""
    form = read_form(REASON_COLUMNS)
    with writing_db() as db:
        if not form.refused:
            try:
                made = _release(db, code, snapshot, form)
                flash(Message("Released. The files can be fetched for 72 hours.").within(g.language))
                return redirect(url_for("microdata.show", code=code, release=made), 303)
            except NotFound:
                raise
            except AppError as refused:
                form.add_fault("reason", refused.message)
        return _ask_page(db, code, snapshot, request.form, form), 422


@blueprint.get("/<int:release>")
@allows("microdata.view")
def show(code: str, release: int) -> str:
    """Show what was released, why, and how well people are hidden in it."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        found = get_release(db, programme.id, release)
        facts = {"report": json.loads(found.report), "protection": json.loads(found.protection), "open": can_be_fetched(found)}
        return render_template("microdata/show.html", programme=programme, release=found, **facts)


@blueprint.post("/<int:release>/download")
@allows("microdata.release")
@confirmed
def download(code: str, release: int) -> Response:
    """Hand over the archive of a release."""
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        content = fetch_release(db, get_release(db, programme.id, release))
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="microdata-{release}.zip"'
    return answer


def _source(db: Session, code: str, snapshot: int) -> tuple[Any, Any, SourceRows]:
    programme = get_programme_for(db, g.viewer, code)
    frozen = get_snapshot(db, programme.id, snapshot)
    return programme, frozen, read_rows(db, programme, frozen)


def _ask_page(db: Session, code: str, snapshot: int, given: MultiDict[str, str], form: Form) -> str:
    programme, frozen, source = _source(db, code, snapshot)
    protection = read_protection(given, source.variables)
    found = deidentify(source, protection)
    earlier = len(list_releases(db, programme.id))
    shown = {"programme": programme, "earlier": earlier, "snapshot": frozen, "found": found, "protection": protection, "form": form}
    return render_template(
        "microdata/release.html", widths=BAND_WIDTHS, fields=_fields(protection), by_class=_by_class(found), **shown
    )


def _release(db: Session, code: str, snapshot: int, form: Form) -> int:
    programme, frozen, source = _source(db, code, snapshot)
    reasons = {"reason": form.values["reason"], "sensitive_reason": form.values["sensitive_reason"] or ""}
    protection = read_protection(request.form, source.variables)
    return release_microdata(db, programme, frozen, protection, language=g.language, **reasons).id


def read_protection(given: MultiDict[str, str], variables: tuple[Variable, ...]) -> Protection:
    """Return the protection that an address or a form asks for; the usual one where nothing was chosen yet.

    What a number cannot be is brought to the nearest that it can: nobody leaves hidden among fewer than five.
    """
    if "k" not in given:
        return default_protection(variables)
    names = {variable.name for variable in variables}
    chosen = {name: frozenset(given.getlist(name)) & names for name in ("counted", "sensitive", "left_out")}
    width = row_number(given.get("band_years", ""))
    return Protection(
        **chosen,
        k=min(max(row_number(given["k"]) or LEAST_K, LEAST_K), MOST_K),
        band_years=width if width in BAND_WIDTHS else BAND_WIDTHS[0],
        suppress=bool(given.get("suppress")),
    )


def _fields(protection: Protection) -> list[tuple[str, object]]:
    """Return a protection as the fields of a form."""
    sets = {"counted": protection.counted, "sensitive": protection.sensitive, "left_out": protection.left_out}
    chosen = [(name, value) for name, values in sets.items() for value in sorted(values)]
    once = [("k", protection.k), ("band_years", protection.band_years), *([("suppress", "yes")] if protection.suppress else [])]
    return [*once, *chosen]


def _by_class(found: Deidentified) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {"quasi_identifier": [], "sensitive": [], "none": [], "never": []}
    for outcome in found.outcomes:
        groups[outcome.variable.sdc_class].append(outcome)
    return groups
