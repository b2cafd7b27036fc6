"""Places that were not drawn: who decided, why for each person, in which order the others wait, locked like a draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.assignment.baseline import describe_covariates, list_characteristics, read_values
from evalapp.training.assignment.choose_pool import check_member_reason, pool_fingerprint, refuse_obstacles
from evalapp.training.assignment.design import MOST_COVARIATES
from evalapp.training.assignment.edit_assignment import RefusedAssignment, hold_assignment, refuse_begun
from evalapp.training.assignment.lock_assignment import compare_arms, lock_assignment
from evalapp.training.assignment.queries import MemberLine, count_free_places, get_cohorts_of, list_members
from evalapp.training.assignment.tables import Assignment, AssignmentMember
from evalapp.training.assignment.words import DECIDER_WORDS
from evalapp.training.tables import Cohort


@dataclass(frozen=True)
class Decision:
    """What was decided of one person: `treatment`, the other group's arm, or "" for no place; why, and the place in the queue."""

    arm: str
    reason: str
    position: int | None = None


def keep_decisions(db: Session, assignment: Assignment, decided_by: Collection[str], decisions: Mapping[str, Decision]) -> None:
    """Write down what was decided so far, by study ID, and by whom (keys of DECIDER_WORDS); it can be changed until it is locked."""
    hold_assignment(db, assignment, "pool_frozen")
    if assignment.kind != "decided":
        raise AppError(Message("This assignment is drawn by lot, not decided."))
    unknown = set(decided_by) - set(DECIDER_WORDS)
    if unknown:
        raise KeyError(unknown)
    allowed = {"treatment", get_cohorts_of(db, assignment)[1].arm, ""}
    members = {member.study_id: member for member in list_members(db, assignment) if member.is_eligible}
    rows = {row.id: row for row in db.scalars(select(AssignmentMember).where(AssignmentMember.assignment_id == assignment.id))}
    changed = 0
    for study_id, decision in decisions.items():
        if study_id not in members or decision.arm not in allowed:
            raise AppError(Message("The assignment has changed meanwhile. Open its page again."))
        changed += _write(rows[members[study_id].id], study_id, decision)
    assignment.decided_by = ",".join(key for key in DECIDER_WORDS if key in decided_by)
    _refuse_positions(list(rows.values()))
    db.flush()
    record_entry(
        db,
        "assignment_decisions_kept",
        "assignment",
        assignment.id,
        after={"changed": changed, "decided_by": assignment.decided_by},
    )


def lock_decisions(db: Session, assignment: Assignment, covariates: Sequence[str] = ()) -> None:
    """Lock what was decided: everybody who can be chosen has a decision and a reason. `covariates` compare the groups."""
    hold_assignment(db, assignment, "pool_frozen")
    if assignment.kind != "decided":
        raise AppError(Message("This assignment is drawn by lot, not decided."))
    refuse_begun(db, assignment)
    refuse_obstacles(db, assignment)
    everybody = list_members(db, assignment)
    if pool_fingerprint({member.study_id: member.is_eligible for member in everybody}) != assignment.pool_sha256:
        raise AppError(Message("The pool is not the one that was frozen. Open it and freeze it anew."))
    members = [member for member in everybody if member.is_eligible]
    _refuse_incomplete(assignment, members, count_free_places(db, assignment), get_cohorts_of(db, assignment)[1])
    arms = {member.study_id: member.arm for member in members if member.arm}
    lock_assignment(db, assignment, arms, describe_members(db, assignment.programme_id, members, covariates))


def describe_members(db: Session, programme_id: int, members: Sequence[MemberLine], covariates: Sequence[str]) -> dict[str, Any]:
    """Return what groups are compared by, as a stored procedure keeps it."""
    if len(covariates) > MOST_COVARIATES:
        raise RefusedAssignment("covariates", Message("Choose at most %(most)s characteristics to compare.", most=MOST_COVARIATES))
    known = {one.name: one for one in list_characteristics(db, programme_id) if one.can_balance}
    chosen = [known[name] for name in covariates if name in known]
    values = read_values(db, programme_id, [one.name for one in chosen])
    return {
        "units": [member.study_id for member in members],
        "strata": None,
        "clusters": None,
        "covariates": describe_covariates([member.entrepreneur_id for member in members], chosen, values),
    }


def compare_decided(db: Session, assignment: Assignment, covariates: Sequence[str]) -> dict[str, Any] | None:
    """Compare the groups as decided so far, before they are locked."""
    members = [member for member in list_members(db, assignment) if member.is_eligible]
    arms = {member.study_id: member.arm for member in members if member.arm}
    return compare_arms(describe_members(db, assignment.programme_id, members, covariates), arms)


def _write(row: AssignmentMember, study_id: str, decision: Decision) -> bool:
    why = ""
    if decision.arm or decision.reason:
        try:
            why = check_member_reason(decision.reason)
        except RefusedAssignment as refused:
            raise RefusedAssignment(f"reason-{study_id}", refused.message) from None
    new = (decision.arm or None, why, decision.position if decision.arm not in ("", "treatment") else None)
    if (row.arm, row.reason, row.position) == new:
        return False
    row.arm, row.reason, row.position = new
    return True


def _refuse_positions(rows: Sequence[AssignmentMember]) -> None:
    counts = Counter(row.position for row in rows if row.position is not None)
    twice = [position for position, count in counts.items() if count > 1]
    if twice:
        raise RefusedAssignment("", Message("Place %(position)s of the queue is given twice.", position=min(twice)))


def _refuse_incomplete(assignment: Assignment, members: Sequence[MemberLine], free: int | None, control: Cohort) -> None:
    without = [member.study_id for member in members if not member.reason]
    if without:
        raise AppError(
            Message(
                "%(count)s people have no decision with a reason yet, %(first)s among them.", count=len(without), first=without[0]
            )
        )
    if not assignment.decided_by:
        raise AppError(Message("Say who decided."))
    placed = sum(member.arm == "treatment" for member in members)
    if not placed or placed == len(members):
        raise AppError(Message("Somebody must get a place and somebody not; otherwise there is nothing to compare."))
    if free is not None and placed > free:
        raise AppError(Message("The cohort has %(free)s free places; %(placed)s people were given one.", free=free, placed=placed))
    waiting = [member for member in members if member.arm == "waitlist"]
    if control.arm == "waitlist" and any(member.position is None for member in waiting):
        raise AppError(Message("Everybody on the waitlist needs a place in the queue, from 1 on."))
