"""Which two-group comparisons a two-way fixed-effects estimate averages, and with what weights."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.columns import category_codes, numeric_column, refuse_duplicates, require_columns
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

TREATED_VS_NEVER = "treated vs never treated"
EARLIER_VS_LATER = "earlier vs later"
LATER_VS_EARLIER = "later vs earlier (already treated)"
LATER_VS_ALWAYS = "later vs always treated"
FORBIDDEN = (LATER_VS_EARLIER, LATER_VS_ALWAYS)

# From this share of the weight on, forbidden comparisons can move the estimate by as much as a tenth of their own error.
LEANS_ON_FORBIDDEN = 0.10


@dataclass(frozen=True)
class BaconDecomposition:
    """The comparisons behind a two-way fixed-effects estimate.

    table: one row per comparison: kind, treated_group and control_group (first treated periods; inf never, -inf always treated),
        estimate (outcome units), weight (share; the column sums to 1), n_treated and n_control (units).
    by_kind: kind, weight (sum), estimate (weighted mean, outcome units).
    twfe: sum of weight x estimate, which is the two-way fixed-effects coefficient.
    forbidden_share: weight of comparisons with units already treated, 0 to 1.
    without_forbidden: weighted mean of the other comparisons; NaN when there are none.
    n, units, periods: rows, units and periods used.
    """

    table: pd.DataFrame
    by_kind: pd.DataFrame
    twfe: float
    forbidden_share: float
    without_forbidden: float
    n: int
    units: int
    periods: int
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class Group:
    """Units first treated in one period.

    start: that period (inf never, -inf always); n: units; treated_share: share of periods treated; means: (T,) outcome by period.
    """

    start: float
    n: int
    treated_share: float
    means: NDArray[np.float64]


def short(value: float) -> str:
    """Four digits that count, never in powers of ten."""
    decimals = max(0, 3 - int(np.floor(np.log10(abs(value))))) if value else 0
    return f"{value:,.{decimals}f}"


def bacon_decomposition(panel: pd.DataFrame, outcome: str, unit: str, time: str, cohort: str) -> BaconDecomposition:
    """Take a two-way fixed-effects estimate apart: comparisons of two groups before and after one of them starts treatment.

    Comparisons of newly treated with already treated units are forbidden ones: a changing effect of the latter is subtracted.

    Parameters
    ----------
    panel : one row per unit and period.
    outcome, unit : columns; outcome numeric.
    time : numeric column.
    cohort : numeric column, the first treated period of the unit; 0, missing or infinite is never treated.

    Returns
    -------
    BaconDecomposition

    Raises
    ------
    StatsError : a column is absent or not numeric; two rows of a unit in a period; a unit in two cohorts; no complete unit; all
        units with the same first treated period, so that nothing can be compared.

    Missing values and weights
    --------------------------
    The decomposition holds for balanced panels: units without an outcome in every period are dropped and counted in a caution.
    No sampling weights.

    Notes
    -----
    With groups of n units treated a share D of the time, k the earlier and l the later of a pair, the weights are proportional to
    n_k n_l (D_k - D_l)(1 - D_k) for "earlier vs later" (l never treated: D_l = 0) and to n_k n_l D_l (D_k - D_l) for "later vs
    earlier" (k always treated: D_k = 1). Each estimate is a difference of differences of means over the pair's own window.

    Assumes
    -------
    Treatment does not end. The weights need nothing else; reading an estimate as an effect needs parallel trends in that pair.

    Source
    ------
    Goodman-Bacon (2021), Journal of Econometrics 225(2), theorem 1, equations 7 and 10.

    Checked against
    ---------------
    diff-diff 3.13.0: tests/stats/reference/bacon_mpdta.json; and the sum against `twfe`.
    """
    require_columns(panel, [outcome, unit, time, cohort])
    Y, periods, starts, dropped = balanced_arrays(panel, outcome, unit, time, cohort)
    groups = treatment_groups(Y, periods, starts)
    table = comparisons(groups, periods)
    twfe = float((table["weight"] * table["estimate"]).sum())
    forbidden = table["kind"].isin(FORBIDDEN)
    share = float(table.loc[forbidden, "weight"].sum())
    clean = weighted_mean(table[~forbidden])
    cautions = [Caution("incomplete_units", {"units": dropped, "of": dropped + len(Y)})] if dropped else []
    if share >= LEANS_ON_FORBIDDEN or (share > 0 and not twfe * clean > 0):
        cautions.append(
            Caution(
                "forbidden_comparisons",
                {"share": 100 * share, "estimate": short(twfe), "clean": "no number" if np.isnan(clean) else short(clean)},
            )
        )
    kinds = [
        {"kind": kind, "weight": rows["weight"].sum(), "estimate": weighted_mean(rows)}
        for kind, rows in table.groupby("kind", sort=False)
    ]
    return BaconDecomposition(table, pd.DataFrame(kinds), twfe, share, clean, Y.size, len(Y), Y.shape[1], tuple(cautions))


def balanced_arrays(
    panel: pd.DataFrame, outcome: str, unit: str, time: str, cohort: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], int]:
    """Return outcomes (units, periods), the periods, first treated periods (units,) and the number of incomplete units dropped."""
    codes, labels = category_codes(panel, unit)
    period_codes, _ = category_codes(panel, time)
    refuse_duplicates(codes, period_codes, panel, (unit, time))
    periods = np.unique(numeric_column(panel, time))
    Y = np.full((len(labels), len(periods)), np.nan)
    Y[codes, period_codes] = numeric_column(panel, outcome)
    first = first_treated(panel, cohort)
    starts = np.full(len(labels), np.inf)
    starts[codes] = first
    if (starts[codes] != first).any():
        offender = panel[unit].iloc[int(np.argmax(starts[codes] != first))]
        raise StatsError(
            "Column %(column)r changes within %(unit)s %(label)s; give each unit one first treated period.",
            column=cohort,
            unit=unit,
            label=offender,
        )
    complete = ~np.isnan(Y).any(axis=1)
    if not complete.any():
        raise StatsError(
            "No unit has %(outcome)r in all %(periods)s periods; restrict the panel to periods that were asked of all.",
            outcome=outcome,
            periods=len(periods),
        )
    return Y[complete], periods, starts[complete], int((~complete).sum())


def first_treated(panel: pd.DataFrame, cohort: str) -> NDArray[np.float64]:
    """Read first treated periods, with 0 and missing as infinity: never."""
    values = numeric_column(panel[[cohort]].replace(np.inf, np.nan), cohort)
    return np.where(np.isnan(values) | (values == 0), np.inf, values)


def treatment_groups(Y: NDArray[np.float64], periods: NDArray[np.float64], starts: NDArray[np.float64]) -> list[Group]:
    """Group units by first treated period, earliest first; starts outside the panel become always (-inf) or never (inf)."""
    starts = np.where(starts <= periods[0], -np.inf, np.where(starts > periods[-1], np.inf, starts))
    found = np.unique(starts)
    if len(found) < 2:
        raise StatsError("All units have the same first treated period; two-way fixed effects need two groups that differ in it.")
    return [
        Group(float(start), int((starts == start).sum()), float((periods >= start).mean()), Y[starts == start].mean(axis=0))
        for start in found
    ]


def comparisons(groups: list[Group], periods: NDArray[np.float64]) -> pd.DataFrame:
    """List every two-group comparison with a weight above zero, weights summing to 1."""
    rows = []
    for earlier, later in combinations(groups, 2):
        apart = earlier.n * later.n * (earlier.treated_share - later.treated_share)
        before, after = periods < earlier.start, periods >= later.start
        between = ~before & ~after
        kind = TREATED_VS_NEVER if np.isposinf(later.start) else EARLIER_VS_LATER
        rows.append(comparison(kind, earlier, later, (before, between), apart * (1 - earlier.treated_share)))
        kind = LATER_VS_ALWAYS if np.isneginf(earlier.start) else LATER_VS_EARLIER
        rows.append(comparison(kind, later, earlier, (between, after), apart * later.treated_share))
    table = pd.DataFrame([row for row in rows if row is not None])
    if table.empty:
        raise StatsError(
            "Only always and never treated units: no unit's treatment changes in the panel; add periods before it starts."
        )
    return table.assign(weight=table["weight"] / table["weight"].sum())


def comparison(
    kind: str, treated: Group, control: Group, windows: tuple[NDArray[np.bool_], NDArray[np.bool_]], weight: float
) -> dict[str, object] | None:
    """Compare the treated group's change between two windows with the control group's; None where a window is empty."""
    if weight <= 0:
        return None
    before, after = windows
    gap = treated.means - control.means
    return {
        "kind": kind,
        "treated_group": treated.start,
        "control_group": control.start,
        "estimate": gap[after].mean() - gap[before].mean(),
        "weight": weight,
        "n_treated": treated.n,
        "n_control": control.n,
    }


def weighted_mean(rows: pd.DataFrame) -> float:
    """Average the estimates by weight; NaN for no rows."""
    return float(np.average(rows["estimate"], weights=rows["weight"])) if len(rows) else float("nan")
