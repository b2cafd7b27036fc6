"""What was asked of the background, how far it is, and the workers that are alive."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class Job(Base):
    """One piece of slow work. `key` is made by the client, so that a form sent twice asks once.

    `scope` is the code of the programme it belongs to; `arguments` and `result` are JSON; `fault` is the refusal of a failed job as
    JSON, a message id with its facts. `state` is queued, running, done, failed or cancelled.
    """

    __tablename__ = "jobs"
    __table_args__ = (CheckConstraint("progress_share >= 0 and progress_share <= 1", name="share"),)

    key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(40), index=True)
    arguments: Mapped[str]
    state: Mapped[str] = mapped_column(String(12), default="queued")
    stage: Mapped[str] = mapped_column(String(80), default="")
    progress_share: Mapped[float] = mapped_column(default=0.0)
    result: Mapped[str] = mapped_column(default="{}")
    fault: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


class Worker(Base):
    """A process that does jobs, and when it last said so."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    started_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
