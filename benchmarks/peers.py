"""What each program is asked: doubly robust effects with two covariates, never-treated controls, every average it offers.

A measurement runs in its own process, which imports only its own program.
"""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pandas as pd

from benchmarks.floor import arrays, floor

X = ["x1", "x2"]
MODULES = {"ours": "evalapp", "floor": "numpy", "frame-floor": "numpy", "csdid": "csdid", "moderndid": "moderndid",
           "diff-diff": "diff_diff", "differences": "differences"}  # fmt: skip
COHORTS = (0.0, 3.0, 5.0, 7.0, 9.0)
PERIODS = 10


def staggered(units: int, seed: int = 1) -> pd.DataFrame:
    """Draw units x 10 periods: never treated or first treated in 3, 5, 7 or 9, with two covariates that move trends."""
    rng, t = np.random.default_rng(seed), np.arange(1, PERIODS + 1)
    x, cohort = rng.normal(size=(units, 2)), rng.choice(COHORTS, units)
    y = rng.normal(size=(units, 1)) + (0.3 + x @ [[0.2], [-0.1]]) * t + rng.normal(size=(units, PERIODS))
    y += (cohort[:, None] > 0) & (t >= cohort[:, None])
    columns = {"unit": np.arange(units), "cohort": cohort, "x1": x[:, 0], "x2": x[:, 1]}
    long = {name: np.repeat(values, PERIODS) for name, values in columns.items()}
    return pd.DataFrame(long | {"time": np.tile(t, units), "y": y.ravel()})


def installed() -> dict[str, bool]:
    return {program: find_spec(module) is not None for program, module in MODULES.items()}


def prepared(program: str, panel: pd.DataFrame, draws: int | None) -> Callable[[], object]:
    """Return the call to be measured; what the floor calls ready arrays is made before."""
    if program != "floor":
        return lambda: CALLS[program](panel, draws)
    ready = arrays(panel)
    return lambda: floor(*ready, draws)


def frame_floor(panel: pd.DataFrame, draws: int | None) -> object:
    return floor(*arrays(panel), draws)


def ours(panel: pd.DataFrame, draws: int | None) -> object:
    from evalapp.stats.differences.group_time import att_gt  # noqa: PLC0415

    effects = att_gt(panel, "y", "unit", "time", "cohort", covariates=X, bootstrap=draws)
    return [effects.aggregate(kind) for kind in ("simple", "dynamic", "group", "calendar")]


def csdid(panel: pd.DataFrame, draws: int | None) -> object:
    from csdid.att_gt import ATTgt  # noqa: PLC0415

    effects = ATTgt("y", "time", "unit", "cohort", panel, control_group="nevertreated", xformla="y~x1+x2", cband=bool(draws),
                    biters=draws or 1000).fit(bstrap=bool(draws))  # fmt: skip
    return [effects.aggte(kind) for kind in ("simple", "dynamic", "group", "calendar")]


def moderndid(panel: pd.DataFrame, draws: int | None) -> object:
    import moderndid as program  # noqa: PLC0415

    effects = program.att_gt(panel, "y", "time", "unit", "cohort", xformla="~x1+x2", boot=bool(draws), cband=bool(draws),
                             biters=draws or 1000)  # fmt: skip
    return [program.aggte(effects, type=kind) for kind in ("simple", "dynamic", "group", "calendar")]


def diff_diff(panel: pd.DataFrame, draws: int | None) -> object:
    from diff_diff import CallawaySantAnna  # noqa: PLC0415

    effects = CallawaySantAnna(n_bootstrap=draws or 0, bootstrap_weights="rademacher", seed=1).fit(
        panel, "y", "unit", "time", "cohort", covariates=X
    )
    return [effects.aggregate(kind) for kind in ("simple", "event_study", "group")]  # it has no calendar average


def differences(panel: pd.DataFrame, draws: int | None) -> object:
    from differences import ATTgt  # noqa: PLC0415

    frame = panel.assign(cohort=panel["cohort"].replace(0, np.nan)).set_index(["unit", "time"])
    effects = ATTgt(frame, "cohort")
    effects.fit("y ~ x1 + x2", est_method="dr", boot_iterations=draws or 0, progress_bar=False)
    return [effects.aggregate(kind, boot_iterations=draws or 0) for kind in ("simple", "event", "cohort", "time")]


CALLS = {
    "ours": ours,
    "frame-floor": frame_floor,
    "csdid": csdid,
    "moderndid": moderndid,
    "diff-diff": diff_diff,
    "differences": differences,
}
