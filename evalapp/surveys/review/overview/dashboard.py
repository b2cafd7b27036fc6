"""How waves and interviewers do: durations, answers without knowledge, flags, decisions, and errors found by back-checks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.surveys.invitations.tables import Invitation, ScreenVisit
from evalapp.surveys.review.record_back_check import TYPES, comparisons
from evalapp.surveys.review.rules.patterns import EVASIONS, NOT_APPLICABLE
from evalapp.surveys.review.tables import BackCheck, QualityFlag
from evalapp.surveys.tables import Answer, Submission, Wave

SELF = ""  # the interviewer of whoever answered alone


@dataclass(frozen=True)
class GroupQuality:
    """The submissions of one wave and one interviewer ("" where people answered by themselves).

    `error_shares` are of back-checked answers by type, only where any were checked.
    """

    wave: Mapping[str, str]
    interviewer: str
    submissions: int
    states: Mapping[str, int]
    median_minutes: float | None
    dont_know_share: float | None
    flags_each: float
    error_shares: Mapping[str, float]


@dataclass(frozen=True)
class VariableErrors:
    """How often the second answer to a question was another."""

    variable: str
    type: str
    compared: int
    differing: int


def list_group_quality(db: Session, programme_id: int) -> list[GroupQuality]:
    """Return a programme's submissions by wave and interviewer, in the order of the waves."""
    rows = db.execute(
        select(Submission, Wave)
        .join(Wave, Wave.id == Submission.wave_id)
        .where(Wave.programme_id == programme_id, Submission.state != "draft")
        .order_by(Wave.round, Submission.account, Submission.id)
    ).all()
    seconds, flags = _seconds(db, programme_id), _flags(db, programme_id)
    evaded, checks = _evaded(db, programme_id), _checks(db, programme_id)
    groups: defaultdict[tuple[int, str], list[Any]] = defaultdict(list)
    for submission, wave in rows:
        groups[wave.id, submission.account or SELF].append((submission, wave))
    return [_group(group, seconds, flags, evaded, checks) for group in groups.values()]


def _group(
    group: list[Any],
    seconds: Mapping[tuple[int, int], float],
    flags: Mapping[int, int],
    evaded: Mapping[int, tuple[int, int]],
    checks: Mapping[int, list[Any]],
) -> GroupQuality:
    first, wave = group[0]
    members = [submission for submission, _wave in group]
    known = [spent for member in members if (spent := _duration(member, seconds)) is not None]
    answered = sum(evaded.get(member.id, (0, 0))[1] for member in members)
    without = sum(evaded.get(member.id, (0, 0))[0] for member in members)
    compared = [each for member in members for each in checks.get(member.id, [])]
    return GroupQuality(
        {"ko": wave.label_ko, "en": wave.label_en},
        first.account or SELF,
        len(members),
        Counter(member.state for member in members),
        median(known) / 60 if known else None,
        without / answered if answered else None,
        sum(flags.get(member.id, 0) for member in members) / len(members),
        _shares(compared),
    )


def _duration(submission: Submission, seconds: Mapping[tuple[int, int], float]) -> float | None:
    shown = seconds.get((submission.wave_id, submission.entrepreneur_id))
    return submission.seconds if shown is None else shown


def _shares(compared: Iterable[Any]) -> dict[str, float]:
    counts: defaultdict[str, list[bool]] = defaultdict(list)
    for each in compared:
        counts[each.type].append(each.differs)
    return {kind: sum(counts[kind]) / len(counts[kind]) for kind in TYPES if kind in counts}


def list_variable_errors(db: Session, programme_id: int) -> list[VariableErrors]:
    """Return the variables of a programme's back-checks, those that differ most often first."""
    counts: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for compared in _checks(db, programme_id).values():
        for each in compared:
            counts[each.variable, each.type].append(each.differs)
    found = [VariableErrors(variable, kind, len(all_), sum(all_)) for (variable, kind), all_ in counts.items()]
    return sorted(found, key=lambda each: (-each.differing / each.compared, each.variable))


def _seconds(db: Session, programme_id: int) -> dict[tuple[int, int], float]:
    rows = db.execute(
        select(Invitation.wave_id, Invitation.entrepreneur_id, func.sum(ScreenVisit.seconds))
        .join(ScreenVisit, ScreenVisit.invitation_id == Invitation.id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Wave.programme_id == programme_id)
        .group_by(Invitation.wave_id, Invitation.entrepreneur_id)
    )
    return {(wave, person): seconds for wave, person, seconds in rows}


def _flags(db: Session, programme_id: int) -> dict[int, int]:
    rows = select(QualityFlag.submission_id, func.count()).where(QualityFlag.submission_id.in_(_of(programme_id)))
    return {key: count for key, count in db.execute(rows.group_by(QualityFlag.submission_id))}  # noqa: C416 - typed pairs


def _evaded(db: Session, programme_id: int) -> dict[int, tuple[int, int]]:
    """Count for each submission the answers that are “don't know” or refusals, and all answers."""
    rows = (
        select(Answer.submission_id, func.count().filter(Answer.text.in_(EVASIONS)), func.count())
        .where(Answer.submission_id.in_(_of(programme_id)), Answer.text != NOT_APPLICABLE)
        .group_by(Answer.submission_id)
    )
    return {key: (without, answered) for key, without, answered in db.execute(rows)}


def _checks(db: Session, programme_id: int) -> dict[int, list[Any]]:
    checks: defaultdict[int, list[Any]] = defaultdict(list)
    for check in db.scalars(select(BackCheck).where(BackCheck.submission_id.in_(_of(programme_id))).order_by(BackCheck.id)):
        checks[check.submission_id] += comparisons(check)
    return checks


def _of(programme_id: int) -> Any:
    return select(Submission.id).join(Wave, Wave.id == Submission.wave_id).where(Wave.programme_id == programme_id)
