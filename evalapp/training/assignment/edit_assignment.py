"""Begin an assignment, change what is said of it, drop it; begin another one instead of one that has to be repeated."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_phone_number, holds_resident_number
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.tables import Programme
from evalapp.training.assignment.tables import KINDS, Assignment, AssignmentMember
from evalapp.training.tables import Cohort, TrainingSession

CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,19}")
RESERVED: Final = frozenset({"new"})  # the address of another page
SHORTEST_CRITERIA, LONGEST_CRITERIA = 30, 1000


class RefusedAssignment(AppError):  # noqa: N818 - what it is, in words
    """One thing wrong with an assignment: the field and the message."""

    def __init__(self, field: str, message: Message) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True)
class AssignmentDetails:
    """An assignment as people describe it: by lot or decided, who can be chosen, and the codes of the two cohorts."""

    kind: str
    criteria: str
    treatment_cohort: str
    control_cohort: str


def add_assignment(
    db: Session, programme: Programme, code: str, details: AssignmentDetails, replaces: Assignment | None = None, reason: str = ""
) -> Assignment:
    """Begin an assignment, or raise RefusedAssignment.

    One that `replaces` a locked one says why, and begins with the people of that one in its pool.
    """
    if not CODE.fullmatch(code) or code in RESERVED:
        raise RefusedAssignment(
            "code", Message("A code has up to 20 small Latin letters, digits, hyphens or underscores, and is not “new”.")
        )
    if db.scalar(select(Assignment.id).where(Assignment.programme_id == programme.id, Assignment.code == code)):
        raise RefusedAssignment("code", Message("There is an assignment with this code already."))
    why = _check_replacement(db, replaces, reason) if replaces else ""
    assignment = Assignment(
        programme_id=programme.id,
        code=code,
        state="draft",
        created_by=actor_of(db).account,
        created_at=now(),
        replacement_reason=why,
        **_columns(db, programme.id, details, replaces),
    )
    db.add(assignment)
    db.flush()
    after = {"programme": programme.code, "code": code, **asdict(details)}
    if replaces:
        replaces.replaced_by_id = assignment.id
        db.flush()
        _copy_pool(db, replaces, assignment)
        after["replaces"] = replaces.code
    record_entry(db, "assignment_begun", "assignment", assignment.id, after=after, reason=why)
    return assignment


def edit_assignment(db: Session, assignment: Assignment, details: AssignmentDetails) -> None:
    """Change what is said of an assignment while its pool is open."""
    hold_assignment(db, assignment, "draft")
    before = {name: getattr(assignment, name) for name in ("kind", "criteria", "treatment_cohort_id", "control_cohort_id")}
    wanted = _columns(db, assignment.programme_id, details, find_replaced(db, assignment))
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    for name, value in changed.items():
        setattr(assignment, name, value)
    db.flush()
    if changed:
        old = {name: before[name] for name in changed}
        record_entry(db, "assignment_changed", "assignment", assignment.id, before=old, after=changed)


def drop_assignment(db: Session, assignment: Assignment, reason: str) -> None:
    """Take an assignment away that is not locked."""
    why = check_reason(reason)
    hold_assignment(db, assignment, "draft", "pool_frozen")
    replaced = find_replaced(db, assignment)
    if replaced:
        replaced.replaced_by_id = None
        db.flush()
    before = {"code": assignment.code, "kind": assignment.kind, "state": assignment.state, "pool_sha256": assignment.pool_sha256}
    db.execute(delete(AssignmentMember).where(AssignmentMember.assignment_id == assignment.id))
    db.delete(assignment)
    db.flush()
    record_entry(db, "assignment_dropped", "assignment", assignment.id, before=before, reason=why)


def hold_assignment(db: Session, assignment: Assignment, *states: str) -> None:
    """Keep an assignment from being changed by others, and refuse to go on unless it is in one of some states."""
    fresh = select(Assignment).where(Assignment.id == assignment.id).with_for_update().execution_options(populate_existing=True)
    found = db.scalar(fresh)
    if found is None:
        raise AppError(Message("This assignment was dropped meanwhile."))
    if found.state == "locked" and "locked" not in states:
        raise AppError(Message("This assignment is locked: nothing in it can be changed or deleted."))
    if found.state not in states:
        raise AppError(Message("The assignment has changed meanwhile. Open its page again."))


def find_replaced(db: Session, assignment: Assignment) -> Assignment | None:
    """Return the assignment that this one is to replace, or None."""
    return db.scalar(select(Assignment).where(Assignment.replaced_by_id == assignment.id))


def count_held_sessions(db: Session, cohort_id: int | None) -> int:
    """Return how many sessions a cohort has had."""
    held = select(func.count()).where(TrainingSession.cohort_id == cohort_id, TrainingSession.state == "held")
    return db.scalar(held) or 0


def refuse_begun(db: Session, assignment: Assignment) -> None:
    """Refuse where the cohort's training has begun, or where another assignment fills the same cohort."""
    cohort = db.scalars(select(Cohort).where(Cohort.id == assignment.treatment_cohort_id).with_for_update()).one()
    _refuse_cohort(db, cohort, find_replaced(db, assignment))


def _check_replacement(db: Session, replaced: Assignment, reason: str) -> str:
    try:
        why = check_reason(reason)
    except AppError as refused:
        raise RefusedAssignment("reason", refused.message) from None
    hold_assignment(db, replaced, "locked")
    if replaced.replaced_by_id is not None:
        raise RefusedAssignment("code", Message("Another assignment was begun instead of this one already."))
    if count_held_sessions(db, replaced.treatment_cohort_id):
        raise RefusedAssignment("code", Message("Sessions were held already: the assignment stands and cannot be repeated."))
    return why


def _columns(db: Session, programme_id: int, details: AssignmentDetails, replaced: Assignment | None) -> dict[str, object]:
    if details.kind not in KINDS:
        raise KeyError(details.kind)
    cohorts = {cohort.code: cohort for cohort in db.scalars(select(Cohort).where(Cohort.programme_id == programme_id))}
    treatment, control = cohorts.get(details.treatment_cohort), cohorts.get(details.control_cohort)
    if treatment is None or treatment.arm != "treatment":
        raise RefusedAssignment("treatment_cohort", Message("Choose a cohort that is trained."))
    if control is None or control.arm == "treatment":
        raise RefusedAssignment("control_cohort", Message("Choose a waitlist or a comparison group."))
    _refuse_cohort(db, treatment, replaced)
    return {
        "kind": details.kind,
        "criteria": _check_criteria(details.criteria),
        "treatment_cohort_id": treatment.id,
        "control_cohort_id": control.id,
    }


def _refuse_cohort(db: Session, cohort: Cohort, replaced: Assignment | None) -> None:
    if count_held_sessions(db, cohort.id):
        raise RefusedAssignment("treatment_cohort", Message("Sessions of this cohort were held already. Places are given before."))
    repeated = select(Assignment.id).where(Assignment.replaced_by_id.in_(select(Assignment.id).where(Assignment.state == "locked")))
    standing = select(Assignment.code).where(
        Assignment.treatment_cohort_id == cohort.id, Assignment.state == "locked", Assignment.id.not_in(repeated)
    )
    other = db.scalar(standing.where(Assignment.id != replaced.id) if replaced else standing)
    if other:
        raise RefusedAssignment(
            "treatment_cohort",
            Message("Assignment %(code)s gave this cohort's places already. Repeat that one, with a reason.", code=other),
        )


def _check_criteria(text: str) -> str:
    criteria = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if not SHORTEST_CRITERIA <= len(criteria) <= LONGEST_CRITERIA:
        raise RefusedAssignment(
            "criteria",
            Message(
                "Write down who can be chosen, in %(least)s to %(most)s characters.", least=SHORTEST_CRITERIA, most=LONGEST_CRITERIA
            ),
        )
    if holds_resident_number(criteria) or holds_phone_number(criteria) or "@" in criteria:
        raise RefusedAssignment("criteria", Message("The criteria must not hold a number or an address of a person."))
    return criteria


def _copy_pool(db: Session, old: Assignment, new: Assignment) -> None:
    members = db.scalars(select(AssignmentMember).where(AssignmentMember.assignment_id == old.id)).all()
    kept = ("entrepreneur_id", "is_eligible", "reason", "cluster")
    db.add_all(AssignmentMember(assignment_id=new.id, **{name: getattr(member, name) for name in kept}) for member in members)
    db.flush()
