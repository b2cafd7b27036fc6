"""Attendance of one session on a phone: one screen, one tap for each person. A plain form; its script keeps marks without a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.people.vault.queries import list_given_names
from evalapp.training.attendance.check_marking import NotNow, Permit, find_refusal, is_late
from evalapp.training.attendance.close_session import close_session, planned_times
from evalapp.training.attendance.queries import (
    Mark,
    OpenTap,
    Place,
    came,
    get_marks,
    list_open_taps,
    list_roster,
    list_trainer_names,
    may_read_notes,
    open_notes,
    open_session_note,
)
from evalapp.training.attendance.record_taps import Taken, TooManyTaps, record_taps
from evalapp.training.attendance.write_notes import OF_THE_SESSION, RefusedNotes, mark_of, plain_note, write_notes
from evalapp.training.curricula.queries import find_module
from evalapp.training.queries import get_session_for
from evalapp.web.access import allows
from evalapp.web.forms import Form
from evalapp.web.training.attendance_words import STATUSES, say_mark, say_status
from evalapp.web.training.sent_marks import Sent, read_json, read_marks_form
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("attendance", __name__, url_prefix="/programmes/<code>/cohorts/<cohort>/sessions/<int:number>/attendance")
Answer = str | tuple[str, int] | Response
Facts = dict[str, Any]
TOO_LARGE, CONFLICT, REFUSED = 413, 409, 422
MISSED_MINUTES = (10, 15, 30, 60)


@blueprint.get("")
@allows("attendance.mark")
def mark(code: str, cohort: str, number: int) -> str:
    """Show who should be there. Given names are opened for it, which the audit log keeps."""
    with writing_db() as db:
        return _page(db, _place(db, code, cohort, number), Form())


@blueprint.post("")
@allows("attendance.mark")
def save(code: str, cohort: str, number: int) -> Answer:
    """Take the whole page as one form, where no script runs."""
    form = Form(given=request.form.to_dict())
    with writing_db() as db:
        where = _place(db, code, cohort, number)
        try:
            sent = read_marks_form()
            with db.begin_nested():
                taken, faults = _take(db, where["session"], sent)
        except NotFound:
            raise
        except AppError as refused:
            form.add_fault("reason", refused.message)
            return _page(db, where, form, typed_marks=request.form), REFUSED
        for name, fault in [(f"minutes-{each.place}", each.fault) for each in taken if each.fault] + list(faults.items()):
            form.add_fault(name, fault)
        if form.refused:
            return _page(db, where, form), REFUSED
    flash(_saved(taken).within(g.language))
    return redirect(url_for(".mark", code=code, cohort=cohort, number=number), 303)


def _saved(taken: list[Taken]) -> Message:
    conflicts = sum(each.outcome == "conflict" for each in taken)
    if conflicts:
        return Message("Saved. Marks that contradict somebody else's: %(count)s. Decide below which is right.", count=conflicts)
    return Message("Saved.")


@blueprint.post("/taps")
@allows("attendance.mark")
def take(code: str, cohort: str, number: int) -> tuple[Facts, int]:
    """Take marks from the page's script. Whatever is refused here stays on the device."""
    try:
        with writing_db() as db:
            session = _place(db, code, cohort, number)["session"]
            sent = read_json()
            taken, faults = _take(db, session, sent)
            answer = {
                "taken": [{"key": each.key, "outcome": each.outcome, "fault": each.fault and _said(each.fault)} for each in taken],
                "faults": {name: _said(fault) for name, fault in faults.items()},
                "notes": _seen_notes(db, session, sent, faults),
                **_state(db, session),
            }
            return answer, 200
    except NotFound:
        raise
    except TooManyTaps as refused:
        return {"message": _said(refused.message)}, TOO_LARGE
    except NotNow as refused:
        return {"message": _said(refused.message)}, CONFLICT
    except AppError as refused:
        return {"message": _said(refused.message)}, REFUSED


@blueprint.get("/marks")
@allows("attendance.mark")
def list_marks(code: str, cohort: str, number: int) -> Facts:
    """Say how the marks stand, for the page's script: what a colleague marks meanwhile appears by itself. Names nobody."""
    with reading_db() as db:
        return _state(db, _place(db, code, cohort, number)["session"])


def _place(db: Session, code: str, cohort: str, number: int) -> Facts:
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "cohort_code": cohort, "session": get_session_for(db, g.viewer, programme.id, cohort, number)}


def _take(db: Session, session: Any, sent: Sent) -> tuple[list[Taken], dict[str, Message]]:
    """Write what was sent: marks, then notes, then that the session is done. A refused part leaves the others standing."""
    permit = Permit(g.viewer.may("cohort.manage"), sent.reason)
    faults: dict[str, Message] = {}
    taken = record_taps(db, session, sent.taps, permit)
    try:
        if sent.notes and may_read_notes(db, g.viewer, session):
            with db.begin_nested():
                write_notes(db, session, sent.notes, permit)
    except RefusedNotes as refused:
        faults |= {f"note-{number}": fault for number, fault in refused.faults.items()}
    try:
        if sent.closing and not faults:
            with db.begin_nested():
                close_session(db, session, *sent.closing, permit)
    except AppError as refused:
        faults["ended"] = refused.message
    return taken, faults


def _seen_notes(db: Session, session: Any, sent: Sent, faults: Mapping[str, Message]) -> dict[int, str]:
    """Return the marks of the notes that stand as they were typed; those that were joined with a colleague's are left out."""
    if not sent.notes or not may_read_notes(db, g.viewer, session):
        return {}
    people, about = list_roster(db, session), open_notes(db, session)
    stored = {place.number: about.get(place.entrepreneur_id, "") for place in people}
    stored[OF_THE_SESSION] = open_session_note(db, session)
    return {
        number: mark_of(stored[number])
        for number, note in sent.notes.items()
        if number in stored and f"note-{number}" not in faults and stored[number] == plain_note(note.text)
    }


def _state(db: Session, session: Any) -> Facts:
    """Return how the marks of a session stand, without a word on who the people are."""
    places = list_roster(db, session)
    return {"rows": _rows(db, session, places), "held": session.state == "held"}


def _rows(db: Session, session: Any, places: list[Place]) -> list[Facts]:
    marks = get_marks(db, session, [place.entrepreneur_id for place in places])
    waiting = list_open_taps(db, session)
    accounts = {mark.account for mark in marks.values()} | {tap.account for taps in waiting.values() for tap in taps}
    names, planned = list_trainer_names(db, accounts), session.planned_minutes
    rows = []
    for place in places:
        mark, taps = marks[place.entrepreneur_id], waiting.get(place.entrepreneur_id, [])
        differing: tuple[Mark | OpenTap, ...] = (mark, *taps) if taps else ()
        choices = [{"status": each.status, "minutes": each.minutes, "said": say_mark(each, session, names)} for each in differing]
        said = say_status(mark.status, mark.minutes, planned)
        rows.append(
            {
                "place": place.number,
                "status": mark.status,
                "minutes": mark.minutes,
                "version": mark.version,
                "said": said,
                "choices": choices,
            }
        )
    return rows


def _page(db: Session, where: Facts, form: Form, typed_marks: Mapping[str, str] | None = None) -> str:
    session = where["session"]
    places = list_roster(db, session)
    names = list_given_names(db, [place.entrepreneur_id for place in places], "session", session.id)
    reads_notes = may_read_notes(db, g.viewer, session)
    notes = open_notes(db, session) if reads_notes else {}
    facts = zip(places, _rows(db, session, places), strict=True)
    people = [
        {
            **row,
            "study_id": place.study_id,
            "name": names.get(place.entrepreneur_id, ""),
            "note": notes.get(place.entrepreneur_id, ""),
        }
        for place, row in facts
    ]
    began, ended = planned_times(session)
    return render_template(
        "attendance/mark.html",
        **where,
        module=find_module(db, where["programme"].id, session.module),
        people=sorted(people, key=lambda person: (not person["name"], person["name"], person["study_id"])),
        present=sum(came(person["status"]) for person in people),
        form=form,
        typed=typed_marks or {},
        statuses=STATUSES,
        missed=[minutes for minutes in MISSED_MINUTES if minutes < session.planned_minutes],
        note=open_session_note(db, session) if reads_notes else "",
        reads_notes=reads_notes,
        mark_of=mark_of,
        times={"began": began.strftime("%H:%M") if began else "", "ended": ended.strftime("%H:%M") if ended else ""},
        refusal=find_refusal(session, at_any_time=g.viewer.may("cohort.manage")),
        asks_reason=is_late(session),
    )


def _said(message: Message) -> str:
    return message.within(g.language)
