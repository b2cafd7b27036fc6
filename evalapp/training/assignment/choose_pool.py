"""Who can be chosen: people put into a pool, judged, and the pool frozen before anybody is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.cells import BadCell
from evalapp.core.cells import code as read_code
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.queries import resolve_people
from evalapp.training.assignment.edit_assignment import RefusedAssignment, hold_assignment
from evalapp.training.assignment.queries import Candidate, count_outcomes, list_candidates, list_members
from evalapp.training.assignment.tables import Assignment, AssignmentMember
from evalapp.training.assignment.words import OBSTACLE_WORDS

SMALLEST_POOL: Final = 4
LONGEST_CLUSTER: Final = 60
LONGEST_REASON: Final = 200
SHOWN: Final = 12


def add_people(db: Session, assignment: Assignment, people: Iterable[Candidate], clusters: Mapping[int, str] | None = None) -> int:
    """Put people into the pool; who is in it already stays as they are. Nobody with an obstacle is put in. Returns how many are new."""
    hold_assignment(db, assignment, "draft")
    there = set(db.scalars(select(AssignmentMember.entrepreneur_id).where(AssignmentMember.assignment_id == assignment.id)))
    new = [one for one in people if not one.obstacle and one.id not in there]
    groups = clusters or {}
    db.add_all(AssignmentMember(assignment_id=assignment.id, entrepreneur_id=one.id, cluster=groups.get(one.id, "")) for one in new)
    db.flush()
    if new:
        after = {"added": len(new), "people": len(there) + len(new)}
        record_entry(db, "assignment_pool_changed", "assignment", assignment.id, after=after)
    return len(new)


def add_listed(db: Session, assignment: Assignment, text: str) -> int:
    """Put people into the pool by a list of study IDs, one a line, each with its group after a comma where groups are drawn."""
    hold_assignment(db, assignment, "draft")
    lines = [line.replace("\t", ",").partition(",") for line in text.splitlines() if line.strip()]
    listed = {study_id.strip(): group.strip() for study_id, _, group in lines}
    _refuse_labels(listed)
    found = resolve_people(db, assignment.programme_id, listed)
    candidates = {one.id: one for one in list_candidates(db, assignment)}
    unknown = [study_id for study_id in listed if found.get(study_id) not in candidates]
    if unknown:
        raise RefusedAssignment("listed", Message("Not registered in this programme: %(ids)s.", ids=_some(unknown)))
    people = [candidates[found[study_id]] for study_id in listed]
    barred = [one for one in people if one.obstacle]
    if barred:
        raise RefusedAssignment("listed", Message("They cannot be in the pool: %(people)s. Leave them out.", people=_named(barred)))
    return add_people(db, assignment, people, {found[study_id]: group for study_id, group in listed.items()})


def judge_member(
    db: Session, assignment: Assignment, member: AssignmentMember, *, is_eligible: bool, reason: str = "", cluster: str = ""
) -> None:
    """Say whether someone of the pool can be chosen, and if not, why; and name the group they are drawn with."""
    hold_assignment(db, assignment, "draft")
    why = "" if is_eligible else check_member_reason(reason)
    _refuse_labels({"": cluster}, "cluster")
    before = {"is_eligible": member.is_eligible, "cluster": member.cluster}
    member.is_eligible, member.reason, member.cluster = is_eligible, why, cluster
    db.flush()
    after = {"is_eligible": is_eligible, "cluster": cluster}
    record_entry(db, "assignment_member_judged", "assignment", assignment.id, before=before, after=after, reason=why)


def check_member_reason(reason: str) -> str:
    """Return the reason for what becomes of one person, or raise RefusedAssignment."""
    try:
        why = check_reason(reason)
    except AppError as refused:
        raise RefusedAssignment("reason", refused.message) from None
    if len(why) > LONGEST_REASON:
        raise RefusedAssignment("reason", Message("A reason has at most %(most)s characters here.", most=LONGEST_REASON))
    return why


def remove_member(db: Session, assignment: Assignment, member: AssignmentMember) -> None:
    """Take someone out of the pool who was put in by mistake."""
    hold_assignment(db, assignment, "draft")
    db.delete(member)
    db.flush()
    record_entry(db, "assignment_pool_changed", "assignment", assignment.id, after={"removed": 1})


def freeze_pool(db: Session, assignment: Assignment) -> None:
    """Close the pool: from now on nobody is added, taken out or judged anew. Its fingerprint is kept."""
    hold_assignment(db, assignment, "draft")
    refuse_obstacles(db, assignment)
    members = list_members(db, assignment)
    eligible = sum(member.is_eligible for member in members)
    if eligible < SMALLEST_POOL:
        raise AppError(
            Message(
                "The pool has %(eligible)s people who can be chosen; at least %(least)s are needed.",
                eligible=eligible,
                least=SMALLEST_POOL,
            )
        )
    assignment.state, assignment.pool_frozen_at = "pool_frozen", now()
    assignment.pool_sha256 = pool_fingerprint({member.study_id: member.is_eligible for member in members})
    db.flush()
    after = {
        "people": len(members), "eligible": eligible, "sha256": assignment.pool_sha256, "outcomes_seen": count_outcomes(db, assignment),
    }  # fmt: skip
    record_entry(db, "assignment_pool_frozen", "assignment", assignment.id, after=after)


def thaw_pool(db: Session, assignment: Assignment, reason: str) -> None:
    """Open a frozen pool again, with the reason; the design goes with it."""
    why = check_reason(reason)
    hold_assignment(db, assignment, "pool_frozen")
    before = {"sha256": assignment.pool_sha256, "procedure_sha256": assignment.procedure_sha256}
    assignment.state, assignment.pool_sha256, assignment.pool_frozen_at = "draft", None, None
    assignment.method = assignment.procedure = assignment.procedure_sha256 = None
    for row in db.scalars(select(AssignmentMember).where(AssignmentMember.assignment_id == assignment.id)):
        row.stratum, row.position, row.arm = "", None, None
    db.flush()
    record_entry(db, "assignment_pool_opened", "assignment", assignment.id, before=before, reason=why)


def pool_fingerprint(judged: Mapping[str, bool]) -> str:
    """Return the SHA-256 of a pool: study IDs in their order, each with whether the person can be chosen."""
    return sha256_of([[study_id, judged[study_id]] for study_id in sorted(judged)])


def refuse_obstacles(db: Session, assignment: Assignment) -> None:
    """Refuse while somebody who can be chosen must not be: consent withdrawn since, gone, or placed elsewhere."""
    eligible = {member.entrepreneur_id for member in list_members(db, assignment) if member.is_eligible}
    barred = [one for one in list_candidates(db, assignment) if one.obstacle and one.id in eligible]
    if barred:
        raise AppError(
            Message(
                "They cannot be chosen any more: %(people)s. Mark them as not eligible, or take them out of the pool.",
                people=_named(barred),
            )
        )


def _refuse_labels(listed: Mapping[str, str], field: str = "listed") -> None:
    for group in listed.values():
        try:
            if group:
                read_code(group)
        except BadCell as bad:
            raise RefusedAssignment(field, bad.message) from None
        if len(group) > LONGEST_CLUSTER:
            raise RefusedAssignment(field, Message("A group's name has at most %(most)s characters.", most=LONGEST_CLUSTER))


def _some(words: list[str]) -> str:
    return ", ".join(words[:SHOWN]) + (", …" if len(words) > SHOWN else "")


def _named(people: Sequence[Candidate]) -> Message:
    """Say who has which obstacle, the first few by name."""
    said = [Message("%(id)s (%(why)s)", id=one.study_id, why=OBSTACLE_WORDS[one.obstacle]) for one in people[:SHOWN]]
    places = {f"p{number}": message for number, message in enumerate(said)}
    return Message(", ".join(f"%({place})s" for place in places) + (", …" if len(people) > SHOWN else ""), **places)
