"""`flask surveys`: take a file of answers in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.cli.imports import import_options, say_summary
from evalapp.surveys.import_submissions import import_submissions


def survey_commands(edge: Edge) -> click.Group:
    """Return the group `surveys`."""
    group = Commands(edge, name="surveys", help="The waves of a programme and their answers.")

    @group.command("import")
    @import_options
    @click.option("--wave", required=True, help="The wave's code, for example bl or fu1.")
    @click.option(
        "--state",
        type=click.Choice(["received", "approved"]),
        default="received",
        show_default=True,
        help="The review state of rows that name none. Only approved answers are analysed.",
    )
    def import_command(file: Path, programme: str, *, dry_run: bool, wave: str, state: Literal["received", "approved"]) -> None:
        """Take answers from FILE (CSV or XLSX) into a wave."""
        with edge.transaction() as db:
            summary = import_submissions(db, programme, wave, file, state=state, dry_run=dry_run)
        say_summary(edge, summary, dry_run=dry_run)

    return group
