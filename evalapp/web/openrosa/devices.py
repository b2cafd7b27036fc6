"""The devices of a programme: added, shown once with what to set up, shut out."""

from __future__ import annotations

import json

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.clock import now, today
from evalapp.core.columns import Column
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.openrosa.devices.add_device import LONGEST_LIFE, USUAL_LIFE, add_device
from evalapp.surveys.openrosa.devices.queries import MANAGING, get_device, list_devices, list_interviewers
from evalapp.surveys.openrosa.devices.revoke_device import revoke_device
from evalapp.surveys.openrosa.devices.settings_code import settings_image, settings_text
from evalapp.surveys.openrosa.forms.queries import list_wave_forms
from evalapp.surveys.openrosa.queries import count_waiting
from evalapp.web.access import allows, confirmed
from evalapp.web.formats import own
from evalapp.web.forms import Form, read_form
from evalapp.web.openrosa.place import Answer, blueprint
from evalapp.web.shown_once import keep_once, take_once
from evalapp.web.transactions import reading_db, writing_db

COLUMNS = (
    Column("label", required=True, maximum=60),
    Column("account", required=True, maximum=20),
    Column("expires_on", "date", required=True),
)


@blueprint.get("")
@allows("interview.hold")
def list_all(code: str) -> str:
    """List the devices of a programme; an interviewer sees their own."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        return render_template(
            "devices/list.html",
            programme=programme,
            devices=list_devices(db, g.viewer, programme),
            forms=list_wave_forms(db, programme.id),
            waiting=count_waiting(db, programme.id),
            today=today(),
            now=now(),
        )


@blueprint.get("/new")
@allows("interview.hold")
@confirmed
def ask_device(code: str) -> str:
    """Ask whose device is added, and until when."""
    with reading_db() as db:
        return _form_page(db, code, Form({"account": g.viewer.code, "expires_on": str(today() + USUAL_LIFE)}))


@blueprint.post("/new")
@allows("interview.hold")
@confirmed
def add(code: str) -> Answer:
    """Add a device; its page shows the password, once."""
    form = read_form(COLUMNS)
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if not form.refused and form.values["account"] not in _accounts(db, programme.id):
            form.add_fault("account", Message("Choose one of the interviewers of this programme."))
        added = None
        if not form.refused:
            try:
                added = add_device(db, programme, form.values["label"], form.values["account"], form.values["expires_on"])
            except AppError as refused:
                form.add_fault("expires_on", refused.message)
        if added is None:
            return _form_page(db, code, form), 422
    keep_once("device", json.dumps([added.device_id, added.password]))
    return redirect(url_for(".show", code=code, device=added.device_id), 303)


@blueprint.get("/<int:device>")
@allows("interview.hold")
def show(code: str, device: int) -> str:
    """Show a device; just after it was added, with the password and the code to scan."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        found = get_device(db, g.viewer, programme, device)
        password = _password_of(device)
        server = url_for("openrosa.list_forms", code=code, _external=True).removesuffix("/formList")
        text = settings_text(server, found.username, password, found.account, own(programme, "name")) if password else ""
        return render_template(
            "devices/show.html",
            programme=programme,
            device=found,
            server=server,
            password=password,
            image=settings_image(text) if text else None,
            today=today(),
            now=now(),
        )


@blueprint.post("/<int:device>/revoke")
@allows("interview.hold")
def revoke(code: str, device: int) -> Answer:
    """Shut a device out."""
    with writing_db() as db:
        revoke_device(db, get_device(db, g.viewer, get_programme_for(db, g.viewer, code), device))
    flash(Message("The device is shut out. What it has sent stays.").within(g.language))
    return redirect(url_for(".list_all", code=code), 303)


def _accounts(db: Session, programme_id: int) -> list[str]:
    """Return whose devices the viewer may add: an interviewer their own."""
    every = list_interviewers(db, programme_id)
    return [account for account in every if g.viewer.may(MANAGING) or account == g.viewer.code]


def _form_page(db: Session, code: str, form: Form) -> str:
    programme = get_programme_for(db, g.viewer, code)
    accounts = _accounts(db, programme.id)
    return render_template("devices/new.html", programme=programme, form=form, accounts=accounts, last=today() + LONGEST_LIFE)


def _password_of(device: int) -> str | None:
    kept = take_once("device") if request.method == "GET" else None
    key, password = json.loads(kept) if kept else (None, None)
    return password if key == device else None
