"""An assignment for tests that try every address."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.training.assignment.tables import Assignment, AssignmentMember
from evalapp.training.tables import Cohort


def add_assignment_of(db: Session, programme: Programme, person: Entrepreneur) -> dict[str, Any]:
    """Begin an assignment of a programme's cohorts with one person in its pool."""
    trained = db.scalars(select(Cohort).where(Cohort.programme_id == programme.id, Cohort.arm == "treatment")).first()
    waiting = Cohort(programme_id=programme.id, code=f"wait-{programme.code}", arm="waitlist")
    db.add(waiting)
    db.flush()
    assignment = Assignment(
        programme_id=programme.id, code=f"as-{programme.code}", kind="randomised", state="draft", criteria="Everybody who applied.",
        treatment_cohort_id=trained.id, control_cohort_id=waiting.id, created_by="AC-SECOND", created_at=now(),
    )  # fmt: skip
    db.add(assignment)
    db.flush()
    db.add(AssignmentMember(assignment_id=assignment.id, entrepreneur_id=person.id))
    db.flush()
    return {"assignment": assignment.code}
