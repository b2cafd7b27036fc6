"""Draw once: the seed, everyone's place, and the lock, in one transaction."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from evalapp.core.errors import AppError
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.training.assignment.choose_pool import pool_fingerprint, refuse_obstacles
from evalapp.training.assignment.design import COMPUTER, most_treated
from evalapp.training.assignment.edit_assignment import RefusedAssignment, hold_assignment, refuse_begun
from evalapp.training.assignment.lock_assignment import lock_assignment
from evalapp.training.assignment.queries import count_free_places, get_cohorts_of, get_procedure, list_members
from evalapp.training.assignment.stored_procedure import LARGEST_SEED, draw_arms, software
from evalapp.training.assignment.tables import Assignment


def draw_assignment(db: Session, assignment: Assignment, public_seed: int | None = None) -> None:
    """Draw who gets a place, and lock. Done at the same time by two people, one of them is refused.

    `public_seed` is the number that was agreed upon; without such an agreement the seed comes from the computer's own chance.
    """
    hold_assignment(db, assignment, "pool_frozen")
    if assignment.kind != "randomised" or assignment.procedure is None:
        raise AppError(Message("Say first how the places are to be drawn."))
    stored = get_procedure(assignment)
    if sha256_of(stored) != assignment.procedure_sha256:
        raise AppError(Message("The stored procedure is not the one that was designed. Design it anew."))
    refuse_begun(db, assignment)
    _refuse_changed_pool(db, assignment, set(stored["units"]))
    refuse_obstacles(db, assignment)
    free = count_free_places(db, assignment)
    if free is not None and most_treated(stored) > free:
        raise AppError(Message("The cohort has only %(free)s free places. Change the design.", free=free))
    control = get_cohorts_of(db, assignment)[1]
    seed = _seed(stored["seed_source"], public_seed)
    arms = {study_id: "treatment" if treated else control.arm for study_id, treated in draw_arms(stored, seed).items()}
    lock_assignment(db, assignment, arms, stored, seed=seed, software=software())


def _seed(source: str, public_seed: int | None) -> int:
    if source == COMPUTER:
        return secrets.randbelow(LARGEST_SEED) + 1
    if public_seed is None or not 0 < public_seed <= LARGEST_SEED:
        raise RefusedAssignment("seed", Message("Enter the number that was agreed upon, in digits, at most 18 of them."))
    return public_seed


def _refuse_changed_pool(db: Session, assignment: Assignment, units: set[str]) -> None:
    members = list_members(db, assignment)
    same = pool_fingerprint({member.study_id: member.is_eligible for member in members}) == assignment.pool_sha256
    if not same or {member.study_id for member in members if member.is_eligible} != units:
        raise AppError(
            Message("The pool is not the one that was frozen: somebody was erased, or two records became one. Freeze it anew.")
        )
