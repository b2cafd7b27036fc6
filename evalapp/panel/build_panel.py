"""Build a programme's panel: the whole roster by every wave, with answers where an approved submission stands.

The rows of people who did not answer are kept, empty, because response is measured against the roster and not against what came back.
People without a valid consent to the survey are counted and left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.panel.variables import BASELINE_CHARACTERISTICS, VARIABLES, derive_variables
from evalapp.people.consents.queries import consenting_people
from evalapp.people.tables import Entrepreneur, Programme, Registration
from evalapp.surveys.review.corrections.apply_corrections import cleaned_answers
from evalapp.surveys.review.lock_wave import list_unlocked_waves
from evalapp.surveys.tables import Submission, Wave
from evalapp.training.enrolments.minutes import list_minutes
from evalapp.training.tables import Attendance, Cohort, Enrolment, TrainingSession

KEYS = ("study_id", "round", "wave", "survey_year", "arm", "cohort", "first_treated", "attended_share", "completed", "state")
OUTSIDE_A_COHORT = ("applied", "declined")


@dataclass(frozen=True)
class Panel:
    """A built panel.

    Attributes
    ----------
    frame
        One row an entrepreneur and wave, sorted by both: `KEYS`, then one float column for each of `VARIABLES` that holds any answer.
        `first_treated` is the first round after the cohort's training began (0 for people who are never trained); `state` is
        `approved`, another state of a submission, or `missing`.
    flow
        Counts that the rows do not hold: people `registered`, with `no_consent`, with `no_cohort`; and for each cohort
        `sessions_held:CODE` and `planned_minutes:CODE` of those sessions.
    unlocked_waves
        Codes of the waves that may still change: the panel of tomorrow may be another. A thawed panel does not know them.
    """

    frame: pd.DataFrame
    flow: Mapping[str, int]
    unlocked_waves: tuple[str, ...] = ()


def build_panel(db: Session, programme: Programme) -> Panel:
    """Return the panel of a programme as its data stand now; refuses a programme without waves or without anyone to analyse."""
    waves = _frame(
        db, select(Wave.id.label("wave_id"), Wave.round, Wave.code.label("wave"), Wave.survey_year, Wave.opens_on), Wave, programme
    )
    roster, flow = _roster(db, programme)
    if waves.empty or roster.empty:
        raise AppError(Message("The programme has no waves, or nobody with consent in a cohort: there is no panel to build."))
    roster["first_treated"] = [
        _first_treated(start, arm, waves) for start, arm in zip(roster["starts_on"], roster["arm"], strict=True)
    ]
    roster = roster.merge(_attended(db, programme), how="left", on="entrepreneur_id")
    roster["completed"] = _completed(roster)
    grid = roster.merge(waves, how="cross").merge(_submissions(db, programme), how="left", on=["entrepreneur_id", "wave_id"])
    grid["state"] = grid["state"].fillna("missing")
    derived = derive_variables(grid.join(_answers(db, programme), on="submission_id"))
    grid[list(derived.columns)] = derived
    grid = _carry_characteristics(grid.sort_values(["study_id", "round"], ignore_index=True))
    answered = [name for name in VARIABLES if grid[name].notna().any()]
    flow |= _sessions_held(db, programme)
    return Panel(frame=grid[[*KEYS, *answered]], flow=flow, unlocked_waves=list_unlocked_waves(db, programme.id))


def _frame(db: Session, query: object, table: type, programme: Programme) -> pd.DataFrame:
    result = db.execute(query.where(table.programme_id == programme.id))  # type: ignore[attr-defined]
    return pd.DataFrame(result.all(), columns=list(result.keys()))


def _roster(db: Session, programme: Programme) -> tuple[pd.DataFrame, dict[str, int]]:
    registered = _frame(
        db,
        select(Entrepreneur.id.label("entrepreneur_id"), Entrepreneur.study_id).join(Registration),
        Registration,
        programme,
    )
    enrolled = _frame(
        db,
        select(Enrolment.entrepreneur_id, Cohort.code.label("cohort"), Cohort.arm, Cohort.starts_on, Cohort.completion_share)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.stage.not_in(OUTSIDE_A_COHORT), or_(Enrolment.stage != "waitlisted", Cohort.arm != "treatment")),
        Enrolment,
        programme,
    )
    may_be_used = db.scalars(consenting_people(programme.id, "survey", today())).all()
    consenting = registered[registered["entrepreneur_id"].isin(may_be_used)]
    roster = consenting.merge(enrolled, on="entrepreneur_id")
    flow = {
        "registered": len(registered),
        "no_consent": len(registered) - len(consenting),
        "no_cohort": len(consenting) - len(roster),
    }
    return roster, flow


def _first_treated(starts_on: object, arm: str, waves: pd.DataFrame) -> int:
    if arm != "treatment":
        return 0
    after = waves.loc[waves["opens_on"] >= starts_on, "round"]
    return int(after.min()) if len(after) else int(waves["round"].max()) + 1


def _attended(db: Session, programme: Programme) -> pd.DataFrame:
    """Return the share of the minutes held that people were there for, of everyone with an attendance record in their own cohort."""
    recorded = (
        select(Cohort, Enrolment.entrepreneur_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .join(TrainingSession, TrainingSession.cohort_id == Cohort.id)
        .join(
            Attendance,
            (Attendance.session_id == TrainingSession.id) & (Attendance.entrepreneur_id == Enrolment.entrepreneur_id),
        )
        .where(Cohort.programme_id == programme.id, TrainingSession.state == "held")
        .distinct()
    )
    people: dict[Cohort, list[int]] = {}
    for cohort, person in db.execute(recorded):
        people.setdefault(cohort, []).append(person)
    minutes = {person: found for cohort, theirs in people.items() for person, found in list_minutes(db, cohort, theirs).items()}
    shares = {person: found.share for person, found in minutes.items()}
    return pd.DataFrame({"entrepreneur_id": list(shares), "attended_share": pd.Series(list(shares.values()), dtype=float)})


def _sessions_held(db: Session, programme: Programme) -> dict[str, int]:
    """Count what was held; a session that made up for a held one brought nothing that was not counted already."""
    missed = aliased(TrainingSession)
    result = db.execute(
        select(Cohort.code, func.count(), func.sum(TrainingSession.planned_minutes))
        .join(Cohort, TrainingSession.cohort_id == Cohort.id)
        .outerjoin(missed, (missed.id == TrainingSession.make_up_of_id) & (missed.state == "held"))
        .where(Cohort.programme_id == programme.id, TrainingSession.state == "held", missed.id.is_(None))
        .group_by(Cohort.code)
        .order_by(Cohort.code)
    )
    counts: dict[str, int] = {}
    for code, sessions, minutes in result:
        counts |= {f"sessions_held:{code}": sessions, f"planned_minutes:{code}": int(minutes)}
    return counts


def _completed(roster: pd.DataFrame) -> pd.Series:
    done = (roster["attended_share"] >= roster["completion_share"]).astype(float)
    return done.where(roster["attended_share"].notna(), np.nan)


def _submissions(db: Session, programme: Programme) -> pd.DataFrame:
    query = select(Submission.id.label("submission_id"), Submission.entrepreneur_id, Submission.wave_id, Submission.state)
    return _frame(db, query.join(Wave, Submission.wave_id == Wave.id), Wave, programme)


def _answers(db: Session, programme: Programme) -> pd.DataFrame:
    """Return the answers of approved submissions as corrected, a row a submission and a column a question asked once."""
    approved = select(Submission.id).join(Wave, Submission.wave_id == Wave.id)
    here = approved.where(Wave.programme_id == programme.id, Submission.state == "approved")
    long = [
        (submission, place.variable, text)
        for submission, answers in cleaned_answers(db, here).items()
        for place, text in answers.items()
        if not place.repeat_path
    ]
    frame = pd.DataFrame(long, columns=["submission_id", "variable", "text"])
    return frame.pivot(index="submission_id", columns="variable", values="text")


def _carry_characteristics(grid: pd.DataFrame) -> pd.DataFrame:
    """Give every row the characteristics its person had when they were first asked."""
    held = [name for name in BASELINE_CHARACTERISTICS if grid[name].notna().any()]
    grid[held] = grid.groupby("study_id")[held].transform("first")
    return grid
