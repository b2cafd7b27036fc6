"""How small an effect a programme of this size can show."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from numbers import Real
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import nct
from scipy.stats import t as student_t

from evalapp.stats.columns import refuse_level, refuse_non_number
from evalapp.stats.warnings import Caution, StatsError

Design = Literal["post", "did", "ancova"]
FEW_CLUSTERS = 50
VERY_FEW_CLUSTERS = 12
# McKenzie (2021): business training moves profits by about a tenth, far below half a standard deviation.
LARGE_EFFECT = 0.5


@dataclass(frozen=True)
class MinimumDetectableEffect:
    """The smallest true effect found with the power asked for.

    effect: in outcome units; effect_in_sd: in SDs of the outcome in one round; std_error: outcome units; df: of the t test.
    design: "post", "did" or "ancova"; power, level: as asked.
    table: one row per design that the rounds allow: design, variance_factor (of a person's, or group's, mean contrast, relative to one
        follow-up), std_error, df, effect, effect_in_sd.
    treated, control: units compared after attrition (groups when these are assigned, else people).
    cautions: what a reader must know.
    """

    effect: float
    effect_in_sd: float
    std_error: float
    df: float
    design: str
    power: float
    level: float
    table: pd.DataFrame
    treated: float
    control: float
    cautions: tuple[Caution, ...]


def minimum_detectable_effect(
    treated: int,
    control: int,
    *,
    sd: float = 1.0,
    design: Design = "ancova",
    pre: int = 1,
    post: int = 1,
    autocorrelation: float = 0.5,
    cluster_size: float = 1.0,
    icc: float = 0.0,
    cluster_autocorrelation: float | None = None,
    attrition: float | tuple[float, float] = 0.0,
    power: float = 0.8,
    level: float = 0.95,
) -> MinimumDetectableEffect:
    """Compare the effect a two-sided test would find with the power asked for, across ways to use the baseline.

    Parameters
    ----------
    treated, control : people in each arm.
    sd : standard deviation of the outcome in one round, outcome units.
    design : "post" compares follow-ups, "did" changes, "ancova" follow-ups given the baseline.
    pre, post : rounds before and after; pre may be 0 for "post".
    autocorrelation : of a person's outcome between any two rounds (within the group, if groups are assigned).
    cluster_size, icc : people per group and intra-group correlation, when groups are assigned.
    cluster_autocorrelation : of a group's common part between rounds; the same as autocorrelation by default.
    attrition : share lost by the follow-up, or the shares lost of treated and control; with groups, of the people in each.
    power : chance to find the effect; level : 1 less the size of the test.

    Returns
    -------
    MinimumDetectableEffect

    Raises
    ------
    StatsError : an argument that is no number or out of range, named; a design without a baseline; no degrees of freedom.

    Missing values and weights
    --------------------------
    None; attrition is the only loss.

    Notes
    -----
    With m rounds before, r after and autocorrelation rho, the variance factor k is [1 + (r-1)rho]/r for post, plus
    [1 + (m-1)rho]/m - 2 rho for did, or less m rho^2/[1 + (m-1)rho] for ancova. Without groups the standard error is
    sd sqrt(k (1/n1 + 1/n0)). With groups of size b the units are groups, an arm's variance is sd^2 [1 + (b-1)icc]/b (b after
    attrition) and rho that of group means: b icc/[1 + (b-1)icc] parts cluster_autocorrelation, the rest autocorrelation. The effect
    delta solves P(|T| > t) = power, T noncentral t with df = units - 2 (one less for ancova) and noncentrality delta / std_error.

    Assumes
    -------
    Equal variances and one correlation between all rounds, random loss, an effect that is the same for all; for ancova, strata aside,
    the slope's own estimation error, a factor near 1 + 1/(units - 4), is left out as in the source.

    Source
    ------
    McKenzie (2012), Journal of Development Economics 99(2), section 2 (variances of POST, DiD and ANCOVA); Teerenstra et al.
    (2012), Statistics in Medicine 31(20), section 2 (groups); Bloom (1995), Evaluation Review 19(5).

    Checked against
    ---------------
    R 4.2.2 power.t.test(strict = TRUE) and pwr 1.3-0 (unequal arms): tests/stats/reference/power_r.json; statsmodels 0.15.
    """
    refuse_level(level)
    common = autocorrelation if cluster_autocorrelation is None else cluster_autocorrelation
    refuse_text(
        {"treated": treated, "control": control, "sd": sd, "cluster_size": cluster_size, "icc": icc, "power": power}
        | {"autocorrelation": autocorrelation, "cluster_autocorrelation": common},
        {"pre": pre, "post": post},
    )
    losses = losses_by_arm(attrition)
    refuse_impossible(
        {"treated": treated, "control": control}, sd, (autocorrelation, cluster_autocorrelation, icc), cluster_size, losses, power
    )
    refuse_rounds(design, pre, post, autocorrelation)
    units, sizes = units_and_sizes((treated, control), losses, cluster_size)
    rho = [mean_autocorrelation(b, icc, autocorrelation, common) for b in sizes]
    spread = [sd**2 * (1 + (b - 1) * icc) / b / n for b, n in zip(sizes, units, strict=True)]
    noncentrality = functools.cache(functools.partial(detectable_noncentrality, power=power, level=level))
    lines = {}
    for name in ("post", "did", "ancova") if pre > 0 else ("post",):
        factors = [variance_factor(name, pre, post, correlation) for correlation in rho]
        std_error = float(np.sqrt(np.dot(factors, spread)))
        df = degrees_of_freedom(name, sum(units))
        effect = std_error * noncentrality(df)
        lines[name] = {"variance_factor": float(np.mean(factors)), "std_error": std_error, "df": df, "effect": effect}
    chosen = lines[design]
    return MinimumDetectableEffect(
        effect=chosen["effect"],
        effect_in_sd=chosen["effect"] / sd,
        std_error=chosen["std_error"],
        df=chosen["df"],
        design=design,
        power=power,
        level=level,
        table=pd.DataFrame([{"design": name} | line | {"effect_in_sd": line["effect"] / sd} for name, line in lines.items()]),
        treated=units[0],
        control=units[1],
        cautions=tuple(size_cautions(sum(units), chosen["effect"] / sd, clustered=cluster_size > 1)),
    )


def refuse_text(numbers: dict[str, float], counts: dict[str, int]) -> None:
    """Refuse arguments that are no numbers, and rounds that are no whole ones."""
    for name, value in numbers.items():
        refuse_non_number(name, value)
    for name, count in counts.items():
        refuse_non_number(name, count, whole=True)


def losses_by_arm(attrition: object) -> tuple[float, float]:
    """Return the share lost of treated and control."""
    given = attrition if isinstance(attrition, tuple | list) else (attrition, attrition)
    if len(given) != 2 or not all(isinstance(loss, Real) for loss in given):
        raise StatsError(
            "attrition is %(attrition)r; give shares from 0 to below 1, one or a pair (treated, control).", attrition=attrition
        )
    return float(given[0]), float(given[1])


def units_and_sizes(people: tuple[int, int], losses: tuple[float, float], cluster_size: float) -> tuple[list[float], list[float]]:
    """Return the units compared in each arm, and the people in each: groups get smaller where people get fewer."""
    if cluster_size > 1:
        return [n / cluster_size for n in people], [cluster_size * (1 - loss) for loss in losses]
    return [n * (1 - loss) for n, loss in zip(people, losses, strict=True)], [1.0, 1.0]


def degrees_of_freedom(design: str, units: float) -> float:
    """Subtract two means, and the baseline's slope."""
    df = units - 2 - (design == "ancova")
    if df <= 0:
        raise StatsError(
            "%(units)g units leave no degrees of freedom for %(design)s; plan for more people or groups.",
            units=units,
            design=design,
        )
    return df


def refuse_impossible(
    people: dict[str, int],
    sd: float,
    correlations: tuple[float, float | None, float],
    cluster_size: float,
    losses: tuple[float, float],
    power: float,
) -> None:
    """Refuse what no programme can have."""
    for name, n in people.items():
        if not (n >= 1 and np.isfinite(n)):
            raise StatsError("%(argument)s is %(value)r; give at least 1.", argument=name, value=n)
    if not 0 < sd < np.inf:
        raise StatsError("sd is %(sd)r; give a number above 0.", sd=sd)
    refuse_correlations(*correlations)
    if not 1 <= cluster_size <= min(people.values()):
        raise StatsError("cluster_size is %(value)r; give 1 to the people of an arm.", value=cluster_size)
    if not all(0 <= loss < 1 for loss in losses):
        raise StatsError("attrition is %(losses)r; give shares from 0 to below 1.", losses=losses)
    if not 0 < power < 1:
        raise StatsError("power is %(power)r; give a share between 0 and 1.", power=power)
    if cluster_size == 1 and correlations[2] > 0:
        raise StatsError("icc is %(icc)r but cluster_size is 1; give the people per group, or icc 0.", icc=correlations[2])


def refuse_correlations(autocorrelation: float, cluster_autocorrelation: float | None, icc: float) -> None:
    """Refuse correlations that no two answers can have."""
    if not -1 < autocorrelation < 1:
        raise StatsError("autocorrelation is %(value)r; give a number between -1 and 1.", value=autocorrelation)
    if cluster_autocorrelation is not None and not -1 < cluster_autocorrelation <= 1:
        raise StatsError("cluster_autocorrelation is %(value)r; give a number above -1, at most 1.", value=cluster_autocorrelation)
    if not 0 <= icc < 1:
        raise StatsError("icc is %(icc)r; give a share from 0 to below 1.", icc=icc)


def refuse_rounds(design: Design, pre: int, post: int, autocorrelation: float) -> None:
    """Refuse rounds that do not serve the design, and a correlation that they cannot share."""
    if design not in ("post", "did", "ancova"):
        raise StatsError("design is %(design)r; choose post, did or ancova.", design=design)
    if post < 1 or pre < (design != "post"):
        if design == "post":
            raise StatsError("pre is %(pre)s and post is %(post)s; post needs a follow-up.", pre=pre, post=post)
        raise StatsError("pre is %(pre)s and post is %(post)s; %(design)s needs one of each.", pre=pre, post=post, design=design)
    if 1 + (pre + post - 1) * autocorrelation <= 0:
        raise StatsError(
            "autocorrelation is %(autocorrelation)s; %(rounds)s rounds cannot all be correlated so negatively.",
            autocorrelation=autocorrelation,
            rounds=pre + post,
        )


def variance_factor(design: str, pre: int, post: int, rho: float) -> float:
    """Variance of what is compared, relative to a single follow-up."""
    after = (1 + (post - 1) * rho) / post
    if design == "did":
        return after + (1 + (pre - 1) * rho) / pre - 2 * rho
    return after - (pre * rho**2 / (1 + (pre - 1) * rho) if design == "ancova" else 0)


def mean_autocorrelation(size: float, icc: float, person: float, common: float) -> float:
    """Autocorrelation of a group's mean; of a person, in a group of one."""
    share = size * icc / (1 + (size - 1) * icc)
    return share * common + (1 - share) * person


def detectable_noncentrality(df: float, power: float, level: float) -> float:
    """Solve for the noncentrality at which the two-sided t test has the power."""
    critical = student_t.ppf((1 + level) / 2, df)

    def shortfall(nc: float) -> float:
        return float(nct.sf(critical, df, nc) + nct.cdf(-critical, df, nc)) - power

    if power <= 1 - level:
        raise StatsError("power is %(power)s, no more than the test's size %(size)g; ask for more.", power=power, size=1 - level)
    high = 2.0
    while shortfall(high) < 0:
        high *= 2
    return float(brentq(shortfall, 0, high, xtol=1e-12, rtol=1e-12))


def size_cautions(units: float, effect_in_sd: float, *, clustered: bool) -> list[Caution]:
    """Say when few groups are assigned, and when only a large effect would show."""
    cautions = []
    if clustered and units < FEW_CLUSTERS:
        code = "very_few_assigned_clusters" if units < VERY_FEW_CLUSTERS else "few_assigned_clusters"
        cautions.append(Caution(code, {"clusters": f"{units:g}"}))
    if effect_in_sd > LARGE_EFFECT:
        cautions.append(Caution("only_large_effects", {"effect": effect_in_sd, "threshold": LARGE_EFFECT}))
    return cautions
