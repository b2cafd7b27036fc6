"""`flask estimate`: the estimators on any CSV, without a database."""

from __future__ import annotations

from pathlib import Path

import click

from evalapp.charts.event_study import event_study
from evalapp.cli.edge import Commands, Edge
from evalapp.cli.estimate_did import DidQuestion, estimate_did, event_study_figure
from evalapp.cli.estimate_difficulty import DifficultyQuestion, estimate_difficulty
from evalapp.cli.estimate_output import print_rows, write_json
from evalapp.cli.read_frame import read_frame

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
    @click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True)
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
        print_rows(edge, answer)
        if json_path:
            write_json(answer, json_path)
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
        answer = estimate_difficulty(read_frame(file, question.columns), question)
        print_rows(edge, answer)
        if json_path:
            write_json(answer, json_path)

    return group
