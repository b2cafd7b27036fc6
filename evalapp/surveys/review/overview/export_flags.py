"""Every flag of a programme as a table, without anything that identifies a person."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.csv_file import csv_file
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.surveys.review.rules.queries import list_rules
from evalapp.surveys.review.tables import QualityFlag
from evalapp.surveys.tables import Submission, Wave

FLAG_COLUMNS = (
    "submission", "study_id", "wave", "state", "interviewer", "rule_id", "severity", "variable", "facts", "raised_at", "cleared_at",
    "cleared_by", "cleared_reason",
)  # fmt: skip
RULE_COLUMNS = ("rule_id", "scope", "severity", "when", "expression", "message_ko", "message_en", "active")


def export_flags(db: Session, programme: Programme) -> bytes:
    """Return all flags of a programme as CSV; the audit log keeps that they were taken out."""
    rows = db.execute(
        select(QualityFlag, Submission, Wave.code, Entrepreneur.study_id)
        .join(Submission, Submission.id == QualityFlag.submission_id)
        .join(Wave, Wave.id == Submission.wave_id)
        .join(Entrepreneur, Entrepreneur.id == Submission.entrepreneur_id)
        .where(Wave.programme_id == programme.id)
        .order_by(QualityFlag.id)
    ).all()
    record_entry(db, "quality_flags_exported", "programme", programme.code, after={"flags": len(rows)})
    table = [
        (
            submission.id, study_id, wave, submission.state, submission.account or "", flag.rule, flag.severity, flag.variable,
            flag.facts, flag.raised_at.isoformat(), flag.cleared_at.isoformat() if flag.cleared_at else "", flag.cleared_by or "",
            flag.cleared_reason,
        )
        for flag, submission, wave, study_id in rows
    ]  # fmt: skip
    return csv_file(FLAG_COLUMNS, table)


def export_rules(db: Session, programme: Programme) -> bytes:
    """Return the rules that count in a programme as a file that can be taken in again."""
    rows = (
        (
            rule.rule_id, rule.scope, rule.severity, " ".join(rule.when), rule.expression, rule.message["ko"], rule.message["en"],
            "yes" if rule.active else "no",
        )
        for rule in list_rules(db, programme.id)
    )  # fmt: skip
    return csv_file(RULE_COLUMNS, rows)
