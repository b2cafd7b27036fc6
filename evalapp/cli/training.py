"""`flask training`: take cohorts, enrolments, sessions and attendance in."""

from __future__ import annotations

from pathlib import Path

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.cli.imports import import_options, say_summary
from evalapp.training.import_training import KINDS, KindName, import_training


def training_commands(edge: Edge) -> click.Group:
    """Return the group `training`."""
    group = Commands(edge, name="training", help="Cohorts, enrolments, sessions and attendance.")

    @group.command("import")
    @import_options
    @click.option("--kind", type=click.Choice(KINDS), help="What the file holds; told from its header when left out.")
    def import_command(file: Path, programme: str, *, dry_run: bool, kind: KindName | None) -> None:
        """Take training records from FILE: a CSV of one kind, or an XLSX with a sheet for each kind."""
        with edge.transaction() as db:
            summary = import_training(db, programme, file, kind=kind, dry_run=dry_run)
        say_summary(edge, summary, dry_run=dry_run)

    return group
