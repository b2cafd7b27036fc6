"""Read what a release is made from: a frozen panel's rows of those who agreed to sharing, with the answers behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import SEOUL, today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.panel.freeze_panel import thaw_panel
from evalapp.panel.microdata.classify_variables import Variable, classify_variables
from evalapp.panel.tables import PanelSnapshot
from evalapp.panel.variables import BASELINE_CHARACTERISTICS, VARIABLES, derive_variables
from evalapp.people.consents.queries import consenting_people
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.surveys.imports.reading.form_variables import Variable as FormVariable
from evalapp.surveys.imports.reading.form_variables import get_form_variables
from evalapp.surveys.review.corrections.apply_corrections import cleaned_answers
from evalapp.surveys.tables import Submission, Wave

# No name of a question has a space, so that none is taken for these.
DAY, ANSWERED = "day of answers", " (answered)"
TOLERANCE = 1e-9  # a number may lose its last digit on its way through a text file


@dataclass(frozen=True)
class SourceRows:
    """The rows of a panel that may leave, a row a person and wave: `study_id`, `wave`, the panel's columns, the answers by question.

    `DAY` is the day of the answers; it never leaves. `without_consent` counts the people of the panel who are not in it.
    """

    frame: pd.DataFrame
    variables: tuple[Variable, ...]
    without_consent: int


def read_rows(db: Session, programme: Programme, snapshot: PanelSnapshot) -> SourceRows:
    """Return the rows of people whose consent to sharing is in force today, and who have not taken back the one to the survey.

    Refuses a panel behind which the answers have changed: what leaves must be what was frozen.
    """
    panel = thaw_panel(snapshot).frame
    shared = panel[panel["study_id"].isin(_sharing_people(db, programme))].reset_index(drop=True)
    rows = shared.merge(_answers(db, programme), how="left", on=["study_id", "wave"], suffixes=("", ANSWERED))
    rows.loc[rows["state"] != "approved", [name for name in rows.columns if name not in panel.columns]] = None
    _demand_unchanged(rows, panel)
    variables = classify_variables(list(panel.columns), _forms(db, programme))
    return SourceRows(rows, variables, panel["study_id"].nunique() - shared["study_id"].nunique())


def _sharing_people(db: Session, programme: Programme) -> set[str]:
    sharing = consenting_people(programme.id, "sharing", today())
    surveyed = consenting_people(programme.id, "survey", today(), expired_too=True)
    return set(db.scalars(select(Entrepreneur.study_id).where(Entrepreneur.id.in_(sharing), Entrepreneur.id.in_(surveyed))))


def _answers(db: Session, programme: Programme) -> pd.DataFrame:
    """Return the approved answers of a programme: study ID, wave, day, then a column a question asked once."""
    approved = (
        select(Submission.id, Entrepreneur.study_id, Wave.code, Submission.answered_on, Submission.received_at)
        .join(Wave, Submission.wave_id == Wave.id)
        .join(Entrepreneur, Submission.entrepreneur_id == Entrepreneur.id)
        .where(Wave.programme_id == programme.id, Submission.state == "approved")
    )
    found = db.execute(approved).all()
    answers = cleaned_answers(db, [submission for submission, *_ in found])
    records = [
        {
            **{place.variable: text for place, text in answers.get(submission, {}).items() if not place.repeat_path},
            "study_id": study_id,
            "wave": wave,
            DAY: answered_on or received_at.astimezone(SEOUL).date(),
        }
        for submission, study_id, wave, answered_on, received_at in found
    ]
    return pd.DataFrame(records, columns=None if records else ["study_id", "wave", DAY])


def _forms(db: Session, programme: Programme) -> list[Mapping[str, FormVariable]]:
    """Return the variables of every form that the programme's waves ask or its answers were given to, in the order of the waves."""
    of_waves = db.scalars(select(Wave.instrument_id).where(Wave.programme_id == programme.id).order_by(Wave.round)).all()
    used = select(Submission.instrument_id).distinct().join(Wave, Submission.wave_id == Wave.id)
    answered = [instrument for instrument in db.scalars(used.where(Wave.programme_id == programme.id)) if instrument is not None]
    return [get_form_variables(db, instrument).by_name for instrument in dict.fromkeys((*of_waves, *sorted(answered)))]


def _demand_unchanged(rows: pd.DataFrame, panel: pd.DataFrame) -> None:
    """Derive the panel's variables from the answers anew and refuse any difference from what was frozen."""
    names = [name for name in VARIABLES if name in panel.columns]
    answers = rows.drop(columns=[name for name in panel.columns if name != "survey_year"])
    answers = answers.rename(columns=lambda name: str(name).removesuffix(ANSWERED))
    derived = derive_variables(answers)[names].where(rows["state"] == "approved")
    held = [name for name in names if name in BASELINE_CHARACTERISTICS]
    derived[held] = derived[held].groupby(rows["study_id"]).transform("first")
    frozen = rows[names].astype(float)
    same = np.isclose(derived, frozen, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    changed = int((~same.all(axis=1)).sum()) if len(rows) else 0
    if changed:
        raise AppError(
            Message(
                "Answers have changed since this panel was frozen (%(count)s rows). Freeze it anew and release that one.",
                count=changed,
            )
        )
