"""Programmes: which there are, a new one from a template, and what stands in one at a glance."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from evalapp.analysis.plans.open_programme import open_programme
from evalapp.analysis.plans.programme_templates import ProgrammeTemplate, dated_waves, get_template, list_templates
from evalapp.analysis.queries import list_plans, list_runs
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.add_member import add_member
from evalapp.people.create_programme import CODE
from evalapp.people.queries import count_registered, find_programme, get_programme_for, list_programmes_of
from evalapp.reports.queries import list_reports
from evalapp.surveys.queries import list_wave_responses
from evalapp.training.queries import list_cohorts_for
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("programmes", __name__, url_prefix="/programmes")
NEWEST = 5


def _columns(templates: list[ProgrammeTemplate]) -> list[Column]:
    return [
        Column("template", "choice", required=True, choices=tuple(template.code for template in templates)),
        Column("code", required=True, maximum=40),
        Column("name_ko", required=True, maximum=200),
        Column("name_en", required=True, maximum=200),
        Column("starts_on", "date", required=True),
    ]


@blueprint.get("")
@allows("programme.view")
def list_programmes() -> str:
    """List the programmes of the account."""
    with reading_db() as db:
        programmes = [(programme, count_registered(db, programme.id)) for programme in list_programmes_of(db, g.viewer)]
        return render_template("programmes/list.html", programmes=programmes)


@blueprint.get("/new")
@allows("programme.create")
def choose_template() -> str:
    """Show the templates and the form of a new programme."""
    return render_template("programmes/new.html", templates=list_templates(), form=Form(given={"template": "pi_training"}))


@blueprint.post("/new")
@allows("programme.create")
def create() -> Response | tuple[str, int]:
    """Open a programme from its template, its creator being its first member."""
    templates = list_templates()
    form = read_form(_columns(templates))
    if "code" not in form.faults and not CODE.fullmatch(form.values["code"]):
        form.add_fault("code", Message("A programme's code has small letters, digits and hyphens, at most 40 of them."))
    with writing_db() as db:
        if not form.refused and find_programme(db, form.values["code"]) is not None:
            form.add_fault("code", Message("There is a programme with this code already. Choose another."))
        if form.refused:
            return render_template("programmes/new.html", templates=templates, form=form), 422
        template = get_template(form.values["template"])
        words = {name: form.values[name] for name in ("code", "name_ko", "name_en")}
        waves = dated_waves(template, form.values["starts_on"])
        programme = open_programme(db, {**words, "waves": waves, "plan": template.plan, "modules": template.modules})
        record_entry(db, "programme_created", "programme", programme.code, after={"template": template.code})
        add_member(db, programme, g.viewer.code)
        flash(
            Message(
                "The programme is ready: its waves are dated, its curriculum is there and its analysis plan is registered."
            ).within(g.language)
        )
        return redirect(url_for("programmes.show", code=programme.code), 303)


@blueprint.get("/<code>")
@allows("programme.view")
def show(code: str) -> str:
    """Show what stands in a programme: people, waves, cohorts, runs, reports, as far as the account's roles go."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        return render_template(
            "programmes/show.html",
            programme=programme,
            today=today(),
            people=count_registered(db, programme.id),
            waves=list_wave_responses(db, programme.id) if g.viewer.may("programme.manage") or g.viewer.may("run.view") else [],
            cohorts=list_cohorts_for(db, g.viewer, programme.id) if g.viewer.may("cohort.view") else [],
            plans=list_plans(db, programme.id) if g.viewer.may("run.view") else [],
            runs=list_runs(db, programme.id)[:NEWEST] if g.viewer.may("run.view") else [],
            reports=list_reports(db, g.viewer, programme_id=programme.id)[:NEWEST],
        )
