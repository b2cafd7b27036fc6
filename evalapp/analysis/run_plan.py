"""Run a plan on a frozen panel and store every number it gives."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version

from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalapp.analysis.describe_participants import describe_participants
from evalapp.analysis.describe_training import describe_training
from evalapp.analysis.estimate_difficulty import estimate_difficulty
from evalapp.analysis.estimate_effects import estimate_effects
from evalapp.analysis.plan import read_plan
from evalapp.analysis.rows import ResultSheet
from evalapp.analysis.tables import AnalysisPlan, ResultRow, Run
from evalapp.core.clock import now
from evalapp.core.fingerprint import canonical_json
from evalapp.core.version import VERSION
from evalapp.panel.freeze_panel import thaw_panel
from evalapp.panel.tables import PanelSnapshot

LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "linearmodels", "matplotlib", "weasyprint", "sqlalchemy")


def run_plan(db: Session, plan: AnalysisPlan, snapshot: PanelSnapshot, *, seed: int = 0) -> Run:
    """Estimate all that a plan asks of a snapshot, in one go: either every row is stored or none."""
    started_at = now()
    panel = thaw_panel(snapshot)
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
        started_at=started_at,
        finished_at=now(),
    )
    db.add(run)
    db.flush()
    db.execute(insert(ResultRow), [{**row, "run_id": run.id} for row in sheet.rows])
    return run


def program_versions() -> dict[str, str]:
    """Return the versions of Python, evalapp and the libraries that numbers come from."""
    return {"evalapp": VERSION, "python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
