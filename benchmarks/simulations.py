"""Make docs/methods/simulations.md: bias, coverage and size of the default paths, from programmes with a known effect.

python -m benchmarks.simulations [--draws 1000] [--seed 20250101] [--processes 2]
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # draws run in processes; threads below them would fight for the cores

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from evalapp.stats import ProgrammeSpec, StatsError, att_gt, simulate_programme, twfe, two_by_two
from evalapp.stats.simulation.simulated_truth import Truth

PAGE = Path(__file__).parents[1] / "docs" / "methods" / "simulations.md"
OUTCOME = "profit_krw"
PROGRAMMES = {
    40: ProgrammeSpec(cohort_sizes=(6, 6, 6, 6), comparison=16),
    130: ProgrammeSpec(cohort_sizes=(20, 20, 20, 20), comparison=50),
    500: ProgrammeSpec(cohort_sizes=(75, 75, 75, 75), comparison=200),
}
KINDS = ("simple", "group", "dynamic")
CELL = (3, 3)
TREATED = (1, 2, 3, 4, 5, 10, 20)
CONTROLS = 40
PATHS = {
    "simple": "att_gt, overall (simple)",
    "group": "att_gt, overall (group)",
    "dynamic": "att_gt, overall (dynamic)",
    "simple, adjusted": "att_gt, overall (simple), age and sex adjusted",
    "simple, not yet treated": "att_gt, overall (simple), not-yet-treated controls",
    "cell": "att_gt, one cell (cohort of round 3, round 3)",
    "two_by_two": "two_by_two, cohort of round 2, rounds 1 and 2",
    "twfe": "twfe, beside them",
}
LEAST_COVERAGE = 0.93
MIRRORED = 20


def main() -> None:
    options = arguments()
    with ProcessPoolExecutor(options.processes) as pool:
        paths = {n: gathered(pool, path_draw, n, options) for n in PROGRAMMES}
        sizes = {n: gathered(pool, size_draw, n, options) for n in TREATED}
    PAGE.write_text(page(paths, sizes, options), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(PAGE.parents[2])}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Simulate the default paths and write the page of results.")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20250101)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def gathered(pool: ProcessPoolExecutor, draw: object, n: int, options: argparse.Namespace) -> pd.DataFrame:
    """Rows of all draws of one programme; every draw has a seed of its own."""
    seeds = range(options.seed, options.seed + options.draws)
    return pd.DataFrame([row for rows in pool.map(draw, [n] * options.draws, seeds, chunksize=50) for row in rows])


def path_draw(n: int, seed: int) -> list[dict]:
    """Estimate one programme by every path; for every 20th also its mirror image, so that chance cancels from the bias."""
    drawn = simulate_programme(PROGRAMMES[n], seed)
    found = estimates(drawn.panel, drawn.truth)
    if seed % MIRRORED == 0:
        for row, mirror in zip(found, estimates(mirrored(drawn.panel), drawn.truth), strict=True):
            row["bias"] = ((row["estimate"] + mirror["estimate"]) / 2 - row["effect"]) / row["effect"]
    return found


def mirrored(panel: pd.DataFrame) -> pd.DataFrame:
    """Give the panel the opposite errors: as likely as the one drawn, with the same effects."""
    spec, untrained = PROGRAMMES[40].outcomes[OUTCOME], panel[f"{OUTCOME}_untrained"]
    expected = spec.level + np.array(spec.round_effects)[panel["wave"] - 1]
    return panel.assign(**{OUTCOME: panel[OUTCOME] + 2 * (expected - untrained)})


def estimates(panel: pd.DataFrame, truth: Truth) -> list[dict]:
    """Run every path: path, estimate, true effect, width of the interval, whether it covers, whether cells were left out."""
    overall = truth.overall[truth.overall["outcome"] == OUTCOME].set_index("aggregate")["effect"]
    cells = truth.cells[truth.cells["outcome"] == OUTCOME].set_index(["group", "time"])["effect"]
    names = (OUTCOME, "study_id", "wave", "first_treated")
    effects = att_gt(panel, *names)
    found = [interval(kind, effects.aggregate(kind).overall, overall[kind]) for kind in KINDS]
    found.append(aggregated("simple, adjusted", att_gt(panel, *names, covariates=("age", "female")), overall["simple"]))
    found.append(aggregated("simple, not yet treated", att_gt(panel, *names, control_group="not_yet_treated"), overall["simple"]))
    cell = effects.table.set_index(["group", "time"]).loc[CELL].rename({"att": "estimate"})
    found.append(interval("cell", cell, cells[CELL]))
    pair = panel[panel["first_treated"].isin([0, 2]) & panel["wave"].isin([1, 2])]
    pair = pair.assign(treated=(pair["first_treated"] == 2).astype(int))
    found.append(interval("two_by_two", two_by_two(pair, OUTCOME, "study_id", "wave", "treated"), cells[2, 2]))
    pooled = twfe(panel, OUTCOME, "study_id", "wave", "treated").table.iloc[0]
    return [*found, interval("twfe", pooled, overall["simple"])]


def aggregated(path: str, effects: object, effect: float) -> dict:
    """Overall effect of a path that may have lost every cell for want of overlap."""
    try:
        average = effects.aggregate("simple")
    except StatsError:
        return {"path": path, "estimate": np.nan, "effect": effect, "width": np.nan, "covered": np.nan, "left_out": True}
    return interval(path, average.overall, effect) | {"left_out": any(c.code == "cells_left_out" for c in average.cautions)}


def interval(path: str, result: object, effect: float) -> dict:
    covered = result.conf_low <= effect <= result.conf_high
    width = result.conf_high - result.conf_low
    return {"path": path, "estimate": result.estimate, "effect": effect, "width": width, "covered": covered, "left_out": False}


def size_draw(treated: int, seed: int) -> list[dict]:
    """Test a true null in one cell both ways: inference and whether 5 % rejects it."""
    rng, n = np.random.default_rng(seed), CONTROLS + treated
    y = rng.normal(size=(n, 1)) + rng.normal(size=(n, 2))
    cohort = np.where(np.arange(n) < treated, 2.0, 0.0)
    long = {"unit": np.repeat(np.arange(n), 2), "wave": np.tile([1, 2], n), "cohort": np.repeat(cohort, 2), "y": y.ravel()}
    cells = {
        name: att_gt(pd.DataFrame(long), "y", "unit", "wave", "cohort", inference=name).table
        for name in ("classical", "small_sample")
    }
    p_values = {name: table["p_value"].iloc[0] for name, table in cells.items()}
    return [{"inference": name, "rejected": p < 0.05 if np.isfinite(p) else np.nan} for name, p in p_values.items()]


def page(paths: dict[int, pd.DataFrame], sizes: dict[int, pd.DataFrame], options: argparse.Namespace) -> str:
    short = [
        (n, path)
        for n, rows in paths.items()
        for path, share in rows.groupby("path")["covered"].mean().items()
        if share < LEAST_COVERAGE
    ]
    return TEXT.format(
        draws=options.draws,
        seed=options.seed,
        error=100 * np.sqrt(0.95 * 0.05 / options.draws),
        paths="\n".join(
            path_line(n, path, rows) for n, all_rows in paths.items() for path, rows in all_rows.groupby("path", sort=False)
        ),
        short=", ".join(f"{PATHS[path]} at n = {n}" for n, path in short) or "none",
        sizes="\n".join(size_line(n, rows) for n, rows in sizes.items()),
    )


def path_line(n: int, path: str, rows: pd.DataFrame) -> str:
    bias, error = 100 * rows["bias"].mean(), 200 * rows["bias"].std() / np.sqrt(rows["bias"].count())
    return (
        f"| {n} | {PATHS[path]} | {rows['effect'].mean():,.0f} | {bias:+.1f} ± {error:.1f} % | {100 * rows['covered'].mean():.1f} % "
        f"| {rows['width'].median():,.0f} | {100 * rows['left_out'].mean():.1f} % |"
    )


def size_line(treated: int, rows: pd.DataFrame) -> str:
    rates = rows.groupby("inference")["rejected"].mean()
    small = "no interval" if np.isnan(rates["small_sample"]) else f"{100 * rates['small_sample']:.1f} %"
    return f"| {treated} | {100 * rates['classical']:.1f} % | {small} |"


TEXT = """# Simulations: do the intervals hold what they promise?

Made by `make simulations`; do not edit. {draws:,} draws of each programme, seeds {seed} and following. A coverage or size has a
simulation error of {error:.1f} percentage points (one standard error). The bias is measured on every 20th draw together with its mirror
image, the same programme with every error turned round, so that chance cancels; it is printed with two of its standard errors.

## Bias and coverage of the default paths

Programmes from `simulate_programme`: four rounds; cohorts first treated in rounds 2, 3, 3 and 4, with 6 of 40, 20 of 130 or 75 of 500
people each, the rest never trained; monthly profit with fixed effects (SD 800,000 won), autocorrelated noise (SD 500,000, 0.4 from one
round to the next) and effects of 100,000, 250,000 and 300,000 won that grow with time since training. The true effect is the
expectation in the programme, the interval is 95 %, the promise 93 to 97 %.

| people | path | true effect, won | bias, share of the effect | coverage | median width, won | cells left out |
|---:|---|---:|---:|---:|---:|---:|
{paths}

Paths under 93 %: {short}.

"Cells left out" is the share of draws in which a cell could not be estimated for want of overlap and was left out of the average
(caution `cells_left_out`): with two covariates and six people a cohort the logit separates the groups in some draws, the average is
then one over fewer cells, and says so. Two-way fixed effects stand beside the others to show what they are: when effects grow with time
since training they compare later cohorts with people already trained, and estimate another number, the more surely the more people
there are. `bacon_decomposition` shows how much weight such comparisons have and raises the caution `forbidden_comparisons`.

## Size of a 5 % test in a small cohort

One cell, {controls} controls, two rounds, normal errors, no effect. "Classical" is the influence-function standard error with a normal
reference, which R's did and its ports report; "small sample" is the default here.

| treated | classical | small sample |
|---:|---:|---:|
{sizes}

One treated person has no variance of their own: no interval, caution `single_treated`. With two, one degree of freedom says so little
about a variance that the interval is very wide: it errs on the safe side. Cells of fewer than five carry the caution `few_treated` and
stay out of headline averages unless asked for.
""".replace("{controls}", str(CONTROLS))


if __name__ == "__main__":
    main()
