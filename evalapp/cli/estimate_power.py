"""Answer how small an effect a programme of this size can show, from numbers or from a panel's own size and correlation."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evalapp.analysis.estimation.rows import records
from evalapp.analysis.run_plan import program_versions
from evalapp.cli.estimate_output import Answer
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.stats.experiments.power import minimum_detectable_effect


@dataclass(frozen=True)
class PowerQuestion:
    """What is asked; `treated`, `control`, `sd` and `autocorrelation` may come from a panel."""

    treated: int | None = None
    control: int | None = None
    sd: float | None = None
    autocorrelation: float | None = None
    design: str = "ancova"
    pre: int = 1
    post: int = 1
    cluster_size: float = 1.0
    icc: float = 0.0
    attrition: float = 0.0
    power: float = 0.8
    level: float = 0.95


def read_from_panel(
    frame: pd.DataFrame, question: PowerQuestion, *, unit: str, time: str, outcome: str, treatment: str
) -> PowerQuestion:
    """Fill what the question leaves open: people in each arm, SD of the outcome in the first round, mean correlation of rounds."""
    values = frame.assign(
        value=pd.to_numeric(frame[outcome], errors="coerce"), arm=pd.to_numeric(frame[treatment], errors="coerce")
    )
    if not values["arm"].dropna().isin([0, 1]).all():
        raise AppError(Message("Column “%(column)s” must hold 1 for treated and 0 for comparison.", column=treatment))
    if values.duplicated([unit, time]).any():
        raise AppError(Message("The file has two rows of one unit in one period; keep one row each."))
    arms = values.groupby(unit)["arm"].max()
    wide = values.pivot(index=unit, columns=time, values="value")
    between = wide.corr(min_periods=3).to_numpy()
    pairs = between[np.triu_indices_from(between, k=1)]
    pairs = pairs[np.isfinite(pairs)]
    found: dict[str, Any] = {
        "treated": int((arms == 1).sum()),
        "control": int((arms == 0).sum()),
        "sd": float(wide.iloc[:, 0].std()),
        "autocorrelation": float(pairs.mean()) if len(pairs) else None,
    }
    return replace(question, **{name: value for name, value in found.items() if getattr(question, name) is None})


def estimate_power(question: PowerQuestion) -> Answer:
    """Return a row for each design's smallest detectable effect."""
    open_ = [f"--{name}" for name in ("treated", "control") if getattr(question, name) is None]
    if open_:
        raise AppError(
            Message("Say how many people there are: %(options)s, or give a file with its columns.", options=", ".join(open_))
        )
    filled = replace(
        question,
        sd=1.0 if question.sd is None else question.sd,
        autocorrelation=0.5 if question.autocorrelation is None else question.autocorrelation,
    )
    found = minimum_detectable_effect(**asdict(filled))
    answer = Answer(meta={"command": "estimate power", **asdict(filled), "versions": program_versions()})
    for row in records(found.table):
        own = found.cautions if row["design"] == found.design else ()
        words = {
            "aggregate": row["design"],
            "n": int(found.treated + found.control),
            "df": row["df"],
            "effect_in_sd": row["effect_in_sd"],
        }
        answer.add(estimand="minimum detectable effect", value=row["effect"], std_error=row["std_error"], cautions=own, **words)
    return answer
