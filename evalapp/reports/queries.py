"""Reads of reports as they were printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session, undefer

from evalapp.accounts.viewer import Viewer
from evalapp.analysis.tables import AnalysisPlan, Run
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.queries import programmes_of
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


@dataclass(frozen=True)
class ReportLine:
    """A report as a list shows it. Accounts are named by code."""

    id: int
    run_id: int
    programme_code: str
    programme_name: Mapping[str, str]
    language: str
    state: str
    pages: int
    composed_at: dt.datetime
    submitted_by: str | None
    released_by: str | None
    released_at: dt.datetime | None


def list_reports(db: Session, viewer: Viewer, *, run_id: int | None = None, programme_id: int | None = None) -> list[ReportLine]:
    """Return the reports an account may read, the newest first: every state for those who analyse, released ones for funders."""
    query = _lines(viewer)
    if run_id is not None:
        query = query.where(Report.run_id == run_id)
    if programme_id is not None:
        query = query.where(AnalysisPlan.programme_id == programme_id)
    return [_line(*row) for row in db.execute(query.order_by(Report.composed_at.desc(), Report.id.desc()))]


def get_report(db: Session, viewer: Viewer, report_id: int) -> ReportLine:
    """Return one report an account may read, or raise NotFound."""
    found = db.execute(_lines(viewer).where(Report.id == report_id)).one_or_none()
    if found is None:
        raise NotFound(Message("There is no such report."))
    return _line(*found)


def get_report_row(db: Session, viewer: Viewer, report_id: int) -> Report:
    """Return the stored report an account may read, its bytes included, kept from being changed by others, or raise NotFound."""
    get_report(db, viewer, report_id)
    return db.get_one(Report, report_id, options=[undefer(Report.content)], with_for_update={"of": Report})


def get_stored_report(db: Session, report_id: int) -> Report:
    """Return a stored report for a background job, which acts for an account that was allowed before, or raise NotFound."""
    report = db.get(Report, report_id)
    if report is None:
        raise NotFound(Message("There is no such report."))
    return report


def _lines(viewer: Viewer) -> Select[Report, Programme]:
    theirs = programmes_of(viewer).with_only_columns(Programme.id)
    query = (
        select(Report, Programme)
        .join(Run, Report.run_id == Run.id)
        .join(AnalysisPlan, Run.plan_id == AnalysisPlan.id)
        .join(Programme, AnalysisPlan.programme_id == Programme.id)
        .where(Programme.id.in_(theirs))
    )
    if viewer.may("report.view_any"):
        return query
    return query.where(Report.state == "released") if viewer.may("report.view_released") else query.where(false())


def _line(report: Report, programme: Programme) -> ReportLine:
    return ReportLine(
        id=report.id,
        run_id=report.run_id,
        programme_code=programme.code,
        programme_name={"ko": programme.name_ko, "en": programme.name_en},
        **{
            name: getattr(report, name)
            for name in ("language", "state", "pages", "composed_at", "submitted_by", "released_by", "released_at")
        },
    )
