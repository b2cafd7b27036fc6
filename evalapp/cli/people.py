"""`flask people`: take a list of entrepreneurs in."""

from __future__ import annotations

from pathlib import Path

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.cli.imports import import_options, say_summary
from evalapp.people.import_people import import_people


def people_commands(edge: Edge) -> click.Group:
    """Return the group `people`."""
    group = Commands(edge, name="people", help="The entrepreneurs of a programme.")

    @group.command("import")
    @import_options
    def import_command(file: Path, programme: str, *, dry_run: bool) -> None:
        """Take entrepreneurs from FILE (CSV or XLSX) into a programme."""
        with edge.transaction() as db:
            summary = import_people(db, programme, file, dry_run=dry_run)
        say_summary(edge, summary, dry_run=dry_run)

    return group
