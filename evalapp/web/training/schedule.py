"""A whole schedule from its rule: first what it comes to, then all its sessions at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.training.sessions.add_sessions import add_sessions, last_number
from evalapp.training.sessions.check_session import RefusedSession, SessionPlan, check_session
from evalapp.training.sessions.closed_days import list_closed_days
from evalapp.training.sessions.plan_schedule import MOST_SESSIONS, Recurrence, Schedule, last_day_of, plan_schedule
from evalapp.training.sessions.queries import list_standing_days
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.training.session_place import MINUTES, PLACE, TIME, TRAINER, blueprint, cohort_of, time_of, trainer_choices
from evalapp.web.transactions import reading_db, writing_db

RULE = (
    Column("first_on", "date", required=True),
    Column("every_weeks", "choice", required=True, choices=("1", "2")),
    TIME,
    MINUTES,
    TRAINER,
    PLACE,
    Column("count", "integer", minimum=1, maximum=MOST_SESSIONS),
    Column("after", "integer", required=True, minimum=0),
)
USUAL = {"every_weeks": "1", "starts": "19:00", "minutes": "120"}
WEEKDAYS = 7


@dataclass(frozen=True)
class Draft:
    """A schedule that can be saved: its days, and the plan of each."""

    schedule: Schedule
    plans: list[SessionPlan]

    @property
    def mark(self) -> str:
        """Return what stands for the plans as somebody saw them: what they add is what was shown."""
        return sha256_of(
            [
                [plan.held_on.isoformat(), str(plan.starts), plan.minutes, plan.module, plan.trainer.code, plan.place]
                for plan in self.plans
            ]
        )


@blueprint.get("/schedule")
@allows("cohort.manage")
def ask_schedule(code: str, cohort: str) -> str:
    """Ask for the rule of a schedule."""
    with reading_db() as db:
        where = cohort_of(db, code, cohort)
        given = {"after": str(last_number(db, where["cohort"].id)), **USUAL}
        if where["cohort"].starts_on:
            given["first_on"] = max(where["cohort"].starts_on, where["today"]).isoformat()
        return _page(db, where, Form(given), set())


@blueprint.post("/schedule")
@allows("cohort.manage")
def schedule(code: str, cohort: str) -> Answer:
    """Show what a rule comes to, and when that was seen, add the sessions."""
    form = read_form(RULE)
    days = {int(day) for day in request.form.getlist("weekday") if day in map(str, range(WEEKDAYS))}
    with writing_db() as db:
        where = cohort_of(db, code, cohort)
        draft = _draft(db, where, form, days)
        if draft is None:
            return _page(db, where, form, days), 422
        wants_to_save = request.form.get("do") == "save"
        if not wants_to_save or request.form.get("shown") != draft.mark:
            return _page(db, where, form, days, draft, differs=wants_to_save)
        with _trying(db, form):
            added = add_sessions(db, where["cohort"], draft.plans, after=form.values["after"])
        if form.refused:
            return _page(db, where, form, days), 422
        count = len(added)
    return done(Message("Sessions added: %(count)s.", count=count), ".list_sessions", code=code, cohort=cohort)


def _draft(db: Session, where: dict[str, Any], form: Form, days: set[int]) -> Draft | None:
    """Return what the form's rule comes to, or None with what is wrong with it."""
    starts, trainer = time_of(form), trainer_choices(db, where["programme"].id).get(form.given["trainer"])
    if trainer is None:
        form.add_fault("trainer", Message("Choose a trainer of this programme."))
    if not days:
        form.add_fault("weekday", Message("Choose at least one day of the week."))
    modules = _modules(where, form)
    if not modules:
        form.add_fault("count", Message("Say how many sessions: the programme has no modules that would tell."))
    if form.refused or trainer is None:
        return None
    values = form.values
    rule = Recurrence(values["first_on"], frozenset(days), int(values["every_weeks"]), modules)
    closed = list_closed_days(db, where["programme"].id, rule.first_on, last_day_of(rule), g.language)
    with _trying(db, form):
        planned = plan_schedule(rule, closed, list_standing_days(db, where["cohort"].id))
        place = values["place"] or ""
        plans = [SessionPlan(day.held_on, starts, values["minutes"], day.module, trainer, place) for day in planned.days]
        for plan in plans:
            check_session(db, where["cohort"], plan)
    return None if form.refused else Draft(planned, plans)


@contextmanager
def _trying(db: Session, form: Form) -> Iterator[None]:
    """Turn a refusal into a fault of the form, where a day comes from the rule's first."""
    with trying(db, form, "first_on"):
        try:
            yield
        except RefusedSession as refused:
            if refused.field == "held_on":
                refused.field = "first_on"
            raise


def _modules(where: dict[str, Any], form: Form) -> tuple[str, ...]:
    """Return the module of each session: one each in the curriculum's order, or as many sessions as were asked for."""
    in_order = [code for code, module in sorted(where["modules"].items(), key=lambda pair: pair[1].position)]
    count = form.values.get("count") or len(in_order)
    if not in_order:
        return ("session",) * count
    # More sessions than modules: each module fills its share of them, in order.
    return tuple(in_order[at * len(in_order) // count] for at in range(count)) if count else ()


def _page(
    db: Session, where: dict[str, Any], form: Form, days: set[int], draft: Draft | None = None, *, differs: bool = False
) -> str:
    """Draw the form of a rule and what it comes to; `differs` says that this is not what was shown when the sessions were to be added."""
    trainers = trainer_choices(db, where["programme"].id)
    return render_template("sessions/schedule.html", **where, form=form, days=days, draft=draft, trainers=trainers, differs=differs)
