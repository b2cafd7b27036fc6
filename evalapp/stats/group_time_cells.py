"""All cells of cohort by period: which comparison each makes, its estimate, and every unit's contribution to its error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evalapp.stats.doubly_robust import DesignError, Effects, panel_effects, standardised
from evalapp.stats.doubly_robust_rc import cross_section_effects
from evalapp.stats.panel_arrays import Sample


@dataclass(frozen=True)
class Settings:
    """The choices that define a set of group-time effects."""

    control_group: str
    method: str
    base_period: str
    anticipation: float


@dataclass
class Cells:
    """K cells, cohort-major. Filled design by design, then read only.

    group, time, period, base (K,): cohort, period, index of period and of base period; att (K,), NaN when not estimable;
    treated, controls (K,): units compared (rows for repeated cross-sections); trimmed (K,): controls without weight;
    influence (N, K): contributions of sampling units, corrected for leverage when asked; classical_variance (K,);
    share (2, K): effective share of controls and treated; code (K,): why a cell has no estimate, or "".
    """

    group: np.ndarray
    time: np.ndarray
    period: np.ndarray
    base: np.ndarray
    att: np.ndarray
    treated: np.ndarray
    controls: np.ndarray
    trimmed: np.ndarray
    influence: np.ndarray
    classical_variance: np.ndarray
    share: np.ndarray
    code: np.ndarray

    @property
    def is_base(self) -> np.ndarray:
        """Cells (K,) that are zero by construction."""
        same: np.ndarray = self.period == self.base
        return same

    @property
    def is_pre(self) -> np.ndarray:
        """Cells (K,) before the cohort's treatment."""
        before: np.ndarray = self.time < self.group
        return before


def estimate_cells(sample: Sample, settings: Settings, *, corrected: bool) -> Cells:
    """Estimate every cell; with `corrected`, contributions are divided by the root of one minus their leverage."""
    cells = _planned(sample, settings)
    designs: dict[tuple[float, ...], list[int]] = {}
    for k in np.flatnonzero(~cells.is_base):
        designs.setdefault(_design_key(sample, settings, cells, int(k)), []).append(int(k))
    for (group, start, *_), members in designs.items():
        _fill(sample, settings, cells, (group, int(start)), members, corrected=corrected)
    return cells


def _planned(sample: Sample, settings: Settings) -> Cells:
    plan = list(_comparisons(sample, settings))
    group, period, base = (np.array(column) for column in zip(*plan, strict=True))
    K = len(plan)
    same = period == base
    return Cells(
        group=group,
        time=sample.periods[period],
        period=period,
        base=base,
        att=np.where(same, 0.0, np.nan),
        treated=np.where(same, np.searchsorted(sample.cohort, group, "right") - np.searchsorted(sample.cohort, group), 0),
        controls=np.zeros(K, dtype=int),
        trimmed=np.zeros(K, dtype=int),
        influence=np.zeros((len(sample.cohort), K)),
        classical_variance=np.zeros(K),
        share=np.ones((2, K)),
        code=np.where(same, "base_period", "").astype(object),
    )


def _comparisons(sample: Sample, settings: Settings) -> Iterator[tuple[float, int, int]]:
    universal = settings.base_period == "universal"
    for group in sample.groups:
        last_clean = int(np.flatnonzero(sample.periods + settings.anticipation < group)[-1])
        for period in range(0 if universal else 1, len(sample.periods)):
            fixed = universal or sample.periods[period] >= group
            yield float(group), period, last_clean if fixed else period - 1


def _design_key(sample: Sample, settings: Settings, cells: Cells, k: int) -> tuple[float, ...]:
    later, earlier = max(cells.period[k], cells.base[k]), min(cells.period[k], cells.base[k])
    start = int(np.searchsorted(sample.cohort, np.inf))
    if settings.control_group == "not_yet_treated":
        start = int(np.searchsorted(sample.cohort, sample.periods[later] + settings.anticipation, side="right"))
    if sample.rows is not None:
        return cells.group[k], start, k
    x, w = sample.x, sample.w
    varies = (x is not None and x.shape[1] > 1) or (w is not None and w.shape[1] > 1)
    return cells.group[k], start, earlier if varies else 0


def _fill(
    sample: Sample, settings: Settings, cells: Cells, design: tuple[float, int], members: list[int], *, corrected: bool
) -> None:
    first, end = np.searchsorted(sample.cohort, [design[0], np.nextafter(design[0], np.inf)])
    start, n = design[1], len(sample.cohort)
    index = np.concatenate([np.arange(first, end), np.setdiff1d(np.arange(start, n), np.arange(first, end), assume_unique=True)])
    D = np.arange(len(index)) < end - first
    if sample.rows is not None:
        _fill_observed(sample, settings, cells, (index, D), members[0], corrected=corrected)
        return
    _, x, w = _at(sample, min(cells.period[members[0]], cells.base[members[0]]), index)
    cells.treated[members], cells.controls[members] = D.sum(), (~D).sum()
    if not (w[D].any() and w[~D].any()):
        cells.code[members] = "no_comparison"
        return
    y = sample.y[index]
    change = y[:, cells.period[members]] - y[:, cells.base[members]]
    try:
        effects = panel_effects(change, D, standardised(x), w, settings.method if x.shape[1] else "reg")
    except DesignError as error:
        cells.code[members] = error.code
        return
    _store(cells, members, effects, index, corrected=corrected)


def _at(sample: Sample, period: int, index: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, covariates and weights of some units at one period."""
    x = sample.x[index, period if sample.x.shape[1] > 1 else 0]
    w = sample.w[index, period if sample.w.shape[1] > 1 else 0]
    return sample.y[index, period], x, w


def _fill_observed(
    sample: Sample, settings: Settings, cells: Cells, units: tuple[np.ndarray, np.ndarray], k: int, *, corrected: bool
) -> None:
    rows, arm = sample.rows, np.full(len(sample.cohort), -1)
    arm[units[0]] = units[1]
    seen = (arm[rows.unit] >= 0) & ((rows.period == cells.period[k]) | (rows.period == cells.base[k]))
    unit, D, post = rows.unit[seen], arm[rows.unit[seen]] == 1, rows.period[seen] == cells.period[k]
    counts = [[(rows.w[seen] * (arm_ & when) > 0).sum() for when in (~post, post)] for arm_ in (D, ~D)]
    cells.treated[k], cells.controls[k] = min(counts[0]), min(counts[1])
    if not np.all(counts):
        cells.code[k] = "no_comparison"
        return
    X, w, method = standardised(rows.x[seen]), rows.w[seen], settings.method if rows.x.shape[1] else "reg"
    try:
        effects = cross_section_effects(rows.y[seen], post, D, X, w, method=method, as_drdid=not corrected)
    except DesignError as error:
        cells.code[k] = error.code
        return
    _store(cells, [k], effects, unit, corrected=corrected)


def _store(cells: Cells, members: list[int], effects: Effects, unit: np.ndarray, *, corrected: bool) -> None:
    influence = effects.influence
    cells.att[members] = effects.att
    cells.trimmed[members] = effects.trimmed
    cells.share[:, members] = effects.effective[:, None]
    cells.classical_variance[members] = (_by_unit(influence, unit)[1] ** 2).sum(axis=0)
    if corrected:
        influence = influence / np.sqrt(effects.correction)[:, None]
    units, influence = _by_unit(influence, unit)
    cells.influence[np.ix_(units, members)] = influence


def _by_unit(influence: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum a unit's rows; only single cells of observed rows can have several."""
    if influence.shape[1] > 1:
        return unit, influence
    units, row = np.unique(unit, return_inverse=True)
    return units, np.bincount(row, influence[:, 0])[:, None]
