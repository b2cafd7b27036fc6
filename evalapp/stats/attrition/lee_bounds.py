"""How large and how small the effect can be when the arms answered at different rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from evalapp.stats.attrition.trimming_cells import (
    MIN_ANSWERS,
    RespondingArms,
    bound_influence,
    cell_table,
    direction_cautions,
    merge_small_cells,
    trim_cell,
)
from evalapp.stats.columns import binary_column, category_codes, column_names, numeric_column, refuse_level, require_columns
from evalapp.stats.experiments.comparison_fit import FEW_CLUSTERS
from evalapp.stats.experiments.comparison_rows import both_arms, refuse_repeats
from evalapp.stats.warnings import Caution, StatsError

HEAVY_TRIMMING = 0.3
# A standard error below this share of the answers' size is rounding.
ROUNDING = 1e-12


@dataclass(frozen=True)
class LeeBounds:
    """Bounds on the mean effect on those who would answer in either arm.

    lower, upper: the bounds, outcome units; lower_std_error, upper_std_error; conf_low, conf_high: Imbens and Manski's interval for
        the effect; unadjusted: difference in means of those who answered.
    cells: one row per cell: cell, n_control, n_treated, share_control, share_treated (response), trimmed_arm ("control", "treated"
        or "none"), trimmed_share (of that arm's answers), weight (share of the always-answering), lower, upper.
    share_always: of everyone, those who would answer in either arm; n: people; answered: answers; clusters: units of assignment.
    cautions: what a reader must know.
    """

    lower: float
    upper: float
    lower_std_error: float
    upper_std_error: float
    conf_low: float
    conf_high: float
    unadjusted: float
    cells: pd.DataFrame
    share_always: float
    n: int
    answered: int
    clusters: int
    cautions: tuple[Caution, ...]


def lee_bounds(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    answered: str | None = None,
    *,
    tighten: Sequence[str] = (),
    cluster: str | None = None,
    level: float = 0.95,
) -> LeeBounds:
    """Compare the arms after setting aside, in the arm that answered more, the best and then the worst of its surplus answers.

    Parameters
    ----------
    data : one row per person assigned, whether or not an answer came.
    outcome : numeric column, missing without an answer.
    treatment : column, 1 treated and 0 control.
    answered : column, 1 answered and 0 not; by default whether the outcome is there.
    tighten : columns with few values, known before assignment; trimming happens within each combination of them.
    cluster : column of the unit of assignment; every row by itself by default.
    level : coverage of the interval, a share.

    Returns
    -------
    LeeBounds

    Raises
    ------
    StatsError : a column is absent, named twice, not numeric; an arm that is not 0 or 1, is missing or is one only; an answer without
        an outcome; fewer than two answers in an arm.

    Missing values and weights
    --------------------------
    A missing outcome is no answer. Missing cells are refused. No weights.

    Notes
    -----
    In each cell the arm with the higher response rate loses the share p = 1 - q_low / q_high of its answers, at the bottom for one
    bound and at the top for the other (an answer at the threshold in part). Cells are averaged over the always-answering, counted in
    the arm that responds less. Standard errors come from influence functions, including those of p and of the cells' weights; with
    one cell they are Lee's. The interval is lower - c s_l to upper + c s_u with F(c + (upper - lower) / max(s_l, s_u)) - F(-c) = level.
    Cells with fewer than five answers in an arm are merged.

    Assumes
    -------
    Random assignment, and that assignment moves response in one direction only (in each cell): nobody answers only when treated
    while someone alike answers only when not.

    Source
    ------
    Lee (2009), Review of Economic Studies 76(3), propositions 1 to 3; Imbens & Manski (2004), Econometrica 72(6), section 4;
    Tauchmann (2014), Stata Journal 14(4). Different directions in different cells: Semenova (2025), Journal of Econometrics.

    Checked against
    ---------------
    Stata's leebounds 1.5: tests/stats/reference/lee_bounds_stata.json; R 4.2.2, rewritten from the paper's formulas:
    tests/stats/reference/lee_bounds_r.json.
    """
    refuse_level(level)
    arms, merged = people_and_answers(data, outcome, treatment, answered, column_names(tighten, "tighten"), cluster)
    cells = [trim_cell(arms, code) for code in range(len(arms.labels))]
    table = cell_table(cells)
    lower, upper = (float(np.average(table[side], weights=table["weight"])) for side in ("lower", "upper"))
    few, measurable = assignment_cautions(arms)
    errors = [std_error(bound_influence(arms, cells, side), arms) if measurable else np.nan for side in ("lower", "upper")]
    still = max(errors) <= ROUNDING * np.nanmax(np.abs(arms.y))
    low, high = (np.nan, np.nan) if still or not measurable else imbens_manski(lower, upper, errors, level)
    return LeeBounds(
        lower=lower,
        upper=upper,
        lower_std_error=errors[0],
        upper_std_error=errors[1],
        conf_low=low,
        conf_high=high,
        unadjusted=float(arms.y[arms.answering(1)].mean() - arms.y[arms.answering(0)].mean()),
        cells=table,
        share_always=sum(cell.always for cell in cells),
        n=len(arms.treated),
        answered=int(arms.answered.sum()),
        clusters=len(np.unique(arms.clusters)),
        cautions=(
            *merged,
            *few,
            *direction_cautions(cells),
            *trimming_cautions(table),
            *([Caution("contrast_does_not_vary")] if still else []),
        ),
    )


def people_and_answers(
    data: pd.DataFrame, outcome: str, treatment: str, answered: str | None, tighten: Sequence[str], cluster: str | None
) -> tuple[RespondingArms, list[Caution]]:
    """Read who was assigned where, who answered, and the cells."""
    names = [outcome, treatment, *([answered] if answered else []), *tighten]
    refuse_repeats(names)
    require_columns(data, [*names, *([cluster] if cluster else [])])
    y, treated = numeric_column(data, outcome), both_arms(data, treatment)
    replied = who_answered(data, y, outcome, answered)
    for arm in (0, 1):
        if (count := int(replied[treated == arm].sum())) < 2:
            raise StatsError(
                "Column %(column)r has %(answers)s answers where %(treatment)r is %(arm)s; bounds need at least two in each arm.",
                column=outcome,
                answers=count,
                treatment=treatment,
                arm=arm,
            )
    cell, labels = cells_of(data, tighten)
    counts = np.column_stack([np.bincount(cell, replied * (treated == arm)) for arm in (0, 1)]).astype(np.int64)
    merged, kept = merge_small_cells(cell, counts, labels)
    clusters = category_codes(data, cluster)[0] if cluster else np.arange(len(data))
    arms = RespondingArms(np.where(replied == 1, y, np.nan), treated, replied, merged, tuple(kept), clusters, cluster is not None)
    if len(kept) == len(labels):
        return arms, []
    facts = {"cells": len(labels) - len(kept) + 1, "people": int((merged == len(kept) - 1).sum()), "threshold": MIN_ANSWERS}
    return arms, [Caution("cells_merged", facts)]


def who_answered(data: pd.DataFrame, y: NDArray[np.float64], outcome: str, answered: str | None) -> NDArray[np.float64]:
    """Read who answered, which must agree with where the outcome is."""
    if answered is None:
        return (~np.isnan(y)).astype(float)
    replied = binary_column(data, answered)
    if np.isnan(replied).any():
        raise StatsError(
            "Column %(column)r is missing in %(rows)s rows; code no answer as 0.",
            column=answered,
            rows=int(np.isnan(replied).sum()),
        )
    if (bad := int((np.isnan(y) & (replied == 1)).sum())) > 0:
        raise StatsError(
            "Column %(column)r is missing in %(rows)s rows where %(answered)r is 1; code those rows 0.",
            column=outcome,
            rows=bad,
            answered=answered,
        )
    return replied


def cells_of(data: pd.DataFrame, tighten: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Give each combination of labels a number and a name."""
    if not tighten:
        return np.zeros(len(data), dtype=np.int64), ["everyone"]
    codes = [category_codes(data, name) for name in tighten]
    combinations, cell = np.unique(np.column_stack([code for code, _ in codes]), axis=0, return_inverse=True)
    names = [[str(label) for label in labels] for _, labels in codes]
    return cell.ravel(), [", ".join(label[k] for label, k in zip(names, row, strict=True)) for row in combinations]


def std_error(influence: NDArray[np.float64], arms: RespondingArms) -> float:
    """Sum the squared (cluster sums of) influences."""
    if not arms.clustered:
        return float(np.sqrt(influence @ influence))
    sums = np.bincount(arms.clusters, influence)
    return float(np.sqrt(len(sums) / (len(sums) - 1) * (sums @ sums)))


def imbens_manski(lower: float, upper: float, errors: Sequence[float], level: float) -> tuple[float, float]:
    """Return the interval that covers the effect, wherever it lies between the bounds."""
    width = (upper - lower) / max(errors)
    c = brentq(lambda c: norm.cdf(c + width) - norm.cdf(-c) - level, 0, norm.ppf((1 + level) / 2) + 1)
    return lower - c * errors[0], upper + c * errors[1]


def assignment_cautions(arms: RespondingArms) -> tuple[list[Caution], bool]:
    """Say when few groups were assigned, and whether each arm has the two that a standard error needs."""
    if not arms.clustered:
        return [], True
    total = len(np.unique(arms.clusters))
    treated, control = (len(np.unique(arms.clusters[arms.treated == arm])) for arm in (1, 0))
    for code, units in (("single_treated_cluster", treated), ("single_control_cluster", control)):
        if units == 1:
            return [Caution(code, {"clusters": total})], False
    return ([Caution("few_assigned_clusters", {"clusters": total})] if total < FEW_CLUSTERS else []), True


def trimming_cautions(table: pd.DataFrame) -> list[Caution]:
    """Say when much is set aside."""
    share = float(np.average(table["trimmed_share"], weights=table["weight"]))
    return [Caution("heavy_trimming", {"share": 100 * share, "threshold": 100 * HEAVY_TRIMMING})] if share > HEAVY_TRIMMING else []
