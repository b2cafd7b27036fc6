"""Print the record of a locked assignment, once in each language, and keep its fingerprint."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.reports.assignment_record.outline_record import outline_record
from evalapp.reports.assignment_record.queries import find_record, get_record_row
from evalapp.reports.assignment_record.tables import AssignmentRecord
from evalapp.reports.render import RenderedReport, render
from evalapp.training.assignment.tables import Assignment

TEMPLATE = "report_pdf/assignment_record.html"


def render_record(assignment: Assignment, language: str) -> RenderedReport:
    """Lay out the record and store nothing: a second of work, in which no writer has to wait."""
    if assignment.state != "locked":
        raise AppError(Message("Only a locked assignment has a record."))
    return render(outline_record(assignment, language), TEMPLATE)


def print_record(db: Session, assignment: Assignment, language: str, rendered: RenderedReport | None = None) -> AssignmentRecord:
    """Store the record in a language and return it; one that was printed is the one that stays. `rendered` is it, laid out already."""
    kept = find_record(db, assignment.id, language)
    if kept is not None:
        return kept
    laid_out = rendered or render_record(assignment, language)
    facts = {"sha256": laid_out.sha256, "content": laid_out.content, "pages": laid_out.pages}
    printed = AssignmentRecord(assignment_id=assignment.id, language=language, composed_at=now(), **facts)
    try:
        with db.begin_nested():
            db.add(printed)
    except IntegrityError:  # somebody else printed it at the same moment
        return get_record_row(db, assignment.id, language)
    after = {"language": language, "sha256": laid_out.sha256}
    record_entry(db, "assignment_record_printed", "assignment", assignment.id, after=after)
    return printed
