"""Reads of reports as they were printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.analysis.tables import AnalysisPlan, Run
from evalapp.people.tables import Programme
from evalapp.reports.tables import Report


@dataclass(frozen=True)
class ReportRecord:
    """A report as a page names it."""

    programme_name: Mapping[str, str]
    language: str
    state: str
    composed_at: dt.datetime
    sha256: str


def find_report_by_fingerprint(db: Session, sha256: str) -> ReportRecord | None:
    """Return the report whose bytes have this SHA-256, or None."""
    found = db.execute(
        select(Report.language, Report.state, Report.composed_at, Report.sha256, Programme.name_ko, Programme.name_en)
        .join(Run, Report.run_id == Run.id)
        .join(AnalysisPlan, Run.plan_id == AnalysisPlan.id)
        .join(Programme, AnalysisPlan.programme_id == Programme.id)
        .where(Report.sha256 == sha256)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    names = {"ko": found.name_ko, "en": found.name_en}
    return ReportRecord(names, found.language, found.state, found.composed_at, found.sha256)
