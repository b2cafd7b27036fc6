"""What a month of the audit log holds that a reviewer should see, and the reviewer's signature under it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.queries import REVIEWED, midnight
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import SEOUL, today
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason

REVEALED = "identity_revealed"
GRANTED, SHARED = "role_granted", "browser_shared"
IDENTITY_READS = (REVEALED, "identity_searched", "identity_export_downloaded", "own_data_handed_over", "given_names_shown")
MANY_REVEALS_A_DAY = 20
OFFICE_HOURS = range(7, 21)
SHOWN_REVEALS = 200
MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Grant:
    """A role that one account was given by another, or by the terminal."""

    at: dt.datetime
    by: str
    account: str
    role: str


@dataclass(frozen=True)
class MonthReview:
    """A month (`2026-11`) in counts: by action, by account; the identities read; and what is unusual about that.

    `busy_days` are (account, day, reveals) where one account revealed many identities in a day; `out_of_hours` (account, reads)
    before 7 or after 21 o'clock in Seoul; `reveals` the first identities revealed, `reveal_count` all of them. `grants` are the
    roles that were given; `shared_browsers` pairs of accounts that signed in from one browser, which may be one person.
    """

    month: str
    entries: int
    by_action: Sequence[tuple[str, int]]
    by_account: Sequence[tuple[str, int]]
    reveals: Sequence[AuditEntry]
    reveal_count: int
    busy_days: Sequence[tuple[str, dt.date, int]]
    out_of_hours: Sequence[tuple[str, int]]
    grants: Sequence[Grant]
    shared_browsers: Sequence[tuple[str, str]]
    signatures: Sequence[AuditEntry]
    is_over: bool


def get_month(db: Session, month: str) -> MonthReview:
    """Return a month's review, or raise NotFound for what is not a month."""
    within, is_over = _month(month)
    by_action = _counts(db, AuditEntry.action, within)
    reads = db.scalars(select(AuditEntry).where(within, AuditEntry.action.in_(IDENTITY_READS)).order_by(AuditEntry.number)).all()
    reveals = [entry for entry in reads if entry.action == REVEALED]
    days = Counter((entry.account, entry.at.astimezone(SEOUL).date()) for entry in reveals)
    late = Counter(entry.account for entry in reads if entry.at.astimezone(SEOUL).hour not in OFFICE_HOURS)
    grants = [
        Grant(each.at, each.account, each.object_key, json.loads(each.after).get("role", "")) for each in _list(db, within, GRANTED)
    ]
    shared = {
        (min(pair), max(pair))
        for each in _list(db, within, SHARED)
        for pair in ((each.object_key, other) for other in json.loads(each.after).get("accounts", ()))
    }
    signed = select(AuditEntry).where(AuditEntry.action == REVIEWED, AuditEntry.object_key == month).order_by(AuditEntry.number)
    return MonthReview(
        month=month,
        entries=sum(count for _, count in by_action),
        by_action=by_action,
        by_account=_counts(db, AuditEntry.account, within),
        reveals=reveals[:SHOWN_REVEALS],
        reveal_count=len(reveals),
        busy_days=[(account, day, count) for (account, day), count in days.most_common() if count >= MANY_REVEALS_A_DAY],
        out_of_hours=late.most_common(),
        grants=grants,
        shared_browsers=sorted(shared),
        signatures=db.scalars(signed).all(),
        is_over=is_over,
    )


def sign_month(db: Session, month: str, remark: str = "") -> None:
    """Sign that a month that is over was reviewed. What was there to see is kept with the signature.

    Whoever gave roles in that month does not sign it: a second person looks at that.
    """
    review = get_month(db, month)
    if not review.is_over:
        raise AppError(Message("The month %(month)s is not over yet. Review it when it is complete.", month=month))
    if actor_of(db).account in {grant.by for grant in review.grants}:
        raise AppError(Message("You gave roles in this month. Another reviewer signs it."))
    said = check_reason(remark) if remark else ""
    seen = {
        "entries": review.entries,
        "reveals": review.reveal_count,
        "busy_days": len(review.busy_days),
        "out_of_hours": sum(count for _, count in review.out_of_hours),
        "grants": len(review.grants),
        "shared_browsers": len(review.shared_browsers),
    }
    record_entry(db, REVIEWED, "month", month, after=seen, reason=said)


def _month(month: str) -> tuple[ColumnElement[bool], bool]:
    if not MONTH.fullmatch(month):
        raise NotFound(Message("There is no month %(month)s.", month=month))
    first = dt.date.fromisoformat(f"{month}-01")
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return and_(AuditEntry.at >= midnight(first), AuditEntry.at < midnight(following)), following <= today()


def _list(db: Session, within: ColumnElement[bool], action: str) -> Sequence[AuditEntry]:
    return db.scalars(select(AuditEntry).where(within, AuditEntry.action == action).order_by(AuditEntry.number)).all()


def _counts(db: Session, column: InstrumentedAttribute[str], within: ColumnElement[bool]) -> list[tuple[str, int]]:
    query = select(column, func.count()).where(within).group_by(column).order_by(func.count().desc(), column)
    return [(name, count) for name, count in db.execute(query)]
