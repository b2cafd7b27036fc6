"""Two doubts that belong beside every main estimate: does one person carry it, and how many outcomes were looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from evalapp.analysis.estimation.rows import ResultSheet
from evalapp.stats.resampling.multiple_testing import adjust_pvalues
from evalapp.stats.warnings import Caution, StatsError

EXTREMES = 3


def carried_by_one(
    panel: pd.DataFrame,
    outcome: str,
    estimate: float,
    estimate_without: Callable[[pd.DataFrame], float],
    *,
    unit: str,
    time: str,
    cohort: str,
) -> list[Caution]:
    """Say when leaving out a single person turns the estimate's sign.

    The people tried are those whose change over the panel is most extreme, in each arm and direction: nobody else moves a difference of
    mean changes more.
    """
    wide = panel.pivot(index=unit, columns=time, values=outcome).dropna()
    change = (wide.iloc[:, -1] - wide.iloc[:, 0]).sort_values()
    trained = panel.groupby(unit)[cohort].max().reindex(change.index) > 0
    extremes = [person for arm in (change[trained], change[~trained]) for person in (*arm.index[:EXTREMES], *arm.index[-EXTREMES:])]
    for person in dict.fromkeys(extremes):
        try:
            without = estimate_without(panel[panel[unit] != person])
        except StatsError:
            continue
        if np.isfinite(without) and without * estimate < 0:
            return [Caution("one_person_carries", {"estimate": f"{estimate:.4g}", "without": f"{without:.4g}"})]
    return []


def write_q_values(sheet: ResultSheet, p_values: Mapping[str, float], words: Mapping[str, Any]) -> None:
    """Write Anderson's sharpened q-value of each outcome's main estimate, where there is more than one outcome."""
    known = {outcome: p for outcome, p in p_values.items() if np.isfinite(p)}
    if len(known) < 2:  # noqa: PLR2004 - one outcome is no family
        return
    table = adjust_pvalues(known, method="sharpened").table
    caution = Caution("many_outcomes", {"outcomes": len(known)})
    for hypothesis, q in zip(table["hypothesis"], table["adjusted"], strict=True):
        sheet.add(**words, outcome=hypothesis, statistic="q_value", value=q, term="overall", cautions=[caution])
