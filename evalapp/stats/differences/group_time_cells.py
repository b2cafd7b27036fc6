"""All cells of cohort by period: which comparison each makes, its estimate, and every unit's contribution to its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalapp.stats.differences.doubly_robust import DesignError, Effects, panel_effects, standardised
from evalapp.stats.differences.doubly_robust_rc import cross_section_effects
from evalapp.stats.differences.panel_arrays import Observations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evalapp.stats.differences.panel_arrays import Sample, Wide


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

    group, time, period, base (K,): cohort, period, index of period and of base period; cutoff (K,), later cohorts are controls;
    att (K,), NaN when not estimable;
    treated, controls (K,): units compared (rows for repeated cross-sections); trimmed (K,): controls without weight;
    influence (N, K): contributions of sampling units, corrected for leverage when asked, column by column in memory because a cell
    leaves the rows of other cohorts untouched; classical_variance (K,);
    share (2, K): effective share of controls and treated; code (K,): why a cell has no estimate, or "".
    """

    group: np.ndarray
    time: np.ndarray
    period: np.ndarray
    base: np.ndarray
    cutoff: np.ndarray
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

    def controlled_by(self, cohort: np.ndarray) -> np.ndarray:
        """Whether each of some cohorts (S,) is among the controls of each cell: (S, K)."""
        controls: np.ndarray = (cohort[:, None] > self.cutoff) & (cohort[:, None] != self.group)
        return controls


def estimate_cells(sample: Sample, settings: Settings, *, corrected: bool) -> Cells:
    """Estimate every cell; with `corrected`, contributions are divided by the root of one minus their leverage."""
    cells = _planned(sample, settings)
    designs: dict[tuple[float, ...], list[int]] = {}
    for k in np.flatnonzero(~cells.is_base):
        designs.setdefault(_design_key(sample, cells, int(k)), []).append(int(k))
    for members in designs.values():
        _fill(sample, settings, cells, members, corrected=corrected)
    return cells


def _planned(sample: Sample, settings: Settings) -> Cells:
    plan = list(_comparisons(sample, settings))
    group, period, base = (np.array(column) for column in zip(*plan, strict=True))
    K, cutoff = len(plan), sample.periods[np.maximum(period, base)] + settings.anticipation
    same = period == base
    return Cells(
        group=group,
        time=sample.periods[period],
        period=period,
        base=base,
        cutoff=cutoff if settings.control_group == "not_yet_treated" else np.full(K, np.finfo(float).max),
        att=np.where(same, 0.0, np.nan),
        treated=np.where(same, np.searchsorted(sample.cohort, group, "right") - np.searchsorted(sample.cohort, group), 0),
        controls=np.zeros(K, dtype=int),
        trimmed=np.zeros(K, dtype=int),
        influence=np.zeros((len(sample.cohort), K), order="F"),
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


def _design_key(sample: Sample, cells: Cells, k: int) -> tuple[float, ...]:
    """Name what a cell's design depends on: its cohort, where its controls start, the period of covariates and weights."""
    start = int(np.searchsorted(sample.cohort, cells.cutoff[k], side="right"))
    if isinstance(sample.data, Observations):
        return cells.group[k], start, k
    varies = sample.data.x.shape[1] > 1 or sample.data.w.shape[1] > 1
    return cells.group[k], start, min(cells.period[k], cells.base[k]) if varies else 0


def _fill(sample: Sample, settings: Settings, cells: Cells, members: list[int], *, corrected: bool) -> None:
    """Estimate the cells of one design."""
    treated, N = sample.members(cells.group[members[0]]), len(sample.cohort)
    later = int(np.searchsorted(sample.cohort, cells.cutoff[members[0]], side="right"))
    units = [treated, slice(min(later, treated.start), treated.start), slice(max(later, treated.stop), N)]
    try:
        if isinstance(sample.data, Observations):
            unit, effects = _observed(sample.data, settings, cells, (members[0], units), as_drdid=not corrected)
            units = [slice(0, N)]
        else:
            unit, effects = None, _balanced(sample.data, settings, cells, (members, units))
    except DesignError as error:
        cells.code[members] = error.code
        return
    _store(cells, members, effects, (units, unit), corrected=corrected)


def _balanced(data: Wide, settings: Settings, cells: Cells, design: tuple[list[int], list[slice]]) -> Effects:
    members, units = design
    period, base = cells.period[members], cells.base[members]
    x, w = data.at(min(period[0], base[0]), units)
    treated = units[0].stop - units[0].start
    cells.treated[members], cells.controls[members] = treated, len(w) - treated
    if not (w[:treated].any() and w[treated:].any()):
        raise DesignError("no_comparison")
    method = settings.method if x.shape[1] else "reg"
    return panel_effects(data.changes(period, base, units), treated, standardised(x), w, method)


def _observed(
    data: Observations, settings: Settings, cells: Cells, design: tuple[int, list[slice]], *, as_drdid: bool
) -> tuple[np.ndarray, Effects]:
    k, (treated, *controls) = design
    arm = np.full(len(cells.influence), -1)
    arm[treated] = 1
    for part in controls:
        arm[part] = 0
    seen = (arm[data.unit] >= 0) & ((data.period == cells.period[k]) | (data.period == cells.base[k]))
    unit, D, post, w = data.unit[seen], arm[data.unit[seen]] == 1, data.period[seen] == cells.period[k], data.w[seen]
    counts = [[((w > 0) & group & when).sum() for when in (~post, post)] for group in (D, ~D)]
    cells.treated[k], cells.controls[k] = min(counts[0]), min(counts[1])
    if not np.all(counts):
        raise DesignError("no_comparison")
    method = settings.method if data.x.shape[1] else "reg"
    effects = cross_section_effects(data.y[seen], post, D, standardised(data.x[seen]), w, method=method, as_drdid=as_drdid)
    return unit, effects


def _store(
    cells: Cells, members: list[int], effects: Effects, place: tuple[list[slice], np.ndarray | None], *, corrected: bool
) -> None:
    """Enter the effects of one design; `place` is the runs of units its rows stand for, and the unit (n,) of each row or None."""
    units, unit = place
    plain = effects.influence
    kept = plain / np.sqrt(effects.correction)[:, None] if corrected else plain
    if unit is not None:
        plain, kept = (np.bincount(unit, part[:, 0], minlength=len(cells.influence))[:, None] for part in (plain, kept))
    cells.att[members] = effects.att
    cells.trimmed[members] = effects.trimmed
    cells.share[:, members] = effects.effective[:, None]
    cells.classical_variance[members] = np.einsum("mn,mn->m", plain.T, plain.T)
    start = 0
    for part in units:
        stop = start + part.stop - part.start
        cells.influence.T[members, part] = kept.T[:, start:stop]
        start = stop
