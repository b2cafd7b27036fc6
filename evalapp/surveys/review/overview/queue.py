"""The queue of submissions: filtered, the worst doubts first, a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from evalapp.people.tables import Entrepreneur
from evalapp.surveys.review.tables import Correction, QualityFlag, SubmissionQuery
from evalapp.surveys.tables import Submission, Wave

LINES_A_PAGE = 50
WAITING: Final = ("received", "has_issues")
NO_FLAG: Final = "none"
RANKS: Final[Mapping[str, int]] = {"block": 3, "warn": 2, "info": 1}


@dataclass(frozen=True)
class QueueFilter:
    """What to list: a wave's code, a state ("waiting" for all that are not decided), a rule ("none" for no flag), an interviewer."""

    wave: str | None = None
    state: str | None = "waiting"
    flag: str | None = None
    interviewer: str | None = None


@dataclass(frozen=True)
class QueueLine:
    """One submission of the queue, without its answers. `severity` is that of its worst open flag, None without any."""

    id: int
    study_id: str
    wave: Mapping[str, str]
    state: str
    received_at: dt.datetime
    interviewer: str | None
    mode: str | None
    severity: str | None
    flags: int
    queries: int
    corrections: int


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue, and how many submissions and pages there are."""

    lines: Sequence[QueueLine]
    submissions: int
    page: int

    @property
    def pages(self) -> int:
        """The number of pages, at least one."""
        return max(1, -(-self.submissions // LINES_A_PAGE))


def list_queue(db: Session, programme_id: int, wanted: QueueFilter, page: int = 1) -> QueuePage:
    """Return a page of a programme's submissions, the worst doubts first and among equals the oldest."""
    rows = _filtered(programme_id, wanted)
    count = db.scalar(select(func.count()).select_from(rows.subquery())) or 0
    page = min(max(page, 1), max(1, -(-count // LINES_A_PAGE)))
    ordered = rows.order_by(*_order()).limit(LINES_A_PAGE).offset((page - 1) * LINES_A_PAGE)
    return QueuePage([_line(row) for row in db.execute(ordered)], count, page)


def list_keys(db: Session, programme_id: int, wanted: QueueFilter) -> list[int]:
    """Return the keys of the whole queue in its order, for going from one submission to the next."""
    return [row[0] for row in db.execute(_filtered(programme_id, wanted).order_by(*_order()))]


def list_unflagged(db: Session, programme_id: int, wanted: QueueFilter) -> Sequence[Submission]:
    """Return the received submissions of a queue that no open flag, question or correction doubts."""
    clear = _filtered(programme_id, wanted).with_only_columns(Submission.id)
    clear = clear.where(Submission.state == "received", _FLAGS.c.worst.is_(None), _count(SubmissionQuery, _OPEN_QUERY) == 0)
    clear = clear.where(_count(Correction, Correction.approved_at.is_(None)) == 0)
    return db.scalars(select(Submission).where(Submission.id.in_(clear)).order_by(Submission.id)).all()


def list_choices(db: Session, programme_id: int) -> tuple[list[str], list[str]]:
    """Return the rules that have raised flags in a programme, and the accounts that entered submissions."""
    here = Wave.programme_id == programme_id
    submissions = select(Submission.id).join(Wave, Wave.id == Submission.wave_id).where(here)
    rules = db.scalars(select(QualityFlag.rule).where(QualityFlag.submission_id.in_(submissions)).distinct()).all()
    entered = Submission.id.in_(submissions), Submission.account.is_not(None)
    accounts = db.scalars(select(Submission.account).where(*entered).distinct()).all()
    return sorted(rules), sorted(account for account in accounts if account)


_OPEN_QUERY = SubmissionQuery.state != "closed"
_FLAGS = (
    select(QualityFlag.submission_id, func.count().label("flags"), func.max(case(RANKS, value=QualityFlag.severity)).label("worst"))
    .where(QualityFlag.cleared_at.is_(None))
    .group_by(QualityFlag.submission_id)
    .subquery()
)


def _count(table: type[Any], condition: Any) -> Any:
    counted = select(func.count()).select_from(table).where(table.submission_id == Submission.id, condition)
    return counted.correlate(Submission).scalar_subquery()


def _order() -> tuple[Any, ...]:
    return func.coalesce(_FLAGS.c.worst, 0).desc(), Submission.received_at, Submission.id


def _filtered(programme_id: int, wanted: QueueFilter) -> Select[Any]:
    rows = (
        select(
            Submission.id, Entrepreneur.study_id, Wave.label_ko, Wave.label_en, Submission.state, Submission.received_at,
            Submission.account, Submission.mode, _FLAGS.c.worst, _FLAGS.c.flags, _count(SubmissionQuery, _OPEN_QUERY),
            _count(Correction, Correction.approved_at.is_(None)),
        )
        .join(Wave, Wave.id == Submission.wave_id)
        .join(Entrepreneur, Entrepreneur.id == Submission.entrepreneur_id)
        .outerjoin(_FLAGS, _FLAGS.c.submission_id == Submission.id)
        .where(Wave.programme_id == programme_id, Submission.state != "draft")
    )  # fmt: skip
    if wanted.wave:
        rows = rows.where(Wave.code == wanted.wave)
    if wanted.state:
        rows = rows.where(Submission.state.in_(WAITING) if wanted.state == "waiting" else Submission.state == wanted.state)
    if wanted.interviewer:
        rows = rows.where(Submission.account == wanted.interviewer)
    if wanted.flag == NO_FLAG:
        rows = rows.where(_FLAGS.c.worst.is_(None))
    elif wanted.flag:
        raised = select(QualityFlag.submission_id).where(QualityFlag.rule == wanted.flag, QualityFlag.cleared_at.is_(None))
        rows = rows.where(Submission.id.in_(raised))
    return rows


def _line(row: Any) -> QueueLine:
    key, study_id, ko, en, state, received_at, account, mode, worst, flags, queries, corrections = row
    severity = next((name for name, rank in RANKS.items() if rank == worst), None)
    labels = {"ko": ko, "en": en}
    return QueueLine(key, study_id, labels, state, received_at, account, mode, severity, flags or 0, queries, corrections)
