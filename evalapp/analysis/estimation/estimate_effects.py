"""Effects of the training on each outcome of a plan: group-time effects first, two-way fixed effects and the two-by-two beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from evalapp.analysis.estimation.check_attrition import check_attrition
from evalapp.analysis.estimation.check_effects import carried_by_one, write_q_values
from evalapp.analysis.estimation.rows import ResultSheet, records
from evalapp.analysis.plans.plan import HEADLINES, OutcomePlan, Plan
from evalapp.stats.differences.group_time import att_gt
from evalapp.stats.differences.group_time_results import FEW_TREATED, AggregateEffects, GroupTimeEffects
from evalapp.stats.differences.two_by_two import two_by_two
from evalapp.stats.fixed_effects.bacon import bacon_decomposition
from evalapp.stats.fixed_effects.two_way import TwoWayEstimates, twfe
from evalapp.stats.mean_interval import mean_interval
from evalapp.stats.warnings import Caution, StatsError

UNIT, TIME, COHORT = "study_id", "round", "first_treated"
CALLAWAY_SANTANNA = {"family": "effects", "estimand": "ATT", "model": "callaway_santanna"}
TWO_WAY = {"family": "effects", "estimand": "TWFE coefficient", "model": "twfe"}
TIMING = ("treated_after_last_period", "always_treated_dropped")
AXES = {"dynamic": ("event", "event_time"), "group": ("group", "group"), "calendar": ("calendar", "time")}


def estimate_effects(sheet: ResultSheet, frame: pd.DataFrame, plan: Plan, *, seed: int) -> None:
    """Write the families `outcome_means`, `effects`, `bacon` and `attrition_effects` for every outcome."""
    panel = frame[[*dict.fromkeys([UNIT, TIME, COHORT, "wave", "arm", *_columns(plan, frame)])]]
    for outcome in plan.outcomes:
        if outcome.variable not in panel or panel[outcome.variable].isna().all():
            _write_nothing(sheet, outcome, Caution("no_answers", {"variable": outcome.variable}))
            continue
        _write_means(sheet, panel, outcome)
        observed = panel[panel[outcome.variable].notna()]
        if not observed[COHORT].between(1, observed[TIME].max()).any() or observed[TIME].nunique() == 1:
            _write_nothing(sheet, outcome, Caution("nobody_trained"))
            continue
        general = _write_group_time(sheet, panel, outcome, plan, seed)
        _write_two_by_two(sheet, observed, outcome, [caution for caution in general if caution.code in TIMING])
        _write_two_way(sheet, observed, outcome, plan)
        _write_bacon(sheet, observed, outcome)
        check_attrition(sheet, panel, outcome, plan, partial(_group_time, outcome, plan, seed))
    write_q_values(sheet, _main_p_values(sheet), CALLAWAY_SANTANNA)


def _main_p_values(sheet: ResultSheet) -> dict[str, float]:
    wanted = CALLAWAY_SANTANNA | {"term": "overall", "statistic": "p_value"}
    found = [row for row in sheet.rows if all(row[name] == word for name, word in wanted.items())]
    return {row["outcome"]: row["value"] for row in found if row["value"] is not None}


def _write_nothing(sheet: ResultSheet, outcome: OutcomePlan, caution: Caution) -> None:
    words: dict[str, Any] = CALLAWAY_SANTANNA | {"outcome": outcome.variable, "unit": outcome.unit}
    sheet.add(statistic="estimate", value=None, term="overall", n=0, cautions=[caution], **words)


def _columns(plan: Plan, frame: pd.DataFrame) -> list[str]:
    wanted = [*(o.variable for o in plan.outcomes), *plan.estimator.get("covariates", ()), *plan.twfe.get("regressors", ())]
    return [name for name in wanted if name in frame]


def _write_means(sheet: ResultSheet, panel: pd.DataFrame, outcome: OutcomePlan) -> None:
    for (_, wave, arm), answers in panel.groupby([TIME, "wave", "arm"]):
        found = mean_interval(answers[outcome.variable].to_numpy())
        words: dict[str, Any] = {
            "outcome": outcome.variable,
            "estimand": "descriptive",
            "term": f"wave:{wave}",
            "subgroup": arm,
            "unit": outcome.unit,
            "n": found.n,
        }
        for statistic in ("mean", "sd", "conf_low", "conf_high"):
            sheet.add("outcome_means", statistic, getattr(found, statistic), **words)


def _group_time(outcome: OutcomePlan, plan: Plan, seed: int, rows: pd.DataFrame, weights: str | None = None) -> GroupTimeEffects:
    asked = plan.estimator
    return att_gt(
        rows,
        outcome=outcome.variable,
        unit=UNIT,
        time=TIME,
        cohort=COHORT,
        covariates=tuple(asked.get("covariates", ())),
        control_group=asked.get("control_group"),
        method=asked.get("method", "dr"),
        base_period=asked.get("base_period", "universal"),
        anticipation=asked.get("anticipation", 0),
        weights=weights,
        inference=asked.get("inference", "small_sample"),
        seed=seed,
    )


def _write_group_time(sheet: ResultSheet, panel: pd.DataFrame, outcome: OutcomePlan, plan: Plan, seed: int) -> list[Caution]:
    words: dict[str, Any] = CALLAWAY_SANTANNA | {"outcome": outcome.variable, "unit": outcome.unit}
    estimated = partial(_group_time, outcome, plan, seed)
    try:
        effects = estimated(panel)
    except StatsError as refusal:
        sheet.add(
            statistic="estimate", value=None, term="overall", cautions=[Caution("not_estimated", {"reason": refusal})], **words
        )
        return []
    words["clusters"] = effects.n_units
    _write_cells(sheet, effects, words)
    # Leaving one person out is asked of the plan's own headline, not of the simple average.
    general = [c for c in effects.cautions if "group" not in c.facts and c.code != "one_person_carries"]
    general += carried_by_one(
        panel,
        outcome.variable,
        effects.aggregate(plan.headline).overall.estimate,
        lambda rows: estimated(rows).aggregate(plan.headline).overall.estimate,
        unit=UNIT,
        time=TIME,
        cohort=COHORT,
    )
    for kind in HEADLINES:
        _write_aggregate(sheet, effects.aggregate(kind), words, general, headline=kind == plan.headline)
    test = effects.pretest
    numbers = {"statistic": test.statistic, "df": test.df, "df_residual": test.df_denominator, "p_value": test.p_value}
    about = [caution for caution in general if caution.code.startswith("pre")]
    for statistic, value in numbers.items():
        sheet.add(statistic=statistic, value=value, term="pretest", n=effects.n_units, cautions=about, **words)
    return general


def _write_cells(sheet: ResultSheet, effects: GroupTimeEffects, words: dict[str, Any]) -> None:
    for cell in records(effects.table):
        where = {"group": f"{cell['group']:g}", "time": f"{cell['time']:g}"}
        own = [c for c in effects.cautions if c.facts.get("group") == where["group"] and c.facts.get("time") == where["time"]]
        numbers = {**cell, "estimate": cell["att"]}
        sheet.add_estimate(numbers=numbers, term=f"cell:{where['group']}:{where['time']}", n=cell["n"], cautions=own, **words)


def _write_aggregate(
    sheet: ResultSheet, found: AggregateEffects, words: dict[str, Any], general: Sequence[Caution], *, headline: bool
) -> None:
    overall = {name: getattr(found.overall, name) for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value", "df")}
    terms = [f"overall:{found.kind}", *(["overall"] if headline else [])]
    for term in terms:
        sheet.add_estimate(
            numbers=overall, term=term, n=words["clusters"], cautions=_distinct([*general, *found.cautions]), **words
        )
    if found.kind not in AXES:
        return
    name, column = AXES[found.kind]
    for row in records(found.table):
        own = [_caution(code, row, found.kind) for code in row["warning"].split(", ") if code]
        sheet.add_estimate(
            numbers={**row, "estimate": row["att"]}, term=f"{name}:{row[column]:g}", n=row["treated"], cautions=own, **words
        )


def _caution(code: str, row: Mapping[str, Any], kind: str) -> Caution:
    if code == "contrast_does_not_vary" and kind == "dynamic" and row["att"] == 0:
        return Caution("base_period")  # an average of cells that are the starting point themselves
    return Caution(code, {"treated": row["treated"], "threshold": FEW_TREATED})


def _distinct(cautions: Iterable[Caution]) -> list[Caution]:
    kept: list[Caution] = []
    for caution in cautions:
        if caution not in kept:
            kept.append(caution)
    return kept


def _write_two_by_two(sheet: ResultSheet, observed: pd.DataFrame, outcome: OutcomePlan, timing: Sequence[Caution]) -> None:
    """Compare the first round with the last, people trained in between with people not trained by then.

    People trained before the first round have no baseline and are left out; `timing` says so beside the number.
    """
    first, last = observed[TIME].min(), observed[TIME].max()
    ends = observed[observed[TIME].isin([first, last]) & ~observed[COHORT].between(1, first)]
    ever = ends.assign(ever_trained=ends[COHORT].between(1, last).astype(int))
    words: dict[str, Any] = {
        "family": "effects",
        "estimand": "ATT",
        "model": "two_by_two",
        "outcome": outcome.variable,
        "unit": outcome.unit,
    }
    try:
        found = two_by_two(ever, outcome=outcome.variable, unit=UNIT, time=TIME, treated="ever_trained")
    except StatsError as refusal:
        sheet.add(
            statistic="estimate", value=None, term="overall", cautions=[Caution("not_estimated", {"reason": refusal})], **words
        )
        return
    numbers = {name: getattr(found, name) for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value", "df")}
    sheet.add_estimate(numbers=numbers, term="overall", n=found.n, clusters=found.n, cautions=[*timing, *found.cautions], **words)


def _write_two_way(sheet: ResultSheet, observed: pd.DataFrame, outcome: OutcomePlan, plan: Plan) -> None:
    """Two-way fixed effects: of being trained by now, or with the regressors and round dummies that the plan names."""
    words: dict[str, Any] = TWO_WAY | {"outcome": outcome.variable, "unit": outcome.unit}
    try:
        found = _fit_two_way(observed, outcome, plan)
    except StatsError as refusal:
        sheet.add(
            statistic="estimate", value=None, term="trained", cautions=[Caution("not_estimated", {"reason": refusal})], **words
        )
        return
    for row in records(found.table):
        sheet.add_estimate(numbers=row, term=row["term"], n=found.units, clusters=found.clusters, cautions=found.cautions, **words)


def _fit_two_way(observed: pd.DataFrame, outcome: OutcomePlan, plan: Plan) -> TwoWayEstimates:
    regressors = list(plan.twfe.get("regressors", ()))
    cov = plan.twfe.get("cov", "cluster")
    if not regressors:
        trained = ((observed[COHORT] > 0) & (observed[TIME] >= observed[COHORT])).astype(float)
        return twfe(observed.assign(trained=trained), outcome.variable, UNIT, TIME, "trained", cov=cov)
    later = observed.sort_values(TIME)["wave"].drop_duplicates().iloc[1:]
    dummies = {f"wave:{wave}": (observed["wave"] == wave).astype(float) for wave in later}
    return twfe(
        observed.assign(**dummies), outcome.variable, UNIT, TIME, regressors=[*dummies, *regressors], time_effects=False, cov=cov
    )


def _write_bacon(sheet: ResultSheet, observed: pd.DataFrame, outcome: OutcomePlan) -> None:
    words: dict[str, Any] = {"family": "bacon", "estimand": "TWFE weight", "model": "twfe", "outcome": outcome.variable}
    try:
        found = bacon_decomposition(observed, outcome.variable, UNIT, TIME, COHORT)
    except StatsError as refusal:
        sheet.add(
            statistic="weight", value=None, term="forbidden", cautions=[Caution("not_estimated", {"reason": refusal})], **words
        )
        return
    for row in records(found.table):
        groups = [("never" if np.isinf(row[name]) else f"{row[name]:g}") for name in ("treated_group", "control_group")]
        term = ":".join([row["kind"], *groups])
        n = row["n_treated"] + row["n_control"]
        sheet.add(statistic="estimate", value=row["estimate"], term=term, unit=outcome.unit, n=n, **words)
        sheet.add(statistic="weight", value=row["weight"], term=term, unit="share", n=n, **words)
    sheet.add(
        statistic="weight",
        value=found.forbidden_share,
        term="forbidden",
        unit="share",
        n=found.units,
        cautions=found.cautions,
        **words,
    )
