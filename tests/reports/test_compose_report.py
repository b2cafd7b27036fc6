from __future__ import annotations

import datetime as dt
import json
from collections import Counter

import pytest
from sqlalchemy import select

from evalapp.analysis.tables import AnalysisPlan, ResultRow, Run
from evalapp.core.errors import NotFound
from evalapp.core.fingerprint import canonical_json, sha256_of
from evalapp.panel.tables import PanelSnapshot
from evalapp.people.tables import Programme
from evalapp.reports.compose_report import compose_report
from evalapp.reports.tables import Report
from tests.reports.sample_rows import grants_rows, grants_run

NOON = dt.datetime(2026, 5, 1, 3, 0, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 6, 1, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def run_id(db):
    record = grants_run()
    programme = Programme(code="grants", name_ko="보조금", name_en="Grants", created_at=NOON)
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


def test_a_report_is_kept_with_its_bytes_fingerprint_and_pages(db, run_id):
    report = compose_report(db, run_id, "ko", composed_at=NOON)
    assert report.content.startswith(b"%PDF")
    assert report.sha256 == sha256_of(report.content)
    assert report.pages >= 3
    assert (report.state, report.language, report.composed_at) == ("draft", "ko", NOON)


def test_composing_again_returns_the_report_that_is_there(db, run_id):
    first = compose_report(db, run_id, "en", composed_at=NOON)
    again = compose_report(db, run_id, "en", composed_at=LATER)
    assert again is first
    assert again.composed_at == NOON
    korean = compose_report(db, run_id, "ko", composed_at=LATER)
    assert korean.sha256 != first.sha256
    assert Counter(db.scalars(select(Report.language))) == {"en": 1, "ko": 1}


def test_a_run_that_is_not_there_is_named(db):
    with pytest.raises(NotFound, match="404"):
        compose_report(db, 404, "en", composed_at=NOON)


def test_a_language_that_is_not_there_is_no_silent_english(db, run_id):
    with pytest.raises(KeyError):
        compose_report(db, run_id, "fr", composed_at=NOON)
