"""Programmes with a known effect: what tests, the demonstration and the documentation estimate from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.columns import refuse_seed
from evalapp.stats.simulation.programme_spec import OutcomeSpec, ProgrammeSpec, entry, observe, refuse_impossible
from evalapp.stats.simulation.simulated_truth import Truth, true_effects

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


@dataclass(frozen=True)
class SimulatedProgramme:
    """A drawn programme.

    panel: people x rounds rows, sorted by study_id and wave: study_id (1 to n, cohorts in random order), wave (1 to T), cohort (0
        comparison, else the cohort's number), first_treated (0 never), arm ("training" or "comparison"), treated (0/1, in that
        round), answered (0/1), age (years), female (0/1); per outcome its value (NaN without an answer) and `<outcome>_untrained`,
        the value without training (always there).
    truth: the effects that hold in this panel and in the population it is drawn from.
    """

    panel: pd.DataFrame
    truth: Truth
    spec: ProgrammeSpec
    seed: int


def simulate_programme(spec: ProgrammeSpec | None = None, seed: int = 0) -> SimulatedProgramme:
    """Draw people observed over rounds, each with and without training, so that the true effect is known person by person.

    Parameters
    ----------
    spec : the programme; by default 131 people, four cohorts of 20 and 51 never trained, four rounds.
    seed : of the random numbers; the same spec and seed give the same panel.

    Returns
    -------
    SimulatedProgramme

    Raises
    ------
    StatsError : a spec that cannot be drawn from, the message naming the field; a seed that is no whole number from 0.

    Missing values and weights
    --------------------------
    Non-response depends on arm and round only, so answers are missing at random given the arm. The true effects are those of
    everyone in the cohort, answered or not. No weights.

    Notes
    -----
    y_it(0) = level + a_i + round_t + trend * (t - 1) * trained_i + u_it, with a_i normal, shifted by selection_on_level *
    person_sd for the trained, and u_it = rho u_i,t-1 + sqrt(1 - rho^2) noise_sd e_it. y_it(1) = y_it(0) + effect_by_event[t - g]
    + h_i from the first treated round g on. A Likert answer is the latent value rounded and kept within 1 to 5. Who is in which
    cohort is random, apart from the selection asked for; age and sex predict nothing.

    Assumes
    -------
    No interference between people and no anticipation.

    Source
    ------
    Callaway & Sant'Anna (2021), Journal of Econometrics 225(2), equation 2.1 and section 3 (the effects in `truth`).

    Checked against
    ---------------
    Its own counterfactuals and repeated draws, in tests/stats/test_simulate.py; no outside reference.
    """
    spec = spec or ProgrammeSpec()
    refuse_impossible(spec)
    refuse_seed(seed)
    rng = np.random.default_rng(seed)
    cohort = rng.permutation(np.repeat(np.arange(len(spec.cohort_sizes) + 1), (spec.comparison, *spec.cohort_sizes)))
    starts = np.array((0, *spec.first_treated))[cohort]
    people = draw_people(rng, spec, cohort, starts)
    outcomes = {name: draw_outcome(rng, outcome, starts, spec.rounds) for name, outcome in spec.outcomes.items()}
    answered = people["answered"].to_numpy() == 1
    for name, (untrained, observed) in outcomes.items():
        people[name] = np.where(answered, observed.ravel(), np.nan)
        people[f"{name}_untrained"] = untrained.ravel()
    return SimulatedProgramme(people, true_effects(spec.outcomes, outcomes, starts), spec, seed)


def draw_people(rng: Generator, spec: ProgrammeSpec, cohort: NDArray[np.int64], starts: NDArray[np.int64]) -> pd.DataFrame:
    """Draw everything but the outcomes."""
    n, T = len(cohort), spec.rounds
    wave = np.tile(np.arange(1, T + 1), n)
    first = np.repeat(starts, T)
    response = np.array([spec.response_comparison or (1.0,) * T, spec.response_training or (1.0,) * T])
    return pd.DataFrame(
        {
            "study_id": np.repeat(np.arange(1, n + 1), T),
            "wave": wave,
            "cohort": np.repeat(cohort, T),
            "first_treated": first,
            "arm": np.where(first > 0, "training", "comparison"),
            "treated": ((first > 0) & (wave >= first)).astype(int),
            "answered": (rng.random(n * T) < response[(first > 0).astype(int), wave - 1]).astype(int),
            "age": np.repeat(np.clip(np.round(rng.normal(45, 9, n)), 20, 75).astype(int), T),
            "female": np.repeat((rng.random(n) < 0.7).astype(int), T),
        }
    )


def draw_outcome(
    rng: Generator, outcome: OutcomeSpec, starts: NDArray[np.int64], rounds: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw (n, T) values without training and as they came."""
    n, t = len(starts), np.arange(1, rounds + 1)
    trained = (starts > 0)[:, None]
    fixed = outcome.person_sd * (rng.standard_normal((n, 1)) + outcome.selection_on_level * trained)
    common = outcome.level + entry(outcome.round_effects, t - 1)
    trend = outcome.selection_on_trend * (t - 1) * trained
    latent = common + fixed + trend + autoregressive_noise(rng, outcome, n, rounds)
    event = t - starts[:, None]
    effect = entry(outcome.effect_by_event, event) + outcome.effect_sd * rng.standard_normal((n, 1))
    return observe(latent, outcome), observe(latent + np.where(trained & (event >= 0), effect, 0.0), outcome)


def autoregressive_noise(rng: Generator, outcome: OutcomeSpec, n: int, rounds: int) -> NDArray[np.float64]:
    """Draw stationary AR(1) noise (n, T)."""
    rho = outcome.autocorrelation
    noise = rng.standard_normal((n, rounds))
    for t in range(1, rounds):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return outcome.noise_sd * noise
