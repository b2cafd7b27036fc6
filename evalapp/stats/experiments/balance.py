"""Whether two arms looked alike before the training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import f as fisher_f
from scipy.stats import t as student_t

from evalapp.stats.columns import binary_column, category_codes, column_names, numeric_column, refuse_level, require_columns
from evalapp.stats.sandwich import bias_reduced_covariance
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Imbens & Rubin (2015), section 14.2: beyond a quarter of a standard deviation linear adjustment depends on its form.
LARGE_NORMALISED_DIFFERENCE = 0.25
FEW_CLUSTERS = 50
# A spread below this share of the values' size is rounding.
ROUNDING = 1e-12


@dataclass(frozen=True)
class JointTest:
    """The test that no variable predicts the arm.

    statistic: F; df_num, df_den: its degrees of freedom; p_value; n: rows with every variable; variables: those in the test.
    """

    statistic: float
    df_num: int
    df_den: int
    p_value: float
    n: int
    variables: tuple[str, ...]


@dataclass(frozen=True)
class BalanceTable:
    """Two arms compared variable by variable.

    table: one row per variable, in the order given: variable; n_control, mean_control, sd_control, n_treated, mean_treated,
        sd_treated (SD with n - 1); missing (rows without the variable); difference (treated less control, within strata if
        given), std_error, df, statistic, p_value, conf_low, conf_high; normalised_difference (in pooled SDs). Means, SDs and
        differences in the variable's own units.
    joint: the joint test, or None with a caution that says why not.
    n, clusters: rows and clusters with a known arm (clusters is n without clustering).
    """

    table: pd.DataFrame
    joint: JointTest | None
    n: int
    clusters: int
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class Assignment:
    """Who was in which arm: treated (N,) 0 or 1, clusters (N,) codes, strata (N, s) dummies of all strata but the first."""

    treated: NDArray[np.float64]
    clusters: NDArray[np.int64]
    strata: NDArray[np.float64]
    clustered: bool

    def design(self) -> NDArray[np.float64]:
        """Put the arm, a constant and the strata side by side: (N, 2 + s)."""
        return np.column_stack([self.treated, np.ones_like(self.treated), self.strata])

    def rows(self, chosen: NDArray[np.bool_]) -> Assignment:
        """Keep the chosen rows."""
        return Assignment(self.treated[chosen], self.clusters[chosen], self.strata[chosen], self.clustered)


def balance_table(
    data: pd.DataFrame,
    variables: Sequence[str],
    treatment: str,
    cluster: str | None = None,
    strata: str | None = None,
    *,
    level: float = 0.95,
) -> BalanceTable:
    """Compare the treated arm's mean of each variable with the control arm's, and all variables at once.

    Parameters
    ----------
    data : one row per person, before the training.
    variables : numeric columns.
    treatment : column, 1 treated and 0 control.
    cluster : column of the unit of assignment; every row by itself by default.
    strata : column; differences are then taken within strata.
    level : coverage of the intervals, a share.

    Returns
    -------
    BalanceTable

    Raises
    ------
    StatsError : a column is absent, not numeric or infinite; the treatment is not 0 or 1, missing for someone, or the same for all;
        no variables; a variable named twice.

    Missing values and weights
    --------------------------
    Nothing is imputed: each line uses the rows that have its variable and counts the rest under `missing`; the joint test uses the
    rows that have them all. No weights.

    Notes
    -----
    Difference and standard error: OLS of the variable on the arm (and stratum dummies), CR2 by cluster with Satterthwaite degrees
    of freedom. Without clusters that is HC2, and without strata the standard error of Welch's t test (his degrees of freedom use
    the estimated variances, these use only the design). Normalised difference = (mean_1 - mean_0) / sqrt((var_1 + var_0) / 2), from
    the raw means. Joint test: OLS of the arm on all variables (and strata); without clusters the F test of OLS, whose
    homoskedasticity is what random assignment implies; with G clusters the CR1 Wald statistic over q against F(q, G - 1).

    Assumes
    -------
    Independent clusters. A large p-value does not show balance in a small sample; read the normalised difference.

    Source
    ------
    Imbens & Rubin (2015), Causal Inference, eq. 14.1 (normalised difference); Bell & McCaffrey (2002), Survey Methodology 28(2).

    Checked against
    ---------------
    R 4.2.2 (t.test, lm, anova): tests/stats/reference/balance_r.json. statsmodels 0.15 for HC2, CR1 and the clustered joint test,
    and clustered lines against the definition of CR2, in the test.
    """
    refuse_level(level)
    variables = column_names(variables, "variables")
    require_columns(data, [*variables, treatment, *([cluster] if cluster else []), *([strata] if strata else [])])
    if not variables or len(set(variables)) < len(variables):
        raise StatsError("variables must name at least one column, and each only once.")
    assignment = read_assignment(data, treatment, cluster, strata)
    columns = {name: numeric_column(data, name) for name in variables}
    lines, cautions = [], few_clusters(assignment)
    for name, values in columns.items():
        line, found = balance_line(name, values, assignment, level)
        lines.append(line)
        cautions += found
    joint, reason = joint_test(columns, assignment)
    if reason:
        cautions.append(Caution("joint_test_impossible", {"reason": reason}))
    return BalanceTable(pd.DataFrame(lines), joint, len(data), len(np.unique(assignment.clusters)), tuple(cautions))


def read_assignment(data: pd.DataFrame, treatment: str, cluster: str | None, strata: str | None) -> Assignment:
    """Read arms, clusters and strata; everyone's arm must be known and both arms present."""
    treated = binary_column(data, treatment)
    if np.isnan(treated).any():
        raise StatsError(
            "Column %(column)r is missing for %(rows)s rows; code the arm or drop those rows.",
            column=treatment,
            rows=int(np.isnan(treated).sum()),
        )
    if treated.min() == treated.max():
        raise StatsError(
            "Column %(column)r is %(value)g for everyone; a balance table needs both arms.", column=treatment, value=treated[0]
        )
    codes = category_codes(data, cluster)[0] if cluster else np.arange(len(data))
    stratum = category_codes(data, strata)[0] if strata else np.zeros(len(data), dtype=np.int64)
    return Assignment(treated, codes, (stratum[:, None] == np.unique(stratum)[1:]).astype(float), cluster is not None)


def few_clusters(assignment: Assignment) -> list[Caution]:
    """Say when there are few clusters."""
    clusters = len(np.unique(assignment.clusters))
    if not assignment.clustered or clusters >= FEW_CLUSTERS:
        return []
    return [Caution("few_clusters", {"clusters": clusters, "threshold": FEW_CLUSTERS})]


def balance_line(
    name: str, values: NDArray[np.float64], assignment: Assignment, level: float
) -> tuple[dict[str, Any], list[Caution]]:
    """Make one variable's row, and the cautions it needs."""
    present = ~np.isnan(values)
    y, kept = values[present], assignment.rows(present)
    arms = {"control": y[kept.treated == 0], "treated": y[kept.treated == 1]}
    line: dict[str, Any] = {"variable": name}
    for arm, answers in arms.items():
        line |= {f"n_{arm}": len(answers), f"mean_{arm}": mean(answers), f"sd_{arm}": standard_deviation(answers)}
    line["missing"] = int((~present).sum())
    smallest = min(len(np.unique(kept.clusters[kept.treated == arm])) for arm in (0, 1))
    pooled = float(np.sqrt((standard_deviation(arms["control"]) ** 2 + standard_deviation(arms["treated"]) ** 2) / 2))
    cautions = []
    if smallest < 2:
        cautions.append(Caution("too_few_answers", {"variable": name, "smallest": smallest}))
    elif np.abs(residual(y, kept.design())).max() <= ROUNDING * np.abs(y).max():
        cautions.append(Caution("no_variation", {"variable": name}))
    line |= difference_columns(y, kept, level, testable=not cautions)
    spread = pooled > ROUNDING * np.abs(y).max(initial=0)
    apart = (mean(arms["treated"]) - mean(arms["control"])) / pooled if spread else float("nan")
    if abs(apart) > LARGE_NORMALISED_DIFFERENCE:
        cautions.append(Caution("imbalance", {"variable": name, "difference": apart}))
    return line | {"normalised_difference": apart}, cautions


def mean(answers: NDArray[np.float64]) -> float:
    """Average; NaN for none."""
    return float(answers.mean()) if len(answers) else float("nan")


def standard_deviation(answers: NDArray[np.float64]) -> float:
    """Sample standard deviation; NaN for fewer than two."""
    return float(answers.std(ddof=1)) if len(answers) > 1 else float("nan")


def difference_columns(y: NDArray[np.float64], assignment: Assignment, level: float, *, testable: bool) -> dict[str, float]:
    """Regress on the arm and strata: the difference, and its inference where that is possible."""
    X = assignment.design()
    coefficients = np.linalg.lstsq(X, y, rcond=None)[0]
    names = ("std_error", "df", "statistic", "p_value", "conf_low", "conf_high")
    if not testable:
        both = 0 < assignment.treated.sum() < len(y)
        return {"difference": float(coefficients[0]) if both else np.nan} | dict.fromkeys(names, np.nan)
    reduced = bias_reduced_covariance(X, y - X @ coefficients, assignment.clusters, 1)
    difference, std_error, df = float(coefficients[0]), float(np.sqrt(reduced.covariance[0, 0])), float(reduced.df[0])
    half = float(student_t.ppf((1 + level) / 2, df)) * std_error
    statistic = difference / std_error
    inference = (std_error, df, statistic, 2 * float(student_t.sf(abs(statistic), df)), difference - half, difference + half)
    return {"difference": difference} | dict(zip(names, inference, strict=True))


def joint_test(columns: dict[str, NDArray[np.float64]], assignment: Assignment) -> tuple[JointTest | None, StatsError | None]:
    """Test that no variable predicts the arm; without a test, the reason."""
    values = np.column_stack(list(columns.values()))
    complete = ~np.isnan(values.sum(axis=1))
    kept, V = assignment.rows(complete), values[complete]
    n, q = V.shape
    if n == 0 or kept.treated.min() == kept.treated.max():
        return None, StatsError("No arm, or only one, has rows with every variable.")
    controls = np.column_stack([np.ones(n), kept.strata])
    V = residual(V / np.maximum(np.abs(V).max(axis=0), np.finfo(float).tiny), controls)
    rank = np.linalg.matrix_rank(V, tol=1e-9 * np.sqrt(n))
    if rank < q:
        return None, StatsError("A variable is constant or determined by the others (and the strata).")
    arm = residual(kept.treated[:, None], controls)[:, 0]
    df_den = len(np.unique(kept.clusters)) - 1 if kept.clustered else n - q - np.linalg.matrix_rank(controls)
    if df_den < 1 or (kept.clustered and df_den < q):
        return None, StatsError(
            "%(rows)s complete rows in %(clusters)s clusters are too few for %(variables)s variables.",
            rows=n,
            clusters=len(np.unique(kept.clusters)),
            variables=q,
        )
    statistic = clustered_f(V, arm, kept, controls.shape[1]) if kept.clustered else classical_f(V, arm, df_den)
    return JointTest(statistic, q, int(df_den), float(fisher_f.sf(statistic, q, df_den)), n, tuple(columns)), None


def residual(values: NDArray[np.float64], controls: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take out what the controls explain."""
    return values - controls @ np.linalg.lstsq(controls, values, rcond=None)[0]


def classical_f(V: NDArray[np.float64], arm: NDArray[np.float64], df_den: int) -> float:
    """Explained over residual variance, each per degree of freedom."""
    noise = residual(arm[:, None], V)[:, 0]
    return float(((arm @ arm - noise @ noise) / V.shape[1]) / (noise @ noise / df_den))


def clustered_f(V: NDArray[np.float64], arm: NDArray[np.float64], assignment: Assignment, n_controls: int) -> float:
    """CR1 Wald statistic over its degrees of freedom."""
    n, q = V.shape
    bread = np.linalg.inv(V.T @ V)
    slopes = bread @ V.T @ arm
    _, codes = np.unique(assignment.clusters, return_inverse=True)
    G = codes.max() + 1
    scores = np.zeros((G, q))
    np.add.at(scores, codes, V * (arm - V @ slopes)[:, None])
    covariance = bread @ (scores.T @ scores) @ bread * (G / (G - 1) * (n - 1) / (n - q - n_controls))
    return float(slopes @ np.linalg.solve(covariance, slopes) / q)
