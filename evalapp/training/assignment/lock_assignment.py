"""Lock an assignment: everyone's arm written, places given, and a record that is never changed. Drawing and deciding end here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.audit.verify_chain import get_head
from evalapp.core.clock import now, today
from evalapp.core.fingerprint import canonical_json, sha256_of
from evalapp.people.tables import Programme
from evalapp.stats import StatsError, balance_table
from evalapp.training.assignment.edit_assignment import find_replaced
from evalapp.training.assignment.queries import MemberLine, count_outcomes, get_cohorts_of, list_members
from evalapp.training.assignment.tables import Assignment, AssignmentMember
from evalapp.training.enrolments.move_stage import move_stage
from evalapp.training.enrolments.stages import is_back
from evalapp.training.tables import Cohort, Enrolment

STAGE_OF = {"treatment": "enrolled", "waitlist": "waitlisted", "comparison": "enrolled"}
BALANCE_COLUMNS = (
    "variable", "n_treated", "mean_treated", "sd_treated", "n_control", "mean_control", "sd_control", "missing", "difference", "p_value",
    "normalised_difference",
)  # fmt: skip


def lock_assignment(db: Session, assignment: Assignment, arms: Mapping[str, str], known: Mapping[str, Any], **drawn: Any) -> None:
    """Write arms by study ID, give the places, and lock. The caller holds the row and has refused what must be refused.

    `known` says what the arms are compared by, as a stored procedure does: units, covariates, strata and clusters. `drawn` are the
    columns that a draw adds: seed and software.
    """
    members = list_members(db, assignment)
    rows = {row.id: row for row in db.scalars(select(AssignmentMember).where(AssignmentMember.assignment_id == assignment.id))}
    for member in members:
        rows[member.id].arm = arms.get(member.study_id)
    db.flush()
    _give_places(db, assignment, members, arms)
    record = _record(db, assignment, members, arms, known) | {"seed": drawn.get("seed"), "software": drawn.get("software")}
    after = {
        "code": assignment.code, "kind": assignment.kind, "method": assignment.method, "pool_sha256": assignment.pool_sha256,
        "procedure_sha256": assignment.procedure_sha256, "arms_sha256": record["arms_sha256"], **drawn,
    }  # fmt: skip
    record_entry(db, "assignment_locked", "assignment", assignment.id, after=after)
    head = get_head(db)
    for name, value in drawn.items():
        setattr(assignment, name, value)
    assignment.state, assignment.locked_by, assignment.locked_at = "locked", record["locked_by"], now()
    assignment.record = canonical_json({**record, "audit": {"number": head.number, "hash": head.hash}})
    db.flush()


def compare_arms(known: Mapping[str, Any], arms: Mapping[str, str]) -> dict[str, Any] | None:
    """Compare the arms' means of the characteristics, within strata; as plain data, with the reason where it cannot be done."""
    covariates = known["covariates"]
    if not covariates:
        return None
    frame = pd.DataFrame(covariates["values"], columns=covariates["names"], dtype=float)
    frame["treated"] = [float(arms[unit] == "treatment") if unit in arms else None for unit in known["units"]]
    frame["stratum"], frame["cluster"] = known["strata"] or "", known["clusters"] or known["units"]
    strata, cluster = "stratum" if known["strata"] else None, "cluster" if known["clusters"] else None
    try:
        found = balance_table(frame[frame["treated"].notna()], covariates["names"], "treated", cluster, strata)
    except StatsError as refused:
        return {
            "rows": [],
            "joint": None,
            "refused": {"text": refused.message, "facts": {k: str(v) for k, v in refused.facts.items()}},
        }
    lines = found.table[list(BALANCE_COLUMNS)].to_dict("records")
    joint = found.joint and {"statistic": _plain(found.joint.statistic), "p_value": _plain(found.joint.p_value), "n": found.joint.n}
    return {"rows": [{str(name): _plain(value) for name, value in line.items()} for line in lines], "joint": joint, "refused": None}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return None if pd.isna(value) else round(float(value), 10)


def _give_places(db: Session, assignment: Assignment, members: Sequence[MemberLine], arms: Mapping[str, str]) -> None:
    """Move everyone to where they are now; out of the training first, so that their places are free for others."""
    replaced, (treatment, control) = find_replaced(db, assignment), get_cohorts_of(db, assignment)
    kept = {member.entrepreneur_id for member in members if member.study_id in arms}
    if replaced is not None:
        _move(db, assignment, [one for one in _placed_by(db, replaced) if one not in kept], "applied", None)
    for arm, cohort in ((control.arm, control), (treatment.arm, treatment)):
        own = [member for member in members if arms.get(member.study_id) == arm]
        queue = sorted(own, key=lambda member: (member.position or 0, member.study_id))
        _move(db, assignment, [member.entrepreneur_id for member in queue], STAGE_OF[arm], cohort)


def _placed_by(db: Session, replaced: Assignment) -> Sequence[int]:
    placed = select(AssignmentMember.entrepreneur_id).where(AssignmentMember.assignment_id == replaced.id)
    return db.scalars(placed.where(AssignmentMember.arm.is_not(None)).order_by(AssignmentMember.entrepreneur_id)).all()


def _move(db: Session, assignment: Assignment, people: Sequence[int], stage: str, cohort: Cohort | None) -> None:
    """Move people to a stage; who stands there already stays, and a step back says which assignment takes the place away."""
    enrolled = select(Enrolment).where(Enrolment.programme_id == assignment.programme_id, Enrolment.entrepreneur_id.in_(people))
    now_at = {one.entrepreneur_id: (one.stage, one.cohort_id) for one in db.scalars(enrolled)}
    there = (stage, cohort.id) if cohort else None
    moving = [one for one in people if now_at.get(one) != there and not (cohort is None and now_at.get(one, ("", 0))[0] == stage)]
    back = [one for one in moving if one in now_at and is_back(now_at[one][0], stage)]
    reason = "drawn" if assignment.kind == "randomised" else "decided"
    for some, why in ((back, "other"), ([one for one in moving if one not in back], reason)):
        if some:
            move_stage(db, assignment.programme_id, some, stage, today(), why, f"assignment {assignment.code}", cohort)


def _record(
    db: Session, assignment: Assignment, members: Sequence[MemberLine], arms: Mapping[str, str], known: Mapping[str, Any]
) -> dict[str, Any]:
    programme = db.get_one(Programme, assignment.programme_id)
    treatment, control = get_cohorts_of(db, assignment)
    replaced = find_replaced(db, assignment)
    eligible = [member for member in members if member.is_eligible]
    return {
        "programme": {
            "code": programme.code,
            "name": {"ko": programme.name_ko, "en": programme.name_en},
            "is_synthetic": programme.is_synthetic,
        },
        "cohorts": {"treatment": treatment.code, "control": control.code, "control_arm": control.arm},
        "pool": {
            "people": len(members),
            "eligible": len(eligible),
            "not_eligible": [[member.study_id, member.reason] for member in members if not member.is_eligible],
            "outcomes_seen": count_outcomes(db, assignment),
        },
        "replaces": replaced and {"code": replaced.code, "reason": assignment.replacement_reason},
        "arms": {study_id: arms[study_id] for study_id in sorted(arms)},
        "arms_sha256": sha256_of({study_id: arms[study_id] for study_id in sorted(arms)}),
        "decisions": [[member.study_id, member.arm, member.position, member.reason] for member in eligible]
        if assignment.kind == "decided"
        else None,
        "balance": compare_arms(known, arms),
        "covariates": known["covariates"] and {name: known["covariates"][name] for name in ("names", "labels", "missing")},
        "locked_by": actor_of(db).account,
    }
