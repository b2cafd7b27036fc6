"""Plans, runs and result rows."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class AnalysisPlan(Base):
    """What will be estimated and how, written down and hashed; a changed plan is a new version."""

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("programme_id", "code", "version"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    specification: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    registered_at: Mapped[dt.datetime]


class Run(Base):
    """One execution of a plan on one frozen panel. `started_at` dates the results.

    `versions` and `context` are JSON: the programs' versions, and the waves and cohorts as they stood.
    """

    __tablename__ = "runs"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), index=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("panel_snapshots.id"), index=True)
    seed: Mapped[int]
    versions: Mapped[str]
    context: Mapped[str]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime]


class ResultRow(Base):
    """One number. `docs/result-rows.md` lists the words used in each column; `warning` is a JSON list of codes and facts, or null."""

    __tablename__ = "result_rows"
    __table_args__ = (UniqueConstraint("run_id", "position"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    position: Mapped[int]
    family: Mapped[str] = mapped_column(String(30))
    outcome: Mapped[str] = mapped_column(String(60))
    estimand: Mapped[str] = mapped_column(String(30))
    model: Mapped[str] = mapped_column(String(40))
    term: Mapped[str] = mapped_column(String(80))
    subgroup: Mapped[str] = mapped_column(String(40))
    statistic: Mapped[str] = mapped_column(String(30))
    value: Mapped[float | None]
    unit: Mapped[str] = mapped_column(String(20))
    n: Mapped[int | None]
    clusters: Mapped[int | None]
    warning: Mapped[str | None]
