"""Move people from a stage of the training to another: all of a list, or with any obstacle nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.tables import Entrepreneur, Registration
from evalapp.training.cohorts.queries import count_places_taken
from evalapp.training.enrolments.check_moves import Mover, Wish, list_obstacles
from evalapp.training.enrolments.stages import BACK_REASONS, REASONS_FOR, WITH_A_PLACE, is_back
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.tables import Cohort, Enrolment

LONGEST_NOTE = 200


class RefusedMove(AppError):  # noqa: N818 - what it is, in words
    """A move that was refused; nobody was moved.

    `field` names what of the move itself is wrong; `people` says by study ID who is in the way and why; `is_full` that the cohort has
    too few places.
    """

    def __init__(
        self, message: Message, *, field: str = "", people: Mapping[str, Message] | None = None, is_full: bool = False
    ) -> None:
        super().__init__(message)
        self.field, self.people, self.is_full = field, people or {}, is_full


def move_stage(
    db: Session,
    programme_id: int,
    people: Sequence[int],
    to_stage: str,
    on: dt.date,
    reason: str,
    note: str = "",
    cohort: Cohort | None = None,
) -> int:
    """Move people, given by their keys, to a stage on a day, and return how many. The order of the list is that of a waiting list.

    Without a cohort they stay in theirs. Who is nowhere yet applies first, on the same day. Raises RefusedMove, which names everyone
    who cannot be moved and why.
    """
    wish = Wish(programme_id, to_stage, on, reason, _checked_note(note), cohort)
    _check_wish(wish)
    movers = _hold(db, wish, list(dict.fromkeys(people)))
    if obstacles := list_obstacles(db, wish, movers):
        message = Message("Nobody was moved. People who cannot be: %(count)s.", count=len(obstacles))
        raise RefusedMove(
            message, people={mover.study_id: obstacles[mover.person] for mover in movers if mover.person in obstacles}
        )
    _check_places(db, wish, movers)
    for mover in movers:
        _step(db, wish, mover)
    return len(movers)


def _checked_note(note: str) -> str:
    if not note.strip():
        return ""
    try:
        kept = check_reason(note)
    except AppError as refused:
        raise RefusedMove(refused.message, field="note") from None
    if len(kept) > LONGEST_NOTE:
        raise RefusedMove(
            Message(
                "The text has %(length)s characters; at most %(most)s are kept. Shorten it.", length=len(kept), most=LONGEST_NOTE
            ),
            field="note",
        )
    return kept


def _check_wish(wish: Wish) -> None:
    if wish.on > today():
        raise RefusedMove(Message("%(date)s lies in the future.", date=wish.on), field="stepped_on")
    if wish.reason not in (*REASONS_FOR[wish.to_stage], *BACK_REASONS):
        raise RefusedMove(Message("Choose a reason that fits the stage."), field="reason")
    if wish.cohort is not None and wish.cohort.programme_id != wish.programme_id:
        raise RefusedMove(Message("There is no such cohort."), field="cohort")


def _hold(db: Session, wish: Wish, people: Sequence[int]) -> list[Mover]:
    """Return the people as they stand. Nobody else moves them, or takes a place of the cohort, until this transaction ends."""
    registered = select(Registration.entrepreneur_id).where(
        Registration.programme_id == wish.programme_id, Registration.entrepreneur_id.in_(people)
    )
    known = set(db.scalars(registered.order_by(Registration.id).with_for_update()))
    names = dict(db.execute(select(Entrepreneur.id, Entrepreneur.study_id).where(Entrepreneur.id.in_(people))).all())
    if missing := [person for person in people if person not in known]:
        raise RefusedMove(Message("Not registered in this programme: %(count)s.", count=len(missing)), field="people")
    found = select(Enrolment).where(Enrolment.programme_id == wish.programme_id, Enrolment.entrepreneur_id.in_(people))
    enrolments = {row.entrepreneur_id: row for row in db.scalars(found.execution_options(populate_existing=True))}
    if wish.cohort is not None:
        held = select(Cohort).where(Cohort.id == wish.cohort.id).with_for_update()
        db.scalars(held.execution_options(populate_existing=True)).one()
    return [Mover(person, names[person], enrolments.get(person)) for person in people]


def _check_places(db: Session, wish: Wish, movers: Collection[Mover]) -> None:
    """Refuse more people than a cohort has places."""
    if wish.to_stage not in WITH_A_PLACE:
        return
    wanted: dict[int, int] = {}
    for mover in movers:
        target = wish.cohort_of(mover)
        if target is not None and not (mover.cohort_id == target and mover.stage in WITH_A_PLACE):
            wanted[target] = wanted.get(target, 0) + 1
    for cohort in db.scalars(select(Cohort).where(Cohort.id.in_(wanted)).order_by(Cohort.id).with_for_update()):
        free = None if cohort.capacity is None else max(0, cohort.capacity - count_places_taken(db, cohort.id))
        if free is not None and wanted[cohort.id] > free:
            facts = {"cohort": cohort.code, "capacity": cohort.capacity, "free": free, "wanted": wanted[cohort.id]}
            raise RefusedMove(
                Message(
                    "Cohort %(cohort)s has %(capacity)s places, of which %(free)s are free, and %(wanted)s people are to come in. "
                    "Nobody was moved. Choose fewer people, or put them on the waiting list.",
                    **facts,
                ),
                field="people",
                is_full=True,
            )


def _step(db: Session, wish: Wish, mover: Mover) -> None:
    before = {"stage": mover.stage, "cohort": mover.cohort_id}
    target, way = wish.cohort_of(mover), wish.way_of(mover)
    enrolment = mover.enrolment or Enrolment(programme_id=wish.programme_id, entrepreneur_id=mover.person, stage=way[0])
    stage = mover.stage
    for to_stage in way:
        is_last = to_stage == way[-1]
        reason = wish.reason if is_last or wish.to_stage == "declined" else "eligible"
        enrolment.cohort_id, enrolment.stage, enrolment.stage_on, enrolment.reason = target, to_stage, wish.on, reason
        db.add(enrolment)
        db.flush()
        db.add(
            EnrolmentStep(
                enrolment_id=enrolment.id,
                from_stage=stage,
                to_stage=to_stage,
                cohort_id=target,
                stepped_on=wish.on,
                reason=reason,
                note=wish.note if is_last else "",
                account=actor_of(db).account,
                recorded_at=now(),
            )
        )
        db.flush()
        stage = to_stage
    after = {
        "stage": wish.to_stage,
        "cohort": target,
        "on": wish.on,
        "way": "back" if is_back(mover.stage, wish.to_stage) else "on",
    }
    record_entry(
        db, "stage_moved", "enrolment", enrolment.id, subject=mover.study_id, before=before, after=after, reason=wish.reason
    )
