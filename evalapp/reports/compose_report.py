"""Compose a run's report: read its rows, lay them out, keep the bytes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from evalapp.analysis.queries import get_run, list_result_rows
from evalapp.reports.outline import outline
from evalapp.reports.render import render
from evalapp.reports.tables import Report


def compose_report(db: Session, run_id: int, language: str, *, composed_at: dt.datetime) -> Report:
    """Store the PDF of a run in a language and return it; the same bytes are stored once, as the report they were first."""
    rendered = render(outline(get_run(db, run_id), list_result_rows(db, run_id), language))
    same = select(Report).where(Report.run_id == run_id, Report.language == language, Report.sha256 == rendered.sha256)
    kept = db.scalar(same.options(undefer(Report.content)))
    if kept is not None:
        return kept
    report = Report(
        run_id=run_id,
        language=language,
        state="draft",
        sha256=rendered.sha256,
        content=rendered.content,
        pages=rendered.pages,
        composed_at=composed_at,
    )
    db.add(report)
    db.flush()
    return report
