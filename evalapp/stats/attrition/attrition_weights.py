"""Weights that let those who answered stand for everyone who was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from evalapp.stats.columns import binary_column, category_codes, column_names, require_columns
from evalapp.stats.experiments.comparison_fit import spanning_basis
from evalapp.stats.experiments.comparison_rows import refuse_repeats, with_missing_indicators
from evalapp.stats.warnings import Caution, StatsError

ITERATIONS = 50
CONVERGED = 1e-9
# Probabilities this close to 0 or 1 are separation, not estimates.
SEPARATED = 1e-6
SMALL_PROBABILITY = 0.05
SMALL_EFFECTIVE_SHARE = 0.5
# Peduzzi et al. (1996), who ask for ten events a variable; below five the logit follows chance.
FEW_EVENTS = 5


@dataclass(frozen=True)
class AttritionWeights:
    """Inverse probability weights.

    weights: one per row of the data, its index kept: mean 1 over the answers of each arm, 0 without an answer.
    probability: fitted probability of an answer, same index.
    arms: one row per arm: arm, n, answered, share, smallest_probability (among answers), largest_weight, capped (answers), effective_n
        (answers that would be as precise unweighted), terms (coefficients of its logit).
    balance: one row per arm and covariate: arm, variable, mean_all, mean_answered, mean_weighted (the variable's units), gap_before
        and gap_after (of the answers' mean from everyone's, in the arm's SDs). Filled gaps count as the mean.
    cautions: what a reader must know.
    """

    weights: pd.Series
    probability: pd.Series
    arms: pd.DataFrame
    balance: pd.DataFrame
    cautions: tuple[Caution, ...]


def attrition_weights(
    data: pd.DataFrame, answered: str, treatment: str, covariates: Sequence[str], *, cap: float | None = 10.0
) -> AttritionWeights:
    """Compare, in each arm, those who answered with everyone asked, and give more weight to the kinds of people who answered rarely.

    Parameters
    ----------
    data : one row per person asked, answered or not.
    answered : column, 1 answered and 0 not.
    treatment : column of the arm, two or more labels.
    covariates : numeric columns known for those who did not answer too (baseline answers).
    cap : the largest weight allowed, in multiples of its arm's mean weight, or None for no limit.

    Returns
    -------
    AttritionWeights

    Raises
    ------
    StatsError : a column is absent, named twice or not numeric; a response or arm that is missing; an arm without answers; no
        covariates; covariates that tell exactly who answered in an arm, or are too many for it.

    Missing values and weights
    --------------------------
    A gap in a covariate takes its mean and an indicator marks it. No weights on the way in.

    Notes
    -----
    Each arm has a logit of its own, P(answer) = 1 / (1 + exp(-b_a'x)): arm by covariate, fully interacted. A kind of people of whom
    all answered has probability 1; one of whom nobody did is counted in a caution. The weight is the arm's response rate over the
    fitted probability, capped, then scaled to mean one. effective_n is (sum w)^2 / sum w^2. Standard errors
    that take the weights as known are, for means, on the safe side.

    Assumes
    -------
    Given arm and covariates, response does not depend on the outcome, and everybody had some chance to answer.

    Source
    ------
    Wooldridge (2007), Journal of Econometrics 141(2), section 3; Kish (1965) for effective_n; Cole &
    Hernan (2008), American Journal of Epidemiology 168(6), for truncated weights.

    Checked against
    ---------------
    R 4.2.2 glm(binomial) with arm interactions: tests/stats/reference/attrition_weights_r.json.
    """
    covariates = column_names(covariates, "covariates")
    refuse_repeats([answered, treatment, *covariates])
    require_columns(data, [answered, treatment, *covariates])
    if not covariates:
        raise StatsError("No covariates; name baseline columns that may explain who answered.")
    if cap is not None and not cap > 1:
        raise StatsError("cap is %(cap)r; give a multiple of the mean weight above 1, such as 10, or None.", cap=cap)
    replied = known_response(data, answered)
    codes, labels = category_codes(data, treatment)
    X, cautions = with_missing_indicators(data, covariates)
    probability, weights = np.ones(len(data)), np.zeros(len(data))
    arms, balance = [], []
    for code, label in enumerate(labels):
        here = codes == code
        probability[here], terms = response_probability(X[here], replied[here], label, answered)
        weights[here], capped = arm_weights(probability[here], replied[here], cap)
        arms.append(arm_line(label, replied[here], probability[here], weights[here]) | {"capped": capped, "terms": terms})
        balance += balance_lines(label, columns_by_name(X[here], covariates, data), replied[here], weights[here])
        cautions += arm_cautions(arms[-1], unlike=int((probability[here] < SEPARATED).sum()))
    return AttritionWeights(
        weights=pd.Series(weights, index=data.index, name="attrition_weight"),
        probability=pd.Series(probability, index=data.index, name="response_probability"),
        arms=pd.DataFrame(arms),
        balance=pd.DataFrame(balance),
        cautions=tuple(cautions),
    )


def known_response(data: pd.DataFrame, answered: str) -> NDArray[np.float64]:
    """Read who answered."""
    replied = binary_column(data, answered)
    if np.isnan(replied).any():
        raise StatsError(
            "Column %(column)r is missing in %(rows)s rows; code no answer as 0.",
            column=answered,
            rows=int(np.isnan(replied).sum()),
        )
    return replied


def response_probability(
    X: NDArray[np.float64], replied: NDArray[np.float64], label: object, answered: str
) -> tuple[NDArray[np.float64], int]:
    """Fit the logit of one arm: probabilities (n,), and how many coefficients; all 1 where everyone answered."""
    if not replied.any():
        raise StatsError(
            "Column %(column)r is 0 throughout arm %(arm)r; no weight can make up for an arm without answers.",
            column=answered,
            arm=label,
        )
    if replied.all():
        return np.ones(len(replied)), 0
    basis = spanning_basis(X)
    if len(replied) <= basis.shape[1]:
        raise StatsError(
            "Arm %(arm)r has %(people)s people for %(coefficients)s coefficients; name fewer covariates.",
            arm=label,
            people=len(replied),
            coefficients=basis.shape[1],
        )
    p = logit_fit(basis, replied)
    if np.abs(replied - p).max() < SEPARATED:
        raise StatsError(
            "In arm %(arm)r the covariates tell exactly who answered (%(answered)r), so nobody can stand for the others; name "
            "fewer or coarser covariates.",
            arm=label,
            answered=answered,
        )
    return p, basis.shape[1]


def logit_fit(basis: NDArray[np.float64], replied: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities of a logit by Newton's steps; where a kind of people all answered, or none, they go to 1 or 0."""
    beta = np.zeros(basis.shape[1])
    p = expit(basis @ beta)
    for _ in range(ITERATIONS):
        information = basis.T @ (basis * (p * (1 - p))[:, None])
        step = np.linalg.lstsq(information, basis.T @ (replied - p), rcond=None)[0]
        while log_likelihood(basis @ (beta + step), replied) < log_likelihood(basis @ beta, replied) and np.abs(step).max() > 0:
            step = step / 2
        beta = beta + step
        before, p = p, expit(basis @ beta)
        if np.abs(p - before).max() < CONVERGED:
            break
    return p


def log_likelihood(eta: NDArray[np.float64], replied: NDArray[np.float64]) -> float:
    """Log likelihood of a logit at its linear predictor."""
    return -float(np.logaddexp(0, np.where(replied == 1, -eta, eta)).sum())


def arm_weights(p: NDArray[np.float64], replied: NDArray[np.float64], cap: float | None) -> tuple[NDArray[np.float64], int]:
    """Invert the probabilities of those who answered, cap, and scale to mean one; how many were capped."""
    w = replied.mean() * replied / np.where(replied == 1, p, 1)
    limit = np.inf if cap is None else cap * w[replied == 1].mean()
    capped = np.minimum(w, limit)
    return capped / capped[replied == 1].mean(), int((w > limit).sum())


def arm_line(label: object, replied: NDArray[np.float64], p: NDArray[np.float64], w: NDArray[np.float64]) -> dict[str, Any]:
    """Describe one arm's weights."""
    return {
        "arm": label,
        "n": len(replied),
        "answered": int(replied.sum()),
        "share": replied.mean(),
        "smallest_probability": p[replied == 1].min(),
        "largest_weight": w.max(),
        "effective_n": w.sum() ** 2 / (w @ w),
    }


def columns_by_name(X: NDArray[np.float64], covariates: Sequence[str], data: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Name the filled covariates and, where there are gaps, their indicators."""
    names = [name for covariate in covariates for name in (covariate, f"{covariate} missing")[: 1 + data[covariate].isna().any()]]
    return dict(zip(names, X.T, strict=True))


def balance_lines(
    label: object, columns: dict[str, NDArray[np.float64]], replied: NDArray[np.float64], w: NDArray[np.float64]
) -> list[dict[str, object]]:
    """Compare those who answered with everyone in the arm, before and after weighting."""
    lines = []
    for name, x in columns.items():
        everyone, plain, weighted = x.mean(), x[replied == 1].mean(), (w @ x) / w.sum()
        # Where all are alike there is no gap to measure.
        sd = (float(np.ptp(x) > 0) * x.std()) or np.inf
        means = {"mean_all": everyone, "mean_answered": plain, "mean_weighted": weighted}
        gaps = {"gap_before": (plain - everyone) / sd, "gap_after": (weighted - everyone) / sd}
        lines.append({"arm": label, "variable": name} | means | gaps)
    return lines


def arm_cautions(line: dict[str, Any], *, unlike: int) -> list[Caution]:
    """Say when an arm's weights are needless, extreme, capped, or rest on few dropouts."""
    arm, n, answers, terms = (line[key] for key in ("arm", "n", "answered", "terms"))
    if answers == n:
        return [Caution("everyone_answered", {"arm": arm})]
    cautions = [Caution("nobody_alike_answered", {"arm": arm, "people": unlike})] if unlike else []
    facts = {"arm": arm, "effective": line["effective_n"], "answered": answers, "smallest": line["smallest_probability"]}
    if facts["effective"] < SMALL_EFFECTIVE_SHARE * answers or facts["smallest"] < SMALL_PROBABILITY:
        cautions.append(Caution("extreme_weights", facts))
    if line["capped"]:
        cautions.append(Caution("weights_capped", {"arm": arm, "capped": line["capped"]}))
    if min(answers, n - answers) < FEW_EVENTS * (terms - 1):
        cautions.append(Caution("few_dropouts", {"arm": arm, "events": min(answers, n - answers), "covariates": terms - 1}))
    return cautions
