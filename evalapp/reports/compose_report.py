"""Compose a run's report: read its rows, lay them out, keep the bytes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from evalapp.analysis.queries import get_run, list_result_rows
from evalapp.core.actor import actor_of
from evalapp.reports.outline import outline
from evalapp.reports.render import RenderedReport, render
from evalapp.reports.tables import Report


def render_report(db: Session, run_id: int, language: str, state: str) -> RenderedReport:
    """Lay out the PDF of a run in a language and store nothing: seconds of work, in which no writer has to wait."""
    return render(outline(get_run(db, run_id), list_result_rows(db, run_id), language, state))


def compose_report(
    db: Session,
    run_id: int,
    language: str,
    *,
    composed_at: dt.datetime,
    state: str = "draft",
    rendered: RenderedReport | None = None,
) -> Report:
    """Store the PDF of a run in a language and return it; the same bytes are stored once, as the report they were first.

    `rendered` is what `render_report` gave for the same run, language and state; without it the pages are laid out here.
    """
    rendered = rendered or render_report(db, run_id, language, state)
    same = select(Report).where(Report.run_id == run_id, Report.language == language, Report.sha256 == rendered.sha256)
    kept = db.scalar(same.options(undefer(Report.content)))
    if kept is not None:
        return kept
    report = Report(
        run_id=run_id,
        language=language,
        state=state,
        sha256=rendered.sha256,
        content=rendered.content,
        pages=rendered.pages,
        composed_at=composed_at,
        composed_by=actor_of(db).account,
    )
    db.add(report)
    db.flush()
    return report
