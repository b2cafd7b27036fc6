"""Resampling inference against its peers: python benchmarks/inference.py [REPEATS]

Every run is a process of its own, in turn, so that peak memory is its own and no cache of another helps. Each makes its call twice:
"first" holds whatever is compiled on the way, "again" what every further call costs. Peers that are not installed are named and
skipped; config/requirements-bench.in lists them.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
DRAWS = 9999
# rows, clusters, units of a panel with unit and period effects (0 for a cross-section)
BOOTSTRAPS = [(500, 20, 0), (5_000, 100, 0), (50_000, 500, 0), (2_000, 40, 400)]
RANDOMISED = [200, 2_000]


def clustered(rows, clusters, units):
    rng = np.random.default_rng(1)
    unit = np.arange(rows) % units if units else np.arange(rows)
    cluster = unit % clusters
    period = np.arange(rows) // units if units else np.zeros(rows, dtype=int)
    treat = ((cluster % 2 == 1) & ((period >= 2) | (not units))).astype(float)
    x = rng.normal(size=rows)
    y = x + rng.normal(size=clusters)[cluster] + rng.normal(size=rows)
    return pd.DataFrame({"y": y, "treat": treat, "x": x, "cluster": cluster, "unit": unit, "period": period})


def people(n):
    rng = np.random.default_rng(1)
    x = rng.normal(size=n)
    return pd.DataFrame({"id": np.arange(n), "treat": rng.permutation(np.arange(n) % 2), "x": x, "y": x + rng.normal(size=n)})


def bootstrap_by_evalapp(data, units):
    from evalapp.stats.resampling.wild_cluster_bootstrap import wild_cluster_bootstrap  # noqa: PLC0415

    absorb = ["unit", "period"] if units else []
    return lambda: (
        wild_cluster_bootstrap(
            data, "y", "treat", "cluster", covariates=["x"], absorb=absorb, distribution="rademacher", draws=DRAWS
        ).p_value
    )


def bootstrap_by_wildboottest(data, units):
    import statsmodels.api as sm  # noqa: PLC0415
    from wildboottest.wildboottest import wildboottest  # noqa: PLC0415

    design = sm.add_constant(data[["treat", "x"]])
    if units:
        dummies = pd.get_dummies(data[["unit", "period"]].astype("category"), drop_first=True, dtype=float)
        design = pd.concat([design, dummies], axis=1)

    def call():
        table = wildboottest(sm.OLS(data["y"], design), param="treat", cluster=data["cluster"], B=DRAWS, seed=1, show=False)
        return float(table["p-value"].iloc[0])

    return call


def bootstrap_by_pyfixest(data, units):
    import pyfixest as pf  # noqa: PLC0415

    formula = "y ~ treat + x" + (" | unit + period" if units else "")

    def call():
        fit = pf.feols(formula, data, vcov={"CRV1": "cluster"})
        return float(fit.wildboottest(param="treat", reps=DRAWS, cluster="cluster", seed=1)["Pr(>|t|)"])

    return call


def randomise_by_evalapp(data):
    from evalapp.stats.experiments.assignment import AssignmentProcedure  # noqa: PLC0415
    from evalapp.stats.resampling.randomization_inference import randomization_inference  # noqa: PLC0415

    def call():
        procedure = AssignmentProcedure.as_assigned(data["id"], data["treat"])
        return randomization_inference(
            data, "y", "treat", "id", procedure, covariates=["x"], statistic="ancova", draws=DRAWS
        ).p_value

    return call


def randomise_by_pyfixest(data):
    import pyfixest as pf  # noqa: PLC0415

    def call():
        fit = pf.feols("y ~ treat + x", data, vcov="hetero")
        rng = np.random.default_rng(1)
        return float(fit.ritest(resampvar="treat", type="randomization-c", reps=DRAWS, rng=rng)["Pr(>|t|)"])

    return call


TASKS = {
    f"bootstrap {rows:,} rows {clusters} clusters" + (f" {units} units" if units else ""): (
        lambda size=(rows, clusters, units): clustered(*size),
        {
            "evalapp": lambda data, units=units: bootstrap_by_evalapp(data, units),
            "wildboottest": lambda data, units=units: bootstrap_by_wildboottest(data, units),
            "pyfixest": lambda data, units=units: bootstrap_by_pyfixest(data, units),
        },
    )
    for rows, clusters, units in BOOTSTRAPS
} | {
    f"randomisation {n:,} units": (lambda n=n: people(n), {"evalapp": randomise_by_evalapp, "pyfixest": randomise_by_pyfixest})
    for n in RANDOMISED
}


def run(task, program):
    """One process's work: its two times, its peak memory and its p-value, as JSON on the last line."""
    make, programs = TASKS[task]
    call = programs[program](make())
    start = perf_counter()
    p_value = call()
    first = perf_counter() - start
    start = perf_counter()
    call()
    again = perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"first": first, "again": again, "peak": peak, "p": p_value}))


def measured(task, program):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, __file__, "--run", task, program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def compare(repeats):
    absent = [name for name in ("wildboottest", "pyfixest") if find_spec(name) is None]
    if absent:
        print(f"not installed, skipped: {', '.join(absent)}")
    print(f"{DRAWS:,} draws, medians of {repeats}; seconds, megabytes; ratios to evalapp")
    print(f"{'task':46}{'program':14}{'first':>8}{'again':>8}{'peak':>7}{'p':>8}{'first x':>9}{'again x':>9}{'peak x':>8}")
    for task, (_, programs) in TASKS.items():
        present = [program for program in programs if program not in absent]
        runs = {program: [] for program in present}
        for _ in range(repeats):
            for program in present:
                runs[program].append(measured(task, program))
        medians = {program: {key: statistics.median(r[key] for r in rows) for key in rows[0]} for program, rows in runs.items()}
        ours = medians["evalapp"]
        for program, m in medians.items():
            ratios = (m[key] / ours[key] for key in ("first", "again", "peak"))
            print(f"{task:46}{program:14}{m['first']:8.3f}{m['again']:8.3f}{m['peak']:7.0f}{m['p']:8.4f}", end="")
            print("".join(f"{ratio:{width}.1f}" for ratio, width in zip(ratios, (9, 9, 8), strict=True)), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(*sys.argv[2:])
    else:
        compare(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
