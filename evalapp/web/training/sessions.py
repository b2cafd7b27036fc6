"""The sessions of a cohort: the list, one session, a new one, one that is changed, cancelled or made up for."""

from __future__ import annotations

from typing import Any

from flask import g, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.training.sessions.add_sessions import add_make_up, add_sessions, last_number
from evalapp.training.sessions.calendar_file import write_calendar
from evalapp.training.sessions.change_session import cancel_session, change_session, mark_of, restore_session
from evalapp.training.sessions.queries import get_lead, list_session_lines
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.training import schedule, session_trainers
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.training.session_page import session_page
from evalapp.web.training.session_place import PLAN, blueprint, cohort_of, given_of, place, plan_of, trainer_choices
from evalapp.web.transactions import reading_db, writing_db

__all__ = ["PAGES", "blueprint"]
# Each of these puts its pages on the blueprint when it is imported.
PAGES = (schedule, session_trainers)
SEEN = Column("seen", required=True, maximum=200)
AFTER = Column("after", "integer", required=True, minimum=0)
REASON = Column("reason", maximum=200)
USUAL_MINUTES = "120"


@blueprint.get("")
@allows("cohort.view")
def list_sessions(code: str, cohort: str) -> str:
    """List the sessions of a cohort: today's first, then those to come, then those that were."""
    with reading_db() as db:
        where = cohort_of(db, code, cohort)
        lines = list_session_lines(db, where["cohort"])
        today = where["today"]
        return render_template(
            "sessions/list.html",
            **where,
            now=[line for line in lines if line.held_on == today],
            coming=[line for line in lines if line.held_on > today],
            past=[line for line in reversed(lines) if line.held_on < today],
        )


@blueprint.get("/calendar.ics")
@allows("cohort.view")
def download_calendar(code: str, cohort: str) -> Response:
    """Return the sessions of a cohort as an iCalendar file."""
    with reading_db() as db:
        lines = list_session_lines(db, cohort_of(db, code, cohort)["cohort"])
    disposition = {"Content-Disposition": f'attachment; filename="sessions-{cohort}.ics"'}
    return Response(write_calendar(lines, g.language), headers=disposition, mimetype="text/calendar")


@blueprint.get("/<int:number>")
@allows("cohort.view")
def show(code: str, cohort: str, number: int) -> str:
    """Show one session: when, who, what is recorded of it, what was changed."""
    with reading_db() as db:
        return session_page(db, place(db, code, cohort, number))


@blueprint.get("/new")
@allows("cohort.manage")
def ask_session(code: str, cohort: str) -> str:
    """Show the form of one more session."""
    with reading_db() as db:
        where = cohort_of(db, code, cohort)
        return _form_page(db, where, Form({"minutes": USUAL_MINUTES, "after": str(last_number(db, where["cohort"].id))}))


@blueprint.post("/new")
@allows("cohort.manage")
def add(code: str, cohort: str) -> Answer:
    """Add one session."""
    form = read_form((*PLAN, AFTER))
    with writing_db() as db:
        where = cohort_of(db, code, cohort)
        plan = plan_of(db, where["programme"].id, form)
        if plan is not None:
            with trying(db, form, "held_on"):
                added = add_sessions(db, where["cohort"], [plan], after=form.values["after"])
        if form.refused:
            return _form_page(db, where, form), 422
        number = added[0].number
    return done(Message("Session %(number)s is added.", number=number), ".show", code=code, cohort=cohort, number=number)


@blueprint.get("/<int:number>/make-up")
@allows("cohort.manage")
def ask_make_up(code: str, cohort: str, number: int) -> str:
    """Show the form of a session that makes up for this one."""
    with reading_db() as db:
        where = place(db, code, cohort, number)
        given = given_of(where["session"], get_lead(db, where["session"])) | {"held_on": ""}
        return _form_page(db, where, Form(given | {"after": str(last_number(db, where["cohort"].id))}), missed=where["session"])


@blueprint.post("/<int:number>/make-up")
@allows("cohort.manage")
def make_up(code: str, cohort: str, number: int) -> Answer:
    """Add a session for those who were not at this one."""
    form = read_form((*PLAN, AFTER))
    with writing_db() as db:
        where = place(db, code, cohort, number)
        plan = plan_of(db, where["programme"].id, form)
        if plan is not None:
            with trying(db, form, "held_on"):
                added = add_make_up(db, where["cohort"], where["session"], plan, after=form.values["after"])
        if form.refused:
            return _form_page(db, where, form, missed=where["session"]), 422
        new = added.number
    said = Message("Session %(number)s makes up for session %(missed)s.", number=new, missed=number)
    return done(said, ".show", code=code, cohort=cohort, number=new)


@blueprint.get("/<int:number>/edit")
@allows("cohort.manage")
def ask_change(code: str, cohort: str, number: int) -> str:
    """Show the plan of a session as it stands."""
    with reading_db() as db:
        where = place(db, code, cohort, number)
        given = given_of(where["session"], get_lead(db, where["session"])) | {"seen": mark_of(where["session"])}
        return _form_page(db, where, Form(given))


@blueprint.post("/<int:number>/edit")
@allows("cohort.manage")
def change(code: str, cohort: str, number: int) -> Answer:
    """Change the plan of a session; another day, time or trainer needs a reason."""
    form = read_form((*PLAN, SEEN, REASON))
    with writing_db() as db:
        where = place(db, code, cohort, number)
        plan = plan_of(db, where["programme"].id, form)
        if plan is not None:
            with trying(db, form, "reason"):
                change_session(db, where["cohort"], where["session"], plan, form.given["seen"], form.given["reason"])
        if form.refused:
            return _form_page(db, where, form), 422
    return done(Message("The session is changed."), ".show", code=code, cohort=cohort, number=number)


@blueprint.get("/<int:number>/cancel")
@allows("cohort.manage")
def ask_cancel(code: str, cohort: str, number: int) -> str:
    """Ask why a session is cancelled, or why it takes place after all."""
    with reading_db() as db:
        where = place(db, code, cohort, number)
        return render_template("sessions/cancel.html", **where, form=Form({"seen": mark_of(where["session"])}))


@blueprint.post("/<int:number>/cancel")
@allows("cohort.manage")
def cancel(code: str, cohort: str, number: int) -> Answer:
    """Cancel a session, or let a cancelled one take place after all."""
    form = read_form((SEEN, REASON))
    with writing_db() as db:
        where = place(db, code, cohort, number)
        session = where["session"]
        was_cancelled = session.state == "cancelled"
        if not form.refused:
            with trying(db, form, "reason"):
                if was_cancelled:
                    restore_session(db, where["cohort"], session, form.given["seen"], form.given["reason"])
                else:
                    cancel_session(db, session, form.given["seen"], form.given["reason"])
        if form.refused:
            return render_template("sessions/cancel.html", **where, form=form), 422
    said = Message("The session takes place after all.") if was_cancelled else Message("The session is cancelled.")
    return done(said, ".show", code=code, cohort=cohort, number=number)


def _form_page(db: Session, where: dict[str, Any], form: Form, missed: Any = None) -> str:
    """Draw the form of a plan: of a new session, of one that makes up for `missed`, or of the session of the page."""
    trainers = trainer_choices(db, where["programme"].id)
    changed = None if missed else where.get("session")
    return render_template("sessions/edit.html", **where, form=form, missed=missed, changed=changed, trainers=trainers)
