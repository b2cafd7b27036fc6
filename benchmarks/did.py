"""Group-time effects: ours, the peers that are installed, and a bare numpy floor, side by side.

    python -m benchmarks.did [--units 200 2000 20000 100000 1000000] [--draws 0 999] [--programs ...]
                             [--repeats 5] [--peers-python PATH]

Every measurement is a process of its own; programs take turns, so that a busy minute falls on all of them. Each process first
estimates 200 units, so that neither imports nor compilers are measured, then measures one call. Everyone's linear algebra runs on one
thread: on shared cores a second one waits more than it works. A program that needs more than a minute leaves the larger sizes out.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time

from benchmarks.peers import MODULES, prepared, staggered

UNITS = (200, 2_000, 20_000, 100_000, 1_000_000)
DRAWS = (0, 999)
LONGEST = 60.0  # seconds
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
OURS = {"ours", "floor", "frame-floor"}
Run = tuple[float, float, float]


def main() -> None:
    options = arguments()
    if options.child:
        print(json.dumps(measure(options.child, options.units[0], options.draws[0])))
        return
    available = programs(options.peers_python)
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; medians of {options.repeats} runs")
    for absent in sorted(set(options.programs) - set(available)):
        print(f"{absent}: not installed, skipped")
    available = {program: python for program, python in available.items() if program in {"ours", *options.programs}}
    for draws in options.draws:
        here, medians, before = available, {}, 0
        for units in options.units:
            here = {
                program: python for program, python in here.items() if before == 0 or finishes(medians.get(program), units / before)
            }
            medians, before = turns(here, units, draws, options.repeats), units
            report(medians, units, draws)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure group-time effects beside peers and a numpy floor.")
    parser.add_argument("--units", type=int, nargs="+", default=UNITS)
    parser.add_argument("--draws", type=int, nargs="+", default=DRAWS)
    parser.add_argument("--programs", nargs="+", choices=MODULES, default=list(MODULES))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter with the packages of requirements-bench")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def programs(peers_python: str) -> dict[str, str]:
    """Return the interpreter of every program that is installed."""
    code = "import json; from benchmarks.peers import installed; print(json.dumps(installed()))"
    found = json.loads(subprocess.run([peers_python, "-c", code], check=True, capture_output=True, text=True).stdout)
    return {name: sys.executable if name in OURS else peers_python for name, there in found.items() if there or name in OURS}


def finishes(median: Run | None, growth: float) -> bool:
    """Whether a program can be expected to need at most a minute for `growth` times as many units."""
    return median is not None and median[0] * growth <= LONGEST


def turns(available: dict[str, str], units: int, draws: int, repeats: int) -> dict[str, Run]:
    """Run the programs in turn; return medians of wall seconds, CPU seconds and peak megabytes of those that finish."""
    runs: dict[str, list[Run]] = {program: [] for program in available}
    for _ in range(repeats):
        for program in list(runs):
            found = child(available[program], program, units, draws)
            if found is None:
                del runs[program]
            else:
                runs[program].append(found)
    return {program: tuple(map(statistics.median, zip(*found, strict=True))) for program, found in runs.items()}


def child(python: str, program: str, units: int, draws: int) -> Run | None:
    """Measure once in a process of its own; None when it fails or takes longer than a minute."""
    command = [python, "-W", "ignore", "-m", "benchmarks.did", "--child", program, "--units", str(units), "--draws", str(draws)]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=LONGEST + 30, env=os.environ | ONE_THREAD
        )
    except subprocess.TimeoutExpired:
        return None
    except subprocess.CalledProcessError as error:
        print(f"{program} with {units:,} units failed: {error.stderr.strip().splitlines()[-1][:200]}")
        return None
    wall, cpu, peak = json.loads(done.stdout.splitlines()[-1])
    return (wall, cpu, peak) if wall <= LONGEST else None


def measure(program: str, units: int, draws: int) -> Run:
    prepared(program, staggered(200), draws or None)()
    call = prepared(program, staggered(units), draws or None)
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(medians: dict[str, Run], units: int, draws: int) -> None:
    ours = medians["ours"]
    print(f"\n{units:,} units x 10 periods, {'analytic' if not draws else f'{draws} draws'}, all averages")
    print(f"{'':12} {'wall s':>9} {'CPU s':>9} {'peak MB':>9}   wall / ours  peak / ours")
    for program, (wall, cpu, peak) in sorted(medians.items(), key=lambda item: item[1][0]):
        print(f"{program:12} {wall:9.3f} {cpu:9.3f} {peak:9.0f} {wall / ours[0]:13.2f} {peak / ours[2]:12.2f}")


if __name__ == "__main__":
    main()
