"""Register an analysis plan: checked, hashed and dated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.analysis.plans.plan import read_plan
from evalapp.analysis.tables import AnalysisPlan
from evalapp.core.clock import now
from evalapp.core.fingerprint import canonical_json, sha256_of
from evalapp.people.tables import Programme


def register_plan(db: Session, programme: Programme, code: str, specification: Mapping[str, Any]) -> AnalysisPlan:
    """Store a plan as a new version of its code; the newest version again is left as it is and returned."""
    read_plan(specification)
    fingerprint = sha256_of(specification)
    newest = db.scalar(
        select(AnalysisPlan)
        .where(AnalysisPlan.programme_id == programme.id, AnalysisPlan.code == code)
        .order_by(AnalysisPlan.version.desc())
        .limit(1)
    )
    if newest is not None and newest.sha256 == fingerprint:
        return newest
    plan = AnalysisPlan(
        programme_id=programme.id,
        code=code,
        version=newest.version + 1 if newest else 1,
        specification=canonical_json(specification),
        sha256=fingerprint,
        registered_at=now(),
    )
    db.add(plan)
    db.flush()
    return plan
