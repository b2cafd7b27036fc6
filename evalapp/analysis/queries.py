"""Reads of plans, runs and their rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.analysis.tables import AnalysisPlan, ResultRow, Run
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.panel.tables import PanelSnapshot
from evalapp.people.queries import get_programme_for
from evalapp.people.tables import Programme


@dataclass(frozen=True)
class Row:
    """One stored number (see docs/result-rows.md). `warnings` are (code, facts) pairs."""

    family: str
    outcome: str
    estimand: str
    model: str
    term: str
    subgroup: str
    statistic: str
    value: float | None
    unit: str
    n: int | None
    clusters: int | None
    warnings: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True)
class WaveRecord:
    """A wave as a report names it."""

    code: str
    round: int
    label: Mapping[str, str]
    opens_on: dt.date
    closes_on: dt.date


@dataclass(frozen=True)
class CohortRecord:
    """A cohort as a report names it."""

    code: str
    arm: str
    starts_on: dt.date | None
    ends_on: dt.date | None


@dataclass(frozen=True)
class RunRecord:
    """A run with all that a document says about where its numbers come from. Texts in two languages are `{"ko": …, "en": …}`."""

    id: int
    programme_code: str
    programme_name: Mapping[str, str]
    is_synthetic: bool
    data_note: Mapping[str, str]
    plan: Mapping[str, Any]
    plan_code: str
    plan_version: int
    plan_sha256: str
    plan_registered_at: dt.datetime
    snapshot_sha256: str
    snapshot_rows: int
    snapshot_people: int
    frozen_at: dt.datetime
    seed: int
    versions: Mapping[str, str]
    started_at: dt.datetime
    finished_at: dt.datetime
    waves: tuple[WaveRecord, ...]
    cohorts: tuple[CohortRecord, ...]


def get_run(db: Session, run_id: int) -> RunRecord:
    """Return a run with its plan, snapshot, waves and cohorts, or raise NotFound."""
    found = db.execute(
        select(Run, AnalysisPlan, PanelSnapshot, Programme)
        .join(AnalysisPlan, Run.plan_id == AnalysisPlan.id)
        .join(PanelSnapshot, Run.snapshot_id == PanelSnapshot.id)
        .join(Programme, AnalysisPlan.programme_id == Programme.id)
        .where(Run.id == run_id)
    ).one_or_none()
    if found is None:
        raise NotFound(Message("There is no run %(run)s.", run=run_id))
    run, plan, snapshot, programme = found
    context = json.loads(run.context)
    cohorts = [CohortRecord(code, arm, _day(starts), _day(ends)) for code, arm, starts, ends in context["cohorts"]]
    return RunRecord(
        id=run.id,
        programme_code=programme.code,
        programme_name={"ko": programme.name_ko, "en": programme.name_en},
        is_synthetic=programme.is_synthetic,
        data_note={"ko": programme.data_note_ko, "en": programme.data_note_en},
        plan=json.loads(plan.specification),
        plan_code=plan.code,
        plan_version=plan.version,
        plan_sha256=plan.sha256,
        plan_registered_at=plan.registered_at,
        snapshot_sha256=snapshot.sha256,
        snapshot_rows=snapshot.rows,
        snapshot_people=snapshot.people,
        frozen_at=snapshot.frozen_at,
        seed=run.seed,
        versions=json.loads(run.versions),
        started_at=run.started_at,
        finished_at=run.finished_at,
        waves=tuple(
            WaveRecord(code, round_, {"ko": ko, "en": en}, dt.date.fromisoformat(opens), dt.date.fromisoformat(closes))
            for code, round_, ko, en, opens, closes in context["waves"]
        ),
        cohorts=tuple(sorted(cohorts, key=_by_start)),
    )


def list_result_rows(db: Session, run_id: int) -> list[Row]:
    """Return a run's rows in the order they were written."""
    rows = db.scalars(select(ResultRow).where(ResultRow.run_id == run_id).order_by(ResultRow.position))
    return [
        Row(
            r.family, r.outcome, r.estimand, r.model, r.term, r.subgroup, r.statistic, r.value, r.unit, r.n, r.clusters,
            tuple((w["code"], w["facts"]) for w in json.loads(r.warning)) if r.warning else (),
        )
        for r in rows
    ]  # fmt: skip


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _by_start(cohort: CohortRecord) -> tuple[bool, dt.date, str]:
    return cohort.starts_on is None, cohort.starts_on or dt.date.max, cohort.code


def get_newest_plan(db: Session, programme_id: int, code: str) -> AnalysisPlan:
    """Return the newest version of a programme's plan, or raise NotFound."""
    query = select(AnalysisPlan).where(AnalysisPlan.programme_id == programme_id, AnalysisPlan.code == code)
    found = db.scalar(query.order_by(AnalysisPlan.version.desc()).limit(1))
    if found is None:
        raise NotFound(Message("This programme has no analysis plan “%(code)s”.", code=code))
    return found


@dataclass(frozen=True)
class RunLine:
    """A run as a list shows it. `started_by` is an account's code where a job ran it, else empty."""

    id: int
    plan_code: str
    plan_version: int
    people: int
    rows: int
    started_at: dt.datetime
    finished_at: dt.datetime


@dataclass(frozen=True)
class PlanLine:
    """A registered plan in its newest version. `title` and `question` are `{"ko": …, "en": …}`."""

    code: str
    version: int
    title: Mapping[str, str]
    question: Mapping[str, str]
    outcomes: tuple[Mapping[str, str], ...]
    sha256: str
    registered_at: dt.datetime


def list_runs(db: Session, programme_id: int) -> list[RunLine]:
    """Return a programme's runs, the newest first."""
    rows = db.execute(
        select(
            Run.id,
            AnalysisPlan.code,
            AnalysisPlan.version,
            PanelSnapshot.people,
            PanelSnapshot.rows,
            Run.started_at,
            Run.finished_at,
        )
        .join(AnalysisPlan, Run.plan_id == AnalysisPlan.id)
        .join(PanelSnapshot, Run.snapshot_id == PanelSnapshot.id)
        .where(AnalysisPlan.programme_id == programme_id)
        .order_by(Run.id.desc())
    )
    return [RunLine(*row) for row in rows]


def list_plans(db: Session, programme_id: int) -> list[PlanLine]:
    """Return the newest version of each of a programme's plans, by code."""
    plans = db.scalars(
        select(AnalysisPlan).where(AnalysisPlan.programme_id == programme_id).order_by(AnalysisPlan.code, AnalysisPlan.version)
    )
    return [_plan_line(plan) for plan in {plan.code: plan for plan in plans}.values()]


def _plan_line(plan: AnalysisPlan) -> PlanLine:
    said = json.loads(plan.specification)
    labels = tuple(outcome["label"] for outcome in said["outcomes"])
    return PlanLine(plan.code, plan.version, said["title"], said["question"], labels, plan.sha256, plan.registered_at)


def get_run_for(db: Session, viewer: Viewer, run_id: int) -> RunRecord:
    """Return a run of a programme that an account may see, or raise NotFound."""
    run = get_run(db, run_id)
    get_programme_for(db, viewer, run.programme_code)
    return run
