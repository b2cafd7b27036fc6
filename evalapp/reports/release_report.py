"""From a draft to a released report: one person hands it in, another allows it, and the released edition is printed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.reports.compose_report import compose_report
from evalapp.reports.render import RenderedReport
from evalapp.reports.tables import Report


def submit_report(db: Session, report: Report) -> None:
    """Hand a draft in for review."""
    _demand(report, "draft")
    report.state, report.submitted_by = "in_review", actor_of(db).account
    record_entry(db, "report_submitted", "report", report.id)


def return_report(db: Session, report: Report, reason: str) -> None:
    """Give a report under review back as a draft, with the reason."""
    why = check_reason(reason)
    _demand(report, "in_review")
    report.state, report.submitted_by = "draft", None
    record_entry(db, "report_returned", "report", report.id, reason=why)


def approve_report(db: Session, report: Report) -> None:
    """Allow the release of a report under review. Whoever handed it in cannot; `print_release` makes the released edition."""
    _demand(report, "in_review")
    account = actor_of(db).account
    if account == report.submitted_by:
        raise AppError(Message("A second person releases a report: you handed this one in yourself."))
    if report.released_by is not None:
        raise AppError(Message("This report is being released already."))
    report.released_by, report.released_at = account, now()
    record_entry(db, "report_release_approved", "report", report.id, after={"sha256": report.sha256})


def print_release(db: Session, report: Report, rendered: RenderedReport | None = None) -> Report:
    """Print the released edition of an approved report, which stays as the draft it was. Done twice it is printed once.

    `rendered` is the released edition where it is laid out already.
    """
    if report.released_by is None:
        raise AppError(Message("This report was not approved."))
    released = compose_report(db, report.run_id, report.language, composed_at=now(), state="released", rendered=rendered)
    if released.released_at is None:
        released.submitted_by, released.released_by, released.released_at = (
            report.submitted_by,
            report.released_by,
            report.released_at,
        )
        record_entry(db, "report_released", "report", released.id, after={"sha256": released.sha256})
    report.state, report.submitted_by, report.released_by, report.released_at = "draft", None, None, None
    return released


def withdraw_report(db: Session, report: Report, reason: str) -> None:
    """Take a released report back, with the reason; it stays known to the check of genuineness, as withdrawn."""
    why = check_reason(reason)
    _demand(report, "released")
    report.state = "withdrawn"
    record_entry(db, "report_withdrawn", "report", report.id, reason=why)


def _demand(report: Report, state: str) -> None:
    if report.state != state:
        raise AppError(Message("The report has changed meanwhile. Open its page again."))
