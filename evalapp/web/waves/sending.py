"""Invitations planned, sent and followed by reminders, and one person's invitation."""

from __future__ import annotations

import secrets
from typing import Any, Literal

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.columns import Column
from evalapp.core.errors import AppError, NotFound
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.language import Message
from evalapp.surveys.invitations.end_invitation import end_invitation, renew_link
from evalapp.surveys.invitations.queries import get_invitation, list_messages
from evalapp.surveys.wave_locks import refuse_if_locked
from evalapp.training.follow_up.schedule_waves import schedule_wave
from evalapp.training.follow_up.wave_lines import WaveLine, list_wave_lines
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.transactions import reading_db, writing_db
from evalapp.web.waves import words
from evalapp.web.waves.place import Answer, blueprint, messenger, place

LONGEST_KEY = 40
REASON = (Column("state", "choice", required=True, choices=("cancelled", "refused")), Column("reason", required=True, maximum=400))


@blueprint.post("/<wave>/plan")
@allows("wave.manage")
def plan(code: str, wave: str) -> Answer:
    """Plan who is asked and when, without sending anything."""
    with writing_db() as db:
        where = place(db, code, wave)
        planned = schedule_wave(db, where["wave"])
    flash(
        Message("Invitations planned: %(added)s new, %(moved)s moved, %(dropped)s taken back.", **planned._asdict()).within(
            g.language
        )
    )
    return redirect(url_for(".show", code=code, wave=wave), 303)


@blueprint.post("/<wave>/send")
@allows("wave.manage")
def send(code: str, wave: str) -> Answer:
    """Queue the invitations of everyone whose window is open."""
    return _queue("send_invitations", code, wave)


@blueprint.post("/<wave>/remind")
@allows("wave.manage")
def remind(code: str, wave: str) -> Answer:
    """Queue reminders for everyone who has not answered, and first invitations for those who got none."""
    return _queue("send_reminders", code, wave)


@blueprint.get("/<wave>/invitations/<int:invitation>")
@allows("wave.manage")
def show_invitation(code: str, wave: str, invitation: int) -> str:
    """Show one person's invitation and what was sent."""
    with reading_db() as db:
        return _invitation_page(db, place(db, code, wave), invitation, Form())


@blueprint.post("/<wave>/invitations/<int:invitation>/renew")
@allows("wave.manage")
def renew(code: str, wave: str, invitation: int) -> Answer:
    """Make the link of an invitation anew."""
    return _change(
        code, wave, invitation, Form(), Message("The old link leads nowhere any more. The next message carries a new one.")
    )


@blueprint.post("/<wave>/invitations/<int:invitation>/end")
@allows("wave.manage")
def end(code: str, wave: str, invitation: int) -> Answer:
    """Take an invitation back, or note that the person refused."""
    return _change(code, wave, invitation, read_form(REASON), Message("The invitation is over. Nothing more is sent."))


def _change(code: str, wave: str, number: int, form: Form, said: Message) -> Answer:
    with writing_db() as db:
        where = place(db, code, wave)
        if not form.refused:
            try:
                with db.begin_nested():
                    _apply(db, where, number, form)
            except NotFound:
                raise
            except AppError as refused:
                form.add_fault("reason", refused.message)
        if form.refused:
            return _invitation_page(db, where, number, form), 422
    flash(said.within(g.language))
    return redirect(url_for(".show_invitation", code=code, wave=wave, invitation=number), 303)


def _apply(db: Session, where: dict[str, Any], number: int, form: Form) -> None:
    invitation = get_invitation(db, where["wave"], number, to_write=True)
    if not form.values:
        renew_link(db, invitation)
        return
    state: Literal["refused", "cancelled"] = "refused" if form.values["state"] == "refused" else "cancelled"
    end_invitation(db, invitation, state, form.values["reason"])


def _queue(kind: str, code: str, wave: str) -> Answer:
    """Queue a job that sends; the same form sent twice is one job."""
    channel = request.form.get("channel", "")
    with writing_db() as db:
        where = place(db, code, wave)
        refuse_if_locked(db, where["wave"].id)
        chosen = channel if channel in messenger().channels else next(iter(messenger().channels), "")
        if not chosen:
            raise AppError(words.FAULTS["not_set_up"])
        # One page asks for both kinds, so the kind is part of what makes two jobs the same.
        key = f"{request.form.get('key', '')[:LONGEST_KEY] or secrets.token_hex(16)}-{kind.replace('_', '-')}"
        job = queue_job(db, key, kind, where["programme"].code, {"wave": where["wave"].code, "channel": chosen})
        return redirect(url_for("jobs.show", key=job.key), 303)


def _invitation_page(db: Session, where: dict[str, Any], number: int, form: Form) -> str:
    invitation = get_invitation(db, where["wave"], number)
    return render_template(
        "waves/invitation.html",
        **where,
        invitation=invitation,
        line=_line(db, where, number),
        messages=list_messages(db, number),
        form=form,
    )


def _line(db: Session, where: dict[str, Any], number: int) -> WaveLine:
    lines = list_wave_lines(db, where["wave"], today())
    return next(line for line in lines if line.invitation and line.invitation.id == number)
