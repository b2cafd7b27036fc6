"""Run a plan on a frozen panel and store every number it gives."""

from __future__ import annotations

import datetime as dt
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pandas as pd
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalapp.analysis.estimation.describe_participants import describe_participants
from evalapp.analysis.estimation.describe_training import describe_training
from evalapp.analysis.estimation.estimate_difficulty import estimate_difficulty
from evalapp.analysis.estimation.estimate_effects import estimate_effects
from evalapp.analysis.estimation.replay_draws import replay_draws
from evalapp.analysis.estimation.rows import ResultSheet
from evalapp.analysis.plans.plan import read_plan
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
from evalapp.training.assignment.recorded_draws import list_recorded_draws
from evalapp.training.tables import Cohort

LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "linearmodels", "matplotlib", "weasyprint", "sqlalchemy")


@dataclass(frozen=True)
class Estimates:
    """All that a plan gave on a snapshot, not yet stored."""

    programme_id: int
    plan_id: int
    snapshot_id: int
    seed: int
    people: pd.Series
    rows: Sequence[Mapping[str, Any]]
    started_at: dt.datetime


def run_plan(db: Session, plan: AnalysisPlan, snapshot: PanelSnapshot, *, seed: int = 0) -> Run:
    """Estimate all that a plan asks of a snapshot, in one go: either every row is stored or none."""
    return store_run(db, estimate_plan(db, plan, snapshot, seed=seed))


def estimate_plan(db: Session, plan: AnalysisPlan, snapshot: PanelSnapshot, *, seed: int = 0) -> Estimates:
    """Estimate all that a plan asks of a snapshot and store nothing, so that the long part of a run keeps no writer waiting."""
    started_at = now()
    panel = thaw_panel(snapshot)
    people = panel.frame["study_id"]
    _refuse_withdrawn(db, snapshot.programme_id, people)
    asked = read_plan(json.loads(plan.specification))
    sheet = ResultSheet()
    describe_participants(sheet, panel, asked)
    describe_training(sheet, panel, asked)
    frame = estimate_difficulty(sheet, panel.frame, asked)
    estimate_effects(sheet, frame, asked, seed=seed)
    replay_draws(sheet, frame, asked, list_recorded_draws(db, snapshot.programme_id), seed=seed)
    return Estimates(snapshot.programme_id, plan.id, snapshot.id, seed, people, sheet.rows, started_at)


def store_run(db: Session, estimates: Estimates) -> Run:
    """Store what a plan gave as a run; refused when someone has withdrawn since it was begun."""
    _refuse_withdrawn(db, estimates.programme_id, estimates.people)
    run = Run(
        plan_id=estimates.plan_id,
        snapshot_id=estimates.snapshot_id,
        seed=estimates.seed,
        versions=canonical_json(program_versions()),
        context=canonical_json(_context(db, estimates.programme_id)),
        started_at=estimates.started_at,
        finished_at=now(),
    )
    db.add(run)
    db.flush()
    db.execute(insert(ResultRow), [{**row, "run_id": run.id} for row in estimates.rows])
    return run


def _refuse_withdrawn(db: Session, programme_id: int, people: pd.Series) -> None:
    withdrawn = count_withdrawn(db, programme_id, people)
    if withdrawn:
        raise AppError(
            Message(
                "%(count)s people of this snapshot have withdrawn their consent since. Freeze a new panel and run that.",
                count=withdrawn,
            )
        )


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
