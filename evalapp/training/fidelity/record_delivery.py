"""Write down what a session delivered: its checklist, its materials, and who handed in the homework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_phone_number, holds_resident_number
from evalapp.core.language import Message
from evalapp.training.attendance.check_marking import Permit, check_marking, lock_session
from evalapp.training.attendance.queries import list_roster
from evalapp.training.fidelity.queries import ChecklistLine, get_checklist, get_homework, state_of_delivery
from evalapp.training.fidelity.tables import ADAPTATIONS, ChecklistMark, Homework
from evalapp.training.tables import TrainingSession

LONGEST_REASON, LONGEST_VERSION = 200, 40
LEFT_OUT = "left_out"
CHANGES = tuple(kind for kind in ADAPTATIONS if kind != LEFT_OUT)


@dataclass(frozen=True)
class ItemMark:
    """Whether an item was delivered; one that was left out, or delivered otherwise than planned, has a reason."""

    was_delivered: bool
    adaptation: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Delivery:
    """What somebody says of a session: marks by an item's code, homework by the number of a place on the roster.

    Without any mark the checklist stays as it is. Homework of None takes back what was said; who is not named stays.
    """

    marks: Mapping[str, ItemMark] = field(default_factory=dict)
    materials: str = ""
    homework: Mapping[int, bool | None] = field(default_factory=dict)


class RefusedDelivery(AppError):  # noqa: N818 - what it is, in words
    """What was said was refused, each item by its code with a message; nothing was written."""

    def __init__(self, faults: Mapping[str, Message]) -> None:
        self.faults = dict(faults)
        super().__init__(next(iter(self.faults.values())))


class SavedMeanwhile(AppError):  # noqa: N818 - read as a sentence where it is raised
    """Somebody else saved the same session since it was looked at."""


def record_delivery(db: Session, session: TrainingSession, said: Delivery, seen: str, permit: Permit | None = None) -> bool:
    """Record a delivery and return whether anything changed. `seen` is the state that the one who writes has looked at."""
    lock_session(db, session)
    reason = check_marking(session, permit or Permit())
    lines = get_checklist(db, session)
    faults = _faults(lines, said)
    if faults:
        raise RefusedDelivery(faults)
    before = state_of_delivery(db, session)
    wanted = [(line, said.marks[line.item.code]) for line in lines] if said.marks else []
    if seen != before and _would_change(db, session, wanted, said):
        raise SavedMeanwhile(
            Message("Somebody else saved this page meanwhile. It shows what they saved; enter yours again where it differs.")
        )
    _write_marks(db, session, wanted)
    session.materials_version = said.materials
    _write_homework(db, session, said.homework)
    db.flush()
    if state_of_delivery(db, session) == before:
        return False
    facts = {"items": len(wanted), "delivered": sum(mark.was_delivered for _, mark in wanted), "homework": len(said.homework)}
    record_entry(db, "delivery_recorded", "session", session.id, after=facts, reason=reason)
    return True


def _would_change(db: Session, session: TrainingSession, wanted: list[tuple[ChecklistLine, ItemMark]], said: Delivery) -> bool:
    """Say whether anything differs from what is stored, so that a form sent twice is not taken for a contradiction."""
    people = {place.number: place.entrepreneur_id for place in list_roster(db, session)}
    known = get_homework(db, session)
    homework = any(known.get(people[number]) != given for number, given in said.homework.items() if number in people)
    return homework or said.materials != session.materials_version or any(_stored(line) != mark for line, mark in wanted)


def _stored(line: ChecklistLine) -> ItemMark | None:
    return ItemMark(line.mark.was_delivered, line.mark.adaptation, line.mark.reason) if line.mark else None


def _faults(lines: list[ChecklistLine], said: Delivery) -> dict[str, Message]:
    faults = {}
    for line in lines if said.marks else ():
        mark = said.marks.get(line.item.code)
        fault = Message("Say whether it was delivered.") if mark is None else _fault(mark)
        if fault:
            faults[line.item.code] = fault
    if len(said.materials) > LONGEST_VERSION:
        faults["materials"] = Message("At most %(most)s characters are kept. Shorten it.", most=LONGEST_VERSION)
    return faults


def _fault(mark: ItemMark) -> Message | None:
    if mark.was_delivered and mark.adaptation is None:
        return None
    if mark.adaptation not in (CHANGES if mark.was_delivered else (LEFT_OUT,)):
        return Message("Choose how it was changed.")
    if not mark.reason:
        return Message("Say in a few words why.")
    if len(mark.reason) > LONGEST_REASON:
        return Message("At most %(most)s characters are kept. Shorten it.", most=LONGEST_REASON)
    if holds_resident_number(mark.reason) or holds_phone_number(mark.reason) or "@" in mark.reason:
        return Message("This must not hold a number or an address of a person. Say only what happened.")
    return None


def _write_marks(db: Session, session: TrainingSession, wanted: list[tuple[ChecklistLine, ItemMark]]) -> None:
    for line, mark in wanted:
        if _stored(line) == mark:
            continue
        row = line.mark or ChecklistMark(session_id=session.id, item_id=line.item.id)
        row.was_delivered, row.adaptation, row.reason = mark.was_delivered, mark.adaptation, mark.reason
        row.account, row.marked_at = actor_of(db).account, now()
        db.add(row)


def _write_homework(db: Session, session: TrainingSession, homework: Mapping[int, bool | None]) -> None:
    known = get_homework(db, session)
    for place in list_roster(db, session):
        given = homework.get(place.number, known.get(place.entrepreneur_id))
        if given == known.get(place.entrepreneur_id):
            continue
        theirs = Homework.session_id == session.id, Homework.entrepreneur_id == place.entrepreneur_id
        if given is None:
            db.execute(delete(Homework).where(*theirs))
            continue
        row = db.scalar(select(Homework).where(*theirs)) or Homework(session_id=session.id, entrepreneur_id=place.entrepreneur_id)
        row.was_handed_in, row.account, row.marked_at = given, actor_of(db).account, now()
        db.add(row)
