"""The import files of the demo programme: synthetic people, answers, sessions and attendance, with the true effect known.

The 131 baseline answers are shipped (calibrated to published statistics, nobody's data). Everything around them is drawn here from a
seed by `simulate_programme`: who is in which cohort, profit, personal initiative and shifts in difficulty with and without training,
who answers, who attends. Because each person is drawn with and without training, the true effect on every outcome is computed, not
assumed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from evalapp.panel.variables import DIFFICULTY_ITEMS, PI_TRAITS, derive_variables
from evalapp.stats.scales.components import DifficultyComponents, difficulty_components
from evalapp.stats.simulation.programme_spec import OutcomeSpec, ProgrammeSpec
from evalapp.stats.simulation.simulate import SimulatedProgramme, simulate_programme

SPEC = ProgrammeSpec(
    cohort_sizes=(20, 20, 20, 20),
    first_treated=(2, 2, 3, 4),
    comparison=51,
    rounds=4,
    outcomes={
        "profit": OutcomeSpec(
            level=1_900_000,
            person_sd=900_000,
            noise_sd=380_000,
            autocorrelation=0.3,
            effect_by_event=(350_000, 450_000, 500_000),
            round_effects=(0, 40_000, -60_000, 90_000),
        ),
        "initiative": OutcomeSpec(level=3.2, person_sd=0.45, noise_sd=0.3, effect_by_event=(0.35, 0.45)),
        "internal_shift": OutcomeSpec(person_sd=0.0, noise_sd=0.6, effect_by_event=(-0.5, -0.7)),
        "external_shift": OutcomeSpec(person_sd=0.0, noise_sd=0.6, effect_by_event=(-0.15,)),
    },
)
WAVES = {
    1: ("bl", dt.date(2018, 3, 5)),
    2: ("fu1", dt.date(2018, 8, 6)),
    3: ("fu2", dt.date(2018, 11, 12)),
    4: ("fu3", dt.date(2019, 5, 13)),
}
COHORT_STARTS = {1: dt.date(2018, 5, 15), 2: dt.date(2018, 5, 29), 3: dt.date(2018, 9, 18), 4: dt.date(2019, 1, 15)}
MODULES = (
    "introduction", "self_starting", "seeking_information", "setting_goals", "planning", "innovation",
    "feedback", "future_thinking", "overcoming_barriers", "financing", "customers", "review",
)  # fmt: skip
INTERNAL = ("sales", "supplies", "recruitment", "marketing", "quality_control")
SESSION_MINUTES = 150
LATE_SHARE = 0.08
TRAINERS = ("T-01", "T-02", "T-03", "T-04", "T-05")
INDICATOR_SHARES = {"changed_operations": 0.87, "better_communication": 0.80, "better_profitability": 0.67, "new_capital": 0.33}
RESPONSE = {"training": (1.0, 0.96, 0.93, 0.90), "comparison": (1.0, 0.94, 0.90, 0.84)}
REJECTED, WITHOUT_CONSENT = 8, 3
KEEPS_TO_ITSELF = 12  # every twelfth person does not agree that data are shared


@dataclass(frozen=True)
class DemoFiles:
    """Paths of the files written and the true effects: outcome to the average effect on the trained (aggregate by cohort)."""

    people: Path
    answers: Mapping[str, Path]
    training: Sequence[Path]
    truth: Mapping[str, float]


def write_demo_files(baseline: Path, folder: Path, seed: int = 2018) -> DemoFiles:
    """Draw the demo programme and write its import files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    first = pd.read_csv(baseline, dtype=str, keep_default_na=False)
    drawn = simulate_programme(SPEC, seed)
    rounds = _answers_by_round(first, drawn, rng)
    truth = _true_effects(rounds, drawn)
    answers = {}
    for number, (wave, opens) in WAVES.items():
        answers[wave] = folder / f"answers_{wave}.csv"
        _wave_file(number, rounds[number], first, drawn, opens, rng).to_csv(answers[wave], index=False)
    people = folder / "people.csv"
    _people(list(first["study_id"]), rng).to_csv(people, index=False)
    training = []
    for kind, table in _training(list(first["study_id"]), drawn, rng).items():
        training.append(folder / f"{kind}.csv")
        table.to_csv(training[-1], index=False)
    return DemoFiles(people, answers, training, truth)


@dataclass(frozen=True)
class RoundAnswers:
    """The scale answers of one round, a row a person, as they came and as they would have come without training."""

    observed: pd.DataFrame
    untrained: pd.DataFrame


def _answers_by_round(first: pd.DataFrame, drawn: SimulatedProgramme, rng: Generator) -> dict[int, RoundAnswers]:
    start = first[[f"difficulty_{item}" for item in DIFFICULTY_ITEMS]].astype(float)
    rounds = {}
    for number in WAVES:
        now = drawn.panel[drawn.panel["wave"] == number].reset_index(drop=True)
        item_noise = rng.normal(0, 0.5, start.shape) if number > 1 else np.zeros(start.shape)
        trait_noise = rng.normal(0, 0.55, (len(now), 3 * len(PI_TRAITS)))
        versions = [_scales(start, now, suffix, item_noise, trait_noise, moved=number > 1) for suffix in ("", "_untrained")]
        rounds[number] = RoundAnswers(*versions)
    return rounds


def _scales(
    start: pd.DataFrame, now: pd.DataFrame, suffix: str, item_noise: np.ndarray, trait_noise: np.ndarray, *, moved: bool
) -> pd.DataFrame:
    values = {name: now[f"{name}{suffix}"].to_numpy() for name in SPEC.outcomes}
    shift = np.column_stack([values["internal_shift" if item in INTERNAL else "external_shift"] for item in DIFFICULTY_ITEMS])
    scales = (start + (shift + item_noise if moved else 0.0)).round().clip(1, 5)
    for number, name in enumerate(f"pi_{trait}_{item}" for trait in PI_TRAITS for item in (1, 2, 3)):
        scales[name] = np.clip(np.round(values["initiative"] + trait_noise[:, number]), 1, 5)
    scales["profit_krw"] = np.round(values["profit"] / 10_000) * 10_000
    return scales


def _true_effects(rounds: Mapping[int, RoundAnswers], drawn: SimulatedProgramme) -> dict[str, float]:
    """Average the effect over each cohort's trained rounds, then over cohorts by their people."""
    items = [f"difficulty_{item}" for item in DIFFICULTY_ITEMS]
    anchors = {
        "internal_difficulty": [f"difficulty_{item}" for item in INTERNAL if item != "quality_control"],
        "external_difficulty": [f"difficulty_{item}" for item in DIFFICULTY_ITEMS if item not in INTERNAL],
    }
    scale = difficulty_components(rounds[1].observed, items=items, drop=("difficulty_quality_control",), anchors=anchors)
    starts = drawn.panel.drop_duplicates("study_id")["first_treated"].to_numpy()
    effects = {number: _outcomes(r.observed, scale) - _outcomes(r.untrained, scale) for number, r in rounds.items()}
    total = pd.Series(0.0, index=effects[1].columns)
    for group in sorted(set(starts) - {0}):
        cells = [effects[number][starts == group].mean() for number in rounds if number >= group]
        total += sum(cells) / len(cells) * (starts == group).sum()
    return {str(name): float(effect) for name, effect in (total / (starts > 0).sum()).items()}


def _outcomes(scales: pd.DataFrame, scale: DifficultyComponents) -> pd.DataFrame:
    derived = derive_variables(scales.assign(survey_year=2018))
    return derived[["profit_krw", "pi_score"]].join(scale.score(scales))


def _wave_file(
    number: int, answers: RoundAnswers, first: pd.DataFrame, drawn: SimulatedProgramme, opens: dt.date, rng: Generator
) -> pd.DataFrame:
    now = drawn.panel[drawn.panel["wave"] == number].reset_index(drop=True)
    scales = answers.observed.astype(int)
    business = _business(scales["profit_krw"], first, rng)
    table = pd.concat([first if number == 1 else first[["study_id"]], business, scales], axis=1)
    table = table.loc[:, ~table.columns.duplicated()]
    table.insert(1, "answered_on", [(opens + dt.timedelta(days=int(day))).isoformat() for day in rng.integers(0, 20, len(first))])
    table.insert(2, "mode", rng.choice(["web", "phone"], len(first), p=[0.8, 0.2]))
    if number == 1:
        return pd.concat([table.assign(state="approved", reason=""), _rejected(table, rng)], ignore_index=True)
    trained = (now["first_treated"] > 0) & (now["first_treated"] <= number)
    for indicator, share in INDICATOR_SHARES.items():
        table[indicator] = np.where(trained, np.where(rng.random(len(first)) < share, "yes", "no"), "")
    response = np.array([RESPONSE[arm][number - 1] for arm in now["arm"]])
    return table[rng.random(len(first)) < response]


def _business(profit: pd.Series, first: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    costs = (rng.lognormal(15.2, 0.5, len(profit)) / 10_000).round().astype(int) * 10_000
    employees = first["employees_max"].astype(int).to_numpy()
    return pd.DataFrame(
        {
            "firm_operating": "yes",
            "revenue_krw": np.maximum(profit + costs, 0),
            "costs_krw": np.maximum(profit + costs, 0) - profit,
            "profit_krw": profit,
            "hours_per_week": rng.integers(30, 71, len(profit)),
            "paid_employees": rng.binomial(np.minimum(employees, 60), 0.7),
        }
    )


def _rejected(table: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """Answers that the review turned down, so that the flow of participants has something to show."""
    rows = table.iloc[rng.choice(len(table), REJECTED, replace=False)].copy()
    rows["study_id"] = [f"NE-9{number:03d}" for number in range(1, REJECTED + 1)]
    reasons = ["no business registration number"] * 5 + ["answers did not agree with the phone check"] * 3
    return rows.assign(state="rejected", reason=reasons)


def _people(study_ids: Sequence[str], rng: Generator) -> pd.DataFrame:
    extra = [f"NE-9{number:03d}" for number in range(1, REJECTED + WITHOUT_CONSENT + 1)]
    everyone = [*study_ids, *extra]
    days = [dt.date(2018, 2, 1) + dt.timedelta(days=int(day)) for day in rng.integers(0, 28, len(everyone))]
    consented = [number < len(everyone) - WITHOUT_CONSENT for number in range(len(everyone))]
    return pd.DataFrame(
        {
            "study_id": everyone,
            "registered_on": [day.isoformat() for day in days],
            "recruitment_channel": rng.choice(["staff_contact", "website", "word_of_mouth"], len(everyone), p=[0.5, 0.2, 0.3]),
            "consent_version": "2018-1",
            "consent_survey": [day.isoformat() if given else "" for day, given in zip(days, consented, strict=True)],
            "consent_recontact": [day.isoformat() if given else "" for day, given in zip(days, consented, strict=True)],
            "consent_sharing": [
                day.isoformat() if given and number % KEEPS_TO_ITSELF else ""
                for number, (day, given) in enumerate(zip(days, consented, strict=True), start=1)
            ],
        }
    )


def _training(study_ids: Sequence[str], drawn: SimulatedProgramme, rng: Generator) -> dict[str, pd.DataFrame]:
    number_of = drawn.panel.drop_duplicates("study_id")["cohort"].to_numpy()
    members = {number: [s for s, c in zip(study_ids, number_of, strict=True) if c == number] for number in (0, *COHORT_STARTS)}
    codes = {0: "comparison", **{number: f"PI-{number}" for number in COHORT_STARTS}}
    cohorts, enrolments, sessions, attendance = [], [], [], []
    for number, code in codes.items():
        starts = COHORT_STARTS.get(number)
        cohorts.append(_cohort(code, starts))
        enrolments += [_enrolment(study_id, code, starts) for study_id in members[number]]
        if starts:
            sessions += [_session(code, starts, number, meeting) for meeting in range(len(MODULES))]
            attendance += [row for study_id in members[number] for row in _attendance(code, study_id, rng)]
    tables = {"cohorts": cohorts, "enrolments": enrolments, "sessions": sessions, "attendance": attendance}
    return {kind: pd.DataFrame(rows) for kind, rows in tables.items()}


def _cohort(code: str, starts: dt.date | None) -> dict[str, Any]:
    arm = "treatment" if starts else "comparison"
    ends = (starts + dt.timedelta(days=41)).isoformat() if starts else ""
    return {"cohort": code, "arm": arm, "starts_on": starts.isoformat() if starts else "", "ends_on": ends, "completion_share": 0.8}


def _enrolment(study_id: str, code: str, starts: dt.date | None) -> dict[str, Any]:
    on = (starts or dt.date(2018, 5, 2)).isoformat()
    return {"study_id": study_id, "cohort": code, "stage": "active" if starts else "enrolled", "stage_on": on, "reason": ""}


def _session(code: str, starts: dt.date, number: int, meeting: int) -> dict[str, Any]:
    held = starts + dt.timedelta(days=7 * (meeting // 2) + 2 * (meeting % 2))
    return {
        "cohort": code,
        "number": meeting + 1,
        "module": MODULES[meeting],
        "held_on": held.isoformat(),
        "state": "held",
        "planned_minutes": SESSION_MINUTES,
        "trainer": TRAINERS[(number + meeting // 6) % len(TRAINERS)],
    }


def _attendance(code: str, study_id: str, rng: Generator) -> list[dict[str, Any]]:
    reliability = rng.beta(12, 1.3)
    rows = []
    for meeting in range(len(MODULES)):
        came = rng.random() < reliability
        late = came and rng.random() < LATE_SHARE
        status = "late" if late else "present" if came else rng.choice(["excused", "unexcused"], p=[0.6, 0.4])
        minutes = SESSION_MINUTES - int(rng.integers(10, 41)) if late else SESSION_MINUTES if came else 0
        rows.append({"cohort": code, "number": meeting + 1, "study_id": study_id, "status": status, "minutes": minutes})
    return rows
