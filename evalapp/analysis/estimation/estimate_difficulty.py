"""Difficulty components of the reference wave, the nested models on them, and every wave scored with the frozen weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from evalapp.analysis.estimation.rows import ResultSheet, records
from evalapp.analysis.plans.plan import Plan
from evalapp.stats.scales.components import DifficultyComponents, difficulty_components, item_means
from evalapp.stats.scales.nested_models import INTERCEPT, nested_models
from evalapp.stats.warnings import Caution, StatsError

LOWEST, HIGHEST = 1, 5
SCORES = {"internal_difficulty": "internal", "external_difficulty": "external"}
TERMS = {INTERCEPT: "constant"}


def estimate_difficulty(sheet: ResultSheet, frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Write the families of the difficulty battery and return the frame with a score column for each component.

    A plan without a battery returns the frame as it is.
    """
    asked = plan.difficulty
    if not asked:
        return frame
    reference = frame[(frame["wave"] == asked["reference_wave"]) & (frame["state"] == "approved")].set_index("study_id")
    _write_answers(sheet, reference, asked)
    anchors = {score: asked["anchors"][name] for score, name in SCORES.items() if name in asked["anchors"]}
    try:
        components = difficulty_components(
            reference,
            items=asked["items"],
            n_components=len(anchors),
            drop=asked["drop"],
            anchors=anchors,
            bounds=(LOWEST, HIGHEST),
        )
    except StatsError as refusal:
        caution = Caution("not_estimated", {"reason": refusal})
        sheet.add("component_fit", "value", None, estimand="component", term="kmo", n=len(reference), cautions=[caution])
        return frame
    _write_components(sheet, components)
    means = item_means(reference, anchors, bounds=(LOWEST, HIGHEST))
    for family, outcomes in (("component_models", components.scores), ("item_mean_models", means)):
        for outcome in anchors:
            _write_models(sheet, family, outcome, reference.assign(**{outcome: outcomes[outcome]}), asked)
    scores = components.score(frame)
    return frame.join(scores)


def _write_answers(sheet: ResultSheet, reference: pd.DataFrame, asked: Mapping[str, Any]) -> None:
    for item in asked["items"]:
        answers = reference[item].dropna() if item in reference else reference.index[:0]
        for category in range(LOWEST, HIGHEST + 1):
            chosen = int((answers == category).sum())
            words: dict[str, Any] = {
                "outcome": item,
                "estimand": "descriptive",
                "term": f"category:{category}",
                "subgroup": asked["reference_wave"],
                "n": len(answers),
            }
            sheet.add("difficulty_answers", "count", chosen, unit="count", **words)
            sheet.add("difficulty_answers", "share", chosen / len(answers) if len(answers) else None, unit="share", **words)


def _write_components(sheet: ResultSheet, components: DifficultyComponents) -> None:
    words: dict[str, Any] = {"estimand": "component", "n": components.n}
    for item, row in components.screen.iterrows():
        place: dict[str, Any] = {"term": item, "subgroup": "dropped" if row["dropped"] else "kept"}
        for statistic in ("item_rest", "communality"):
            sheet.add("component_screen", statistic, row[statistic], **place, **words)
    for outcome in components.loadings.columns:
        for item in components.items:
            sheet.add("components", "loading", components.loadings.loc[item, outcome], outcome=outcome, term=item, **words)
            sheet.add("components", "weight", components.weights.loc[item, outcome], outcome=outcome, term=item, **words)
        alpha = components.alpha.get(outcome)
        numbers = {"variance_rotated": components.variance_rotated.loc[outcome, "proportion"]}
        if alpha is not None:  # a component of one item has no reliability to state; its caution says so
            numbers |= {"alpha": alpha.raw, "alpha_low": alpha.conf_low, "alpha_high": alpha.conf_high}
        for statistic, value in numbers.items():
            sheet.add("components", statistic, value, outcome=outcome, term="component", **words)
    _write_unrotated(sheet, components, words)
    sheet.add("component_fit", "value", components.kmo.overall, term="kmo", cautions=components.cautions, **words)
    bartlett = {"statistic": components.bartlett.chi_squared, "df": components.bartlett.df, "p_value": components.bartlett.p_value}
    for statistic, value in bartlett.items():
        sheet.add("component_fit", statistic, value, term="bartlett", **words)


def _write_unrotated(sheet: ResultSheet, components: DifficultyComponents, words: Mapping[str, Any]) -> None:
    """Unrotated components are neither internal nor external: they are numbered by the variance they explain."""
    for number, unrotated in enumerate(components.loadings_unrotated.columns, start=1):
        place: dict[str, Any] = {"outcome": f"component:{number}", **words}
        for item in components.items:
            sheet.add("components", "loading_unrotated", components.loadings_unrotated.loc[item, unrotated], term=item, **place)
        variance = components.variance_unrotated["proportion"].iloc[number - 1]
        sheet.add("components", "variance_unrotated", variance, term="component", **place)
        sheet.add("components", "eigenvalue", components.eigenvalues.loc[number], term="component", **place)


def _write_models(sheet: ResultSheet, family: str, outcome: str, reference: pd.DataFrame, asked: Mapping[str, Any]) -> None:
    words: dict[str, Any] = {"outcome": outcome, "estimand": "association"}
    try:
        models = nested_models(reference, outcome, blocks=asked["blocks"], controls=asked["controls"], robust=asked["robust"])
    except StatsError as refusal:
        caution = Caution("not_estimated", {"reason": refusal})
        sheet.add(family, "r_squared", None, model="1", term="model", cautions=[caution], **words)
        return
    sizes = models.fits.set_index("model")
    unit = "sd" if family == "component_models" else "points"
    for row in records(models.table):
        numbers = {k: row[k] for k in ("estimate", "std_error", "conf_low", "conf_high", "p_value")}
        term = TERMS.get(row["term"], row["term"])
        sheet.add_estimate(family, numbers, model=row["model"], term=term, unit=unit, n=models.n, **words)
    for model, fit in sizes.iterrows():
        sheet.add(family, "r_squared", fit["r_squared"], model=model, term="model", n=fit["n"], cautions=models.cautions, **words)
