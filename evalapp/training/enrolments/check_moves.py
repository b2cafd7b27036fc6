"""What stands in the way of moving each of some people to a stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.language import Message
from evalapp.people.records.queries import list_kept
from evalapp.people.tables import Entrepreneur
from evalapp.people.words import PURPOSES
from evalapp.training.enrolments.minutes import count_sessions_left, list_minutes, percent
from evalapp.training.enrolments.queries import list_waiting, list_without_consent, people_who_left
from evalapp.training.enrolments.stages import (
    BACK_REASONS,
    CHOSEN_OTHERWISE,
    IN_TRAINING,
    REASONS_FOR,
    TRANSFERABLE,
    WITH_A_PLACE,
    find_way,
    is_back,
)
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.enrolments.words import STAGES
from evalapp.training.tables import ATTENDED, Attendance, Cohort, Enrolment, TrainingSession

Obstacles = dict[int, Message]
ENDINGS = ("declined", "completed", "withdrawn")


@dataclass(frozen=True)
class Mover:
    """One person to be moved, with where they stand; the enrolment is None before they applied."""

    person: int
    study_id: str
    enrolment: Enrolment | None

    @property
    def stage(self) -> str | None:
        """The stage now."""
        return self.enrolment.stage if self.enrolment else None

    @property
    def cohort_id(self) -> int | None:
        """The cohort now."""
        return self.enrolment.cohort_id if self.enrolment else None


@dataclass(frozen=True)
class Wish:
    """The move that is asked for. Without a cohort everyone stays in theirs."""

    programme_id: int
    to_stage: str
    on: dt.date
    reason: str
    note: str
    cohort: Cohort | None

    def cohort_of(self, mover: Mover) -> int | None:
        """Return the cohort someone would be in; once the training has begun, or is over for them, it is the one they are in."""
        return self.cohort.id if self.cohort is not None and self.to_stage in TRANSFERABLE else mover.cohort_id

    def way_of(self, mover: Mover) -> tuple[str, ...]:
        """Return the stages someone would step through."""
        return find_way(mover.stage, self.to_stage, to_other_cohort=self.cohort_of(mover) != mover.cohort_id)


def list_obstacles(db: Session, wish: Wish, movers: Sequence[Mover]) -> Obstacles:
    """Return why people cannot be moved, by person; who can be is left out. Of several obstacles the first is named."""
    found: Obstacles = {}
    for obstacles in (
        _wrong_way(wish, movers),
        _gone(db, wish, movers),
        _too_early(db, wish, movers),
        _wrong_cohort(db, wish, movers),
        _without_consent(db, wish, movers),
        _rule_missed(db, wish, movers),
        _out_of_turn(db, wish, movers),
    ):
        found = {**obstacles, **found}
    return found


def _wrong_way(wish: Wish, movers: Sequence[Mover]) -> Obstacles:
    found: Obstacles = {}
    for mover in movers:
        facts = {"stage": STAGES[mover.stage] if mover.stage else Message("has not applied"), "to": STAGES[wish.to_stage]}
        back = is_back(mover.stage, wish.to_stage)
        if not wish.way_of(mover):
            found[mover.person] = Message("Now: %(stage)s. No step leads from there to: %(to)s.", **facts)
        elif back and (wish.reason not in BACK_REASONS or not wish.note):
            found[mover.person] = Message(
                "Now: %(stage)s. Going back to “%(to)s” needs a reason for going back, and a note that says what happened.", **facts
            )
        elif not back and wish.reason not in REASONS_FOR[wish.to_stage]:
            found[mover.person] = Message("Now: %(stage)s. The reason is one for going back, and this is a step forward.", **facts)
    return found


def _gone(db: Session, wish: Wish, movers: Sequence[Mover]) -> Obstacles:
    people = [mover.person for mover in movers]
    merged = list_kept(db, people)
    left = set() if wish.to_stage in ENDINGS else set(db.scalars(people_who_left(wish.programme_id)))
    found = {person: Message("Left the programme. Take the exit back first.") for person in people if person in left}
    return found | {
        person: Message("This record was merged into another. Use the one that is kept.") for person in people if person in merged
    }


def _too_early(db: Session, wish: Wish, movers: Sequence[Mover]) -> Obstacles:
    keys = [mover.enrolment.id for mover in movers if mover.enrolment]
    latest = select(EnrolmentStep.enrolment_id, func.max(EnrolmentStep.stepped_on)).where(EnrolmentStep.enrolment_id.in_(keys))
    days = dict(db.execute(latest.group_by(EnrolmentStep.enrolment_id)).all())
    found = {}
    for mover in movers:
        before = days.get(mover.enrolment.id) if mover.enrolment else None
        if before and wish.on < before:
            found[mover.person] = Message("The step before was on %(before)s; this one cannot be earlier.", before=before)
    return found


def _wrong_cohort(db: Session, wish: Wish, movers: Sequence[Mover]) -> Obstacles:
    """Demand a cohort for a place, one with training for training, and no way out of a cohort where somebody has been."""
    arms = {key: arm for key, arm in db.execute(select(Cohort.id, Cohort.arm).where(Cohort.programme_id == wish.programme_id))}  # noqa: C416 - typed pairs out of rows
    came = _came(db, wish, movers)
    found = {}
    for mover in movers:
        target = wish.cohort_of(mover)
        if target is None and wish.to_stage in WITH_A_PLACE:
            found[mover.person] = Message("Is in no cohort yet. Choose one.")
        elif target is not None and wish.to_stage in IN_TRAINING and arms[target] != "treatment":
            found[mover.person] = Message("The cohort has no training.")
        elif mover.cohort_id not in (None, target) and (mover.stage in IN_TRAINING or mover.person in came):
            found[mover.person] = Message("Has been to sessions of another cohort, and stays in it.")
    return found


def _came(db: Session, wish: Wish, movers: Sequence[Mover]) -> set[int]:
    of_programme = (
        select(TrainingSession.id)
        .join(Cohort, Cohort.id == TrainingSession.cohort_id)
        .where(Cohort.programme_id == wish.programme_id)
    )
    marks = select(Attendance.entrepreneur_id).where(
        Attendance.session_id.in_(of_programme),
        Attendance.status.in_(ATTENDED),
        Attendance.entrepreneur_id.in_([mover.person for mover in movers]),
    )
    return set(db.scalars(marks))


def _without_consent(db: Session, wish: Wish, movers: Sequence[Mover]) -> Obstacles:
    if wish.to_stage != "active":
        return {}
    lacking = list_without_consent(db, wish.programme_id, [mover.person for mover in movers], wish.on, today())
    message = Message("The consent “%(purpose)s” is missing or no longer holds. Record it first.", purpose=PURPOSES["training"])
    return dict.fromkeys(lacking, message)


def _rule_missed(db: Session, wish: Wish, movers: Sequence[Mover]) -> Obstacles:
    """Hold the rule that was fixed before the training: nobody completes who was not there for its share of the minutes."""
    if wish.to_stage != "completed":
        return {}
    found: Obstacles = {}
    for cohort in db.scalars(select(Cohort).where(Cohort.id.in_({wish.cohort_of(mover) for mover in movers}))):
        people = [mover.person for mover in movers if wish.cohort_of(mover) == cohort.id]
        if left := count_sessions_left(db, cohort):
            found |= dict.fromkeys(people, Message("Sessions of the cohort that are still to come: %(count)s.", count=left))
        elif cohort.ends_on and wish.on < cohort.ends_on:
            found |= dict.fromkeys(people, Message("The training goes on until %(date)s.", date=cohort.ends_on))
        for person, minutes in list_minutes(db, cohort, people).items():
            if not minutes.meets(cohort.completion_share):
                facts = {"share": percent(minutes.share or 0), "rule": percent(cohort.completion_share)}
                found.setdefault(
                    person, Message("Was there for %(share)s %% of the minutes; the rule asks for %(rule)s %%.", **facts)
                )
    return found


def _out_of_turn(db: Session, wish: Wish, movers: Sequence[Mover]) -> Obstacles:
    """Keep the order of the waiting list: who passes others over says why, unless a lot or a written decision chose."""
    if wish.to_stage != "enrolled" or wish.note or wish.reason in CHOSEN_OTHERWISE:
        return {}
    waiting = [mover for mover in movers if mover.stage == "waitlisted"]
    found: Obstacles = {}
    for cohort_id in {mover.cohort_id for mover in waiting}:
        order = list_waiting(db, wish.programme_id, cohort_id)
        chosen = {mover.person for mover in waiting if mover.cohort_id == cohort_id}
        first = next((person for person in order if person not in chosen), None)
        if first is not None:
            name = db.get_one(Entrepreneur, first).study_id
            message = Message(
                "%(first)s is before on the waiting list. Take the first ones first, or say in the note why not.", first=name
            )
            found |= {person: message for person in order[order.index(first) :] if person in chosen}
    return found
