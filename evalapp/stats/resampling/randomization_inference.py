"""Randomisation inference: the draw that decided who was trained, replayed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalapp.stats.columns import binary_column, column_names, numeric_column, require_columns
from evalapp.stats.experiments.assignment import AssignmentProcedure
from evalapp.stats.resampling.resampled_test import SAME_STATISTIC, ResampledTest, refuse_settings
from evalapp.stats.warnings import Caution, StatsError

Statistic = Literal["difference", "ancova", "t"]

# Entries of the matrix of assignments held at once: a megabyte of them, which stays near the processor.
BLOCK = 2**17
# A treatment whose variation is this share of its size or less is determined by the covariates.
SPANNED, LEFT_OVER = 1e-9, 1e-12
# A variance below this share of the outcome's is rounding.
NO_NOISE = 1e-20


@dataclass(frozen=True)
class RandomizationTest:
    """An effect tested against the assignments that could have been drawn.

    estimate, conf_low, conf_high: outcome units; an infinite bound is a finding. statistic: the data's, `kind` says which:
    "difference" or "ancova" (estimate - null, outcome units) or "t" (over its robust standard error). null: the effect supposed.
    p_value: share of assignments, the one drawn among them, with a statistic at least as large in absolute value.
    draws: assignments compared; enumerated: whether they are all there are; possible: how many there are before any balance
    criterion. statistics: (draws,) under the null. n: units with an outcome; assigned: units (or clusters) in the draw.
    """

    estimate: float
    statistic: float
    kind: str
    null: float
    p_value: float
    conf_low: float
    conf_high: float
    n: int
    assigned: int
    draws: int
    enumerated: bool
    possible: int
    statistics: NDArray[np.float64]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class _Sample:
    """The n units with an outcome, each cluster's together.

    y, d: (n,), residuals of the outcome and the assignment drawn on Q, (n, k) orthonormal controls. columns: (n,), places in the
    procedure. starts: (G,), first row of each cluster, or None. studentised: whether the statistic has a standard error.
    """

    y: NDArray[np.float64]
    d: NDArray[np.float64]
    Q: NDArray[np.float64]
    columns: NDArray[np.int64]
    starts: NDArray[np.int64] | None
    studentised: bool


def randomization_inference(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    unit: str,
    procedure: AssignmentProcedure,
    *,
    covariates: Sequence[str] = (),
    statistic: Statistic = "t",
    null: float = 0.0,
    draws: int = 9999,
    seed: int = 0,
    level: float = 0.95,
) -> RandomizationTest:
    """Compare the effect with those that other outcomes of the same draw would have shown, had the training changed nobody.

    Parameters
    ----------
    data : one row per unit.
    outcome, treatment, unit : columns; outcome numeric, treatment 0 or 1 as drawn, unit the labels of the procedure's units.
    procedure : how treatment was drawn; the same object that draws the places.
    covariates : numeric columns measured before the draw.
    statistic : "difference" of the arms' means; "ancova", the coefficient beside covariates and strata effects; "t", that
        coefficient over its robust (HC1) or, when clusters were drawn, clustered (CR1) standard error.
    null : the effect supposed for every unit, in outcome units.
    draws : assignments drawn; all are enumerated instead when there are no more than this.
    seed : of the random numbers.
    level : coverage of the interval, a share.

    Returns
    -------
    RandomizationTest

    Raises
    ------
    StatsError : a column is absent, not numeric, infinite or not 0 and 1; a unit twice or outside the procedure; an assignment that
        the procedure cannot have drawn; covariates with "difference", or that determine the treatment; an outcome without noise.

    Missing values and weights
    --------------------------
    The whole draw is replayed; units without an outcome or a covariate are then left out, and counted in a caution. That is exact
    if training changes nobody's answering. No weights.

    Notes
    -----
    Under the sharp null y_i(1) = y_i(0) + r for everyone. An assignment D gives b(D), the coefficient of D in the regression of
    y - r D_drawn on D, covariates and strata effects. p = (1 + #{|t(D)| >= |t|}) / (1 + draws), or the plain share when all are
    enumerated; the interval holds the r with p(r) > 1 - level that are connected to the estimate. Numerators are linear and
    variances quadratic in r, so that one set of assignments serves every r.

    Assumes
    -------
    Treatment was drawn as the procedure says, and no unit is changed by another's treatment. Exact for the sharp null; "t" is also
    right in large samples when only the average effect is null.

    Source
    ------
    Fisher (1935), The Design of Experiments, sections 18-21; Imbens & Rubin (2015), Causal Inference, ch. 5 (statistics,
    interval); Zhao & Ding (2021), Journal of Econometrics 225(2) (studentised t with covariates).

    Checked against
    ---------------
    R coin 1.4.2 and exactRankTests 0.8.35: tests/stats/reference/randomization_inference.json. Fisher's own 1,726 of 32,768.
    """
    refuse_settings(null, draws, seed, level)
    if statistic not in ("difference", "ancova", "t"):
        raise StatsError("statistic is %(statistic)r; choose difference, ancova or t.", statistic=statistic)
    covariates = column_names(covariates, "covariates")
    if statistic == "difference" and covariates:
        raise StatsError("A difference in means has no covariates; leave them out or choose statistic='ancova' or 't'.")
    values, drawn, seen = _in_order_of_procedure(data, [outcome, *covariates], treatment, unit, procedure)
    sample = _sample(values[seen], drawn[seen], np.flatnonzero(seen), procedure, statistic, [outcome, treatment])
    enumerated = procedure.possible <= draws
    test = _resampled(sample, _assignments(procedure, draws, seed, len(seen), enumerated=enumerated), drawn, enumerated=enumerated)
    interval = test.interval(test.p_value, level)
    count = test.numerator.shape[1]
    facts = {"outcome": outcome, "null": f"{null:g}"}
    cautions = [Caution("sharp_null", facts), *_cautions(test, null, interval, seen, level, enumerated=enumerated)]
    return RandomizationTest(
        estimate=test.estimate,
        statistic=(test.estimate - null) / float(np.sqrt(test.variance)),
        kind=statistic,
        null=null,
        p_value=test.p_value(null),
        conf_low=interval[0],
        conf_high=interval[1],
        n=int(seen.sum()),
        assigned=len(set(procedure.clusters or procedure.units)),
        draws=count,
        enumerated=enumerated,
        possible=procedure.possible,
        statistics=test.statistics(null),
        cautions=tuple(cautions),
    )


def _in_order_of_procedure(
    data: pd.DataFrame, names: Sequence[str], treatment: str, unit: str, procedure: AssignmentProcedure
) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.bool_]]:
    """Outcome and covariates (units, 1 + p), the assignment (units,), and who has an outcome and every covariate (units,)."""
    require_columns(data, [*names, treatment, unit])
    if data[unit].duplicated().any():
        twice = data.loc[data[unit].duplicated(), unit].iloc[0]
        raise StatsError("Column %(column)r: unit %(unit)r stands twice; pass one row per unit.", column=unit, unit=twice)
    place = pd.Index(procedure.units).get_indexer(pd.Index(data[unit]))
    if (place < 0).any():
        stranger = data[unit].iloc[int(np.argmax(place < 0))]
        raise StatsError(
            "Column %(column)r: unit %(unit)r was not part of the draw; leave it out or correct the procedure.",
            column=unit,
            unit=stranger,
        )
    drawn = np.full(len(procedure.units), np.nan)
    drawn[place] = binary_column(data, treatment)
    if np.isnan(drawn).any():
        absent = procedure.units[int(np.argmax(np.isnan(drawn)))]
        raise StatsError(
            "Column %(column)r is missing for unit %(unit)r; give the arm of everyone in the draw.", column=treatment, unit=absent
        )
    if not procedure.accepts(drawn[None].astype(np.int8))[0]:
        raise StatsError(
            "Column %(column)r is no assignment the procedure can draw; correct its counts, clusters or criterion.",
            column=treatment,
        )
    values = np.full((len(drawn), len(names)), np.nan)
    values[place] = np.column_stack([numeric_column(data, name) for name in names])
    seen = ~np.isnan(values.sum(axis=1))
    if not seen.any():
        raise StatsError(
            "Columns %(columns)s: no unit has a value in each; choose an outcome that was measured.", columns=", ".join(names)
        )
    return values, drawn.astype(np.int8), seen


def _sample(
    values: NDArray[np.float64],
    drawn: NDArray[np.int8],
    columns: NDArray[np.int64],
    procedure: AssignmentProcedure,
    statistic: Statistic,
    names: Sequence[str],
) -> _Sample:
    """Take covariates and strata effects out of outcome and assignment, and put clusters together."""
    starts = None
    if procedure.clusters is not None:
        codes = pd.factorize(pd.Series(procedure.clusters))[0][columns]
        order = np.argsort(codes, kind="stable")
        values, drawn, columns, codes = values[order], drawn[order], columns[order], codes[order]
        starts = np.flatnonzero(np.r_[True, np.diff(codes) > 0])
    controls = [np.ones((len(values), 1)), values[:, 1:]]
    if procedure.strata is not None and statistic != "difference":
        codes = pd.factorize(pd.Series(procedure.strata))[0][columns]
        controls.append(np.eye(codes.max() + 1)[codes])
    Z = np.column_stack(controls)
    norms = np.sqrt((Z**2).sum(axis=0))
    U, sizes, _ = np.linalg.svd(Z / np.where(norms > 0, norms, 1), full_matrices=False)
    Q = U[:, sizes > SPANNED * sizes[0]]
    y, d = (column - Q @ (Q.T @ column) for column in (values[:, 0], drawn.astype(float)))
    if d @ d <= LEFT_OVER * len(d) or len(d) <= Q.shape[1] + 1:
        raise StatsError(
            "Column %(column)r does not vary beside covariates and strata among units with an outcome; drop some.", column=names[1]
        )
    if y @ y <= NO_NOISE * (values[:, 0] @ values[:, 0]):
        raise StatsError(
            "Column %(column)r does not vary beside covariates and strata; check that it was measured.", column=names[0]
        )
    return _Sample(y, d, Q, columns, starts, statistic == "t")


def _assignments(
    procedure: AssignmentProcedure, draws: int, seed: int, units: int, *, enumerated: bool
) -> Iterator[NDArray[np.int8]]:
    """Every assignment, or as many as are drawn, in blocks (b, units)."""
    size = max(BLOCK // units, 1)
    if enumerated:
        everything = procedure.every()
        yield from (everything[start : start + size] for start in range(0, len(everything), size))
        return
    rng = np.random.default_rng(seed)
    for start in range(0, draws, size):
        yield procedure.draw(rng, min(size, draws - start))


def _resampled(sample: _Sample, blocks: Iterator[NDArray[np.int8]], drawn: NDArray[np.int8], *, enumerated: bool) -> ResampledTest:
    """Form the test from blocks of assignments (b, units), and the data's own statistic by the same formula."""
    own_numerator, own_denominator = _statistics(sample, drawn[None])
    estimate = float(own_numerator[0, 0])
    # Residuals of y - r D on D and the rest do not depend on r, nor does their variance.
    variance = float(own_denominator[0, 0])
    residual = sample.y - estimate * sample.d
    if residual @ residual <= NO_NOISE * (sample.y @ sample.y) or (sample.studentised and variance <= NO_NOISE * estimate**2):
        raise StatsError("The outcome has no noise left beside treatment and covariates; check that it was measured.")
    parts = [_statistics(sample, block) for block in blocks]
    numerator, denominator = (np.concatenate(rows, axis=1) for rows in zip(*parts, strict=True))
    return ResampledTest(estimate, variance, numerator, denominator, data_included=enumerated)


def _statistics(sample: _Sample, assignments: NDArray[np.int8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Numerators (2, b) and denominators (3, b) of ResampledTest; all 0 where an assignment leaves nothing to compare."""
    D = assignments[:, sample.columns].astype(float)
    D -= (D @ sample.Q) @ sample.Q.T
    size = np.einsum("bn,bn->b", D, D)
    defined = size > LEFT_OVER * D.shape[1]
    inverse = np.divide(1, size, out=np.zeros_like(size), where=defined)
    numerator = np.array([D @ sample.y, D @ sample.d]) * inverse
    if not sample.studentised:
        return numerator, np.array([defined, 0 * size, 0 * size])
    scores = [D * (column - b[:, None] * D) for column, b in zip((sample.y, sample.d), numerator, strict=True)]
    if sample.starts is not None:
        scores = [np.add.reduceat(score, sample.starts, axis=1) for score in scores]
    pairs = ((scores[0], scores[0]), (scores[0], scores[1]), (scores[1], scores[1]))
    n, k = len(sample.y), sample.Q.shape[1] + 1
    G = len(sample.starts) if sample.starts is not None else n
    factor = n / (n - k) if sample.starts is None else G / (G - 1) * (n - 1) / (n - k)
    return numerator, np.array([np.einsum("bg,bg->b", one, two) for one, two in pairs]) * inverse**2 * factor


def _cautions(
    test: ResampledTest, null: float, interval: tuple[float, float], seen: NDArray[np.bool_], level: float, *, enumerated: bool
) -> list[Caution]:
    draws = test.numerator.shape[1]
    undefined = int((test.denominator[0] == 0).sum())
    sizes = np.abs(test.statistics(null))
    few = enumerated and float(np.mean(sizes >= sizes.max() * (1 - SAME_STATISTIC))) > 1 - level
    found: dict[str, tuple[bool, dict[str, object]]] = {
        "incomplete_rows": (not seen.all(), {"rows": int((~seen).sum()), "of": len(seen)}),
        "assignments_enumerated": (enumerated, {"assignments": draws}),
        "too_few_assignments": (few, {"assignments": draws, "alpha": f"{1 - level:.2f}"}),
        "undefined_assignments": (undefined > 0, {"count": undefined, "draws": draws}),
        "interval_unbounded": (not np.isfinite(interval).all(), {}),
    }
    return [Caution(code, facts) for code, (applies, facts) in found.items() if applies]
