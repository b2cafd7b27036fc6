"""The page of one session, the hub of all that is recorded of it."""

from __future__ import annotations

from typing import Any

from flask import g, render_template
from sqlalchemy.orm import Session

from evalapp.training.attendance.check_marking import find_refusal
from evalapp.training.attendance.queries import list_roster
from evalapp.training.sessions.change_session import TO_COME
from evalapp.training.sessions.closed_days import list_closed_days
from evalapp.training.sessions.queries import count_marked, get_lead, list_changes, list_helpers, list_make_ups
from evalapp.web.forms import Form
from evalapp.web.training.session_place import trainer_choices


def session_page(db: Session, where: dict[str, Any], form: Form | None = None) -> str:
    """Draw a session: when, who, what is recorded of it, what was changed. `form` is the one that puts somebody on it."""
    session, manages, day = where["session"], g.viewer.may("cohort.manage"), where["session"].held_on
    closed = list_closed_days(db, where["programme"].id, day, day, g.language) if session.state in TO_COME else {}
    return render_template(
        "sessions/show.html",
        **where,
        form=form,
        lead=get_lead(db, session),
        helpers=list_helpers(db, session),
        changes=list_changes(db, session),
        marked=count_marked(db, session),
        expected=len(list_roster(db, session)),
        make_ups=list_make_ups(db, session),
        closed=closed.get(day),
        refusal=find_refusal(session, at_any_time=manages),
        trainers=trainer_choices(db, where["programme"].id) if manages else {},
    )
