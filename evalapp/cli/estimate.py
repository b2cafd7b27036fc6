"""`flask estimate`: the estimators on any CSV, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from evalapp.charts.event_study import event_study
from evalapp.cli.edge import Commands, Edge
from evalapp.cli.estimate_arms import estimate_attrition, estimate_balance
from evalapp.cli.estimate_did import DidQuestion, estimate_did, event_study_figure
from evalapp.cli.estimate_difficulty import DifficultyQuestion, estimate_difficulty
from evalapp.cli.estimate_output import Answer, print_rows, write_json
from evalapp.cli.estimate_power import PowerQuestion, estimate_power, read_from_panel
from evalapp.cli.read_frame import read_frame
from evalapp.core.errors import AppError
from evalapp.core.language import Message

LEVEL = click.FloatRange(0, 1, min_open=True, max_open=True)
CONTROL_GROUPS = {"never": "never_treated", "notyet": "not_yet_treated"}


def names(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Split a comma-separated list of column names."""
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def estimate_commands(edge: Edge) -> click.Group:
    """Return the group `estimate`."""
    group = Commands(edge, name="estimate", help="Estimators on any CSV, without a database.")

    @group.command("did")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--unit", required=True, help="Column of the unit (person, firm).")
    @click.option("--time", required=True, help="Column of the period, a number.")
    @click.option("--cohort", required=True, help="Column of the first treated period; 0 or empty: never treated.")
    @click.option("--outcome", required=True, help="Column of the outcome, a number.")
    @click.option("--covariates", callback=names, help="Columns to adjust for, comma-separated.")
    @click.option("--control-group", type=click.Choice(list(CONTROL_GROUPS)), help="never (default where there are any) or notyet.")
    @click.option("--method", type=click.Choice(["dr", "ipw", "reg"]), default="dr", show_default=True)
    @click.option("--base-period", type=click.Choice(["varying", "universal"]), default="varying", show_default=True)
    @click.option("--anticipation", type=int, default=0, show_default=True, help="Periods in which the effect may begin early.")
    @click.option("--cluster", help="Column of the unit of assignment; the unit itself when left out.")
    @click.option("--weights", help="Column of sampling weights.")
    @click.option(
        "--panel-type",
        type=click.Choice(["balanced", "unbalanced", "repeated_cross_section"]),
        default="balanced",
        show_default=True,
    )
    @click.option(
        "--inference",
        type=click.Choice(["small_sample", "classical"]),
        default="small_sample",
        show_default=True,
        help="classical: the standard errors that R's did reports.",
    )
    @click.option("--aggregate", callback=names, default="simple,dynamic,group,calendar", show_default=True)
    @click.option("--bootstrap", type=int, help="Multiplier draws for simultaneous bands.")
    @click.option("--seed", type=int, default=0, show_default=True)
    @click.option("--level", type=LEVEL, default=0.95, show_default=True)
    @click.option(
        "--json", "json_path", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write every digit here."
    )
    @click.option(
        "--plot", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write the event-study figure (SVG)."
    )
    def did(file: Path, json_path: Path | None, plot: Path | None, control_group: str | None, **asked: object) -> None:
        """Group-time effects of a treatment that begins at different times (Callaway and Sant'Anna 2021)."""
        question = DidQuestion(control_group=CONTROL_GROUPS.get(control_group or ""), **asked)  # type: ignore[arg-type]
        answer = estimate_did(read_frame(file, question.columns), question)
        give(edge, answer, json_path)
        if plot:
            plot.write_text(event_study(event_study_figure(edge, answer, question)), encoding="utf-8")

    @group.command("difficulty")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--items", callback=names, required=True, help="Columns of the items, comma-separated.")
    @click.option("--drop", callback=names, help="Items to leave out of the components but show in the screen.")
    @click.option("--components", type=int, default=2, show_default=True)
    @click.option("--internal", callback=names, help="Items that define the internal component.")
    @click.option("--external", callback=names, help="Items that define the external component.")
    @click.option("--predictors", callback=names, help="Regressors; with three or more the last one is a block of its own.")
    @click.option("--controls", callback=names, help="Regressors held equal.")
    @click.option("--robust", type=click.Choice(["HC0", "HC1", "HC2", "HC3"]), default="HC3", show_default=True)
    @click.option(
        "--survey-year", type=int, help="Year of the survey: derives age, firm_age, … from the baseline instrument's answers."
    )
    @click.option(
        "--json", "json_path", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write every digit here."
    )
    def difficulty(file: Path, json_path: Path | None, **asked: object) -> None:
        """Difficulty components of a battery of items, and nested models on their scores."""
        question = DifficultyQuestion(**asked)  # type: ignore[arg-type]
        give(edge, estimate_difficulty(read_frame(file, question.columns), question), json_path)

    @group.command("balance")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--variables", callback=names, required=True, help="Columns to compare, comma-separated.")
    @click.option("--treatment", required=True, help="Column of the arm: 1 treated, 0 comparison.")
    @click.option("--cluster", help="Column of the unit of assignment.")
    @click.option("--strata", help="Column of the strata of the assignment.")
    @click.option("--level", type=LEVEL, default=0.95, show_default=True)
    @click.option(
        "--json", "json_path", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write every digit here."
    )
    def balance(file: Path, json_path: Path | None, **asked: Any) -> None:
        """Differences of the arms before the training, normalised differences and a joint test."""
        optional = [asked[name] for name in ("cluster", "strata") if asked[name]]
        frame = read_frame(file, [*asked["variables"], asked["treatment"], *optional])
        give(edge, estimate_balance(frame, **asked), json_path)

    @group.command("attrition")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--unit", required=True, help="Column of the person.")
    @click.option("--wave", required=True, help="Column of the wave.")
    @click.option("--arm", required=True, help="Column of the arm.")
    @click.option("--answered", required=True, help="Column: 1 answered, 0 not.")
    @click.option("--due", help="Column: 1 where an answer was due; every row when left out.")
    @click.option("--reference", help="The arm the others are compared with; the first in order when left out.")
    @click.option("--level", type=LEVEL, default=0.95, show_default=True)
    @click.option(
        "--json", "json_path", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write every digit here."
    )
    def attrition(file: Path, json_path: Path | None, **asked: Any) -> None:
        """Response by wave and arm, and whether the arms answered alike."""
        due = [asked["due"]] if asked["due"] else []
        frame = read_frame(file, [asked["unit"], asked["wave"], asked["arm"], asked["answered"], *due])
        give(edge, estimate_attrition(frame, **asked), json_path)

    @group.command("power")
    @click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--unit", help="With a file: column of the person.")
    @click.option("--time", help="With a file: column of the period.")
    @click.option("--outcome", help="With a file: column of the outcome.")
    @click.option("--treatment", help="With a file: column of the arm, 1 treated, 0 comparison.")
    @click.option("--treated", type=int, help="People in training.")
    @click.option("--control", type=int, help="People compared with them.")
    @click.option("--sd", type=float, help="SD of the outcome in one round; 1 (effects in SDs) when left out.")
    @click.option("--autocorrelation", type=float, help="Correlation of a person's outcome between rounds; 0.5 when left out.")
    @click.option("--design", type=click.Choice(["post", "did", "ancova"]), default="ancova", show_default=True)
    @click.option("--pre", type=int, default=1, show_default=True, help="Rounds before the training.")
    @click.option("--post", type=int, default=1, show_default=True, help="Rounds after it.")
    @click.option("--cluster-size", type=float, default=1.0, show_default=True, help="People per group, when groups are assigned.")
    @click.option("--icc", type=float, default=0.0, show_default=True, help="Intra-group correlation.")
    @click.option("--attrition", type=float, default=0.0, show_default=True, help="Share lost by the follow-up.")
    @click.option("--power", type=LEVEL, default=0.8, show_default=True, help="Chance to find the effect.")
    @click.option("--level", type=LEVEL, default=0.95, show_default=True)
    @click.option(
        "--json", "json_path", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write every digit here."
    )
    def power(file: Path | None, json_path: Path | None, unit: str, time: str, outcome: str, treatment: str, **asked: Any) -> None:
        """Say how small an effect a programme of this size can show."""
        question = PowerQuestion(**asked)
        if file:
            columns = {"unit": unit, "time": time, "outcome": outcome, "treatment": treatment}
            missing = ", ".join(f"--{name}" for name, column in columns.items() if not column)
            if missing:
                raise AppError(Message("With a file, name its columns: %(options)s.", options=missing))
            question = read_from_panel(read_frame(file, list(columns.values())), question, **columns)
        give(edge, estimate_power(question), json_path)

    return group


def give(edge: Edge, answer: Answer, json_path: Path | None) -> None:
    """Print an answer, and write it where asked."""
    print_rows(edge, answer)
    if json_path:
        write_json(answer, json_path)
