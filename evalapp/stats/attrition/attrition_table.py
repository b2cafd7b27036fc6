"""Who was asked, who answered, and whether the arms answered alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, fisher_exact, norm

from evalapp.stats.columns import binary_column, category_codes, refuse_duplicates, refuse_level, require_columns
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

# Cochran's rule: below five expected answers in a cell the chi-squared approximation is poor.
SMALL_EXPECTED_COUNT = 5
DIFFERENTIAL = 0.05


@dataclass(frozen=True)
class AttritionTable:
    """Response by arm and wave.

    table: one row per wave and arm: wave, arm, due, answered (counts), share (0 to 1), conf_low, conf_high (Wilson).
    tests: one row per wave and arm other than the reference: wave, arm, reference, difference (share less the reference's share),
        conf_low, conf_high (Newcombe), p_value, method ("chi-squared" or "Fisher exact"), n (due in both arms).
    cautions: waves in which response differs, and cells in which nobody was due.
    """

    table: pd.DataFrame
    tests: pd.DataFrame
    cautions: tuple[Caution, ...]


def attrition_table(
    panel: pd.DataFrame,
    unit: str,
    wave: str,
    arm: str,
    answered: str,
    *,
    due: str | None = None,
    reference: Hashable | None = None,
    level: float = 0.95,
) -> AttritionTable:
    """Compare, wave by wave, the share of each arm that answered with the share of the reference arm that did.

    Parameters
    ----------
    panel : one row per person and wave in which the person was to be asked, answered or not.
    unit, wave, arm : columns of labels.
    answered : column, 1 answered and 0 not.
    due : column, 1 where an answer was due by now; every row by default. Other rows do not count.
    reference : the arm the others are compared with; by default the first in sorted order.
    level : coverage of the intervals, a share.

    Returns
    -------
    AttritionTable

    Raises
    ------
    StatsError : a column is absent; a label, `answered` or `due` is missing or not 0 or 1; two rows of a person in a wave; one arm
        only; an unknown reference; nobody due at all.

    Missing values and weights
    --------------------------
    Missing values are refused: a person without an answer is a row with `answered` 0. No weights.

    Notes
    -----
    Shares: Wilson's interval. Difference: Newcombe's interval (his method 10). p: Pearson's chi-squared without continuity
    correction, or Fisher's exact test where an expected count is below five.

    Assumes
    -------
    People answer independently of each other. Equal response does not show that the same kind of people stayed.

    Source
    ------
    Newcombe (1998), Statistics in Medicine 17(8), method 10; Wilson (1927), Journal of the American Statistical Association 22.

    Checked against
    ---------------
    Newcombe's Table II, example (a); R 4.2.2 (prop.test, fisher.test): tests/stats/reference/attrition_r.json.
    """
    refuse_level(level)
    require_columns(panel, [unit, wave, arm, answered, *([due] if due else [])])
    rows = due_rows(panel, answered, due)
    refuse_duplicates(category_codes(rows, unit)[0], category_codes(rows, wave)[0], rows, (unit, wave))
    (wave_codes, waves), (arm_codes, arm_labels) = category_codes(rows, wave), category_codes(rows, arm)
    arms = arm_labels.tolist()
    base = reference_position(arms, arm, reference)
    cells = wave_codes * len(arms) + arm_codes
    size = len(waves) * len(arms)
    asked = np.bincount(cells, minlength=size).reshape(len(waves), len(arms))
    replied = np.bincount(cells, binary_column(rows, answered), size).astype(np.int64).reshape(asked.shape)
    table, tests, cautions = [], [], []
    for w, label in enumerate(waves):
        for a, name in enumerate(arms):
            table.append({"wave": label, "arm": name} | share_columns(replied[w, a], asked[w, a], level))
            if asked[w, a] == 0:
                cautions.append(Caution("nobody_due", {"wave": label, "arm": name}))
            if a != base:
                line = {"wave": label, "arm": name, "reference": arms[base]} | difference_columns(
                    replied[w, [a, base]], asked[w, [a, base]], level
                )
                tests.append(line)
                cautions += differential(line, replied[w, [a, base]], asked[w, [a, base]])
    return AttritionTable(pd.DataFrame(table), pd.DataFrame(tests), tuple(cautions))


def due_rows(panel: pd.DataFrame, answered: str, due: str | None) -> pd.DataFrame:
    """Keep the rows in which an answer was due, each known to be answered or not."""
    asked = binary_column(panel, due) if due else np.ones(len(panel))
    if np.isnan(asked).any():
        raise StatsError(
            "Column %(column)r has %(rows)s missing values; code each row 0 or 1.", column=due, rows=int(np.isnan(asked).sum())
        )
    rows: pd.DataFrame = panel.loc[asked == 1]
    if len(rows) == 0:
        raise StatsError("Column %(column)r is 0 in every row; response can be compared once a wave is due.", column=due)
    unknown = int(np.isnan(binary_column(rows, answered)).sum())
    if unknown:
        raise StatsError(
            "Column %(column)r has %(rows)s missing values where an answer was due; code no answer as 0.",
            column=answered,
            rows=unknown,
        )
    return rows


def reference_position(arms: list[Hashable], column: str, reference: Hashable | None) -> int:
    """Find the arm the others are compared with."""
    if len(arms) < 2:
        raise StatsError(
            "Column %(column)r has one arm only, %(arm)r; response is compared between at least two.", column=column, arm=arms[0]
        )
    if reference is None:
        return 0
    if reference not in arms:
        raise StatsError(
            "reference is %(reference)r, not an arm of %(column)r; choose one of %(arms)s.",
            reference=reference,
            column=column,
            arms=", ".join(map(repr, arms)),
        )
    return arms.index(reference)


def wilson(
    successes: NDArray[np.int64], trials: NDArray[np.int64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lower and upper limits of shares; trials above zero."""
    z2 = norm.ppf((1 + level) / 2) ** 2
    share = successes / trials
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = np.sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials**2))) / (1 + z2 / trials)
    # At 0 and at n the limit is the share itself, which rounding can miss.
    return np.where(successes == 0, 0.0, centre - half), np.where(successes == trials, 1.0, centre + half)


def share_columns(replied: int, asked: int, level: float) -> dict[str, float]:
    """Make one cell's counts, share and interval."""
    if asked == 0:
        return {"due": 0, "answered": 0, "share": np.nan, "conf_low": np.nan, "conf_high": np.nan}
    low, high = wilson(np.array([replied]), np.array([asked]), level)
    return {"due": asked, "answered": replied, "share": replied / asked, "conf_low": low[0], "conf_high": high[0]}


def difference_columns(replied: NDArray[np.int64], asked: NDArray[np.int64], level: float) -> dict[str, Any]:
    """Compare an arm (first) with the reference (second)."""
    n = int(asked.sum())
    if asked.min() == 0:
        return dict.fromkeys(("difference", "conf_low", "conf_high", "p_value"), np.nan) | {"method": "none", "n": n}
    share, (low, high) = replied / asked, wilson(replied, asked, level)
    difference = share[0] - share[1]
    p_value, method = equal_shares(replied, asked)
    return {
        "difference": difference,
        "conf_low": difference - np.hypot(share[0] - low[0], high[1] - share[1]),
        "conf_high": difference + np.hypot(high[0] - share[0], share[1] - low[1]),
        "p_value": p_value,
        "method": method,
        "n": n,
    }


def equal_shares(replied: NDArray[np.int64], asked: NDArray[np.int64]) -> tuple[float, str]:
    """Test that two shares are equal."""
    observed = np.array([replied, asked - replied])
    expected = np.outer(observed.sum(axis=1), asked) / asked.sum()
    if expected.min() < SMALL_EXPECTED_COUNT:
        return float(fisher_exact(observed)[1]), "Fisher exact"
    return float(chi2.sf(((observed - expected) ** 2 / expected).sum(), 1)), "chi-squared"


def differential(line: dict[str, Any], replied: NDArray[np.int64], asked: NDArray[np.int64]) -> list[Caution]:
    """Caution where response differs by more than chance."""
    if asked.min() == 0 or line["p_value"] >= DIFFERENTIAL:
        return []
    shares = 100 * replied / asked
    facts = {key: line[key] for key in ("wave", "arm", "reference", "p_value")}
    return [
        Caution(
            "differential_attrition",
            facts | {"share": shares[0], "reference_share": shares[1], "difference": shares[0] - shares[1]},
        )
    ]
