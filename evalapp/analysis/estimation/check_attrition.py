"""What those who did not answer can do to an effect: who answered in each arm, the effect weighted, and limits for it.

Counted are the people whose first answer is there: a change can be known for nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalapp.analysis.estimation.rows import INTERVAL, ResultSheet, records
from evalapp.analysis.plans.plan import OutcomePlan, Plan
from evalapp.stats.attrition.attrition_table import attrition_table
from evalapp.stats.attrition.attrition_weights import attrition_weights
from evalapp.stats.attrition.lee_bounds import LeeBounds, lee_bounds
from evalapp.stats.differences.group_time_results import GroupTimeEffects, Overall
from evalapp.stats.differences.two_by_two import TwoByTwo, two_by_two
from evalapp.stats.warnings import Caution, StatsError

UNIT, TIME, COHORT, WEIGHT = "study_id", "round", "first_treated", "response_weight"
TREATMENT, COMPARISON = "treatment", "comparison"
TRIMMED = {"treated": TREATMENT, "control": COMPARISON, "none": ""}
# Below this many answers in an arm a mean without its extremes, or a model of who answered, rests on single people.
FEW_ANSWERS = 5
Effect = Callable[[pd.DataFrame, str | None], tuple[Overall | TwoByTwo, int, tuple[Caution, ...]]]


@dataclass(frozen=True)
class Arms:
    """The people compared at a follow-up, or over all of them.

    term: `wave:CODE`, or `overall`; wave: its code.
    people: one row per person: study_id, arm, trained (0/1), answered (0/1), the first answer and the plan's covariates at the start.
    panel: their answers in the rounds compared.
    """

    term: str
    wave: str
    people: pd.DataFrame
    panel: pd.DataFrame

    @property
    def nobody_is_missing(self) -> bool:
        """Whether everyone answered."""
        return bool(self.people["answered"].all())

    @property
    def answers(self) -> int:
        """Answers in the arm that has fewer."""
        return int(self.people.groupby("arm")["answered"].sum().min())

    def weighted(self, explained_by: list[str]) -> tuple[pd.DataFrame, tuple[Caution, ...]]:
        """Weight the answers that are there so that they stand for everyone alike in columns known from the start."""
        found = attrition_weights(self.people, "answered", "arm", explained_by)
        weights = found.weights.set_axis(self.people[UNIT])
        return self.answering().assign(**{WEIGHT: lambda rows: rows[UNIT].map(weights)}), found.cautions

    def answering(self) -> pd.DataFrame:
        """Return the rows of those who answered, with their arm as `trained`."""
        replied = self.people[self.people["answered"] == 1]
        return self.panel.merge(replied[[UNIT, "trained"]], on=UNIT)


def check_attrition(
    sheet: ResultSheet,
    panel: pd.DataFrame,
    outcome: OutcomePlan,
    plan: Plan,
    main: Callable[[pd.DataFrame, str | None], GroupTimeEffects],
) -> None:
    """Write the family `attrition_effects` of an outcome; `main` estimates its main effects from rows and their column of weights."""
    covariates = [name for name in plan.estimator.get("covariates", ()) if name in panel]
    explained_by = list(dict.fromkeys([outcome.variable, *covariates]))
    for arms in arms_compared(panel, outcome.variable, covariates, plan):
        words: dict[str, Any] = {"family": "attrition_effects", "outcome": outcome.variable, "term": arms.term}
        _write_response(sheet, arms, words)
        words |= {"estimand": "ATT", "unit": outcome.unit}
        if arms.term == "overall":
            _write_effect(sheet, arms, _average(main, plan), words | {"model": "callaway_santanna_weighted"}, explained_by)
            continue
        effect = _change(outcome, covariates, plan)
        _write_effect(sheet, arms, effect, words | {"model": "two_by_two"})
        _write_effect(sheet, arms, effect, words | {"model": "two_by_two_weighted"}, explained_by)
        _write_bounds(sheet, arms, outcome, words | {"model": "lee_bounds", "estimand": "always-answering ATT"})


def arms_compared(panel: pd.DataFrame, outcome: str, covariates: list[str], plan: Plan) -> Iterator[Arms]:
    """Yield the arms over all rounds, then those of each follow-up: people trained by then, and those the plan compares them with."""
    ahead = plan.estimator.get("anticipation", 0)
    answers = panel.pivot(index=UNIT, columns=TIME, values=outcome).dropna(axis="columns", how="all")
    answers = answers[answers.iloc[:, 0].notna()]
    cohort = panel.groupby(UNIT)[COHORT].first().reindex(answers.index)
    never, rounds, later_too = _comparison(cohort, answers.columns.to_numpy(), plan)
    start, wave = answers.columns[0], panel.drop_duplicates(TIME).set_index(TIME)["wave"]
    before = panel[panel[TIME] == start].set_index(UNIT)[list(dict.fromkeys([outcome, *covariates]))].reindex(answers.index)

    def compared(term: str, last: float, comparison: pd.Series, used: np.ndarray) -> Iterator[Arms]:
        trained = cohort.between(start + ahead + 1, last) & ~comparison
        answered = answers[used].notna().all(axis="columns")
        arm = np.where(trained, TREATMENT, COMPARISON)
        people = before.assign(arm=arm, trained=trained.astype(int), answered=answered.astype(int))[trained | comparison]
        if people["arm"].nunique() > 1:
            rows = panel[panel[UNIT].isin(people.index) & panel[TIME].isin(used)]
            yield Arms(term, str(wave[last]), people.reset_index(), rows)

    if len(rounds) > 1:
        yield from compared("overall", rounds[-1], never, rounds)
    for now in rounds[1:]:
        waiting = never | (cohort > now + ahead) if later_too else never
        yield from compared(f"wave:{wave[now]}", now, waiting, np.array([start, now]))


def _comparison(cohort: pd.Series, rounds: np.ndarray, plan: Plan) -> tuple[pd.Series, np.ndarray, bool]:
    """Return who is never trained, the rounds in which there is a comparison, and whether people trained later count in it.

    As in the main estimate: where everyone is trained in the end, the last group is the comparison until its own training.
    """
    ahead, asked = plan.estimator.get("anticipation", 0), plan.estimator.get("control_group")
    never = (cohort == 0) | (cohort > rounds[-1] + ahead)
    if never.any():
        return never, rounds, asked == "not_yet_treated"
    return cohort == cohort.max(), rounds[rounds < cohort.max() - ahead], asked != "never_treated"


def _why_no_number(arms: Arms) -> Caution | None:
    if arms.nobody_is_missing:
        return Caution("nobody_missing")
    return Caution("few_answers", {"threshold": FEW_ANSWERS}) if arms.answers < FEW_ANSWERS else None


def _write_response(sheet: ResultSheet, arms: Arms, words: dict[str, Any]) -> None:
    response = attrition_table(arms.people.assign(wave=arms.wave), UNIT, "wave", "arm", "answered", reference=COMPARISON)
    words = words | {"estimand": "descriptive"}
    for row in records(response.table):
        for statistic, unit in (("due", "count"), ("answered", "count"), ("share", "share")):
            sheet.add(statistic=statistic, value=row[statistic], subgroup=row["arm"], unit=unit, n=row["due"], **words)
    test = records(response.tests)[0]
    # The warning names a wave, and those who missed any of them are no wave's.
    words |= {"subgroup": "difference", "n": test["n"], "cautions": () if arms.term == "overall" else response.cautions}
    sheet.add(statistic="estimate", value=test["difference"], unit="share", **words)
    sheet.add(statistic="p_value", value=test["p_value"], **words)


def _average(main: Callable[[pd.DataFrame, str | None], GroupTimeEffects], plan: Plan) -> Effect:
    def effect(rows: pd.DataFrame, weights: str | None) -> tuple[Overall, int, tuple[Caution, ...]]:
        effects = main(rows, weights)
        found = effects.aggregate(plan.headline)
        return found.overall, effects.n_units, found.cautions

    return effect


def _change(outcome: OutcomePlan, covariates: list[str], plan: Plan) -> Effect:
    asked = {"method": plan.estimator.get("method", "dr"), "inference": plan.estimator.get("inference", "small_sample")}

    def effect(rows: pd.DataFrame, weights: str | None) -> tuple[TwoByTwo, int, tuple[Caution, ...]]:
        found = two_by_two(rows, outcome.variable, UNIT, TIME, "trained", covariates=covariates, weights=weights, **asked)
        return found, found.n, found.cautions

    return effect


def _write_effect(
    sheet: ResultSheet, arms: Arms, effect: Effect, words: dict[str, Any], explained_by: list[str] | None = None
) -> None:
    """Write an effect as answered, or weighted by what explains who answered."""
    if explained_by and (why := _why_no_number(arms)):
        _write_no_number(sheet, "estimate", why, words)
        return
    try:
        rows, about = arms.weighted(explained_by) if explained_by else (arms.answering(), ())
        found, n, cautions = effect(rows, WEIGHT if explained_by else None)
    except StatsError as refusal:
        _write_no_number(sheet, "estimate", _refused(refusal), words)
        return
    numbers = {name: getattr(found, name) for name in INTERVAL}
    sheet.add_estimate(numbers=numbers, n=n, clusters=n, cautions=[*about, *cautions], **words)


def _write_bounds(sheet: ResultSheet, arms: Arms, outcome: OutcomePlan, words: dict[str, Any]) -> None:
    if why := _why_no_number(arms):
        _write_no_number(sheet, "lower", why, words)
        return
    answers = arms.panel.pivot(index=UNIT, columns=TIME, values=outcome.variable)
    change = arms.people[UNIT].map(answers.iloc[:, -1] - answers.iloc[:, 0])
    try:
        found = lee_bounds(arms.people.assign(change=change), "change", "trained", "answered")
    except StatsError as refusal:
        _write_no_number(sheet, "lower", _refused(refusal), words)
        return
    about = words | {"n": found.answered, "clusters": found.answered, "cautions": found.cautions}
    for statistic in ("lower", "upper", "conf_low", "conf_high"):
        sheet.add(statistic=statistic, value=getattr(found, statistic), **about)
    _write_trimming(sheet, found, words)


def _write_trimming(sheet: ResultSheet, found: LeeBounds, words: dict[str, Any]) -> None:
    cell = found.cells.iloc[0]
    arm = "treated" if cell["trimmed_arm"] == "treated" else "control"
    n = round(cell[f"n_{arm}"] * cell[f"share_{arm}"])
    words = words | {"subgroup": TRIMMED[cell["trimmed_arm"]], "unit": "share", "n": n}
    sheet.add(statistic="trimmed_share", value=cell["trimmed_share"], **words)


def _write_no_number(sheet: ResultSheet, statistic: str, why: Caution, words: dict[str, Any]) -> None:
    sheet.add(statistic=statistic, value=None, n=0, cautions=[why], **words)


def _refused(refusal: StatsError) -> Caution:
    return Caution("not_estimated", {"reason": refusal})
