"""The audit log as its reviewers read it: entries with filters, months with what is unusual in them, a signature, a file."""

from __future__ import annotations

import secrets
from dataclasses import asdict

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from evalapp.core.audit.month_review import MANY_REVEALS_A_DAY, MonthReview, get_month, sign_month
from evalapp.core.audit.note_check import find_last_check
from evalapp.core.audit.queries import EntryFilter, entries_file, list_accounts, list_actions, list_entries, list_months
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.audit.verify_chain import NEWEST, get_head, verify_newest
from evalapp.core.cells import BadCell, calendar_date, code
from evalapp.core.columns import Column
from evalapp.core.errors import AppError
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.language import Message
from evalapp.web.access import allows, confirmed
from evalapp.web.account_words import ROLE_NAMES
from evalapp.web.action_words import action_name
from evalapp.web.formats import said
from evalapp.web.forms import Form, read_form, row_number
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
blueprint.add_app_template_filter(action_name, "action")
FILTERS = ("since_on", "until_on", "account", "action", "subject", "object_type", "object_key")
REMARK = (Column("remark", maximum=400),)


@blueprint.get("", endpoint="list_entries")
@allows("audit.review")
def show_entries() -> str | tuple[str, int]:
    """Show the entries, the newest first, narrowed by the filters of the address."""
    form = _filters()
    wanted = EntryFilter() if form.refused else EntryFilter(**form.values)
    with reading_db() as db:
        page = list_entries(db, wanted, row_number(request.args.get("below", "")))
        shown = {name: text for name, text in form.given.items() if text}
        actions = sorted(list_actions(db), key=lambda action: said(action_name(action)))
        choices = {"accounts": list_accounts(db), "actions": actions}
        answer = render_template("audit/list.html", page=page, form=form, shown=shown, head=get_head(db), **choices)
    return (answer, 422) if form.refused else answer


@blueprint.post("/file")
@allows("audit.review")
@confirmed
def download() -> Response | tuple[str, int]:
    """Hand out the entries of the filters as CSV. That this was done is an entry itself."""
    form = _filters()
    if form.refused:
        return render_template("audit/list.html", page=None, form=form, shown={}, head=None, accounts=[], actions=[]), 422
    wanted = EntryFilter(**form.values)
    with writing_db() as db:
        content = entries_file(db, wanted)
        record_entry(db, "audit_exported", "audit", after={name: value for name, value in asdict(wanted).items() if value})
    answer = Response(content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


@blueprint.get("/check")
@allows("audit.review")
def show_check() -> str:
    """Show what the last check of the whole log found, and what a look at the newest entries finds now."""
    with reading_db() as db:
        return render_template("audit/check.html", last=find_last_check(db), newest=verify_newest(db), most=NEWEST)


@blueprint.post("/check")
@allows("audit.review")
def check() -> AnyResponse:
    """Have every entry of the log checked in the background."""
    with writing_db() as db:
        job = queue_job(db, request.form.get("key") or secrets.token_hex(16), "check_audit_log", "", {})
    return redirect(url_for("jobs.show", key=job.key), 303)


@blueprint.get("/months")
@allows("audit.review")
def months() -> str:
    """List the months and who reviewed them."""
    with reading_db() as db:
        return render_template("audit/months.html", months=list_months(db))


@blueprint.get("/months/<month>")
@allows("audit.review")
def review(month: str) -> str:
    """Show a month in counts, the identities read in it, and what is unusual."""
    with reading_db() as db:
        return _month_page(get_month(db, month), Form())


@blueprint.post("/months/<month>")
@allows("audit.review")
def sign(month: str) -> AnyResponse | tuple[str, int]:
    """Sign the review of a month."""
    form = read_form(REMARK)
    with writing_db() as db:
        if not form.refused:
            try:
                sign_month(db, month, form.values["remark"] or "")
            except AppError as refused:
                form.add_fault("remark", refused.message)
        if form.refused:
            return _month_page(get_month(db, month), form), 422
    flash(Message("The review of %(month)s is signed.", month=month).within(g.language))
    return redirect(url_for("audit.review", month=month), 303)


def _month_page(found: MonthReview, form: Form) -> str:
    return render_template("audit/month.html", review=found, form=form, many=MANY_REVEALS_A_DAY, role_names=ROLE_NAMES)


def _filters() -> Form:
    """Read the filters from the address, or from the form that asks for the file."""
    given = {name: request.values.get(name, "").strip() for name in FILTERS}
    form = Form(given, {name: text or None for name, text in given.items()})
    for name in FILTERS:
        read = calendar_date if name in ("since_on", "until_on") else code
        try:
            form.values[name] = read(given[name]) if given[name] else None
        except BadCell as bad:  # what is looked for is kept in the log: it must be no name and no number of a person
            form.add_fault(name, bad.message)
    return form
