"""Run a plan on a frozen panel and store every number it gives."""

from __future__ import annotations

import datetime as dt
import json
import platform
from importlib.metadata import version
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalapp.analysis.describe_participants import describe_participants
from evalapp.analysis.describe_training import describe_training
from evalapp.analysis.estimate_difficulty import estimate_difficulty
from evalapp.analysis.estimate_effects import estimate_effects
from evalapp.analysis.plan import read_plan
from evalapp.analysis.rows import ResultSheet
from evalapp.analysis.tables import AnalysisPlan, ResultRow, Run
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.fingerprint import canonical_json
from evalapp.core.language import Message
from evalapp.core.version import VERSION
from evalapp.panel.freeze_panel import thaw_panel
from evalapp.panel.queries import count_withdrawn
from evalapp.panel.tables import PanelSnapshot
from evalapp.surveys.tables import Wave
from evalapp.training.tables import Cohort

LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "linearmodels", "matplotlib", "weasyprint", "sqlalchemy")


def run_plan(db: Session, plan: AnalysisPlan, snapshot: PanelSnapshot, *, seed: int = 0) -> Run:
    """Estimate all that a plan asks of a snapshot, in one go: either every row is stored or none."""
    started_at = now()
    panel = thaw_panel(snapshot)
    withdrawn = count_withdrawn(db, snapshot.programme_id, panel.frame["study_id"])
    if withdrawn:
        raise AppError(
            Message(
                "%(count)s people of this snapshot have withdrawn their consent since. Freeze a new panel and run that.",
                count=withdrawn,
            )
        )
    asked = read_plan(json.loads(plan.specification))
    sheet = ResultSheet()
    describe_participants(sheet, panel, asked)
    describe_training(sheet, panel, asked)
    frame = estimate_difficulty(sheet, panel.frame, asked)
    estimate_effects(sheet, frame, asked, seed=seed)
    run = Run(
        plan_id=plan.id,
        snapshot_id=snapshot.id,
        seed=seed,
        versions=canonical_json(program_versions()),
        context=canonical_json(_context(db, plan.programme_id)),
        started_at=started_at,
        finished_at=now(),
    )
    db.add(run)
    db.flush()
    db.execute(insert(ResultRow), [{**row, "run_id": run.id} for row in sheet.rows])
    return run


def _context(db: Session, programme_id: int) -> dict[str, Any]:
    """Return the waves and cohorts that a report names, so that it prints the same when more are added later."""
    waves = db.scalars(select(Wave).where(Wave.programme_id == programme_id).order_by(Wave.round))
    cohorts = db.scalars(select(Cohort).where(Cohort.programme_id == programme_id).order_by(Cohort.code))
    return {
        "waves": [[w.code, w.round, w.label_ko, w.label_en, w.opens_on.isoformat(), w.closes_on.isoformat()] for w in waves],
        "cohorts": [[c.code, c.arm, _day(c.starts_on), _day(c.ends_on)] for c in cohorts],
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def program_versions() -> dict[str, str]:
    """Return the versions of Python, evalapp and the libraries that numbers come from."""
    return {"evalapp": VERSION, "python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
