"""Where the pages of sessions stand, the session that each is about, and what their forms ask for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, g
from sqlalchemy.orm import Session

from evalapp.core.clock import SEOUL, today
from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.training.cohorts.queries import list_trainers
from evalapp.training.curricula.queries import list_module_names
from evalapp.training.queries import get_session_for
from evalapp.training.sessions.check_session import LONGEST_MINUTES, SessionPlan
from evalapp.web.forms import Form
from evalapp.web.training import cohort_place, session_words

blueprint = Blueprint("sessions", __name__, url_prefix="/programmes/<code>/cohorts/<cohort>/sessions")
TIME = Column("starts", maximum=5)
MINUTES = Column("minutes", "integer", required=True, minimum=1, maximum=LONGEST_MINUTES)
TRAINER = Column("trainer", "code", required=True, maximum=20)
PLACE = Column("place", maximum=80)
PLAN = (
    Column("held_on", "date", required=True),
    TIME,
    MINUTES,
    Column("module", "code", required=True, maximum=40),
    TRAINER,
    PLACE,
)


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of sessions the words for what is stored as a code."""
    return {"words": session_words}


def cohort_of(db: Session, code: str, cohort: str) -> dict[str, Any]:
    """Return what every page of a cohort's sessions shows: programme, cohort, the modules' names by code."""
    where = cohort_place.place(db, code, cohort)
    return {**where, "modules": list_module_names(db, where["programme"].id), "today": today()}


def place(db: Session, code: str, cohort: str, number: int) -> dict[str, Any]:
    """Return what every page of one session shows, or raise NotFound."""
    where = cohort_of(db, code, cohort)
    return {**where, "session": get_session_for(db, g.viewer, where["programme"].id, cohort, number)}


def time_of(form: Form, name: str = "starts") -> dt.time | None:
    """Return the time of day of a form's field; what is none is a fault."""
    text = form.given[name]
    try:
        return dt.time.fromisoformat(text) if text else None
    except ValueError:
        form.add_fault(name, Message("Write a time as hours and minutes, such as 19:00."))
        return None


def trainer_choices(db: Session, programme_id: int) -> dict[str, Any]:
    """Return the trainers who teach now, by code."""
    return {line.trainer.code: line.trainer for line in list_trainers(db, programme_id, teaching_on=today())}


def plan_of(db: Session, programme_id: int, form: Form) -> SessionPlan | None:
    """Return the plan that a form of `PLAN` holds, None (with faults) where it holds none."""
    starts, trainer = time_of(form), trainer_choices(db, programme_id).get(form.given["trainer"])
    if trainer is None:
        form.add_fault("trainer", Message("Choose a trainer of this programme."))
    if form.refused or trainer is None:
        return None
    values = form.values
    return SessionPlan(values["held_on"], starts, values["minutes"], values["module"], trainer, values["place"] or "")


def given_of(session: Any, trainer: str) -> dict[str, str]:
    """Return a session as the form of its plan shows it."""
    starts = session.starts_at.astimezone(SEOUL).strftime("%H:%M") if session.starts_at else ""
    return {
        "held_on": session.held_on.isoformat(),
        "starts": starts,
        "minutes": str(session.planned_minutes),
        "module": session.module,
        "trainer": trainer,
        "place": session.place,
    }
