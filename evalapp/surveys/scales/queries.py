"""How reliable the scales of a form were in each wave that asked them. Only for groups; nobody's score leaves this module."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.core.clock import today
from evalapp.core.language import Message
from evalapp.people.consents.queries import consenting_people
from evalapp.stats.scales.alpha import CronbachAlpha, cronbach_alpha
from evalapp.stats.warnings import StatsError
from evalapp.surveys.instruments.queries import Use, definition_of, list_uses
from evalapp.surveys.review.corrections.apply_corrections import standing_answers
from evalapp.surveys.review.rules.wave_facts import as_number
from evalapp.surveys.scales.score_scale import Scale, scales_of, score_scale
from evalapp.surveys.tables import Instrument, Submission

FEWEST_PEOPLE = 10  # below it a mean or a correlation may tell of single people


@dataclass(frozen=True)
class ScaleReliability:
    """A scale in one wave. With fewer than ten people nothing is said but `reason`; `mean` and `sd` are of the scores."""

    scale: Scale
    use: Use
    scored: int | None
    mean: float | None
    sd: float | None
    alpha: CronbachAlpha | None
    reason: Message | None


def list_reliabilities(db: Session, viewer: Viewer, form: Instrument) -> list[ScaleReliability]:
    """Return each scale of a version in each wave that asks it, in the viewer's programmes.

    From approved submissions of people whose consent to the survey holds today.
    """
    scales = scales_of(definition_of(form))
    return [
        _reliability(scale, use, answers)
        for use in list_uses(db, viewer).get(form.id, ())
        for answers in [_answers(db, use)]
        for scale in scales
    ]


def _answers(db: Session, use: Use) -> pd.DataFrame:
    """Return the numbers answered in a wave, corrections applied: a row a person and a column a question."""
    counting = select(Submission.id).where(
        Submission.wave_id == use.wave.id,
        Submission.state == "approved",
        Submission.entrepreneur_id.in_(consenting_people(use.programme.id, "survey", today())),
    )
    rows = [
        {place.variable: as_number(text) for place, text in answers.items() if not place.repeat_path}
        for answers in standing_answers(db, counting).values()
    ]
    return pd.DataFrame(rows, dtype=float)


def _reliability(scale: Scale, use: Use, answers: pd.DataFrame) -> ScaleReliability:
    scores = score_scale(answers, scale).dropna()
    if len(scores) < FEWEST_PEOPLE:
        return ScaleReliability(scale, use, None, None, None, None, _too_few())
    alpha, reason = _alpha(scale, answers)
    return ScaleReliability(scale, use, len(scores), float(scores.mean()), float(scores.std()), alpha, reason)


def _alpha(scale: Scale, answers: pd.DataFrame) -> tuple[CronbachAlpha | None, Message | None]:
    names = [item.name for item in scale.items]
    complete = answers.reindex(columns=names).dropna()
    if len(complete) < FEWEST_PEOPLE:
        return None, _too_few()
    try:
        return cronbach_alpha(complete, names, reverse=scale.reversed_items), None
    except StatsError as error:
        return None, Message(error.message, **error.facts)


def _too_few() -> Message:
    return Message("Fewer than %(fewest)s people answered enough of the items; nothing is shown of so few.", fewest=FEWEST_PEOPLE)
