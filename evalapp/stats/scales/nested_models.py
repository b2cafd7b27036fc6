"""Nested regressions of one outcome: each block of predictors alone, with controls, and all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from evalapp.stats.answers import incomplete_cases, numeric_answers
from evalapp.stats.columns import refuse_level
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COVARIANCES = {"classical": "nonrobust", "HC0": "HC0", "HC1": "HC1", "HC2": "HC2", "HC3": "HC3"}
INTERCEPT = "intercept"
COLLINEAR = 1e-9  # part of a regressor's length that the regressors before it leave unexplained, zero but for rounding
SINGULAR = 1e-10  # eigenvalue of the slopes' correlation matrix that is zero but for rounding
HIGH_LEVERAGE = 0.5
FEW_RESIDUAL_DF = 10
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))


@dataclass(frozen=True)
class NestedModels:
    """Least squares fits of one outcome on nested sets of regressors, all on the same complete cases.

    Attributes
    ----------
    outcome : column explained; estimates are in its units per unit of the term
    table : one row per model and term: model (1, 2, ...), term, estimate, std_error, statistic, p_value, conf_low, conf_high,
        stars (*** p < .01, ** p < .05, * p < .1)
    fits : one row per model: model, n, r_squared, r_squared_adjusted, df_residual, f and f_p_value (all slopes zero, with the
        same covariance; NaN where that is singular), condition_number (columns scaled to length one), largest_leverage
    n : complete cases, of `rows` rows given
    robust, level : covariance and confidence level
    cautions : tuple of Caution
    """

    outcome: str
    table: pd.DataFrame
    fits: pd.DataFrame
    n: int
    rows: int
    robust: str
    level: float
    cautions: tuple[Caution, ...]


def nested_models(
    data: pd.DataFrame,
    outcome: str,
    blocks: Sequence[Sequence[str]] = (("party_background", "market_experience"), ("firm_age",)),
    controls: Sequence[str] = (),
    robust: str = "HC3",
    *,
    level: float = 0.95,
) -> NestedModels:
    """Compare the outcome of people who differ in one characteristic, first alone, then holding others equal.

    Parameters
    ----------
    data : frame with one row per person, numeric columns (0/1 for yes/no)
    outcome : column to explain
    blocks : groups of predictors; each is a model alone and with the controls, and a last model has everything. Two blocks
        make five models, one block two
    controls : columns held equal
    robust : HC0, HC1, HC2 or HC3, or classical
    level : of the intervals

    Returns
    -------
    NestedModels

    Raises
    ------
    StatsError
        For an unknown covariance, a column that is absent, named twice or no number, a constant outcome, a model without a
        varying regressor, no residual degrees of freedom, an exact fit, or (HC2, HC3) a row that alone fixes a coefficient.

    Missing values and weights
    --------------------------
    Complete cases over all columns of all models, so that models differ in regressors only; rows count equally.

    Notes
    -----
    b = (X'X)^-1 X'y; covariance (X'X)^-1 X' diag(w) X (X'X)^-1 with w = e^2 (HC0), e^2 n / (n - k) (HC1), e^2 / (1 - h) (HC2),
    e^2 / (1 - h)^2 (HC3); t with n - k degrees of freedom. Constant regressors, and regressors that are exact combinations of
    those before them, are left out with a caution.

    Assumes
    -------
    Rows are independent; associations are causal only if the regressors are as good as randomly assigned.

    Source
    ------
    MacKinnon and White (1985), "Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample
    properties", Journal of Econometrics 29, equations 5 to 12; Belsley, Kuh and Welsch (1980) for the condition number.

    Checked against
    ---------------
    R 4.2.2 lm with sandwich 3.0.2 and lmtest 0.9.40: tests/stats/reference/r_components.json; the published tables of the
    survey of 131 entrepreneurs (its robust errors are HC1): tests/stats/reference/paper_tables.json.
    """
    refuse_level(level)
    if robust not in COVARIANCES:
        raise StatsError("robust is %(robust)r; choose one of %(choices)s.", robust=robust, choices=", ".join(COVARIANCES))
    models = _models(blocks, controls)
    names = [outcome, *dict.fromkeys(term for terms in models for term in terms)]
    sample = numeric_answers(data, names).dropna()
    if len(sample) < 2 or sample[outcome].max() == sample[outcome].min():
        raise StatsError(
            "Column %(column)r does not vary among the %(rows)s complete rows; choose another outcome.",
            column=outcome,
            rows=len(sample),
        )
    constant = [term for term in names[1:] if sample[term].max() == sample[term].min()]
    cautions = [*incomplete_cases(len(sample), len(data)), *(Caution("constant_term", {"term": term}) for term in constant)]
    tables, fits = [], []
    for number, terms in enumerate(models, start=1):
        X, collinear = _independent(sample, [term for term in terms if term not in constant], number)
        fit = _fit(sample[outcome], X, number, robust)
        tables.append(_rows(fit, level).assign(model=number))
        fits.append(_summary(fit, X, number))
        cautions += [*collinear, *_fit_cautions(fits[-1], tables[-1], X)]
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "model", table.pop("model"))
    return NestedModels(outcome, table, pd.DataFrame(fits), len(sample), len(data), robust, level, tuple(cautions))


def _models(blocks: Sequence[Sequence[str]], controls: Sequence[str]) -> list[list[str]]:
    if isinstance(controls, str) or any(isinstance(block, str) or not block for block in blocks) or not blocks:
        raise StatsError("Blocks must be a list of lists of columns and controls a list of columns; put single names in a list.")
    every = [term for block in blocks for term in block] + list(controls)
    if twice := [term for term in every if every.count(term) > 1]:
        raise StatsError("Column %(column)r is named twice among blocks and controls; name it once.", column=twice[0])
    models = [list(block) + list(extra) for block in blocks for extra in ([], controls)] + [every]
    return [terms for position, terms in enumerate(models) if terms not in models[:position]]


def _independent(sample: pd.DataFrame, terms: list[str], model: int) -> tuple[pd.DataFrame, list[Caution]]:
    """Keep each term that the terms before it do not determine."""
    X, cautions = pd.DataFrame({INTERCEPT: 1.0}, index=sample.index), []
    for term in terms:
        column = sample[term]
        # Without its mean a column such as a year is not mistaken for a copy of the intercept.
        centred, before = column - column.mean(), X - X.mean().where(X.columns != INTERCEPT, 0)
        weights = np.linalg.lstsq(before.to_numpy(), centred.to_numpy(), rcond=None)[0]
        if np.linalg.norm(centred - before @ weights) > COLLINEAR * np.linalg.norm(centred):
            X[term] = column
        else:
            shares = np.abs(weights) * np.linalg.norm(before, axis=0) > COLLINEAR * np.linalg.norm(centred)
            cautions.append(Caution("collinear_term", {"model": model, "term": term, "others": ", ".join(X.columns[shares])}))
    if X.shape[1] == 1:
        raise StatsError(
            "Model %(model)s has no regressor that varies among %(rows)s complete rows; leave its block out.",
            model=model,
            rows=len(sample),
        )
    return X, cautions


def _fit(y: pd.Series, X: pd.DataFrame, model: int, robust: str) -> Any:
    n, k = X.shape
    if n <= k:
        raise StatsError(
            "Model %(model)s has %(coefficients)s coefficients for %(rows)s complete rows; use fewer controls or collect more "
            "answers.",
            model=model,
            coefficients=k,
            rows=n,
        )
    if robust in {"HC2", "HC3"}:
        _refuse_full_leverage(X, robust)
    fit = sm.OLS(y, X).fit(cov_type=COVARIANCES[robust], use_t=True)
    if fit.ssr < 1e-20 * fit.centered_tss:
        raise StatsError(
            "Model %(model)s: %(columns)s determine %(outcome)r exactly; leave out what it was made from.",
            model=model,
            columns=", ".join(X.columns[1:]),
            outcome=y.name,
        )
    return fit


def _leverage(X: pd.DataFrame) -> np.ndarray:
    return np.asarray((np.linalg.qr(X.to_numpy())[0] ** 2).sum(axis=1))


def _refuse_full_leverage(X: pd.DataFrame, robust: str) -> None:
    leverage = _leverage(X)
    if leverage.max() > 1 - 1e-9:
        row = int(leverage.argmax())
        others = X.iloc[np.arange(len(X)) != row, 1:]
        alone = others.columns[others.max() == others.min()]
        columns = ", ".join(alone if len(alone) else others.columns)
        raise StatsError(
            "Row %(row)r alone fixes a coefficient of %(columns)s, so %(robust)s is undefined; leave out or choose HC1.",
            row=X.index[row],
            columns=columns,
            robust=robust,
        )


def _rows(fit: Any, level: float) -> pd.DataFrame:
    estimate, std_error = fit.params.to_numpy(), _std_errors(fit)
    statistic = estimate / std_error
    p_value = 2 * stats.t.sf(np.abs(statistic), fit.df_resid)
    margin = stats.t.ppf((1 + level) / 2, fit.df_resid) * std_error
    return pd.DataFrame(
        {
            "term": fit.params.index,
            "estimate": estimate,
            "std_error": std_error,
            "statistic": statistic,
            "p_value": p_value,
            "conf_low": estimate - margin,
            "conf_high": estimate + margin,
            "stars": [stars(p) for p in p_value],
        }
    )


def _std_errors(fit: Any) -> np.ndarray:
    """Return the robust standard errors, NaN where rows without any residual determine the coefficient."""
    robust = np.sqrt(np.diag(fit.cov_params()))
    classical = np.sqrt(np.diag(fit.normalized_cov_params) * fit.scale)
    return np.where(robust < 1e-8 * classical, np.nan, robust)


def stars(p_value: float) -> str:
    """Return the conventional stars: *** below .01, ** below .05, * below .1."""
    return next((mark for limit, mark in STARS if p_value < limit), "")


def _wald_f(fit: Any) -> float:
    scale = _std_errors(fit)[1:]
    R = fit.cov_params().to_numpy()[1:, 1:] / np.outer(scale, scale)
    if np.isnan(R).any() or np.linalg.eigvalsh(R)[0] < SINGULAR:
        return np.nan
    t = fit.params.to_numpy()[1:] / scale
    return float(t @ np.linalg.solve(R, t) / len(t))


def _summary(fit: Any, X: pd.DataFrame, model: int) -> dict[str, float]:
    f = _wald_f(fit)
    return {
        "model": model,
        "n": len(X),
        "r_squared": fit.rsquared,
        "r_squared_adjusted": fit.rsquared_adj,
        "df_residual": int(fit.df_resid),
        "f": f,
        "f_p_value": float(stats.f.sf(f, X.shape[1] - 1, fit.df_resid)),
        "condition_number": float(np.linalg.cond(X / np.linalg.norm(X, axis=0))),
        "largest_leverage": float(_leverage(X).max()),
    }


def _fit_cautions(summary: dict[str, float], rows: pd.DataFrame, X: pd.DataFrame) -> Iterator[Caution]:
    for term in rows.loc[rows["std_error"].isna(), "term"]:
        yield Caution("exact_coefficient", {"model": summary["model"], "term": term})
    leverage = _leverage(X)
    if (leverage > HIGH_LEVERAGE).any():
        facts = {"model": summary["model"], "rows": int((leverage > HIGH_LEVERAGE).sum()), "largest": leverage.max()}
        yield Caution("high_leverage", facts)
    if np.isnan(summary["f"]):
        yield Caution("joint_test_undefined", {"model": summary["model"], "slopes": X.shape[1] - 1})
    if summary["df_residual"] < FEW_RESIDUAL_DF:
        yield Caution("few_residual_df", {"model": summary["model"], "df": summary["df_residual"]})
