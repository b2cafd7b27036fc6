"""A run with its plan, snapshot and rows, put straight into the database, for tests of what comes after."""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy.orm import Session

from evalapp.analysis.tables import AnalysisPlan, ResultRow, Run
from evalapp.core.fingerprint import canonical_json, sha256_of
from evalapp.panel.tables import PanelSnapshot
from evalapp.people.tables import Programme
from tests.reports.sample_rows import grants_rows, grants_run

NOON = dt.datetime(2026, 5, 1, 3, 0, tzinfo=dt.UTC)


def add_run(db: Session, programme: Programme | None = None) -> int:
    """Store the run of the job-training grants in a programme (default: a new one) and return its number."""
    record = grants_run()
    programme = programme or Programme(code="grants", name_ko="보조금", name_en="Grants", created_at=NOON)
    db.add(programme)
    db.flush()
    specification = canonical_json(record.plan)
    plan = AnalysisPlan(
        programme_id=programme.id, code="main", version=1, specification=specification, sha256=sha256_of(specification.encode()),
        registered_at=record.plan_registered_at,
    )  # fmt: skip
    snapshot = PanelSnapshot(
        programme_id=programme.id,
        sha256=record.snapshot_sha256,
        content=b"x",
        flow="{}",
        rows=162,
        people=54,
        frozen_at=record.frozen_at,
    )
    db.add_all([plan, snapshot])
    db.flush()
    waves = [[w.code, w.round, w.label["ko"], w.label["en"], w.opens_on.isoformat(), w.closes_on.isoformat()] for w in record.waves]
    run = Run(
        plan_id=plan.id, snapshot_id=snapshot.id, seed=1, versions=json.dumps(dict(record.versions)), started_at=record.started_at,
        finished_at=record.finished_at, context=json.dumps({"waves": waves, "cohorts": []}),
    )  # fmt: skip
    db.add(run)
    db.flush()
    for position, row in enumerate(grants_rows()):
        words = {name: getattr(row, name) for name in ("family", "outcome", "estimand", "model", "term", "subgroup", "statistic")}
        warning = json.dumps([{"code": code, "facts": dict(facts)} for code, facts in row.warnings]) if row.warnings else None
        db.add(
            ResultRow(
                run_id=run.id,
                position=position,
                value=row.value,
                unit=row.unit,
                n=row.n,
                clusters=row.clusters,
                warning=warning,
                **words,
            )
        )
    db.flush()
    return run.id
