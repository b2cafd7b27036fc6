"""What a simulated programme is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from evalapp.stats.warnings import StatsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LIKERT_CATEGORIES = 5


@dataclass(frozen=True)
class OutcomeSpec:
    """How one outcome arises, in its own units (a Likert item: in latent points, rounded to 1 to 5 when observed).

    level: mean without training before round effects.
    person_sd, noise_sd: SDs of the fixed effect and of the noise of one round.
    autocorrelation: of the noise from one round to the next (AR(1), stationary), above -1 and below 1.
    effect_by_event: effect in the first treated round, one round later, and so on; the last entry stays.
    effect_sd: SD between people of their effect (added to every entry).
    round_effects: added to everyone in round 1, 2, and so on (seasons, inflation); the last entry stays.
    selection_on_level: how many person_sd higher the fixed effects of people in training are (differences in changes survive it).
    selection_on_trend: extra change a round of people in training (breaks parallel trends).
    """

    level: float = 0.0
    person_sd: float = 1.0
    noise_sd: float = 1.0
    autocorrelation: float = 0.0
    effect_by_event: tuple[float, ...] = (0.0,)
    effect_sd: float = 0.0
    round_effects: tuple[float, ...] = (0.0,)
    selection_on_level: float = 0.0
    selection_on_trend: float = 0.0
    kind: Literal["continuous", "likert"] = "continuous"


def default_outcomes() -> Mapping[str, OutcomeSpec]:
    """Return monthly profit in KRW and one difficulty item, higher = more difficult."""
    return {
        "profit_krw": OutcomeSpec(
            level=2_000_000,
            person_sd=800_000,
            noise_sd=500_000,
            autocorrelation=0.4,
            effect_by_event=(100_000, 250_000, 300_000),
            round_effects=(0, 50_000, -80_000, 120_000),
        ),
        "sales_difficulty": OutcomeSpec(
            level=3.4, person_sd=0.8, noise_sd=0.7, autocorrelation=0.3, effect_by_event=(-0.2, -0.4, -0.5), kind="likert"
        ),
    }


@dataclass(frozen=True)
class ProgrammeSpec:
    """Who is trained when, and who answers.

    cohort_sizes, first_treated: people and first treated round (counted from 1) of each cohort; cohorts may share a round. A cohort
        treated in round 1 has no baseline and no row in `Truth`.
    comparison: people never trained.
    rounds: number of survey rounds.
    response_training, response_comparison: probability to answer in each round, by arm; empty for always, else one a round.
    outcomes: name -> how it arises.
    """

    cohort_sizes: tuple[int, ...] = (20, 20, 20, 20)
    first_treated: tuple[int, ...] = (2, 3, 3, 4)
    comparison: int = 51
    rounds: int = 4
    response_training: tuple[float, ...] = ()
    response_comparison: tuple[float, ...] = ()
    outcomes: Mapping[str, OutcomeSpec] = field(default_factory=default_outcomes)

    @property
    def people(self) -> int:
        """Everyone, trained or not."""
        return sum(self.cohort_sizes) + self.comparison


def entry(schedule: tuple[float, ...], position: NDArray[np.int64]) -> NDArray[np.float64]:
    """Read a schedule at positions counted from 0; the last entry stays, and positions before 0 read the first."""
    return np.array(schedule)[np.clip(position, 0, len(schedule) - 1)]


def observe(latent: NDArray[np.float64], outcome: OutcomeSpec) -> NDArray[np.float64]:
    """Turn latent values into answers."""
    return np.clip(np.round(latent), 1, LIKERT_CATEGORIES) if outcome.kind == "likert" else latent


def refuse_impossible(spec: ProgrammeSpec) -> None:
    """Refuse a programme that cannot be drawn, naming the field."""
    if spec.rounds < 2:
        raise StatsError("rounds is %(rounds)s; a change needs at least 2.", rounds=spec.rounds)
    if len(spec.cohort_sizes) != len(spec.first_treated):
        raise StatsError(
            "cohort_sizes has %(cohorts)s cohorts and first_treated %(starts)s; give one each.",
            cohorts=len(spec.cohort_sizes),
            starts=len(spec.first_treated),
        )
    if min((*spec.cohort_sizes, spec.comparison), default=0) < 0 or spec.people == 0:
        raise StatsError("cohort_sizes and comparison must not be negative, and somebody must be in the programme.")
    if any(not 1 <= start <= spec.rounds for start in spec.first_treated):
        raise StatsError(
            "first_treated is %(first_treated)s; give rounds between 1 and %(rounds)s.",
            first_treated=spec.first_treated,
            rounds=spec.rounds,
        )
    for name in ("response_training", "response_comparison"):
        shares = getattr(spec, name)
        if shares and (len(shares) != spec.rounds or not all(0 <= share <= 1 for share in shares)):
            raise StatsError(
                "%(argument)s is %(shares)s; give %(rounds)s shares between 0 and 1, one a round.",
                argument=name,
                shares=shares,
                rounds=spec.rounds,
            )
    for name, outcome in spec.outcomes.items():
        refuse_impossible_outcome(name, outcome)


def refuse_impossible_outcome(name: str, outcome: OutcomeSpec) -> None:
    """Refuse an outcome that cannot be drawn."""
    if min(outcome.person_sd, outcome.noise_sd, outcome.effect_sd) < 0:
        raise StatsError("Outcome %(outcome)r: person_sd, noise_sd and effect_sd must not be negative.", outcome=name)
    if not -1 < outcome.autocorrelation < 1:
        raise StatsError(
            "Outcome %(outcome)r: autocorrelation is %(autocorrelation)s; give a number above -1 and below 1.",
            outcome=name,
            autocorrelation=outcome.autocorrelation,
        )
    if not outcome.effect_by_event or not outcome.round_effects:
        raise StatsError("Outcome %(outcome)r: effect_by_event and round_effects need an entry; (0.0,) is no effect.", outcome=name)
    if outcome.kind not in ("continuous", "likert"):
        raise StatsError("Outcome %(outcome)r: kind is %(kind)r; choose continuous or likert.", outcome=name, kind=outcome.kind)
